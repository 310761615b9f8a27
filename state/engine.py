"""Transactions on SQLite and PostgreSQL, and the little in which their SQL differs.

The ports write SQL that both understand, with a few conventions: `?` is a parameter, a list is a parameter
only as `= ANY(?)` or as `EACH(?)`, a table of its values (whole numbers) with one column `value`, and `{now}` is the
database's clock in microseconds.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import orjson

from connector.model import sentences
from connector.model.errors import StateError
from state.turns import Turns

#: How long a writer waits for another one before it gives up.
BUSY_SECONDS = 30.0
#: Seconds until a lock is looked at again that SQLite itself does not wait for.
LOOK_AGAIN = 0.01
#: For writing: kilobytes of cache, and the pages in the log after which they are copied into the file: rows of a page
#: of leads lie all over it, and with the usual 1000 the same pages would be copied again and again.
#: `temp_store=MEMORY` would keep what a long statement can undo in memory, and that grows with the store.
SETTINGS = ("cache_size=-16000", "wal_autocheckpoint=8000")
#: What a commit waits for the disk for, without and with `durable`.
SYNCHRONOUS = ("NORMAL", "FULL")
#: One number for all programs that write to stores in the same PostgreSQL database.
WRITER_LOCK = 4_274_123_906


#: Such as a number that is too large, or text with a NUL in PostgreSQL. A page is looked through for the record.
UNFIT = "the database cannot take a value"


class ConstraintError(Exception):
    """A rule of the schema would be broken. Names the rule, never the values."""


class Database(Protocol):
    """One kind of database at one place."""

    name: str
    place: str
    driver_error: type[Exception]

    def speak(self, sql: str) -> str:
        """The neutral text as this database says it."""

    def pack(self, values: list[Any]) -> Any:
        """A list as the parameter of `= ANY(?)`."""

    def connect(self, *, writing: bool) -> Any:
        """A new connection that begins and commits only when told to."""

    def begin(self, connection: Any, *, writing: bool, durable: bool) -> None:
        """Begin a transaction; a writing one waits until it is the only one."""

    def translate(self, error: Exception) -> Exception:
        """A driver's exception as ours."""

    def tables(self, session: Session) -> set[str]:
        """Names of the tables that are there."""


class Session:
    """SQL within one transaction."""

    def __init__(self, database: Database, cursor: Any) -> None:
        self.database = database
        self._cursor = cursor
        self._speak = database.speak
        self._pack = database.pack

    def _execute(self, sql: str, parameters: tuple[Any, ...]) -> Any:
        packed = [self._pack(value) if type(value) is list else value for value in parameters]
        try:
            self._cursor.execute(self._speak(sql), packed)
        except self.database.driver_error as error:
            raise self.database.translate(error) from None
        return self._cursor

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        found: list[tuple[Any, ...]] = self._execute(sql, parameters).fetchall()
        return found

    def value(self, sql: str, *parameters: Any) -> Any:
        """The first column of the first row, None where there is no row."""
        row = self._execute(sql, parameters).fetchone()
        return None if row is None else row[0]

    def run(self, sql: str, *parameters: Any) -> int:
        """Execute once; returns how many rows it changed."""
        changed: int = self._execute(sql, parameters).rowcount
        return changed

    def many(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> int:
        """Execute once for each tuple; returns how many rows it changed altogether."""
        if not rows:
            return 0
        try:
            self._cursor.executemany(self._speak(sql), rows)
        except self.database.driver_error as error:
            raise self.database.translate(error) from None
        changed: int = self._cursor.rowcount
        return changed

    def new_ids(self, table: str, count: int) -> int:
        """Reserve `count` keys in a row; returns the first. A key given once is never given again."""
        last: int = self.value(
            "INSERT INTO ids (name, last) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET last = ids.last + excluded.last RETURNING last",
            table,
            count,
        )
        return last - count + 1

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what was done inside where an exception leaves it."""
        self._cursor.execute("SAVEPOINT step")
        try:
            yield
        except BaseException:
            self._cursor.execute("ROLLBACK TO SAVEPOINT step")
            raise
        finally:
            self._cursor.execute("RELEASE SAVEPOINT step")


#: What an admin can do about SQLite's own result codes (https://sqlite.org/rescode.html), by their lowest byte.
_MEANINGS = {
    sqlite3.SQLITE_FULL: sentences.STORE_HAS_NO_ROOM,
    sqlite3.SQLITE_IOERR: sentences.STORE_HAS_NO_ROOM,
    sqlite3.SQLITE_CORRUPT: sentences.STORE_DAMAGED,
    sqlite3.SQLITE_NOTADB: sentences.STORE_DAMAGED,
    sqlite3.SQLITE_CANTOPEN: sentences.STORE_GONE,
    sqlite3.SQLITE_READONLY: sentences.STORE_READ_ONLY,
}


class Sqlite:
    """A file. Write-ahead log, one writer at a time from the first statement on."""

    name = "sqlite"
    driver_error: type[Exception] = sqlite3.Error

    def __init__(self, path: str) -> None:
        self.place = path
        self._file: tuple[int, int] | None = None

    @staticmethod
    @cache
    def speak(sql: str) -> str:
        return (
            sql.replace("= ANY(?)", "IN (SELECT value FROM json_each(?))")
            .replace("EACH(?)", "json_each(?)")
            .replace("{now}", "CAST((julianday('now') - 2440587.5) * 86400000000.0 AS INTEGER)")
        )

    @staticmethod
    def pack(values: list[Any]) -> str:
        return orjson.dumps(values).decode()

    def connect(self, *, writing: bool) -> sqlite3.Connection:
        # Without isolation_level=None the driver begins late, and two who read and then write lose updates.
        # A file that was taken away would be made anew otherwise, and be an empty store.
        mode = "rw" if self._file else "rwc"
        connection = sqlite3.connect(
            f"{Path(self.place).absolute().as_uri()}?mode={mode}", uri=True,
            timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256,
        )  # fmt: skip
        # A reader changes nothing in the file: it may turn out to be another program's.
        if writing:
            _patiently(lambda: connection.execute("PRAGMA journal_mode=WAL"))
        for setting in ["foreign_keys=ON", *SETTINGS] if writing else ["query_only=ON"]:
            connection.execute(f"PRAGMA {setting}")
        return connection

    def _in_its_place(self) -> None:
        """A file that was removed or replaced takes what is written as if nothing were wrong, and nobody ever sees it.

        Raises StateError.
        """
        try:
            found = os.stat(self.place)  # noqa: PTH116 - asked with each transaction
        except OSError:
            raise StateError(f"{self.place}: {sentences.STORE_GONE}") from None
        self._file = self._file or (found.st_dev, found.st_ino)
        if self._file != (found.st_dev, found.st_ino):
            raise StateError(f"{self.place}: {sentences.STORE_REPLACED}")

    def begin(self, connection: sqlite3.Connection, *, writing: bool, durable: bool) -> None:
        self._in_its_place()
        if writing:
            connection.execute(f"PRAGMA synchronous={SYNCHRONOUS[durable]}")
        _patiently(lambda: connection.execute("BEGIN IMMEDIATE" if writing else "BEGIN"))

    def translate(self, error: Exception) -> Exception:
        if isinstance(error, sqlite3.IntegrityError):
            return ConstraintError(str(error))
        if isinstance(error, sqlite3.DataError):
            return ValueError(UNFIT)
        if isinstance(error, sqlite3.ProgrammingError | sqlite3.InterfaceError):
            return error
        if "locked" in str(error):
            return StateError(f"{self.place}: {sentences.LOCKED_STORE % {'seconds': f'{BUSY_SECONDS:.0f}'}}")
        told = _MEANINGS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        return StateError(f"{self.place}: {told % {'fault': error} if told else error}")

    def tables(self, session: Session) -> set[str]:
        return {name for (name,) in session.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _patiently(act: Callable[[], object]) -> None:
    """Do what may be refused at once though it would only have to wait.

    SQLite does not wait where another connection is just turning a new file over to its write-ahead log
    (sqlite.org/wal.html, "Sometimes Queries Return SQLITE_BUSY In WAL Mode").
    """
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            act()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= until:
                raise
            time.sleep(LOOK_AGAIN)
        else:
            return


class Postgresql:
    """A PostgreSQL database, by URL. Writers queue at an advisory lock, so that one identifies at a time."""

    name = "postgresql"

    def __init__(self, url: str) -> None:
        try:
            import psycopg
        except ImportError as error:
            raise StateError("a PostgreSQL store needs more: pip install 'baton-connector[postgres]'") from error
        self._psycopg = psycopg
        self._url = url
        self.place = "the PostgreSQL database"
        self.driver_error: type[Exception] = psycopg.Error

    @staticmethod
    @cache
    def speak(sql: str) -> str:
        return (
            sql.replace("EACH(?)", "unnest(CAST(? AS BIGINT[])) AS given(value)")
            .replace("?", "%s")
            .replace("{now}", "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)")
        )

    @staticmethod
    def pack(values: list[Any]) -> list[Any]:
        return values

    def connect(self, *, writing: bool) -> Any:  # noqa: ARG002 - here the transaction itself is read-only
        return self._psycopg.connect(self._url, autocommit=True)

    def begin(self, connection: Any, *, writing: bool, durable: bool) -> None:
        if not writing:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return
        durably = "SET LOCAL synchronous_commit = on; " if durable else ""
        wait = f"SET LOCAL lock_timeout = '{BUSY_SECONDS:.0f}s'; "
        connection.execute(f"BEGIN; {durably}{wait}SELECT pg_advisory_xact_lock({WRITER_LOCK})")

    def translate(self, error: Exception) -> Exception:
        # The driver's own text quotes the row at fault: only the rule's name may go on.
        if isinstance(error, self._psycopg.IntegrityError):
            return ConstraintError(error.diag.constraint_name or error.diag.message_primary or "a rule of the schema")
        if isinstance(error, self._psycopg.DataError):
            return ValueError(UNFIT)
        if isinstance(error, self._psycopg.errors.LockNotAvailable):
            return StateError(f"{self.place}: {sentences.LOCKED_STORE % {'seconds': f'{BUSY_SECONDS:.0f}'}}")
        if isinstance(error, self._psycopg.OperationalError | self._psycopg.InterfaceError):
            return StateError(f"{self.place}: {str(error).partition(chr(10))[0]}")
        return error

    def tables(self, session: Session) -> set[str]:
        found = session.rows("SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema()")
        return {name for (name,) in found}


def database_at(place: str) -> Database:
    """The database at a path (SQLite) or a `postgresql://` URL."""
    if place.startswith(("postgresql://", "postgres://")):
        return Postgresql(place)
    return Sqlite(place)


class Pool:
    """Idle connections of one database; any thread may take one."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._turns = Turns()
        self._idle: dict[bool, deque[Any]] = {True: deque(), False: deque()}

    def _take(self, *, writing: bool) -> Any:
        with suppress(IndexError):
            return self._idle[writing].pop()
        return self.database.connect(writing=writing)

    @contextmanager
    def transaction(self, *, writing: bool, durable: bool = False) -> Iterator[Session]:
        """Commit on leaving, roll back on an exception. Raises StateError, ConstraintError."""
        if writing and not self._turns.take(BUSY_SECONDS):
            raise StateError(f"{self.database.place}: {sentences.LOCKED_STORE % {'seconds': f'{BUSY_SECONDS:.0f}'}}")
        try:
            with self._within(writing=writing, durable=durable) as session:
                yield session
        finally:
            if writing:
                self._turns.give()

    @contextmanager
    def _within(self, *, writing: bool, durable: bool) -> Iterator[Session]:
        try:
            connection = self._take(writing=writing)
            try:
                self.database.begin(connection, writing=writing, durable=durable)
                cursor = connection.cursor()
                yield Session(self.database, cursor)
                # Whoever still holds the transaction would end a statement of the connection's next user with it.
                cursor.close()
                connection.execute("COMMIT")
            except BaseException:
                # The connection may be what is broken, and then its idle siblings are too.
                _close(connection)
                self.close()
                raise
            self._idle[writing].append(connection)
        except self.database.driver_error as error:
            raise self.database.translate(error) from None

    def close(self) -> None:
        """Close what is idle."""
        for idle in self._idle.values():
            with suppress(IndexError):
                while True:
                    _close(idle.pop())


def _close(connection: Any) -> None:
    # Closing alone does not end a transaction of SQLite while a traceback still holds its cursor.
    with suppress(Exception):
        connection.rollback()
    with suppress(Exception):
        connection.close()


def chunks(values: Iterable[Any], size: int = 5000) -> Iterator[list[Any]]:
    """Lists of at most `size`: keeps one parameter's text within reason."""
    chunk: list[Any] = []
    for value in values:
        chunk.append(value)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
