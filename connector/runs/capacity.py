"""Whether whoever would come in finds somebody with time: limits of a day and of reps, and times that are agreed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connector.config import Config, Flow
from connector.config.types import Team
from connector.model.durations import Duration
from connector.model.ports import Transaction
from connector.runs.simulate import Effect


@dataclass(frozen=True, slots=True)
class OfTeam:
    """A team that `came` would be given to: `room` is how many more its `reps` may have open, None for no limit."""

    team: str
    came: int
    reps: int
    room: int | None


@dataclass(frozen=True, slots=True)
class OfFlow:
    """A flow into which `came` would come, `hot` of them: in `days` at `per_day` handoffs, None for no limit.

    First contact is due within `due_hot` and `due_other` after the handoff.
    """

    flow: str
    came: int
    hot: int
    per_day: int | None
    days: int | None
    due_hot: Duration
    due_other: Duration


@dataclass(frozen=True, slots=True)
class Capacity:
    """What there is to take those who would come in."""

    flows: list[OfFlow]
    teams: list[OfTeam]


def capacity(tx: Transaction, config: Config, effect: Effect) -> Capacity:
    """By flow and by team; those that nobody would come to are left out."""
    in_hand = tx.handoffs.open_by_owner()
    return Capacity(list(_flows(config, effect)), list(_teams(config, effect, in_hand)))


def _flows(config: Config, effect: Effect) -> Iterator[OfFlow]:
    for flow in config.flows.values():
        came = effect.by_flow[flow.name, "in"]
        if came:
            days = -(-came // flow.handoffs_per_day) if flow.handoffs_per_day else None
            contact = flow.clock.contact
            yield OfFlow(
                flow.name, came, effect.hot_by_flow[flow.name], flow.handoffs_per_day, days, contact.hot, contact.other
            )


def _teams(config: Config, effect: Effect, in_hand: Mapping[str, int]) -> Iterator[OfTeam]:
    for (name, way), came in sorted(effect.by_team.items()):
        team = config.teams.get(name)
        if way == "in" and came and team is not None:
            yield OfTeam(name, came, len(team.members), _room(team, in_hand))


def _room(team: Team, in_hand: Mapping[str, int]) -> int | None:
    """Where one takes as many as come, there is no limit."""
    room = 0
    for member in team.members:
        if member.open_at_most is None:
            return None
        room += max(0, member.open_at_most - in_hand.get(member.email, 0))
    return room


def reps_of(config: Config, flows: Sequence[Flow]) -> int:
    """How many people the rules of routing of these flows name, themselves or by their team."""
    found = set[str]()
    for flow in flows:
        for rule in flow.routing.rules:
            team = config.teams.get(rule.to) if rule.target == "team" else None
            found |= (
                {member.email for member in team.members} if team else {rule.to} if rule.target == "person" else set()
            )
    return len(found)
