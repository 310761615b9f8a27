"""Working time against a slow calculation that looks at the clock on the wall minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model.durations import Duration
from connector.steps.working_time import Calendar, deadline, instant, is_open, next_open, worked
from tests.minutes import Slow

BERLIN, NEW_YORK, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")
# Lord Howe's clock is set by half an hour, that of Santiago at midnight.
ZONES = (BERLIN, NEW_YORK, TOKYO, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/Santiago"))
#: Days around which some clock is set, and others.
DAYS = (
    date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 10, 4), date(2026, 10, 25), date(2026, 11, 1),
    date(2026, 9, 6), date(2026, 12, 24), date(2027, 1, 1),
)  # fmt: skip
MINUTE = timedelta(minutes=1)

clocks = st.builds(time, st.integers(0, 23), st.sampled_from((0, 30)))


@st.composite
def week_hours(draw: st.DrawFn) -> dict[int, tuple[tuple[time, time], ...]]:
    """One to three spans a day on some days; the last may go over midnight."""
    hours = {}
    for day in draw(st.sets(st.integers(0, 6), min_size=1)):
        ends = sorted(draw(st.sets(clocks, min_size=2, max_size=6)))
        ends = ends[: len(ends) // 2 * 2]
        if draw(st.booleans()):
            ends[-1] = draw(st.sampled_from([time(h, m) for h in range(24) for m in (0, 30) if time(h, m) <= ends[0]]))
        hours[day] = tuple(zip(ends[::2], ends[1::2], strict=True))
    return hours


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Calendar, Slow, datetime]:
    zone, day = draw(st.sampled_from(ZONES)), draw(st.sampled_from(DAYS))
    hours = draw(week_hours())
    holidays = draw(st.sets(st.integers(-2, 4).map(lambda after: day + timedelta(days=after)), max_size=3))
    start = datetime.combine(day, time(0), UTC) + draw(st.integers(-1500, 1500)) * MINUTE
    return Calendar(zone, hours, holidays.__contains__), Slow(zone, hours, holidays), start


@settings(max_examples=10, deadline=None)
@given(worlds(), st.integers(1, 500))
def test_deadlines_and_times_are_those_of_counting_minutes(
    world: tuple[Calendar, Slow, datetime], minutes: int
) -> None:
    calendar, slow, start = world
    due = deadline(calendar, start, Duration(minutes * 60, working=True))
    assert due == slow.deadline(start, minutes)
    assert next_open(calendar, start) == slow.next_open(start)
    assert is_open(calendar, start) == slow.is_open(start)
    end = start + 11 * minutes * MINUTE
    assert worked(calendar, start, end) == slow.worked(start, end)


@given(worlds(), st.integers(1, 400_000), st.integers(0, 999_999))
def test_what_was_worked_by_the_deadline_is_the_duration(
    world: tuple[Calendar, Slow, datetime], seconds: int, micro: int
) -> None:
    calendar, _, start = world
    start += timedelta(microseconds=micro)
    due = deadline(calendar, start, Duration(seconds, working=True))
    assert worked(calendar, start, due) == seconds
    assert worked(calendar, start, due - timedelta(microseconds=1)) == seconds - 1


durations = st.one_of(
    st.integers(1, 400_000).map(lambda seconds: Duration(seconds, working=True)),
    st.integers(1, 400_000).map(Duration),
    st.integers(1, 12).map(lambda days: Duration(working=True, working_days=days)),
)


@given(worlds(), durations, st.integers(0, 3_000), st.integers(0, 86_399_999_999))
def test_who_starts_later_is_never_due_sooner(
    world: tuple[Calendar, Slow, datetime], duration: Duration, later: int, micro: int
) -> None:
    calendar, _, start = world
    start += timedelta(microseconds=micro)
    due = deadline(calendar, start, duration)
    assert start < due or not worked(calendar, due, start)
    assert due <= deadline(calendar, start + later * MINUTE, duration)
    assert due <= deadline(calendar, start + timedelta(microseconds=later), duration)


OFFICE = dict.fromkeys(range(5), ((time(9), time(18)),))
LUNCH = {0: ((time(9), time(12)), (time(13), time(17)))} | dict.fromkeys(range(1, 4), ((time(9), time(17)),)) | {
    4: ((time(9), time(12)), (time(13), time(15)))
}  # fmt: skip
NIGHT = dict.fromkeys(range(7), ((time(22), time(6)),))


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "zone", "start", "duration", "due"),
    [
        # At night, on Friday evening, on Saturday: from the next opening on.
        (OFFICE, BERLIN, "2026-11-24T02:00", Duration(1800, True), "2026-11-24T09:30"),
        (OFFICE, BERLIN, "2026-11-20T17:50", Duration(1800, True), "2026-11-23T09:20"),
        (OFFICE, BERLIN, "2026-11-21T11:00", Duration(4 * 3600, True), "2026-11-23T13:00"),
        # As soon as it was worked: at closing time.
        (OFFICE, BERLIN, "2026-11-20T14:00", Duration(4 * 3600, True), "2026-11-20T18:00"),
        # Lunch does not count.
        (LUNCH, BERLIN, "2026-11-23T11:30", Duration(3600, True), "2026-11-23T13:30"),
        # Plain durations run always.
        (OFFICE, BERLIN, "2026-11-21T11:00", Duration(7200), "2026-11-21T13:00"),
        # The clocks are set back and forward within a shift: eight hours are eight.
        (NIGHT, BERLIN, "2026-10-24T22:00", Duration(8 * 3600, True), "2026-10-25T05:00"),
        (NIGHT, BERLIN, "2026-03-28T22:00", Duration(7 * 3600, True), "2026-03-29T06:00"),
        (NIGHT, NEW_YORK, "2026-10-31T22:00", Duration(9 * 3600, True), "2026-11-01T06:00"),
        # The weekend in which they are set moves no opening on the wall.
        (OFFICE, BERLIN, "2026-10-23T17:30", Duration(3600, True), "2026-10-26T09:30"),
        (OFFICE, NEW_YORK, "2026-10-30T17:30", Duration(3600, True), "2026-11-02T09:30"),
        # A working day leads to the same time of the next one, also over a weekend and over a change of clocks.
        (OFFICE, BERLIN, "2026-11-20T10:15", Duration(0, True, 1), "2026-11-23T10:15"),
        (OFFICE, BERLIN, "2026-10-23T10:15", Duration(0, True, 1), "2026-10-26T10:15"),
        (OFFICE, BERLIN, "2026-11-21T10:15", Duration(0, True, 1), "2026-11-24T09:00"),
        (OFFICE, BERLIN, "2026-11-23T10:15", Duration(0, True, 10), "2026-12-07T10:15"),
        # Nobody is there at that time of that day: by the closing before.
        (LUNCH, BERLIN, "2026-11-26T12:30", Duration(0, True, 1), "2026-11-27T12:00"),
        (LUNCH, BERLIN, "2026-11-26T16:30", Duration(0, True, 1), "2026-11-27T15:00"),
        # The small hours belong to the shift that began the evening before.
        (NIGHT, BERLIN, "2026-11-24T03:00", Duration(0, True, 1), "2026-11-25T03:00"),
    ],
)
def test_nights_weekends_breaks_and_clocks_that_are_set(
    hours: dict[int, tuple[tuple[time, time], ...]], zone: ZoneInfo, start: str, duration: Duration, due: str
) -> None:
    assert deadline(Calendar(zone, hours), at(start, zone), duration) == at(due, zone)


def test_a_holiday_is_no_working_day() -> None:
    calendar = Calendar(BERLIN, OFFICE, {date(2026, 12, 25), date(2026, 12, 24)}.__contains__)
    assert deadline(calendar, at("2026-12-23T17:00"), Duration(7200, True)) == at("2026-12-28T10:00")
    assert deadline(calendar, at("2026-12-23T17:00"), Duration(0, True, 1)) == at("2026-12-28T17:00")
    assert not is_open(calendar, at("2026-12-24T12:00"))
    assert worked(calendar, at("2026-12-24T00:00"), at("2026-12-28T09:30")) == 1800


def test_the_night_before_a_holiday_is_worked_to_its_end() -> None:
    calendar = Calendar(BERLIN, NIGHT, {date(2026, 12, 25)}.__contains__)
    assert is_open(calendar, at("2026-12-25T03:00"))
    assert not is_open(calendar, at("2026-12-25T23:00"))


def test_who_starts_later_in_an_hour_that_comes_again_is_not_due_sooner() -> None:
    calendar, day = Calendar(BERLIN, NIGHT), Duration(0, True, 1)
    first, again = datetime(2026, 10, 25, 0, 45, tzinfo=UTC), datetime(2026, 10, 25, 1, 15, tzinfo=UTC)
    assert deadline(calendar, first, day) == at("2026-10-26T02:45")
    assert deadline(calendar, again, day) == at("2026-10-26T03:00")


def test_a_night_that_goes_on_into_the_hours_of_the_day_counts_once() -> None:
    calendar = Calendar(BERLIN, {0: ((time(22), time(6)),), 1: ((time(5), time(13)),)})
    start = at("2026-11-23T22:00")
    assert worked(calendar, start, at("2026-11-24T20:00")) == 15 * 3600
    assert deadline(calendar, start, Duration(9 * 3600, True)) == at("2026-11-24T07:00")


def test_a_clock_that_jumps_over_a_time_passes_it_when_it_jumps() -> None:
    assert instant(datetime.fromisoformat("2026-03-29T02:30"), BERLIN) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert instant(datetime.fromisoformat("2026-10-25T02:30"), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("duration", [Duration(3600, True), Duration(0, True, 2), Duration(3600)])
def test_where_nobody_ever_works_the_clock_runs_always(duration: Duration) -> None:
    calendar, start = Calendar(BERLIN, {}), at("2026-11-21T11:00")
    assert next_open(calendar, start) is None
    assert not is_open(calendar, start)
    assert deadline(calendar, start, duration) == start + duration.delta
    assert worked(calendar, start, start + timedelta(hours=3)) == 3 * 3600
    assert worked(calendar, start, start - timedelta(hours=3)) == 0
