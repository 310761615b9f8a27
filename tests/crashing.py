"""Lines, platforms and worlds that are broken on purpose, to see that the walk over crash points finds it.

`python -m tests.crashing BREAK ARGUMENTS...` breaks one thing and runs `baton selftest`, in a process without threads.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from connector.config import Config
from connector.selftest.world import Step, Verdict
from connector.selftest.worlds._books import judged
from connector.selftest.worlds._line import LineScene, LineWorld
from connector.selftest.worlds.memory import PEOPLE, SEARCHED, books, some_ask


def nothing() -> None:
    """All is as it is."""


def finds_nothing() -> None:
    """The platform never finds what it has: it takes everything for new."""
    from adapters._memory.platform import Platform
    from connector.model.outbox import Found

    _change(Platform, "found", lambda *_: Found())


def knows_no_key() -> None:
    """The platform makes a second record for a key that it has."""
    from adapters._world import World

    _change(World, "keyed", lambda *_: [])


def believes_it_done() -> None:
    """Whatever the look-up says, the earlier call is taken to have done it."""
    from connector.model.outbox import Settlement
    from connector.runs import deliver

    _change(deliver, "resolved", lambda row, *_: Settlement(row, row.epoch, "done"))


def commits_halfway() -> None:
    """A migration that is two transactions."""
    from alembic import op

    create: Any = op.create_table

    def halfway(*given: Any, **named: Any) -> Any:
        connection: Any = op.get_bind().connection.driver_connection
        connection.execute("COMMIT")
        connection.execute("BEGIN IMMEDIATE")
        return create(*given, **named)

    _change(op, "create_table", halfway)


def reads_nothing_back() -> None:
    """What sales did is not heard of once the stretch begins."""
    from connector.selftest.worlds._line import Line

    sync, heard = Line.sync, 3

    def deaf(self: Line, *given: Any) -> Any:
        nonlocal heard
        heard -= 1
        if heard < 0:
            from connector.runs import sync as line

            _change(line, "bring_back", lambda *_: None)
        return sync(self, *given)

    _change(Line, "sync", deaf)


@dataclass
class Fake:
    """A world that writes nothing; `run` gets a file that its child may use to know who was there before."""

    name: str
    run: Callable[[Step, Path], None]
    shown: int = 1
    target: str = "nothing"
    hears_all: bool = True
    folder: Path = Path()

    def furnish(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder

    @contextmanager
    def scene(self, folder: Path) -> Iterator[FakeScene]:
        folder.mkdir()
        yield FakeScene(self)


@dataclass
class FakeScene:
    world: Fake

    def run(self, step: Step) -> None:
        self.world.run(step, self.world.folder / "runs")

    def left(self) -> str:
        return ""

    def recover(self) -> bool:
        return False

    def judge(self) -> Verdict:
        return Verdict(shown={"lead": self.world.shown})


def ten(step: Step, _file: Path) -> None:
    for number in range(10):
        step(f"boundary {number}")


def fewer_each_time(step: Step, file: Path) -> None:
    """Ten boundaries, then nine, eight ..."""
    with file.open("a") as runs:
        runs.write("x")
    for number in range(max(11 - file.stat().st_size, 1)):
        step(f"boundary {number}")


def one_fewer_than_counted(step: Step, file: Path) -> None:
    """Forty boundaries in the two runs that count, as threads may have it, and thirty-nine from then on."""
    with file.open("a") as runs:
        runs.write("x")
    for number in range(40 if file.stat().st_size <= 2 else 39):
        step(f"boundary {number}")


def fails(_step: Step, _file: Path) -> None:
    raise ValueError("broken by itself")


def fakes() -> None:
    """Worlds whose walk is no proof, and one whose is."""
    from connector.selftest import worlds

    _change(worlds, "all_worlds", lambda: [
        Fake("good", ten), Fake("idle", ten, shown=0), Fake("failing", fails), Fake("wavering", fewer_each_time),
        Fake("blank", lambda _step, _file: None), Fake("shaking", one_fewer_than_counted),
    ])  # fmt: skip


@dataclass(kw_only=True)
class PostgresWorld(LineWorld):
    """A line whose store is a PostgreSQL database of each scene's own, made from a template."""

    server: str = ""

    def furnish(self, folder: Path) -> None:
        """The template's database first."""
        self._do(f"CREATE DATABASE {self._named(folder)}")
        super().furnish(folder)

    @contextmanager
    def scene(self, folder: Path) -> Iterator[LineScene]:
        """A copy of the folder and of the database, which is dropped in the end."""
        self._do(f"CREATE DATABASE {self._named(folder)} TEMPLATE {self._named(self.template)}")
        try:
            with super().scene(folder) as scene:
                yield scene
        finally:
            self._do(f"DROP DATABASE {self._named(folder)} WITH (FORCE)")

    def in_folder(self, folder: Path) -> Config:
        """The configuration with the scene's database."""
        where = urlsplit(self.server)
        query = "&".join(part for part in where.query.split("&") if not part.startswith("options="))
        place = urlunsplit(where._replace(path=f"/{self._named(folder)}", query=query))
        return replace(super().in_folder(folder), database=place)

    def _named(self, folder: Path) -> str:
        return f"baton_{os.getpgrp()}_{folder.name.replace('-', '_')}"

    def _do(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.server, autocommit=True) as admin:
            admin.execute(statement)


def postgresql() -> None:
    """A first handover to a platform that is only searched, with the store at $BATON_TEST_STORE."""
    from connector.selftest import worlds

    judge = partial(judged, books=books, people=PEOPLE)
    world = PostgresWorld(
        name="postgresql", target="only searched", crm=SEARCHED, furnished=some_ask, judged=judge,
        server=os.environ["BATON_TEST_STORE"],
    )  # fmt: skip
    _change(worlds, "all_worlds", lambda: [world])


def _change(owner: Any, name: str, to: Any) -> None:
    assert hasattr(owner, name)
    setattr(owner, name, to)


ALL = (
    nothing, finds_nothing, knows_no_key, believes_it_done, commits_halfway, reads_nothing_back, fakes, postgresql,
)  # fmt: skip
BREAKS = {one.__name__: one for one in ALL}

if __name__ == "__main__":
    from connector.cli.root import baton

    BREAKS[sys.argv[1]]()
    baton(["selftest", *sys.argv[2:]])
