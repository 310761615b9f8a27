"""Going live with HubSpot and a Salesforce that holds some of the same people: who is who, and what the books say.

What is known to be true (`Truth`) is kept apart from everything that Baton sees, and what Baton wrote is
taken from the servers' own ledgers, deed by deed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.app import has_ended
from connector.model.handoff import HANDOFF_STATES, Handoff
from connector.model.mirror import CrmRecord
from connector.model.outbox import Receipt
from connector.model.ports import Store, Transaction
from connector.runs.look_up import known
from connector.runs.rows import our_key
from connector.sandbox.hubspot import Portal, add_contacts
from connector.sandbox.ledger import Deed
from connector.sandbox.salesforce import Org
from connector.sandbox.salesforce.seeding import Truth
from connector.steps.field_rules import alike, is_blank
from tests.pair import REASONS

SOURCE, CRM = "hubspot", "salesforce"
EVERY = 10**9
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


def contacts_of(tx: Transaction, world: World) -> dict[int, str]:
    """The contact's id by our lead's."""
    links = tx.intake.links(SOURCE, "contact", list(world.people))
    return {link.lead_id: id for id, link in links.items()}


def judge(store: Store, world: World) -> Judged:
    """Match everybody as a handoff would, and hold it against the truth.

    Two contacts of one full name and one number cannot be told apart by exact keys: they are `twins`.
    """
    with store.read() as tx:
        contacts = contacts_of(tx, world)
        matches = known(tx, CRM, tx.admin.store_id(), tx.intake.leads(list(contacts)).values()).matches
    told, there = Judged(), world.there
    whose = {id: truth.person for truth in world.truths for kind, id in truth.ids.items() if kind in PEOPLE}
    for lead_id, one in matches.items():
        contact, owner = contacts[lead_id], whose.get(one.person.id, "")
        if owner == contact:
            told.right[one.by, there[contact].kind] += 1
        elif one.by == "phone" and owner and _name(world, owner) == _name(world, contact):
            told.twins.append((contact, owner))
        else:
            told.wrong.append((contact, owner))
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


# --- what the books of both sides say


@dataclass(slots=True)
class Books:
    """What both platforms hold and have received, as far as it is held against the store."""

    leads: Sequence[Mapping[str, Any]]
    tasks: Sequence[Mapping[str, Any]]
    members: Sequence[Mapping[str, Any]]
    contacts: Mapping[str, Mapping[str, str]]
    lists: Mapping[str, Iterable[str]]
    deeds: Sequence[Deed] = ()


def books(portal: Portal, org: Org) -> Books:
    """The books of servers in this process."""
    table = portal.tables["contacts"]
    return Books(
        org.live("Lead"), org.live("Task"), org.live("CampaignMember"),
        {str(id): table.properties(row) for id, row in table.rows.items()},
        {one.name: [str(id) for id in one.members] for one in portal.lists.values()},
        portal.ledger.deeds() + (org.ledger.deeds() if org.ledger else []),
    )  # fmt: skip


def handoffs_of(tx: Transaction, flow_name: str = "b2b") -> list[Handoff]:
    """Every handoff of a flow."""
    return [one for state in HANDOFF_STATES for one in tx.handoffs.in_state(flow_name, state, EVERY)]


def last_line(task: Mapping[str, Any]) -> str:
    """Baton's key in a task of Salesforce."""
    return str(task.get("Description") or "").rsplit("\n", 1)[-1]


def differences(store: Store, books: Books, now: datetime) -> list[str]:
    """Where the platforms and the store do not agree; nothing where all is well and nothing is on its way."""
    with store.read() as tx:
        return [
            *_handed_over(tx, books), *_memberships(tx, books), *_acknowledged(tx, books), *_turns(tx), *_left(tx, now)
        ]  # fmt: skip


def _handed_over(tx: Transaction, books: Books) -> Iterator[str]:
    """Every handoff that is out has one task, and its lead one record with our key."""
    store_id = tx.admin.store_id()
    out = [one for one in handoffs_of(tx) if one.opened_at]
    tasks = Counter(last_line(task) for task in books.tasks)
    keys = Counter(str(lead["Baton_Id__c"]) for lead in books.leads if lead.get("Baton_Id__c"))
    yield from (f"two leads with the key {key}" for key, count in keys.items() if count > 1)
    for one in out:
        count = tasks.pop(f"{store_id}:handoff-{one.id}:task:1", 0)
        if count != 1:
            yield f"handoff {one.id}: {count} tasks"
        if not one.record and not _has_lead(tx, books, one, keys):
            yield f"handoff {one.id}: lead {one.lead_id} is not in Salesforce"
    yield from (f"a task of no handoff: {key}" for key in tasks if key.startswith(f"{store_id}:"))
    known = {our_key(store_id, one.lead_id) for one in out} | _stamped(tx)
    yield from (f"a lead that was not handed over: {key}" for key in keys if key not in known)
    twice = [lead for lead, count in Counter((one.lead_id, one.stage) for one in out).items() if count > 1]
    yield from (f"handed over twice: {lead}" for lead in twice)


def _stamped(tx: Transaction) -> set[str]:
    return {row.our_key for row in tx.outbox.rows(target=CRM, limit=EVERY) if row.group == "stamp"}


def _has_lead(tx: Transaction, books: Books, one: Handoff, keys: Mapping[str, int]) -> bool:
    key = our_key(tx.admin.store_id(), one.lead_id)
    receipt = tx.outbox.receipts(CRM, "lead", [key]).get(key)
    if receipt is None:
        return False
    adopted = {lead["Id"] for lead in books.leads}
    return key in keys or receipt.crm_id in adopted


def _memberships(tx: Transaction, books: Books) -> Iterator[str]:
    """Nobody is in a campaign twice, and lists have whom they were told to have."""
    places = Counter((one.get("CampaignId"), one.get("LeadId") or one.get("ContactId")) for one in books.members)
    yield from (f"twice in a campaign: {place}" for place, count in places.items() if count > 1)
    wanted: dict[str, dict[str, bool]] = defaultdict(dict)
    for row in sorted(tx.outbox.rows(target=SOURCE, limit=EVERY), key=lambda row: row.id):
        if row.object == "membership" and row.kind == "state" and row.state == "done":
            wanted[str(row.values["list"])][str(row.values["contact"])] = bool(row.values["member"])
    for name, members in wanted.items():
        there = set(books.lists[name])
        if there != {contact for contact, member in members.items() if member}:
            yield f"the list {name} has {len(there)} members"


def _acknowledged(tx: Transaction, books: Books) -> Iterator[str]:
    """What HubSpot's contacts hold is what it acknowledged, and that is what Baton last wanted."""
    last = {}
    for row in sorted(tx.outbox.rows(target=SOURCE, limit=EVERY), key=lambda row: row.id):
        if row.object == "contact" and row.kind == "state":
            last[row.our_key] = row
    receipts = tx.outbox.receipts(SOURCE, "contact", list(last))
    for contact, row in last.items():
        receipt, there = receipts.get(contact), books.contacts.get(contact, {})
        if receipt is None:
            yield f"contact {contact}: no receipt"
            continue
        for name, value in row.values.items():
            said, held = receipt.values.get(name), there.get(name)
            if not same(said, value) or (not same(held, value) and (name, held) != FURTHER):
                yield f"contact {contact}: {name} is wanted as {value!r}, acknowledged as {said!r}, and {held!r} there"


def same(there: Any, here: Any) -> bool:
    """Whether a platform holds what was sent."""
    return (is_blank(there) and is_blank(here)) or alike(there, here)


def _turns(tx: Transaction) -> Iterator[str]:
    """The ledger of turns: one for each handoff that a team got, each member's count as it says."""
    turns = tx.handoffs.turns("sales", EVERY)
    twice = [id for id, count in Counter(turn.handoff_id for turn in turns).items() if count > 1]
    yield from (f"two turns for handoff {id}" for id in twice)
    teams = {one.id for one in handoffs_of(tx) if one.opened_at and one.team == "sales"}
    if teams != {turn.handoff_id for turn in turns}:
        yield f"{len(turns)} turns for {len(teams)} handoffs of the team"
    counts = Counter(turn.email for turn in turns)
    if counts != Counter(tx.handoffs.turn_counts("sales")):
        yield f"turns are counted as {tx.handoffs.turn_counts('sales')}, and are {dict(counts)}"
    if counts and max(counts.values()) - min(counts.values()) > 1:
        yield f"turns are not fair: {dict(counts)}"
    given = [turn.given for turn in reversed(turns)]
    if given != list(range(len(given))):
        yield "the turns were not counted on one by one"


def _left(tx: Transaction, now: datetime) -> Iterator[str]:
    """Nothing waits, hangs, or is kept from anyone."""
    states = ("waiting", "in_flight", "unknown", "dead", "parked")
    rows = tx.outbox.rows(states=states, limit=EVERY)
    yield from (f"left: {row.target} {row.object} {row.kind} {row.state} {row.reason}" for row in rows)
    # What a killed process held is taken by the next that needs it.
    held = [(name, owner) for name, owner, _until in tx.leases.holders() if not has_ended(owner)]
    yield from (f"{owner} still holds the lease {name}" for name, owner in held)
    for line in tx.budgets.standing():
        if line.parked_until is not None and line.parked_until > now:
            yield f"{line.account} is parked until {line.parked_until}"
        if line.used > line.limit:
            yield f"{line.account}: {line.used} of {line.limit} {line.rate} calls"
    mirror: dict[str, CrmRecord] = {
        one.our_key: one for one in tx.mirror.listing(CRM, "lead", "", EVERY) if one.our_key
    }
    receipts: Mapping[str, Receipt] = tx.outbox.receipts(CRM, "lead", list(mirror))
    for key, record in mirror.items():
        receipt = receipts.get(key)
        if receipt is not None and not receipt.gone and receipt.crm_id != record.id:
            yield f"lead {key}: the mirror says {record.id}, the receipt {receipt.crm_id}"


def written(books_deeds: Iterable[Deed]) -> Counter[tuple[str, str, tuple[str, ...]]]:
    """Deeds by what was done, to what, with which fields."""
    return Counter((deed.did, deed.object, tuple(sorted(deed.fields))) for deed in books_deeds)
