"""A store that is there already: to make one takes longer than most cases."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from state import open_store

NAME = "baton.db"


def put_store(folder: Path) -> None:
    """Put a new store into the folder."""
    (folder / NAME).write_bytes(_made())


@cache
def _made() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        open_store(path, create=True).close()
        return path.read_bytes()
