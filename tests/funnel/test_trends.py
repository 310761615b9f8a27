"""Weeks and months, clocks and origins: counted from rows, and together what the whole is."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from connector.insight import funnel
from connector.insight.kept_times import STATES, by, kept, state
from connector.insight.origins import origins
from connector.insight.trends import Spans, earliest, nine_of_ten, trends
from connector.model.ports import Handed
from connector.model.ports.funnel import WAY, Ways
from connector.model.times import DAY

SPANS = Spans(("2026-W01", "2026-W02", "2026-W03"), (0, 7 * DAY, 14 * DAY), 21 * DAY)
moments = st.one_of(st.none(), st.integers(0, 21 * DAY - 1))


def counted(rows: Sequence[tuple[int | None, ...]]) -> funnel.Counted:
    ways = Ways.of([(lead, "b2b", *row, "", "") for lead, row in enumerate(rows)])
    return funnel.counted(ways, funnel.path_of(ways), "any")


@given(st.lists(st.tuples(*[moments] * len(WAY)), min_size=1, max_size=30))
def test_spans_hold_each_time_once(rows: list[tuple[int | None, ...]]) -> None:
    what = counted(rows)
    found = trends(what, SPANS, 30 * DAY, nine_of_ten(what))
    for place, name in enumerate(WAY):
        assert sum(one.came[name] for one in found) == sum(row[place] is not None for row in rows)
    assert earliest(what) == min((at for row in rows for at in row if at is not None), default=None)
    for one in found:
        assert all(0 <= share.hits <= share.of for share in one.further.values())


def test_a_span_is_young_until_nine_of_ten_have_had_their_time() -> None:
    what = counted([(n * DAY, None, None, None, (n + 6) * DAY) for n in range(12)])
    assert nine_of_ten(what) == 6 * DAY
    assert [one.young for one in trends(what, SPANS, 21 * DAY, nine_of_ten(what))] == [False, False, True]
    assert [one.young for one in trends(what, SPANS, 21 * DAY)] == [False] * 3


def test_a_last_span_that_is_not_over_is_a_gap() -> None:
    assert Spans(("a", "b"), (0, 1), 2, unfinished=True).over([3, 1]) == [3, None]
    assert Spans(("a",), (0,), 2, unfinished=True).over([3]) == [3]
    assert (SPANS.place(-1), SPANS.place(7 * DAY), SPANS.place(21 * DAY)) == (None, 1, None)
    assert SPANS.short == ("W01", "W02", "W03")


def handed(due: int | None, contacted: int | None, worked: int | None = None, owner: str = "") -> Handed:
    return Handed(1, "b2b", owner, "sales", 0, due, contacted, None, "", worked)


def test_a_clock_is_kept_late_or_never() -> None:
    rows = [handed(5, 5), handed(5, 6), handed(5, None), handed(9, None), handed(None, 3)]
    assert [state(one, 8) for one in rows] == list(STATES)
    found = kept(rows, 8)
    assert (found.in_time, found.late, found.never, found.open) == (1, 1, 1, 1)
    assert (found.kept.hits, found.kept.of, found.kept.value) == (1, 3, None)
    assert found.worked_median is None


def test_of_ten_there_is_a_median_and_a_share() -> None:
    found = kept([handed(5, 5, worked=n * 60) for n in range(10)], 8)
    assert (found.worked_median, found.kept.value) == (270, 1.0)


@given(st.lists(st.sampled_from("abc"), max_size=20))
def test_groups_hold_all_the_most_first(owners: list[str]) -> None:
    groups = by([handed(1, 1, owner=owner) for owner in owners], lambda one: one.owner)
    sizes = [len(some) for some in groups.values()]
    assert sum(sizes) == len(owners)
    assert sizes == sorted(sizes, reverse=True)


def test_origins_are_of_whoever_entered() -> None:
    rows = [(1, 2, None, None, None)] * 12 + [(1, None, None, None, 9)] * 3 + [(None, 5, None, None, None)]
    names = ["fair"] * 12 + [None] * 3 + ["fair"]
    fair, unknown = origins(counted(rows), names, {(0, "b2b"), (1, "b2b"), (15, "b2b")})
    assert (fair.name, fair.entered, fair.accepted.value, fair.rejected.hits, fair.won.hits) == ("fair", 12, 1.0, 2, 0)
    assert (unknown.name, unknown.won.hits, unknown.won.value) == (None, 3, None)
