"""What a CRM's books and the store say of each other, once all is quiet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connector.model.handoff import HANDOFF_STATES, Handoff
from connector.selftest import sayings
from connector.selftest.books import followed
from connector.selftest.world import Verdict

if TYPE_CHECKING:
    from connector.model.ports import Transaction
    from connector.selftest.worlds._line import Line

EVERY = 10**6
#: How a sentence counts in the verdict.
LOST, DOUBLE, OTHER, REPORTED = "lost", "double", "other", "reported"
Said = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Held:
    """A record in the CRM: ours by `key`; `parent` is the id of the record it is about."""

    object: str
    id: str
    key: str
    parent: str
    values: Mapping[str, Any]


Books = Callable[["Line"], Sequence[Held]]


def judged(line: Line, books: Books, people: int, more: Callable[[Line], Iterator[Said]] | None = None) -> Verdict:
    """Hold the books against the store: `people` leads of one activity each, each handed over once."""
    held = books(line)
    with line.app.store.read() as tx:
        said = [*handed_over(tx, held, people), *turns(tx), *stored(tx, people), *acknowledged(tx, held), *left(tx)]
        said += [(OTHER, text) for text in followed(tx, handoffs_of(tx))]
    said += list(more(line)) if more else []
    lost, double, other, reported = (
        tuple(text for what, text in said if what == kind) for kind in (LOST, DOUBLE, OTHER, REPORTED)
    )
    return Verdict(lost, double, other, reported, shown=Counter(one.object for one in held))


def handoffs_of(tx: Transaction) -> list[Handoff]:
    """Every handoff."""
    return [one for state in HANDOFF_STATES for one in tx.handoffs.in_state("b2b", state, EVERY)]


def handed_over(tx: Transaction, held: Sequence[Held], people: int) -> Iterator[Said]:
    """Each has a lead, a task and a note, once, and these are about the lead."""
    keys = Counter((one.object, one.key) for one in held)
    twice = [{"kind": kind, "key": key, "count": count} for (kind, key), count in keys.items() if count > 1]
    yield from ((DOUBLE, sayings.SEVERAL % one) for one in twice)
    kinds = Counter(kind for kind, _key in keys)
    for kind in ("lead", "task", "note"):
        if kinds[kind] != people:
            said = {"has": kinds[kind], "wanted": people, "kind": kind}
            yield (LOST if kinds[kind] < people else OTHER), sayings.NOT_ALL % said
    leads = {name for one in held if one.object == "lead" for name in (one.id, one.key)}
    yield from (
        (LOST, sayings.ON_NO_LEAD % {"kind": one.object, "key": one.key})
        for one in held
        if one.object != "lead" and one.parent not in leads
    )
    tasks = {key for kind, key in keys if kind == "task"}
    for handoff in handoffs_of(tx):
        key = f"{tx.admin.store_id()}:handoff-{handoff.id}:task:1"
        if handoff.opened_at and key not in tasks:
            yield LOST, sayings.NO_TASK_THERE % {"id": handoff.id}


def turns(tx: Transaction) -> Iterator[Said]:
    """One turn of the round robin for each handoff, counted one by one."""
    given = tx.handoffs.turns("sales", EVERY)
    counts = Counter(turn.handoff_id for turn in given)
    yield from ((DOUBLE, sayings.TWO_TURNS % {"id": id}) for id, count in counts.items() if count > 1)
    out = {one.id for one in handoffs_of(tx) if one.opened_at}
    yield from ((LOST, sayings.NO_TURN % {"id": id}) for id in out - set(counts))
    members = Counter(turn.email for turn in given)
    if members != Counter(tx.handoffs.turn_counts("sales")):
        yield OTHER, sayings.TURNS_COUNTED % {"counted": tx.handoffs.turn_counts("sales"), "given": dict(members)}
    if members and max(members.values()) - min(members.values()) > 1:
        yield OTHER, sayings.UNFAIR % {"given": dict(members)}


def stored(tx: Transaction, people: int) -> Iterator[Said]:
    """What was read is in the store, once."""
    totals = tx.reports.totals()
    for what in ("leads", "activities", "handoffs"):
        if totals[what] != people:
            said = {"has": totals[what], "what": what, "wanted": people}
            yield (LOST if totals[what] < people else DOUBLE), sayings.STORE_HOLDS % said


def acknowledged(tx: Transaction, held: Sequence[Held]) -> Iterator[Said]:
    """What is there is what the CRM acknowledged, record by record."""
    for kind in ("lead", "task", "note"):
        there = {one.key: one for one in held if one.object == kind}
        receipts = tx.outbox.receipts("crm", kind, list(there))
        for key, one in there.items():
            receipt = receipts.get(key)
            if receipt is None or receipt.crm_id != one.id:
                template = sayings.NO_RECEIPT if receipt is None else sayings.ANOTHER_RECEIPT
                yield OTHER, template % {"kind": kind, "key": key}


def left(tx: Transaction) -> Iterator[Said]:
    """Nothing waits, hangs or is kept from anyone."""
    from connector.app import has_ended

    rows = tx.outbox.rows(states=("waiting", "in_flight", "unknown", "dead", "parked"), limit=EVERY)
    waits = (f"{row.object} {row.our_key} {row.state} {row.reason}".rstrip() for row in rows)
    yield from ((OTHER, sayings.LEFT % {"what": one}) for one in waits)
    held = [{"lease": name, "owner": owner} for name, owner, _until in tx.leases.holders() if not has_ended(owner)]
    yield from ((OTHER, sayings.LEASE_HELD % one) for one in held)
    for item in tx.reviews.open(None):
        told = sayings.FOR_A_PERSON % {"key": item.key}
        yield (REPORTED if item.key.startswith("duplicate:") else OTHER), told
