"""When what waits will be out, as far as the limits of an account allow: pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.model.http import Rate, open_to
from connector.model.ports import BudgetLine


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit as it stands: `used` of `limit` calls in the window that ends at `until`."""

    rate: Rate
    used: int
    limit: int
    until: datetime

    def left(self, lane: int) -> int:
        """How many calls a lane has left in this window."""
        return max(0, open_to(lane, self.limit, self.rate.reserve) - self.used)

    def free_at(self, lane: int, calls: int, now: datetime) -> datetime:
        """When the last of so many calls may be made."""
        beyond = calls - self.left(lane)
        if beyond <= 0:
            return now
        each = open_to(lane, self.limit, self.rate.reserve)
        return self.until + timedelta(seconds=self.rate.seconds) * (-(-beyond // each) - 1)


@dataclass(frozen=True, slots=True)
class Out:
    """When the rows of one lane will be out: about so many calls, not before `at`."""

    lane: int
    rows: int
    calls: int
    at: datetime


def limits(rates: Iterable[Rate], standing: Sequence[BudgetLine], now: datetime) -> list[Limit]:
    """An account's limits at `now`: a window that is over is empty again, one never counted is full."""
    lines = {line.rate: line for line in standing}
    found = []
    for rate in rates:
        line = lines.get(rate.name)
        end = line.since + timedelta(seconds=rate.seconds) if line else now
        if line is None or end <= now:
            most = line.limit if line else rate.calls
            found.append(Limit(rate, 0, most or rate.calls, now + timedelta(seconds=rate.seconds)))
        else:
            found.append(Limit(rate, line.used, line.limit or rate.calls, end))
    return found


def forecast(
    waiting: Mapping[tuple[str, int], int],
    batches: Mapping[str, int],
    standing: Sequence[Limit],
    now: datetime,
    parked_until: datetime | None = None,
) -> list[Out]:
    """When the waiting rows, by (object, lane), will be out, most urgent lane first.

    `batches` says how many of an object go into one call. Lanes go out one after the other, each within
    its share of the limits; what calls themselves take is not in it.
    """
    begin = max(now, parked_until or now)
    found: list[Out] = []
    before = 0
    for lane in sorted({lane for _, lane in waiting}):
        rows = {object: count for (object, of), count in waiting.items() if of == lane and count}
        calls = sum(-(-count // batches.get(object, 1)) for object, count in rows.items())
        before += calls
        # Limits that calls name themselves (searches) are not those of writes.
        times = [one.free_at(lane, before, begin) for one in standing if not one.rate.named]
        found.append(Out(lane, sum(rows.values()), calls, max([begin, *times])))
    return found
