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
from connector.model.outbox import OutboxRow, Receipt
from connector.model.ports import Store, Transaction
from connector.runs.rows import our_key
from connector.sandbox.hubspot import Portal
from connector.sandbox.ledger import Deed
from connector.sandbox.salesforce import Org
from connector.selftest import sayings
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

    def tasks(self, handoff: int, there: int) -> None:
        """Of tasks there must be exactly one; there are so many."""
        if there == 0:
            self.lost.append(sayings.NO_TASK % {"id": handoff})
        elif there > 1:
            self.double.append(sayings.TASKS % {"id": handoff, "count": there})


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
        found.other += followed(tx, handoffs_of(tx))
        found.other += left(tx, now)
        found.other += _mirrored(tx)
    return found


def _handed_over(tx: Transaction, books: Books, found: Amiss) -> None:
    """Every handoff that is out has one task, and its lead one record with our key."""
    store_id = tx.admin.store_id()
    out = [one for one in handoffs_of(tx) if one.opened_at]
    tasks = Counter(last_line(task) for task in books.tasks)
    keys = Counter(str(lead["Baton_Id__c"]) for lead in books.leads if lead.get("Baton_Id__c"))
    found.double += [sayings.TWO_LEADS % {"key": key} for key, count in keys.items() if count > 1]
    for one in out:
        found.tasks(one.id, tasks.pop(f"{store_id}:handoff-{one.id}:task:1", 0))
        if not one.record and not _has_lead(tx, books, one, keys):
            found.lost.append(sayings.NO_LEAD % {"id": one.id, "lead": one.lead_id})
    found.double += [sayings.TASK_OF_NONE % {"key": key} for key in tasks if key.startswith(f"{store_id}:")]
    known = {our_key(store_id, one.lead_id) for one in out} | _stamped(tx)
    found.double += [sayings.LEAD_OF_NONE % {"key": key} for key in keys if key not in known]
    twice = [lead for lead, count in Counter((one.lead_id, one.stage) for one in out).items() if count > 1]
    found.double += [sayings.HANDED_OVER_TWICE % {"lead": lead} for lead in twice]


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
    found.double += [sayings.MEMBER_TWICE % {"place": place} for place, count in places.items() if count > 1]
    wanted: dict[str, dict[str, bool]] = defaultdict(dict)
    for row in sorted(tx.outbox.rows(target=SOURCE, limit=EVERY), key=lambda row: row.id):
        if row.object == "membership" and row.kind == "state" and row.state == "done":
            wanted[str(row.values["list"])][str(row.values["contact"])] = bool(row.values["member"])
    for name, members in wanted.items():
        there, meant = set(books.lists[name]), {contact for contact, member in members.items() if member}
        found.lost += [sayings.NOT_IN_LIST % {"contact": one, "list": name} for one in sorted(meant - there)]
        found.other += [sayings.IN_LIST % {"contact": one, "list": name} for one in sorted(there - meant)]


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
            yield sayings.NO_RECEIPT_OF_CONTACT % {"contact": contact}
            continue
        for name, value in row.values.items():
            said, held = receipt.values.get(name), there.get(name)
            if not same(said, value) or (not same(held, value) and (name, held) != FURTHER):
                values = {"value": repr(value), "said": repr(said), "held": repr(held)}
                yield sayings.NOT_AS_WANTED % {"contact": contact, "name": name, **values}


def same(there: Any, here: Any) -> bool:
    """Whether a platform holds what was sent."""
    return (is_blank(there) and is_blank(here)) or alike(there, here)


def turns(tx: Transaction, found: Amiss) -> None:
    """The ledger of turns: one for each handoff that a team got, each member's count as it says."""
    given = tx.handoffs.turns(TEAM, EVERY)
    twice = [id for id, count in Counter(turn.handoff_id for turn in given).items() if count > 1]
    found.double += [sayings.TWO_TURNS % {"id": id} for id in twice]
    handoffs = {one.id for one in handoffs_of(tx) if one.opened_at and one.team == TEAM}
    had = {turn.handoff_id for turn in given}
    found.lost += [sayings.NO_TURN % {"id": id} for id in sorted(handoffs - had)]
    found.double += [sayings.TURN_OF_OTHERS % {"id": id} for id in sorted(had - handoffs)]
    counts = Counter(turn.email for turn in given)
    if counts != Counter(tx.handoffs.turn_counts(TEAM)):
        found.other.append(sayings.TURNS_COUNTED % {"counted": tx.handoffs.turn_counts(TEAM), "given": dict(counts)})
    if counts and max(counts.values()) - min(counts.values()) > 1:
        found.other.append(sayings.UNFAIR % {"given": dict(counts)})
    numbers = [turn.given for turn in reversed(given)]
    if numbers != list(range(len(numbers))):
        found.other.append(sayings.NOT_ONE_BY_ONE)


def followed(tx: Transaction, handoffs: Sequence[Handoff]) -> Iterator[str]:
    """Each that was given to somebody says so once, and no clock of one that nobody has runs."""
    events = tx.handoff_events.of_handoffs([one.id for one in handoffs])
    for one in handoffs:
        kinds = Counter(event.kind for event in events.get(one.id, ()))
        if kinds["opened"] != (one.opened_at is not None):
            yield sayings.NO_EVENT % {"id": one.id, "count": kinds["opened"]}
        if one.next_at and one.state != "open":
            yield sayings.CLOCK % {"id": one.id, "state": one.state, "next": one.next_at}


def left(tx: Transaction, now: datetime) -> Iterator[str]:
    """Nothing waits, hangs, or is kept from anyone."""
    states = ("waiting", "in_flight", "unknown", "dead", "parked")
    rows = tx.outbox.rows(states=states, limit=EVERY)
    yield from map(left_row, rows)
    # What a killed process held is taken by the next that needs it.
    held = [(name, owner) for name, owner, _until in tx.leases.holders() if not has_ended(owner)]
    yield from (sayings.LEASE_HELD % {"owner": owner, "lease": name} for name, owner in held)
    for line in tx.budgets.standing():
        if line.parked_until is not None and line.parked_until > now:
            yield sayings.PARKED % {"account": line.account, "until": line.parked_until}
        if line.used > line.limit:
            used = {"used": line.used, "limit": line.limit, "rate": line.rate}
            yield sayings.OVER_THE_LIMIT % {"account": line.account, **used}


def left_row(row: OutboxRow) -> str:
    """That a row of the outbox is left."""
    return sayings.LEFT % {"what": f"{row.target} {row.object} {row.kind} {row.state} {row.reason}".rstrip()}


def _mirrored(tx: Transaction) -> Iterator[str]:
    """The mirror and the receipts name the same record."""
    mirror: dict[str, CrmRecord] = {
        one.our_key: one for one in tx.mirror.listing(CRM, "lead", "", EVERY) if one.our_key
    }
    receipts: Mapping[str, Receipt] = tx.outbox.receipts(CRM, "lead", list(mirror))
    for key, record in mirror.items():
        receipt = receipts.get(key)
        if receipt is not None and not receipt.gone and receipt.crm_id != record.id:
            yield sayings.MIRROR_DIFFERS % {"key": key, "mirror": record.id, "receipt": receipt.crm_id}


def counted(expected: Mapping[str, int], there: Mapping[str, int], found: Amiss) -> None:
    """Hold how many there are of each thing against how many there are where nobody was killed."""
    for name in sorted({*expected, *there}):
        wanted, has = expected.get(name, 0), there.get(name, 0)
        said = {"what": name, "has": has, "wanted": wanted}
        if has < wanted:
            found.lost.append(sayings.FEWER % said)
        elif has > wanted:
            found.double.append(sayings.MORE % said)
