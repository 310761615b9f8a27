"""Everything that a store holds, as one number: the same where nothing was changed."""

from __future__ import annotations

import hashlib
import sqlite3

from tests.line import Line


def digest(line: Line) -> str:
    """A hash of all rows of all tables."""
    found = hashlib.sha256()
    with sqlite3.connect(f"file:{line.folder / 'baton.db'}?mode=ro", uri=True) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        for (table,) in tables:
            for row in sorted(map(repr, database.execute(f'SELECT * FROM "{table}"'))):
                found.update(f"{table} {row}".encode())
    database.close()
    return found.hexdigest()
