"""The working calendars of teams and people: their hours, their zones, and the holidays of the calendars they name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, time
from functools import lru_cache
from itertools import chain
from zoneinfo import ZoneInfo

from connector.config.types import Config, Hours, Team
from connector.model.errors import Path
from connector.steps.working_time import Calendar

#: Of people who are in no team and say nothing themselves.
OFFICE: Hours = dict.fromkeys(range(5), ((time(9), time(18)),))


def calendar_of(config: Config, email: str = "", team: str = "") -> Calendar:
    """When somebody works: by their own hours and zone, else by those of `team`, else of a team that they are in.

    Without an email the team's own. The holidays are the team's; who is in no team has none.
    """
    known, person = _team_of(config, email, team), config.people.get(email)
    zone = (person.zone if person else None) or (known.zone if known else config.zone)
    hours = person.hours if person and person.hours is not None else known.hours if known else OFFICE
    return _calendar(zone, tuple(sorted(hours.items())), known.holidays if known else ())


def _team_of(config: Config, email: str, team: str) -> Team | None:
    """Of the teams of a member this one, else the first; else the first that they manage, else this one."""
    named = config.teams.get(team)
    if named and (not email or any(one.email == email for one in named.members)):
        return named
    members = (team for team in config.teams.values() if any(one.email == email for one in team.members))
    managed = (team for team in config.teams.values() if email and team.manager == email)
    return next(chain(members, managed), named)


@lru_cache(maxsize=1024)
def _calendar(zone: ZoneInfo, hours: tuple[tuple[int, tuple[tuple[time, time], ...]], ...],
              holidays: tuple[str | date, ...]) -> Calendar:  # fmt: skip
    return Calendar(zone, dict(hours), holiday_test(holidays))


def holiday_test(named: tuple[str | date, ...]) -> Callable[[date], bool]:
    """Whether a day is one of these: days, and calendars by code (`DE-BE`), which are looked up when first asked."""
    own = frozenset(one for one in named if isinstance(one, date))
    codes = [one for one in named if isinstance(one, str)]
    return lambda day: day in own or any(day in of_year(code, day.year) for code in codes)


def working_day_test(config: Config) -> Callable[[date], bool]:
    """Whether some team works on a day; Monday to Friday where there is none."""
    teams = [(team.hours, holiday_test(team.holidays)) for team in config.teams.values()] or [
        (OFFICE, holiday_test(()))
    ]
    return lambda day: any(hours.get(day.weekday()) and not is_holiday(day) for hours, is_holiday in teams)


@lru_cache(maxsize=4096)
def of_year(code: str, year: int) -> frozenset[date]:
    """The public holidays of a calendar in a year; none where the calendar is not known (`baton check` says so)."""
    from holidays import country_holidays

    country, _, part = code.partition("-")
    try:
        return frozenset(country_holidays(country, subdiv=part or None, years=year, expand=False))
    except NotImplementedError:
        return frozenset()


def unknown_calendars(config: Config) -> Iterator[tuple[Path, str, list[str]]]:
    """Where a team names a calendar that is not known: the place, the code, and what there is of its country."""
    named = [
        (("teams", team.name, "holidays", place), code)
        for team in config.teams.values()
        for place, code in enumerate(team.holidays)
        if isinstance(code, str)
    ]
    if not named:
        return
    from holidays import list_supported_countries

    there = list_supported_countries()
    for path, code in named:
        country, _, part = code.partition("-")
        if country not in there:
            yield path, code, sorted(there)
        elif part and part not in there[country]:
            yield path, code, [f"{country}-{one}" for one in there[country]]
