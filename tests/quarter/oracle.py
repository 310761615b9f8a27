"""The slow calculation that a simulated quarter is held against: every minute looked at by itself.

Nothing here comes from the program. A person's working minutes are found by asking of each minute of the quarter
whether the clock on their wall shows working time, on a day that is no holiday; deadlines are counted out on them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def minute_of(at: datetime) -> int:
    """Whole minutes since 1970; `at` has no seconds."""
    return int((at - EPOCH).total_seconds() // 60)


def moment_of(minute: int) -> datetime:
    """The begin of a minute."""
    return EPOCH + minute * MINUTE


@dataclass
class Wall:
    """Somebody's working time: by weekday (0 is Monday) the minutes of the day from and until, on a wall clock.

    What goes on over midnight ends beyond 1440, and belongs to the day that it begins on.
    """

    zone: str
    hours: Mapping[int, Sequence[tuple[int, int]]]
    is_holiday: Callable[[date], bool]
    first: datetime
    last: datetime
    minutes: list[int] = field(init=False)
    days: list[date] = field(init=False)

    def __post_init__(self) -> None:
        zone = ZoneInfo(self.zone)
        self.minutes, self.days = [], []
        at = self.first
        while at < self.last:
            local = at.astimezone(zone)
            clock = local.hour * 60 + local.minute
            for earlier in (0, 1):
                day = local.date() - timedelta(days=earlier)
                spans = () if self.is_holiday(day) else self.hours.get(day.weekday(), ())
                if any(begin <= clock + 1440 * earlier < end for begin, end in spans):
                    self.minutes.append(minute_of(at))
                    self.days.append(day)
                    break
            at += MINUTE

    def is_open(self, at: datetime) -> bool:
        """Whether it is working time."""
        place = bisect_left(self.minutes, minute_of(at))
        return place < len(self.minutes) and self.minutes[place] == minute_of(at)

    def after(self, start: datetime, count: int) -> datetime:
        """The end of the `count`-th working minute from `start` on."""
        place = bisect_left(self.minutes, minute_of(start))
        return moment_of(self.minutes[place + count - 1] + 1)

    def between(self, start: datetime, end: datetime) -> int:
        """Working minutes from `start` to `end`."""
        return max(bisect_left(self.minutes, minute_of(end)) - bisect_left(self.minutes, minute_of(start)), 0)

    def days_later(self, start: datetime, count: int) -> datetime:
        """The same time so many working days later, or the end of work before it; from the next working minute on."""
        zone = ZoneInfo(self.zone)
        place = bisect_left(self.minutes, minute_of(start))
        opening, day = moment_of(self.minutes[place]), self.days[place]
        working = sorted({one for one in self.days[place:] if one > day})
        target = working[count - 1]
        same = opening.astimezone(zone).replace(tzinfo=None) + (target - day)
        wanted = minute_of(same.replace(tzinfo=zone).astimezone(UTC))
        of_day = [minute for minute, one in zip(self.minutes, self.days, strict=True) if one == target]
        if wanted in of_day:
            return moment_of(wanted)
        earlier = [minute for minute in of_day if minute < wanted]
        return moment_of(earlier[-1] + 1 if earlier else of_day[0])


@dataclass
class Turns:
    """Whose turn it is, counted out: each who is there earns a share of every turn; who got it has paid for one."""

    weights: Mapping[str, int]
    earned: dict[str, Fraction] = field(default_factory=dict)
    had: dict[str, int] = field(default_factory=dict)

    def next(self, there: Sequence[str]) -> str:
        """Who gets it, of those who are there (in the order of the team)."""
        self.earn(there)
        owed = {name: self.earned[name] - self.had.get(name, 0) for name in there}
        if len(there) == 1:
            return there[0]
        slack = Fraction(1, 2 * len(there) - 2)
        behind = [name for name in there if owed[name] >= slack] or list(there)
        return min(behind, key=lambda name: (1 - slack - owed[name]) / self.weights[name])

    def earn(self, there: Sequence[str]) -> None:
        """Everybody who is there earns their share of one turn."""
        whole = sum(self.weights[name] for name in there)
        for name in there:
            self.earned[name] = self.earned.get(name, Fraction(0)) + Fraction(self.weights[name], whole)

    def give(self, name: str) -> None:
        """Somebody got it."""
        self.had[name] = self.had.get(name, 0) + 1

    def furthest(self) -> Fraction:
        """By how many turns anybody is off from what they earned, at most."""
        return max((abs(self.earned[name] - self.had.get(name, 0)) for name in self.earned), default=Fraction(0))
