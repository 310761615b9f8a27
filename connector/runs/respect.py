"""Leave out of what is written to a lead in a CRM what is a person's there: filled fields, and the owner."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from connector.config import Config
from connector.model.mirror import CrmRecord, Mirrored
from connector.model.outbox import OutboxRow, Receipt
from connector.model.ports import Transaction
from connector.runs.held import hold_back
from connector.runs.restore import is_restored
from connector.steps.field_rules import alike, own_names, owner_names, sendable, stale

#: What our leads may be among the CRM's records.
PEOPLE: tuple[Mirrored, ...] = ("lead", "contact")


def by_name(names: Iterable[str], values: Mapping[str, object]) -> dict[str, object]:
    """Values by our spelling of their names: platforms do not tell capitals apart."""
    folded = {name.casefold(): value for name, value in values.items()}
    return {name: folded[name.casefold()] for name in names if name.casefold() in folded}


def fight_key(target: str, object: str, our_key: str, name: str) -> str:
    """The key of the notice that a field of one record is left alone, since somebody else keeps changing it."""
    return f"fight:{target}:{object}.{name}:{our_key}"


def left_alone(tx: Transaction, target: str, object: str, fields: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the fields (our key of the record, name) that are left alone."""
    keys = {fight_key(target, object, our_key, name): (our_key, name) for our_key, name in fields}
    return {keys[key] for key in tx.reviews.is_open("notice", list(keys))}


def respected(tx: Transaction, config: Config, made: Sequence[OutboxRow]) -> list[OutboxRow]:
    """The rows, without what is not ours to write in the people that they are about.

    Only where the mirror has the record. An owner who is no active person is replaced. What two
    writers fought about is left alone. Once the store was put back, what stands there as we would write it
    counts as ours: it was written since the copy was made, and is written again for the sake of the receipt.
    """
    people = [row for row in made if row.kind == "state" and row.object in PEOPLE]
    for target, object in sorted({(row.target, row.object) for row in people}):
        mine = [row for row in people if (row.target, row.object) == (target, object)]
        receipts = tx.outbox.receipts(target, object, [row.our_key for row in mine])
        records = _records(tx, target, {receipt.crm_id for receipt in receipts.values()})
        owners = sorted({record.owner for record in records.values() if record.owner})
        users = tx.mirror.get(target, "user", owners) if owners else {}
        own = own_names(config.connections[target].mapping.origins(object))
        written = {(row.our_key, name) for row in mine for name in own & row.values.keys()}
        fought = left_alone(tx, target, object, written) if records else set()
        restored = bool(records) and is_restored(tx)
        for row in mine:
            receipt = receipts.get(row.our_key)
            record = records.get(receipt.crm_id) if receipt else None
            if receipt is not None and record is not None:
                user = users.get(record.owner)
                keep_owner = user is not None and user.active and not user.gone
                kept = _allowed(config, row, receipt, record, keep_owner=keep_owner, same_is_ours=restored)
                row.values = {name: value for name, value in kept.items() if (row.our_key, name) not in fought}
    hold_back(tx, people)
    return list(made)


def _records(tx: Transaction, target: str, ids: Collection[str]) -> dict[str, CrmRecord]:
    found: dict[str, CrmRecord] = {}
    for object in PEOPLE if ids else ():
        found |= tx.mirror.get(target, object, sorted(ids))
    return found


def _allowed(
    config: Config, row: OutboxRow, receipt: Receipt, record: CrmRecord, *, keep_owner: bool, same_is_ours: bool
) -> dict[str, object]:
    origins = config.connections[row.target].mapping.origins(row.object)
    owner = owner_names(origins)
    values = {name: value for name, value in row.values.items() if name not in owner}
    there = by_name(origins, record.values)
    if stale(record, receipt.at):
        there |= receipt.values
    own = own_names(origins)
    if same_is_ours:
        own |= {name for name, value in values.items() if alike(there.get(name), value)}
    kept = sendable(values, own, receipt.values, there)
    return kept if keep_owner else {**{name: row.values[name] for name in owner & row.values.keys()}, **kept}
