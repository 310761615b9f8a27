"""What a change of criteria did to the next steps: leads that qualified before it, and after it.

Two windows of the same length meet at the change, of whole weeks, so that both have each weekday as often. Whoever
qualified in one of them counts, and counts as having gone on where they did so within a set time after that: both
windows have had it. A difference is after less before, with an interval of 95 % (`insight.intervals`).

What else may be behind it is said beside it. The mix: types of leads (source × persona) shift; the adjusted difference
weighs those of each type before and after by what both windows have of it together (direct standardisation), with an
interval put together from those of its parts (G. Y. Zou and A. Donner, Statistics in Medicine 27, 2008). The season:
the same weeks of the year before. Other changes of the flow in one of the windows.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from math import sqrt
from typing import Literal, NamedTuple

from connector.insight.intervals import Z, newcombe, wilson
from connector.model.ports import CriteriaVersion, Transaction
from connector.model.ports.funnel import WAY
from connector.model.times import micros

Outcome = Literal["sal", "sql", "opportunity", "won", "rejected"]
#: What may follow, and how long after qualifying it counts.
TIMES: Mapping[Outcome, timedelta] = {
    "sal": timedelta(days=7),
    "sql": timedelta(days=21),
    "opportunity": timedelta(days=45),
    "won": timedelta(days=90),
    "rejected": timedelta(days=21),
}
OUTCOMES: tuple[Outcome, ...] = tuple(TIMES)
WEEK = timedelta(days=7)
MICROSECOND = timedelta(microseconds=1)
#: So many leads are needed before and after.
ENOUGH = 20
#: A type with fewer, before and after together, counts among the others.
FEW = 5
#: A year of whole weeks.
YEAR = 52 * WEEK


class Qualified(NamedTuple):
    """A lead that became an MQL at `at`, when it first came to each of `OUTCOMES` (None: never), and its type.

    Times are microseconds since 1970 in UTC, as the store gives them.
    """

    at: int
    times: tuple[int | None, ...]
    type: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A version of a flow's criteria that came into force at `at`, after `before`."""

    flow: str
    version: str
    before: str
    at: datetime
    author: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """`hits` of `of` before and after; `value` is the share after less the one before, between `low` and `high`."""

    hits_before: int
    of_before: int
    hits_after: int
    of_after: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Mix:
    """How types of leads shifted.

    `moved` is the share of leads of another type than before, `by_chance` whether chance alone does so much in one of
    twenty cases. The difference with the mix held still is `value`, over the `covered` share of leads, whose types
    are there before and after.
    """

    moved: float
    by_chance: bool
    value: float
    low: float
    high: float
    covered: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One next step. `weeks` is the length of each window, `days` the time that each lead has had.

    Without a `difference` there is not enough data: `leads` before and after of the `needed`, and `ready_at`, the
    earliest moment at which there can be more; None where no more comes.
    """

    outcome: Outcome
    weeks: int
    days: int
    leads: tuple[int, int]
    needed: int
    difference: Difference | None = None
    mix: Mix | None = None
    year_before: Difference | None = None
    ready_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change did. `overlapping` are other changes of the flow in one of the windows."""

    change: Change
    measured: tuple[Measured, ...]
    overlapping: tuple[Change, ...] = ()


def effects(changes: Sequence[Change], qualified: Sequence[Qualified], now: datetime, weeks: int = 4) -> list[Effect]:
    """The effect of each change of one flow, in their order. Windows have at most so many `weeks`."""
    ordered = sorted(qualified, key=lambda one: one.at)
    return [_effect(one, changes, ordered, now, weeks) for one in changes]


def _effect(
    change: Change, changes: Sequence[Change], qualified: Sequence[Qualified], now: datetime, weeks: int
) -> Effect:
    measured = tuple(measure(change.at, outcome, qualified, now, weeks) for outcome in OUTCOMES)
    widest = max(one.weeks for one in measured) * WEEK
    others = [one for one in changes if one is not change and change.at - widest <= one.at < change.at + widest]
    return Effect(change, measured, tuple(others))


def measure(at: datetime, outcome: Outcome, qualified: Sequence[Qualified], now: datetime, weeks: int = 4) -> Measured:
    """One next step around a change at `at`. `qualified` are ordered by time."""
    time = TIMES[outcome]
    counting = _Counting(OUTCOMES.index(outcome), time // MICROSECOND)
    # A store that began a little before the change has no leads of before that.
    known = max(0, micros(at) - qualified[0].at) // (WEEK // MICROSECOND) if qualified else 0
    length = max(0, min(weeks, (now - time - at) // WEEK, known))
    before, after = _windows(qualified, at, length)
    shown = Measured(outcome, length, time.days, (len(before), len(after)), ENOUGH)
    if min(shown.leads) < ENOUGH:
        grows = length < min(weeks, known)
        return replace(shown, ready_at=at + (length + 1) * WEEK + time if grows else None)
    earlier = None
    if qualified[0].at <= micros(at - YEAR - length * WEEK):
        windows = _windows(qualified, at - YEAR, length)
        earlier = counting.difference(*windows) if min(map(len, windows)) >= ENOUGH else None
    return replace(
        shown, difference=counting.difference(before, after), mix=counting.mix(before, after), year_before=earlier
    )


def _windows(
    qualified: Sequence[Qualified], at: datetime, weeks: int
) -> tuple[Sequence[Qualified], Sequence[Qualified]]:
    begin, middle, end = (
        bisect_left(qualified, micros(moment), key=_at) for moment in (at - weeks * WEEK, at, at + weeks * WEEK)
    )
    return qualified[begin:middle], qualified[middle:end]


def _at(one: Qualified) -> int:
    return one.at


@dataclass(frozen=True, slots=True)
class _Counting:
    """Counts who came to the outcome at `place` within `time` (microseconds)."""

    place: int
    time: int

    def hits(self, some: Sequence[Qualified]) -> int:
        place, time = self.place, self.time
        return sum((then := one.times[place]) is not None and one.at <= then < one.at + time for one in some)

    def difference(self, before: Sequence[Qualified], after: Sequence[Qualified]) -> Difference:
        was, of_was, is_, of_is = self.hits(before), len(before), self.hits(after), len(after)
        return Difference(was, of_was, is_, of_is, is_ / of_is - was / of_was, *newcombe(is_, of_is, was, of_was))

    def mix(self, before: Sequence[Qualified], after: Sequence[Qualified]) -> Mix | None:
        """None where all are of one type, or no type is there before and after."""
        counts = Counter(one.type for one in before) + Counter(one.type for one in after)
        names = {name: name if count >= FEW else "" for name, count in counts.items()}
        split = [_by_type(some, names) for some in (before, after)]
        types = sorted({*split[0], *split[1]})
        sizes = [(len(split[0].get(name, ())), len(split[1].get(name, ()))) for name in types]
        both = [name for name, (a, b) in zip(types, sizes, strict=True) if a and b]
        if len(types) < 2 or not both:
            return None
        moved = sum(abs(a / len(before) - b / len(after)) for a, b in sizes) / 2
        covered = sum(len(split[0][name]) + len(split[1][name]) for name in both)
        parts = [self._part(split[0][name], split[1][name], covered) for name in both]
        value = sum(one for one, _, _ in parts)
        low, high = (sqrt(sum(part[place] for part in parts)) for place in (1, 2))
        return Mix(moved, _is_chance(sizes), value, value - low, value + high, covered / (len(before) + len(after)))

    def _part(self, before: Sequence[Qualified], after: Sequence[Qualified], of: int) -> tuple[float, float, float]:
        """A type's share in the difference, and the squares by which it may be lower and higher."""
        weight = (len(before) + len(after)) / of
        was, is_ = self.hits(before) / len(before), self.hits(after) / len(after)
        was_low, was_high = wilson(self.hits(before), len(before))
        low, high = wilson(self.hits(after), len(after))
        below = (is_ - low) ** 2 + (was_high - was) ** 2
        above = (high - is_) ** 2 + (was - was_low) ** 2
        return weight * (is_ - was), weight**2 * below, weight**2 * above


def _by_type(some: Sequence[Qualified], names: Mapping[str, str]) -> dict[str, list[Qualified]]:
    found: dict[str, list[Qualified]] = {}
    for one in some:
        found.setdefault(names[one.type], []).append(one)
    return found


def _is_chance(sizes: Sequence[tuple[int, int]]) -> bool:
    """Whether a chi-square test at 5 % does not tell the two mixes apart.

    Its quantile is that of E. B. Wilson and M. M. Hilferty (Proceedings of the National Academy 17, 1931).
    """
    of_before, of_after = (sum(column) for column in zip(*sizes, strict=True))
    whole = of_before + of_after
    found = 0.0
    for a, b in sizes:
        for seen, of in ((a, of_before), (b, of_after)):
            expected = (a + b) * of / whole
            found += (seen - expected) ** 2 / expected
    freedom = len(sizes) - 1
    if not freedom:
        return True
    spread, one_sided = 2 / (9 * freedom), 1.6448536269514722
    return found <= freedom * (1 - spread + one_sided * sqrt(spread)) ** 3


def told_apart(one: Difference | Mix) -> Literal["more", "fewer", ""]:
    """What an interval says: more or fewer than before, or that no difference can be told ("")."""
    return "more" if one.low > 0 else "fewer" if one.high < 0 else ""


def smallest(one: Difference) -> float:
    """The smallest difference that so many leads would tell from none, about (equal shares, 95 %)."""
    share = (one.hits_before + one.hits_after) / (one.of_before + one.of_after)
    return Z * sqrt(share * (1 - share) * (1 / one.of_before + 1 / one.of_after))


def report(tx: Transaction, flow: str, now: datetime, weeks: int = 4) -> list[Effect]:
    """The effect of each change of a flow's criteria, the latest first. Nothing is written."""
    changes = changes_of(tx.ledgers.criteria(flow))
    return effects(changes, qualified_of(tx, flow), now, weeks) if changes else []


def changes_of(versions: Sequence[CriteriaVersion]) -> list[Change]:
    """The changes among the versions of one flow, newest first; the first version changes nothing."""
    return [
        Change(one.flow, one.version, before.version, one.at, one.author, one.note)
        for one, before in pairwise(versions)
        if one.at is not None
    ]


def qualified_of(tx: Transaction, flow: str) -> list[Qualified]:
    """Everybody who came to MQL in a flow, with what followed."""
    ways = [way for way in tx.funnel.ways(flow) if way.times[0] is not None]
    rejected = {(one.lead_id, one.flow): one.at for one in tx.funnel.came("rejected")}
    types = tx.funnel.values_of([way.lead_id for way in ways], ["source", "persona"])
    places = [WAY.index(one) for one in OUTCOMES if one in WAY]
    return [
        Qualified(
            way.times[0], (*(way.times[place] for place in places), rejected.get(way[:2])),
            " × ".join(str(value or "–") for value in types.get(way.lead_id, ())),
        )
        for way in ways
        if way.times[0] is not None
    ]  # fmt: skip
