"""Writing a store in a file anew, so that nothing of what was deleted is left in it or in its log."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Literal

from connector.model import sentences
from connector.model.errors import StateError
from state.engine import Sqlite, database_at

#: What came of it. `busy`: another process reads the store, its log may still hold what was deleted. `by itself`:
#: a server looks after its own files.
Compacted = Literal["done", "busy", "by itself"]


def compact(place: str) -> Compacted:
    """Write the file anew and empty its log. Nobody can write meanwhile. Raises StateError."""
    database = database_at(place)
    if not isinstance(database, Sqlite):
        return "by itself"
    if not Path(place).is_file():
        raise StateError(f"{place}: {sentences.NO_STORE}")
    try:
        with closing(database.connect(writing=True)) as connection:
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("VACUUM")
            # What follows from sqlite.org/pragma.html#pragma_wal_checkpoint: the first column is 1 where one waits.
            (busy, *_rest) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise database.translate(error) from None
    return "busy" if busy else "done"
