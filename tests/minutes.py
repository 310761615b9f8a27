"""Working time worked out slowly: minute by minute, by looking at the clock on the wall."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Slow:
    """Somebody's hours, as `connector.steps.working_time.Calendar` has them, but looked up minute by minute."""

    zone: ZoneInfo
    hours: Mapping[int, Collection[tuple[time, time]]]
    holidays: Collection[date] = ()
    known: dict[date, list[tuple[datetime, datetime]]] = field(default_factory=dict, compare=False)

    def wall(self, at: datetime) -> datetime:
        return at.astimezone(self.zone).replace(tzinfo=None, fold=0)

    def first_minute(self, shown: datetime) -> datetime:
        """The first minute at which the wall shows this, or something later."""
        at = shown.replace(tzinfo=UTC) - 14 * HOUR
        while self.wall(at) < shown:
            at += MINUTE
        return at

    def shifts(self, day: date) -> list[tuple[datetime, datetime]]:
        if day in self.holidays:
            return []
        found = []
        for begin, end in self.hours.get(day.weekday(), ()):
            last = day if end > begin else day + DAY
            begins = self.first_minute(datetime.combine(day, begin))
            found.append((begins, self.first_minute(datetime.combine(last, end))))
        return sorted(found)

    def is_open(self, minute: datetime) -> bool:
        day = minute.astimezone(self.zone).date()
        return any(b <= minute < e for d in (day - DAY, day) for b, e in self._remembered(d))

    def _remembered(self, day: date) -> list[tuple[datetime, datetime]]:
        if day not in self.known:
            self.known[day] = self.shifts(day)
        return self.known[day]

    def minutes(self, start: datetime) -> Iterator[datetime]:
        at = start
        while True:
            if self.is_open(at):
                yield at
            at += MINUTE

    def worked(self, start: datetime, end: datetime) -> int:
        """Seconds; both are whole minutes."""
        at, total = start, 0
        while at < end:
            total += 60 * self.is_open(at)
            at += MINUTE
        return total

    def deadline(self, start: datetime, minutes: int) -> datetime:
        for done, at in enumerate(self.minutes(start), 1):
            if done == minutes:
                return at + MINUTE
        raise AssertionError

    def next_open(self, at: datetime) -> datetime:
        return next(self.minutes(at))
