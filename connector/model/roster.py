"""Who is there to take leads: the people of each team, with their weights and limits, and who is away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Member:
    """One person in one team, known by email.

    `weight` (at least 1) is the share of turns against the other members. With `open_at_most`
    handoffs open the person gets no further turn until one is closed. `deputy` (an email, "" for
    none) takes what would be theirs while they are away.
    """

    email: str
    weight: int = 1
    open_at_most: int | None = None
    deputy: str = ""


@dataclass(frozen=True, slots=True)
class Away:
    """That somebody is away: until when (None: until further notice), and who takes what would be theirs."""

    until: datetime | None = None
    deputy: str = ""


def stand_in(away: Mapping[str, Away], email: str) -> str:
    """Who takes what would be theirs, as of `Roster.stand_in`."""
    passed = set()
    while email in away and email not in passed:
        passed.add(email)
        email = away[email].deputy
    return "" if email in passed else email


@dataclass(frozen=True, slots=True)
class Roster:
    """The members of each team, in the order of the config, and who is there at one moment.

    `away` are those who are away, by email. `closed` are those for whom it is no working time now, and when it next
    is (None: never); they take turns all the same, but that a hot lead goes to somebody who works now, while anybody
    does. `version` names teams and people as they were configured. A holiday is no change of criteria.
    """

    teams: Mapping[str, tuple[Member, ...]] = field(default_factory=dict)
    away: Mapping[str, Away] = field(default_factory=dict)
    closed: Mapping[str, datetime | None] = field(default_factory=dict)
    version: str = ""

    def members(self, team: str) -> tuple[Member, ...]:
        """The members of `team`, none where it is not known."""
        return self.teams.get(team, ())

    def is_away(self, email: str) -> bool:
        """Whether someone is away; people in no team are taken to be there."""
        return email in self.away

    def stand_in(self, email: str) -> str:
        """Who takes what would be theirs: themselves while they are there, else their deputy, and so on; "": nobody."""
        return stand_in(self.away, email)

    def works_now(self, email: str) -> bool:
        """Whether it is working time for someone."""
        return email not in self.closed

    def limit(self, email: str, team: str = "") -> int | None:
        """With how many open handoffs someone takes no more turns: as in `team`, else the least that any team says."""
        said = {name: member.open_at_most for name, members in self.teams.items() for member in members
                if member.email == email}  # fmt: skip
        if team in said:
            return said[team]
        return min((one for one in said.values() if one is not None), default=None)

    def next_back(self, team: str) -> tuple[str, datetime] | None:
        """Who of a team is back first, and when; None where nobody is away for a time that is known."""
        back = [
            (until, place, member.email)
            for place, member in enumerate(self.members(team))
            if member.email in self.away and (until := self.away[member.email].until)
        ]
        return (min(back)[2], min(back)[0]) if back else None

    def without(self, email: str) -> Roster:
        """The same, as if `email` were away and nobody stood in for them."""
        return replace(self, away={**self.away, email: Away()})
