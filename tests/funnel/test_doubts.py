"""Months that are cut off, and times that are no moments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connector.insight import funnel
from connector.insight.funnel_doubts import SameTime, month_of, months, months_of, same_times
from connector.model.ports.funnel import Ways
from connector.model.times import DAY, micros, moment

BERLIN = ZoneInfo("Europe/Berlin")
BRAZIL = ZoneInfo("America/Sao_Paulo")
UTC_ZONE = ZoneInfo("UTC")
BEGIN = datetime(2026, 1, 1, 9, 17, 3, tzinfo=UTC)


def at(days: float) -> int:
    return micros(BEGIN + timedelta(days=days))


def counted(rows: Sequence[tuple[int, int | None]]) -> funnel.Counted:
    ways = Ways.of((number, "b2b", begin, None, None, None, end, "", "") for number, (begin, end) in enumerate(rows))
    return funnel.counted(ways, (0, 4), "any")


def year(won_from: float = 0, last: int = 330, took: float = 20, every: int = 5) -> funnel.Counted:
    """Ten leads each day; one of `every` wins after `took` days or thereabouts, if that is on record."""
    rows = list[tuple[int, int | None]]()
    for number in range(last * 10):
        day = number / 10
        end = day + took * (1 + number % 7 / 10)
        rows.append((at(day), at(end) if number % every == 0 and won_from <= end <= last else None))
    return counted(rows)


def test_months_are_those_of_the_zone_also_across_a_change_of_the_clock() -> None:
    edge = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)
    names, begins = months_of([micros(edge - timedelta(minutes=1)), None, micros(edge), at(150)], BERLIN)
    assert names == ("2026-03", "2026-04", "2026-05")
    assert [month_of(names, begins, when) for when in (micros(edge) - 1, micros(edge), None)] == [
        "2026-03", "2026-04", None,
    ]  # fmt: skip
    assert moment(begins[0]) == datetime(2026, 2, 28, 23, 0, tzinfo=UTC)
    assert months_of([], BERLIN) == ((), ())


def test_a_month_is_too_young_until_nine_of_ten_had_their_time() -> None:
    # The record ends in the last days of November; nine of ten take up to 32 days.
    found = months(year(), BEGIN + timedelta(days=1000), UTC_ZONE)
    assert (found.young, found.before) == (("2026-10", "2026-11"), ())
    assert found.p90_days == 32
    earlier = months(year(), datetime(2026, 9, 1, tzinfo=UTC), UTC_ZONE)
    assert earlier.young == ("2026-07", "2026-08", "2026-09", "2026-10", "2026-11")


def test_months_before_the_record_of_the_last_stage_begins_are_cut_off() -> None:
    found = months(year(won_from=200), BEGIN + timedelta(days=1000), UTC_ZONE)
    assert found.before == tuple(f"2026-{month:02}" for month in range(1, 8))
    first = year(won_from=200)
    assert found.records_from == min(end for _, end in first.times if end is not None)


def test_the_first_to_win_is_no_gap_where_few_could_have() -> None:
    assert months(year(won_from=24), BEGIN + timedelta(days=1000), UTC_ZONE).before == ()
    assert months(year(won_from=60, every=500), BEGIN + timedelta(days=1000), UTC_ZONE).before == ()


def test_of_few_nothing_is_said_of_months() -> None:
    found = months(counted([(at(day), at(day + 1)) for day in range(9)]), BEGIN, UTC_ZONE)
    assert (found.p90_days, found.young, found.before, found.names) == (None, (), (), ("2026-01",))
    assert months(funnel.counted(Ways.of([]), (), "any"), BEGIN, UTC_ZONE).names == ()


def test_days_without_a_time_are_noticed_as_the_midnight_of_the_zone() -> None:
    # Clocks went forward on 4 November 2018 in Brazil: the first moment of that day was 03:00 in UTC, then 02:00.
    days = [datetime(2018, 10, 20, tzinfo=BRAZIL) + timedelta(days=number) for number in range(30)]
    rows = [(micros(day), None) for day in days] + [(at(number / 7.1), None) for number in range(300)]
    assert same_times(counted(rows), BRAZIL) == [
        SameTime("mql", "03:00", 16, 330, True), SameTime("mql", "02:00", 14, 330, True),
    ]  # fmt: skip
    assert [one.midnight for one in same_times(counted(rows), BERLIN)] == [False, False]


def test_one_moment_for_many_and_hours_of_few_are_no_such_thing() -> None:
    noon = micros(datetime(2026, 5, 1, 12, 0, tzinfo=UTC))
    assert same_times(counted([(noon, None)] * 50), BERLIN) == []
    assert same_times(counted([(noon + day * DAY, None) for day in range(9)]), BERLIN) == []
    many = [(noon + day * DAY, None) for day in range(10)]
    others = [(at(number / 7.1), None) for number in range(2000)]
    assert same_times(counted(many + others), BERLIN) == []
    assert [one.count for one in same_times(counted(many), BERLIN)] == [10]
