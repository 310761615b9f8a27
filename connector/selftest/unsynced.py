"""Commits that are not brought to disk: for processes that die on a machine that does not.

What a process has written stays with the system when the process is killed. Waiting for the disk would prove
nothing here and takes most of the time.
"""

from __future__ import annotations

import os
import sqlite3
from typing import Any


def unsynced() -> None:
    """For this process and good: no commit of SQLite and no file waits for the disk."""
    from state.engine import Sqlite

    connect = Sqlite.connect

    def connected(self: Sqlite, *, writing: bool) -> sqlite3.Connection:
        connection = connect(self, writing=writing)
        connection.execute("PRAGMA synchronous=OFF")
        return connection

    def begin(_self: Sqlite, connection: sqlite3.Connection, *, writing: bool, durable: bool) -> None:  # noqa: ARG001
        connection.execute("BEGIN IMMEDIATE" if writing else "BEGIN")

    def fsync(_handle: Any) -> None:
        """The system has it."""

    Sqlite.connect = connected  # type: ignore[method-assign]
    Sqlite.begin = begin  # type: ignore[method-assign,assignment]
    os.fsync = fsync  # type: ignore[assignment]
