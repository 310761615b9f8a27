from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.insight.goal_figures import Window, of_sums, of_values
from connector.insight.prediction import Prediction, ToCome, of_count, of_median, of_share, of_sum, to_come
from connector.model.goals import Goal

COUNTS = st.integers(0, 3000)
PAST = st.lists(st.tuples(COUNTS, st.floats(1, 260)), min_size=4, max_size=12)
STATES = {"reached", "missed", "ahead", "on track", "behind", "not enough data", "not begun"}


def events(chance: random.Random, mean: float) -> int:
    """A Poisson count."""
    count, at = 0, chance.expovariate(1)
    while at < mean:
        count, at = count + 1, at + chance.expovariate(1)
    return count


@pytest.mark.parametrize(
    ("daily", "spread", "over", "least"), [(1, 0.0, 10, 0.8), (5, 0.0, 3, 0.8), (5, 0.3, 10, 0.7), (0.2, 0.0, 10, 0.8)]
)
def test_four_of_five_spans_end_in_the_interval(daily: float, spread: float, over: int, least: float) -> None:
    chance = random.Random(9)
    inside = 0
    for _ in range(200):
        rates = [daily * (chance.gammavariate(1 / spread, spread) if spread else 1) for _ in range(9)]
        past = [(events(chance, rate * 21), 21.0) for rate in rates[1:]]
        count = events(chance, rates[0] * over)
        coming = to_come(count, over, 21 - over, past)
        assert coming is not None
        end = of_count(count, coming)
        inside += end.low <= count + events(chance, rates[0] * (21 - over)) <= end.high
    assert inside / 200 >= least


def test_nothing_is_said_of_a_few_days_without_a_past() -> None:
    assert to_come(3, 4.9, 16, [(10, 21.0)] * 3) is None
    assert to_come(3, 5.0, 16, []) == ToCome(16 * 3.5 / 5, 3.5)
    assert of_share(3, 9) is None
    assert of_median([1.0] * 9) is None
    assert of_sum(10, ToCome(1, 1), [5.0] * 9) is None


@given(count=COUNTS, over=st.floats(0, 260), left=st.floats(0, 260), past=PAST)
def test_the_end_is_no_less_than_what_is_there(
    count: int, over: float, left: float, past: list[tuple[int, float]]
) -> None:
    coming = to_come(count, over, left, past)
    assert coming is not None
    end = of_count(count, coming)
    assert count <= end.low <= end.value <= end.high
    more = to_come(count + 1, over, left, past)
    assert more is not None
    assert more.mean >= coming.mean
    assert of_count(count, ToCome(0.0, coming.shape)) == Prediction(count, count, count)


@given(total=st.floats(0, 1e6), coming=st.builds(ToCome, st.floats(0, 500), st.floats(0.5, 500)),
       amounts=st.lists(st.floats(0, 1e6), min_size=10, max_size=30))  # fmt: skip
def test_a_sum_ends_no_lower_than_it_is(total: float, coming: ToCome, amounts: list[float]) -> None:
    end = of_sum(total, coming, amounts)
    assert end is not None
    assert total <= end.low <= end.value <= end.high


@given(lengths=st.lists(st.floats(0, 1e6), min_size=10, max_size=99))
def test_a_median_lies_between_its_bounds(lengths: list[float]) -> None:
    found = of_median(lengths)
    assert found is not None
    assert min(lengths) <= found.low <= found.value <= found.high <= max(lengths)


@given(
    at_most=st.booleans(), target=st.integers(0, 100), done=st.integers(0, 100), more=st.integers(0, 50),
    now=st.integers(-5, 25),
)  # fmt: skip
def test_more_is_never_worse_for_what_is_to_be_reached(
    at_most: bool, target: int, done: int, more: int, now: int
) -> None:
    goal = Goal("G", "count", ("mql",), target, "leads", "month", "p@x.example", at_most)
    window = Window(0, 20, now, 10, 10)
    order = ["missed", "behind", "on track", "ahead", "reached"]

    def state(count: int) -> str:
        return of_sums(goal, target, count, Prediction(count + 5, count + 2, count + 9), window)

    one, other = state(done), state(done + more)
    assert {one, other} <= STATES
    if now >= 0:
        fewer, rest = (other, one) if at_most else (one, other)
        assert order.index(fewer) <= order.index(rest)
        assert not (now >= 20 and {one, other} - {"reached", "missed"})


def test_what_may_still_go_either_way_is_neither_reached_nor_missed() -> None:
    goal = Goal("G", "rate", ("mql", "won"), 0.2, "share", "month", "p@x.example")
    wide, high, low = Prediction(0.25, 0.1, 0.4), Prediction(0.4, 0.3, 0.5), Prediction(0.15, 0.1, 0.3)
    assert [of_values(goal, 0.2, 0.1, one, final=False) for one in (wide, high, low, None)] == [
        "on track", "ahead", "behind", "not enough data",
    ]  # fmt: skip
    assert [of_values(goal, 0.2, value, high, final=True) for value in (0.2, 0.19, None)] == [
        "reached", "missed", "not enough data",
    ]  # fmt: skip
