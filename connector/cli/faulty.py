"""Everything that waits for a person, from the fix queue and from the outbox, as one list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connector.cli.faults import Mistake
from connector.cli.session import Session

if TYPE_CHECKING:
    from connector.app import App
    from connector.model.outbox import OutboxRow
    from connector.model.ports import ReviewItem, ReviewKind, Transaction

#: The states of a write that only a person moves.
STUCK = ("dead", "parked")
PREFIX = "out-"
PAGE = 500


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of the list. Either `item` is set, or `row_id` (a row of the outbox)."""

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

    def document(self) -> dict[str, Any]:
        """As JSON: without the record itself."""
        names = ("id", "kind", "where", "field", "reason", "code", "seen", "since", "lead")
        return {name: getattr(self, name) for name in names}


def of_item(item: ReviewItem) -> Fault:
    """An item of the fix queue."""
    # What is about a CRM as a whole says which of its objects it is about.
    object = str(item.body.get("object", "")) if item.kind == "notice" else ""
    parts = dict.fromkeys(part for part in (item.connection, object or item.where) if part)
    return Fault(
        str(item.id), item.kind, ": ".join(parts), item.field, item.reason, item.seen, item.first_at, item.lead_id,
        item, object=object,
    )  # fmt: skip


def of_row(row: OutboxRow) -> Fault:
    """A row of the outbox."""
    where = f"{row.target}: {row.object}" + (f" (lead {row.lead_id})" if row.lead_id else "")
    return Fault(
        f"{PREFIX}{row.id}", row.state, where, row.field, row.reason or row.code, row.attempts,
        row.created_at, row.lead_id, row_id=row.id, object=row.object, code=row.code,
    )  # fmt: skip


def open_items(tx: Transaction, kind: ReviewKind | None = None) -> Iterator[ReviewItem]:
    """Every open item of the fix queue (of one kind), oldest first."""
    after = 0
    while found := tx.reviews.open(kind, PAGE, after):
        yield from found
        after = found[-1].id


def all_faults(app: App, limit: int | None = None) -> tuple[list[Fault], Counter[str]]:
    """The faults, at most `limit`, and how many there are by kind."""
    with app.store.read() as tx:
        counts = Counter({kind: number for kind, number in tx.reviews.counts().items() if number})
        for (_target, state), number in tx.outbox.counts().items():
            if state in STUCK:
                counts[state] += number
        found: list[Fault] = []
        for item in open_items(tx):
            if limit is not None and len(found) >= limit:
                break
            found.append(of_item(item))
        room = counts.total() if limit is None else limit - len(found)
        if room > 0:
            found += [of_row(row) for row in tx.outbox.rows(states=STUCK, limit=room)]
    return found, counts


def numbered(session: Session, app: App, ids: Sequence[str]) -> list[Fault]:
    """The faults with these ids. Raises Mistake, which names those that are not open."""
    plain = [int(one) for one in ids if one.isascii() and one.isdigit()]
    with app.store.read() as tx:
        known = {str(item.id): of_item(item) for item in tx.reviews.get(plain)}
    if any(one.startswith(PREFIX) for one in ids):
        known |= {one.id: one for one in all_faults(app)[0] if one.row_id}
    lacking = [one for one in ids if one not in known]
    if lacking:
        what = session.translate("nothing open is called %(ids)s; `baton errors` lists what is")
        raise Mistake(what % {"ids": ", ".join(lacking)})
    return [known[one] for one in ids]
