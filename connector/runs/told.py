"""What a source says by now of fields that it was told: a receipt must not hide that it says something else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC

from connector.config import Connection
from connector.model.fields import OWN_FIELDS, Value
from connector.model.lead import CONTACT
from connector.model.mapped import Contact
from connector.model.outbox import Receipt
from connector.model.ports import Transaction
from connector.steps.field_rules import alike
from connector.steps.sides import Settled


def told_otherwise(tx: Transaction, connection: Connection, said: Iterable[tuple[Contact, Settled]]) -> None:
    """Bring the receipts of contacts up to what their records say, where that is newer than what they were told."""
    origins = connection.mapping.origins(CONTACT)
    plain = {name: of[0] for name, of in origins.items() if len(of) == 1 and of[0] not in OWN_FIELDS}
    contacts = {contact.external_id: (contact, settled) for contact, settled in said} if plain else {}
    receipts = tx.outbox.receipts(connection.name, CONTACT, list(contacts)) if contacts else {}
    changed = [
        new for key, receipt in receipts.items() if (new := _as_said(receipt, plain, connection, *contacts[key]))
    ]
    if changed:
        tx.outbox.put_receipts(changed)


def _as_said(
    receipt: Receipt, plain: Mapping[str, str], connection: Connection, contact: Contact, settled: Settled
) -> Receipt | None:
    read = {name: of for name, of in plain.items() if of in contact.fields or of in contact.blank}
    seen: dict[str, Value] = {of: contact.fields.get(of, "") for of in read.values()}
    there, _ = connection.mapping.to_platform(CONTACT, seen, creating=False)
    newer = receipt.at is not None and contact.at > receipt.at.astimezone(UTC).isoformat()
    new = settled.decided | settled.undecidable
    values = {
        name: there[name]
        for name, of in read.items()
        if name in receipt.values and name in there and (newer or of in new)
        if not alike(receipt.values[name], there[name])
    }
    return replace(receipt, values=values) if values else None
