"""Keep what a CRM has in the mirror, and the keys under which people and accounts are found to be compared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connector.model.mirror import CrmRecord, Mirrored
from connector.model.ports import Transaction
from connector.runs.runtime import Lease, Runtime
from connector.steps.resembling import KEYED, blocking_keys, may_have_other_keys

#: Which keys a mirror has. Another number here has all keys made anew, from the mirror.
KEYS = "1"
BATCH = 500


def keep(
    tx: Transaction, target: str, records: Sequence[CrmRecord], now: datetime
) -> list[tuple[CrmRecord | None, CrmRecord]]:
    """As the mirror's `put`, with the keys of what is new or changed."""
    pairs = tx.mirror.put(target, records, now)
    changed = [after for before, after in pairs if after.object in KEYED and may_have_other_keys(before, after)]
    _put(tx, target, changed)
    return pairs


def _put(tx: Transaction, target: str, records: Sequence[CrmRecord]) -> None:
    if records:
        tx.keys.put_records(target, {(one.object, one.id): blocking_keys(one) for one in records})


def make_keys(runtime: Runtime, target: str, lease: Lease) -> None:
    """Keys for what the mirror held before there were any, or when they were others; no call is made for it.

    A stop is obeyed between two batches; the next run begins anew.
    """
    name = f"record_keys:{target}"
    with runtime.store.read() as tx:
        if tx.admin.meta(name) == KEYS:
            return
    for object in KEYED:
        if not _all_of(runtime, target, object, lease):
            return
    with lease.write() as tx:
        tx.admin.set_meta(name, KEYS)


def _all_of(runtime: Runtime, target: str, object: Mirrored, lease: Lease) -> bool:
    after = ""
    while not runtime.stop.is_set():
        with lease.write() as tx:
            held = tx.mirror.listing(target, object, after, BATCH)
            _put(tx, target, held)
        if len(held) < BATCH:
            return True
        after = held[-1].id
    return False
