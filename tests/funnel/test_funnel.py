"""What is counted, under both definitions, and what is not said of few."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.insight import funnel
from connector.insight.funnel import Counted, Definition, Moves, Share, no_moves
from connector.insight.funnel_parts import Part, against, known_at, parts
from connector.model.ports.funnel import WAY, Answered, Way, Ways
from connector.model.times import DAY

Days = tuple[float | None, ...]
WHOLE = tuple(range(len(WAY)))


def way(lead: int, *days: float | None, stage: str = "", flow: str = "b2b", owner: str = "") -> Way:
    """A way with its times in days since some day."""
    times = tuple(None if day is None else int(1000 * DAY + day * DAY) for day in days)
    return Way(lead, flow, (*times, *[None] * (len(WAY) - len(times))), stage, owner)


def counted(
    ways: Sequence[Way], path: tuple[int, ...], definition: Definition, moves: Callable[..., Moves] = no_moves
) -> Counted:
    return funnel.counted(Ways.of((*one[:2], *one.times, *one[3:]) for one in ways), path, definition, moves)


def path_of(ways: Sequence[Way]) -> tuple[int, ...]:
    return tuple(place for place in WHOLE if any(way.times[place] is not None for way in ways))


def part_of(what: Counted) -> Part:
    (whole,) = parts(what)
    return whole


def named(name: str, what: Counted, names: Sequence[str | None], known: int = 0) -> Part:
    return next(one for one in parts(what, names, known_at=known) if one.name == name)


def many(count: int, *days: float | None, stage: str = "") -> list[Way]:
    return [way(number, *days, stage=stage) for number in range(count)]


def test_shares_are_of_those_at_the_stage_before_and_at_the_first() -> None:
    ways = [*many(10, 0), *many(6, 0, 1), *many(4, 0, 2, 5)]
    what = counted(ways, path_of(ways), "strict")
    steps = part_of(what).steps
    assert [(step.stage, step.reached) for step in steps] == [("mql", 20), ("sal", 10), ("sql", 4)]
    assert (steps[0].of_previous, steps[0].of_first) == (None, None)
    last = steps[2]
    assert last.of_previous is not None
    assert last.of_first is not None
    assert (last.of_previous.hits, last.of_previous.of, last.of_previous.value) == (4, 10, 0.4)
    assert (last.of_first.hits, last.of_first.of, last.of_first.value) == (4, 20, 0.2)


def test_lengths_are_days_between_first_times_and_nothing_of_few() -> None:
    ways = [way(number, 0, number) for number in range(11)] + [way(50, 0, 1, 2)]
    steps = part_of(counted(ways, (0, 1, 2), "any")).steps
    assert steps[0].to_next == funnel.Lengths(12, 4.5, 7.25, 8.9)
    assert steps[1].to_next == funnel.Lengths(1)
    assert steps[2].to_next is None


def test_of_fewer_than_ten_there_are_only_counts() -> None:
    assert funnel.share(3, 9) == Share(3, 9)
    assert funnel.share(3, 10).value == 0.3
    assert funnel.share(3, 10, whole=False) == Share(3, 10)


def test_a_length_below_zero_is_set_aside_and_counted() -> None:
    ways = [*many(10, 0, 3), way(99, 5, 1)]
    path = path_of(ways)
    anyhow = part_of(counted(ways, path, "any"))
    assert anyhow.steps[0].to_next == funnel.Lengths(10, 3, 3, 3, 1)
    assert anyhow.steps[1].reached == 11
    strict = counted(ways, path, "strict")
    assert (strict.out_of_order, part_of(strict).steps[1].reached) == (1, 10)


def test_who_came_again_in_order_counts_strictly_from_there_on() -> None:
    # Accepted once without being an MQL, then an MQL, then accepted again.
    one = way(7, 2, 1, 4)
    moves = {(7, "b2b"): [("sal", 1), ("mql", 2), ("sal", 3), ("sql", 4), ("mql", 5)]}
    path = path_of([one])
    asked: list[int] = []

    def all_moves(leads: Sequence[int]) -> Moves:
        asked.extend(leads)
        return moves

    assert counted([one, way(8, 0, 1, 2)], path, "strict", all_moves).times[0] == (2, 3, 4)
    assert asked == [7]


def test_two_stages_at_one_moment_are_in_order() -> None:
    ways = many(10, 0, 0, 1)
    what = counted(ways, (0, 1, 2), "strict")
    assert (what.out_of_order, [step.reached for step in part_of(what).steps]) == (0, [10, 10, 10])
    assert part_of(what).steps[0].to_next == funnel.Lengths(10, 0, 0, 0)


def test_a_stage_left_out_ends_the_strict_way_and_not_the_other() -> None:
    ways = [*many(10, 0, 1, 2), way(99, 0, None, 2)]
    path = path_of(ways)
    strict = counted(ways, path, "strict")
    assert (strict.skipped, [step.reached for step in part_of(strict).steps]) == (1, [11, 10, 10])
    anyhow = counted(ways, path, "any")
    assert [step.reached for step in part_of(anyhow).steps] == [11, 10, 11]
    last = part_of(anyhow).steps[2].of_previous
    assert last is not None
    assert (last.hits, last.of) == (10, 10)


def test_without_the_first_stage_no_share_is_of_a_lead() -> None:
    ways = [*many(10, 0, 1), way(99, None, 1)]
    for definition in funnel.DEFINITIONS:
        what = counted(ways, (0, 1), definition)
        last = part_of(what).steps[1].of_first
        assert last is not None
        assert (what.unentered, last.hits, last.of) == (1, 10, 10)


def test_who_stands_at_a_stage_now_is_open_there() -> None:
    ways = [*many(3, 0, stage="mql"), way(4, 0, stage="rejected"), way(5, 0, 1, stage="sal"), way(6, 0, stage="")]
    what = counted(ways, (0, 1), "strict")
    assert [step.here for step in part_of(what).steps] == [3, 1]
    assert [step.here for step in parts(what, told_where=False)[0].steps] == [None, None]


def test_a_name_that_only_winners_have_gives_no_share() -> None:
    ways = [*many(40, 0), *many(20, 0, 3)]
    what = counted(ways, (0, 1), "strict")
    names = [None] * 40 + ["lena"] * 12 + ["tom"] * 8
    assert known_at(names, what.columns) == 1
    last = named("lena", what, names, 1).steps[1]
    assert (last.of_previous, last.of_first) == (Share(12, 12), Share(12, 12))


def test_a_name_from_the_second_stage_on_gives_shares_behind_it() -> None:
    ways = [*many(20, 0), *many(20, 0, 3), *many(10, 0, 3, 4)]
    what = counted(ways, (0, 1, 2), "strict")
    names = [None] * 20 + ["lena"] * 30
    assert known_at(names, what.columns) == 1
    steps = named("lena", what, names, 1).steps
    assert steps[1].of_previous == Share(30, 30)
    assert steps[2].of_previous is not None
    assert steps[2].of_previous.value == pytest.approx(1 / 3)
    assert steps[2].of_first == Share(10, 30)


@pytest.mark.parametrize("names", [["a"] * 30, [None] * 10 + ["a"] * 20, [None] * 30])
def test_a_name_that_others_have_too_gives_shares(names: list[str | None]) -> None:
    what = counted([*many(15, 0), *many(15, 0, 3)], (0, 1), "strict")
    assert known_at(names, what.columns) == 0


def test_a_slice_is_compared_with_all_others() -> None:
    ways = [*many(80, 0), *many(20, 0, 1), *many(50, 0), *many(50, 0, 1)]
    what = counted(ways, (0, 1), "strict")
    whole, (less, more) = part_of(what), parts(what, ["a"] * 100 + ["b"] * 100)
    low, high = against(less, whole) or (0, 0)
    assert low < -0.3 < high < 0
    assert list(against(more, whole) or ()) == pytest.approx([-high, -low])
    assert against(whole, whole) is None
    few = named("c", what, ["c"] * 5 + ["d"] * 195)
    assert against(few, whole) is None


def test_response_is_from_the_handoff_to_the_first_contact() -> None:
    ways = many(12, 0)
    answers = [
        Answered(number, "b2b", 0, None if number == 11 else (number - 1) * DAY, number * 1800 or None)
        for number in range(12)
    ]
    (told,) = parts(counted(ways, (0,), "any"), answers=list(enumerate(answers)))
    assert (told.response, told.unanswered) == (funnel.Lengths(10, 4.5, 6.75, 8.1, 1), 1)
    assert told.worked == funnel.Lengths(10, 2.75, 3.875, 4.55)


def test_nobody_is_a_funnel_too() -> None:
    assert path_of([]) == ()
    assert part_of(counted([], (), "strict")).steps == []


TIMES = st.lists(st.one_of(st.none(), st.integers(0, 20)), min_size=len(WAY), max_size=len(WAY))


@given(st.lists(TIMES, max_size=12))
def test_strictly_no_stage_has_more_than_the_one_before_and_no_length_is_below_zero(rows: list[Days]) -> None:
    ways = [way(number, *row) for number, row in enumerate(rows)]
    path = path_of(ways)
    strict = part_of(counted(ways, path, "strict"))
    anyhow = part_of(counted(ways, path, "any"))
    reached = [step.reached for step in strict.steps]
    assert reached == sorted(reached, reverse=True)
    assert all(step.to_next.set_aside == 0 for step in strict.steps if step.to_next)
    for one, other in zip(strict.steps, anyhow.steps, strict=True):
        assert one.reached <= other.reached
    for step in (*strict.steps, *anyhow.steps):
        for share in (step.of_previous, step.of_first):
            assert share is None or share.hits <= share.of


ROWS = st.lists(st.tuples(TIMES, st.lists(st.tuples(st.sampled_from(WAY), st.integers(0, 20)), max_size=8)), max_size=9)


@given(ROWS)
def test_columns_are_counted_as_row_by_row(rows: list[tuple[Days, list[tuple[str, int]]]]) -> None:
    ways = [way(number, *days) for number, (days, _) in enumerate(rows)]
    path = path_of(ways)
    told = {(number, "b2b"): sorted(moves, key=lambda move: move[1]) for number, (_, moves) in enumerate(rows)}
    expected, fell, skipped = list[tuple[int | None, ...]](), 0, 0
    for one in ways:
        times = tuple(one.times[place] for place in path)
        known = [at for at in times if at is not None]
        if known != sorted(known):
            times, fell = funnel.again(told[one[:2]], path), fell + 1
        good = 0
        while good < len(times) and (at := times[good]) is not None and at >= max((0, *known_before(times, good))):
            good += 1
        rest = times[good:]
        skipped += bool(rest) and rest[0] is None and any(at is not None for at in rest)
        expected.append((*times[:good], *[None] * len(rest)))
    found = counted(ways, path, "strict", lambda leads: {key: told[key] for key in told if key[0] in leads})
    assert found.times == expected
    assert (found.out_of_order, found.skipped) == (fell, skipped)


SLICED = st.lists(st.tuples(TIMES, st.sampled_from(["a", "b", None]), st.sampled_from(["", *WAY])), max_size=30)


@given(SLICED, st.sampled_from(funnel.DEFINITIONS), st.lists(st.none() | st.integers(0, 9), max_size=30))
def test_a_slice_is_counted_as_if_there_were_nobody_else(
    rows: list[tuple[Days, str | None, str]], definition: Definition, contacted: list[int | None]
) -> None:
    ways = [way(number, *days, stage=stage) for number, (days, _, stage) in enumerate(rows)]
    names, path = [name for _, name, _ in rows], path_of(ways)
    answers = [(place, Answered(place, "b2b", 4, at, at)) for place, at in enumerate(contacted) if place < len(rows)]
    for one in parts(counted(ways, path, definition), names, answers):
        rest = [place for place, name in enumerate(names) if name == one.name]
        theirs = [(rest.index(place), answer) for place, answer in answers if place in rest]
        (alone,) = parts(counted([ways[place] for place in rest], path, definition), answers=theirs)
        assert replace(one, name=None) == alone


def known_before(times: tuple[int | None, ...], place: int) -> list[int]:
    return [at for at in times[:place] if at is not None]
