"""Teams, people, notices and goals, as the rest of the program sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.config.types import Goal, Hours, Person, Team
from connector.config.values import WEEKDAYS, days
from connector.config.workspace import table_of
from connector.model.errors import Path, Problems
from connector.model.roster import Member

if TYPE_CHECKING:
    from datetime import time

    from connector.config.documents import Document
    from connector.config.settings import Settings, TeamSettings


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
        members=tuple(Member(one.email, one.weight, one.open_at_most) for one in table.members),
        hours=_hours(table.hours, (*path, "hours"), problems),
        zone=table.timezone or settings.timezone,
        language=table.language or settings.language,
        holidays=tuple(table.holidays),
        notify=table.notify or "",
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
    return hours


def people(settings: Settings, problems: Problems) -> dict[str, Person]:
    """Who differs from their team, by email."""
    known = {member.email for team in settings.teams.values() for member in team.members}
    known |= {team.manager for team in settings.teams.values() if team.manager}
    found = {}
    for name, table in settings.people.items():
        email = name.lower()
        if email not in known:
            problems.unknown(("people", name), email, known, "person")
        found[email] = Person(email, table.language or "", table.timezone)
    return found


def notices(settings: Settings, problems: Problems) -> dict[str, tuple[str, ...]]:
    """Who hears what."""
    from connector.config.settings import NOTICES

    for name in settings.notices:
        if name not in NOTICES:
            problems.unknown(("notices", name), name, NOTICES, "notice")
    return {name: tuple(who) for name, who in settings.notices.items()}


def goals(settings: Settings, document: Document) -> dict[str, Goal]:
    """The goals; problems are added at their keys."""
    written = table_of(document.table, "goals")
    found = {}
    for name, table in settings.goals.items():
        path = ("goals", name)
        if len({"count", "rate"} & written[name].keys()) != 1:
            document.problems.add(path, "a goal has either `count` or `rate`")
        elif table.rate is not None and not table.at_least.is_share:
            document.problems.add((*path, "at_least"), "a rate needs a share", '"20 %"')
        elif table.count is not None and table.at_least.is_share:
            document.problems.add((*path, "at_least"), "a count needs a number", "100")
        stages = tuple(table.rate or ([table.count] if table.count else []))
        found[name] = Goal(name, stages, table.at_least.value, table.per, table.owner)
    return found
