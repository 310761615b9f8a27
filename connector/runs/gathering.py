"""Bring together from the mirror who may be a lead: by exact keys, by blocking keys, and by the company."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connector.model.lead import Lead
from connector.model.mirror import CrmRecord, Mirrored
from connector.model.ports import Mirror, Transaction
from connector.runs.respect import PEOPLE
from connector.runs.rows import our_key
from connector.steps.accounts import Firm, account_key, account_of_firm, as_company, firm_of
from connector.steps.alike import Profile, Weights
from connector.steps.alike import keys as blocking_keys
from connector.steps.matching import Around, Keys, Match, keys_of, match, place_of
from connector.steps.resembling import Perhaps, profile_of, profile_of_lead, resembling

#: A key that more records have says nothing.
AT_MOST = 50
#: So many of those who have most keys in common with a lead are compared with it.
MOST_COMPARED = 20

#: Records by (object, id).
Records = dict[tuple[str, str], CrmRecord]


def keys_of_all(tx: Transaction, target: str, store_id: str, leads: Sequence[Lead]) -> dict[int, Keys]:
    """The keys of leads, with the ids that another system left of them in this CRM."""
    links = tx.intake.links_of([lead.id for lead in leads], target)
    return {
        lead.id: keys_of(lead, our_key(store_id, lead.id), (link.external_id for link in links.get(lead.id, ())))
        for lead in leads
    }


def gathered(mirror: Mirror, target: str, keys: Mapping[int, Keys], around: Around) -> dict[int, list[CrmRecord]]:
    """Whoever has one of the keys, by lead; what they have become, and their accounts and deals, go into `around`."""
    by_key = mirror.find(target, "our_key", [one.our_key for one in keys.values()], PEOPLE)
    by_email = mirror.find(target, "email", words_of(word for one in keys.values() for word in addresses(one)), PEOPLE)
    by_phone = mirror.find(target, "phone", words_of(number for one in keys.values() for number in one.phones), PEOPLE)
    linked = _by_ids(mirror, target, {id for one in keys.values() for id in one.linked})
    found: dict[int, list[CrmRecord]] = {}
    for lead_id, one in keys.items():
        mine = [*by_key.get(one.our_key, ())]
        mine += [record for address in addresses(one) for record in by_email.get(address, ())]
        mine += [record for number in one.phones for record in by_phone.get(number, ())]
        mine += [record for id in one.linked for record in linked.get(id, ())]
        found[lead_id] = list({(record.object, record.id): record for record in mine}.values())
    _follow(mirror, target, (record for records in found.values() for record in records), around)
    return found


def addresses(keys: Keys) -> tuple[str, ...]:
    """All addresses that someone is known by, today's first."""
    return (keys.email, *keys.former)


def words_of(words: Iterable[str]) -> list[str]:
    """Words that are not blank, each once, in order."""
    return sorted({word for word in words if word})


def _by_ids(mirror: Mirror, target: str, ids: Collection[str]) -> dict[str, list[CrmRecord]]:
    found: dict[str, list[CrmRecord]] = {}
    for object in PEOPLE if ids else ():
        for id, record in mirror.get(target, object, sorted(ids)).items():
            found.setdefault(id, []).append(record)
    return found


def _follow(mirror: Mirror, target: str, records: Iterable[CrmRecord], around: Around) -> None:
    """Bring in what records were merged into or converted to, then the accounts and open deals of the contacts."""
    fresh: dict[tuple[str, str], CrmRecord] = {(record.object, record.id): record for record in records}
    while fresh:
        around.people |= fresh
        wanted = {place for record in fresh.values() for place in _next(record)} - around.people.keys()
        fresh = {}
        for object in PEOPLE:
            ids = sorted(id for kind, id in wanted if kind == object)
            fresh |= {(object, id): record for id, record in mirror.get(target, object, ids).items()} if ids else {}
    contacts = [record for (object, _), record in around.people.items() if object == "contact"]
    accounts = words_of(record.account for record in contacts)
    around.accounts |= mirror.get(target, "account", accounts) if accounts else {}
    _deals(mirror, target, accounts, around)
    for id, deals in mirror.find(target, "person", words_of(one.id for one in contacts), ("opportunity",)).items():
        around.deals["person", id] = deals


def _next(record: CrmRecord) -> list[tuple[str, str]]:
    merged = [(record.object, record.merged_into)] if record.merged_into else []
    contact = record.converted_to.get("contact", "")
    return [*merged, ("contact", contact)] if contact else [*merged]


def _deals(mirror: Mirror, target: str, accounts: Sequence[str], around: Around) -> None:
    for id, deals in mirror.find(target, "account", accounts, ("opportunity",)).items():
        around.deals["account", id] = deals


# who is like them


def compared(
    tx: Transaction, target: str, leads: Mapping[int, Lead], exact: Mapping[int, Keys], around: Around,
    weights: Weights, *, plain: bool = False,
) -> tuple[dict[int, Match], dict[int, tuple[Perhaps, ...]]]:  # fmt: skip
    """Who of the people with a blocking key of theirs each of these leads is, and who each of them may be.

    Those are more people than can be searched by `exact` keys: of two numbers of theirs the mirror searches one.
    """
    profiles = {lead_id: profile_of_lead(lead) for lead_id, lead in leads.items()}
    keys = {lead_id: blocking_keys(profile) for lead_id, profile in profiles.items()}
    candidates = _with_keys(tx, target, keys, PEOPLE)
    _follow(tx.mirror, target, (record for records in candidates.values() for record in records), around)
    matches: dict[int, Match] = {}
    perhaps: dict[int, tuple[Perhaps, ...]] = {}
    there: dict[tuple[str, str], Profile] = {}
    for lead_id, records in candidates.items():
        found = match(exact[lead_id], records, around, plain=plain)
        if found is None:
            there |= {place: profile_of(one) for one in records if (place := place_of(one)) not in there}
            found, doubtful = resembling(profiles[lead_id], records, around, weights, there, plain=plain)
            perhaps |= {lead_id: doubtful} if doubtful and found is None else {}
        if found is not None:
            matches[lead_id] = found
    return matches, perhaps


def _with_keys(
    tx: Transaction, target: str, keys: Mapping[int, Collection[int]], objects: Sequence[Mirrored]
) -> dict[int, list[CrmRecord]]:
    """The records with most of these keys, by lead; leads without any are absent."""
    places = tx.keys.records(target, {key for own in keys.values() for key in own}, AT_MOST)
    held: Records = {}
    for object in objects:
        ids = sorted({id for found in places.values() for kind, id in found if kind == object})
        held |= {(object, id): record for id, record in tx.mirror.get(target, object, ids).items()} if ids else {}
    found: dict[int, list[CrmRecord]] = {}
    for lead_id, own in keys.items():
        shared = Counter(place for key in own for place in places.get(key, ()) if place in held)
        most = sorted(shared, key=lambda place: (-shared[place], place))[:MOST_COMPARED]
        if most:
            found[lead_id] = [held[place] for place in most]
    return found


# their companies


@dataclass(slots=True)
class Joined:
    """Accounts by lead, what leads are by their company, and accounts of which none could be taken."""

    accounts: dict[int, CrmRecord] = field(default_factory=dict)
    companies: dict[int, Match] = field(default_factory=dict)
    undecided: dict[int, tuple[CrmRecord, ...]] = field(default_factory=dict)


def accounts_of(
    tx: Transaction, target: str, leads: Sequence[Lead], matches: Mapping[int, Match], weights: Weights
) -> Joined:
    """The account of each lead: its contact's, else that of its company."""
    found = Joined()
    firms: dict[int, Firm] = {}
    for lead in leads:
        there = matches.get(lead.id)
        if there is not None and there.account is not None:
            found.accounts[lead.id] = there.account
        else:
            firms[lead.id] = firm_of(lead)
    by_domain = tx.mirror.find(target, "domain", words_of(one.domain for one in firms.values()), ("account",))
    unknown = {lead_id: firm for lead_id, firm in firms.items() if firm.name and firm.domain not in by_domain}
    keys = {lead_id: blocking_keys(firm.profile) | {account_key(firm.name)} for lead_id, firm in unknown.items()}
    alike = _with_keys(tx, target, keys, ("account",))
    told = {
        lead_id: account_of_firm(firm, by_domain, alike.get(lead_id, ()), weights) for lead_id, firm in firms.items()
    }
    around = Around()
    _deals(tx.mirror, target, words_of(one.account.id for one in told.values() if one.account), around)
    for lead_id, one in told.items():
        if one.account is not None:
            found.accounts[lead_id] = one.account
        if one.undecided:
            found.undecided[lead_id] = one.undecided
        if lead_id not in matches and (company := as_company(one, around, firms[lead_id], weights)):
            found.companies[lead_id] = company
    return found
