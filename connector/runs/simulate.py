"""Changed criteria over the stored population: who would come in, who would go out, and why. Writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

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
from connector.steps.simulation import Decided, Moved, Stand, moved, over_since, shut, stand

BATCH = 500
#: So many leads that flip are kept with their reasons, of all candidates together; the others are counted.
MOST_TOLD = 1000

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
class Flip:
    """A lead that would come `in` or go `out`, since `day`. `shut` is what the present or the changed gate lacks.

    `to` is whom the rules name or, going out, who has it; `before` and `after` are points in all.
    """

    lead_id: int
    who: str
    way: str
    flow: str
    stage: Stage
    day: datetime | None
    to: str
    before: int
    after: int
    hot: bool
    missing: tuple[str, ...]
    rules: tuple[Moved, ...]
    shut: Explained | None = None


@dataclass(slots=True)
class Effect:
    """What one set of changed criteria leads to. The `by_` count (name, "in" or "out"); `by_stage` who would go out."""

    label: str
    qualified: int = 0
    came: int = 0
    went: int = 0
    hot: int = 0
    by_day: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_target: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_flow: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_stage: Counter[str] = field(default_factory=Counter)
    flips: list[Flip] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """Everything that a simulation found.

    `qualified` stand over the line as recorded, `present` by the present criteria. `otherwise` are leads that stand
    otherwise than the criteria that decided about them would have it now, because fields have changed since.
    `earlier` were decided under earlier criteria. `left_out` counts by reason those about whom people decided.
    `exact_from` is from when on decisions can be gone through exactly (None: all of them), `before_exact` how many
    were made before.
    """

    at: datetime
    leads: int = 0
    qualified: int = 0
    present: int = 0
    otherwise: int = 0
    earlier: int = 0
    before_exact: int = 0
    exact_from: datetime | None = None
    left_out: Counter[str] = field(default_factory=Counter)
    effects: list[Effect] = field(default_factory=list)


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


def simulate(store: Store, question: Question) -> Outcome:
    """Go through the whole population, a batch a transaction. Nothing is written, and only flips are kept."""
    found = Outcome(question.at, effects=[Effect(label) for label in question.changed])
    uses = _uses(question)
    with store.read() as tx:
        cut = tx.retention.complete_from().get("activities")
    found.exact_from = cut + (uses.horizon or timedelta()) if cut is not None else None
    for row in rows(store, question, found.left_out):
        _count(row, question, found)
    for effect in found.effects:
        effect.flips.sort(key=lambda one: (one.way, -abs(one.after - one.before), one.lead_id))
    return found


def rows(store: Store, question: Question, left_out: Counter[str] | None = None) -> Iterator[Row]:
    """Each lead that is in one of the flows or would be, row for row, by number."""
    after, skipped, uses = 0, left_out if left_out is not None else Counter(), _uses(question)
    while True:
        with store.read() as tx:
            ids = tx.intake.lead_numbers(after, BATCH)
            batch = _Batch(tx, question, uses, skipped).rows(ids) if ids else []
        if not ids:
            return
        yield from batch
        after = ids[-1]


def _uses(question: Question) -> Uses:
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
        present = stand(lead, activities, flow_of(lead, facts, self.question.present), now, decided)
        changed = tuple(
            stand(lead, activities, flow_of(lead, facts, flows), now, decided)
            for flows in self.question.changed.values()
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
        flows = self.question.changed.values()
        turns = tuple(
            self._turned(row, one, some, activities, whole) for one, some in zip(row.changed, flows, strict=True)
        )
        return replace(row, turns=turns)

    def _turned(
        self, row: Row, one: Stand, flows: Sequence[Flow], activities: Sequence[Activity], whole: Sequence[Activity]
    ) -> Turned | None:
        if one.over == row.present.over:
            return None
        closed, among = (row.present, self.question.present) if one.over else (one, flows)
        flow = _named(among, closed.flow)
        why = shut(row.lead, activities, flow, closed.at) if flow is not None and closed.at is not None else None
        if not one.over:
            return Turned(row.handoff.decided_at if row.handoff else None, why)
        opened, until = _named(flows, one.flow), one.at or self.question.at
        return Turned((over_since(row.lead, whole, opened, until) if opened is not None else None) or until, why)


def _named(flows: Sequence[Flow], name: str) -> Flow | None:
    return next((flow for flow in flows if flow.name == name), None)


def _over(one: Stand) -> bool:
    return one.over


def _count(row: Row, question: Question, found: Outcome) -> None:
    found.leads += 1
    found.qualified += row.recorded
    found.present += row.present.over
    versions = {flow.name: flow.criteria.version for flow in question.present}
    decided = row.handoff if row.recorded else None
    if decided is not None and decided.version != versions.get(decided.flow):
        found.earlier += 1
    elif row.recorded != row.present.over:
        found.otherwise += 1
    if decided is not None and found.exact_from is not None and decided.decided_at < found.exact_from:
        found.before_exact += 1
    for number, (effect, changed) in enumerate(zip(found.effects, row.changed, strict=True)):
        effect.qualified += changed.over
        effect.hot += changed.over and changed.hot
        if changed.over != row.present.over:
            _flip(row, changed, row.turns[number], question, effect)


def _flip(row: Row, changed: Stand, turned: Turned | None, question: Question, effect: Effect) -> None:
    day = turned.day if turned is not None else None
    if question.since is not None and (day is None or day < question.since):
        return
    way = "in" if changed.over else "out"
    handoff = row.handoff if row.recorded else None
    owner = handoff.owner if handoff is not None else ""
    routed = (changed if changed.over else row.present).to
    to = (owner if way == "out" else "") or routed.person or routed.to
    flow = changed.flow or row.present.flow
    zone = next((one.zone for one in question.present if one.name == flow), None)
    effect.came += way == "in"
    effect.went += way == "out"
    effect.by_day[(day.astimezone(zone).date().isoformat() if day else "", way)] += 1
    effect.by_target[to, way] += 1
    effect.by_stage[row.lead.stage] += way == "out"
    effect.by_flow[flow, way] += 1
    if len(effect.flips) < MOST_TOLD // max(len(question.changed), 1):
        shown = Turned(day, turned.shut if turned is not None else None)
        effect.flips.append(_flip_of(row, changed, shown, way, flow, to))


def _flip_of(row: Row, changed: Stand, turned: Turned, way: str, flow: str, to: str) -> Flip:
    before, after = (one.score.total if one.score is not None else 0 for one in (row.present, changed))
    return Flip(
        row.lead.id, str(row.lead.fields.get("email") or ""), way, flow, row.lead.stage, turned.day, to,
        before, after, changed.hot, changed.missing, tuple(moved(row.present.score, changed.score)), turned.shut,
    )  # fmt: skip
