"""Who is there to take leads: the people of each team, with their weights, limits and absences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Member:
    """One person in one team, known by email.

    `weight` (at least 1) is the share of turns against the other members. With `open_at_most`
    handoffs open the person gets no further turn until one is closed.
    """

    email: str
    weight: int = 1
    open_at_most: int | None = None
    away: bool = False


@dataclass(frozen=True, slots=True)
class Roster:
    """The members of each team, in the order of the config. A holiday is no change of criteria."""

    teams: Mapping[str, tuple[Member, ...]] = field(default_factory=dict)

    def members(self, team: str) -> tuple[Member, ...]:
        """The members of `team`, none where it is not known."""
        return self.teams.get(team, ())

    def is_away(self, email: str) -> bool:
        """Whether someone is marked as away in any team; people in no team are taken to be there."""
        return any(member.away for members in self.teams.values() for member in members if member.email == email)
