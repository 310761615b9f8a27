"""What was taken back is not written again, until our side says something else."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from connector.model.outbox import OutboxRow
from connector.model.ports import Transaction
from connector.steps.undoing import held

#: Without this a membership says something else.
WHETHER = "member"


def hold_back(tx: Transaction, rows: Sequence[OutboxRow]) -> None:
    """Take out of rows of state what a run wrote that was taken back since."""
    states = sorted((row for row in rows if row.kind == "state" and not row.group), key=_kind)
    for (target, object), some in groupby(states, key=_kind):
        mine = list(some)
        keys = [row.our_key for row in mine]
        undone = tx.images.undone(target, object, keys)
        receipts = tx.outbox.receipts(target, object, list(undone)) if undone else {}
        for row in mine:
            if row.our_key in undone and row.our_key in receipts:
                there, images = receipts[row.our_key].values, undone[row.our_key]
                row.values = {
                    name: value for name, value in row.values.items() if not held(name, value, there.get(name), images)
                }


def still_said(tx: Transaction, rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    """Those rows of which something is left to be said."""
    hold_back(tx, rows)
    return [row for row in rows if row.values and (row.object != "membership" or WHETHER in row.values)]


def _kind(row: OutboxRow) -> tuple[str, str]:
    return row.target, row.object
