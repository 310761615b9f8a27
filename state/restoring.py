"""Putting a copy of a store in its place: only where nobody has it open, as one change, the present store kept beside.

What follows from it is done to the copy before it is put there: whoever opens the store next finds
all of it. A store that is there is written over within one transaction of SQLite's own, and not
replaced as a file: who waits for it at this moment does not go on with a file that has no name any more.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from connector.model import sentences
from connector.model.errors import StateError
from connector.model.ports import Transaction
from connector.model.times import moment
from state.backing_up import HEADER, Described, beside, described, put_in_place
from state.engine import Session, Sqlite
from state.erased import OF
from state.leases import HOLDERS
from state.store import HEAD, current_version, open_store, version_of

#: Words of a store that are newer in the present one: tokens that change with each use, the key to who was forgotten.
CARRIED = ("token:", "erased_key")


@dataclass(frozen=True, slots=True)
class Present:
    """What of the present store counts after it: the last numbers it gave, how often it was restored, its tokens.

    `erased` is who was forgotten: digest, kind, when.
    """

    store_id: str = ""
    numbers: Mapping[str, int] = field(default_factory=dict)
    restores: int = 0
    words: Mapping[str, str] = field(default_factory=dict)
    empty: bool = True
    erased: Sequence[tuple[str, str, int]] = ()


#: What follows from a restore, within a transaction of the restored store.
Follow = Callable[[Transaction, Present], object]
#: Whether a holder of a lease is known to be no more.
Ended = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class PutBack:
    """What was put back, and where the store that was there is kept now ("" where there was none)."""

    store: Described
    kept: str = ""


def restore(place: str, file: Path, now: datetime, follow: Follow, ended: Ended) -> PutBack:
    """Put the store in `file` at `place`, an older one migrated, what follows done; `now` names what is kept.

    Raises StateError: not a whole store of this name, newer, somebody has the present one open or leased.
    """
    target = Path(place)
    look_like_a_store(file)
    if target.exists() and target.samefile(file):
        raise StateError(f"{file}: {sentences.BACKUP_IS_STORE}")
    kept = target.with_name(f"{target.name}.before-restore-{now:%Y%m%d-%H%M%S}")
    with beside(target) as copy, _alone(place, ended) as (connection, present):
        _copied(file, copy)
        _prepare(copy, file, present, follow)
        found = described(copy)
        if connection is None:
            old = _set_aside(target, kept)
            put_in_place(copy, target, replace=False)
        else:
            old = str(kept)
            _keep(connection, kept)
            with closing(sqlite3.connect(copy)) as source:
                source.backup(connection)
    return PutBack(Described(place, found.store_id, found.version, found.size, found.restores, found.rows), old)


def look_like_a_store(file: Path) -> None:
    """Raises StateError for what cannot be a copy of a store in a file."""
    try:
        if not file.is_file():
            raise StateError(f"{file}: {sentences.STORE_IS_FOLDER if file.is_dir() else sentences.NO_BACKUP}")
        with file.open("rb") as opened:
            begin = opened.read(len(HEADER))
    except OSError as error:
        raise StateError(f"{file}: {error.strerror}") from error
    if begin != HEADER:
        raise StateError(f"{file}: {sentences.NOT_A_BACKUP}")


def _copied(file: Path, to: Path) -> None:
    """Nothing is opened where it lies: that may be a disk that cannot be written."""
    shutil.copyfile(file, to)
    wal = Path(f"{file}-wal")
    if wal.exists():
        shutil.copyfile(wal, f"{to}-wal")


def _prepare(copy: Path, file: Path, present: Present, follow: Follow) -> None:
    """Prove the copy, migrate it, and do what follows."""
    try:
        found = described(copy)
        if not present.empty and found.store_id != present.store_id:
            names = {"found": found.store_id, "wanted": present.store_id}
            raise StateError(f"{file}: {sentences.OTHER_STORE % names}")
        if current_version(copy) != HEAD:
            from state import migrating

            migrating.migrate(Sqlite(str(copy)), HEAD)
        store = open_store(copy, create=False)
        with store.write(durable=True) as tx:
            for name, value in present.words.items():
                tx.admin.set_meta(name, value)
            for digest, kind, at in present.erased:
                what, _, person = kind.partition(OF)
                tx.erased.add({digest: what}, moment(at), person)
            follow(tx, present)
        store.close()
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except StateError as error:
        raise StateError(str(error).replace(str(copy), str(file))) from None


@contextmanager
def _alone(place: str, ended: Ended) -> Iterator[tuple[sqlite3.Connection | None, Present]]:
    """The present store, held so that nobody can open it meanwhile; None where there is none that can be read."""
    if not Path(place).exists() or not Path(place).stat().st_size:
        yield None, Present()
        return
    with closing(sqlite3.connect(place, timeout=1.0, isolation_level=None)) as connection:
        try:
            whole = _is_whole(connection, place)
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise StateError(f"{place}: {sentences.STORE_IN_USE % {'file': place}}") from None
            whole = False
        if whole:
            present = _present(Session(Sqlite(place), connection.cursor()), ended)
            try:
                yield connection, present
            except sqlite3.Error as error:
                raise StateError(f"{place}: {error}") from None
            finally:
                with suppress(sqlite3.Error):
                    connection.execute("PRAGMA journal_mode=WAL")
    if not whole:
        yield None, Present()


def _is_whole(connection: sqlite3.Connection, place: str) -> bool:
    """Be the only one who has it open; whether it can be read. Raises StateError for what is not ours."""
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        return False
    version_of(Session(Sqlite(place), connection.cursor()))
    # Leaving the log behind is granted to nobody but the only one who has the file open, idle or not.
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("COMMIT")
    return True


def _present(session: Session, ended: Ended) -> Present:
    """What of the present store counts. Raises StateError where somebody may still be at work on it."""
    if not version_of(session):
        return Present()
    place = session.database.place
    for name, owner, _until in session.rows(HOLDERS):
        if not ended(owner):
            raise StateError(f"{place}: {sentences.STORE_LEASED % {'lease': name, 'owner': owner}}")
    words = dict(session.rows("SELECT name, value FROM meta"))
    return Present(
        store_id=words.get("store_id", ""),
        numbers=dict(session.rows("SELECT name, last FROM ids")),
        restores=int(words.get("epoch") or 0),
        words={name: value for name, value in words.items() if name.startswith(CARRIED)},
        erased=_erased(session),
        empty=not session.value("SELECT EXISTS (SELECT 1 FROM leads) OR EXISTS (SELECT 1 FROM outbox)"),
    )


def _erased(session: Session) -> list[tuple[str, str, int]]:
    """Who was forgotten; nobody in a store that is older than that."""
    there = "erased" in session.database.tables(session)
    return [(d, kind, at) for d, kind, at in session.rows("SELECT digest, kind, at FROM erased")] if there else []


def _keep(connection: sqlite3.Connection, kept: Path) -> None:
    with beside(kept) as copy:
        with closing(sqlite3.connect(copy)) as other:
            connection.backup(other)
        put_in_place(copy, kept, replace=False)


def _set_aside(target: Path, kept: Path) -> str:
    """A store that cannot be read goes aside as it is, with the files beside it."""
    if not target.exists():
        return ""
    for ending in ("", "-wal", "-shm", "-journal"):
        one = target.with_name(target.name + ending)
        if one.exists():
            one.rename(kept.with_name(kept.name + ending))
    return str(kept) if kept.stat().st_size else _nothing(kept)


def _nothing(kept: Path) -> str:
    kept.unlink()
    return ""
