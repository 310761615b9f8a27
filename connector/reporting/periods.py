"""Weeks, months and quarters: where they begin and end, what they are called, and when their pack is due."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connector.config import Config
from connector.config.calendars import OFFICE, holiday_test
from connector.config.values import WEEKDAYS, read_clock

KINDS = ("weekly", "monthly", "quarterly")
_NTH = re.compile(r"(\d+)(?:st|nd|rd|th)( working)? day|last( working)? day")


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days; `first` and `last` belong to it. `name` is `2026-W47`, `2026-11` or `2026-Q4`."""

    kind: str
    name: str
    first: date
    last: date
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        """Its begin, in UTC."""
        return datetime.combine(self.first, time(0), self.zone).astimezone(UTC)

    @property
    def until(self) -> datetime:
        """The begin of what comes after it, in UTC."""
        return datetime.combine(self.last + timedelta(days=1), time(0), self.zone).astimezone(UTC)


def period_of(kind: str, day: date, config: Config) -> Period:
    """The period that a day belongs to. Quarters are those of the fiscal year, which is named after its end."""
    if kind == "weekly":
        monday = day - timedelta(days=day.weekday())
        year, week, _ = monday.isocalendar()
        return Period(kind, f"{year}-W{week:02}", monday, monday + timedelta(days=6), config.zone)
    if kind == "monthly":
        return Period(kind, f"{day:%Y-%m}", day.replace(day=1), _end_of_month(day), config.zone)
    return _quarter(day, config)


def _quarter(day: date, config: Config) -> Period:
    months = (day.month - config.fiscal_year_starts) % 12
    number, into = months // 3 + 1, months % 3
    first = _months_later(day.replace(day=1), -into)
    last = _end_of_month(_months_later(first, 2))
    begun = _months_later(first, -3 * (number - 1))
    year = _months_later(begun, 11).year
    return Period("quarterly", f"{year}-Q{number}", first, last, config.zone)


def before(period: Period, config: Config) -> Period:
    """The period before."""
    return period_of(period.kind, period.first - timedelta(days=1), config)


def last_over(kind: str, now: datetime, config: Config) -> Period:
    """The latest period that is over at `now`."""
    return before(period_of(kind, now.astimezone(config.zone).date(), config), config)


def due_at(kind: str, now: datetime, config: Config) -> datetime:
    """When the pack of the period before the present one is due, in UTC: within the present one."""
    present = period_of(kind, now.astimezone(config.zone).date(), config)
    said, _, clock = config.schedule.reports[kind].rpartition(" ")
    day = _day_of(said, present, _is_working(config))
    return datetime.combine(day, read_clock(clock), config.zone).astimezone(UTC)


def _day_of(said: str, period: Period, is_working: Callable[[date], bool]) -> date:
    if said in WEEKDAYS:
        ahead = (WEEKDAYS.index(said) - period.first.weekday()) % 7
        return period.first + timedelta(days=ahead)
    match = _NTH.fullmatch(said)
    assert match is not None  # noqa: S101 - the configuration was proved
    working = bool(match[2] or match[3])
    days = [period.first + timedelta(days=n) for n in range((period.last - period.first).days + 1)]
    fit = [day for day in days if not working or is_working(day)] or days
    return fit[-1] if match[1] is None else fit[min(int(match[1]), len(fit)) - 1]


def _is_working(config: Config) -> Callable[[date], bool]:
    """Whether some team works on a day; Monday to Friday where there is none."""
    teams = [(team.hours, holiday_test(team.holidays)) for team in config.teams.values()] or [
        (OFFICE, holiday_test(()))
    ]
    return lambda day: any(hours.get(day.weekday()) and not is_holiday(day) for hours, is_holiday in teams)


def _end_of_month(day: date) -> date:
    return _months_later(day.replace(day=1), 1) - timedelta(days=1)


def _months_later(first: date, months: int) -> date:
    """The first day of the month so many months from that of `first`."""
    whole = first.year * 12 + first.month - 1 + months
    return date(whole // 12, whole % 12 + 1, 1)
