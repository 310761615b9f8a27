"""What is told of a fault beside its reason: what kind it is, the field by its label, the record, what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from connector.cli.faulty import Fault, of_item, of_row, open_items
from connector.model.refusals import RefusalKind, kind_of

if TYPE_CHECKING:
    from connector.app import App
    from connector.model.outbox import OutboxRow
    from connector.model.ports import Transaction
    from connector.steps.telling.words import Words


@dataclass(slots=True)
class Letters:
    """Explains faults; what it needs of a connection is read once."""

    app: App
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
        from connector.cli.standing import capabilities

        for target in set(targets) - self.kinds.keys():
            told = capabilities(self.app, target) if target in self.app.config.connections else None
            self.kinds[target] = told.refusal_kinds if told else {}

    def _explained(self, fault: Fault, record: str) -> Fault:
        from connector.steps.telling.next_steps import next_step_of_item

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
        from connector.steps.telling.next_steps import Refusal, next_step

        connection = self.app.config.connections.get(fault.target)
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


def explained(app: App, words: Words, faults: Sequence[Fault]) -> list[Fault]:
    """The faults with all that is told of them."""
    letters = Letters(app, words)
    letters.prepare([one.target for one in faults if one.row_id])
    with app.store.read() as tx:
        return letters.explained(tx, faults)


def next_steps(app: App, words: Words, rows: Sequence[OutboxRow]) -> dict[int, str]:
    """What to do about rows that only a person moves, by their id."""
    stuck = [of_row(row) for row in rows if row.state in ("dead", "parked")]
    return {one.row_id: one.next for one in explained(app, words, stuck)} if stuck else {}


def notes_of(app: App, words: Words, lead_id: int) -> list[str]:
    """What the fix queue has about a lead, and what to do; not what it lacks to be handed over."""
    from connector.cli.errors import reason

    with app.store.read() as tx:
        about = [of_item(item) for item in open_items(tx) if item.lead_id == lead_id and item.kind != "missing_fields"]
    told = explained(app, words, about) if about else []
    return [" → ".join(part for part in (reason(one, words), one.next) if part) for one in told]
