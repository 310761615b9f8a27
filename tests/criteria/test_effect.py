"""What a change of criteria did: counted by hand, and by chance where there is nothing to find."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.insight.criteria_effect import (
    ENOUGH,
    OUTCOMES,
    TIMES,
    WEEK,
    YEAR,
    Change,
    Measured,
    Qualified,
    effects,
    measure,
    told_apart,
)
from connector.model.times import micros

AT = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
LATER = AT + timedelta(days=400)
WEEK_LONG = WEEK // timedelta(microseconds=1)
SAL, DAY = OUTCOMES.index("sal"), timedelta(days=1)


def lead(at: datetime, sal: datetime | None = None, type: str = "", **others: datetime) -> Qualified:
    times = {"sal": sal, **others}
    return Qualified(micros(at), tuple(micros(came) if (came := times.get(one)) else None for one in OUTCOMES), type)


def window(begin: datetime, hits: int, of: int, type: str = "", weeks: int = 4) -> Iterator[Qualified]:
    """`of` leads evenly over the weeks from `begin` on, of which the first `hits` are accepted a day later."""
    for number in range(of):
        at = begin + weeks * WEEK * number / of
        yield lead(at, at + DAY if number < hits else None, type)


def measured(some: Iterable[Qualified], now: datetime = LATER, weeks: int = 4) -> Measured:
    return measure(AT, "sal", sorted(some, key=lambda one: one.at), now, weeks)


def both(before: tuple[int, int], after: tuple[int, int], type: str = "") -> list[Qualified]:
    return [*window(AT - 4 * WEEK, *before, type), *window(AT, *after, type)]


def test_by_hand_a_rise_that_is_told_from_none() -> None:
    """56 of 70 and 48 of 80: the example of R. G. Newcombe, who gives 0.0524 to 0.3339 for the difference."""
    found = measured(both((48, 80), (56, 70))).difference
    assert found is not None
    assert (found.hits_before, found.of_before, found.hits_after, found.of_after) == (48, 80, 56, 70)
    assert (round(found.value, 4), round(found.low, 4), round(found.high, 4)) == (0.2, 0.0524, 0.3339)
    assert told_apart(found) == "more"


def test_by_hand_the_mix_moved_and_nothing_else() -> None:
    """Web leads go on at 1 of 4, partners' at 3 of 4, before and after; there are more partners' after."""
    some = [*both((15, 60), (5, 20), "web"), *both((15, 20), (45, 60), "partner")]
    found = measured(some)
    assert found.difference is not None
    assert found.mix is not None
    # 30 of 80 and 50 of 80.
    assert found.difference.value == pytest.approx(0.25)
    assert told_apart(found.difference) == "more"
    assert (found.mix.moved, found.mix.by_chance, found.mix.covered) == (0.5, False, 1.0)
    assert found.mix.value == pytest.approx(0.0)
    assert told_apart(found.mix) == ""


def test_by_hand_each_type_weighs_as_both_windows_have_it() -> None:
    """Web goes from 5 of 20 to 30 of 60, partners stay at half: a half of a quarter."""
    some = [*window(AT - 4 * WEEK, 5, 20, "web"), *window(AT, 30, 60, "web")]
    some += [*window(AT - 4 * WEEK, 30, 60, "partner"), *window(AT, 10, 20, "partner")]
    found = measured(some).mix
    assert found is not None
    assert found.value == pytest.approx(0.125)


def test_a_mix_that_moves_no_more_than_chance_does() -> None:
    found = measured([*both((20, 40), (20, 42), "web"), *both((20, 40), (20, 38), "partner")]).mix
    assert found is not None
    assert (found.by_chance, round(found.moved, 3)) == (True, 0.025)
    assert measured(both((20, 40), (20, 40), "web")).mix is None


def test_types_of_a_few_count_together_and_those_of_one_side_do_not() -> None:
    few = [lead(AT + DAY, type=f"rare{n}") for n in range(3)]
    found = measured([*both((20, 40), (20, 40), "web"), *few, *window(AT, 0, 10, "new")]).mix
    assert found is not None
    assert found.covered == pytest.approx(80 / 93)
    assert found.value == pytest.approx(0.0)


def test_a_step_counts_when_it_came_in_time_and_not_before() -> None:
    time = TIMES["sal"]
    late = [lead(AT + n * DAY, AT + n * DAY + time) for n in range(20)]
    in_time = [lead(AT - (n + 1) * DAY, AT - (n + 1) * DAY + time - timedelta(seconds=1)) for n in range(20)]
    found = measured([*late, *in_time, lead(AT - 4 * WEEK)]).difference
    assert found is not None
    assert (found.hits_before, found.hits_after) == (20, 0)
    early = [lead(AT + DAY, AT) for _ in range(20)]
    found = measured([*early, *in_time, lead(AT - 4 * WEEK)]).difference
    assert found is not None
    assert found.hits_after == 0


def test_windows_are_whole_weeks_that_have_had_the_time() -> None:
    some = [*window(AT - 8 * WEEK, 0, 400, weeks=8), *window(AT, 0, 400, weeks=8)]
    ripe = TIMES["sal"]
    expected = {ripe: 0, ripe + WEEK - DAY: 0, ripe + WEEK: 1, ripe + 3 * WEEK - DAY: 2, ripe + 9 * WEEK: 4}
    assert {passed: measured(some, AT + passed).weeks for passed in expected} == expected
    assert measured(some, AT + ripe + 9 * WEEK, weeks=8).weeks == 8
    # Nothing is known of the time before the first lead.
    known = [one for one in some if one.at >= micros(AT - 2 * WEEK)]
    assert measured(known).weeks == 2
    assert measured([one for one in some if one.at >= micros(AT)]).weeks == 0


def test_too_little_is_told_with_when_there_is_more() -> None:
    found = measured([*window(AT - 4 * WEEK, 10, 30), *window(AT, 10, 19)])
    assert (found.difference, found.leads, found.needed) == (None, (30, 19), ENOUGH)
    # Four weeks have passed: no more comes.
    assert found.ready_at is None
    young = measured([*window(AT - 4 * WEEK, 10, 300)], AT + DAY)
    assert (young.weeks, young.ready_at) == (0, AT + WEEK + TIMES["sal"])
    later = measured([*window(AT - 4 * WEEK, 10, 30), *window(AT, 1, 4)], AT + WEEK + TIMES["sal"])
    assert (later.weeks, later.ready_at) == (1, AT + 2 * WEEK + TIMES["sal"])
    assert measured([]).ready_at is None


def test_the_same_weeks_of_the_year_before() -> None:
    then = [*window(AT - YEAR - 4 * WEEK, 20, 40), *window(AT - YEAR, 10, 40)]
    found = measured([lead(AT - YEAR - 5 * WEEK), *then, *both((10, 40), (30, 40))])
    assert found.difference is not None
    assert found.year_before is not None
    assert (found.year_before.value, found.difference.value) == (-0.25, 0.5)
    assert measured(both((10, 40), (30, 40))).year_before is None


def test_other_changes_in_the_windows_are_named() -> None:
    def change(name: str, weeks: float) -> Change:
        return Change("b2b", name, "", AT + weeks * WEEK)

    changes = [change("far", 6), change("near", 3), change("it", 0), change("before", -4), change("earlier", -5)]
    some = [*window(AT - 8 * WEEK, 0, 400, weeks=8), *window(AT, 0, 400, weeks=8)]
    found = {one.change.version: [other.version for other in one.overlapping] for one in effects(changes, some, LATER)}
    assert found["it"] == ["near", "before"]


def test_where_there_is_nothing_to_find_nothing_is_found_about_95_times_of_100() -> None:
    chance = random.Random(7)
    tries, missed, adjusted = 400, 0, 0
    windows = [micros(AT - 4 * WEEK), micros(AT)]
    for _ in range(tries):
        some, share = [], chance.uniform(0.1, 0.6)
        for begin in windows:
            for at in range(begin, begin + 4 * WEEK_LONG, 4 * WEEK_LONG // chance.randint(40, 70)):
                accepted = (at if chance.random() < share else None, *[None] * (len(OUTCOMES) - 1))
                some.append(Qualified(at, accepted, chance.choice(("web", "web", "partner"))))
        found = measured(some)
        assert found.difference is not None
        assert found.mix is not None
        missed += told_apart(found.difference) != ""
        adjusted += told_apart(found.mix) != ""
    assert 0.025 <= missed / tries <= 0.08
    assert 0.025 <= adjusted / tries <= 0.08


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-4, 4), st.booleans(), st.sampled_from("abc")), min_size=60, max_size=90),
    st.randoms(use_true_random=False),
)
def test_order_does_not_matter_and_both_sides_mirror(
    some: list[tuple[float, bool, str]], chance: random.Random
) -> None:
    leads = [lead(AT + part * WEEK, AT + part * WEEK + DAY if hit else None, type) for part, hit, type in some]
    leads.append(lead(AT - 4 * WEEK))
    shuffled = leads[:]
    chance.shuffle(shuffled)
    change = [Change("b2b", "v2", "v1", AT)]
    assert effects(change, leads, LATER) == effects(change, shuffled, LATER)
    (found,) = effects(change, leads, LATER)
    one = found.measured[SAL].difference
    if one is not None:
        assert one.low <= one.value <= one.high
        assert one.of_before + one.of_after <= len(leads)
