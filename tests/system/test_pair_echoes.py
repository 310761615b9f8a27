"""Own writes that come back, own values that somebody overwrites, and what stays a person's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.pair import MINUTES, SECRETS, Pair, pair, reasons

LENA = "lena@northwind.example"


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path, **reasons()) as running:
        yield running


def record(line: Pair, lead: str) -> Any:
    return line.org.record(lead)


def change(line: Pair, contact: str, **properties: str) -> None:
    """Marketing edits a contact, and the line runs."""
    line.clock.move(60)
    line.acts("change", id=contact, properties=properties)
    line.sync(MINUTES)


def notices(line: Pair) -> list[tuple[str, str]]:
    return [(item.field, item.reason) for item in line.waiting_for_people("notice")]


def test_a_persons_edit_of_a_field_that_baton_writes_stays(line: Pair) -> None:
    contact, lead = line.given()
    line.says(lead, Title="Head of IT")
    change(line, contact, jobtitle="Vice President IT")
    assert record(line, lead)["Title"] == "Head of IT"
    change(line, contact, jobtitle="Chief Information Officer", city="Bonn")
    assert (record(line, lead)["Title"], record(line, lead)["City"]) == ("Head of IT", "Bonn")


def test_a_field_that_a_person_emptied_is_filled_with_the_next_change(line: Pair) -> None:
    contact, lead = line.given()
    line.says(lead, Title=None)
    change(line, contact, jobtitle="Vice President IT")
    assert record(line, lead)["Title"] == "Vice President IT"


def test_batons_own_field_that_was_overwritten_is_written_again(line: Pair) -> None:
    contact, lead = line.given()
    score = record(line, lead)["Baton_Score__c"]
    line.says(lead, Baton_Score__c=1)
    assert record(line, lead)["Baton_Score__c"] == score
    line.says(lead, Baton_Grade__c=None)
    assert record(line, lead)["Baton_Grade__c"] == line.lead(contact).score.grade  # type: ignore[union-attr]
    assert notices(line) == []


def test_an_older_value_of_ours_that_comes_back_is_a_late_write_and_nobodys_edit(line: Pair) -> None:
    contact, lead = line.given()
    change(line, contact, city="Bonn")
    change(line, contact, city="Köln")
    line.clock.move(60)
    line.org.edit(lead, {"City": "Bonn"}, by="baton@northwind.example")
    line.sync(MINUTES)
    assert record(line, lead)["City"] == "Köln"
    change(line, contact, city="Mainz")
    assert record(line, lead)["City"] == "Mainz"


def test_a_newer_value_that_waits_is_not_undone_by_writing_an_old_one_again(line: Pair) -> None:
    contact, lead = line.given()
    line.clock.move(60)
    line.org.edit(lead, {"Baton_Score__c": 1}, by=LENA)
    line.acts("submit", id=contact, form="Guide to planning")
    line.acts("visit", id=contact, url="https://www.example.com/pricing")
    line.sync(MINUTES)
    assert record(line, lead)["Baton_Score__c"] == line.lead(contact).score.total  # type: ignore[union-attr]


def test_a_field_that_two_writers_fight_over_is_left_alone_and_the_other_is_named(line: Pair) -> None:
    contact, lead = line.given()
    other, their = line.given("bo@firm.example")
    score = record(line, lead)["Baton_Score__c"]
    for _ in range(5):
        assert record(line, lead)["Baton_Score__c"] == score
        line.says(lead, Baton_Score__c=1)
    assert record(line, lead)["Baton_Score__c"] == 1
    ((field, reason),) = notices(line)
    assert field == "Baton_Score__c"
    assert reason.startswith(f'{LENA} writes "1" over Baton\'s "{score:g}", 5 times since 2026-12-07T')
    # That field of that record alone: all else goes on, and the score of others is looked after.
    change(line, contact, city="Bonn")
    assert (record(line, lead)["City"], record(line, lead)["Baton_Score__c"]) == ("Bonn", 1)
    line.says(their, Baton_Score__c=2)
    assert record(line, their)["Baton_Score__c"] == line.lead(other).score.total  # type: ignore[union-attr]
    assert line.lead(other).stage == "mql"


def test_once_the_notice_is_dropped_the_field_is_written_again(line: Pair) -> None:
    contact, lead = line.given()
    score = record(line, lead)["Baton_Score__c"]
    for _ in range(5):
        line.says(lead, Baton_Score__c=1)
    with line.app.store.write() as tx:
        tx.reviews.close("notice", [item.key for item in line.waiting_for_people("notice")], "dropped", line.now)
    change(line, contact, city="Bonn")
    assert record(line, lead)["Baton_Score__c"] == score


def test_five_times_in_a_week_are_no_fight(line: Pair) -> None:
    _, lead = line.given()
    for _ in range(6):
        line.clock.move(timedelta(days=1).total_seconds())
        line.says(lead, Baton_Score__c=1)
    assert record(line, lead)["Baton_Score__c"] > 1
    assert notices(line) == []


def test_what_is_written_back_to_hubspot_does_not_come_round_again(line: Pair) -> None:
    contact, lead = line.given()
    line.says(lead, Status="Working")
    for _ in range(3):
        deeds = len(line.hubspot.ledger.deeds()) + len(line.salesforce.ledger.deeds())
        result = line.sync(MINUTES)
        assert len(line.hubspot.ledger.deeds()) + len(line.salesforce.ledger.deeds()) == deeds
        assert result.counts["changed leads"] == 0
    assert line.lead(contact).stage == "sal"


def test_a_source_that_is_empty_all_at_once_parks_its_flow(line: Pair) -> None:
    contacts = [line.person(f"p{number}@firm.example") for number in range(2)]
    line.sync(MINUTES)
    for contact in contacts:
        assert line.waiting_for_people("parked_flow") == []
        line.clock.move(60)
        line.acts("archive", id=contact)
        line.sync(MINUTES)
    assert [item.flow for item in line.waiting_for_people("parked_flow")] == ["b2b"]
