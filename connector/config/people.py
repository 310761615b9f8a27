"""Teams and people, as the rest of the program sees them."""

from __future__ import annotations

from datetime import time
from difflib import get_close_matches
from typing import TYPE_CHECKING

from connector.config.types import Hours, Person, Team
from connector.config.values import N_, WEEKDAYS, days
from connector.model.errors import Path, Problems
from connector.model.roster import Member

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from connector.config.settings import Settings, TeamSettings


MIDNIGHT = time(0)
#: So like an address that is known that it is a slip of the pen; two colleagues share their domain.
_LIKE = 0.9


def teams(settings: Settings, problems: Problems) -> dict[str, Team]:
    """The teams; problems are added at their keys."""
    return {name: _team(name, table, settings, problems) for name, table in settings.teams.items()}


def _team(name: str, table: TeamSettings, settings: Settings, problems: Problems) -> Team:
    path: Path = ("teams", name)
    seen: set[str] = set()
    for place, member in enumerate(table.members):
        if member.email in seen:
            problems.add((*path, "members", place), "%(email)s is in this team twice", email=member.email)
        seen.add(member.email)
    return Team(
        name=name,
        manager=table.manager or "",
        members=tuple(Member(one.email, one.weight, one.open_at_most, one.deputy or "") for one in table.members),
        hours=_hours(table.hours, (*path, "hours"), problems),
        zone=table.timezone or settings.timezone,
        language=table.language or settings.language,
        holidays=tuple(table.holidays),
        notify=table.notify or "",
        deputy=table.deputy or "",
    )


def _hours(table: dict[str, tuple[tuple[time, time], ...]], path: Path, problems: Problems) -> Hours:
    hours: dict[int, tuple[tuple[time, time], ...]] = {}
    for text, spans in table.items():
        try:
            named = days(text)
        except ValueError:
            problems.add((*path, text), "%(text)s names no weekdays", ", ".join(WEEKDAYS) + ", Mon-Fri", text=text)
            continue
        for day in named:
            if day in hours:
                problems.add((*path, text), "%(day)s stands in another line too", day=WEEKDAYS[day])
            hours[day] = spans
    for day, spans in hours.items():
        tomorrow = hours.get((day + 1) % 7, ())
        begin, end = spans[-1]
        if begin >= end != MIDNIGHT and tomorrow and tomorrow[0][0] < end:
            what = N_("the hours of %(day)s go on into those of the day after")
            problems.add(path, what, day=WEEKDAYS[day])
    return hours


def people(settings: Settings, problems: Problems) -> dict[str, Person]:
    """Who differs from their team, by email."""
    known = {member.email for team in settings.teams.values() for member in team.members}
    known |= {team.manager for team in settings.teams.values() if team.manager}
    deputies = {deputy for _, deputy, _ in _deputies(settings)}
    found = {}
    for name, table in settings.people.items():
        email = name.lower()
        path: Path = ("people", name)
        if email not in known | deputies:
            problems.unknown(path, email, known | deputies, "person")
        for connection in table.addresses.keys() - settings.connections.keys():
            problems.unknown((*path, "addresses", connection), connection, settings.connections, "connection")
        found[email] = Person(
            email,
            table.language or "",
            table.timezone,
            None if table.hours is None else _hours(table.hours, (*path, "hours"), problems),
            table.deputy or "",
            table.notify or "",
            table.addresses,
        )
    _check_addresses(settings, problems)
    _check_deputies(settings, known, problems)
    return found


def _check_addresses(settings: Settings, problems: Problems) -> None:
    """In one system an address is one person's."""
    taken: dict[tuple[str, str], str] = {}
    for name, table in settings.people.items():
        for connection, address in table.addresses.items():
            other = taken.setdefault((connection, address), name)
            if other != name:
                what = N_("%(address)s is %(other)s there already")
                problems.add(("people", name, "addresses", connection), what, address=address, other=other)


def _check_deputies(settings: Settings, known: Collection[str], problems: Problems) -> None:
    """A deputy is somebody else, who is named in a team, as its manager or as a person."""
    known = {*known, *(name.lower() for name in settings.people)}
    for email, deputy, path in _deputies(settings):
        if deputy == email:
            problems.add(path, "nobody stands in for themselves")
        elif deputy not in known:
            near = get_close_matches(deputy, known, n=1, cutoff=_LIKE)
            named = "" if near else f'[people."{deputy}"]'
            problems.add(path, "unknown person %(name)s", named, *near, name=deputy)


def _deputies(settings: Settings) -> Iterator[tuple[str, str, Path]]:
    """(whose, who, where it is said)."""
    for name, team in settings.teams.items():
        if team.deputy:
            yield team.manager or "", team.deputy, ("teams", name, "deputy")
        for place, member in enumerate(team.members):
            if member.deputy:
                yield member.email, member.deputy, ("teams", name, "members", place, "deputy")
    for name, person in settings.people.items():
        if person.deputy:
            yield name.lower(), person.deputy, ("people", name, "deputy")
