"""Who is handed over once more stands in the CRM as before: their record would still say that they were rejected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import orjson

from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord
from connector.model.outbox import LANES, OutboxRow
from connector.model.ports import Transaction
from connector.runs.rows import Rows, our_key
from connector.runs.vocabulary import meta_name
from connector.steps.feedback import meaning
from connector.steps.mapping.stage import StageReading
from connector.steps.returning import AWAY

#: The field group of these rows.
GROUP = "status"


def status_rows(
    tx: Transaction, rows: Rows, pairs: Sequence[tuple[Lead, Handoff]], earlier: Mapping[int, Sequence[Handoff]]
) -> list[OutboxRow]:
    """The rows that set back the status of records of ours that say rejected or lost, of handoffs just opened.

    Only where the mapping's table and the CRM itself have one word for a lead that waits for its rep: a status that
    is no more known than that is left to people.
    """
    again = [(lead, one) for lead, one in pairs if not one.record and not one.previous_id and _was_here(one, earlier)]
    by_target: dict[str, list[tuple[Lead, Handoff]]] = {}
    for lead, handoff in again:
        by_target.setdefault(rows.target(handoff), []).append((lead, handoff))
    return [row for target, some in by_target.items() for row in _of_target(tx, rows, target, some)]


def _was_here(handoff: Handoff, earlier: Mapping[int, Sequence[Handoff]]) -> bool:
    return any(one.opened_at and one.id != handoff.id for one in earlier.get(handoff.lead_id, ()))


def _of_target(tx: Transaction, rows: Rows, target: str, some: Sequence[tuple[Lead, Handoff]]) -> Iterator[OutboxRow]:
    reading = rows.config.connections[target].mapping.stage
    word = first_word(reading, _choices(tx, target, reading.field)) if reading else ""
    if reading is None or not word:
        return
    keys = [our_key(rows.store_id, lead.id) for lead, _ in some]
    receipts = {key: one for key, one in tx.outbox.receipts(target, "lead", keys).items() if not one.gone}
    records = _records(tx, target, [one.crm_id for one in receipts.values()])
    for (lead, handoff), key in zip(some, keys, strict=True):
        record = records.get(receipts[key].crm_id) if key in receipts else None
        said = str(record.values.get(reading.field) or "") if record is not None else ""
        if meaning(reading.stages, said) in AWAY:
            yield OutboxRow(
                target=target, kind="state", object="lead", our_key=key, key=f"{target}:lead:{key}:{GROUP}",
                values={reading.field: word}, lead_id=lead.id, group=GROUP,
                lane=LANES["hot" if handoff.hot else "normal"], flow=handoff.flow, run_id=rows.run_id,
            )  # fmt: skip


def first_word(reading: StageReading, choices: Sequence[str]) -> str:
    """Their word for a lead that waits for its rep: the first of the table that the CRM has, "" where nobody knows."""
    words = [word for word, stage in reading.stages.items() if stage == "mql"]
    known = [word for word in words if word in choices] if choices else words
    return known[0] if known and (choices or len(known) == 1) else ""


def _choices(tx: Transaction, target: str, name: str) -> tuple[str, ...]:
    """What a field of the CRM's leads takes, as far as it was asked."""
    text = tx.admin.meta(meta_name(target))
    fields = orjson.loads(text)["fields"] if text else []
    return next((tuple(one["choices"]) for one in fields if (one["object"], one["name"]) == ("lead", name)), ())


def _records(tx: Transaction, target: str, ids: Sequence[str]) -> dict[str, CrmRecord]:
    found: dict[str, CrmRecord] = {}
    for object in ("contact", "lead"):
        found |= tx.mirror.get(target, object, list(ids)) if ids else {}
    return found
