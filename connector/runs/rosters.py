"""Who is there at a moment: teams and people as configured, without those who are away; and the versions of both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connector.config import Config
from connector.config.calendars import calendar_of
from connector.config.types import Hours, Person, Team
from connector.model.follow_up import Absence, RosterVersion
from connector.model.ports import Transaction
from connector.model.roster import Away, Member, Roster
from connector.steps.working_time import next_open

#: Letters of the hash that names a version.
LETTERS = 16
#: The least span of time in the store.
_MOMENT = timedelta(microseconds=1)


def roster_at(tx: Transaction, config: Config, now: datetime) -> Roster:
    """Who is there at `now`, and who stands in for those who are not."""
    teams = {name: team.members for name, team in config.teams.items()}
    return Roster(teams, away_at(tx, config, now), closed_at(config, now), version_of(config)[0])


def away_at(tx: Transaction, config: Config, now: datetime) -> dict[str, Away]:
    """Who is away at `now`."""
    return away_of(config, [one for one in tx.rosters.absences(now, now + _MOMENT) if one.covers(now)])


def keep_roster(tx: Transaction, config: Config, now: datetime) -> bool:
    """Keep teams and people as they are configured; False where they were so before."""
    return tx.rosters.add_version(RosterVersion(*version_of(config), now))


def away_of(config: Config, absences: Sequence[Absence]) -> dict[str, Away]:
    """By email that somebody is away, until the latest end of these absences, in their own time zone.

    The deputy is the one that an absence names (the one that began last), else the one of the configuration.
    """
    found: dict[str, Away] = {}
    for one in absences:
        ends = [end for end in (one.end, one.ended_at) if end is not None]
        until = min(ends).astimezone(config.zone_of(one.email)) if ends else None
        other = found.get(one.email)
        if other is not None:
            until = max(until, other.until) if until and other.until else None
        found[one.email] = Away(until, one.deputy or (other.deputy if other else config.deputy_of(one.email)))
    return found


def closed_at(config: Config, now: datetime) -> dict[str, datetime | None]:
    """For whom it is no working time at `now`, and when it next is (UTC; None: never)."""
    found = {}
    for email in sorted(config.everybody):
        opening = next_open(calendar_of(config, email), now)
        if opening != now:
            found[email] = opening
    return found


def version_of(config: Config) -> tuple[str, dict[str, Any]]:
    """Teams and people as they are configured: the hash that names them, and what they say."""
    body = {
        "teams": {name: _team(team) for name, team in config.teams.items()},
        "people": {email: _person(person) for email, person in sorted(config.people.items())},
    }
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:LETTERS], body


def _team(team: Team) -> dict[str, Any]:
    return {
        "manager": team.manager,
        "deputy": team.deputy,
        "members": [_member(member) for member in team.members],
        "hours": _hours(team.hours),
        "zone": team.zone.key,
        "holidays": [str(one) for one in team.holidays],
    }


def _member(member: Member) -> dict[str, Any]:
    return {
        "email": member.email,
        "weight": member.weight,
        "open_at_most": member.open_at_most,
        "deputy": member.deputy,
    }


def _person(person: Person) -> dict[str, Any]:
    return {
        "zone": person.zone.key if person.zone else "",
        "hours": None if person.hours is None else _hours(person.hours),
        "deputy": person.deputy,
        "addresses": dict(person.addresses),
    }


def _hours(hours: Hours) -> Mapping[str, list[str]]:
    return {str(day): [f"{begin:%H:%M}-{end:%H:%M}" for begin, end in spans] for day, spans in sorted(hours.items())}
