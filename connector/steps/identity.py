"""Whose record is it: the id map first, then the exact email, where the names do not contradict.

An address of a role (info@, sales@) belongs to a company, not to a person, and never links
two records; nor does a text that is no address ("to follow"), nor an address that very many have. A family, an
assistant or an agency may share one: of those who have it, whose name agrees best is meant, and where it agrees with
nobody's it is somebody new. Two records of one page may be the same new person: the first makes the lead, the others
join it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from connector.model.lead import Lead, Link
from connector.model.mapped import Contact
from connector.model.sentences import NO_ADDRESS
from connector.steps.former import note_former
from connector.steps.namesakes import NEVER, Called, called, goes_with, names_of
from connector.steps.normalise.values import derive
from connector.steps.sides import Settled, Terms, speak, unite

#: Fields about where a person came from; the first value of each is kept apart under `first.`.
ORIGIN = ("source", "medium", "campaign", "term", "content", "landing_page", "referrer")
FIRST = {name: f"first.{name}" for name in ORIGIN}
#: An address that so many leads have says nothing of any of them.
SHARED_BY_MANY = 25
#: Fields by which records are found alike.
LIKENESS = frozenset({
    "email", "phone", "mobile", "linkedin", "company.name", "company.domain", "street", "postal_code", "city",
    "country",
})  # fmt: skip
_NOBODY: Mapping[int, Lead] = MappingProxyType({})


def is_known_by(names: Iterable[str]) -> bool:
    """Whether a lead is found by any of these fields: it is to be compared anew when one of them changes."""
    return any(name in LIKENESS or name.startswith(("name.", "custom.")) for name in names)


@dataclass(slots=True)
class Assignment:
    """A contact and whose it is: `lead_id`, or `index` of the new lead on this page, counted from 0."""

    contact: Contact
    lead_id: int = 0
    index: int = -1


def identifying_email(contact: Contact) -> str:
    """The email that may identify a person, "" where there is none, where it is a role's, or no address at all."""
    kind = contact.fields.get("email_class") or contact.derived.get("email_class")
    if kind == "role" or contact.flags.get("email") == NO_ADDRESS:
        return ""
    return str(contact.fields.get("email", ""))


@dataclass(slots=True)
class _Bearer:
    """Somebody who has an address: a lead that is known, or the new one `index`, and the records it is made of."""

    lead: Lead | None
    index: int = -1
    contacts: list[Contact] = field(default_factory=list)
    names: list[Called] = field(default_factory=list)

    def goes_with(self, name: Called) -> int:
        """How a name goes together with all that this one is called."""
        if not self.names and self.lead is not None:
            self.names += names_of(self.lead)
        self.names += [called(one.fields) for one in self.contacts]
        self.contacts.clear()
        levels = [goes_with(name, one) for one in self.names]
        return NEVER if NEVER in levels else max(levels)


def assign(
    contacts: Sequence[Contact],
    links: Mapping[str, Link],
    by_email: Mapping[str, Sequence[int]],
    leads: Mapping[int, Lead] = _NOBODY,
) -> list[Assignment]:
    """Decide for each contact of a page which lead it is, in the order given.

    `leads` are those of `by_email`, oldest first, whose names tell who of several is meant.
    """
    bearers: dict[str, list[_Bearer]] = {}
    new_by_id: dict[str, int] = {}
    new_leads = 0
    assignments = []
    for contact in contacts:
        link = links.get(contact.external_id)
        if link is not None:
            assignments.append(Assignment(contact, link.lead_id))
            continue
        email, index = identifying_email(contact), new_by_id.get(contact.external_id, -1)
        if email and email not in bearers:
            bearers[email] = _known(by_email.get(email, ()), leads)
        bearer = _meant(contact, bearers[email]) if email and index < 0 else None
        if bearer is not None and bearer.lead is not None:
            bearer.contacts.append(contact)
            assignments.append(Assignment(contact, bearer.lead.id))
            continue
        if index < 0:
            index = bearer.index if bearer is not None else new_leads
            new_leads += bearer is None
        new_by_id[contact.external_id] = index
        if email:
            _note(bearers[email], index, contact)
        assignments.append(Assignment(contact, index=index))
    return assignments


def _known(ids: Sequence[int], leads: Mapping[int, Lead]) -> list[_Bearer]:
    if len(ids) > SHARED_BY_MANY:
        return []
    return [_Bearer(leads.get(lead_id) or Lead(id=lead_id)) for lead_id in ids]


def _meant(contact: Contact, bearers: Sequence[_Bearer]) -> _Bearer | None:
    """Whose name agrees best with a record's, the first of several; None where there is nobody whom it can mean."""
    if not bearers:
        return None
    name = called(contact.fields)
    best = max(bearers, key=lambda one: one.goes_with(name))
    return best if best.goes_with(name) > NEVER else None


def _note(bearers: list[_Bearer], index: int, contact: Contact) -> None:
    """A new lead has an address."""
    for one in bearers:
        if one.index == index:
            one.contacts.append(contact)
            return
    bearers.append(_Bearer(None, index, [contact]))


def new_lead(contact: Contact, connection: str, at: str) -> Lead:
    """A lead made of its first record; `at` (ISO, UTC) is when the record was read."""
    fields = dict(contact.fields)
    for name, first in FIRST.items():
        if name in fields:
            fields.setdefault(first, fields[name])
    said = dict.fromkeys(fields, (connection, contact.at or at))
    fields.update(contact.derived)
    counters = {f"{connection}:{name}": value for name, (value, _) in contact.counters.items()}
    return Lead(fields=fields, said=said, flags=dict(contact.flags), counters=counters)


def absorb(
    lead: Lead, contact: Contact, connection: str, at: str, terms: Terms | None = None, found: Settled | None = None,
    read_until: str = "",
) -> list[str]:  # fmt: skip
    """Take over what a record says; returns the names of fields that changed.

    A blank clears only what this same connection had said: an empty column elsewhere is no
    news. `said` keeps who said the present value and since when. A connection that has nothing
    to add to what others said is named by its id of the person: flows take leads by who knows them.

    With `terms`, others speak too: what they say is kept, the field's rule says which value is in force, and
    `found` gathers what could and what could not be decided. What this connection says anew it says after
    `read_until`. Without, whoever speaks last is right.
    """
    stamp = (connection, contact.at or at)
    if terms is None:
        changed = _take(lead, contact, stamp)
    else:
        said = {**contact.fields, **dict.fromkeys(contact.blank)}
        settled = speak(lead, connection, said, stamp[1], terms, read_until)
        changed = settled.changed
        if found is not None:
            found.undecidable |= settled.undecidable
            found.decided |= settled.decided
    for name in changed:
        if name in ORIGIN and name in lead.fields and f"first.{name}" not in lead.fields:
            lead.fields[f"first.{name}"] = lead.fields[name]
            lead.said[f"first.{name}"] = stamp
    if all(by != connection for by, _ in lead.said.values()) and connection not in lead.sides:
        name = f"links.{connection}"
        lead.fields[name], lead.said[name] = contact.external_id, stamp
        changed.append(name)
    lead.flags.update({name: reason for name, reason in contact.flags.items() if _in_force(lead, contact, name)})
    return changed + derive_again(lead) if changed else []


def _in_force(lead: Lead, contact: Contact, name: str) -> bool:
    return name not in contact.fields or lead.fields.get(name) == contact.fields[name]


def _take(lead: Lead, contact: Contact, stamp: tuple[str, str]) -> list[str]:
    """Take over the values and the blanks of the only one who speaks."""
    connection, changed = stamp[0], []
    email, flag = lead.fields.get("email"), lead.flags.get("email", "")
    for name, value in contact.fields.items():
        if lead.fields.get(name) != value:
            lead.fields[name] = value
            lead.said[name] = stamp
            lead.flags.pop(name, None)
            changed.append(name)
    for name in contact.blank:
        if name in lead.fields and lead.said.get(name, ("",))[0] == connection:
            del lead.fields[name]
            lead.said[name] = stamp
            lead.flags.pop(name, None)
            changed.append(name)
    note_former(lead, email, flag)
    return changed


def join(winner: Lead, loser: Lead, terms: Terms | None = None, found: Settled | None = None) -> list[str]:
    """Take over from a lead that became one with `winner` what only it knew; returns the names of fields that changed.

    Where both know something, all words are kept, and the rule of the field and the order of the sources say which is
    in force (`sides.unite`); `found` gathers what could and what could not be decided.
    """
    missing = [name for name in loser.fields if name not in winner.fields and name in loser.said]
    missing = [name for name in missing if name not in winner.said and _belongs(name, winner, loser)]
    settled, crm = unite(winner, loser, terms or Terms(), found), terms.crm if terms else ""
    for name in missing:
        winner.fields[name], winner.said[name] = loser.fields[name], loser.said[name]
        if name in loser.flags:
            winner.flags[name] = loser.flags[name]
        for connection, said in loser.sides.items():
            if name in said and (said[name].at or connection != crm):
                winner.sides.setdefault(connection, {}).setdefault(name, said[name])
    for name, value in loser.counters.items():
        winner.counters.setdefault(name, value)
    changed = missing + settled
    return changed + derive_again(winner) if changed else []


#: Parts of something, and the field that tells whether it is the same thing: an extension is of one number.
_PART_OF = {
    "phone_extension": "phone", "street": "city", "postal_code": "city", "region": "city", "city": "country",
}  # fmt: skip


def _belongs(name: str, winner: Lead, loser: Lead) -> bool:
    """Whether what only the other knows fits what the winner has: a street is of one town."""
    whole = _PART_OF.get(name, "")
    if not whole or whole not in winner.fields:
        return not whole or _belongs(whole, winner, loser)
    return winner.fields[whole] == loser.fields.get(whole)


def derive_again(lead: Lead) -> list[str]:
    """Bring what follows from a lead's fields up to date; returns the names that changed."""
    derived = derive(lead.fields, lead.said)
    stale = [name for name in lead.fields if name not in lead.said and name not in derived]
    changed = [name for name, value in derived.items() if lead.fields.get(name) != value]
    for name in stale:
        del lead.fields[name]
    lead.fields.update(derived)
    return changed + stale


def who_is_left(id: str, into: Mapping[str, str]) -> str:
    """The record that is left of one after several merges; `into` names for each loser its winner."""
    seen = {id}
    while (following := into.get(id, "")) and following not in seen:
        seen.add(following)
        id = following
    return id
