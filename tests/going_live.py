"""Going live with HubSpot and a Salesforce that holds some of the same people: who is who, and what the books say.

What is known to be true (`Truth`) is kept apart from everything that Baton sees, and what Baton wrote is
taken from the servers' own ledgers, deed by deed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connector.config.types import Identity
from connector.model.ports import Store, Transaction
from connector.runs.look_up import known
from connector.sandbox.hubspot import Portal, add_contacts
from connector.sandbox.ledger import Deed
from connector.sandbox.salesforce import Org
from connector.sandbox.salesforce.seeding import Truth
from connector.selftest.books import CRM, EVERY, SOURCE, Books, books, compare, handoffs_of
from connector.steps.alike import ORGANISATION, PERSON
from connector.steps.normalise.countries import country
from connector.steps.normalise.values import company_key
from tests.pair import REASONS

__all__ = ["CRM", "EVERY", "SOURCE", "Books", "books", "handoffs_of"]

IDENTITY = Identity(PERSON, ORGANISATION)
CAMPAIGN = "Going live"

HUBSPOT = 'streams = ["contacts", "archived", "email_events", "form_submissions", "events"]\n'
SALESFORCE = f'mapping = "salesforce.toml"\ncampaign = "{CAMPAIGN}"\n'
FILES = {"salesforce.toml": REASONS}
#: About one in four is over the line, with many different totals.
CRITERIA = """\
[flows.b2b.conditions]
asked = { activity = "demo_request", within = "180 days" }
[flows.b2b.fit]
"Manager or above"  = { points = 10, field = "job_level", at_least = "manager" }
"Director or above" = { points = 15, field = "job_level", at_least = "director" }
[flows.b2b.engagement]
"Email clicked"     = { points = 5, activity = "email_click", each = true, half_life = "90 days" }
"Email opened"      = { points = 2, activity = "email_open", each = true, half_life = "90 days" }
[flows.b2b.intent]
"Pricing page seen" = { points = 10, activity = "pricing_view", each = true, up_to = 20, half_life = "90 days" }
"Asked for a demo"  = { points = 25, activity = "demo_request", half_life = "180 days" }
[flows.b2b.total]
at_most = { fit = 40, engagement = 30, intent = 40 }
letter  = { A = 25, B = 10, C = 5 }
number  = { 1 = 25, 2 = 15, 3 = 5 }
[flows.b2b.gates]
mql      = { any = ["asked", { score = "total", at_least = 25 }] }
mql_ends = { score = "total", below = 15 }
hot      = { any = ["asked", { grade = ["A1"] }] }
nurture  = { when = { score = "total", at_least = 20 }, list = "Baton: warm" }
[flows.b2b.reasons]
not_now  = { list = "Baton: later", back_after = "90 days" }
"""


def flow(more: str = "") -> str:
    """The flow's settings, `more` among the plain ones."""
    return more + CRITERIA


@dataclass(frozen=True, slots=True)
class World:
    """Who is in both platforms: the contacts' ids, their properties by id, and who of them Salesforce has."""

    people: Mapping[str, Mapping[str, str]]
    truths: tuple[Truth, ...]

    @property
    def there(self) -> dict[str, Truth]:
        """What is true of those whom Salesforce has, by the contact's id."""
        return {truth.person: truth for truth in self.truths if truth.person}


def fill(
    portal: Portal, org: Org, count: int, *, share: float = 0.15, activities_each: int = 10, seed: int = 11
) -> World:
    """Fill both platforms."""
    ids = add_contacts(portal, count, activities_each=activities_each)
    table = portal.tables["contacts"]
    people = {str(id): table.properties(table.rows[id]) for id in ids}
    org.create("Campaign", {"Name": CAMPAIGN, "IsActive": True})
    truths = org.seed([{"id": id, **values} for id, values in people.items()], share=share, seed=seed)
    return World(people, tuple(truths))


# --- whom Baton takes them for


@dataclass(slots=True)
class Judged:
    """Matches held against the truth, counted by key and by what the person is there."""

    right: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    twins: list[tuple[str, str]] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    unfindable: int = 0
    found_all_the_same: int = 0
    #: Who is said to be there perhaps: rightly, and taken for somebody else.
    perhaps: int = 0
    perhaps_wrong: int = 0


def contacts_of(tx: Transaction, world: World) -> dict[int, str]:
    """The contact's id by our lead's."""
    links = tx.intake.links(SOURCE, "contact", list(world.people))
    return {link.lead_id: id for id, link in links.items()}


def judge(store: Store, world: World) -> Judged:
    """Match everybody as a handoff would, and hold it against the truth.

    Two contacts of one full name and one number cannot be told apart: they are `twins`.
    """
    with store.read() as tx:
        contacts = contacts_of(tx, world)
        side = known(tx, CRM, tx.admin.store_id(), tx.intake.leads(list(contacts)).values(), IDENTITY)
    matches = side.matches
    told, there = Judged(), world.there
    whose = {id: truth.person for truth in world.truths for kind, id in truth.ids.items() if kind in PEOPLE}
    for lead_id, one in matches.items():
        contact, owner = contacts[lead_id], whose.get(one.person.id, "")
        if owner == contact:
            told.right[one.by, there[contact].kind] += 1
        elif one.by in ("phone", "alike") and owner and _name(world, owner) == _name(world, contact):
            told.twins.append((contact, owner))
        else:
            told.wrong.append((contact, owner))
    for lead_id, doubts in side.perhaps.items():
        right = any(whose.get(one.person.id, "") == contacts[lead_id] for one in doubts)
        told.perhaps, told.perhaps_wrong = told.perhaps + right, told.perhaps_wrong + (not right)
    found = {contacts[lead_id] for lead_id in matches}
    told.missed = [id for id, truth in there.items() if truth.by and id not in found]
    told.unfindable = sum(not truth.by and id not in found for id, truth in there.items())
    told.found_all_the_same = sum(not truth.by and id in found for id, truth in there.items())
    return told


PEOPLE = ("lead", "contact", "duplicate")
#: Who is a customer in HubSpot stays one, whatever stage a lead of theirs is in.
FURTHER = ("lifecyclestage", "customer")


def _name(world: World, contact: str) -> tuple[str, str]:
    person = world.people[contact]
    return person["firstname"], person["lastname"]


def expected_record(truth: Truth) -> str:
    """What a handoff names as the record that somebody is met on, "" where a lead is taken over."""
    if truth.kind == "lead":
        return ""
    if truth.kind in ("contact", "converted"):
        return f"contact:{truth.ids['contact']}"
    return (
        f"opportunity:{truth.ids['opportunity']}" if truth.kind == "opportunity" else f"account:{truth.ids['account']}"
    )


def company_record(world: World, org: Org, contact: str) -> str:
    """The deal or account on which somebody is met whom Salesforce does not know, by name and country; "" for none."""
    person = world.people[contact]
    where = country(person["country"])[0]
    named = [
        one for one in org.live("Account") if company_key(one["Name"]) == company_key(person["company"])
        and country(one.get("BillingCountry") or person["country"])[0] == where
    ]  # fmt: skip
    if len(named) != 1:
        return ""
    account = named[0]
    deals = [one["Id"] for one in org.live("Opportunity") if one["AccountId"] == account["Id"] and not one["IsClosed"]]
    if deals:
        return f"opportunity:{min(deals)}"
    return f"account:{account['Id']}" if account.get("Type") == "Customer" else ""


def met_on(world: World, org: Org, contact: str) -> set[str]:
    """On which record somebody may be met: "" for a lead of their own. Who has no exact key may be found or not."""
    truth = world.there.get(contact)
    if truth and truth.by:
        return {expected_record(truth)}
    return {company_record(world, org, contact)} | ({expected_record(truth)} if truth else set())


# --- what the books of both sides say


def differences(store: Store, books: Books, now: datetime) -> list[str]:
    """Where the platforms and the store do not agree; nothing where all is well and nothing is on its way."""
    return compare(store, books, now).all


def written(books_deeds: Iterable[Deed]) -> Counter[tuple[str, str, tuple[str, ...]]]:
    """Deeds by what was done, to what, with which fields."""
    return Counter((deed.did, deed.object, tuple(sorted(deed.fields))) for deed in books_deeds)
