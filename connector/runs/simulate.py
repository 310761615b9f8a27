"""Changed criteria over the stored population: who would come in, who would go out, and why. Writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.config import Flow
from connector.model.ports import Store
from connector.model.stages import Stage
from connector.runs.population import Question, Row, Turned, rows, uses_of
from connector.steps.conditions.condition import Explained
from connector.steps.simulation import Moved, Stand, moved

#: So many leads that flip are kept with their reasons, of all candidates together; the others are counted.
MOST_TOLD = 1000
#: How far back the load of a week is counted.
LATELY = timedelta(weeks=13)
WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Flip:
    """A lead that would come `in` or go `out`, since `day`. `shut` is what the present or the changed gate lacks.

    `team` and `rep` are whom the rules name or, going out, who has it; `before` and `after` are points in all.
    `stage` and `reason` (of a rejection) are what became of it until today.
    """

    lead_id: int
    who: str
    way: str
    flow: str
    stage: Stage
    day: datetime | None
    team: str
    rep: str
    before: int
    after: int
    hot: bool
    missing: tuple[str, ...]
    rules: tuple[Moved, ...]
    shut: Explained | None = None
    reason: str = ""


@dataclass(slots=True)
class Effect:
    """What one set of changed criteria leads to.

    Of whoever would be `qualified` so many are `hot`, were `accepted` (that or further), `rejected`, `won`; `lately`
    of them qualified in the last thirteen weeks. The `by_` count (name, "in" or "out"), by flow for hot leads alone,
    too; `became` where whoever would go out stands today, and with which reason.
    """

    label: str
    qualified: int = 0
    came: int = 0
    went: int = 0
    hot: int = 0
    accepted: int = 0
    rejected: int = 0
    won: int = 0
    lately: int = 0
    by_day: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_team: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_rep: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_flow: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_stage: Counter[tuple[str, str]] = field(default_factory=Counter)
    hot_by_flow: Counter[str] = field(default_factory=Counter)
    became: Counter[tuple[str, str]] = field(default_factory=Counter)
    flips: list[Flip] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """Everything that a simulation found.

    `qualified` stand over the line as recorded, `present` by the present criteria. `otherwise` are leads that stand
    otherwise than the criteria that decided about them would have it now, because fields have changed since.
    `earlier` were decided under earlier criteria. `left_out` counts by reason those about whom people decided.
    `exact_from` is from when on decisions can be gone through exactly (None: all of them), `before_exact` how many
    were made before. `decided` counts recorded decisions by day, `first` is the earliest.
    """

    at: datetime
    leads: int = 0
    qualified: int = 0
    present: int = 0
    otherwise: int = 0
    earlier: int = 0
    before_exact: int = 0
    exact_from: datetime | None = None
    first: datetime | None = None
    left_out: Counter[str] = field(default_factory=Counter)
    decided: Counter[str] = field(default_factory=Counter)
    effects: list[Effect] = field(default_factory=list)

    @property
    def weeks(self) -> float:
        """The weeks in which `lately` was counted, 0 where nothing was decided."""
        return min(LATELY, self.at - self.first) / WEEK if self.first is not None else 0.0


def simulate(store: Store, question: Question) -> Outcome:
    """Go through the whole population, a batch a transaction. Nothing is written, and only flips are kept."""
    found = Outcome(question.at, effects=[Effect(label) for label in question.changed])
    uses = uses_of(question)
    with store.read() as tx:
        cut = tx.retention.complete_from().get("activities")
    found.exact_from = cut + (uses.horizon or timedelta()) if cut is not None else None
    for row in rows(store, question, found.left_out):
        _count(row, question, found)
    for effect in found.effects:
        effect.flips.sort(key=lambda one: (one.way, -abs(one.after - one.before), one.lead_id))
    return found


def _count(row: Row, question: Question, found: Outcome) -> None:
    found.leads += 1
    found.qualified += row.recorded
    found.present += row.present.over
    versions = {flow.name: flow.criteria.version for flow in question.present}
    decided = row.handoff if row.recorded else None
    if decided is not None:
        found.decided[_day(decided.decided_at, decided.flow, question)] += 1
        found.first = min(found.first or decided.decided_at, decided.decided_at)
    if decided is not None and decided.version != versions.get(decided.flow):
        found.earlier += 1
    elif row.recorded != row.present.over:
        found.otherwise += 1
    if decided is not None and found.exact_from is not None and decided.decided_at < found.exact_from:
        found.before_exact += 1
    for number, (effect, changed) in enumerate(zip(found.effects, row.changed, strict=True)):
        turned = row.turns[number] if row.turns else None
        if changed.over:
            _qualified(row, changed, turned, question, effect)
        if changed.over != row.present.over:
            _flip(row, changed, turned, question, effect)


def _qualified(row: Row, changed: Stand, turned: Turned | None, question: Question, effect: Effect) -> None:
    stage, since = row.lead.stage, row.handoff.decided_at if row.recorded and row.handoff else None
    since = since or (turned.day if turned is not None else None) or question.at
    effect.qualified += 1
    effect.hot += changed.hot
    effect.lately += since > question.at - LATELY
    if row.recorded:
        effect.accepted += stage in ("sal", "sql", "opportunity", "won", "lost")
        effect.rejected += stage == "rejected"
        effect.won += stage == "won"


def _flip(row: Row, changed: Stand, turned: Turned | None, question: Question, effect: Effect) -> None:
    day = turned.day if turned is not None else None
    if question.since is not None and (day is None or day < question.since):
        return
    way = "in" if changed.over else "out"
    handoff = row.handoff if row.recorded else None
    to = (changed if changed.over else row.present).to
    team, rep = "" if to.person else to.to, to.person
    if way == "out" and handoff is not None:
        team, rep = handoff.team or team, handoff.owner or rep
    flow = changed.flow or row.present.flow
    effect.came += way == "in"
    effect.went += way == "out"
    effect.by_day[_day(day, flow, question), way] += 1
    effect.by_team[team, way] += 1
    effect.by_rep[rep, way] += 1
    effect.by_stage[row.lead.stage, way] += 1
    effect.by_flow[flow, way] += 1
    effect.hot_by_flow[flow] += way == "in" and changed.hot
    reason = handoff.reason if handoff is not None else ""
    if way == "out":
        effect.became[row.lead.stage, reason] += 1
    if len(effect.flips) < MOST_TOLD // max(len(question.changed), 1):
        before, after = (one.score.total if one.score is not None else 0 for one in (row.present, changed))
        effect.flips.append(
            Flip(
                row.lead.id, str(row.lead.fields.get("email") or ""), way, flow, row.lead.stage, day, team, rep,
                before, after, changed.hot, changed.missing, tuple(moved(row.present.score, changed.score)),
                turned.shut if turned is not None else None, reason,
            )
        )  # fmt: skip


def _day(at: datetime | None, flow: str, question: Question) -> str:
    """The day in the zone of a flow, "" for none."""
    zone = next((one.zone for one in (*question.present, *_all(question)) if one.name == flow), None)
    return at.astimezone(zone).date().isoformat() if at else ""


def _all(question: Question) -> Sequence[Flow]:
    return [flow for flows in question.changed.values() for flow in flows]
