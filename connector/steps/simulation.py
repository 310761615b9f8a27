"""Where a lead would stand under other criteria: over the line or not, since when, by which points, whose it would be.

Somebody who was handed over is asked about the moment of that decision and about now: the criteria would have had to
let them through at one of them. Everybody else is asked about now. Fields, and what is known of the account, are those
of today: a lead does not remember what they were before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connector.model.activity import Activity
from connector.model.facts import Facts
from connector.model.lead import Lead
from connector.model.score import Score
from connector.steps.conditions.condition import Explained
from connector.steps.facts import account_of, build
from connector.steps.golden import Judging
from connector.steps.qualification import Judgement, judge
from connector.steps.routing.destination import NOBODY, Destination, destination

#: A lead is asked about at most so many moments to find out since when it is over the line.
MOMENTS = 2000


@dataclass(frozen=True, slots=True)
class Decided:
    """That a lead was decided to be an MQL: when, and whether somebody outside has it by now."""

    at: datetime
    out: bool


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a lead stands under one flow's criteria at `at`; `flow` "" means that no flow takes it."""

    flow: str = ""
    over: bool = False
    hot: bool = False
    at: datetime | None = None
    score: Score | None = None
    missing: tuple[str, ...] = ()
    to: Destination = NOBODY


@dataclass(frozen=True, slots=True)
class Moved:
    """A rule that gives other points under the changed criteria than under the present ones."""

    rule: str
    before: int
    after: int


#: No flow takes the lead.
NOWHERE = Stand()


class Seen:
    """One lead, with what was already found out about it.

    Thresholds that are tried share everything but the MQL gate (config/thresholds.py): facts and points are found once
    for all of them, and a stand once for those whose gate says the same.
    """

    def __init__(self, lead: Lead, activities: Sequence[Activity]) -> None:
        self.lead, self.activities = lead, activities
        self._account = account_of(lead)
        # Whoever is decided about is asked as if they were not: the line is to be crossed by itself.
        self._fresh = replace(lead, stage="known")
        self._facts: dict[tuple[object, ...], Facts] = {}
        self._stands: dict[tuple[object, ...], Stand] = {}

    def facts(self, flow: Judging, moment: datetime) -> Facts:
        """The facts at `moment`, with points by the rules of `flow`. `next_change` may be another threshold's."""
        key = moment, *flow.criteria.points_of
        found = self._facts.get(key)
        if found is None:
            found = self._facts[key] = build(self.lead, self.activities, moment, account=self._account)
            found.score = flow.criteria.score(found)
        return found

    def stand(self, flow: Judging, moment: datetime) -> Stand:
        """Where the lead stands at `moment`, as if it stood before the line."""
        facts = self.facts(flow, moment)
        passed = flow.criteria.passes("mql", facts)
        key = moment, passed, id(flow.takes), id(flow.required), id(flow.routing), *flow.criteria.all_but_mql
        found = self._stands.get(key)
        if found is None:
            found = self._stands[key] = _standing(self._fresh, facts, flow, passed)
        return found


def stand(seen: Seen, flow: Judging | None, now: datetime, decided: Decided | None = None) -> Stand:
    """Where a lead stands under `flow`. `decided` is the latest decision about it, None where there was none."""
    if flow is None:
        return NOWHERE
    present = seen.stand(flow, now)
    if decided is None or decided.at > now:
        return present
    then = seen.stand(flow, decided.at)
    # The gate that takes an MQL back only counts until it is handed over.
    if not decided.out and not present.over and flow.criteria.passes("mql_ends", seen.facts(flow, now)):
        return present
    return then if then.over or not present.over else present


def judged(
    lead: Lead, activities: Sequence[Activity], flow: Judging, moment: datetime
) -> tuple[Facts, Judgement | None]:
    """What `flow` makes of `lead` at `moment`, as if it stood before the line; None where it does not take it."""
    facts = build(lead, activities, moment, account=account_of(lead))
    facts.score = flow.criteria.score(facts)
    if flow.takes is not None and not flow.takes.test(facts):
        return facts, None
    # Whoever is decided about is asked as if they were not: the line is to be crossed by itself.
    fresh = replace(lead, stage="known")
    return facts, judge(fresh, facts, flow.criteria, flow.required, handed_over=False)


def _standing(fresh: Lead, facts: Facts, flow: Judging, passed: bool) -> Stand:
    if flow.takes is not None and not flow.takes.test(facts):
        return Stand(at=facts.now)
    judgement = judge(fresh, facts, flow.criteria, flow.required, handed_over=False, over=passed)
    return Stand(
        flow.name, judgement.stage == "mql", judgement.hot, facts.now, facts.score, judgement.missing,
        destination(facts, flow.routing),
    )  # fmt: skip


def shut(seen: Seen, flow: Judging, moment: datetime) -> Explained | None:
    """Why the MQL gate of `flow` did not let a lead through at `moment`; None where it did, or there is no gate."""
    gate = flow.criteria.gates.get("mql")
    found = gate.explain(seen.facts(flow, moment)) if gate is not None else None
    return found if found is not None and not found.passed else None


def over_since(lead: Lead, activities: Sequence[Activity], flow: Judging, until: datetime) -> datetime | None:
    """Since when a lead is over the line of `flow` without a break, as of `until`; None where it is not.

    `activities` are all of its. It is looked at each moment at which time or a new activity changes something, from
    when Baton knew of it on; where that is not known, from its first activity on.
    """
    moment: datetime | None = lead.created_at or min((one.at for one in activities), default=until)
    since = None
    for _ in range(MOMENTS):
        if moment is None or moment > until:
            return since
        facts, found = judged(lead, activities, flow, moment)
        since = (since or moment) if found is not None and found.stage == "mql" else None
        following = facts.score.next_change if found is not None and facts.score is not None else None
        moment = following if following is not None and following > moment else None
    return since


def moved(before: Score | None, after: Score | None) -> list[Moved]:
    """The rules that give other points, the largest difference first."""
    points = [_by_rule(one) for one in (before, after)]
    found = [
        Moved(rule, points[0].get(rule, 0), points[1].get(rule, 0)) for rule in dict.fromkeys((*points[0], *points[1]))
    ]
    differing = [one for one in found if one.before != one.after]
    return sorted(differing, key=lambda one: (-abs(one.after - one.before), one.rule))


def _by_rule(score: Score | None) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in score.contributions if score is not None else ():
        found[one.rule] = found.get(one.rule, 0) + one.points
    return found
