"""Weeks, months, quarters and years: of the calendar and of a fiscal year."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.goals import Per
from connector.steps.periods import DAY, before, elapsed_days, months_later, span_of, working_days

PERS: tuple[Per, ...] = ("week", "month", "quarter", "fiscal quarter", "year", "fiscal year")
DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
BERLIN = ZoneInfo("Europe/Berlin")


def weekday(day: date) -> bool:
    return day.weekday() < 5


@pytest.mark.parametrize(
    ("per", "day", "starts", "name", "first", "last"),
    [
        ("week", "2026-11-23", 1, "2026-W48", "2026-11-23", "2026-11-29"),
        ("week", "2026-11-29", 1, "2026-W48", "2026-11-23", "2026-11-29"),
        ("week", "2027-01-03", 1, "2026-W53", "2026-12-28", "2027-01-03"),
        ("week", "2027-01-04", 1, "2027-W01", "2027-01-04", "2027-01-10"),
        ("month", "2028-02-29", 4, "2028-02", "2028-02-01", "2028-02-29"),
        ("month", "2026-12-31", 1, "2026-12", "2026-12-01", "2026-12-31"),
        # Of the calendar, whenever the fiscal year begins.
        ("quarter", "2026-11-23", 2, "2026-Q4", "2026-10-01", "2026-12-31"),
        ("quarter", "2026-01-01", 4, "2026-Q1", "2026-01-01", "2026-03-31"),
        ("year", "2026-11-23", 7, "2026", "2026-01-01", "2026-12-31"),
        # A fiscal year is named after the year in which it ends.
        ("fiscal quarter", "2026-11-23", 4, "2027-Q3", "2026-10-01", "2026-12-31"),
        ("fiscal quarter", "2027-03-31", 4, "2027-Q4", "2027-01-01", "2027-03-31"),
        ("fiscal quarter", "2027-01-15", 2, "2027-Q4", "2026-11-01", "2027-01-31"),
        ("fiscal quarter", "2026-11-23", 1, "2026-Q4", "2026-10-01", "2026-12-31"),
        ("fiscal year", "2026-11-23", 4, "2027", "2026-04-01", "2027-03-31"),
        ("fiscal year", "2026-03-31", 4, "2026", "2025-04-01", "2026-03-31"),
        ("fiscal year", "2026-11-23", 12, "2026", "2025-12-01", "2026-11-30"),
        ("fiscal year", "2026-11-23", 1, "2026", "2026-01-01", "2026-12-31"),
    ],
)
def test_the_span_of_a_day(per: Per, day: str, starts: int, name: str, first: str, last: str) -> None:
    span = span_of(per, date.fromisoformat(day), starts)
    assert (span.per, span.name, span.first, span.last) == (
        per,
        name,
        date.fromisoformat(first),
        date.fromisoformat(last),
    )


@given(st.sampled_from(PERS), DAYS, st.integers(1, 12))
def test_spans_follow_each_other_without_a_gap_and_each_has_a_name_of_its_own(per: Per, day: date, starts: int) -> None:
    span = span_of(per, day, starts)
    assert span.first <= day <= span.last
    assert span_of(per, span.first, starts) == span_of(per, span.last, starts) == span
    earlier = before(span, starts)
    assert earlier.last + DAY == span.first
    assert earlier.name != span.name
    assert earlier == span_of(per, earlier.first, starts)


def test_the_year_begins_with_january_where_nobody_says_otherwise() -> None:
    span = span_of("fiscal year", date(2026, 11, 23))
    assert span.name == "2026"
    assert before(span).first == date(2025, 1, 1)


def test_a_span_begins_and_ends_on_the_clock_of_its_zone() -> None:
    begin, end = span_of("month", date(2026, 10, 7)).bounds(BERLIN)
    assert (begin, end) == (datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 10, 31, 23, tzinfo=UTC))
    assert begin.tzinfo is end.tzinfo is UTC


@pytest.mark.parametrize(
    ("months", "expected"),
    [(0, "2026-11-01"), (1, "2026-12-01"), (2, "2027-01-01"), (-10, "2026-01-01"), (-11, "2025-12-01")],
)
def test_months_later(months: int, expected: str) -> None:
    assert months_later(date(2026, 11, 23), months) == date.fromisoformat(expected)


def test_working_days_count_both_ends() -> None:
    assert working_days(date(2026, 11, 23), date(2026, 11, 29), weekday) == 5
    assert working_days(date(2026, 11, 27), date(2026, 11, 27), weekday) == 1
    assert working_days(date(2026, 11, 28), date(2026, 11, 27), weekday) == 0


@pytest.mark.parametrize(
    ("now", "days"),
    [
        ("2026-11-22T23:00", 0), ("2026-11-23T00:00", 0), ("2026-11-23T06:00", 0.25),
        ("2026-11-24T18:00", 1.75), ("2026-11-24T12:30:36", 1.52125),
        ("2026-11-28T12:00", 5), ("2026-11-29T23:59", 5), ("2026-11-30T00:00", 5), ("2027-01-01T00:00", 5),
    ],
)  # fmt: skip
def test_of_today_as_much_counts_as_is_over(now: str, days: float) -> None:
    span = span_of("week", date(2026, 11, 23))
    found = elapsed_days(span, datetime.fromisoformat(now).replace(tzinfo=UTC), weekday)
    assert found == pytest.approx(days)
    assert isinstance(found, float)


def test_the_last_day_counts_as_it_goes() -> None:
    span = span_of("week", date(2026, 11, 23))
    assert elapsed_days(span, datetime(2026, 11, 29, 12, tzinfo=UTC), lambda _: True) == 6.5


def test_a_day_that_is_an_hour_longer_is_one_day() -> None:
    day = span_of("month", date(2026, 10, 25))
    last = datetime(2026, 10, 25, 23, 59, 59, tzinfo=BERLIN)
    assert elapsed_days(day, last, lambda _: True) < 25 < elapsed_days(day, last + timedelta(days=1), lambda _: True)
