from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.config import Config, load
from connector.reporting.periods import KINDS, before, due_at, last_over, period_of

CONFIG = """\
timezone = "Europe/Berlin"
fiscal_year_starts = "{starts}"
[connections.portal]
type = "memory"
[teams.dach]
members = [{{ email = "lena@northwind.example" }}]
hours = {{ Mon-Thu = "09:00-17:30" }}
holidays = ["DE-BE"]
[schedule]
reports = {{ weekly = "Wed 08:00", monthly = "1st working day 09:30", quarterly = "last working day 17:00" }}
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return made(tmp_path_factory.mktemp("config"), "February")


def made(folder: Path, starts: str) -> Config:
    (folder / "config.toml").write_text(CONFIG.format(starts=starts), "utf-8")
    return load(folder / "config.toml")


@pytest.mark.parametrize(
    ("kind", "day", "name", "first", "last"),
    [
        ("weekly", date(2026, 11, 22), "2026-W47", date(2026, 11, 16), date(2026, 11, 22)),
        ("weekly", date(2027, 1, 1), "2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("monthly", date(2028, 2, 29), "2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("quarterly", date(2026, 11, 22), "2027-Q4", date(2026, 11, 1), date(2027, 1, 31)),
        ("quarterly", date(2026, 2, 1), "2027-Q1", date(2026, 2, 1), date(2026, 4, 30)),
    ],
)
def test_a_period_by_a_day_of_it(config: Config, kind: str, day: date, name: str, first: date, last: date) -> None:
    found = period_of(kind, day, config)
    assert (found.name, found.first, found.last) == (name, first, last)


def test_a_fiscal_year_from_january_has_the_quarters_of_the_calendar(tmp_path: Path) -> None:
    assert period_of("quarterly", date(2026, 11, 22), made(tmp_path, "January")).name == "2026-Q4"


def test_it_begins_and_ends_at_midnight_of_its_zone_over_a_change_of_the_clock(config: Config) -> None:
    week = period_of("weekly", date(2026, 10, 25), config)
    assert (week.since, week.until) == (
        datetime(2026, 10, 18, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "now", "due"),
    [
        ("weekly", datetime(2026, 11, 23, 6, tzinfo=UTC), datetime(2026, 11, 25, 7, tzinfo=UTC)),
        # 1 January is a holiday, 2 January 2026 a Friday without hours, 3 and 4 the weekend.
        ("monthly", datetime(2026, 1, 20, tzinfo=UTC), datetime(2026, 1, 5, 8, 30, tzinfo=UTC)),
        # 31 January 2027 is a Sunday, 29 a Friday without hours.
        ("quarterly", datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 28, 16, tzinfo=UTC)),
    ],
)
def test_when_a_pack_is_due(config: Config, kind: str, now: datetime, due: datetime) -> None:
    assert due_at(kind, now, config) == due


@given(day=st.dates(date(2024, 1, 1), date(2035, 12, 31)), kind=st.sampled_from(KINDS))
def test_periods_follow_each_other_without_a_gap(config: Config, day: date, kind: str) -> None:
    found = period_of(kind, day, config)
    earlier = before(found, config)
    assert found.first <= day <= found.last
    assert earlier.last + timedelta(days=1) == found.first
    assert earlier.until == found.since
    assert period_of(kind, found.first, config) == period_of(kind, found.last, config) == found
    assert last_over(kind, found.until, config) == found
    assert earlier.name != found.name
