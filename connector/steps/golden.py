"""Golden leads: people as an admin describes them, and what the criteria must make of each at a frozen moment."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from connector.model.activity import Activity
from connector.model.facts import Facts
from connector.model.lead import Lead
from connector.model.score import Contribution, Score
from connector.model.stages import Stage
from connector.steps.conditions.condition import Condition, Explained
from connector.steps.facts import build
from connector.steps.qualification import judge
from connector.steps.routing.destination import NOBODY, Destination, destination
from connector.steps.routing.rules import Routing
from connector.steps.scoring.criteria import Criteria

#: A bound on points: (at least, at most), None for none.
Bound = tuple[int | None, int | None]


class Judging(Protocol):
    """What of a flow decides about a lead."""

    @property
    def name(self) -> str: ...
    @property
    def takes(self) -> Condition | None: ...
    @property
    def criteria(self) -> Criteria: ...
    @property
    def required(self) -> Sequence[str]: ...
    @property
    def routing(self) -> Routing: ...


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of a golden lead; None, or nothing in it, where that is not asked.

    `points` bounds `total`, `fit`, `engagement`, `intent`. `rules` must give points, `not_rules` must not. `to` is a
    team, an email or `account owner` ("": no rule takes it), `flow` the flow that takes it ("": none).
    """

    stage: Stage | None = None
    hot: bool | None = None
    points: Mapping[str, Bound] = field(default_factory=dict)
    grade: str | None = None
    rules: Collection[str] = ()
    not_rules: Collection[str] = ()
    missing: Collection[str] | None = None
    to: str | None = None
    flow: str | None = None


@dataclass(frozen=True, slots=True)
class Golden:
    """One golden lead at `at`. `flow` is the flow to ask, "" for the first one that takes it; `line` its place."""

    name: str
    at: datetime
    lead: Lead
    activities: Sequence[Activity]
    expected: Expected
    flow: str = ""
    account_owner: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the line makes of a golden lead. `flow` "" means that none takes it: nothing else is known then."""

    flow: str = ""
    stage: Stage = "known"
    hot: bool = False
    score: Score | None = None
    missing: tuple[str, ...] = ()
    to: Destination = NOBODY
    gates: Mapping[str, Explained] = field(default_factory=dict)

    @property
    def contributions(self) -> Sequence[Contribution]:
        """The points, line by line."""
        return self.score.contributions if self.score is not None else ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What was asked and did not come: of `stage`, `total`, `rules` and the like, as text without its name."""

    what: str
    expected: str
    got: str


def outcome(golden: Golden, flows: Sequence[Judging]) -> Outcome:
    """Take a golden lead along score, gates and routing, under the flow that it names or the first that takes it."""
    facts = build(golden.lead, golden.activities, golden.at, account_owner=golden.account_owner)
    flow = _flow_of(golden, facts, flows)
    if flow is None:
        return Outcome()
    score = facts.score = flow.criteria.score(facts)
    judgement = judge(golden.lead, facts, flow.criteria, flow.required, handed_over=False)
    return Outcome(
        flow.name, judgement.stage, judgement.hot, score, judgement.missing,
        destination(facts, flow.routing), flow.criteria.explain(facts),
    )  # fmt: skip


def _flow_of(golden: Golden, facts: Facts, flows: Sequence[Judging]) -> Judging | None:
    asked = [flow for flow in flows if golden.flow in ("", flow.name)]
    return next((flow for flow in asked if flow.takes is None or flow.takes.test(facts)), None)


def differences(expected: Expected, got: Outcome) -> list[Difference]:
    """Everything that is otherwise than asked, in the order in which it is decided."""
    found = list(_of_flow(expected, got))
    if not got.flow:
        return found
    found += _of_points(expected, got)
    if expected.stage not in (None, got.stage):
        found.append(Difference("stage", str(expected.stage), got.stage))
    if expected.missing is not None and sorted(expected.missing) != sorted(got.missing):
        found.append(Difference("missing", ", ".join(sorted(expected.missing)), ", ".join(sorted(got.missing))))
    if expected.hot not in (None, got.hot):
        found.append(Difference("hot", _truth(bool(expected.hot)), _truth(got.hot)))
    if expected.to is not None and not _is_meant(expected.to, got.to):
        found.append(Difference("to", expected.to, got.to.person or got.to.to))
    return found


def _is_meant(to: str, found: Destination) -> bool:
    names = {found.to.casefold(), *([found.person.casefold()] if found.person else [])}
    return to.casefold() in names


def _of_flow(expected: Expected, got: Outcome) -> Iterator[Difference]:
    """Who is in no flow has no points: only whoever is meant to be in none is right then."""
    if expected.flow is None and not got.flow:
        yield Difference("flow", "*", "")
    elif expected.flow not in (None, got.flow):
        yield Difference("flow", str(expected.flow), got.flow)


def _of_points(expected: Expected, got: Outcome) -> Iterator[Difference]:
    for scope, bound in expected.points.items():
        points = getattr(got.score, scope)
        least, most = bound
        if (least is not None and points < least) or (most is not None and points > most):
            yield Difference(scope, _bound(bound), str(points))
    if got.score is not None and expected.grade not in (None, got.score.grade):
        yield Difference("grade", str(expected.grade), got.score.grade)
    gave = {one.rule for one in got.contributions if one.points}
    for name in expected.rules:
        if name not in gave:
            yield Difference("rules", name, "")
    for name in expected.not_rules:
        if name in gave:
            yield Difference("not_rules", "", name)


def _bound(bound: Bound) -> str:
    least, most = bound
    if least == most:
        return str(least)
    return " ".join(f"{sign} {one}" for sign, one in ((">=", least), ("<=", most)) if one is not None)


def _truth(value: bool) -> str:
    return "true" if value else "false"
