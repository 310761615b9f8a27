"""Rows of the outbox as requests: what they hang on, what was acknowledged before, what is left to be said."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from connector.model.adapter import CrmCapabilities, FindItem, WriteItem
from connector.model.outbox import OutboxRow, Receipt
from connector.model.ports import Transaction
from connector.runs.respect import PEOPLE
from connector.steps.delivery import differing

#: Receipts of a batch by (object, our key).
Receipts = dict[tuple[str, str], Receipt]
#: What a lead becomes where a person converts it.
BECOMES = "contact"


def gather(tx: Transaction, target: str, rows: Sequence[OutboxRow]) -> Receipts:
    """Receipts of the rows' own objects and of those that they hang on or join."""
    wanted = {(row.object, row.our_key) for row in rows}
    wanted |= {(object, row.parent) for row in rows if row.parent for object in (row.parent_object, BECOMES)}
    wanted |= {pair for row in rows for pair in joined(row)}
    found: Receipts = {}
    for object_name, pairs in groupby(sorted(wanted), key=lambda pair: pair[0]):
        for key, receipt in tx.outbox.receipts(target, object_name, [pair[1] for pair in pairs]).items():
            found[object_name, key] = receipt
    return found


def joined(row: OutboxRow) -> list[tuple[str, str]]:
    """(object, our key) of what an association joins its parent to."""
    return [(name, str(key)) for name, key in row.values.items()] if row.object == "association" else []


def parent_of(row: OutboxRow, receipts: Receipts) -> tuple[str, str]:
    """(what the row hangs on, its id in the CRM): a lead that was converted is the contact it became."""
    receipt = receipts.get((row.parent_object, row.parent)) if row.parent else None
    if receipt is not None and receipt.gone and (became := receipts.get((BECOMES, row.parent))):
        return BECOMES, became.crm_id
    return row.parent_object, receipt.crm_id if receipt else ""


def write_item(row: OutboxRow, receipts: Receipts) -> WriteItem:
    """The request for one row: everything for a create, else only what differs."""
    known = receipts.get((row.object, row.our_key))
    values = differing(row.values, known)
    values |= {pair[0]: receipts[pair].crm_id if pair in receipts else "" for pair in joined(row)}
    parent_object, parent_id = parent_of(row, receipts)
    crm_id = known.crm_id if known else row.crm_id
    said = known.values if known else {}
    return WriteItem(row.object, row.our_key, values, crm_id, parent_id, row.attempts, parent_object, row.lane, said)


def is_gone(row: OutboxRow, receipts: Receipts) -> bool:
    """Whether what the row is about, or hangs on, was deleted by a person: it is not made again."""
    if row.parent:
        places = [receipts.get((row.parent_object, row.parent)), receipts.get((BECOMES, row.parent))]
        there = [receipt.gone for receipt in places if receipt]
        return bool(there) and all(there)
    known = receipts.get((row.object, row.our_key))
    return known is not None and known.gone


def is_alone(row: OutboxRow, receipts: Receipts) -> bool:
    """Whether what the row hangs on was never written: a person dropped it."""
    return bool(row.parent) and row.kind == "once" and not parent_of(row, receipts)[1]


def unheard(
    tx: Transaction, target: str, rows: Sequence[OutboxRow], receipts: Receipts, capabilities: CrmCapabilities
) -> frozenset[int]:
    """Ids of rows that hang on somebody who is gone, as a write has found; what they became was not told yet."""
    parents = {
        row.id: receipts[row.parent_object, row.parent].crm_id
        for row in rows
        if row.kind == "once" and row.parent_object in PEOPLE and row.parent and is_gone(row, receipts)
    }
    if not parents or not capabilities.streams:
        return frozenset()
    told: set[str] = set()
    for object in PEOPLE:
        for id, record in tx.mirror.get(target, object, sorted(set(parents.values()))).items():
            if record.gone or record.merged_into or record.converted_to:
                told.add(id)
    return frozenset(row_id for row_id, id in parents.items() if id not in told)


def find_item(row: OutboxRow, receipts: Receipts) -> FindItem:
    """The look-up for one row; a second look goes by our key, since it asks how many carry it.

    What was there before us, or became of a lead, carries no key of ours: it is looked up by its id each time.
    """
    by_key = row.kind == "verify" and row.object != BECOMES
    known = None if by_key else receipts.get((row.object, row.our_key))
    crm_id = known.crm_id if known else row.crm_id
    parent_object, parent_id = parent_of(row, receipts)
    return FindItem(row.object, row.our_key, crm_id, parent_id, parent_object)


def sent_before(tx: Transaction, target: str, object: str, our_key: str, lead_id: int) -> list[dict[str, Any]]:
    """The values that were sent of an object, delivered or not: what was never answered may arrive late.

    What is superseded and was never claimed has not left.
    """
    left = tx.outbox.rows(lead_id=lead_id, states=("superseded",), target=target) if lead_id else []
    unanswered = [row.values for row in left if row.attempts and (row.object, row.our_key) == (object, our_key)]
    return tx.outbox.done_values(target, object, our_key) + unanswered
