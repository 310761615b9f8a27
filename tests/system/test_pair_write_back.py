"""What marketing is told: whom, when, and what not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.steps.scoring.defaults import SHIPPED
from tests.pair import MINUTES, SECRETS, START, Pair, pair

WARM = "Baton: warm"
#: Nobody in particular: no company, no title.
NOBODY = {"jobtitle": "", "company": "", "numemployees": "", "hs_latest_source": ""}


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture
def line(started: Path) -> Iterator[Pair]:
    with pair(started) as running:
        yield running


def deeds(line: Pair) -> int:
    return len(line.hubspot.ledger.deeds()) + len(line.salesforce.ledger.deeds())


def members(line: Pair, name: str) -> list[str]:
    return [str(id) for one in line.portal.lists.values() if one.name == name for id in sorted(one.members)]


def test_whom_nothing_has_happened_to_is_not_written_about(line: Pair) -> None:
    contact = line.person(**NOBODY)
    for _ in range(3):
        line.sync(MINUTES)
        line.acts("submit", id=contact, form="Newsletter")
    line.sync(MINUTES)
    assert (line.lead(contact).stage, line.lead(contact).score is None) == ("known", False)
    assert deeds(line) == 0


def test_a_point_or_two_are_not_told_and_a_new_grade_is(line: Pair) -> None:
    contact, _ = line.given()
    before = deeds(line)
    was = line.lead(contact).score
    line.sync(timedelta(days=1))
    faded = line.lead(contact).score
    assert was is not None
    assert faded is not None
    assert (was.total - faded.total, was.grade, faded.grade) == (1, "A2", "A3")
    assert deeds(line) == before + 1
    assert line.contact(contact)["baton_grade"] == "A3"
    line.acts("change", id=contact, properties={"city": "Bonn"})
    line.sync(timedelta(days=4))
    assert line.lead(contact).score.total < faded.total  # type: ignore[union-attr]
    assert line.contact(contact)["baton_score"] == str(faded.total)


def test_a_night_without_a_new_grade_rewrites_nobody(line: Pair) -> None:
    for number in range(3):
        line.given(f"p{number}@firm.example")
    line.sync(timedelta(days=1))
    before = deeds(line)
    for _ in range(4):
        assert line.sync(timedelta(days=1)).counts["scored"] == 0
    assert deeds(line) == before


def test_observing_writes_nothing_on_either_side_and_makes_up_for_it_when_live(started: Path) -> None:
    with pair(started, mode="observe") as line:
        hot, warm = line.person("hot@firm.example"), line.person("warm@firm.example", company="Other")
        line.asks_for_a_demo(hot)
        line.sync(MINUTES)
        line.sync(MINUTES)
        assert (line.lead(hot).stage, line.lead(warm).stage) == ("mql", "warm")
        assert deeds(line) == 0
        assert line.outbox() == []
        line.reopen(mode="live")
        line.sync(MINUTES)
        line.sync(MINUTES)
        assert line.contact(hot)["lifecyclestage"] == "marketingqualifiedlead"
        assert line.contact(warm)["baton_stage"] == "warm"
        assert members(line, WARM) == [warm]
        assert len(line.records("Lead")) == 1


def test_who_becomes_an_mql_leaves_the_nurture_list(started: Path) -> None:
    with pair(started) as line:
        contact = line.person()
        line.sync(MINUTES)
        assert members(line, WARM) == [contact]
        line.asks_for_a_demo(contact)
        line.sync(MINUTES)
        line.sync(MINUTES)
        assert members(line, WARM) == []
        assert [one.name for one in line.portal.lists.values()] == [WARM]


def test_a_list_that_the_config_names_anew_is_joined_by_those_who_are_warm(started: Path) -> None:
    with pair(started) as line:
        contact = line.person()
        line.sync(MINUTES)
        flow = re.sub(r"^\[(\w+)\]", r"[flows.b2b.\1]", SHIPPED, flags=re.MULTILINE)
        line.reopen(flow=flow.replace(WARM, "Nurture 2027"))
        line.sync(MINUTES)
        line.sync(MINUTES)
        assert members(line, "Nurture 2027") == [contact]


def test_whom_somebody_else_made_a_customer_stays_one(line: Pair) -> None:
    contact, lead = line.given()
    line.acts("change", id=contact, properties={"lifecyclestage": "customer"})
    line.says(lead, Status="Unqualified")
    told = line.contact(contact)
    assert (told["lifecyclestage"], told["baton_stage"]) == ("customer", "rejected")


def test_told_by_one_call_for_a_hundred(started: Path) -> None:
    with pair(started, flow="handoffs_per_day = 200") as line:
        for number in range(60):
            line.asks_for_a_demo(line.person(f"p{number}@firm.example"))
        line.sync(MINUTES)
        line.sync(MINUTES)
        calls = {route: count for route, count in line.calls().items() if "batch/update" in route}
        assert sum(calls.values()) <= 2
        assert line.now > START
