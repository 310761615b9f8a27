"""A decision that is recorded, taken again: from what is stored by now, under the criteria that it was made by.

What is stored need not be what was known then. An activity may have been read later than it happened, and a field may
have been said anew: both are tried as they were, as far as that is kept. Where the decision still comes out
otherwise, it is said what is no longer known; where nothing is amiss and it comes out otherwise, it differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from connector.model.activity import Activity
from connector.model.joining import Joining
from connector.model.lead import Lead, Statement
from connector.model.stages import Stage
from connector.steps.conditions.condition import Explained
from connector.steps.golden import Judging
from connector.steps.identity import derive_again
from connector.steps.normalise.values import derivable
from connector.steps.qualification import BELOW_BAND, GATE_ENDED, GATE_PASSED, IN_BAND, judge
from connector.steps.simulation import judged

#: Why a lead was moved by points: these decisions can be taken again.
BY_POINTS = frozenset({GATE_PASSED, GATE_ENDED, IN_BAND, BELOW_BAND})
#: So many activities, the last ones stored, are tried as not known yet.
MOST_LATE = 60

#: A platform is read at least so often: what was said just before a decision may have been read only after it.
LAG = timedelta(days=1)

Doubt = Literal["deleted", "overwritten", "read late", "joined", "account", "returned", "version", "flow"]


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as it is recorded. `hot` is None where that is not; `back`: the lead was handed over before."""

    at: datetime
    to: Stage
    why: str
    flow: str
    version: str
    total: int
    grade: str
    hot: bool | None = None
    back: bool = False


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of taking a decision again.

    `stage`, `total`, `grade` and `hot` are what comes out now. `differing` names what of it is otherwise than recorded.
    It came out the same with `late` activities left out, that were stored after it, and with `older` words of fields
    that were said anew since. `doubts` are what is no longer known, each with what it is about; `gates` why each held.
    """

    decision: Decision
    result: Literal["same", "differs", "unknown"]
    stage: str = ""
    total: int = 0
    grade: str = ""
    hot: bool = False
    differing: tuple[str, ...] = ()
    late: int = 0
    older: tuple[str, ...] = ()
    doubts: tuple[tuple[Doubt, str], ...] = ()
    gates: Mapping[str, Explained] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kept:
    """What else is stored about a lead: from when on its activities are complete, and with whom it was made one."""

    complete: datetime | None = None
    joinings: Sequence[Joining] = ()


def not_replayed(decision: Decision, doubt: Doubt, about: str = "") -> Replayed:
    """A decision that nobody can take again."""
    return Replayed(decision, "unknown", doubts=((doubt, about),))


def replay(decision: Decision, lead: Lead, activities: Sequence[Activity], flow: Judging, kept: Kept) -> Replayed:
    """Take `decision` again under `flow`, which is as it was then. `activities` are all that are stored."""
    done = sorted((one for one in activities if one.at <= decision.at), key=lambda one: one.id)
    first = _taken(decision, lead, done, flow)
    if not first.differing:
        return first
    for changed, older, late in _worlds(decision, lead, done, flow):
        found = _taken(decision, changed, done[: len(done) - late], flow)
        if not found.differing:
            return replace(found, late=late, older=older)
    doubts = tuple(_doubts(decision, lead, flow, kept))
    return replace(first, result="unknown" if doubts else "differs", doubts=doubts)


def _worlds(
    decision: Decision, lead: Lead, done: Sequence[Activity], flow: Judging
) -> Iterator[tuple[Lead, tuple[str, ...], int]]:
    """What else may have been known then, the likeliest first: the lead, fields in older words, activities left out."""
    before, older = _older(decision, lead, flow)
    if older:
        yield before, older, 0
    for late in range(1, min(len(done), MOST_LATE) + 1):
        yield lead, (), late
        if older:
            yield before, older, late


def _taken(decision: Decision, lead: Lead, activities: Sequence[Activity], flow: Judging) -> Replayed:
    facts, judgement = judged(lead, activities, flow, decision.at)
    if judgement is not None and judgement.stage == "mql" and decision.back and decision.to != "mql":
        # Who was handed over before is below the line until something new comes.
        judgement = judge(replace(lead, stage="known"), facts, flow.criteria, (), handed_over=False, over=False)
    score = facts.score or flow.criteria.score(facts)
    stage = judgement.stage if judgement is not None else ""
    hot = judgement is not None and judgement.hot
    differs = {
        "stage": stage != decision.to,
        "total": score.total != decision.total,
        "grade": score.grade != decision.grade,
        "hot": decision.hot not in (None, hot),
        "ended": decision.why == GATE_ENDED and not flow.criteria.passes("mql_ends", facts),
    }
    differing = tuple(name for name, otherwise in differs.items() if otherwise)
    gates = flow.criteria.explain(facts)
    return Replayed(decision, "same", stage, score.total, score.grade, hot, differing, gates=gates)


def _asked(flow: Judging) -> frozenset[str]:
    uses = flow.criteria.uses if flow.takes is None else flow.criteria.uses | flow.takes.uses
    return uses.fields | frozenset(flow.required)


def _since(moment: datetime, lead: Lead, flow: Judging) -> list[str]:
    """Fields that decide and that were said anew after `moment`, or come from such."""
    anew = [name for name, (_, at) in lead.said.items() if at and datetime.fromisoformat(at) > moment]
    asked = _asked(flow)
    return sorted(name for name in anew if name in asked or not asked.isdisjoint(derivable([name]) - lead.said.keys()))


def _older(decision: Decision, lead: Lead, flow: Judging) -> tuple[Lead, tuple[str, ...]]:
    """The lead with the words of then, of fields that were said anew since and of which older words are kept."""
    fields, said, older = dict(lead.fields), dict(lead.said), []
    for name in _since(decision.at, lead, flow):
        found = [(by, words[name]) for by, words in lead.sides.items() if name in words]
        known = [(by, one) for by, one in found if _was_said(one, decision.at)]
        if known:
            by, one = max(known, key=lambda pair: pair[1].at)
            fields.pop(name, None)
            if one.value is not None:
                fields[name] = one.value
            said[name] = by, one.at or decision.at.isoformat()
            older.append(name)
    before = replace(lead, fields=fields, said=said)
    if older:
        derive_again(before)
    return before, tuple(older)


def _was_said(one: Statement, at: datetime) -> bool:
    return not one.at or datetime.fromisoformat(one.at) <= at


def _doubts(decision: Decision, lead: Lead, flow: Judging, kept: Kept) -> Iterator[tuple[Doubt, str]]:
    horizon = flow.criteria.horizon
    if kept.complete is not None and (horizon is None or decision.at - horizon < kept.complete):
        yield "deleted", kept.complete.isoformat()
    if anew := _since(decision.at, lead, flow):
        yield "overwritten", ", ".join(anew)
    elif (lead.changed_at or decision.at) > decision.at and (lately := _since(decision.at - LAG, lead, flow)):
        yield "read late", ", ".join(lately)
    for one in kept.joinings:
        if max(one.at, one.undone_at or one.at) > decision.at:
            yield "joined", str(one.loser if one.winner == lead.id else one.winner)
    if flow.criteria.account is not None and (lead.score is None or lead.score.at != decision.at):
        yield "account", ""
    if decision.back:
        yield "returned", ""
