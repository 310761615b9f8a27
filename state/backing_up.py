"""A copy of a store in a file while others write to it: one moment of it, whole, proved, for its owner alone."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import mkstemp

from connector.model import sentences
from connector.model.errors import StateError
from state.engine import Pool, Session, Sqlite, database_at
from state.leases import LeasesOfStore
from state.store import version_of

#: Pages that are copied at a stretch: a stop is obeyed between two of them.
PAGES = 2000
#: Left beside a copy by a process that was killed.
PREFIX = ".backup-"
HEADER = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Described:
    """What a store, or a copy of one, holds. `size` in bytes, `rows` by table, `restores` as often as it was restored.

    `seconds` is how long copying it took.
    """

    place: str
    store_id: str
    version: str
    size: int
    restores: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def total(self) -> int:
        """The number of all rows."""
        return sum(self.rows.values())


def backup(place: str, to: Path, *, replace: bool = False) -> Described:
    """Copy the store in the file `place` as it is at this moment into the file `to`, and prove the copy.

    Nobody who writes meanwhile waits. Raises StateError: no store there, not ours, `to` is there
    already (unless `replace`), or the copy is not what the store was.
    """
    began = time.monotonic()
    if not Path(place).is_file():
        raise StateError(f"{place}: {sentences.NO_STORE}")
    if not replace and to.exists():
        raise StateError(f"{to}: {sentences.BACKUP_IS_THERE}")
    if to.exists() and to.samefile(place):
        raise StateError(f"{to}: {sentences.BACKUP_IS_STORE}")
    with beside(to) as unfinished:
        with (
            _moment_of(place) as (source, rows),
            closing(sqlite3.connect(unfinished, isolation_level=None)) as copy,
        ):
            source.backup(copy, pages=PAGES)
            # One file, that can be read where nothing can be written.
            copy.execute("PRAGMA journal_mode=DELETE")
        found = described(unfinished)
        if found.rows != rows:
            raise StateError(f"{to}: {sentences.BACKUP_DIFFERS}")
        put_in_place(unfinished, to, replace=replace)
    return Described(
        str(to), found.store_id, found.version, to.stat().st_size, found.restores, rows, time.monotonic() - began
    )


@contextmanager
def _moment_of(place: str) -> Iterator[tuple[sqlite3.Connection, dict[str, int]]]:
    """The store as it is at one moment, and its rows: who writes goes on, and is not seen."""
    database = Sqlite(place)
    connection = database.connect(writing=False)
    try:
        connection.execute("BEGIN")
        session = Session(database, connection.cursor())
        if not version_of(session):
            raise StateError(f"{place}: {sentences.NO_STORE}")
        yield connection, counted(session)
    except sqlite3.Error as error:
        raise database.translate(error) from None
    finally:
        connection.close()


@contextmanager
def beside(place: Path) -> Iterator[Path]:
    """A new file in the folder of `place`, for its owner alone; removed where it is still there at the end."""
    if not place.parent.is_dir():
        raise StateError(f"{place}: {sentences.NO_FOLDER % {'folder': place.parent}}")
    try:
        number, name = mkstemp(prefix=PREFIX, dir=place.parent)
    except OSError as error:
        raise StateError(f"{place.parent}: {error.strerror}") from error
    os.close(number)
    try:
        yield Path(name)
    except OSError as error:
        raise StateError(f"{place}: {error.strerror}") from error
    finally:
        for left in (name, f"{name}-journal", f"{name}-wal", f"{name}-shm"):
            with suppress(OSError):
                Path(left).unlink()


def put_in_place(finished: Path, to: Path, *, replace: bool) -> None:
    """Give a finished file its name, so that after a power cut it is there whole or not at all."""
    number = os.open(finished, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
    if replace:
        finished.replace(to)
    else:
        try:
            os.link(finished, to)
        except FileExistsError:
            raise StateError(f"{to}: {sentences.BACKUP_IS_THERE}") from None
        except OSError:
            # Some file systems have no second names.
            finished.rename(to)
    folder = os.open(to.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def described(place: str | Path) -> Described:
    """What the store in a file holds, proved to be whole. Raises StateError: not whole, not ours, newer, none."""
    database = Sqlite(str(place))
    pool = Pool(database)
    try:
        with pool.transaction(writing=False) as session:
            version = version_of(session)
            if not version:
                raise StateError(f"{place}: {sentences.NO_STORE}")
            prove(session)
            return describe(session, version, Path(place).stat().st_size)
    finally:
        pool.close()


def look(place: str) -> tuple[Described, list[tuple[str, str, datetime]]]:
    """What a store holds, in a file or in PostgreSQL, and its leases. Nothing is proved, and nothing is migrated."""
    database = database_at(place)
    if database.name == "sqlite" and not Path(place).is_file():
        raise StateError(f"{place}: {sentences.NO_STORE}")
    pool = Pool(database)
    try:
        with pool.transaction(writing=False) as session:
            version = version_of(session)
            if not version:
                raise StateError(f"{database.place}: {sentences.NO_STORE}")
            sized = "SELECT pg_database_size(current_database())"
            size = Path(place).stat().st_size if database.name == "sqlite" else int(session.value(sized))
            return describe(session, version, size), LeasesOfStore(session).holders()
    finally:
        pool.close()


def describe(session: Session, version: str, size: int) -> Described:
    """What a store holds, as its rows say."""
    words = dict(session.rows("SELECT name, value FROM meta WHERE name IN ('store_id', 'epoch')"))
    return Described(
        session.database.place, words.get("store_id", ""), version, size, int(words.get("epoch") or 0), counted(session)
    )  # fmt: skip


def prove(session: Session) -> None:
    """Every page and every reference of a file. Raises StateError where one does not hold."""
    damage = [text for (text,) in session.rows("PRAGMA integrity_check(1)") if text != "ok"]
    if damage or session.rows("PRAGMA foreign_key_check"):
        raise StateError(f"{session.database.place}: {sentences.STORE_NOT_WHOLE}")


def counted(session: Session) -> dict[str, int]:
    """The number of rows by table."""
    tables = sorted(session.database.tables(session) - {"alembic_version"})
    return {name: int(session.value(f'SELECT count(*) FROM "{name}"')) for name in tables}  # noqa: S608 - their own names
