"""Where a lead stands by its facts and score: the moves that Baton makes by itself.

The table of moves is `connector.model.stages`. Stages that people decide are never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.model.activity import Activity
from connector.model.facts import Facts
from connector.model.lead import Lead
from connector.model.stages import Stage
from connector.steps.conditions.fields import is_blank
from connector.steps.facts import account_of, build
from connector.steps.normalise import mail
from connector.steps.scoring.criteria import Criteria

#: Why a lead was moved, as it is kept with the transition.
GATE_PASSED = "gate mql passed"
GATE_ENDED = "gate mql no longer passed, and mql_ends holds"
IN_BAND = "in the nurture band"
BELOW_BAND = "below the nurture band"


@dataclass(slots=True)
class Judgement:
    """Where a lead is to stand. `why` is "" where it stays.

    `missing` names required fields that keep it from becoming an MQL. `hot` says whether the
    hot gate holds, `gate_passed` whether the MQL gate does; both whatever the stage.
    """

    stage: Stage
    why: str = ""
    missing: tuple[str, ...] = ()
    hot: bool = False
    gate_passed: bool = False


def judge(
    lead: Lead,
    facts: Facts,
    criteria: Criteria,
    required: Sequence[str],
    handed_over: bool,
    over: bool | None = None,
) -> Judgement:
    """Judge `lead` by `facts`, whose score is set.

    An MQL falls back only before it is `handed_over`, when the gate no longer passes and
    `mql_ends` holds; without `mql_ends` it stays one. `over` says whether the lead counts as over the line, where
    that is known otherwise than by the gate.
    """
    passed = criteria.passes("mql", facts) if over is None else over
    hot = criteria.passes("hot", facts)
    stage = lead.stage
    if stage in ("known", "warm"):
        if passed:
            missing = tuple([name for name in required if _lacks(lead, facts, name)])
            if missing:
                return Judgement(stage, "", missing, hot, passed)
            return Judgement("mql", GATE_PASSED, (), hot, passed)
        below = _below_the_line(facts, criteria)
        why = "" if below == stage else IN_BAND if below == "warm" else BELOW_BAND
        return Judgement(below, why, (), hot, passed)
    if stage == "mql" and not passed and not handed_over and criteria.passes("mql_ends", facts):
        return Judgement(_below_the_line(facts, criteria), GATE_ENDED, (), hot, passed)
    return Judgement(stage, "", (), hot, passed)


def passed_at(
    lead: Lead,
    activities: Iterable[Activity],
    criteria: Criteria,
    moment: datetime,
    lifetime: Mapping[str, int] | None = None,
) -> bool:
    """Whether `lead` was over the MQL line at `moment`, by the activities up to then.

    Its fields and its account count as they are today. `activities` and `lifetime` may go on after `moment`.
    """
    facts = build(lead, activities, moment, lifetime, account=account_of(lead))
    facts.score = criteria.score(facts)
    return criteria.passes("mql", facts)


def passed_anew(lead: Lead, activities: Sequence[Activity], criteria: Criteria, since: datetime, now: datetime) -> bool:
    """Whether what `lead` did at or after `since` takes it over the MQL line by itself.

    Somebody who was over the line long before, and asks for a demo today, asks today.
    """
    recent = [activity for activity in activities if activity.at >= since]
    return bool(recent) and passed_at(lead, recent, criteria, now) and not passed_at(lead, (), criteria, now)


def _lacks(lead: Lead, facts: Facts, name: str) -> bool:
    """Whether a required field is blank, or holds a text that is no address where one is needed."""
    return is_blank(facts.fields.get(name)) or lead.flags.get(name) == mail.NO_ADDRESS


def _below_the_line(facts: Facts, criteria: Criteria) -> Stage:
    return "warm" if criteria.passes("nurture", facts) else "known"
