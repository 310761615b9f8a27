"""The funnel: how many leads came from stage to stage, how long it took, and how far the figures can be trusted.

Two definitions. `strict`: a stage counts after the one before it, the first time from there on. `any`: a stage
counts whenever it was come to, skipped ones and steps back included. Under both, a share is of those who were
at the stage before and came to the next; a length of time is from the first time at one stage to the first at
the next, of those who came to both. A length below zero is no length: it is set aside, and counted.

Times are microseconds since 1970 in UTC, as the store gives them; lengths in a report are days.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress, pairwise, repeat
from operator import and_, is_not, sub
from typing import Literal

from connector.insight.intervals import quantile, wilson
from connector.model.ports.funnel import WAY, Way, Ways
from connector.model.times import DAY

Definition = Literal["strict", "any"]
DEFINITIONS: tuple[Definition, ...] = ("strict", "any")
#: Of fewer there is no share and no length, only the count.
SMALL = 10
Times = tuple[int | None, ...]
Column = Sequence[int | None]
Moves = Mapping[tuple[int, str], Sequence[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of`, with its interval of 95 %; no value where `of` is small or is not the whole."""

    hits: int
    of: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long `counted` took, in days unless another unit is said; nothing of fewer than `SMALL`.

    `set_aside` were below zero.
    """

    counted: int
    median: float | None = None
    p75: float | None = None
    p90: float | None = None
    set_aside: int = 0


@dataclass(frozen=True, slots=True)
class Between:
    """Who has a time in each of two columns: `held` marks the rows, `took` are their lengths in order of the rows."""

    held: Sequence[bool]
    took: list[int]


@dataclass(frozen=True)
class Counted:
    """Ways as a definition counts them: in `columns` a column of times for each stage of `path`."""

    path: tuple[int, ...]
    given: Ways
    columns: Sequence[Column]
    out_of_order: int = 0
    skipped: int = 0
    unentered: int = 0

    @cached_property
    def ways(self) -> list[Way]:
        """Row by row, as they were given."""
        return self.given.rows()

    @cached_property
    def times(self) -> list[Times]:
        """Row by row, as they count."""
        return list(zip(*self.columns, strict=True)) if self.columns else [()] * len(self.given)

    @cached_property
    def held(self) -> list[list[bool]]:
        """Who has a time, in each column."""
        return [[at is not None for at in column] for column in self.columns]

    @cached_property
    def onward(self) -> list[Between]:
        """From each stage to the next."""
        return [self._between(place, place + 1) for place in range(len(self.columns) - 1)]

    @cached_property
    def through(self) -> Between:
        """From the first stage to the last. Not of fewer than two."""
        return self._between(0, len(self.columns) - 1)

    @cached_property
    def entered(self) -> list[Sequence[bool]]:
        """Who has a time, in each column, and one at the first stage."""
        first = self.held[0] if self.held else []
        return list(self.held) if all(first) else [list(map(and_, first, held)) for held in self.held]

    def _between(self, one: int, other: int) -> Between:
        held: Sequence[bool] = self.held[other]
        firsts = list(compress(self.columns[one], held))
        # The usual case, and the quick one; 0 is a time.
        if not all(firsts):
            held = list(map(and_, self.held[one], held))
            firsts = list(compress(self.columns[one], held))
        lasts = compress(self.columns[other], held)
        return Between(held, list(map(sub, lasts, firsts)))


def path_of(ways: Ways) -> tuple[int, ...]:
    """Places in `WAY` of the stages that anybody came to."""
    return tuple(place for place, column in enumerate(ways.times) if any(map(is_not, column, repeat(None))))


def no_moves(_lead_ids: Sequence[int]) -> Moves:
    """Of whom nothing more is known than the first times."""
    return {}


def counted(
    ways: Ways, path: tuple[int, ...], definition: Definition, moves: Callable[[Sequence[int]], Moves] = no_moves
) -> Counted:
    """The times that count.

    `moves` gives all moves of leads; it is asked once, of those that first came to a stage before the one ahead of
    it: their moves tell whether they came again.
    """
    given = [ways.times[place] for place in path]
    what = Counted(path, ways, given, unentered=given[0].count(None) if given else 0)
    if definition == "any" or _orderly(what):
        return what
    kept = given[:1]
    for column in given[1:]:
        kept.append(_after(kept[-1], column))
    return _mended(ways, path, given, kept, moves, what.unentered)


def _orderly(what: Counted) -> bool:
    """Whether everybody came to each stage after the one before it. A hundred thousand are looked at without a step
    for each."""
    steps = zip(what.onward, what.held[1:], strict=True)
    return all(len(step.took) == sum(held) and min(step.took, default=0) >= 0 for step, held in steps)


def _after(before: Column, column: Column) -> Column:
    """The times of a column that are no sooner than those before them."""
    pairs = zip(before, column, strict=True)
    return [b if a is not None and b is not None and b >= a else None for a, b in pairs]


def _mended(
    ways: Ways, path: tuple[int, ...], given: Sequence[Column], kept: Sequence[Column],
    moves: Callable[[Sequence[int]], Moves], unentered: int,
) -> Counted:  # fmt: skip
    """`kept` is right for whoever came in order; the others are looked at one by one."""
    odd = {place: tuple(column[place] for column in given) for place in _left_out(given, kept)}
    fell = [place for place, row in odd.items() if _falls(row)]
    told = moves([ways.lead_ids[place] for place in fell]) if fell else {}
    for place in fell:
        key = ways.lead_ids[place], ways.flows[place]
        odd[place] = again(told[key], path) if key in told else odd[place]
    columns, skipped = [list(column) for column in kept] if odd else list(kept), 0
    for place, row in odd.items():
        times, gap = _in_order(row)
        skipped += gap
        for column, at in zip(columns, times, strict=True):
            column[place] = at  # type: ignore[index]
    return Counted(path, ways, columns, len(fell), skipped, unentered)


def _left_out(given: Sequence[Column], kept: Sequence[Column]) -> list[int]:
    """Places of those who came to a stage that is not kept."""
    found = set[int]()
    for column, good in zip(given, kept, strict=True):
        if column.count(None) < good.count(None):
            pairs = enumerate(zip(column, good, strict=True))
            found.update([place for place, (at, left) in pairs if left is None and at is not None])
    return sorted(found)


def _falls(times: Times) -> bool:
    """Whether a stage was first come to before one ahead of it."""
    known = [at for at in times if at is not None]
    return any(b < a for a, b in pairwise(known))


def again(moves: Sequence[tuple[str, int]], path: Sequence[int]) -> Times:
    """The first time at each stage after the one before it."""
    wanted, found = [WAY[place] for place in path], list[int | None]()
    for stage, at in moves:
        if len(found) < len(wanted) and stage == wanted[len(found)]:
            found.append(at)
    return (*found, *[None] * (len(wanted) - len(found)))


def _in_order(times: Times) -> tuple[Times, bool]:
    """As far as the times rise without a gap; and whether a later one lies behind a gap."""
    last, good = 0, 0
    for at in times:
        if at is None or at < last:
            break
        last, good = at, good + 1
    if good == len(times):
        return times, False
    rest = times[good:]
    if rest.count(None) == len(rest):
        return times, False
    return (*times[:good], *[None] * len(rest)), rest[0] is None


def share(hits: int, of: int, *, whole: bool = True) -> Share:
    """A share with its interval, or the counts alone."""
    if of < SMALL or not whole:
        return Share(hits, of)
    return Share(hits, of, hits / of, *wilson(hits, of))


def spread(found: Sequence[int], unit: int = DAY) -> Lengths:
    """Lengths in microseconds as a distribution in days, or in another `unit`."""
    ascending = sorted(found)
    below = bisect_left(ascending, 0)
    found = ascending[below:]
    if len(found) < SMALL:
        return Lengths(len(found), set_aside=below)
    median, p75, p90 = (round(quantile(found, q) / unit, 4) for q in (0.5, 0.75, 0.9))
    return Lengths(len(found), median, p75, p90, below)
