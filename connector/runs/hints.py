"""Hints that something moved at a platform: it is read sooner than the schedule says, and never later.

A hint says no more than that. It is a word in the store for each job that reads the connection, for whoever receives
it need not be the process that reads. The first hint is acted on at once, further ones are gathered; and a while after
each reading that a hint has brought about there is another one, for platforms tell of a change before their own
searches know of it. A hint that was lost, with a process or on its way, is made up for by the schedule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from connector.model.ports import Store, Transaction
from connector.runs.failing import BRING_BACK

PREFIX = "hint:"
#: The job that pulls a source, before its connection's name.
PULL = "pull:"
#: What a job is told, and nobody has acted on yet; else there stands when to read once more.
NEW = "new"
#: Hints that come closer than this bring about one reading: what we write ourselves is told us, too.
SOONEST = timedelta(seconds=30)
#: After so long a platform's search is taken to know what its hint was about.
ONCE_MORE = timedelta(seconds=90)


def readers_of(connection: str) -> tuple[str, str]:
    """The jobs that read a connection, as a source and as a CRM."""
    return f"{PULL}{connection}", f"{BRING_BACK}{connection}"


def give(store: Store, jobs: Iterable[str]) -> None:
    """Something is new for these jobs; where they know that already, nothing is written."""
    names = [PREFIX + job for job in jobs]
    with store.read() as tx:
        if all(tx.admin.meta(name) == NEW for name in names):
            return
    with store.write() as tx:
        for name in names:
            tx.admin.set_meta(name, NEW)


def given(tx: Transaction) -> Mapping[str, str]:
    """What jobs were told, by job; those that were told nothing are absent."""
    return {name.removeprefix(PREFIX): word for name, word in tx.admin.metas(PREFIX).items()}


def calls_for(word: str, last: datetime | None, now: datetime) -> bool:
    """Whether a job that ended `last` is to run for what it was told."""
    if word == NEW:
        # Where the clock was set back, what was done lies in the future.
        return last is None or now < last or now - last >= SOONEST
    return bool(word) and datetime.fromisoformat(word) <= now


def take(store: Store, job: str, now: datetime) -> None:
    """The job begins: what it is told from now on is new to it."""
    name = PREFIX + job
    with store.read() as tx:
        if not calls_for(tx.admin.meta(name), None, now):
            return
    with store.write() as tx:
        once_more = (now + ONCE_MORE).astimezone(UTC).isoformat()
        tx.admin.set_meta(name, once_more if tx.admin.meta(name) == NEW else "")
