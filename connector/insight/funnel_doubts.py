"""What makes figures of a funnel doubtful: months that are cut off, and times that are no moments."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from connector.insight.funnel import SMALL, Counted
from connector.insight.intervals import quantile
from connector.model.ports.funnel import WAY
from connector.model.times import DAY, MINUTE, micros, moment

#: With so many arrivals expected, none of them on record is no chance (Poisson: one in 150).
EXPECTED = 5.0


@dataclass(frozen=True, slots=True)
class Months:
    """The months of entry, by their names, first moments and the end of the last; and those that are cut off.

    `young`: not as old as nine of ten took for the whole way. `before`: begun before `records_from`, when the
    first came to the last stage on record, although by then many must have.
    """

    names: tuple[str, ...] = ()
    begins: tuple[int, ...] = ()
    young: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    records_from: int | None = None
    p90_days: float | None = None


@dataclass(frozen=True, slots=True)
class SameTime:
    """`count` of `of` times at a stage are at exactly one time of day (UTC), on many days: a date, or a clock's."""

    stage: str
    time: str
    count: int
    of: int
    midnight: bool


def months_of(entries: Sequence[int | None], zone: ZoneInfo) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The months in which anybody entered, and those between: names, first moments, and one moment more: the end."""
    known = [at for at in entries if at is not None]
    if not known:
        return (), ()
    last = max(known)
    day = moment(min(known)).astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    names, begins = list[str](), [micros(day)]
    while begins[-1] <= last:
        names.append(f"{day:%Y-%m}")
        day = (day + timedelta(days=32)).replace(day=1)
        begins.append(micros(day))
    return tuple(names), tuple(begins)


def month_of(names: Sequence[str], begins: Sequence[int], at: int | None) -> str | None:
    """The month that a time lies in."""
    return None if at is None else names[bisect_right(begins, at) - 1]


def months(what: Counted, now: datetime, zone: ZoneInfo) -> Months:
    """Which months cannot be compared with the others.

    The record ends with its last row where that is before `now`: an old export is as old as that.
    """
    if not what.path:
        return Months()
    entries, arrivals = what.columns[0], what.columns[-1]
    names, begins = months_of(entries, zone)
    took = sorted(length for length in what.through.took if length >= 0) if len(what.path) > 1 else []
    if not names or len(took) < SMALL:
        return Months(names, begins)
    end = min(micros(now), max(max(filter(None, column), default=0) for column in what.columns))
    late = quantile(took, 0.9)
    young = tuple(name for name, until in zip(names, begins[1:], strict=True) if until + late > end)
    first = _records_from(entries, arrivals, quantile(took, 0.5), len(took))
    before = tuple(name for name, begin in zip(names, begins, strict=False) if first is not None and begin < first)
    return Months(names, begins, young, before, first, round(late / DAY, 4))


def _records_from(
    entries: Sequence[int | None], arrivals: Sequence[int | None], usual: float, arrived: int
) -> int | None:
    """When the record of the last stage begins, where that is after the first of many should have come to it."""
    first = min(at for at in arrivals if at is not None)
    entered = [at for at in entries if at is not None]
    due = len([1 for at in entered if at < first - usual])
    # Half of those who ever come have come by the median.
    return first if due * arrived / len(entered) / 2 >= EXPECTED else None


def same_times(what: Counted, zone: ZoneInfo) -> list[SameTime]:
    """Times of day, to the minute and without seconds, that many times of a stage share, the most first."""
    found = list[SameTime]()
    for place, stage in enumerate(what.path):
        whole = [at for at in what.columns[place] if at is not None and not at % MINUTE]
        of = sum(what.held[place])
        few = max(SMALL, of / 100)
        if len(whole) < few:
            continue
        for time, count in Counter(at % DAY for at in whole).most_common():
            if count < few:
                break
            alike = [at for at in whole if at % DAY == time]
            if len(set(alike)) > 1:
                found.append(SameTime(WAY[stage], f"{moment(time):%H:%M}", count, of, _midnight(alike, zone)))
    return found


def _midnight(times: Sequence[int], zone: ZoneInfo) -> bool:
    """Whether most of them are the beginning of a day in the zone."""
    at_midnight = sum(not (local := moment(at).astimezone(zone)).hour and not local.minute for at in times)
    return at_midnight * 2 > len(times)
