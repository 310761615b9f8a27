"""Whether leads go on less often than usual, or wait longer for the first contact: lately against the weeks before.

Lately are four weeks, the usual are the twelve before. A step has a set time in which it counts, and only leads that
have had it are looked at; a handoff has two days. A drop is told where the interval of the difference (99 %, by
R. G. Newcombe's method 10) has no room for none; it has ended once the one of 80 % has. A rise of the response time
is told by the ranks (H. B. Mann and D. R. Whitney, Annals of Mathematical Statistics 18, 1947; ties corrected) and
only where the median has risen by a quarter. Looked at once a day, an alarm without a cause is rare and short.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf, isinf, sqrt
from statistics import NormalDist

from connector.insight.intervals import newcombe
from connector.model.ports.funnel import WAY, Timed, Way
from connector.model.times import micros

LATELY, USUAL = timedelta(weeks=4), timedelta(weeks=12)
#: The steps that are watched, and how long after the one stage the other counts.
STEPS: tuple[tuple[str, str, timedelta], ...] = (
    ("mql", "sal", timedelta(days=7)),
    ("sal", "sql", timedelta(days=21)),
)
#: How long a handoff has had until it counts: one without a contact by then counts as the longest.
ANSWER = timedelta(days=2)
#: So many are needed lately, and among the usual.
FEW, FEW_USUAL = 20, 40
#: One side of 99 % and of 80 %: what begins an alarm, and what no longer ends it.
BEGINS, LASTS = NormalDist().inv_cdf(0.995), NormalDist().inv_cdf(0.9)
#: A rise of the median that matters, and one that still does.
RISE, STILL = 1.25, 1.1
SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """How many went on from one stage to the next: `hits` of `of` lately, `usual_hits` of `usual_of` before."""

    flow: str
    stage: str
    to: str
    days: int
    hits: int
    of: int
    usual_hits: int
    usual_of: int

    def dropped(self, *, stands: bool) -> bool | None:
        """Whether fewer go on than usual; None where too few are there to say. `stands`: it was so when asked last."""
        if self.of < FEW or self.usual_of < FEW_USUAL:
            return None
        _, high = newcombe(self.hits, self.of, self.usual_hits, self.usual_of, LASTS if stands else BEGINS)
        return high < 0


@dataclass(frozen=True, slots=True)
class Response:
    """Seconds from handoff to first contact, medians lately and among the usual (infinite: more than half had none).

    `z` is by how many standard deviations lately ranks above the usual.
    """

    flow: str
    median: float
    of: int
    usual_median: float
    usual_of: int
    z: float

    def slower(self, *, stands: bool) -> bool | None:
        """Whether first contact takes longer than usual; None where too few are there to say."""
        if self.of < FEW or self.usual_of < FEW_USUAL or isinf(self.usual_median):
            return None
        risen = self.median >= self.usual_median * (STILL if stands else RISE)
        return risen and self.z > (LASTS if stands else BEGINS)


def steps(flow: str, ways: Sequence[Way], now: datetime) -> list[Step]:
    """Each watched step of a flow. `ways` are the flow's."""
    return [_step(flow, ways, now, *one) for one in STEPS]


def _step(flow: str, ways: Sequence[Way], now: datetime, stage: str, to: str, time: timedelta) -> Step:
    begin, middle, end = (micros(now - time - back) for back in (LATELY + USUAL, LATELY, timedelta()))
    place, after, long = WAY.index(stage), WAY.index(to), time // timedelta(microseconds=1)
    counts = [0, 0, 0, 0]
    for way in ways:
        at, then = way.times[place], way.times[after]
        if at is None or not begin <= at < end:
            continue
        side = 0 if at >= middle else 2
        counts[side] += then is not None and at <= then < at + long
        counts[side + 1] += 1
    return Step(flow, stage, to, time.days, *counts)


def since(now: datetime) -> int:
    """From when on handoffs are needed, in microseconds."""
    return micros(now - ANSWER - LATELY - USUAL)


def response(flow: str, handoffs: Sequence[Timed], now: datetime) -> Response:
    """The response time of a flow: working time where all have that, else all of the time."""
    begin, middle, end = (micros(now - ANSWER - back) for back in (LATELY + USUAL, LATELY, timedelta()))
    own = [one for one in handoffs if one.flow == flow and begin <= one.opened < end]
    working = all(one.worked is not None for one in own if one.contacted is not None)
    lately = sorted(_took(one, working) for one in own if one.opened >= middle)
    usual = sorted(_took(one, working) for one in own if one.opened < middle)
    return Response(flow, _median(lately), len(lately), _median(usual), len(usual), above(lately, usual))


def _took(one: Timed, working: bool) -> float:
    if one.contacted is None or one.contacted < one.opened:
        return inf
    return float(one.worked or 0) if working else (one.contacted - one.opened) / SECOND


def _median(ascending: Sequence[float]) -> float:
    return ascending[(len(ascending) - 1) // 2] if ascending else inf


def above(some: Sequence[float], others: Sequence[float]) -> float:
    """By how many standard deviations `some` rank above `others`; both ascending. 0 where nothing can be said."""
    n, m = len(some), len(others)
    whole = sorted([*some, *others])
    if not n or not m or whole[0] == whole[-1]:
        return 0.0
    ranked = tied = 0.0
    first = 0
    while first < n + m:
        value = whole[first]
        last = bisect_left(whole, True, lo=first, key=lambda one: one > value)
        count = last - first
        here = bisect_left(some, True, key=lambda one: one > value) - bisect_left(some, value)
        ranked += here * (first + last + 1) / 2
        tied += count**3 - count
        first = last
    middle = n * m / 2
    spread = sqrt(n * m / 12 * (n + m + 1 - tied / ((n + m) * (n + m - 1))))
    return (ranked - n * (n + 1) / 2 - middle) / spread
