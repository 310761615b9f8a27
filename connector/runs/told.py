"""What a source says by now of fields that it was told: a receipt must not hide that it says something else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC

from connector.config import Connection
from connector.model.fields import OWN_FIELDS, Value
from connector.model.lead import CONTACT
from connector.model.mapped import Contact
from connector.model.outbox import Receipt, Settlement
from connector.model.ports import Transaction
from connector.steps.field_rules import CLOCKS_DIFFER, alike
from connector.steps.sides import Settled


def told_otherwise(
    tx: Transaction, connection: Connection, said: Iterable[tuple[Contact, Settled]], anew: Collection[str] = ()
) -> set[str]:
    """Bring the receipts of contacts up to what their records say, where that is newer than what they were told.

    Returns the ids of those that say something else; `anew` are those that are read for the first time since.
    """
    origins = connection.mapping.origins(CONTACT)
    plain = {name: of[0] for name, of in origins.items() if len(of) == 1 and of[0] not in OWN_FIELDS}
    contacts = {contact.external_id: (contact, settled) for contact, settled in said} if plain else {}
    receipts = tx.outbox.receipts(connection.name, CONTACT, list(contacts)) if contacts else {}
    changed = [
        new
        for key, receipt in receipts.items()
        if (new := _as_said(receipt, plain, connection, *contacts[key], anew=key in anew))
    ]
    if changed:
        tx.outbox.put_receipts(changed)
    return {one.our_key for one in changed}


def read_anew(tx: Transaction, connection: Connection, written: Sequence[Settlement]) -> None:
    """What was told is read whatever it says: somebody may set it back, to what was read last, before it is read."""
    origins = connection.mapping.origins(CONTACT)
    plain = {name for name, of in origins.items() if of and not OWN_FIELDS.keys() & set(of)}
    told = [one.row for one in written if one.state == "done" and one.row.object == CONTACT] if plain else []
    ids = [row.our_key for row in told if plain & row.values.keys()]
    links = tx.intake.links(connection.name, CONTACT, ids) if ids else {}
    known = [replace(link, digest=0) for link in links.values() if not link.gone and not link.merged]
    if known:
        tx.intake.put_links(known)


def _as_said(
    receipt: Receipt,
    plain: Mapping[str, str],
    connection: Connection,
    contact: Contact,
    settled: Settled,
    *,
    anew: bool,
) -> Receipt | None:
    read = {name: of for name, of in plain.items() if of in contact.fields or of in contact.blank}
    seen: dict[str, Value] = {of: contact.fields.get(of, "") for of in read.values()}
    there, _ = connection.mapping.to_platform(CONTACT, seen, creating=False)
    # Read for the first time since, what was changed about when we wrote was set back: ours would say what we wrote.
    written = receipt.at - CLOCKS_DIFFER if receipt.at and anew else receipt.at
    said_at = contact.at or ("~" if anew else "")
    newer = written is not None and said_at > written.astimezone(UTC).isoformat()
    new = settled.decided | settled.undecidable
    values = {
        name: there[name]
        for name, of in read.items()
        if name in receipt.values and name in there and (newer or of in new)
        if not alike(receipt.values[name], there[name])
    }
    return replace(receipt, values=values) if values else None
