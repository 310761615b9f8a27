"""What no longer applies clears itself: refused writes that nobody needs, notices whose cause is gone.

Looked through with each pass, as far as there is anything; nothing is written where nothing applies.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.outbox import OutboxRow
from connector.model.ports import ReviewItem, ReviewKind, Transaction
from connector.runs.fix_queue import MEND, mend_key
from connector.runs.left_out import left_out_name
from connector.runs.respect import PEOPLE
from connector.runs.rows import Rows, view
from connector.runs.runtime import Runtime
from connector.runs.taken import taken_name
from connector.runs.tell import reason_of
from connector.steps.vocabulary import LEFT_OUT

PAGE, EVERY = 500, 10**9
#: The handoff that a `once` row is of, as its key says.
_HANDOFF = re.compile(r":handoff-(\d+):")
#: Notices about a field that is written, by how their key begins.
OF_FIELDS = ("choice", "unsent", "fight", LEFT_OUT)


@dataclass(slots=True)
class Cleared:
    """What is to be cleared: rows of the outbox, and items by kind."""

    rows: list[int] = field(default_factory=list)
    items: dict[ReviewKind, list[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.rows or self.items)


def clear(runtime: Runtime, rows: Rows, counts: Counter[str]) -> None:
    """Drop refused writes that nobody needs any more, close what has no cause any more; counts both as `cleared`."""
    with runtime.store.read() as tx:
        found = Clearing(tx, rows).look()
        words = idle_words(tx, runtime)
    if not found and not words:
        return
    now = runtime.clock()
    with runtime.store.write() as tx:
        counts["cleared: refused writes"] += tx.outbox.release(found.rows, "dropped", now)
        for kind, keys in found.items.items():
            counts[f"cleared: {kind}"] += tx.reviews.close(kind, keys, "cleared", now)
        for name in words:
            tx.admin.set_meta(name, "")


def idle_words(tx: Transaction, runtime: Runtime) -> list[str]:
    """Words of the store that say that something is at hand which is not any more."""
    found = []
    for target in runtime.config.connections:
        kept = tx.admin.meta(taken_name(target))
        if kept and not tx.outbox.rows(target=target, states=("waiting", "in_flight", "unknown"), limit=1):
            found.append(taken_name(target))
    left = [name for name in tx.admin.metas(left_out_name("")) if name]
    if left and not any(item.key.startswith(f"{LEFT_OUT}:") for item in items(tx, "notice")):
        found += left
    return found


def items(tx: Transaction, kind: ReviewKind) -> Iterator[ReviewItem]:
    """Every open item of a kind."""
    after = 0
    while found := tx.reviews.open(kind, PAGE, after):
        yield from found
        after = found[-1].id


@dataclass(slots=True)
class Clearing:
    """Looks through what waits for a person, in one reading of the store."""

    tx: Transaction
    rows: Rows
    leads: Mapping[int, Lead] = field(default_factory=dict)
    handoffs: Mapping[int, list[Handoff]] = field(default_factory=dict)

    def look(self) -> Cleared:
        """What applies no more."""
        stuck = self.tx.outbox.rows(states=("dead", "parked"), limit=EVERY)
        kinds: tuple[ReviewKind, ...] = ("set_aside", "missing_fields", "parked_flow", "notice")
        counts = self.tx.reviews.counts()
        waits = {kind: list(items(self.tx, kind)) for kind in kinds if counts.get(kind)}
        ids = {row.lead_id for row in stuck} | {one.lead_id for some in waits.values() for one in some}
        self._load(sorted(ids - {0}))
        found = Cleared(self._rows(stuck))
        for kind, some in waits.items():
            if keys := [one.key for one in some if self._is_over(one)]:
                found.items[kind] = keys
        return found

    def _load(self, ids: Sequence[int]) -> None:
        if ids:
            self.leads, self.handoffs = self.tx.intake.leads(ids), self.tx.handoffs.of_leads(ids)

    # refused writes

    def _rows(self, stuck: Sequence[OutboxRow]) -> list[int]:
        gone = self._gone(stuck)
        return [row.id for row in stuck if row.id in gone or (row.state == "dead" and self._is_needless(row))]

    def _gone(self, stuck: Sequence[OutboxRow]) -> set[int]:
        """Rows of what a person deleted there, or of what hangs on it; not on what was there before us."""
        places: dict[tuple[str, str], list[tuple[str, int]]] = {}
        for row in stuck:
            if row.parent and row.parent_object != "lead":
                continue
            about = (row.parent_object, row.parent) if row.parent else (row.object, row.our_key)
            places.setdefault((row.target, about[0]), []).append((about[1], row.id))
        found = set()
        for (target, object), some in places.items():
            receipts = self.tx.outbox.receipts(target, object, sorted({key for key, _ in some}))
            # What was converted goes on as the contact that it became.
            became = self.tx.outbox.receipts(target, "contact", sorted({key for key, _ in some}))
            gone = {key for key, one in receipts.items() if one.gone and key not in became}
            found |= {row_id for key, row_id in some if key in gone}
        return found

    def _is_needless(self, row: OutboxRow) -> bool:
        if row.target not in self.rows.config.connections:
            # Should the connection come back, what is dropped now would not be made anew: a person lets go of it.
            return False
        lead = self.leads.get(row.lead_id)
        if lead is None:
            return False
        if lead.merged_into or (row.flow and row.flow not in self._flows() and lead.flow not in self._flows()):
            return True
        return self._is_closed(row)

    def _is_closed(self, row: OutboxRow) -> bool:
        """Whether the handoff that a row is for has ended."""
        of_lead = [one for one in self.handoffs.get(row.lead_id, ()) if one.opened_at]
        if named := _HANDOFF.search(row.key):
            return any(one.id == int(named[1]) and one.state == "closed" for one in of_lead)
        flow = self.rows.config.flows.get(row.flow)
        written_to_rep = row.object in PEOPLE and flow is not None and flow.crm == row.target
        return written_to_rep and bool(of_lead) and all(one.state == "closed" for one in of_lead)

    def _flows(self) -> Iterable[str]:
        return self.rows.config.flows

    # items

    def _is_over(self, item: ReviewItem) -> bool:
        config = self.rows.config
        if item.kind == "parked_flow":
            return item.key not in config.flows and not self._holds_back(item.key)
        if item.connection and item.connection not in config.connections:
            # Nor is a record that was passed over read again before it changes.
            return item.kind != "set_aside"
        lead = self.leads.get(item.lead_id)
        if item.kind == "missing_fields":
            return lead is not None and (bool(lead.merged_into) or lead.flow not in config.flows)
        return item.kind == "notice" and self._is_past(item, lead)

    def _holds_back(self, flow: str) -> bool:
        """Whether something of a parked flow waits, which nobody has looked at."""
        waiting = self.tx.outbox.rows(states=("waiting",), limit=EVERY)
        return any(row.flow == flow and row.kind == "state" for row in waiting)

    def _is_past(self, item: ReviewItem, lead: Lead | None) -> bool:
        kind = item.key.partition(":")[0]
        if kind in OF_FIELDS and item.field and item.field not in self._written(item.connection):
            return True
        if kind == "unsent":
            return lead is not None and self._can_be_sent(item, lead)
        if kind == LEFT_OUT:
            return lead is not None and (bool(lead.merged_into) or self._has_ended(lead.id))
        if kind in ("duplicate", "several"):
            return self._is_one(item)
        if kind == MEND:
            return lead is not None and (bool(lead.merged_into) or not self._is_mended_for(item, lead))
        return kind == "score" and lead is not None and bool(lead.merged_into)

    def _is_mended_for(self, item: ReviewItem, lead: Lead) -> bool:
        """Whether the lead is still away for a reason for which its data is to be mended."""
        handoff = next((one for one in self.handoffs.get(lead.id, ()) if mend_key(one) == item.key), None)
        reason = reason_of(self.rows.config.flows.get(lead.flow), lead, handoff)
        return reason is not None and bool(reason.mend_by)

    def _written(self, connection: str) -> set[str]:
        mapping = self.rows.config.connections[connection].mapping
        return {name for object in mapping.write_objects for name in mapping.written(object)}

    def _has_ended(self, lead_id: int) -> bool:
        of_lead = [one for one in self.handoffs.get(lead_id, ()) if one.opened_at]
        return bool(of_lead) and all(one.state == "closed" for one in of_lead)

    def _can_be_sent(self, item: ReviewItem, lead: Lead) -> bool:
        """Whether the field that could not be sent of this lead can be by now."""
        mapping, object = self.rows.config.connections[item.connection].mapping, str(item.body.get("object", ""))
        of_lead = self.handoffs.get(lead.id) or [Handoff(lead.id, lead.flow, "", "closed", item.last_at, "")]  # type: ignore[arg-type]
        render = self.rows.render_for(lead, of_lead[-1])
        _, unsent = mapping.to_platform(object, view(lead, of_lead[-1]), creating=True, render=render)
        return bool(object) and item.field not in {name for name, _ in unsent}

    def _is_one(self, item: ReviewItem) -> bool:
        """Whether of several records one is left, as the mirror knows."""
        places = [(str(one[0]), str(one[1])) for one in item.body.get("records", ())]
        live = 0
        for object in {object for object, _ in places}:
            ids = [id for kind, id in places if kind == object]
            known = self.tx.mirror.get(item.connection, object, ids)  # type: ignore[arg-type]
            live += len(ids) - sum(one.gone or bool(one.merged_into) for one in known.values())
        return bool(places) and live <= 1
