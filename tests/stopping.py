"""Processes that are stopped (SIGSTOP) in the middle of a run and go on (SIGCONT) when others have done their work.

Whoever is stopped does not know of it. All processes share one clock, as those of one machine do; leases,
which go by the database's clock, are over as soon as a test says so.
"""

from __future__ import annotations

import mmap
import os
import signal
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connector.model.ports import Store, Transaction
from tests.line import START, Line

#: What each run leaves behind of itself, whatever it did.
OF_RUNS = ("leases", "runs", "jobs", "budgets", "ids", "alembic_version")
#: A moment at which nobody else can take over, for the store is being written to.
WRITING = "before commit"


class Clock:
    """One time for all processes that come from this one."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 8)

    def now(self) -> datetime:
        """The time."""
        (seconds,) = struct.unpack("d", self._shared[:8])
        return START + timedelta(seconds=seconds)

    def set(self, to: datetime) -> None:
        """Put it to a time."""
        self._shared[:8] = struct.pack("d", (to - START).total_seconds())


class Shared(Line):
    """A line whose time is everybody's."""

    def __init__(self, folder: Path, clock: Clock, **settings: Any) -> None:
        self._clock = clock
        #: Held by the thread that writes to the store.
        self.writing = threading.RLock()
        super().__init__(folder, **settings)

    @property
    def now(self) -> datetime:
        return self._clock.now()

    @now.setter
    def now(self, to: datetime) -> None:
        # A line that is opened later does not put the time back.
        if to != START:
            self._clock.set(to)

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """While no other thread is in the middle of a write, be it to the store or to a platform's file."""
        with self.writing, self.portal._lock, self.crm._lock:
            yield

    def close(self) -> None:
        """Close everything that must not be carried over a fork."""
        for one in (self.app, self.portal, self.crm):
            one.close()


def watched(line: Shared, step: Callable[[str], None]) -> None:
    """Call `step` at every boundary of `line`: commits, and the beginning and end of calls to a platform."""
    begin = line.app.store.write

    @contextmanager
    def write(**options: Any) -> Iterator[Transaction]:
        with line.writing, begin(**options) as tx:
            yield tx
            step(WRITING)
        step("after commit")

    def opened(**options: Any) -> AbstractContextManager[Transaction]:
        return write(**options)

    line.app.store.write = opened  # type: ignore[method-assign]
    line.portal.watch = line.crm.watch = step


@dataclass(slots=True)
class Stopped:
    """A child process; `at` is where it has stopped, "" where it came to its end before."""

    process: int
    at: str = ""
    status: int = -1

    def goes_on(self) -> None:
        """Let it go on to its end."""
        os.kill(self.process, signal.SIGCONT)
        _, self.status = os.waitpid(self.process, 0)
        assert os.WIFEXITED(self.status), "the child was to end by itself"
        assert os.WEXITSTATUS(self.status) == 0, "the child failed by itself: see above"


@contextmanager
def stopped(make: Callable[[], Shared], act: Callable[[Line], Any], where: Callable[[str], bool]) -> Iterator[Stopped]:
    """Open a line in a child and do `act`; it stops itself at the first step for which `where` is true."""
    child = _stopped(make, act, where)
    try:
        yield child
    finally:
        if child.at and not os.WIFEXITED(child.status):
            os.kill(child.process, signal.SIGKILL)
            os.waitpid(child.process, 0)


def _stopped(make: Callable[[], Shared], act: Callable[[Line], Any], where: Callable[[str], bool]) -> Stopped:
    told, telling = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(told)
        _child(make, act, where, telling)
    os.close(telling)
    _, status = os.waitpid(process, os.WUNTRACED)
    with os.fdopen(told) as said:
        if os.WIFSTOPPED(status):
            return Stopped(process, said.readline().strip())
    assert os.WEXITSTATUS(status) == 0, "the child failed by itself: see above"
    return Stopped(process)


def _child(make: Callable[[], Shared], act: Callable[[Line], Any], where: Callable[[str], bool], telling: int) -> None:
    """Never returns."""
    status = 70
    waiting = True

    def step(what: str) -> None:
        nonlocal waiting
        if waiting and where(what):
            waiting = False
            # What another thread holds at this moment would be locked for everybody.
            with line.undisturbed():
                os.write(telling, what.encode() + b"\n")
                os.kill(os.getpid(), signal.SIGSTOP)
                # This thread may go on for a moment before all have stopped: nobody is to get hold of anything.
                time.sleep(0.05)

    try:
        line = make()
        watched(line, step)
        act(line)
        status = 0
    except BaseException:  # noqa: BLE001 - whatever it is, the parent is told
        traceback.print_exc(file=sys.stderr)
    finally:
        sys.stderr.flush()
        os._exit(status)


def nth(number: int) -> Callable[[str], bool]:
    """The so-many-th step of all."""
    passed = 0

    def where(_what: str) -> bool:
        nonlocal passed
        passed += 1
        return passed == number

    return where


def leases_are_over(store: Store) -> None:
    """What anybody holds has come to its end by the database's clock."""
    with store.write() as tx:
        tx._session.run("UPDATE leases SET until_at = 1 WHERE until_at > 0")  # type: ignore[attr-defined]


def written_down(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that is in the store, but for what each run leaves of itself."""
    with store.read() as tx:
        session = tx._session  # type: ignore[attr-defined]
        tables = sorted(session.database.tables(session) - set(OF_RUNS))
        found = {table: sorted(session.rows(f"SELECT * FROM {table}"), key=repr) for table in tables}
    # That it has failed, and in what, is its own to say.
    found["meta"] = [row for row in found["meta"] if not str(row[0]).startswith("failing:")]
    return found
