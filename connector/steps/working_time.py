"""Working time: when a team or a person is there, by when something is due, how long it took.

Hours are read on the wall clock of their zone and counted in UTC: eight hours of a shift in which the clocks change
are eight hours that went by. A span begins when the clock first shows its begin, or first passes it where the clock
jumps over it, and ends in the same way. One whose end is no later than its begin ends on the next day; it belongs to
the day that it begins on, which is the day that is looked up among the holidays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from connector.model.durations import Duration

#: A team that is not there for so many days on end never is.
_NEVER = 400
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_TICK = timedelta(microseconds=1)

#: By weekday, 0 is Monday: the spans of a day, each from and until.
WeekHours = Mapping[int, tuple[tuple[time, time], ...]]


def no_holidays(_day: date) -> bool:
    """Of someone who has none."""
    return False


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of working time (UTC, `end` exclusive) of one working `day`."""

    day: date
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Calendar:
    """When somebody works: `hours` by weekday on the wall clock of `zone`, on days that are not `is_holiday`."""

    zone: tzinfo
    hours: WeekHours
    is_holiday: Callable[[date], bool] = no_holidays
    _days: dict[date, tuple[Span, ...]] = field(default_factory=dict, repr=False, compare=False)

    def spans_of(self, day: date) -> tuple[Span, ...]:
        """The spans that belong to `day`, by begin; none on a holiday."""
        if day not in self._days:
            self._days[day] = () if self.is_holiday(day) else tuple(self._spans(day))
        return self._days[day]

    def _spans(self, day: date) -> Iterator[Span]:
        for begin, end in sorted(self.hours.get(day.weekday(), ())):
            first = instant(datetime.combine(day, begin), self.zone)
            last = instant(datetime.combine(day + (_DAY if end <= begin else timedelta()), end), self.zone)
            if first < last:
                yield Span(day, first, last)


def instant(wall: datetime, zone: tzinfo) -> datetime:
    """When the clock of `zone` first shows `wall` (without a zone), or first passes it; in UTC."""
    there = wall.replace(tzinfo=zone, fold=0)
    found = there.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
        return found
    return _change(zone, there.replace(fold=1).astimezone(UTC), found)


def _change(zone: tzinfo, before: datetime, after: datetime) -> datetime:
    """When the clock of `zone` was set, once between `before` and `after` (UTC), to the second."""
    late = after.astimezone(zone).utcoffset()
    before, after = before.replace(microsecond=0), (after + _SECOND - _TICK).replace(microsecond=0)
    while after - before > _SECOND:
        middle = before + (after - before) // 2 // _SECOND * _SECOND
        if middle.astimezone(zone).utcoffset() == late:
            after = middle
        else:
            before = middle
    return after


def spans(calendar: Calendar, start: datetime) -> Iterator[Span]:
    """Working time from `start` on, in order and never overlapping; ends where nobody comes any more."""
    day = start.astimezone(calendar.zone).date() - _DAY
    reached, idle = start.astimezone(UTC), 0
    while idle < _NEVER and day < date.max - 2 * _DAY:
        idle += 1
        for span in calendar.spans_of(day):
            if span.end > reached:
                yield Span(day, max(span.begin, reached), span.end)
                reached, idle = span.end, 0
        day += _DAY


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether it is working time at `at`."""
    opening = next_open(calendar, at)
    return opening is not None and opening == at


def next_open(calendar: Calendar, at: datetime) -> datetime | None:
    """The first moment from `at` on that is working time (UTC), `at` itself where it is; None: there never is one."""
    span = next(spans(calendar, at), None)
    return span.begin if span else None


def deadline(calendar: Calendar, start: datetime, duration: Duration) -> datetime:
    """When `duration` is over that begins at `start` (UTC).

    Working time counts from the next opening where nobody is there at `start`, and is over as soon as it was worked:
    at closing time, not at the opening after it. Working days lead to the same time of that many working days later,
    or to the closing before it where nobody is there then. Where nobody ever works, the clock runs always.
    """
    if not duration.working:
        return start.astimezone(UTC) + duration.delta
    if duration.working_days:
        return _days_later(calendar, start, duration.working_days)
    left = timedelta(seconds=duration.seconds)
    for span in spans(calendar, start):
        if span.end - span.begin >= left:
            return span.begin + left
        left -= span.end - span.begin
    return start.astimezone(UTC) + duration.delta


def _days_later(calendar: Calendar, start: datetime, days: int) -> datetime:
    opening = next(spans(calendar, start), None)
    if opening is None:
        return start.astimezone(UTC) + timedelta(days=days)
    day, left = opening.day, days
    for span in spans(calendar, opening.begin):
        if span.day > day:
            day, left = span.day, left - 1
        if not left:
            break
    return _within(calendar, day, instant(_shown(calendar.zone, opening.begin) + (day - opening.day), calendar.zone))


def _shown(zone: tzinfo, at: datetime) -> datetime:
    """What the clock shows at `at`; while an hour comes again, the latest that it has shown already."""
    there = at.astimezone(zone)
    wall = there.replace(tzinfo=None, fold=0)
    if not there.fold:
        return wall
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    changed = _change(zone, first, at.astimezone(UTC))
    return (changed - _SECOND).astimezone(zone).replace(tzinfo=None, fold=0) + _SECOND


def _within(calendar: Calendar, day: date, at: datetime) -> datetime:
    """`at`, moved into the spans of `day`: to the closing before it, or to the first opening."""
    of_day = calendar.spans_of(day)
    reached = of_day[0].begin
    for span in of_day:
        if at < span.begin:
            break
        reached = min(at, span.end)
    return reached


def worked(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Seconds of working time from `start` to `end`, 0 where it lies before; in all seconds where nobody ever works."""
    if end <= start:
        return 0
    total, found = timedelta(), False
    for span in spans(calendar, start):
        found = True
        if span.begin >= end:
            break
        total += min(span.end, end) - span.begin
    return (total if found else end - start) // _SECOND
