"""Parts of a funnel: all of it, and each slice, with its shares, lengths and answers.

Slices are counted together, column by column: to pick the rows of each costs more than to count them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import TypeVar

from connector.insight.funnel import SMALL, Between, Column, Counted, Lengths, Share, share, spread
from connector.insight.intervals import newcombe
from connector.model.ports.funnel import WAY, Answered
from connector.model.times import HOUR

T = TypeVar("T")
Name = str | None
#: What each way is counted under; without them all are counted as one.
Names = Sequence[Name] | None
NOT_COUNTED = Lengths(0)


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

    name: Name
    leads: int
    steps: list[Step]
    through: Lengths
    response: Lengths
    unanswered: int
    against_rest: tuple[float, float] | None = None
    worked: Lengths = NOT_COUNTED


@dataclass(frozen=True, slots=True)
class _Counts:
    """By name: how many leads; how many `reached` each stage, `came` there from the one before, `entered` at the first
    and came there; how long it took `onward` from each stage, and `through`; how many stand at a (name, stage)."""

    leads: Mapping[Name, int]
    reached: Sequence[Mapping[Name, int]]
    came: Sequence[Mapping[Name, int]]
    entered: Sequence[Mapping[Name, int]]
    onward: Sequence[Mapping[Name, Sequence[int]]]
    through: Mapping[Name, Sequence[int]]
    stages: Mapping[tuple[Name, str], int] | None


def parts(
    what: Counted, names: Names = None, answers: Sequence[tuple[int, Answered]] = (), known_at: int = 0, *,
    told_where: bool = True,
) -> list[Part]:  # fmt: skip
    """The funnel of each name, or one of all. `answers` come with the place of their way. `told_where`: it is known
    where leads stand now."""
    counts = _counts(what, names, told_where=told_where)
    all_of = [one for _, one in answers]
    theirs: Mapping[Name, list[Answered]] = {None: all_of}
    if names is not None:
        theirs = _grouped([names[place] for place, _ in answers], all_of)
    return [
        Part(
            name, leads, [_step(what.path, counts, place, name, known_at) for place in range(len(what.path))],
            spread(counts.through.get(name, ())), *_answered(theirs.get(name, ())),
        )
        for name, leads in counts.leads.items()
    ]  # fmt: skip


def _counts(what: Counted, names: Names, *, told_where: bool) -> _Counts:
    reached = [_count(names, held) for held in what.held]
    return _Counts(
        {None: len(what.given)} if names is None else Counter(names),
        reached,
        # Mostly all came from the stage before, and entered at the first.
        [
            known if step.held is held else _count(names, step.held)
            for known, held, step in zip(reached[1:], what.held[1:], what.onward, strict=True)
        ],
        [
            known if one is held else _count(names, one)
            for known, held, one in zip(reached, what.held, what.entered, strict=True)
        ],
        [_lists(names, step) for step in what.onward],
        _lists(names, what.through) if len(what.path) > 1 else {},
        _stages(names, what.given.stages) if told_where else None,
    )


def _count(names: Names, held: Sequence[bool]) -> Mapping[Name, int]:
    """How many rows are marked."""
    return {None: sum(held)} if names is None else Counter(compress(names, held))


def _stages(names: Names, stages: Sequence[str]) -> Mapping[tuple[Name, str], int]:
    """How many rows of a name stand at a stage."""
    if names is None:
        return {(None, stage): count for stage, count in Counter(stages).items()}
    return Counter(zip(names, stages, strict=True))


def _lists(names: Names, of: Between) -> Mapping[Name, Sequence[int]]:
    """The lengths of the rows that are marked."""
    return {None: of.took} if names is None else _grouped(compress(names, of.held), of.took)


def _grouped(names: Iterable[Name], values: Iterable[T]) -> Mapping[Name, list[T]]:
    """Values by the name that goes with each."""
    found = defaultdict[Name, list[T]](list)
    for name, value in zip(names, values, strict=True):
        found[name].append(value)
    return found


def _step(path: Sequence[int], counts: _Counts, place: int, name: Name, known_at: int) -> Step:
    stage, reached = WAY[path[place]], counts.reached[place].get(name, 0)
    previous = first = None
    if place:
        before, entered = counts.reached[place - 1].get(name, 0), counts.reached[0].get(name, 0)
        previous = share(counts.came[place - 1].get(name, 0), before, whole=place > known_at)
        first = share(counts.entered[place].get(name, 0), entered, whole=not known_at)
    following = spread(counts.onward[place].get(name, ())) if place + 1 < len(path) else None
    stands = None if counts.stages is None or stage == "won" else counts.stages.get((name, stage), 0)
    return Step(stage, reached, previous, first, following, stands)


def _answered(answers: Sequence[Answered]) -> tuple[Lengths, int, tuple[float, float] | None, Lengths]:
    """The last fields of a part: response, unanswered, nothing to compare with yet, and response in hours worked."""
    took = [one.contacted - one.opened for one in answers if one.contacted is not None]
    worked = [one.worked * 1_000_000 for one in answers if one.contacted is not None and one.worked is not None]
    return spread(took), len(answers) - len(took), None, spread(worked, HOUR)


def known_at(names: Sequence[Name], columns: Sequence[Column]) -> int:
    """The furthest stage that all came to who have a name, where others did not; 0 where names tell of nothing.

    Up to there no share has its whole: whoever has a name at all has come that far.
    """
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


def against(one: Part, whole: Part) -> tuple[float, float] | None:
    """Between which values a slice's share of the whole way lies above that of all others; None where it has none."""
    here, all_of = one.steps[-1].of_first, whole.steps[-1].of_first
    if here is None or all_of is None or here.value is None or all_of.of - here.of < SMALL:
        return None
    return newcombe(here.hits, here.of, all_of.hits - here.hits, all_of.of - here.of)
