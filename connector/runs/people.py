"""Whose an activity is: by the platform's id of the person, else by the address it names."""

from __future__ import annotations

from collections.abc import Sequence

from connector.model.activity import Activity
from connector.model.lead import CONTACT
from connector.model.ports import Transaction
from connector.steps.identity import SHARED_BY_MANY
from connector.steps.normalise.mail import NO_ADDRESS, email


def assign_people(tx: Transaction, connection: str, activities: Sequence[Activity]) -> None:
    """Set `lead_id` of each activity, 0 where nobody is known.

    A person told by address, as events of emails and forms tell it, is called by its normalised
    form from then on, so that a contact who comes later finds what waited.
    """
    people = list({one.person for one in activities})
    leads = tx.intake.lead_ids(connection, CONTACT, people)
    addresses = _addresses([person for person in people if person not in leads])
    by_address = _by_address(tx, connection, list(set(addresses.values())))
    for one in activities:
        address = addresses.get(one.person)
        if address is None:
            one.lead_id = leads.get(one.person, 0)
        else:
            one.person, one.lead_id = address, by_address.get(address, 0)


def _addresses(people: Sequence[str]) -> dict[str, str]:
    """Normalised addresses, by what was told, of those that are addresses."""
    found: dict[str, str] = {}
    for person in people:
        if "@" in person:
            address, fault = email(person)
            if fault != NO_ADDRESS:
                found[person] = address
    return found


def _by_address(tx: Transaction, connection: str, addresses: Sequence[str]) -> dict[str, int]:
    """The lead of each address; of several who share it the one that this connection knows, else the oldest."""
    if not addresses:
        return {}
    found = tx.intake.by_email(addresses, SHARED_BY_MANY)
    several = [lead_id for ids in found.values() if len(ids) > 1 for lead_id in ids]
    known = tx.intake.links_of(several, connection) if several else {}
    return {address: next((lead_id for lead_id in ids if lead_id in known), ids[0]) for address, ids in found.items()}
