"""Forget what was delivered long ago and nothing needs any more."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from connector.runs.runtime import Runtime

#: How long delivered writes are kept, for `baton why` and for knowing an old value of ours that comes back.
KEPT = timedelta(days=90)
#: Rows of one transaction: others write in between.
BATCH = 500


def prune(runtime: Runtime, counts: Counter[str]) -> None:
    """Delete old revisions of the outbox, a batch at a time; counts `old writes forgotten`.

    What was delivered last for each object stays, and so does every row whose key must never be used again.
    """
    before = runtime.clock() - KEPT
    while not runtime.stop.is_set():
        with runtime.store.write() as tx:
            gone = tx.outbox.prune(before, BATCH)
        counts["old writes forgotten"] += gone
        if gone < BATCH:
            return
