"""What tests of the desk's doors share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.web import opening, passwords
from tests.line import Line
from tests.web.browsers import QUICK, ROOM, line_with


@pytest.fixture
def desk_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Line]]:
    """Makes a line with a table `[desk]`; the desk has a room with one of everything, and hashes are quick."""
    monkeypatch.setattr(passwords, "hasher", lambda: QUICK)
    monkeypatch.setattr(passwords, "_nobodys", lambda: QUICK.hash("nobody's"))
    monkeypatch.setattr(opening, "ROOMS", (*opening.ROOMS, ROOM))
    monkeypatch.setenv("BATON_SECRET_DESK_KEY", "a key of the tests, long enough to be one")
    monkeypatch.setenv("BATON_SECRET_DESK_PROXY", "the proof of the tests")
    made: list[Line] = []

    def make(desk: str = "", **more: Any) -> Line:
        made.append(line_with(tmp_path, desk, **more))
        return made[-1]

    yield make
    for line in made:
        line.app.close()
