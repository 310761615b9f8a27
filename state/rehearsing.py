"""A copy of a store, to try on it what is not to be done: who writes to the store meanwhile waits for nobody."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from connector.model.errors import StateError
from state.engine import Pool, Sqlite

PREFIX = ".rehearsal-"
#: A folder that is older than this was left by a process that was killed.
LEFT_BEHIND = 86_400.0


@contextmanager
def copy_of(pool: Pool) -> Iterator[Pool]:
    """The store itself in PostgreSQL; of a file a copy beside it, for its owner alone, until the end.

    Raises StateError where there is no room for it.
    """
    if not isinstance(pool.database, Sqlite):
        yield pool
        return
    place = Path(pool.database.place)
    _sweep(place.parent)
    try:
        folder = mkdtemp(prefix=PREFIX, dir=place.parent)
    except OSError as error:
        raise StateError(f"{place.parent}: {error.strerror}") from error
    try:
        copy = Pool(Sqlite(str(Path(folder, place.name))))
        _copy(place, copy.database.place)
        yield copy
        copy.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy(place: Path, to: str) -> None:
    """What was committed by now; nobody who writes meanwhile waits or is waited for."""
    try:
        with closing(sqlite3.connect(place, isolation_level=None)) as store, closing(sqlite3.connect(to)) as copy:
            store.execute("PRAGMA query_only=ON")
            store.execute("BEGIN")
            store.backup(copy)
    except sqlite3.Error as error:
        raise StateError(f"{place.parent}: {error}") from error


def _sweep(folder: Path) -> None:
    for left in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if left.stat().st_mtime < time.time() - LEFT_BEHIND:
                shutil.rmtree(left, ignore_errors=True)
