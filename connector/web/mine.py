"""Whose leads a user sees on the desk, and on whose they act; what a lead is called there."""

from __future__ import annotations

from dataclasses import dataclass

from connector.config import Config, Team
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.logins import Role, User
from connector.model.ports import Transaction
from connector.model.sentences import LEAD
from connector.runs.rosters import roster_at
from connector.steps.telling.brief import addressed
from connector.steps.telling.words import Words
from connector.web.visit import Visit

#: Who works with leads one by one.
PEOPLE: tuple[Role, ...] = ("rep", "manager")


@dataclass(frozen=True, slots=True)
class Mine:
    """What is a user's. `owners` are the addresses whose leads they have in hand: their own, and those of people who
    are away and whom they stand in for, with `away` naming these. `teams` are those that they manage.
    """

    owners: frozenset[str]
    away: frozenset[str]
    teams: frozenset[str]
    everything: bool = False

    def has(self, handoff: Handoff) -> bool:
        """Whether a handoff is theirs to see and to act on."""
        return self.everything or handoff.owner.casefold() in self.owners or handoff.team in self.teams

    def stands_in(self, handoff: Handoff) -> bool:
        """Whether it is theirs because its owner is away."""
        return handoff.owner.casefold() in self.away


def mine(visit: Visit, tx: Transaction) -> Mine:
    """What is this user's at this moment."""
    user, config = visit.user, visit.app.config
    teams = frozenset(led_by(config, user) if visit.may("manager") else ())
    if not visit.may("rep"):
        return Mine(frozenset(), frozenset(), teams)
    roster = roster_at(tx, config, visit.app.clock())
    me = user.email.casefold()
    away = {email.casefold() for email in roster.away if roster.stand_in(email).casefold() == me}
    return Mine(frozenset({me, *away}), frozenset(away - {me}), teams, "admin" in user.roles)


def led_by(config: Config, user: User) -> dict[str, Team]:
    """The teams that somebody leads: as their manager, or standing in for one."""
    me = user.email.casefold()
    return {
        name: team for name, team in config.teams.items() if me in (team.manager.casefold(), team.deputy.casefold())
    }


def spellings(config: Config, owners: frozenset[str]) -> list[str]:
    """The addresses as owners may be written in handoffs: as in the configuration, and in small letters."""
    return sorted(owners | {one for one in config.everybody if one.casefold() in owners})


def called(lead: Lead, words: Words) -> str:
    """What somebody is called on a page, never nothing."""
    return addressed(lead, words, reads=False) or str(lead.fields.get("email") or "") or words.say(LEAD, id=lead.id)
