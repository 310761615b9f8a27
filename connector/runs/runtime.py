"""What every run is handed: the configuration, the store, the clock, the adapters, and a way to stop."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.config import Config
from connector.model import sentences
from connector.model.adapter import Crm, Source
from connector.model.errors import BatonError, RetryableError
from connector.model.notices import Notifier
from connector.model.ports import Run, Store, Transaction
from connector.runs.restore import refuse_if_set_back


def silent(_what: str, _counts: Counter[str]) -> None:
    """Progress that nobody watches."""


def unheard(_sentence: str) -> None:
    """Notes that nobody reads."""


def no_notifier() -> Notifier:
    """Nothing is sent."""
    raise RetryableError(sentences.NO_MAIL_SERVER)


def still_there(_owner: str) -> bool:
    """No process is known to have ended."""
    return False


def unasked(_tx: Transaction) -> None:
    """Nobody waits for what is done."""


def no_link(_email: str, _lead_id: int) -> str:
    """There is no desk that people could be sent to."""
    return ""


@dataclass(slots=True)
class Runtime:
    """Handed to every run.

    `owner` names this process in leases. `progress(what, counts)` is called after each page.
    `note(sentence)` tells the reader something about how it went. `stop` is set by a signal: a
    run ends after the page it is on. `ended(owner)` says whether the process of that name is
    known to have ended: what it left leased need not be waited for. `notifier()` sends notices, and
    `link(email, lead)` is where somebody ("" for a channel) finds a lead on the desk, "" for nowhere.
    `done(tx)` is told of what a person asked for within the transaction that does it, so that both are kept or neither.
    """

    config: Config
    store: Store
    clock: Callable[[], datetime]
    owner: str
    source: Callable[[str], Source]
    crm: Callable[[str], Crm]
    progress: Callable[[str, Counter[str]], None] = silent
    stop: threading.Event = field(default_factory=threading.Event)
    note: Callable[[str], None] = unheard
    ended: Callable[[str], bool] = still_there
    notifier: Callable[[], Notifier] = no_notifier
    link: Callable[[str, int], str] = no_link
    done: Callable[[Transaction], None] = unasked


@contextmanager
def recorded(runtime: Runtime, kind: str, connection: str = "") -> Iterator[tuple[Run, Counter[str]]]:
    """Record a run: its beginning, its counts, and how it ended (`run.result`, where the run says nothing else).

    Raises StateError where the store was found to be set back: whatever was numbered now would have the number of
    something else outside.
    """
    run = Run(kind, runtime.clock(), connection=connection)
    with runtime.store.write() as tx:
        refuse_if_set_back(tx)
        tx.ledgers.start_run(run)
    counts: Counter[str] = Counter()
    run.result = "failed"
    try:
        yield run, counts
        if run.result == "failed":
            run.result = "stopped" if runtime.stop.is_set() else "done"
    except BatonError as error:
        run.result = type(error).__name__
        raise
    finally:
        run.ended_at, run.counts = runtime.clock(), dict(counts)
        with runtime.store.write() as tx:
            tx.ledgers.end_run(run)


LEASE_SECONDS = 120.0


def inherited(runtime: Runtime, tx: Transaction, name: str, seconds: float) -> int | None:
    """The lease of a holder that is known to have ended (killed, say); None where it may still be at it."""
    for held, owner, _until in tx.leases.holders():
        if held == name and runtime.ended(owner):
            tx.leases.release(name, owner, tx.leases.take(name, owner, seconds) or 0)
            return tx.leases.take(name, runtime.owner, seconds)
    return None


class Lease:
    """A lease that this process holds, until another has taken it.

    Whoever was stopped for longer than its time (a suspended machine, a stopped process) does not know of that
    when it goes on: what must not be written then is written within `write`.
    """

    def __init__(self, runtime: Runtime, name: str, epoch: int, seconds: float) -> None:
        self._runtime, self._name, self._epoch, self._seconds = runtime, name, epoch, seconds
        self._renewed = runtime.clock()

    def renew(self) -> None:
        """Renew it when a third of its time is over. Raises RetryableError where another process has taken it."""
        if self._is_due():
            with self.write():
                pass

    def _is_due(self) -> bool:
        return self._runtime.clock() - self._renewed >= timedelta(seconds=self._seconds / 3)

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Transaction]:
        """A transaction of whoever holds the lease, which is renewed where it is time.

        Raises RetryableError where another process has taken it.
        """
        place = self._name, self._runtime.owner, self._epoch
        with self._runtime.store.write(durable=durable) as tx:
            due = self._is_due()
            if not (tx.leases.renew(*place, self._seconds) if due else tx.leases.holds(*place)):
                raise RetryableError(f"{self._name}: {sentences.LEASE_LOST}")
            yield tx
        if due:
            self._renewed = self._runtime.clock()


@contextmanager
def leased(runtime: Runtime, name: str, seconds: float = LEASE_SECONDS) -> Iterator[Lease]:
    """Hold the lease `name` for `seconds`, and longer as it is renewed.

    Raises RetryableError where another process holds it.
    """
    with runtime.store.write() as tx:
        epoch = tx.leases.take(name, runtime.owner, seconds) or inherited(runtime, tx, name, seconds)
    if epoch is None:
        raise RetryableError(f"{name}: {sentences.ANOTHER_PROCESS}")
    try:
        yield Lease(runtime, name, epoch, seconds)
    finally:
        with runtime.store.write() as tx:
            tx.leases.release(name, runtime.owner, epoch)
