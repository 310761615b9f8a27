"""What a manager sees of their teams: who has what in hand, whose clocks are over, who is away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connector.config import Config, Team
from connector.model.follow_up import Absence
from connector.model.handoff import Handoff
from connector.model.ports import Transaction
from connector.runs.clocks import clocks_heard
from connector.runs.rosters import roster_at
from connector.runs.standing_clocks import Standing, by_owner, running_clocks
from connector.steps.clocks import Timer
from connector.steps.telling.words import N_
from connector.web.mine import called, led_by
from connector.web.visit import Visit

#: How many handoffs whose clocks are over are listed.
OVERDUE = 50
CLOCKS = {"contact": N_("first contact"), "accept": N_("accept or reject")}


@dataclass(frozen=True, slots=True)
class MemberLine:
    """One member of one team. `in_hand` of at most `open_at_most` (None: no limit); `away_until` None: open end."""

    email: str
    weight: int
    in_hand: int
    open_at_most: int | None
    clocks: Standing
    away: bool
    away_until: datetime | None
    deputy: str
    back_at: datetime | None

    @property
    def is_full(self) -> bool:
        """Whether they get no further turn until something is closed."""
        return self.open_at_most is not None and self.in_hand >= self.open_at_most


@dataclass(frozen=True, slots=True)
class Late:
    """A handoff whose clock is over."""

    lead: int
    name: str
    owner: str
    clock: str
    due: datetime
    hot: bool


@dataclass(frozen=True, slots=True)
class TeamPage:
    """All of it. `overdue` counts what `late` lists the oldest of."""

    teams: Mapping[str, tuple[MemberLine, ...]]
    late: tuple[Late, ...]
    overdue: int
    absences: tuple[Absence, ...]
    people: tuple[str, ...]


def managed(visit: Visit) -> dict[str, Team]:
    """The teams that this user leads; an admin's are all."""
    config = visit.app.config
    return dict(config.teams) if "admin" in visit.user.roles else led_by(config, visit.user)


def people_of(teams: Mapping[str, Team]) -> tuple[str, ...]:
    """The members of `teams`, each once."""
    return tuple(dict.fromkeys(member.email for team in teams.values() for member in team.members))


def team_page(visit: Visit, tx: Transaction) -> TeamPage:
    """How the teams of this user stand now."""
    config, now, teams = visit.app.config, visit.words.now, managed(visit)
    people = people_of(teams)
    theirs = {email.casefold() for email in people}
    clocks = [
        one for one in running_clocks(tx, config, clocks_heard(visit.app.runtime()))
        if one[0].owner.casefold() in theirs
    ]  # fmt: skip
    over = sorted((one for one in clocks if one[1].due <= now), key=lambda one: one[1].due)
    absences = tuple(one for one in tx.rosters.absences(now) if one.email.casefold() in theirs)
    return TeamPage(
        _lines(tx, config, teams, clocks, now), _late(visit, tx, over[:OVERDUE]), len(over), absences, people
    )


def _lines(
    tx: Transaction, config: Config, teams: Mapping[str, Team], clocks: list[tuple[Handoff, Timer]], now: datetime
) -> dict[str, tuple[MemberLine, ...]]:
    roster, in_hand = roster_at(tx, config, now), tx.handoffs.open_by_owner()
    standing = {one.owner.casefold(): one for one in by_owner(clocks, now)}

    def line(email: str, weight: int, open_at_most: int | None) -> MemberLine:
        away = roster.away.get(email)
        return MemberLine(
            email, weight, in_hand.get(email, 0), open_at_most,
            standing.get(email.casefold(), Standing(email)), away is not None, away.until if away else None,
            roster.stand_in(email) if away else "", roster.closed.get(email),
        )  # fmt: skip

    return {
        name: tuple(line(one.email, one.weight, one.open_at_most) for one in roster.members(name)) for name in teams
    }


def _late(visit: Visit, tx: Transaction, over: list[tuple[Handoff, Timer]]) -> tuple[Late, ...]:
    leads = tx.intake.leads(sorted({handoff.lead_id for handoff, _ in over})) if over else {}
    return tuple(
        Late(
            handoff.lead_id, called(leads[handoff.lead_id], visit.words), handoff.owner,
            visit.translate(CLOCKS[timer.clock]), timer.due, handoff.hot,
        )
        for handoff, timer in over
    )  # fmt: skip
