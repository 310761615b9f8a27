"""The stored population under the present criteria and under changed ones, lead by lead. Writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connector.config import Flow
from connector.model.activity import Activity
from connector.model.handoff import NOT_YET_OUT, Handoff
from connector.model.lead import Lead
from connector.model.ports import Store, Transaction
from connector.model.stages import Stage
from connector.runs.assess import flow_of
from connector.runs.rescore import looked_at
from connector.steps.conditions.condition import Explained, Uses
from connector.steps.facts import build
from connector.steps.simulation import Decided, Seen, Stand, over_since, shut, stand

BATCH = 500

#: Stages of whoever was decided to be an MQL.
DECIDED: frozenset[Stage] = frozenset({"mql", "sal", "sql", "opportunity", "won", "lost", "rejected"})


@dataclass(frozen=True, slots=True)
class Turned:
    """That a lead stands otherwise under changed criteria: since when, and what shuts the gate that is shut."""

    day: datetime | None
    shut: Explained | None


@dataclass(frozen=True, slots=True)
class Row:
    """One lead: as it is recorded, under the present criteria, and under each changed ones."""

    lead: Lead
    recorded: bool
    handoff: Handoff | None
    present: Stand
    changed: tuple[Stand, ...]
    turns: tuple[Turned | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """`present` are the flows as they are, `changed` those of each candidate by its label; both in their order.

    `only` names the one flow that is asked about ("" for all); of flips, those since `since` are told. Without
    `told` it is not looked up since when and why a lead flips.
    """

    present: Sequence[Flow]
    changed: Mapping[str, Sequence[Flow]]
    at: datetime
    only: str = ""
    since: datetime | None = None
    told: bool = True


def rows(store: Store, question: Question, left_out: Counter[str] | None = None) -> Iterator[Row]:
    """Each lead that is in one of the flows or would be, row for row, by number."""
    after, skipped, uses = 0, left_out if left_out is not None else Counter(), uses_of(question)
    while True:
        with store.read() as tx:
            ids = tx.intake.lead_numbers(after, BATCH)
            batch = _Batch(tx, question, uses, skipped).rows(ids) if ids else []
        if not ids:
            return
        yield from batch
        after = ids[-1]


def uses_of(question: Question) -> Uses:
    found = looked_at(question.present)
    for flows in question.changed.values():
        found |= looked_at(flows)
    return found


@dataclass(frozen=True, slots=True)
class _Batch:
    tx: Transaction
    question: Question
    uses: Uses
    left_out: Counter[str]

    def rows(self, ids: Sequence[int]) -> list[Row]:
        leads = [lead for lead in self.tx.intake.leads(ids).values() if not lead.merged_into]
        leads = [lead for lead in leads if lead.created_at is None or lead.created_at <= self.question.at]
        decided = [lead.id for lead in leads if lead.stage in DECIDED]
        handoffs = self.tx.handoffs.of_leads(decided) if decided else {}
        activities = self._activities(leads, handoffs)
        found = []
        for lead in leads:
            row = self._row(lead, activities.get(lead.id, ()), handoffs.get(lead.id, ()))
            if row is not None and self._is_asked(row):
                found.append(row)
        kept = self._without_those_back(found)
        if not self.question.told:
            return kept
        whole = self._whole(
            [row.lead.id for row in kept if any(one.over and not row.present.over for one in row.changed)]
        )
        return [self._with_turns(row, activities.get(row.lead.id, ()), whole.get(row.lead.id, ())) for row in kept]

    def _whole(self, ids: Sequence[int]) -> Mapping[int, Sequence[Activity]]:
        """Everything that these leads did, for finding the day on which they would have come in."""
        return self.tx.intake.activities(ids, None, self.uses.kinds) if ids and self.uses.kinds else {}

    def _activities(
        self, leads: Sequence[Lead], handoffs: Mapping[int, Sequence[Handoff]]
    ) -> Mapping[int, Sequence[Activity]]:
        if not self.uses.kinds or not leads:
            return {}
        moments = [self.question.at, *(one.decided_at for some in handoffs.values() for one in some)]
        since = min(moments) - self.uses.horizon if self.uses.horizon is not None else None
        return self.tx.intake.activities([lead.id for lead in leads], since, self.uses.kinds)

    def _row(self, lead: Lead, activities: Sequence[Activity], handoffs: Sequence[Handoff]) -> Row | None:
        handoff = next((one for one in reversed(handoffs) if one.stage == "mql"), None)
        decided = None
        if lead.stage in DECIDED:
            if handoff is None:
                self.left_out["decided by people"] += 1
                return None
            out = lead.stage != "mql" or handoff.state not in NOT_YET_OUT
            decided = Decided(handoff.decided_at, out)
        now = self.question.at
        recorded = decided is not None and decided.at <= now
        facts = build(lead, activities, now)
        seen = Seen(lead, activities)
        present = stand(seen, flow_of(lead, facts, self.question.present), now, decided)
        changed = tuple(
            stand(seen, flow_of(lead, facts, flows), now, decided) for flows in self.question.changed.values()
        )
        return Row(lead, recorded, handoff, present, changed)

    def _is_asked(self, row: Row) -> bool:
        named = {row.lead.flow, row.present.flow, *(one.flow for one in row.changed)}
        return self.question.only in named if self.question.only else named != {""}

    def _without_those_back(self, found: Sequence[Row]) -> list[Row]:
        """Whoever was handed over before and is not over the line now comes in by something new only: left out."""
        near = [row.lead.id for row in found if not row.recorded and (row.present.over or any(map(_over, row.changed)))]
        before = self.tx.handoffs.of_leads(near) if near else {}
        back = {id for id, some in before.items() if some and any(one.opened_at or one.reason for one in some)}
        self.left_out["handed over before"] += len(back)
        return [row for row in found if row.lead.id not in back]

    def _with_turns(self, row: Row, activities: Sequence[Activity], whole: Sequence[Activity]) -> Row:
        """The row, with what is to be told of each changed stand that differs from the present one."""
        if all(one.over == row.present.over for one in row.changed):
            return row
        flows, seen = self.question.changed.values(), Seen(row.lead, activities)
        turns = tuple(self._turned(row, one, some, seen, whole) for one, some in zip(row.changed, flows, strict=True))
        return replace(row, turns=turns)

    def _turned(
        self, row: Row, one: Stand, flows: Sequence[Flow], seen: Seen, whole: Sequence[Activity]
    ) -> Turned | None:
        if one.over == row.present.over:
            return None
        closed, among = (row.present, self.question.present) if one.over else (one, flows)
        flow = _named(among, closed.flow)
        why = shut(seen, flow, closed.at) if flow is not None and closed.at is not None else None
        if not one.over:
            return Turned(row.handoff.decided_at if row.handoff else None, why)
        opened, until = _named(flows, one.flow), one.at or self.question.at
        return Turned((over_since(row.lead, whole, opened, until) if opened is not None else None) or until, why)


def _named(flows: Sequence[Flow], name: str) -> Flow | None:
    return next((flow for flow in flows if flow.name == name), None)


def _over(one: Stand) -> bool:
    return one.over
