"""What the memory adapter talks to: a platform's records, its clockwork of faults, and its books.

All of it is rows in SQLite, in memory or in a file. With a file, what a call has done survives
the process that made it, as on a real platform. Every call and every effect is counted.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

#: What a fault does. `done`: the work is done and the answer lost; `timeout`: no work, no
#: answer; `late`: no answer, and the work is done `delay` seconds later; `cut`: the work is
#: done and the answer breaks off half way; `server_error`: no work, a 5xx; `throttled`: 429;
#: `no_connection`: nothing was sent; `refused`: 401; `duplicate`: creates are refused as being
#: there already; `unreliable`: a look-up that cannot tell.
FaultKind = Literal[
    "done", "timeout", "late", "cut", "server_error", "throttled", "no_connection", "refused", "duplicate", "unreliable"
]  # fmt: skip
Operation = Literal["check", "pull", "write", "find", "changes", "look_up", "delete"]

_SCHEMA = """
create table if not exists record (stream text, id text, seq integer, body text, modified_at text,
    gone integer default 0, merged_into text default '', primary key (stream, id));
create index if not exists record_seq on record (stream, seq);
create table if not exists thing (crm_id text primary key, object text, our_key text, parent_id text, body text,
    born_at text, changed_at text, earlier text, gone integer default 0, merged_into text default '',
    seq integer default 0);
create index if not exists thing_key on thing (object, our_key);
create index if not exists thing_seq on thing (object, seq);
create table if not exists late (id integer primary key, due text, items text);
create table if not exists fault (id integer primary key, operation text, kind text, passes integer, remaining integer,
    retry_after real, delay real);
create table if not exists poison (our_key text primary key, reason text, code text, field text);
create table if not exists breaks (our_key text primary key);
create table if not exists calls (id integer primary key, at text, operation text, size integer, fault text);
create table if not exists effect (id integer primary key, call integer, at text, what text, object text, crm_id text,
    our_key text, body text);
create table if not exists counter (name text primary key, value integer);
"""


#: Before every place in the order of changes.
BEGINNING = -(1 << 53)


@dataclass(frozen=True, slots=True)
class Thing:
    """An object in the CRM. `earlier` are the values before the last change, None before the create.

    `seq` is its place in the order of changes.
    """

    crm_id: str
    object: str
    our_key: str
    parent_id: str
    values: dict[str, Any]
    born_at: datetime
    changed_at: datetime
    earlier: dict[str, Any] | None
    gone: bool
    merged_into: str
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One request: how many items it carried, and the fault it met, "" for none."""

    at: datetime
    operation: str
    size: int
    fault: str


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that changed in the CRM because of a call: `created`, `updated` or `deleted`."""

    call: int
    at: datetime
    what: str
    object: str
    crm_id: str
    our_key: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """The fault that a call meets."""

    kind: FaultKind
    retry_after: float | None
    delay: float


@dataclass(frozen=True, slots=True)
class Changed:
    """A record of a stream with its place in the order of changes."""

    id: str
    seq: int
    values: dict[str, Any]
    modified_at: datetime
    gone: bool
    merged_into: str


class World:
    """A platform's state. `file` empty keeps it in memory; `password` is what sign-in asks for.

    `watch` is called with `write:begin`, `write:end`, `pull:begin` and so on, and with `write:amid`
    after each item of a batch; a test may stop the process there.
    """

    def __init__(self, file: str | Path = "", password: str = "") -> None:
        self.file = str(file) or ":memory:"
        self.password = password
        self.watch: Callable[[str], None] = lambda _what: None
        self._lock = threading.RLock()
        self._open: tuple[int, sqlite3.Connection] | None = None

    def _database(self) -> sqlite3.Connection:
        # A connection must not be carried over a fork: the child opens the file anew.
        if self._open is None or (self._open[0] != os.getpid() and self.file != ":memory:"):
            database = sqlite3.connect(self.file, isolation_level=None, check_same_thread=False, timeout=30)
            # Whoever is stopped while they read must not lock out the others.
            database.execute("pragma journal_mode = wal")
            database.execute("pragma synchronous = off")
            database.executescript(_SCHEMA)
            self._open = (os.getpid(), database)
        return self._open[1]

    @contextmanager
    def together(self) -> Iterator[sqlite3.Connection]:
        """What happens inside happens as one, also for other processes and threads."""
        with self._lock:
            database = self._database()
            if database.in_transaction:
                yield database
                return
            database.execute("begin immediate")
            try:
                yield database
            except BaseException:
                database.execute("rollback")
                raise
            database.execute("commit")

    def close(self) -> None:
        """Close the file."""
        if self._open is not None and self._open[0] == os.getpid():
            self._open[1].close()
        self._open = None

    # what the test does to the platform ------------------------------------------------------

    def put(self, stream: str, id: str, values: Mapping[str, Any], at: datetime, *, late: bool = False) -> None:
        """A record of a stream appears or changes.

        `late`: its place in the order of changes is before all that was read, as where a transaction is stamped
        with its beginning and seen at its end: whoever goes on from a place does not see it. Source: PostgreSQL's
        now() is the start of the transaction (https://www.postgresql.org/docs/current/functions-datetime.html).
        """
        self._record(stream, id, json.dumps(dict(values)), at, gone=False, merged_into="", late=late)

    def delete(self, stream: str, id: str, at: datetime) -> None:
        """A record of a stream is deleted."""
        self._record(stream, id, "{}", at, gone=True, merged_into="")

    def merge(self, stream: str, loser: str, winner: str, at: datetime) -> None:
        """A record of a stream is merged into another one, which thereby changes too."""
        with self.together() as database:
            self._record(stream, loser, "{}", at, gone=True, merged_into=winner)
            body = database.execute("select body from record where stream = ? and id = ?", (stream, winner)).fetchone()
            self._record(stream, winner, body[0], at, gone=False, merged_into="")

    def empty(self, stream: str) -> None:
        """Every record of a stream is gone without a trace."""
        with self.together() as database:
            database.execute("delete from record where stream = ?", (stream,))

    def edit(self, crm_id: str, values: Mapping[str, Any], at: datetime, *, late: bool = False) -> None:
        """A person edits an object in the CRM; `late` as in `put`."""
        self.change(crm_id, values, at, late=late)

    def remove(self, crm_id: str, merged_into: str = "") -> None:
        """A person deletes an object in the CRM, or merges it into another one."""
        with self.together() as database:
            row = (merged_into, self._count(database, "seq"), crm_id)
            database.execute("update thing set gone = 1, merged_into = ?, seq = ? where crm_id = ?", row)

    def restore(self, crm_id: str) -> None:
        """A person brings an object back that was deleted in the CRM."""
        with self.together() as database:
            row = (self._count(database, "seq"), crm_id)
            database.execute("update thing set gone = 0, merged_into = '', seq = ? where crm_id = ?", row)

    def heal(self) -> None:
        """Faults that were not met yet are none any more."""
        with self.together() as database:
            database.execute("delete from fault")

    def make(self, object: str, values: Mapping[str, Any], at: datetime, *, crm_id: str = "", our_key: str = "") -> str:
        """A person makes an object in the CRM; returns its id."""
        with self.together() as database:
            return self._insert(database, crm_id, object, our_key, "", json.dumps(dict(values)), at.isoformat())

    def convert(
        self, crm_id: str, at: datetime, *, account: str = "", deal: Mapping[str, Any] | None = None
    ) -> dict[str, str]:
        """A person converts a lead: a contact of an account (a new one where none is given), and a deal if given.

        Returns the ids by object, as the lead tells them from now on.
        """
        with self.together():
            lead = self.thing(crm_id)
            if lead is None:
                raise KeyError(crm_id)
            firm = {name: value for name, value in lead.values.items() if name.startswith("company.")}
            became = {"account": account or self.make("account", {"name": firm.get("company.name", ""), **firm}, at)}
            # A lead's status is of leads alone.
            person = {name: value for name, value in lead.values.items() if name != "stage"}
            became["contact"] = self.make("contact", {**person, "account": became["account"]}, at)
            if deal is not None:
                about = {"account": became["account"], "person": became["contact"]}
                became["opportunity"] = self.make("opportunity", {**about, **deal}, at)
            self.change(crm_id, {"converted_to": became}, at)
        return became

    def fault(
        self,
        operation: Operation,
        kind: FaultKind,
        *,
        passes: int = 0,
        times: int = 1,
        retry_after: float | None = None,
        delay: float = 0.0,
    ) -> None:
        """After `passes` good calls of `operation`, the next `times` calls meet this fault."""
        with self.together() as database:
            database.execute(
                "insert into fault (operation, kind, passes, remaining, retry_after, delay) values (?, ?, ?, ?, ?, ?)",
                (operation, kind, passes, times, retry_after, delay),
            )

    def poison(self, our_key: str, reason: str = "refused", code: str = "INVALID", field: str = "") -> None:
        """The platform refuses every write of this object until it is cured."""
        with self.together() as database:
            database.execute("insert or replace into poison values (?, ?, ?, ?)", (our_key, reason, code, field))

    def breaks(self, our_key: str) -> None:
        """The platform fails (5xx) at every request that holds this object, until it is cured, and does nothing."""
        with self.together() as database:
            database.execute("insert or replace into breaks values (?)", (our_key,))

    def cure(self, our_key: str) -> None:
        """The platform takes this object again."""
        with self.together() as database:
            database.execute("delete from poison where our_key = ?", (our_key,))
            database.execute("delete from breaks where our_key = ?", (our_key,))

    # what the test reads ---------------------------------------------------------------------

    def calls(self, operation: Operation | None = None) -> list[Call]:
        """Every call so far, oldest first."""
        rows = self._read("select at, operation, size, fault from calls order by id")
        found = [Call(_time(at), name, size, fault) for at, name, size, fault in rows]
        return [call for call in found if operation in (None, call.operation)]

    def effects(self, what: str = "") -> list[Effect]:
        """Everything that calls changed in the CRM, oldest first."""
        rows = self._read("select call, at, what, object, crm_id, our_key, body from effect order by id")
        found = [
            Effect(call, _time(at), name, object, crm_id, key, json.loads(body))
            for call, at, name, object, crm_id, key, body in rows
        ]
        return [effect for effect in found if what in ("", effect.what)]

    def things(self, object: str = "", *, gone: bool = False) -> list[Thing]:
        """Objects in the CRM, oldest first; with `gone` the deleted and merged ones too."""
        asked = "select * from thing where ? in ('', object) and (gone = 0 or ?) order by rowid"
        return [_thing(row) for row in self._read(asked, (object, gone))]

    # what the adapter does --------------------------------------------------------------------

    def begin(self, operation: Operation, size: int, now: datetime) -> Fault | None:
        """Count a call; returns the fault that it meets."""
        self.watch(f"{operation}:begin")
        with self.together() as database:
            fault = self._next_fault(database, operation)
            row = (now.isoformat(), operation, size, fault.kind if fault else "")
            database.execute("insert into calls (at, operation, size, fault) values (?, ?, ?, ?)", row)
        return fault

    def end(self, operation: Operation) -> None:
        """The call's answer is on its way."""
        self.watch(f"{operation}:end")

    def changes(self, stream: str, after: int, limit: int) -> list[Changed]:
        """Records changed after place `after` in the order of changes."""
        rows = self._read(
            "select id, seq, body, modified_at, gone, merged_into from record"
            " where stream = ? and seq > ? order by seq limit ?",
            (stream, after, limit),
        )
        return [
            Changed(id, seq, json.loads(body), _time(at), bool(gone), into) for id, seq, body, at, gone, into in rows
        ]

    def count(self, stream: str) -> int:
        """How many live records a stream has."""
        found: int = self._read("select count(*) from record where stream = ? and not gone", (stream,))[0][0]
        return found

    def thing(self, crm_id: str) -> Thing | None:
        """An object by its CRM id."""
        rows = self._read("select * from thing where crm_id = ?", (crm_id,))
        return _thing(rows[0]) if rows else None

    def keyed(self, object: str, our_key: str) -> list[Thing]:
        """Live objects that carry our key, oldest first."""
        sql = "select * from thing where object = ? and our_key = ? and not gone order by rowid"
        return [_thing(row) for row in self._read(sql, (object, our_key))]

    def broken_by(self) -> set[str]:
        """The keys of objects that the platform fails at."""
        return {key for (key,) in self._read("select our_key from breaks")}

    def poisoned(self, our_key: str) -> tuple[str, str, str] | None:
        """(reason, code, field) of the refusal that this object meets."""
        rows = self._read("select reason, code, field from poison where our_key = ?", (our_key,))
        return rows[0] if rows else None

    def create(self, crm_id: str, object: str, key: str, parent: str, values: Mapping[str, Any], at: datetime) -> str:
        """Create an object; returns its CRM id, a number of our own where none is given."""
        with self.together() as database:
            body, when = json.dumps(dict(values)), at.isoformat()
            crm_id = self._insert(database, crm_id, object, key, parent, body, when)
            self._effect(database, "created", object, crm_id, key, body, when)
        return crm_id

    def change(
        self, crm_id: str, values: Mapping[str, Any], at: datetime, *, ours: bool = False, late: bool = False
    ) -> None:
        """Change an object's values; `ours` counts it as the effect of a call."""
        with self.together() as database:
            old = self.thing(crm_id)
            if old is None:
                raise KeyError(crm_id)
            body, when = json.dumps({**old.values, **values}), at.isoformat()
            database.execute(
                "update thing set earlier = body, body = ?, changed_at = ?, seq = ? where crm_id = ?",
                (body, when, self._place(database, late=late), crm_id),
            )
            if ours:
                self._effect(database, "updated", old.object, crm_id, old.our_key, json.dumps(dict(values)), when)

    def drop(self, crm_id: str, at: datetime) -> None:
        """A call deletes an object; one that is gone already stays so."""
        with self.together() as database:
            old = self.thing(crm_id)
            if old is not None and not old.gone:
                self.remove(crm_id)
                self._effect(database, "deleted", old.object, crm_id, old.our_key, "{}", at.isoformat())

    def stamp(self, crm_id: str, our_key: str) -> None:
        """An object carries our key from now on."""
        with self.together() as database:
            database.execute("update thing set our_key = ? where crm_id = ?", (our_key, crm_id))

    def told(self, object: str, after: int, limit: int) -> list[Thing]:
        """Objects of a kind that changed after place `after` in the order of changes, deleted ones too."""
        sql = "select * from thing where object = ? and seq > ? order by seq limit ?"
        return [_thing(row) for row in self._read(sql, (object, after, limit))]

    def postpone(self, items: Sequence[Mapping[str, Any]], due: datetime) -> None:
        """Keep a request that will take effect later."""
        with self.together() as database:
            row = (due.isoformat(), json.dumps([dict(one) for one in items]))
            database.execute("insert into late (due, items) values (?, ?)", row)

    def arrived(self, now: datetime) -> list[tuple[datetime, list[dict[str, Any]]]]:
        """Late requests whose time has come, taken out, oldest first."""
        with self.together() as database:
            rows = database.execute("select due, items from late where due <= ? order by due, id", (now.isoformat(),))
            found = [(_time(due), json.loads(items)) for due, items in rows]
            if found:
                database.execute("delete from late where due <= ?", (now.isoformat(),))
        return found

    # ------------------------------------------------------------------------------------------

    def _read(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._lock:
            return self._database().execute(sql, values).fetchall()

    def _record(
        self, stream: str, id: str, body: str, at: datetime, *, gone: bool, merged_into: str, late: bool = False
    ) -> None:
        with self.together() as database:
            row = (stream, id, self._place(database, late=late), body, at.isoformat(), gone, merged_into)
            database.execute("insert or replace into record values (?, ?, ?, ?, ?, ?, ?)", row)

    def _insert(
        self, database: sqlite3.Connection, crm_id: str, object: str, key: str, parent: str, body: str, when: str
    ) -> str:
        crm_id = crm_id or f"M{self._count(database, 'crm_id')}"
        database.execute(
            "insert into thing (crm_id, object, our_key, parent_id, body, born_at, changed_at, seq)"
            " values (?, ?, ?, ?, ?, ?, ?, ?)",
            (crm_id, object, key, parent, body, when, when, self._count(database, "seq")),
        )
        return crm_id

    def _effect(
        self, database: sqlite3.Connection, what: str, object: str, crm_id: str, our_key: str, body: str, when: str
    ) -> None:
        call = database.execute("select coalesce(max(id), 0) from calls").fetchone()[0]
        database.execute(
            "insert into effect (call, at, what, object, crm_id, our_key, body) values (?, ?, ?, ?, ?, ?, ?)",
            (call, when, what, object, crm_id, our_key, body),
        )

    @staticmethod
    def _next_fault(database: sqlite3.Connection, operation: str) -> Fault | None:
        row = database.execute(
            "select id, kind, passes, retry_after, delay from fault where operation = ? and remaining > 0"
            " order by id limit 1",
            (operation,),
        ).fetchone()
        if row is None:
            return None
        spent = "passes = passes - 1" if row[2] > 0 else "remaining = remaining - 1"
        database.execute(f"update fault set {spent} where id = ?", (row[0],))  # noqa: S608 - two constants
        return None if row[2] > 0 else Fault(row[1], row[3], row[4])

    def _place(self, database: sqlite3.Connection, *, late: bool) -> int:
        """The next place in the order of changes; a late one is before all others."""
        return -self._count(database, "late place") if late else self._count(database, "seq")

    @staticmethod
    def _count(database: sqlite3.Connection, name: str) -> int:
        sql = "insert into counter values (?, 1) on conflict (name) do update set value = value + 1 returning value"
        value: int = database.execute(sql, (name,)).fetchone()[0]
        return value


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _thing(row: Sequence[Any]) -> Thing:
    crm_id, object, our_key, parent_id, body, born_at, changed_at, earlier, gone, merged_into, seq = row
    before = json.loads(earlier) if earlier else None
    values, born, changed = json.loads(body), _time(born_at), _time(changed_at)
    return Thing(crm_id, object, our_key, parent_id, values, born, changed, before, bool(gone), merged_into, seq)
