"""What is told of a fault beside its reason: what kind it is, the field by its label, the record, what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from connector.model import sentences
from connector.model.errors import BatonError
from connector.model.outbox import OutboxRow
from connector.model.ports import Transaction
from connector.model.refusals import RefusalKind, kind_of
from connector.runs.faults import Fault, of_item, of_row, open_items
from connector.runs.runtime import Runtime
from connector.steps.telling import vocabulary
from connector.steps.telling.next_steps import Refusal, labelled, next_step, next_step_of_item
from connector.steps.telling.vocabulary import FIELDS
from connector.steps.telling.words import Words, field_name


@dataclass(slots=True)
class Letters:
    """Explains faults; what it needs of a connection is read once."""

    runtime: Runtime
    words: Words
    kinds: dict[str, Mapping[str, RefusalKind]] = field(default_factory=dict)
    labels: dict[str, Mapping[tuple[str, str], str]] = field(default_factory=dict)

    def explained(self, tx: Transaction, faults: Sequence[Fault]) -> list[Fault]:
        """The faults with all that is told of them. `prepare` must have been called for them."""
        records = self._records(tx, faults)
        for target in {one.target for one in faults} - self.labels.keys():
            self.labels[target] = labels(tx, target)
        return [self._explained(one, records.get((one.target, one.object, one.our_key), "")) for one in faults]

    def prepare(self, targets: Sequence[str]) -> None:
        """Ask adapters what their codes mean. Not within a transaction: an adapter that is made now opens one."""
        for target in set(targets) - self.kinds.keys():
            self.kinds[target] = self._kinds(target) if target in self.runtime.config.connections else {}

    def _kinds(self, target: str) -> Mapping[str, RefusalKind]:
        """What the codes of a platform mean; nothing where it is no CRM, or cannot say now."""
        try:
            return self.runtime.crm(target).capabilities.refusal_kinds
        except BatonError:
            return {}

    def _explained(self, fault: Fault, record: str) -> Fault:
        label = self.labels[fault.target].get((fault.object, fault.field), "")
        if fault.item is not None:
            said = next_step_of_item(
                fault.kind, self.words, id=fault.id, key=fault.item.key, name=fault.field, platform=fault.target,
                flow=fault.flow,
            )  # fmt: skip
            return replace(fault, label=label, next=said)
        kind = kind_of(fault.code, self.kinds.get(fault.target, {}))
        return replace(
            fault, label=label, refusal=kind, record=fault.record or record, next=self._next(fault, kind, label)
        )

    def _next(self, fault: Fault, kind: RefusalKind, label: str) -> str:
        connection = self.runtime.config.connections.get(fault.target)
        origins = connection.mapping.origins(fault.object) if connection else {}
        about = Refusal(
            fault.id, kind, fault.target, fault.object, fault.field, label, tuple(origins.get(fault.field, ())),
            undecided=fault.kind == "parked", configured=connection is not None,
        )  # fmt: skip
        return next_step(about, self.words)

    def _records(self, tx: Transaction, faults: Sequence[Fault]) -> dict[tuple[str, str, str], str]:
        """Ids in the platform, as last acknowledged."""
        found = {}
        for target, object in {(one.target, one.object) for one in faults if one.our_key and not one.record}:
            keys = [one.our_key for one in faults if (one.target, one.object) == (target, object)]
            for key, receipt in tx.outbox.receipts(target, object, keys).items():
                found[target, object, key] = receipt.crm_id
        return found


def labels(tx: Transaction, target: str) -> Mapping[tuple[str, str], str]:
    """What people see of a platform's fields, by (object, name), as far as it was asked what it takes."""
    import orjson

    from connector.runs.vocabulary import meta_name

    text = tx.admin.meta(meta_name(target)) if target else ""
    kept: list[dict[str, Any]] = orjson.loads(text)["fields"] if text else []
    return {(one["object"], one["name"]): one.get("label", "") for one in kept}


def explained(runtime: Runtime, words: Words, faults: Sequence[Fault]) -> list[Fault]:
    """The faults with all that is told of them."""
    letters = Letters(runtime, words)
    letters.prepare([one.target for one in faults if one.row_id])
    with runtime.store.read() as tx:
        return letters.explained(tx, faults)


def next_steps(runtime: Runtime, words: Words, rows: Sequence[OutboxRow]) -> dict[int, str]:
    """What to do about rows that only a person moves, by their id."""
    stuck = [of_row(row) for row in rows if row.state in ("dead", "parked")]
    return {one.row_id: one.next for one in explained(runtime, words, stuck)} if stuck else {}


def notes_of(runtime: Runtime, words: Words, lead_id: int) -> list[str]:
    """What the fix queue has about a lead, and what to do; not what it lacks to be handed over."""
    with runtime.store.read() as tx:
        about = [of_item(item) for item in open_items(tx) if item.lead_id == lead_id and item.kind != "missing_fields"]
    told = explained(runtime, words, about) if about else []
    return [" → ".join(part for part in (reason(one, words), one.next) if part) for one in told]


def where(fault: Fault, words: Words, *, lead: bool = True) -> str:
    """Its place: a file and line, a lead, or an object of a CRM with its id there."""
    if not fault.object:
        return words.retell(fault.where)
    target = fault.where.partition(f": {fault.object}")[0]
    said = f"{target}: {words.translate(vocabulary.OBJECTS.get(fault.object, fault.object))}"
    if lead and fault.record:
        said += f" {fault.record}"
    return f"{said} ({words.say(sentences.LEAD, id=fault.lead)})" if lead and fault.lead else said


def reason(fault: Fault, words: Words) -> str:
    """The field, in words, and what is wrong with it."""
    names = words.translate(", ").join(called(name.strip(), words) for name in fault.field.split(","))
    if fault.kind == "missing_fields":
        return words.translate("over the line, but lacks: %(fields)s") % {"fields": names}
    said = words.retell(fault.reason)
    if fault.code and fault.code not in said:
        said = f"{said} [{fault.code}]"
    # An adapter that knows the field's label says it with its object: Lead.Phone (Phone).
    before = fault.reason.partition(":")[0]
    named = not fault.field or before == fault.field or f".{fault.field}" in before
    return said if named else f"{labelled(fault.field, fault.label) if fault.label else names}: {said}"


def called(name: str, words: Words) -> str:
    """A field of ours in words, a platform's by its name as it stands there."""
    ours = name in FIELDS or name.startswith(("first.", "custom."))
    return field_name(name, words.translate) if ours else name
