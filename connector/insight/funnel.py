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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from connector.insight.intervals import newcombe, quantile, wilson
from connector.model.ports.funnel import WAY, Answered, Way

Definition = Literal["strict", "any"]
DEFINITIONS: tuple[Definition, ...] = ("strict", "any")
#: Of fewer there is no share and no length, only the count.
SMALL = 10
DAY = 86_400_000_000
Times = tuple[int | None, ...]
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
    """How long `counted` took, in days; nothing of fewer than `SMALL`. `set_aside` were below zero."""

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

    `against_rest`: between which values the share of the whole way lies above that of all others.
    """

    name: str | None
    leads: int
    steps: list[Step]
    through: Lengths
    response: Lengths
    unanswered: int
    against_rest: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """Ways as a definition counts them, column by stage of `path`."""

    path: tuple[int, ...]
    ways: Sequence[Way]
    times: Sequence[Times]
    out_of_order: int = 0
    skipped: int = 0
    unentered: int = 0


@dataclass(frozen=True, slots=True)
class Slices:
    """What each way is counted under, None where that is not known; `known_at` is the place in the path up to
    which no share has its whole, for whoever has a name at all has come that far (0: none is)."""

    names: Sequence[str | None] = ()
    known_at: int = 0
    places: dict[str | None, list[int]] = field(default_factory=dict)


def path_of(ways: Sequence[Way]) -> tuple[int, ...]:
    """Places in `WAY` of the stages that anybody came to."""
    return tuple(place for place in range(len(WAY)) if any(way.times[place] is not None for way in ways))


def out_of_order(ways: Iterable[Way], path: Sequence[int]) -> list[int]:
    """Leads that first came to a stage before the one ahead of it: all their moves tell whether they came again."""
    return [way.lead_id for way in ways if _falls(way.times, path)]


def _falls(times: Times, path: Sequence[int]) -> bool:
    last = None
    for place in path:
        at = times[place]
        if at is not None:
            if last is not None and at < last:
                return True
            last = at
    return False


def counted(ways: Sequence[Way], path: tuple[int, ...], definition: Definition, moves: Moves) -> Counted:
    """The times that count. `moves` are those of the leads that `out_of_order` names."""
    entry = path[0] if path else 0
    unentered = sum(way.times[entry] is None for way in ways)
    rows = [way.times for way in ways]
    if len(path) < len(WAY):
        rows = [tuple([row[place] for place in path]) for row in rows]
    if definition == "any":
        return Counted(path, ways, rows, unentered=unentered)
    times: list[Times] = []
    fell = skipped = 0
    places = range(len(path))
    for way, row in zip(ways, rows, strict=True):
        if _falls(row, places):
            row = again(moves[way[:2]], path) if way[:2] in moves else row
            fell += 1
        kept, gap = _in_order(row)
        skipped += gap
        times.append(kept)
    return Counted(path, ways, times, fell, skipped, unentered)


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
    found = Slices(names, _known_at(names, what.times), {})
    for place, name in enumerate(names):
        found.places.setdefault(name, []).append(place)
    return found


def _known_at(names: Sequence[str | None], times: Sequence[Times]) -> int:
    """The furthest stage that all came to who have a name, where others did not; 0 where names tell of nothing."""
    named = [row for row, name in zip(times, names, strict=True) if name is not None]
    others = [row for row, name in zip(times, names, strict=True) if name is None]
    if not named or not others:
        return 0
    # A few that came out of order do not make a name that comes with a stage one that all have.
    for place in range(len(times[0]) - 1, 0, -1):
        lacking = sum(row[place] is None for row in named)
        if lacking * 100 <= len(named) and any(row[place] is None for row in others):
            return place
    return 0


def part(
    name: str | None, what: Counted, places: Sequence[int] | None, answers: Mapping[tuple[int, str], list[Answered]],
    known_at: int = 0, *, told_where: bool = True,
) -> Part:  # fmt: skip
    """The funnel of the ways at `places`, or of all. `told_where`: it is known where leads stand now."""
    ways = what.ways if places is None else [what.ways[place] for place in places]
    times = what.times if places is None else [what.times[place] for place in places]
    columns = list(zip(*times, strict=True)) if times else [() for _ in what.path]
    here = Counter(way.stage for way in ways) if told_where else None
    steps = [_step(what.path, columns, place, here, known_at) for place in range(len(what.path))]
    through = lengths(columns[0], columns[-1]) if len(columns) > 1 else Lengths(0)
    response, unanswered = _response(ways, answers)
    return Part(name, len(ways), steps, through, response, unanswered)


def _step(
    path: Sequence[int], columns: Sequence[Sequence[int | None]], place: int, here: Counter[str] | None, known_at: int
) -> Step:
    column, stage = columns[place], WAY[path[place]]
    previous = first = None
    if place:
        previous = share(_both(columns[place - 1], column), _size(columns[place - 1]), whole=place > known_at)
        first = share(_both(columns[0], column), _size(columns[0]), whole=not known_at)
    following = lengths(column, columns[place + 1]) if place + 1 < len(columns) else None
    stands = None if here is None or stage == "won" else here[stage]
    return Step(stage, _size(column), previous, first, following, stands)


def _size(column: Sequence[int | None]) -> int:
    return len(column) - column.count(None)


def _both(one: Sequence[int | None], other: Sequence[int | None]) -> int:
    if None not in one:
        return _size(other)
    return len([1 for a, b in zip(one, other, strict=True) if a is not None and b is not None])


def share(hits: int, of: int, *, whole: bool = True) -> Share:
    """A share with its interval, or the counts alone."""
    if of < SMALL or not whole:
        return Share(hits, of)
    return Share(hits, of, hits / of, *wilson(hits, of))


def lengths(begins: Sequence[int | None], ends: Sequence[int | None]) -> Lengths:
    """From one time to the other, of those that have both."""
    return spread([b - a for a, b in zip(begins, ends, strict=True) if a is not None and b is not None])


def spread(found: list[int]) -> Lengths:
    """Lengths in microseconds as a distribution in days."""
    found.sort()
    below = bisect_left(found, 0)
    found = found[below:]
    if len(found) < SMALL:
        return Lengths(len(found), set_aside=below)
    median, p75, p90 = (round(quantile(found, q) / DAY, 4) for q in (0.5, 0.75, 0.9))
    return Lengths(len(found), median, p75, p90, below)


def _response(ways: Sequence[Way], answers: Mapping[tuple[int, str], list[Answered]]) -> tuple[Lengths, int]:
    if not answers:
        return Lengths(0), 0
    found = [one for way in ways if (of := answers.get(way[:2])) for one in of]
    took = [one.contacted - one.opened for one in found if one.contacted is not None]
    return spread(took), len(found) - len(took)


def against(one: Part, whole: Part) -> tuple[float, float] | None:
    """Between which values a slice's share of the whole way lies above that of all others; None where it has none."""
    here, all_of = one.steps[-1].of_first, whole.steps[-1].of_first
    if here is None or all_of is None or here.value is None or all_of.of - here.of < SMALL:
        return None
    return newcombe(here.hits, here.of, all_of.hits - here.hits, all_of.of - here.of)
