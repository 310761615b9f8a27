"""Weeks, months and quarters: where they begin and end, what they are called, and when their pack is due."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connector.config import Config
from connector.config.calendars import working_day_test
from connector.config.values import WEEKDAYS, read_clock
from connector.model.goals import Per
from connector.steps.periods import span_of

KINDS = ("weekly", "monthly", "quarterly")
_PER: dict[str, Per] = {"weekly": "week", "monthly": "month", "quarterly": "fiscal quarter"}
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
    found = span_of(_PER[kind], day, config.fiscal_year_starts)
    return Period(kind, found.name, found.first, found.last, config.zone)


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
    day = _day_of(said, present, working_day_test(config))
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
