"""The criteria of a flow at work: points from facts, and when time alone will change what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connector.model.errors import Path
from connector.model.facts import Facts
from connector.model.score import Contribution, Group, Score
from connector.steps.conditions.condition import Condition, Explained, Site, Uses
from connector.steps.scoring.account import AccountCriteria
from connector.steps.scoring.gates import NO_REVIEW, PeopleGate, ReviewGate, Untouched
from connector.steps.scoring.next_change import NO_LINES, Lines
from connector.steps.scoring.rule import Evaluate, Move, Rule
from connector.steps.scoring.totals import Totals, WriteScore

#: A group, how its rules give points to any lead and to one without activities, and its cap.
Grouped = tuple[Group, tuple[Evaluate, ...], tuple[Evaluate, ...], int | None]


@dataclass(frozen=True, slots=True)
class Criteria:
    """Compiled scoring and gates of a flow.

    `version` is a hash of everything that decides (`text` in canonical form), so that the same
    criteria have the same version wherever they stand in a file. `sites` are the places where
    fields, kinds and scores are asked for, `path` leads to the flow. `account` says how the people of a company
    count together, where the flow has that. `lists` are the entries of the list files that are asked, by name.
    """

    version: str
    text: str
    conditions: Mapping[str, Condition]
    rules: tuple[Rule, ...]
    totals: Totals
    people_gates: Mapping[str, PeopleGate]
    gates: Mapping[str, Condition]
    nurture_list: str
    write_score: WriteScore
    uses: Uses
    sites: tuple[Site, ...] = ()
    path: Path = ()
    account: AccountCriteria | None = None
    review: ReviewGate = NO_REVIEW
    untouched: Untouched | None = None
    lists: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)
    _groups: tuple[Grouped, ...] = field(default=(), repr=False)
    _lines: Lines = field(default=NO_LINES, repr=False)
    _timed_gates: tuple[Condition, ...] = field(default=(), repr=False)
    _timed_kinds: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def horizon(self) -> timedelta | None:
        """No activity of this age or older matters to any rule, condition or gate; None where all may."""
        return self.uses.horizon

    @property
    def points_of(self) -> tuple[int, ...]:
        """The same for criteria made of one another by `sharing`: they give the same points and grade."""
        return id(self._groups), id(self.totals)

    @property
    def all_but_mql(self) -> tuple[int, ...]:
        """The same for criteria made of one another by `sharing`: they differ in the MQL gate alone."""
        return *self.points_of, *(id(gate) for name, gate in self.gates.items() if name != "mql")

    def sharing(self, made: Criteria) -> Criteria:
        """`made`, which was compiled of the same table with another MQL gate, with what it has in common with these."""
        gates = {name: gate if name == "mql" else self.gates[name] for name, gate in made.gates.items()}
        return replace(made, gates=gates, rules=self.rules, totals=self.totals, _groups=self._groups)

    def passes(self, gate: str, facts: Facts) -> bool:
        """Whether a computed gate (`mql`, `mql_ends`, `hot`, `nurture`) is set and holds."""
        condition = self.gates.get(gate)
        return condition is not None and condition.test(facts)

    def explain(self, facts: Facts) -> dict[str, Explained]:
        """Why each computed gate holds or not."""
        return {name: condition.explain(facts) for name, condition in self.gates.items()}

    def worth_writing(self, old_total: int, old_grade: str, total: int, grade: str) -> bool:
        """Whether a score differs enough from what was written last (`write_score`)."""
        return self.write_score.worth(old_total, old_grade, total, grade)

    def score(self, facts: Facts) -> Score:
        """The score at `facts.now`; the same facts give the same score, whatever their order."""
        contributions: list[Contribution] = []
        moves: list[Move] = []
        points: list[int] = []
        slack: dict[str, int] = {}
        active = bool(facts.activities)
        for group, rules, without_activities, cap in self._groups:
            raw = 0
            for evaluate in rules if active else without_activities:
                given = evaluate(facts, moves)
                if given is not None:
                    contributions.append(given)
                    raw += given.points
            over = raw - cap if cap is not None and raw > cap else 0
            if over:
                slack[group] = over
                contributions.append(Contribution(f"cap: {group}", group, -over, f"at_most={cap}", -over))
            points.append(raw - over)
        fit, engagement, intent = points
        rest = engagement + intent
        total = fit + rest
        grade = self.totals.grade(fit, rest)
        score = Score(facts.now, self.version, fit, engagement, intent, total, grade, tuple(contributions))
        changes_at = facts.later
        if moves:
            by_scope = {"fit": fit, "engagement": engagement, "intent": intent, "rest": rest, "total": total}
            changes_at = _earlier(changes_at, self._lines.first_crossed(moves, by_scope, slack))
        if self._timed_gates and (self.uses.changes or not self._timed_kinds.isdisjoint(facts.activities)):
            changes_at = _earlier(changes_at, self._gates_change(facts, score))
        if changes_at is not None:
            score.next_change = changes_at
        return score

    def _gates_change(self, facts: Facts, score: Score) -> datetime | None:
        """When a gate may open or close though the points stay."""
        before, facts.score = facts.score, score
        changes_at = None
        for gate in self._timed_gates:
            changes_at = _earlier(changes_at, gate.expires(facts))
        facts.score = before
        return changes_at


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)
