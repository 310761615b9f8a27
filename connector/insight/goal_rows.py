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
from connector.model.ports.funnel import WAY, Came, Timed, Ways

#: The field of a lead behind a part of the leads.
FIELDS = {"source": "source", "campaign": "campaign", "segment": "company.employees"}
SECOND = 1_000_000


class Pair(NamedTuple):
    """When a lead came to one stage, and when to a later one (None: not yet)."""

    begin: int
    end: int | None


@dataclass(slots=True)
class Events:
    """What a goal counts, in the order of time; `lengths` are those of all pairs that have an end, ascending."""

    times: list[int]
    rows: list[Pair] | list[Deal] | list[Timed] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)

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
    def ways(self) -> Ways:
        """Everyone's first times."""
        return self._tx.funnel.columns()

    @cached_property
    def begins(self) -> int | None:
        """When the record of stages begins."""
        firsts = [min(known) for column in self.ways.times if (known := [at for at in column if at is not None])]
        return min(firsts, default=None)

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
        wanted = [lead for column in self.ways.times for lead in self._since_then(column)]
        wanted += [one.lead_id for one in self.timed] if self._names else []
        wanted += [one.lead_id for rows in self._came.values() for one in rows if one.at >= self._since]
        return self._tx.funnel.values_of(sorted(set(wanted)), self._names)

    @cached_property
    def _worth(self) -> dict[int, tuple[Value | None, ...]]:
        return self._tx.funnel.values_of(sorted(set(self._since_then(self.ways.times[-1]))), DEAL)

    def _since_then(self, column: Sequence[int | None]) -> list[int]:
        """Leads of which a column of the ways has a time that is looked at."""
        leads, since = self.ways.lead_ids, self._since
        return [lead for lead, at in zip(leads, column, strict=True) if at is not None and at >= since]

    def events(self, goal: Goal) -> Events:
        """What a goal counts: leads that came to a stage, pairs of stages, deals, or handoffs."""
        if goal.measure == "count":
            return Events(sorted(at for at, _ in self._firsts(goal)))
        if goal.measure == "rate":
            return self._rate(goal)
        if goal.measure == "amount":
            found = deals(self._firsts(goal), self._worth, self._money)
            return Events([one.at for one in found], found)
        team, fits = goal.where.get("team"), self._test(goal)
        rows = [one for one in self.timed if fits(one.lead_id, one.flow, one.owner) and (not team or one.team in team)]
        rows.sort(key=lambda one: one.opened)
        return Events([one.opened for one in rows], rows)

    def _firsts(self, goal: Goal) -> list[tuple[int, int]]:
        """(when, lead) of those who came to the stage of a goal since."""
        stage, since = goal.of[0], self._since
        if stage not in WAY:
            fits = self._test(goal)
            came = self._came[stage]
            return [(one.at, one.lead_id) for one in came if one.at >= since and fits(one.lead_id, one.flow, one.owner)]
        ways = self._chosen(goal)
        rows = zip(ways.times[WAY.index(stage)], ways.lead_ids, strict=True)
        return [(at, lead) for at, lead in rows if at is not None and at >= since]

    def _rate(self, goal: Goal) -> Events:
        ways = self._chosen(goal)
        begins, ends = (ways.times[WAY.index(stage)] for stage in goal.of)
        rows = [
            Pair(begin, end if end is not None and end >= begin else None)
            for begin, end in sorted(zip(begins, ends, strict=True), key=lambda pair: pair[0] or 0)
            if begin is not None
        ]
        lengths = sorted(one.end - one.begin for one in rows if one.end is not None)
        return Events([one.begin for one in rows], rows, lengths)

    def _chosen(self, goal: Goal) -> Ways:
        """The ways that a goal looks at."""
        if not goal.where:
            return self.ways
        ways, fits = self.ways, self._test(goal)
        rows = enumerate(zip(ways.lead_ids, ways.flows, ways.owners, strict=True))
        return ways.at([place for place, (lead, flow, owner) in rows if fits(lead, flow, owner)])

    def _test(self, goal: Goal) -> Callable[[int, str, str], bool]:
        """Whether a lead in a flow, with its owner, is one that a goal looks at."""
        where = goal.where
        if not where:
            return lambda lead_id, flow, owner: True  # noqa: ARG005
        owners = set(where["owner"]) if "owner" in where else None
        if "team" in where and goal.measure not in ("median", "share"):
            people = {one for team in where["team"] for one in self._members.get(team, ())}
            owners = people if owners is None else owners & people
        flows, leads = where.get("flow"), self._leads(where)

        def fits(lead_id: int, flow: str, owner: str) -> bool:
            return (
                (leads is None or lead_id in leads)
                and (not flows or flow in flows)
                and (owners is None or owner.lower() in owners)
            )

        return fits

    def _leads(self, where: Mapping[str, tuple[str, ...]]) -> set[int] | None:
        """Leads whose fields say what is asked; None where nothing is."""
        found: set[int] | None = None
        for part in where.keys() & FIELDS.keys():
            place, few = self._names.index(FIELDS[part]), where[part]
            some = {lead for lead, values in self._values.items() if _said(values[place], part) in few}
            found = some if found is None else found & some
        return found


def _said(value: Value | None, part: str) -> str:
    """A value as a goal names it; "" where there is none."""
    said = segment_of(value) if part == "segment" else value
    return "" if said is None else str(said)
