"""Weeks, months, quarters and years, of the calendar and of a fiscal year: where they begin and end, and their names.

A fiscal year is named after the year in which it ends, and its quarters are numbered from its first month.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connector.model.goals import Per

#: Months of a span.
MONTHS: dict[Per, int] = {"month": 1, "quarter": 3, "fiscal quarter": 3, "year": 12, "fiscal year": 12}
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """The days from `first` to `last`, both included. `name` is `2026-W47`, `2026-11`, `2026-Q4` or `2026`."""

    per: Per
    name: str
    first: date
    last: date

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its begin, and the begin of what comes after it, in UTC."""
        begin, end = (datetime.combine(day, time(0), zone).astimezone(UTC) for day in (self.first, self.last + DAY))
        return begin, end


def span_of(per: Per, day: date, year_starts: int = 1) -> Span:
    """The span that a day belongs to; `year_starts` is the month (1 to 12) in which the fiscal year begins."""
    if per == "week":
        monday = day - timedelta(days=day.weekday())
        year, week, _ = monday.isocalendar()
        return Span(per, f"{year}-W{week:02}", monday, monday + timedelta(days=6))
    starts, months = (year_starts if per.startswith("fiscal") else 1), MONTHS[per]
    into = (day.month - starts) % months
    first = months_later(day, -into)
    last = months_later(first, months) - DAY
    return Span(per, _name(per, first, starts), first, last)


def _name(per: Per, first: date, starts: int) -> str:
    if per == "month":
        return f"{first:%Y-%m}"
    since = (first.month - starts) % 12
    year = months_later(first, 11 - since).year
    return f"{year}-Q{since // 3 + 1}" if per.endswith("quarter") else str(year)


def before(span: Span, year_starts: int = 1) -> Span:
    """The span before."""
    return span_of(span.per, span.first - DAY, year_starts)


def months_later(day: date, months: int) -> date:
    """The first day of the month so many months from that of `day`."""
    whole = day.year * 12 + day.month - 1 + months
    return date(whole // 12, whole % 12 + 1, 1)


def working_days(first: date, last: date, is_working: Callable[[date], bool]) -> int:
    """How many days from `first` to `last`, both included, somebody works."""
    return sum(is_working(first + timedelta(days=n)) for n in range((last - first).days + 1))


def elapsed_days(span: Span, now: datetime, is_working: Callable[[date], bool]) -> float:
    """How many of its working days are over at `now` (on the clock of its zone); of today as much as is over."""
    today = now.date()
    if today > span.last:
        return float(working_days(span.first, span.last, is_working))
    if today < span.first:
        return 0.0
    begun = now.replace(hour=0, minute=0, second=0, microsecond=0)
    part = min(1.0, (now - begun) / DAY) if is_working(today) else 0.0
    return working_days(span.first, today - DAY, is_working) + part
