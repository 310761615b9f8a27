"""Delete what is older than it is to be kept, once a day, a little at a time.

Counts over all time stay as they were: the daily roll-up of activities is kept. From when on a table is complete is
written down, for `baton why`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from connector.model.durations import Duration
from connector.model.ports import Transaction
from connector.runs.kept_files import traces
from connector.runs.runtime import Runtime

#: The name of the job, under which it is known when it was done last.
JOB = "retention"
#: Rows of one transaction: others write in between. Rows that are looked at in one reading.
BATCH, WALK = 500, 20_000
DAY = timedelta(days=1)
#: Deletes up to so many rows that are older than a time; returns how many.
Delete = Callable[[Transaction, datetime, int], int]


def retain_if_due(runtime: Runtime, counts: Counter[str]) -> None:
    """Delete what is too old, where that was done a day ago or longer; for the first time a day after the first run."""
    now = runtime.clock()
    with runtime.store.read() as tx:
        last = tx.ledgers.last_done(JOB)
    if last is not None and DAY > now - last >= timedelta():
        return
    if last is not None:
        retain(runtime, counts)
    _done(runtime, now)


def retain_daily(runtime: Runtime, counts: Counter[str]) -> None:
    """The same, as a part of the daemon's daily job: now."""
    now = runtime.clock()
    retain(runtime, counts)
    _done(runtime, now)


def _done(runtime: Runtime, now: datetime) -> None:
    if not runtime.stop.is_set():
        with runtime.store.write() as tx:
            tx.ledgers.set_done(JOB, now)


def retain(runtime: Runtime, counts: Counter[str]) -> None:
    """Delete what is too old, by the settings `keep`; a stop is obeyed between two batches."""
    keep = runtime.config.keep
    _activities(runtime, keep.activities, counts)
    for what, length, delete, table in (
        ("old writes deleted", keep.outbox, lambda tx, at, n: tx.outbox.prune(at, n), ""),
        ("old before-images deleted", keep.images, lambda tx, at, n: tx.images.prune(at, n), "images"),
        ("what leads were before joinings deleted", keep.images, lambda tx, at, n: tx.retention.joinings(at, n), ""),
        ("settled items deleted", keep.reviews, lambda tx, at, n: tx.retention.reviews(at, n), ""),
        ("old runs deleted", keep.runs, lambda tx, at, n: tx.retention.runs(at, n), "runs"),
        ("old entries of the trail deleted", keep.trail, lambda tx, at, n: tx.logins.prune(at, n), "trail"),
        ("rows of old plans deleted", keep.plans, lambda tx, at, n: tx.retention.plans(at, n), ""),
        ("old moves deleted", keep.decisions, lambda tx, at, n: tx.retention.transitions(at, n), "decisions"),
        ("old briefs deleted", keep.decisions, lambda tx, at, n: tx.retention.briefs(at, n), "decisions"),
    ):  # fmt: skip
        _by_batches(runtime, length, delete, table, what, counts)
    _traces(runtime, keep.traces, counts)


def before(runtime: Runtime, length: Duration) -> datetime:
    """What was before this is too old: the beginning of a day in UTC, so that a day is there whole or not at all."""
    at = (runtime.clock() - length.delta).astimezone(UTC)
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _by_batches(
    runtime: Runtime, length: Duration | None, delete: Delete, table: str, what: str, counts: Counter[str]
) -> None:
    if length is None:
        return
    at = before(runtime, length)
    while not runtime.stop.is_set():
        with runtime.store.write() as tx:
            gone = delete(tx, at, BATCH)
            if gone and table:
                tx.retention.cut(table, at)
        counts[what] += gone
        if gone < BATCH:
            return


def _activities(runtime: Runtime, length: Duration | None, counts: Counter[str]) -> None:
    """Looked for while others write: there is no index by time, which every first import would have to pay for."""
    if length is None:
        return
    at, after = before(runtime, length), 0
    while not runtime.stop.is_set():
        with runtime.store.read() as tx:
            old, after = tx.retention.activities(at, after, WALK)
        for start in range(0, len(old), BATCH):
            if runtime.stop.is_set():
                return
            with runtime.store.write() as tx:
                tx.retention.cut("activities", at)
                counts["old activities deleted"] += tx.retention.drop_activities(old[start : start + BATCH])
        if not after:
            return


def _traces(runtime: Runtime, length: Duration | None, counts: Counter[str]) -> None:
    if length is None:
        return
    oldest = before(runtime, length).timestamp()
    for file in traces(runtime.config.root):
        if file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)
            counts["old traces deleted"] += 1
