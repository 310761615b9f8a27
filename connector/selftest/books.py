"""HubSpot's and Salesforce's own books held against the store: what is missing, there twice, or does not agree.

Nothing here asks Baton what it thinks it did, but for its outbox, handoffs and turns: what the platforms hold is told
by their servers.
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
from connector.runs.rows import our_key
from connector.sandbox.hubspot import Portal
from connector.sandbox.ledger import Deed
from connector.sandbox.salesforce import Org
from connector.selftest.served import Served
from connector.steps.field_rules import alike, is_blank

SOURCE, CRM, FLOW, TEAM = "hubspot", "salesforce", "b2b", "sales"
EVERY = 10**9
#: Who is a customer in HubSpot stays one, whatever stage a lead of theirs is in.
FURTHER = ("lifecyclestage", "customer")


@dataclass(slots=True)
class Amiss:
    """Where platforms and store do not agree, a sentence each."""

    lost: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[str]:
        """Everything."""
        return [*self.lost, *self.double, *self.other]

    def counted(self, what: str, there: int) -> None:
        """Of what there must be exactly one, there are so many."""
        if there == 0:
            self.lost.append(f"{what}: none")
        elif there > 1:
            self.double.append(f"{what}: {there}")


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


def books_of(served: Served) -> Books:
    """The books of servers in another process."""
    contacts = served.state("hubspot", object="contacts")
    return Books(
        served.records("Lead"), served.records("Task"), served.records("CampaignMember"),
        {str(one["id"]): one["properties"] for one in contacts},
        {name: list(map(str, ids)) for name, ids in served.state("hubspot")["lists"].items()},
        served.deeds(),
    )  # fmt: skip


def handoffs_of(tx: Transaction, flow: str = FLOW) -> list[Handoff]:
    """Every handoff of a flow."""
    return [one for state in HANDOFF_STATES for one in tx.handoffs.in_state(flow, state, EVERY)]


def last_line(task: Mapping[str, Any]) -> str:
    """Baton's key in a task of Salesforce."""
    return str(task.get("Description") or "").rsplit("\n", 1)[-1]


def compare(store: Store, books: Books, now: datetime) -> Amiss:
    """Where the platforms and the store do not agree; nothing where all is well and nothing is on its way."""
    found = Amiss()
    with store.read() as tx:
        _handed_over(tx, books, found)
        _memberships(tx, books, found)
        found.other += _acknowledged(tx, books)
        turns(tx, found)
        found.other += left(tx, now)
        found.other += _mirrored(tx)
    return found


def _handed_over(tx: Transaction, books: Books, found: Amiss) -> None:
    """Every handoff that is out has one task, and its lead one record with our key."""
    store_id = tx.admin.store_id()
    out = [one for one in handoffs_of(tx) if one.opened_at]
    tasks = Counter(last_line(task) for task in books.tasks)
    keys = Counter(str(lead["Baton_Id__c"]) for lead in books.leads if lead.get("Baton_Id__c"))
    found.double += [f"two leads with the key {key}" for key, count in keys.items() if count > 1]
    for one in out:
        found.counted(f"tasks of handoff {one.id}", tasks.pop(f"{store_id}:handoff-{one.id}:task:1", 0))
        if not one.record and not _has_lead(tx, books, one, keys):
            found.lost.append(f"handoff {one.id}: lead {one.lead_id} is not in Salesforce")
    found.double += [f"a task of no handoff: {key}" for key in tasks if key.startswith(f"{store_id}:")]
    known = {our_key(store_id, one.lead_id) for one in out} | _stamped(tx)
    found.double += [f"a lead that was not handed over: {key}" for key in keys if key not in known]
    twice = [lead for lead, count in Counter((one.lead_id, one.stage) for one in out).items() if count > 1]
    found.double += [f"handed over twice: {lead}" for lead in twice]


def _stamped(tx: Transaction) -> set[str]:
    return {row.our_key for row in tx.outbox.rows(target=CRM, limit=EVERY) if row.group == "stamp"}


def _has_lead(tx: Transaction, books: Books, one: Handoff, keys: Mapping[str, int]) -> bool:
    key = our_key(tx.admin.store_id(), one.lead_id)
    receipt = tx.outbox.receipts(CRM, "lead", [key]).get(key)
    if receipt is None:
        return False
    adopted = {lead["Id"] for lead in books.leads}
    return key in keys or receipt.crm_id in adopted


def _memberships(tx: Transaction, books: Books, found: Amiss) -> None:
    """Nobody is in a campaign twice, and lists have whom they were told to have."""
    places = Counter((one.get("CampaignId"), one.get("LeadId") or one.get("ContactId")) for one in books.members)
    found.double += [f"twice in a campaign: {place}" for place, count in places.items() if count > 1]
    wanted: dict[str, dict[str, bool]] = defaultdict(dict)
    for row in sorted(tx.outbox.rows(target=SOURCE, limit=EVERY), key=lambda row: row.id):
        if row.object == "membership" and row.kind == "state" and row.state == "done":
            wanted[str(row.values["list"])][str(row.values["contact"])] = bool(row.values["member"])
    for name, members in wanted.items():
        there, meant = set(books.lists[name]), {contact for contact, member in members.items() if member}
        found.lost += [f"contact {contact} is not in the list {name}" for contact in sorted(meant - there)]
        found.other += [f"contact {contact} is in the list {name}" for contact in sorted(there - meant)]


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


def turns(tx: Transaction, found: Amiss) -> None:
    """The ledger of turns: one for each handoff that a team got, each member's count as it says."""
    given = tx.handoffs.turns(TEAM, EVERY)
    twice = [id for id, count in Counter(turn.handoff_id for turn in given).items() if count > 1]
    found.double += [f"two turns for handoff {id}" for id in twice]
    handoffs = {one.id for one in handoffs_of(tx) if one.opened_at and one.team == TEAM}
    had = {turn.handoff_id for turn in given}
    found.lost += [f"no turn for handoff {id}" for id in sorted(handoffs - had)]
    found.double += [f"a turn for handoff {id}, which the team did not get" for id in sorted(had - handoffs)]
    counts = Counter(turn.email for turn in given)
    if counts != Counter(tx.handoffs.turn_counts(TEAM)):
        found.other.append(f"turns are counted as {tx.handoffs.turn_counts(TEAM)}, and are {dict(counts)}")
    if counts and max(counts.values()) - min(counts.values()) > 1:
        found.other.append(f"turns are not fair: {dict(counts)}")
    numbers = [turn.given for turn in reversed(given)]
    if numbers != list(range(len(numbers))):
        found.other.append("the turns were not counted on one by one")


def left(tx: Transaction, now: datetime) -> Iterator[str]:
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


def _mirrored(tx: Transaction) -> Iterator[str]:
    """The mirror and the receipts name the same record."""
    mirror: dict[str, CrmRecord] = {
        one.our_key: one for one in tx.mirror.listing(CRM, "lead", "", EVERY) if one.our_key
    }
    receipts: Mapping[str, Receipt] = tx.outbox.receipts(CRM, "lead", list(mirror))
    for key, record in mirror.items():
        receipt = receipts.get(key)
        if receipt is not None and not receipt.gone and receipt.crm_id != record.id:
            yield f"lead {key}: the mirror says {record.id}, the receipt {receipt.crm_id}"


def counted(expected: Mapping[str, int], there: Mapping[str, int], found: Amiss) -> None:
    """Hold how many there are of each thing against how many there are where nobody was killed."""
    for name in sorted({*expected, *there}):
        wanted, has = expected.get(name, 0), there.get(name, 0)
        if has < wanted:
            found.lost.append(f"{name}: {has} of {wanted}")
        elif has > wanted:
            found.double.append(f"{name}: {has}, not {wanted}")
