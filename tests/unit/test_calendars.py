"""Whose hours and holidays count."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector.config import Config, load
from connector.config.calendars import calendar_of, unknown_calendars
from connector.model.durations import parse
from connector.steps.working_time import deadline, is_open

BERLIN = ZoneInfo("Europe/Berlin")
CONFIG = """\
version = 1
timezone = "Europe/Berlin"
[connections.portal]
type = "memory"
[teams.sdr]
manager = "petra@northwind.example"
members = [{ email = "lena@northwind.example" }, { email = "tom@northwind.example" }]
hours = { Mon-Thu = "09:00-17:30", Fri = "09:00-15:00" }
holidays = [%s]
[teams.tokyo]
members = [{ email = "yuki@northwind.example" }]
timezone = "Asia/Tokyo"
holidays = ["JP"]
[people."tom@northwind.example"]
timezone = "America/New_York"
hours = { Mon-Fri = "12:00-20:00" }
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return _config(tmp_path, '"DE-BE", 2026-12-24')


def _config(folder: Path, holidays: str) -> Config:
    (folder / "config.toml").write_text(CONFIG % holidays, "utf-8")
    return load(folder / "config.toml")


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("email", "team", "when", "is_there"),
    [
        ("lena@northwind.example", "sdr", "2026-11-27T14:59", True),
        ("lena@northwind.example", "sdr", "2026-11-27T15:00", False),
        ("", "sdr", "2026-11-27T14:59", True),
        ("petra@northwind.example", "", "2026-11-27T15:01", False),
        # Their own hours, in their own zone: 12:00 in New York is 18:00 in Berlin.
        ("tom@northwind.example", "sdr", "2026-11-27T17:59", False),
        ("tom@northwind.example", "sdr", "2026-11-27T18:00", True),
        ("yuki@northwind.example", "", "2026-11-27T01:00", True),
        ("yuki@northwind.example", "", "2026-11-27T10:00", False),
        # Who is in no team works in the office hours of the zone on top.
        ("karl@northwind.example", "", "2026-11-27T17:59", True),
        ("karl@northwind.example", "", "2026-11-28T12:00", False),
        # Days of the company, of the land, of the country, a substitute.
        ("lena@northwind.example", "sdr", "2026-12-24T12:00", False),
        ("lena@northwind.example", "sdr", "2027-03-08T12:00", False),
        ("tom@northwind.example", "sdr", "2027-03-08T19:00", False),
        ("lena@northwind.example", "sdr", "2026-08-17T12:00", True),
        ("yuki@northwind.example", "", "2026-05-06T05:00", False),
    ],
)
def test_hours_are_their_own_else_the_teams(config: Config, email: str, team: str, when: str, is_there: bool) -> None:
    assert is_open(calendar_of(config, email, team), at(when)) is is_there


def test_a_deadline_goes_round_the_holidays(config: Config) -> None:
    due = deadline(
        calendar_of(config, "lena@northwind.example", "sdr"), at("2026-12-23T16:00"), parse("4 working hours")
    )
    assert due == at("2026-12-28T11:30")


def test_a_calendar_that_is_not_known_is_told_with_what_there_is(tmp_path: Path) -> None:
    config = _config(tmp_path, '"DE-XX", "JP", 2026-12-24')
    found = {code: (path, there) for path, code, there in unknown_calendars(config)}
    assert found["DE-XX"][0] == ("teams", "sdr", "holidays", 0)
    assert "DE-BE" in found["DE-XX"][1]
    assert found.keys() == {"DE-XX"}
    assert not calendar_of(config, "", "sdr").is_holiday(date(2026, 12, 23))
