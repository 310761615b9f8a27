"""Bring back what a CRM tells of the leads that were handed to it: stage, owner, reason, rating, outcome.

The same walk that keeps the mirror: a page, what follows from it (`follower`) and its cursor are one transaction.
Whose a record is stands in `whose`; what it tells is decided in `steps.feedback`, and written down by `records_heard`.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from connector.runs.follower import follower
from connector.runs.named_since import named_since
from connector.runs.read_in import is_silent, read_back
from connector.runs.restore import SET_BACK, SetBackError
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime
from connector.runs.terms import note_read


def bring_back(runtime: Runtime, rows: Rows, name: str, counts: Counter[str]) -> None:
    """Read back everything new of the CRM `name`, and follow it.

    Raises AuthError, ConfigError, RetryableError, and SetBackError where the CRM shows that an older copy of the
    store was put back: then nothing is handed over or sent until an admin has said what follows.
    """
    named_since(runtime, rows, name, counts)
    begun = runtime.clock()
    try:
        if not is_silent(runtime, name):
            read_back(runtime, name, counts, follower(runtime, rows, name, counts))
    except SetBackError:
        with runtime.store.write() as tx:
            tx.admin.set_meta(SET_BACK, name)
        raise
    if not runtime.stop.is_set():
        note_read(runtime, name, begun - timedelta(seconds=runtime.crm(name).capabilities.read_back_lag))
