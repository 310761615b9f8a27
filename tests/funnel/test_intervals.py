from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.insight.intervals import newcombe, quantile, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_intervals_of_newcombes_first_paper(hits: int, of: int, low: float, high: float) -> None:
    assert list(wilson(hits, of)) == pytest.approx([low, high], abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((10, 10), (0, 20), 0.6791, 1.0),
        ((0, 10), (0, 20), -0.1611, 0.2775),
    ],
)  # fmt: skip
def test_newcombe_gives_the_intervals_of_his_second_paper(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    assert list(newcombe(*one, *other)) == pytest.approx([low, high], abs=5e-5)


def test_of_nothing_everything_may_be_true() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert newcombe(0, 0, 3, 4) == newcombe(3, 4, 0, 0) == (-1.0, 1.0)


@given(st.integers(1, 10_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_an_interval_holds_its_share_and_mirrors(case: tuple[int, int]) -> None:
    hits, of = case
    low, high = wilson(hits, of)
    assert 0 <= low <= hits / of <= high <= 1
    assert list(wilson(of - hits, of)) == pytest.approx([1 - high, 1 - low])


@given(st.lists(st.integers(-1000, 1000), min_size=1), st.floats(0, 1))
def test_a_quantile_lies_among_its_values(values: list[int], share: float) -> None:
    values.sort()
    assert values[0] <= quantile(values, share) <= values[-1]


def test_a_quantile_lies_on_the_line_between_two() -> None:
    assert [quantile([1, 2, 3, 4], q) for q in (0, 0.5, 0.75, 1)] == [1, 2.5, 3.25, 4]
