"""The rows that change who owns what was handed over: the lead's record, and the task that says whom to call.

The owner of a record is a person's once it is there, and no row of the lead writes it again. These have a group of
their own, to which no respect is paid: somebody has said who it is to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.outbox import LANES, OutboxRow, Receipt
from connector.model.ports import Transaction
from connector.runs.handoff_rows import task_of
from connector.runs.rows import Rows, our_key
from connector.steps.field_rules import owner_names

#: The field group of these rows.
GROUP = "owner"
#: What is made once beside a lead and has an owner of its own.
BESIDE = ("task", "sales_lead")
#: What these say of whose they are, and by when.
OF_OWNER = frozenset({"owner", "task.owner", "task.due_at", "handoff.due_at"})
#: The names of these, where a target has no mapping for tasks.
PLAIN = ("owner", "due_at")


def owner_rows(tx: Transaction, rows: Rows, pairs: Sequence[tuple[Lead, Handoff]]) -> list[OutboxRow]:
    """The rows that make `handoff.owner` the owner there, of leads that are in the CRM or on their way there.

    A record that was there before us keeps its owner: the task on it goes to the new one. A lead that has become a
    contact is that. Who was contacted already has no task left to give on.
    """
    found: list[OutboxRow] = []
    by_target: dict[str, list[tuple[Lead, Handoff]]] = {}
    for lead, handoff in pairs:
        by_target.setdefault(rows.target(handoff), []).append((lead, handoff))
    for target, some in by_target.items():
        keys = [our_key(rows.store_id, lead.id) for lead, _ in some]
        people = {object: tx.outbox.receipts(target, object, keys) for object in ("lead", "contact")}
        beside = {
            object: tx.outbox.receipts(target, object, [rows.event(handoff, object) for _, handoff in some])
            for object in BESIDE if object in rows.objects_of(target)
        }  # fmt: skip
        first = {row.key for lead, _ in some for row in tx.outbox.rows(lead_id=lead.id, target=target)}
        for lead, handoff in some:
            found += _of_record(rows, lead, handoff, people, first)
            for object, known in beside.items():
                found += _beside(rows, lead, handoff, object, known, first)
    return found


def _of_record(
    rows: Rows, lead: Lead, handoff: Handoff, people: Mapping[str, Mapping[str, Receipt]], first: set[str]
) -> Iterator[OutboxRow]:
    if handoff.record:
        return
    key = our_key(rows.store_id, lead.id)
    known = people["lead"].get(key)
    object = "contact" if known is not None and known.gone else "lead"
    receipt = people[object].get(key)
    target = rows.target(handoff)
    before = f"{target}:{object}:{key}"
    if (receipt is None and before not in first) or (receipt is not None and receipt.gone):
        return
    values = rows.lead(lead, handoff, target=target, object=object).values
    names = owner_names(rows.config.connections[target].mapping.origins(object))
    if owner := {name: value for name, value in values.items() if name in names}:
        yield _row(rows, lead, handoff, object, key, owner, "" if receipt else before)


def _beside(
    rows: Rows, lead: Lead, handoff: Handoff, object: str, known: Mapping[str, Receipt], first: set[str]
) -> Iterator[OutboxRow]:
    target, event = rows.target(handoff), rows.event(handoff, object)
    receipt, before = known.get(event), f"{target}:{event}"
    if (object == "task" and handoff.contacted_at) or (receipt is None and before not in first):
        return
    if receipt is not None and receipt.gone:
        return
    own = task_of(rows, lead, handoff) if object == "task" else {}
    said = {f"task.{name}": value for name, value in own.items()} | ({"task.key": event} if own else {})
    mapped = rows.mapped(lead, handoff, object, said)
    values: dict[str, Any] = {name: own[name] for name in PLAIN} if own else {}
    if mapped is not None:
        origins = rows.config.connections[target].mapping.origins(object)
        values = {name: value for name, value in mapped.items() if OF_OWNER.intersection(origins.get(name, ()))}
    if values:
        yield _row(rows, lead, handoff, object, event, values, "" if receipt else before)


def _row(
    rows: Rows, lead: Lead, handoff: Handoff, object: str, key: str, values: dict[str, Any], after: str
) -> OutboxRow:
    target = rows.target(handoff)
    return OutboxRow(
        target=target, kind="state", object=object, our_key=key, key=f"{target}:{object}:{key}:{GROUP}",
        values=values, lead_id=lead.id, group=GROUP, lane=LANES["hot" if handoff.hot else "normal"], after=after,
        flow=handoff.flow, run_id=rows.run_id,
    )  # fmt: skip
