"""The records that the next run would write, as the rehearsal has them: before anybody outside was asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from connector.insight.plan import Row
from connector.model import sentences
from connector.model.adapter import FindItem
from connector.model.lead import CONTACT, Lead
from connector.model.mirror import CrmRecord, Wanted
from connector.model.outbox import CONSENT, OutboxRow, Receipt
from connector.model.plans import PlannedRow
from connector.model.ports import Transaction
from connector.runs.gathering import keys_of_all
from connector.runs.look_up import can_be_asked, wanted
from connector.runs.plan import BATCH, Look
from connector.runs.planning import basis
from connector.runs.respect import PEOPLE, by_name
from connector.runs.rows import our_key
from connector.runs.tell import MEMBERSHIP
from connector.steps.field_rules import own_names, stale
from connector.steps.planned import Wish, differing


@dataclass(slots=True)
class Draft:
    """A row of the plan on its way, and what it is to be held against.

    `wish` is None where there is nothing to hold: the row stands as it is. `wanted` are the keys by which somebody
    is looked up who is not known there; `judged` begins the basis. `fresh`: the row is not in the outbox yet.
    `receipt` is as the line would leave it, `before` as it is.
    """

    row: PlannedRow
    wish: Wish | None = None
    receipt: Receipt | None = None
    before: Receipt | None = None
    wanted: Wanted | None = None
    judged: str = ""
    fresh: bool = False

    @property
    def item(self) -> FindItem:
        """The question what stands there."""
        return FindItem(self.row.object, self.row.our_key, self.row.crm_id)

    @property
    def asks(self) -> bool:
        """Whether there is something to ask. Of a list, whether somebody is on it costs a call for each: not asked."""
        return self.wish is not None and self.row.object != MEMBERSHIP


def drafts(look: Look, flow: str = "", only: int = 0) -> list[Draft]:
    """What would be written, lead by lead, best first; what is left as it is, too."""
    rows = look.plan(flow)
    found: list[Draft] = []
    for start in range(0, len(rows), BATCH):
        some = [row for row in rows[start : start + BATCH] if only in (0, row.lead_id)]
        found += _Drafting(look, some).run() if some else []
    return found


def with_receipts(tx: Transaction, found: Sequence[Draft]) -> None:
    """What the targets have acknowledged of the drafts, as the store has it."""
    asked: dict[tuple[str, str], list[Draft]] = {}
    for draft in found:
        if draft.wish is not None:
            asked.setdefault((draft.row.target, draft.row.object), []).append(draft)
    for (target, object), some in asked.items():
        told = tx.outbox.receipts(target, object, [draft.row.our_key for draft in some])
        for draft in some:
            draft.before = told.get(draft.row.our_key)


@dataclass(slots=True)
class _Drafting:
    """Drafts of one batch of leads; what it needs of the store is read at once."""

    look: Look
    rows: Sequence[Row]
    leads: Mapping[int, Lead] = field(default_factory=dict)
    receipts: dict[tuple[str, str, str], Receipt] = field(default_factory=dict)
    records: dict[tuple[str, str], CrmRecord] = field(default_factory=dict)
    keys: dict[str, Mapping[int, Any]] = field(default_factory=dict)
    own: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def run(self) -> list[Draft]:
        """The drafts, in the order of the rows."""
        ids = [row.lead_id for row in self.rows]
        self.leads = self.look.tx.intake.leads(ids)
        waiting = [one for lead_id in ids for one in self.look.waiting.get(lead_id, ())]
        self._read(waiting)
        return [draft for row in self.rows for draft in self._of_lead(row)]

    def _read(self, waiting: Sequence[OutboxRow]) -> None:
        tx, states = self.look.tx, [one for one in waiting if one.kind == "state"]
        states.sort(key=lambda one: (one.target, one.object))
        for (target, object), some in groupby(states, lambda one: (one.target, one.object)):
            told = tx.outbox.receipts(target, object, [one.our_key for one in some])
            self.receipts |= {(target, object, key): one for key, one in told.items()}
        for target in {one.target for one in states}:
            ids = sorted({one.crm_id for (of, *_), one in self.receipts.items() if of == target and one.crm_id})
            for object in PEOPLE if ids else ():
                self.records |= {(target, id): one for id, one in tx.mirror.get(target, object, ids).items()}

    def _of_lead(self, row: Row) -> Iterator[Draft]:
        # What people said about being contacted goes out before anything else, whatever a plan says.
        waiting = [one for one in self.look.waiting.get(row.lead_id, ()) if one.group != CONSENT]
        old = {one.target for one in waiting if one.id in self.look.before}
        states = [one for one in waiting if one.kind == "state"]
        once: dict[str, list[str]] = {}
        for one in waiting:
            if one.kind == "once":
                once.setdefault(one.target, []).append(one.object)
        said: set[str] = set()
        for one in sorted(states, key=lambda one: (one.target != row.target, one.object == MEMBERSHIP, one.our_key)):
            also = once.pop(one.target, []) if one.object in PEOPLE and not self._told(one) else []
            said.add(one.target)
            yield self._of_row(row, one, also, waits=one.target in old)
        for target, objects in once.items():
            said.add(target)
            yield self._on_record(row, target, objects, waits=target in old)
        if row.target not in said:
            yield Draft(self._as_it_is(row))

    def _told(self, one: OutboxRow) -> bool:
        """Whether a row tells a source of one of its contacts."""
        flow = self.look.runtime.config.flows.get(one.flow)
        return flow is not None and one.target in flow.sources and one.object in (CONTACT, MEMBERSHIP)

    def _as_it_is(self, row: Row) -> PlannedRow:
        """A lead of which nothing is written, and why."""
        reason = row.reason or sentences.NOTHING_TO_CHANGE
        return replace(self._planned(row), action="skip", kind=row.kind or sentences.NOTHING_TO_CHANGE, reason=reason)

    def _planned(self, row: Row) -> PlannedRow:
        lead = self.leads[row.lead_id]
        return PlannedRow(
            0, "skip", row.target, "lead", our_key(self.look.rows.store_id, row.lead_id), row.lead_id, lead.flow,
            owner=row.owner, kind=row.kind, reason=row.reason, who=row.who, hot=row.hot, total=row.total,
            grade=row.grade,
        )  # fmt: skip

    def _of_row(self, row: Row, one: OutboxRow, also: Sequence[str], *, waits: bool) -> Draft:
        told, flow = self._told(one), one.flow or self.leads[row.lead_id].flow
        receipt = self.receipts.get((one.target, one.object, one.our_key))
        planned = replace(
            self._planned(row), target=one.target, object=one.object, our_key=one.our_key, group=one.group,
            crm_id=(receipt.crm_id if receipt else "") or one.crm_id, also=tuple(also), flow=flow,
            left_out=tuple(row.unsent) if one.target == row.target else (),
        )  # fmt: skip
        if told:
            planned = replace(planned, kind=sentences.TELLS_MARKETING, reason=sentences.TELLS_MARKETING)
        if receipt is not None and receipt.gone:
            gone = sentences.GONE_THERE % {"target": one.target}
            return Draft(replace(planned, kind=gone, reason=gone), fresh=True)
        stopped = self._stopped(row, one, planned, waits=waits)
        if stopped is not None:
            return stopped
        planned = replace(planned, action="update" if planned.crm_id else "create", **self._opening(row, told=told))
        wish = Wish(one.values, one.values, receipt.values if receipt else {}, self._read_of(one, receipt),
                    self._own(one, told=told))  # fmt: skip
        if not differing(wish) and not also:
            same = sentences.NOTHING_TO_CHANGE
            return Draft(replace(planned, action="skip", kind=same, reason=same, opens=False))
        new = planned.action == "create" and one.object in PEOPLE
        wanted = self._wanted(one.target, row.lead_id) if new else None
        return Draft(planned, wish, receipt, wanted=wanted, judged=self._judged(row.lead_id), fresh=True)

    def _stopped(self, row: Row, one: OutboxRow, planned: PlannedRow, *, waits: bool) -> Draft | None:
        """The row of what waits for something else: for an earlier write, or a person."""
        if row.action == "wait" and one.target == row.target:
            return Draft(replace(planned, action="skip", kind=row.kind, reason=row.reason), fresh=not waits)
        if waits:
            words = sentences.WAITS_ALREADY
            return Draft(
                replace(planned, action="skip", kind=words, reason=words), fresh=one.id not in self.look.before
            )
        return None

    def _opening(self, row: Row, *, told: bool) -> dict[str, Any]:
        handoff = self.look.handoffs.get(row.lead_id)
        if told or handoff is None or handoff.state != "open" or handoff.id in self.look.out:
            return {}
        return {"opens": True, "team": handoff.team}

    def _on_record(self, row: Row, target: str, objects: Sequence[str], *, waits: bool) -> Draft:
        """What is made on a record that was there before us: a task, and what belongs to it."""
        handoff = self.look.handoffs.get(row.lead_id)
        place = handoff.record.partition(":")[2] if handoff else ""
        planned = replace(self._planned(row), target=target, object=objects[0], crm_id=place, also=tuple(objects[1:]))
        if waits or row.action == "wait":
            why = (row.kind, row.reason) if row.action == "wait" else (sentences.WAITS_ALREADY, sentences.WAITS_ALREADY)
            return Draft(replace(planned, action="skip", kind=why[0], reason=why[1]), fresh=not waits)
        planned = replace(planned, action="create", **self._opening(row, told=False))
        judged = f"{self._judged(row.lead_id)}.{basis.of_record(None, None, ())}"
        return Draft(replace(planned, basis=judged), fresh=True)

    def _judged(self, lead_id: int) -> str:
        lead = self.leads[lead_id]
        flow = self.look.runtime.config.flows.get(lead.flow)
        return basis.of_lead(lead, self.look.handoffs.get(lead_id), flow.criteria.version if flow else "")

    def _read_of(self, one: OutboxRow, receipt: Receipt | None) -> Mapping[str, Any]:
        """What was read of the record last; where that is older than what we wrote, with what we wrote."""
        record = self.records.get((one.target, receipt.crm_id)) if receipt else None
        if record is None or receipt is None:
            return {}
        return record.values | by_name(record.values, receipt.values) if stale(record, receipt.at) else record.values

    def _own(self, one: OutboxRow, *, told: bool) -> frozenset[str]:
        """What Baton computes is its own; all that marketing is told is that."""
        if told:
            return frozenset(one.values)
        place = (one.target, one.object)
        if place not in self.own:
            self.own[place] = own_names(self.look.runtime.config.connections[one.target].mapping.origins(one.object))
        return self.own[place]

    def _wanted(self, target: str, lead_id: int) -> Wanted | None:
        if target not in self.keys:
            self.keys[target] = keys_of_all(self.look.tx, target, self.look.rows.store_id, list(self.leads.values()))
        keys = self.keys[target][lead_id]
        return wanted(keys) if can_be_asked(keys) else None
