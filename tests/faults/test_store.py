"""A store that cannot be used just now: full, locked, damaged, gone. Said in a sentence; nothing half or twice."""

from __future__ import annotations

import logging
import os
import resource
import shutil
import signal
import sqlite3
import sys
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from connector.cli.root import baton
from connector.daemon import Daemon
from connector.model.errors import StateError
from tests.line import Line

FILES = ("baton.db", "baton.db-wal", "baton.db-shm")
MINUTES = timedelta(minutes=5)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path)
    yield made
    made.app.close()


def asks(line: Line, number: int) -> None:
    """Somebody new is over the line."""
    line.now += timedelta(hours=1)
    line.person(number)
    line.did(number, "demo_request")


def settled(line: Line, people: int) -> None:
    """Once there is room, or the lock is gone: everybody is handed over once, and nothing waits."""
    for _ in range(4):
        assert line.sync(MINUTES).failures == []
    assert line.crm_counts() == {"lead": people, "task": people, "note": people}
    assert {row.state for row in line.outbox()} == {"done"}
    assert len(line.handoffs("open")) == people


# --- the disk is full


class Disk:
    """Has no room from the `nth` write transaction of the process on."""

    def __init__(self, store: Any) -> None:
        self._begin, self.left, self.met = store.write, -1, False
        store.write = self.write

    @contextmanager
    def write(self, **options: Any) -> Iterator[Any]:
        self.left -= 1
        if self.left == 0:
            self.met = True
            resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        with self._begin(**options) as tx:
            yield tx

    def room(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _full_at_every_transaction(folder: Path) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    line = Line(folder)
    disk, number, told = Disk(line.app.store), 0, set()
    while not number or disk.met:
        number += 1
        asks(line, number)
        disk.left, disk.met = number, False
        try:
            line.sync()
        except StateError as error:
            told.add(str(error).partition(": ")[2])
        finally:
            disk.room()
    disk.left = -1
    assert number > 8, f"a run has {number - 1} transactions only"
    assert len(told) == 1
    assert "is the disk full? What was stored is there; Baton goes on once there is room" in told.pop()
    settled(line, number)


def test_a_disk_that_is_full_at_any_transaction_ends_the_run_and_nothing_is_half(tmp_path: Path) -> None:
    """In a child: the limit is the process's own, and its signal is ignored there."""
    child = os.fork()
    if child == 0:
        try:
            _full_at_every_transaction(tmp_path)
            os._exit(0)
        except BaseException:  # noqa: BLE001 - the parent is told
            traceback.print_exc(file=sys.stderr)
            sys.stderr.flush()
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, "see above"


def test_a_database_that_may_not_grow_says_so(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    asks(line, 1)
    line.sync()
    line.app.store.close()
    with closing(sqlite3.connect(line.folder / "baton.db")) as database:
        (pages,) = database.execute("PRAGMA page_count").fetchone()
    with monkeypatch.context() as patch:
        patch.setattr("state.engine.SETTINGS", (f"max_page_count={pages}",))
        for number in range(2, 60):
            asks(line, number)
        with pytest.raises(StateError, match="database or disk is full: is the disk full"):
            line.sync()
    line.app.store.close()
    settled(line, 59)


# --- another program keeps it


@contextmanager
def locked(line: Line) -> Iterator[None]:
    """Another program writes, and does not end."""
    with closing(sqlite3.connect(line.folder / "baton.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def test_a_locked_store_ends_the_run_and_the_next_one_goes_on(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("state.engine.BUSY_SECONDS", 0.02)
    asks(line, 1)
    with locked(line), pytest.raises(StateError, match="another program has kept it locked for"):
        line.sync()
    assert line.crm_counts() == {}
    settled(line, 1)


def test_a_store_that_is_locked_after_the_write_is_not_written_to_twice(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer cannot be written down: it is looked up later."""
    monkeypatch.setattr("state.engine.BUSY_SECONDS", 0.02)
    asks(line, 1)
    crm = line.app.crm("crm")
    write, lock = crm.write, locked(line)

    def then_locked(items: Any) -> Any:
        outcomes = write(items)
        lock.__enter__()
        return outcomes

    monkeypatch.setattr(crm, "write", then_locked)
    with pytest.raises(StateError, match="locked"):
        line.sync()
    lock.__exit__(None, None, None)
    monkeypatch.setattr(crm, "write", write)
    assert line.crm_counts() == {"lead": 1}
    assert [row.state for row in line.outbox("in_flight")] == ["in_flight"]
    settled(line, 1)


# --- damage


def test_damage_is_told_with_what_to_do_and_without_a_traceback(line: Line) -> None:
    asks(line, 1)
    line.sync()
    line.app.close()
    whole = (line.folder / "baton.db").read_bytes()
    broken: dict[str, int] = {}
    for name, start, stop in damages(len(whole)):
        (line.folder / "baton.db").write_bytes(whole[:start] + b"\xff" * (stop - start) + whole[stop:])
        for command in ("status", "sync"):
            found = CliRunner().invoke(baton, ["--config", str(line.folder / "config.toml"), command])
            assert found.exit_code in (0, 6), (name, command, found.output)
            if found.exit_code == 6:
                broken[command] = broken.get(command, 0) + 1
                assert "put a copy back: baton state restore FILE" in found.output, (name, found.output)
                assert "Traceback" not in found.output
    assert broken["status"] > 1
    assert broken["sync"] > 3


def damages(size: int) -> Iterator[tuple[str, int, int]]:
    """The header, and one page in eight."""
    yield "header", 0, 100
    for page in range(1, size // 4096, 8):
        yield f"page {page}", page * 4096, page * 4096 + 4096


# --- the file is gone


def move(line: Line, to: Path, back: bool = False) -> None:
    here, there = (to, line.folder) if back else (line.folder, to)
    to.mkdir(exist_ok=True)
    for name in FILES:
        if (here / name).exists():
            shutil.move(here / name, there / name)


def test_a_store_that_is_taken_away_while_it_is_in_use_takes_nothing_more(
    line: Line, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "baton.daemon")
    daemon = Daemon(lambda: line.app)
    asks(line, 1)
    daemon.guarded_tick()
    assert line.crm_counts() == {"lead": 1, "task": 1, "note": 1}
    move(line, tmp_path / "away")
    asks(line, 2)
    for _ in range(2):
        daemon.guarded_tick()
    assert line.crm_counts() == {"lead": 1, "task": 1, "note": 1}, "what could not be written down was not sent"
    assert not (line.folder / "baton.db").exists(), "an empty store would know of nothing that was handed over"
    move(line, tmp_path / "away", back=True)
    line.now += timedelta(minutes=10)
    daemon.guarded_tick()
    told = [record.message.partition(": ")[::2] for record in caplog.records if record.message.startswith("store")]
    assert [what for _, what in told][-1] == "works again"
    assert sum("the file is not there" in what for _, what in told) == 1
    settled(line, 2)


def test_another_file_in_the_place_of_the_store_is_not_written_to(line: Line, tmp_path: Path) -> None:
    asks(line, 1)
    line.sync()
    move(line, tmp_path / "away")
    shutil.copy(tmp_path / "away" / "baton.db", line.folder / "baton.db")
    asks(line, 2)
    with pytest.raises(StateError, match="another file stands in its place; start Baton again if that is meant"):
        line.sync()
    assert line.crm_counts() == {"lead": 1, "task": 1, "note": 1}
    (line.folder / "baton.db").unlink()
    move(line, tmp_path / "away", back=True)
    settled(line, 2)
