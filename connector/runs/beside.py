"""Records of one connection that are of one lead: none of them speaks for the others.

A platform that has somebody twice keeps two records, until people merge them there. Both are read on: what one of
them has empty clears nothing that the other one says, and one that has an address which is not the lead's any more
only adds what nobody has said.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from connector.model.lead import CONTACT, Lead
from connector.model.mapped import Contact
from connector.model.ports import Transaction
from connector.steps.identity import Assignment
from connector.steps.sides import statement


def beside_others(
    tx: Transaction, connection: str, assignments: Sequence[Assignment], leaving: Collection[str] = ()
) -> set[str]:  # fmt: skip
    """Ids of the contacts whose lead has another record in this connection; records that are `leaving` are none."""
    ids = sorted({one.lead_id for one in assignments if one.lead_id})
    links = tx.intake.links_of(ids, connection) if ids else {}
    there = {
        lead_id: {link.external_id for link in own if link.object == CONTACT and not link.gone and not link.merged}
        - set(leaving)
        for lead_id, own in links.items() if len(own) > 1
    }  # fmt: skip
    found = {
        one.contact.external_id for one in assignments if there.get(one.lead_id, set()) - {one.contact.external_id}
    }
    seen: dict[int, str] = {}
    for one in assignments:
        # Two records of one page may be of one new lead.
        if not one.lead_id and seen.setdefault(one.index, one.contact.external_id) != one.contact.external_id:
            found |= {one.contact.external_id, seen[one.index]}
    return found


def as_one_of_several(contact: Contact, lead: Lead, connection: str) -> Contact:
    """What a record says of a lead that has another one."""
    if contact.fields.get("email") not in lead.former:
        return replace(contact, blank=())
    return replace(contact, blank=(), fields={
        name: value for name, value in contact.fields.items()
        if statement(lead, connection, name) is None
    })  # fmt: skip


def counter_name(connection: str, contact: Contact, counter: str, beside: Collection[str]) -> str:
    """By what a lead's counter of a record is known."""
    return (
        f"{connection}:{contact.external_id}:{counter}" if contact.external_id in beside else f"{connection}:{counter}"
    )
