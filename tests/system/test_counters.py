"""Counters of a platform: a rise between two pulls is an activity, what they begin with is none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.line import Line

MAPPING = """\
[[activities]]
counter = "visits"
kind    = "visit"
"""
DAY = timedelta(days=1)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    (tmp_path / "portal.toml").write_text(MAPPING, "utf-8")
    made = Line(tmp_path, portal_settings='mapping = "portal.toml"')
    yield made
    made.app.close()


def visits(line: Line, number: int) -> int:
    """How many visits of a person are known."""
    lead_id = line.lead(number).id
    with line.app.store.read() as tx:
        found = tx.intake.activities([lead_id]).get(lead_id, [])
    return sum(one.kind == "visit" for one in found)


def test_what_a_counter_begins_with_was_done_before_and_is_no_activity(line: Line) -> None:
    line.person(1, visits=40)
    line.sync()
    assert visits(line, 1) == 0


def test_a_rise_between_two_pulls_is_one_activity(line: Line) -> None:
    line.person(1, visits=40)
    line.sync()
    line.person(1, visits=42)
    line.sync(DAY)
    assert visits(line, 1) == 1
    line.person(1, visits=42, city="Bonn")
    line.sync(DAY)
    assert visits(line, 1) == 1
    line.person(1, visits=43)
    line.sync(DAY)
    assert visits(line, 1) == 2


def test_a_counter_that_comes_later_for_someone_known_begins_there_too(line: Line) -> None:
    line.person(1)
    line.sync()
    line.person(1, visits=7)
    line.sync(DAY)
    assert visits(line, 1) == 0
    line.person(1, visits=8)
    line.sync(DAY)
    assert visits(line, 1) == 1
