"""The rows that goals are counted from, each kind read once for all goals. Times are microseconds since 1970."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from connector.insight.deals import DEAL, Deal, Money, deals
from connector.model.fields import Value
from connector.model.goals import Goal, segment_of
from connector.model.ports import Transaction
from connector.model.ports.funnel import WAY, Came, Timed, Way

#: The field of a lead behind a part of the leads.
FIELDS = {"source": "source", "campaign": "campaign", "segment": "company.employees"}
SECOND = 1_000_000


class Pair(NamedTuple):
    """When a lead came to one stage, and when to a later one (None: not yet)."""

    begin: int
    end: int | None


@dataclass(slots=True)
class Events:
    """What a goal counts, in the order of time."""

    times: list[int]
    rows: list[Pair] | list[Deal] | list[Timed] = field(default_factory=list)

    def within(self, begin: int, end: int) -> slice:
        """Where those lie that are at `begin` or later, and before `end`."""
        return slice(bisect_left(self.times, begin), bisect_left(self.times, end))

    def count(self, begin: int, end: int) -> int:
        """How many lie there."""
        found = self.within(begin, end)
        return int(found.stop) - int(found.start)


class Book:
    """Reads what the goals ask for. `since` is the first time that any of them looks at.

    `members` are the people of each team.
    """

    def __init__(
        self, tx: Transaction, goals: Sequence[Goal], since: int, members: Mapping[str, frozenset[str]], money: Money
    ) -> None:
        self._tx, self._since, self._members, self._money = tx, since, members, money
        asked = {part for goal in goals for part in goal.where if part in FIELDS}
        self._names = [FIELDS[part] for part in sorted(asked)]
        self._stages = {stage for goal in goals for stage in goal.of if stage not in WAY and goal.measure == "count"}

    @cached_property
    def ways(self) -> list[Way]:
        """Everyone's first times."""
        return self._tx.funnel.ways()

    @cached_property
    def begins(self) -> int | None:
        """When the record of stages begins."""
        return min((at for way in self.ways for at in way.times if at is not None), default=None)

    @cached_property
    def timed(self) -> list[Timed]:
        """The handoffs."""
        return self._tx.funnel.timed(self._since)

    @cached_property
    def _came(self) -> dict[str, list[Came]]:
        return {stage: self._tx.funnel.came(stage) for stage in sorted(self._stages)}

    @cached_property
    def _values(self) -> dict[int, tuple[Value | None, ...]]:
        """What is asked of leads that anything happened to since."""
        wanted = [way.lead_id for way in self.ways if any(at is not None and at >= self._since for at in way.times)]
        wanted += [one.lead_id for one in self.timed] if self._names else []
        wanted += [one.lead_id for rows in self._came.values() for one in rows if one.at >= self._since]
        return self._tx.funnel.values_of(sorted(set(wanted)), self._names)

    @cached_property
    def _worth(self) -> dict[int, tuple[Value | None, ...]]:
        won = [way.lead_id for way in self.ways if way.times[-1] is not None and way.times[-1] >= self._since]
        return self._tx.funnel.values_of(sorted(set(won)), DEAL)

    def events(self, goal: Goal) -> Events:
        """What a goal counts: leads that came to a stage, pairs of stages, deals, or handoffs."""
        fits = self._test(goal)
        if goal.measure == "count":
            return Events(sorted(one.at for one in self._firsts(goal.of[0]) if fits(one.lead_id, one.flow, one.owner)))
        if goal.measure == "rate":
            return self._rate(goal, fits)
        if goal.measure == "amount":
            return self._amount(fits)
        team = goal.where.get("team")
        rows = [one for one in self.timed if fits(one.lead_id, one.flow, one.owner) and (not team or one.team in team)]
        rows.sort(key=lambda one: one.opened)
        return Events([one.opened for one in rows], rows)

    def _firsts(self, stage: str) -> list[Came]:
        if stage not in WAY:
            return [one for one in self._came[stage] if one.at >= self._since]
        place = WAY.index(stage)
        return [
            Came(way.lead_id, way.flow, at, way.owner)
            for way in self.ways
            if (at := way.times[place]) is not None and at >= self._since
        ]

    def _rate(self, goal: Goal, fits: Callable[[int, str, str], bool]) -> Events:
        first, last = (WAY.index(stage) for stage in goal.of)
        rows = [
            Pair(begin, end if (end := way.times[last]) is not None and end >= begin else None)
            for way in self.ways
            if (begin := way.times[first]) is not None and fits(way.lead_id, way.flow, way.owner)
        ]
        rows.sort(key=lambda one: one.begin)
        return Events([one.begin for one in rows], rows)

    def _amount(self, fits: Callable[[int, str, str], bool]) -> Events:
        won = [(one.at, one.lead_id) for one in self._firsts("won") if fits(one.lead_id, one.flow, one.owner)]
        found = deals(won, self._worth, self._money)
        return Events([one.at for one in found], found)

    def _test(self, goal: Goal) -> Callable[[int, str, str], bool]:
        """Whether a lead in a flow, with its owner, is one that a goal looks at."""
        where = goal.where
        if not where:
            return lambda lead_id, flow, owner: True  # noqa: ARG005
        owners = set(where["owner"]) if "owner" in where else None
        if "team" in where and goal.measure not in ("median", "share"):
            people = {one for team in where["team"] for one in self._members.get(team, ())}
            owners = people if owners is None else owners & people
        wanted = [(self._names.index(FIELDS[part]), part, values) for part, values in where.items() if part in FIELDS]
        flows = where.get("flow")

        def fits(lead_id: int, flow: str, owner: str) -> bool:
            if (flows and flow not in flows) or (owners is not None and owner.lower() not in owners):
                return False
            if not wanted:
                return True
            values = self._values.get(lead_id)
            return values is not None and all(_said(values[place], part) in few for place, part, few in wanted)

        return fits


def _said(value: Value | None, part: str) -> str:
    """A value as a goal names it; "" where there is none."""
    said = segment_of(value) if part == "segment" else value
    return "" if said is None else str(said)
