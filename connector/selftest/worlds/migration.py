"""A store that changes its schema: killed at each statement, it is wholly the old one or wholly the new one."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.model.sentences import N_
from connector.selftest import sayings
from connector.selftest.left import left_in
from connector.selftest.unsynced import unsynced
from connector.selftest.world import Step, Verdict, World
from connector.selftest.worlds._line import LATER, Line
from connector.selftest.worlds.memory import MEMORY, books, first

if TYPE_CHECKING:
    from datetime import datetime

    from connector.config import Config

#: The schema that is migrated from and back to: all migrations are on the way.
FIRST = "0001"
NEWEST = "head"
#: Statements that change something, or end what did.
CHANGING = ("CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE", "BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
#: Of a statement's text its name has so many words.
WORDS = 4
#: A new store is named by chance.
NAME = "store_id"

Dump = dict[str, list[tuple[Any, ...]]]


def worlds() -> list[World]:
    """Up, down, and from nothing."""
    whole = N_("its schema is one transaction")
    return [
        Migration(N_("migration up"), whole, FIRST, NEWEST),
        Migration(N_("migration down"), whole, NEWEST, FIRST),
        Migration(N_("a new store"), whole, "", NEWEST),
    ]


@dataclass
class Migration:
    """A store with rows in it, at one version, that is brought to another; "" is no store at all."""

    name: str
    target: str
    before: str
    after: str
    hears_all: bool = True

    def furnish(self, folder: Path) -> None:
        """Hand people over, bring the store to the version before, and see what a whole migration makes of it."""
        import state

        self.line = first("", "", MEMORY)
        self.line.furnish(folder)
        line = Line(self.line.in_folder(folder), self.line.now)
        line.sync()
        line.sync(LATER)
        self.now = line.now
        line.close()
        self.template, store = folder, folder / "baton.db"
        if self.before:
            state.migrate(store, self.before)
        else:
            _remove(store)
        tried = folder.with_name("tried") / "baton.db"
        shutil.copytree(folder, tried.parent)
        bring(tried, self.after)
        self.dumps = self.dump(store), self.dump(tried)

    def dump(self, store: Path) -> Dump:
        """What can be compared of a store."""
        found = dump(store)
        if not self.before:
            found["meta"] = [row for row in found.get("meta", []) if row[0] != NAME]
        return found

    @contextmanager
    def scene(self, folder: Path) -> Iterator[MigrationScene]:
        """A copy of the template."""
        shutil.copytree(self.template, folder)
        yield MigrationScene(self, self.line.in_folder(folder), self.now)


@dataclass
class MigrationScene:
    """One crash point's store."""

    world: Migration
    config: Config
    now: datetime
    said: list[str] = field(default_factory=list)

    @property
    def store(self) -> Path:
        return Path(self.config.database)

    def run(self, step: Step) -> None:
        """The migration."""
        unsynced()
        watch_statements(step)
        bring(self.store, self.world.after)
        step("after everything")

    def left(self) -> str:
        """What lies in the folder."""
        return left_in(self.config.root)

    def recover(self) -> bool:
        """Look at what was left; migrate again, then forward to what the program speaks, and run the line."""
        unsynced()
        old, new = self.world.dumps
        if self.world.dump(self.store) not in (old, new):
            self.said.append(sayings.NEITHER)
        bring(self.store, self.world.after)
        if self.world.dump(self.store) != new:
            self.said.append(sayings.ANOTHER_STORE)
        bring(self.store, NEWEST)
        line = Line(self.config, self.now)
        if self.world.before:
            things = books(line)
            if line.sync(LATER).failures or books(line) != things:
                self.said.append(sayings.PLACE_LOST)
        line.close()
        return False

    def judge(self) -> Verdict:
        """Whether its tables and rows are the same as without a crash."""
        there, new = dump(self.store), self.world.dumps[1]
        rows = {table: len(there.get(table, ())) for table in ("leads", "outbox", "handoffs", "receipts")}
        fewer = [(table, count) for table, count in rows.items() if count < len(new.get(table, ()))]
        lost = [sayings.ROWS % {"count": count, "table": table} for table, count in fewer]
        return Verdict(lost=tuple(lost), other=tuple(self.said), shown={**rows, "tables": len(there)})


def bring(store: Path, to: str) -> None:
    """As the program does it: up by opening the store, down by `baton state migrate`."""
    import state

    if to == NEWEST:
        state.open_store(store).close()
    else:
        state.migrate(store, to)


def watch_statements(step: Step) -> None:
    """Call `step` before each statement that changes something, for this process and good."""
    from state.engine import Sqlite

    connect = Sqlite.connect

    def heard(statement: str) -> None:
        words = statement.split()
        if words and words[0].upper() in CHANGING:
            step(f"before {' '.join(words[:WORDS])}")

    def connected(self: Sqlite, *, writing: bool) -> sqlite3.Connection:
        connection = connect(self, writing=writing)
        if writing:
            connection.set_trace_callback(heard)
        return connection

    Sqlite.connect = connected  # type: ignore[method-assign]


def dump(store: Path) -> Dump:
    """Every table with its rows in order, and the schema itself."""
    if not store.exists():
        return {"": []}
    with closing(sqlite3.connect(store)) as database:
        schema = database.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
        tables = [name for kind, name, _sql in schema if kind == "table"]
        rows = {name: database.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables}  # noqa: S608 - ours
    return {**{name: sorted(some, key=repr) for name, some in rows.items()}, "": schema}


def _remove(store: Path) -> None:
    for path in store.parent.glob(f"{store.name}*"):
        path.unlink()
