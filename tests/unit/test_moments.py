"""Dates and times as platforms write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from connector.steps.normalise.moments import day, is_format, moment

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("raw", "formats", "iso"),
    [
        ("2026-12-07T08:00:00Z", ("iso",), "2026-12-07T08:00:00+00:00"),
        ("2026-12-07T08:00:00+09:00", ("iso",), "2026-12-06T23:00:00+00:00"),
        ("2026-12-07 08:00", ("iso",), "2026-12-07T07:00:00+00:00"),
        ("2026-07-07", ("iso",), "2026-07-06T22:00:00+00:00"),
        ("2018.05.08 20:17", ("%Y.%m.%d %H:%M",), "2018-05-08T18:17:00+00:00"),
        ("6/5/2018 17:27", ("%m/%d/%Y %H:%M", "%m/%d/%Y"), "2018-06-05T15:27:00+00:00"),
        ("6/5/2018", ("%m/%d/%Y %H:%M", "%m/%d/%Y"), "2018-06-04T22:00:00+00:00"),
        ("1700000000", ("epoch",), "2023-11-14T22:13:20+00:00"),
        (1700000000123, ("epoch_ms",), "2023-11-14T22:13:20.123000+00:00"),
        (datetime(2026, 12, 7, 8, 0), ("iso",), "2026-12-07T07:00:00+00:00"),  # noqa: DTZ001 - naive is the point
        (date(2026, 12, 7), ("iso",), "2026-12-06T23:00:00+00:00"),
    ],
)
def test_a_time_without_a_zone_is_in_the_zone_given(raw: object, formats: tuple[str, ...], iso: str) -> None:
    found = moment(raw, BERLIN, formats)
    assert found is not None
    assert (found.isoformat(), found.tzinfo) == (iso, UTC)


@pytest.mark.parametrize(
    "raw", ["", "soon", "31.02.2026", "2026-02-31", "2026-13-41T09:00:00Z", 17, "0001-01-01T00:00:00+14:00"]
)
def test_what_is_no_time(raw: object) -> None:
    assert moment(raw, BERLIN) is None


def test_only_the_formats_declared_are_read() -> None:
    assert moment("2026-12-07", BERLIN, ("%d.%m.%Y",)) is None
    assert moment("1e400", BERLIN, ("epoch",)) is None


def test_a_day_is_not_moved_by_zones_unless_a_zone_was_told() -> None:
    assert day("2026-12-07", BERLIN) == "2026-12-07"
    assert day("2026-12-07 23:30", BERLIN) == "2026-12-07"
    assert day("2026-12-07T23:30:00Z", BERLIN) == "2026-12-08"
    assert day("7.12.2026", BERLIN, ("%d.%m.%Y",)) == "2026-12-07"
    assert day("soon", BERLIN) is None


@pytest.mark.parametrize(("form", "fine"), [("iso", True), ("%d.%m.%Y", True), ("dd.mm.yyyy", False), ("%Y-%Q", False)])
def test_formats_are_proved(form: str, fine: bool) -> None:
    assert is_format(form) is fine
