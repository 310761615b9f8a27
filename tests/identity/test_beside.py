"""One source has somebody twice: what one record has empty, or has from before, undoes nothing of the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.line import Line

HOUR = timedelta(hours=1)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path)
    yield made
    made.app.close()


def test_what_one_record_has_empty_clears_nothing_of_the_other(line: Line) -> None:
    line.person(1, email="ana@firm.example", city="Bonn")
    line.person(2, email="ana@firm.example", city="")
    line.sync()
    assert line.lead(1).id == line.lead(2).id
    assert line.lead(1).fields["city"] == "Bonn"
    line.person(2, email="ana@firm.example", city="", street="Allee 1")
    line.sync(HOUR)
    assert (line.lead(1).fields["city"], line.lead(1).fields["street"]) == ("Bonn", "Allee 1")


def test_the_only_record_clears_what_it_said(line: Line) -> None:
    line.person(1, city="Bonn")
    line.sync()
    line.person(1, city="")
    line.sync(HOUR)
    assert "city" not in line.lead(1).fields


def test_a_record_with_an_address_of_before_only_adds(line: Line) -> None:
    number = {"mobile": "+49 171 5550101"}
    line.person(1, email="ana@firm.example", city="Bonn", **number)
    line.person(2, email="ana.weber@home.example", job_title="Clerk", **number)
    line.sync()
    ana = line.lead(1)
    assert line.lead(2).id == ana.id
    first, second = (1, 2) if ana.fields["email"] == "ana@firm.example" else (2, 1)
    other = {1: "ana@firm.example", 2: "ana.weber@home.example"}[second]
    assert ana.former == [other]
    line.person(second, email=other, job_title="Trainee", street="Allee 1", **number)
    line.sync(HOUR)
    after = line.lead(1)
    assert (after.fields["email"], after.fields["job_title"]) == (ana.fields["email"], ana.fields["job_title"])
    assert after.fields["street"] == "Allee 1"
    mine = {1: "ana@firm.example", 2: "ana.weber@home.example"}[first]
    line.person(first, email=mine, job_title="Chief Information Officer", **number)
    line.sync(HOUR)
    assert line.lead(1).fields["job_title"] == "Chief Information Officer"


def test_counters_of_two_records_rise_by_themselves(tmp_path: Path) -> None:
    (tmp_path / "portal.toml").write_text('[[activities]]\ncounter = "visits"\nkind = "visit"\n', "utf-8")
    line = Line(tmp_path, portal_settings='mapping = "portal.toml"\n')
    try:
        for number, visits in ((1, 3), (2, 9)):
            line.person(number, email="ana@firm.example", visits=str(visits))
        line.sync()
        for number, visits in ((1, 4), (2, 9)):
            line.person(number, email="ana@firm.example", visits=str(visits), city="Bonn")
        line.sync(HOUR)
        with line.app.store.read() as tx:
            (done,) = tx.intake.activities([line.lead(1).id])[line.lead(1).id]
        assert (done.kind, done.person) == ("visit", "1")
    finally:
        line.app.close()
