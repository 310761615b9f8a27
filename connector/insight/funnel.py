"""The funnel: how many leads came from stage to stage, how long it took, and how far the figures can be trusted.

Two definitions. `strict`: a stage counts after the one before it, the first time from there on. `any`: a stage
counts whenever it was come to, skipped ones and steps back included. Under both, a share is of those who were
at the stage before and came to the next; a length of time is from the first time at one stage to the first at
the next, of those who came to both. A length below zero is no length: it is set aside, and counted.

Times are microseconds since 1970 in UTC, as the store gives them; lengths in a report are days.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress, pairwise, repeat
from operator import is_not, sub
from typing import Literal

from connector.insight.intervals import newcombe, quantile, wilson
from connector.model.ports.funnel import WAY, Answered, Way, Ways, picked
from connector.model.times import DAY, HOUR

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
class Step:
    """One stage. `here` is how many stand there now, None where nobody knows."""

    stage: str
    reached: int
    of_previous: Share | None
    of_first: Share | None
    to_next: Lengths | None
    here: int | None


@dataclass(frozen=True, slots=True)
class Part:
    """The funnel of all, or of one slice (`name` None: of those of which it is not known).

    `against_rest`: between which values the share of the whole way lies above that of all others. `response` is from
    the handoff to the first contact by the calendar, `worked` the same in hours of working time, where it was counted.
    """

    name: str | None
    leads: int
    steps: list[Step]
    through: Lengths
    response: Lengths
    unanswered: int
    against_rest: tuple[float, float] | None = None
    worked: Lengths = Lengths(0)


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


@dataclass(frozen=True, slots=True)
class Slices:
    """What each way is counted under, None where that is not known; `known_at` is the place in the path up to
    which no share has its whole, for whoever has a name at all has come that far (0: none is)."""

    names: Sequence[str | None] = ()
    known_at: int = 0
    places: dict[str | None, list[int]] = field(default_factory=dict)


def path_of(ways: Ways) -> tuple[int, ...]:
    """Places in `WAY` of the stages that anybody came to."""
    return tuple(place for place, column in enumerate(ways.times) if column.count(None) < len(column))


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
    unentered = given[0].count(None) if given else 0
    if definition == "any":
        return Counted(path, ways, given, unentered=unentered)
    kept = given[:1]
    for column in given[1:]:
        kept.append(_after(kept[-1], column))
    return _mended(ways, path, given, kept, moves, unentered)


def _after(before: Column, column: Column) -> Column:
    """The times of a column that are no sooner than those before them; the column itself where all are."""
    begins, ends = both(before, column)
    if len(ends) == _size(column) and min(map(sub, ends, begins), default=0) >= 0:
        return column
    pairs = zip(before, column, strict=True)
    return [b if a is not None and b is not None and b >= a else None for a, b in pairs]


def both(one: Column, other: Column) -> tuple[list[int], list[int]]:
    """The times of those who have one in each column. A hundred thousand are looked at without a step for each."""
    held = list(map(is_not, other, repeat(None)))
    firsts, lasts = list(compress(one, held)), list(compress(other, held))
    if None in firsts:
        held = list(map(is_not, firsts, repeat(None)))
        firsts, lasts = list(compress(firsts, held)), list(compress(lasts, held))
    return firsts, lasts  # type: ignore[return-value]


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


def sliced(names: Sequence[str | None], what: Counted) -> Slices:
    """Ways by name, and up to which stage the names are those of whoever came that far."""
    found = Slices(names, _known_at(names, what.columns), {})
    for place, name in enumerate(names):
        found.places.setdefault(name, []).append(place)
    return found


def _known_at(names: Sequence[str | None], columns: Sequence[Column]) -> int:
    """The furthest stage that all came to who have a name, where others did not; 0 where names tell of nothing."""
    named = len(names) - names.count(None)
    if not named or named == len(names):
        return 0
    # A few that came out of order do not make a name that comes with a stage one that all have.
    for place in range(len(columns) - 1, 0, -1):
        lacking = [name for name, at in zip(names, columns[place], strict=True) if at is None]
        without = lacking.count(None)
        if without and (len(lacking) - without) * 100 <= named:
            return place
    return 0


def part(
    name: str | None, what: Counted, places: Sequence[int] | None, answers: Sequence[Answered] = (),
    known_at: int = 0, *, told_where: bool = True,
) -> Part:  # fmt: skip
    """The funnel of the ways at `places`, or of all. `answers` are theirs. `told_where`: it is known where leads
    stand now."""
    columns = what.columns if places is None else [picked(column, places) for column in what.columns]
    stages = what.given.stages if places is None else picked(what.given.stages, places)
    here = Counter(stages) if told_where else None
    sizes = [_size(column) for column in columns]
    steps = [_step(what.path, columns, sizes, place, here, known_at) for place in range(len(what.path))]
    through = lengths(columns[0], columns[-1]) if len(columns) > 1 else Lengths(0)
    answered = [one for one in answers if one.contacted is not None]
    took = spread([one.contacted - one.opened for one in answered if one.contacted is not None])
    worked = [one.worked for one in answered if one.worked is not None]
    return Part(
        name, len(stages), steps, through, took, len(answers) - len(answered),
        worked=spread([seconds * 1_000_000 for seconds in worked], HOUR),
    )  # fmt: skip


def _step(
    path: Sequence[int], columns: Sequence[Column], sizes: Sequence[int], place: int, here: Counter[str] | None,
    known_at: int,
) -> Step:  # fmt: skip
    column, stage = columns[place], WAY[path[place]]
    previous = first = None
    if place:
        before = sizes[place - 1]
        previous = share(_both(columns[place - 1], column, before), before, whole=place > known_at)
        first = share(_both(columns[0], column, sizes[0]), sizes[0], whole=not known_at)
    following = lengths(column, columns[place + 1]) if place + 1 < len(columns) else None
    stands = None if here is None or stage == "won" else here[stage]
    return Step(stage, sizes[place], previous, first, following, stands)


def _size(column: Column) -> int:
    return len(column) - column.count(None)


def _both(one: Column, other: Column, held: int) -> int:
    """How many have a time in each, of whom `held` have one in the first."""
    there = other if held == len(one) else list(compress(other, map(is_not, one, repeat(None))))
    return _size(there)


def share(hits: int, of: int, *, whole: bool = True) -> Share:
    """A share with its interval, or the counts alone."""
    if of < SMALL or not whole:
        return Share(hits, of)
    return Share(hits, of, hits / of, *wilson(hits, of))


def lengths(begins: Column, ends: Column) -> Lengths:
    """From one time to the other, of those that have both."""
    firsts, lasts = both(begins, ends)
    return spread(list(map(sub, lasts, firsts)))


def spread(found: list[int], unit: int = DAY) -> Lengths:
    """Lengths in microseconds as a distribution in days, or in another `unit`."""
    found.sort()
    below = bisect_left(found, 0)
    found = found[below:]
    if len(found) < SMALL:
        return Lengths(len(found), set_aside=below)
    median, p75, p90 = (round(quantile(found, q) / unit, 4) for q in (0.5, 0.75, 0.9))
    return Lengths(len(found), median, p75, p90, below)


def against(one: Part, whole: Part) -> tuple[float, float] | None:
    """Between which values a slice's share of the whole way lies above that of all others; None where it has none."""
    here, all_of = one.steps[-1].of_first, whole.steps[-1].of_first
    if here is None or all_of is None or here.value is None or all_of.of - here.of < SMALL:
        return None
    return newcombe(here.hits, here.of, all_of.hits - here.hits, all_of.of - here.of)
