"""Everything that waits for a person, from the fix queue and from the outbox, as one list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.model.outbox import OutboxRow
from connector.model.ports import ReviewItem, ReviewKind, Store, Transaction

#: The states of a write that only a person moves.
STUCK = ("dead", "parked")
PREFIX = "out-"
PAGE = 500
#: More rows than a person will ever look through.
EVERY = 10**9


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of the list. Either `item` is set, or `row_id` (a row of the outbox).

    `refusal` is the kind of a refusal (`model.refusals`), `label` what people see of the field, `next` what to do
    about it, `record` its id in the platform `target`: filled in where it is shown. `owner` is whose it is to mend.
    """

    id: str
    kind: str
    where: str
    field: str
    reason: str
    seen: int
    since: datetime | None
    lead: int
    item: ReviewItem | None = None
    row_id: int = 0
    object: str = ""
    code: str = ""
    target: str = ""
    flow: str = ""
    our_key: str = ""
    record: str = ""
    refusal: str = ""
    label: str = ""
    next: str = ""
    owner: str = ""

    def document(self) -> dict[str, Any]:
        """As JSON: without the record itself."""
        names = (
            "id", "kind", "where", "field", "label", "reason", "code", "refusal", "next", "seen", "since", "lead",
            "target", "object", "record", "flow", "owner",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}


def of_item(item: ReviewItem) -> Fault:
    """An item of the fix queue."""
    # What is about a CRM as a whole says which of its objects it is about.
    object = str(item.body.get("object", "")) if item.kind == "notice" else ""
    parts = dict.fromkeys(part for part in (item.connection, object or item.where) if part)
    return Fault(
        str(item.id), item.kind, ": ".join(parts), item.field, item.reason, item.seen, item.first_at, item.lead_id,
        item, object=object, target=item.connection, flow=item.flow, code=str(item.body.get("code", "")),
        owner=str(item.body.get("owner", "")),
    )  # fmt: skip


def of_row(row: OutboxRow) -> Fault:
    """A row of the outbox."""
    where = f"{row.target}: {row.object}" + (f" (lead {row.lead_id})" if row.lead_id else "")
    return Fault(
        f"{PREFIX}{row.id}", row.state, where, row.field, row.reason or row.code, row.attempts,
        row.created_at, row.lead_id, row_id=row.id, object=row.object, code=row.code, target=row.target,
        flow=row.flow, our_key=row.our_key, record=row.crm_id,
    )  # fmt: skip


def open_items(tx: Transaction, kind: ReviewKind | None = None) -> Iterator[ReviewItem]:
    """Every open item of the fix queue (of one kind), oldest first."""
    after = 0
    while found := tx.reviews.open(kind, PAGE, after):
        yield from found
        after = found[-1].id


def all_faults(store: Store) -> list[Fault]:
    """Everything that waits for a person: the fix queue, then what was refused or is undecided, oldest first."""
    with store.read() as tx:
        found = [of_item(item) for item in open_items(tx)]
        if any(state in STUCK for _, state in tx.outbox.counts()):
            found += [of_row(row) for row in tx.outbox.rows(states=STUCK, limit=EVERY)]
    return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which faults are meant: those that fit everything that is given. `reason` is a code, a kind, or words."""

    reason: str = ""
    object: str = ""
    target: str = ""
    flow: str = ""

    def __bool__(self) -> bool:
        return bool(self.reason or self.object or self.target or self.flow)

    def fits(self, fault: Fault, told: str = "") -> bool:
        """Whether a fault is one of them; `told` is its reason as the reader reads it."""
        asked = ((self.object, fault.object), (self.target, fault.target), (self.flow, fault.flow))
        if any(wanted and wanted.casefold() != has.casefold() for wanted, has in asked):
            return False
        reason = self.reason.casefold()
        if reason in ("", fault.code.casefold(), fault.refusal.casefold(), fault.kind.casefold()):
            return True
        return any(reason in text.casefold() for text in (fault.reason, told))


@dataclass(slots=True)
class Group:
    """Faults of one reason, in the order of the list; the first stands for all."""

    faults: list[Fault] = field(default_factory=list)

    @property
    def first(self) -> Fault:
        """The oldest of them."""
        return self.faults[0]

    def document(self, examples: int) -> dict[str, Any]:
        """As JSON: what they share, how many they are, and the first of them."""
        names = ("kind", "target", "object", "field", "label", "code", "refusal", "reason", "next", "since")
        shared = {name: getattr(self.first, name) for name in names}
        return shared | {"count": len(self.faults), "ids": [one.id for one in self.faults[:examples]]}


def grouped(faults: Sequence[Fault]) -> list[Group]:
    """The faults by reason: what has one code, else one sentence but for the values in it, of one field and object."""
    found: dict[tuple[str, ...], Group] = {}
    for one in faults:
        found.setdefault(_place(one), Group()).faults.append(one)
    return list(found.values())


def _place(fault: Fault) -> tuple[str, ...]:
    from connector.locale.stored import template

    item = fault.item
    about = fault.field
    if item is not None and item.kind == "parked_flow":
        about = item.key
    return (fault.kind, fault.target, fault.object, about, fault.flow if fault.row_id == 0 else "",
            fault.code or template(fault.reason))  # fmt: skip


def counted(faults: Sequence[Fault]) -> Counter[str]:
    """How many there are of each kind."""
    return Counter(one.kind for one in faults)
