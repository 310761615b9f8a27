"""A line that can be killed at any boundary, stopped in the middle, and run by two at once; all in one process.

A boundary is the moment before and after each commit of the store, and the beginning and the end of each call to
a platform. Who is killed does nothing more on the way out: no lease is given back, no answer written down.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from connector.app import App
from connector.model.errors import AuthError, ConfigError, RetryableError
from connector.model.ports import Transaction
from connector.runs.backfill import backfill
from connector.runs.bring_back import bring_back
from connector.runs.deliver import deliver
from connector.runs.pull import pull
from connector.runs.rescore import keep_criteria
from connector.runs.runtime import Runtime
from connector.runs.sync import sync, work

REPS = ("lena@northwind.example", "tom@northwind.example", "petra@northwind.example")
LEASE = timedelta(seconds=130)


class KilledError(BaseException):
    """The process is no more: nothing it would do on its way out is done either."""


@dataclass(slots=True)
class Change:
    """One change of an object of the CRM: by whom, and what the object said before."""

    crm_id: str
    seq: int
    ours: bool
    values: dict[str, Any]
    before: dict[str, Any]
    #: Up to which place of the order of changes Baton had read when the request left; a late request has none.
    read: int | None = None


@dataclass
class Process(ABC):
    """The line between two platforms, `crm` and `portal`, under a clock that the machine moves."""

    #: What the connections are called, and what is made once for each handoff.
    names: ClassVar[dict[str, str]] = {"crm": "crm", "portal": "portal"}
    once: ClassVar[tuple[str, ...]] = ("task", "note")
    #: Whether a lead must have a status.
    status_required: ClassVar[bool] = False
    #: Whether to say again what stands there is a change that can be read.
    hears_repeats: ClassVar[bool] = True
    #: Whether a lead can be converted.
    converts: ClassVar[bool] = True

    folder: Path
    kind: str
    mode: str = "live"
    line_at: int = 40
    extra_word: bool = False
    #: Who wins the fields that both sides fill; "": nobody has said.
    rule: str = ""
    journal: list[Change] = field(default_factory=list)
    boundaries: int = 0
    _at: tuple[int, Callable[[], None]] | None = None
    _dead: bool = False
    _life: int = 0
    _gone: dict[str, bool] = field(default_factory=dict)
    _held_until: datetime | None = None
    app: App = field(init=False)
    #: The platforms as people see them, in the words of `adapters._world.World`.
    crm: Any = field(init=False)
    portal: Any = field(init=False)

    # what a pair of platforms says of itself

    @property
    @abstractmethod
    def now(self) -> datetime:
        """The time that everything sees."""

    @abstractmethod
    def move(self, time: timedelta) -> None:
        """The clock goes on."""

    @abstractmethod
    def open(self) -> None:
        """Open the line, with every call to a platform a boundary."""

    def known_as(self, crm_id: str) -> list[str]:
        """The ids by which the platform may know what the machine calls by this one."""
        return [crm_id]

    @contextmanager
    def second(self) -> Iterator[App]:
        """The line as another process has it."""
        yield self.app

    @abstractmethod
    def close(self) -> None:
        """Leave nothing behind."""

    @abstractmethod
    def effects(self) -> int:
        """How much has been written outside by now."""

    # the process

    @property
    def owner(self) -> str:
        """The name of the process that lives now."""
        return f"life-{self._life}"

    def reopen(self, **changes: Any) -> None:
        """Begin anew, under a configuration that may say something else."""
        for name, value in changes.items():
            setattr(self, name, value)
        if self._life and self._dead:
            self.app.store.close()
        elif self._life:
            self.app.close()
        self._life += 1
        self._dead, self._at = False, None
        self.open()
        self._watch_store()

    def _watch_store(self) -> None:
        begin = self.app.store.write

        @contextmanager
        def write(**options: Any) -> Iterator[Transaction]:
            if self._dead:
                raise KilledError
            with begin(**options) as tx:
                yield tx
                self._boundary("before commit")
            self._boundary("after commit")

        def opened(**options: Any) -> AbstractContextManager[Transaction]:
            return write(**options)

        self.app.store.write = opened  # type: ignore[method-assign]

    def _boundary(self, what: str) -> None:
        if self._dead:
            raise KilledError
        self.boundaries += 1
        self.passed(what)
        if self._at is None:
            return
        left, act = self._at
        self._at = (left - 1, act)
        # Nobody else can do anything to the store while a transaction is open.
        if left <= 0 and (what != "before commit" or act == self._die):
            self._at = None
            act()

    @abstractmethod
    def passed(self, what: str) -> None:
        """A boundary is passed."""

    def _die(self) -> None:
        self._dead = True
        raise KilledError

    def _ended(self, owner: str) -> bool:
        return self._gone.get(owner, False)

    def runtime(self) -> Runtime:
        """What a run of the living process is handed."""
        return replace(self.app.runtime(), owner=self.owner, ended=self._ended)

    # runs

    def run(self, kind: str) -> str:
        """One run; returns what it failed with, "" for nothing."""
        runtime, rows, counts = self.runtime(), self.app.rows, Counter[str]()
        try:
            if kind == "sync":
                return "; ".join(str(error) for _, error in sync(runtime, rows).failures)
            if kind == "backfill":
                result = backfill(runtime, rows, self.now - timedelta(days=2), self.now, resume=False)
                return "; ".join(str(error) for _, error in result.failures)
            keep_criteria(runtime)
            if kind == "bring back":
                bring_back(runtime, rows(0), self.names["crm"], counts)
            elif kind == "pull":
                pull(runtime, self.names["portal"], rows(0), counts)
            elif kind == "work":
                return "; ".join(str(error) for _, error in work(runtime, rows(0), counts))
            else:
                deliver(runtime, self.names[kind.removeprefix("deliver ")], counts)
        except (AuthError, RetryableError) as error:
            return str(error)
        except ConfigError as error:
            raise AssertionError(f"{kind}: {error}") from error
        return ""

    def killed(self, kind: str, boundary: int, known: bool) -> bool:
        """A run that is killed at a boundary, and a new process; whether it was. `known`: that it ended can be told."""
        died = False
        self._at = (boundary, self._die)
        try:
            self.run(kind)
        except KilledError:
            died = True
        self._at = None
        if died:
            self._gone[self.owner] = known
            self._held_until = self.now + LEASE
            self.reopen()
        return died

    def meanwhile(self, kind: str, boundary: int, act: Callable[[], None]) -> str:
        """A run in the middle of which something happens."""
        self._at = (boundary, act)
        failed = self.run(kind)
        left, self._at = self._at, None
        if left is not None:
            act()
        return failed

    def another(self, kind: str, expired: bool) -> None:
        """Another process runs; `expired`: the leases of the first one are over."""
        first, app = self._life, self.app
        if expired:
            self._release(self.owner)
        self._life += 1000
        try:
            with self.second() as self.app:
                self.run(kind)
        finally:
            self._life, self.app = first, app

    def passes(self, time: timedelta) -> None:
        """The clock goes on; leases of those who were killed end."""
        self.move(time)
        if self._held_until is not None and self.now >= self._held_until:
            for owner in self._gone:
                self._release(owner)
            self._held_until = None

    def _release(self, whose: str) -> None:
        # Leases run by the database's own clock: they end by hand, as by time.
        with self.app.store.write() as tx:
            for name, owner, _ in tx.leases.holders():
                # Who takes a token does so in the name of this process, which lives on.
                if owner == whose or name.startswith("token:"):
                    tx.leases.release(name, owner, tx.leases.take(name, owner, 0.0) or 0)

    def quiet(self) -> list[str]:
        """Faults end, time passes, and the line runs until nothing changes; what still fails."""
        self.crm.heal()
        self.portal.heal()
        self.passes(timedelta(hours=2))
        before, failed = None, ""
        for _ in range(12):
            failed = self.run("sync")
            with self.app.store.read() as tx:
                counts = tx.outbox.counts()
            state = (counts, self.effects(), failed)
            if state == before:
                break
            before = state
            self._release_parked()
            self.passes(timedelta(minutes=70))
        else:
            return [f"never quiet: {before}"]
        return [failed] if failed else []

    def _release_parked(self) -> None:
        """An admin looks at a source that was emptied, and frees its flow."""
        with self.app.store.write() as tx:
            if tx.reviews.is_open("parked_flow", ["b2b"]):
                tx.reviews.close("parked_flow", ["b2b"], "released", self.now)
