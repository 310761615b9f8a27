"""Records that are deleted, merged, archived, erased or become another's, on either side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pair import MINUTES, SECRETS, Pair, pair, reasons


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path, **reasons()) as running:
        yield running


def goes_on(line: Pair, contact: str) -> None:
    """Something new happens to the person, which would be written."""
    line.acts("visit", id=contact, url="https://www.example.com/pricing")
    line.acts("change", id=contact, properties={"jobtitle": "Chief Information Officer", "city": "Bonn"})
    for _ in range(3):
        assert line.sync(MINUTES).failures == []


class TestInSalesforce:
    def test_what_was_deleted_is_not_made_again_and_marketing_is_told(self, line: Pair) -> None:
        contact, lead = line.given()
        line.clock.move(60)
        line.org.delete(lead, by="lena@northwind.example")
        line.sync(MINUTES)
        assert (line.lead(contact).stage, line.handoff(contact).state) == ("rejected", "closed")
        assert line.contact(contact)["lifecyclestage"] == "lead"
        goes_on(line, contact)
        assert line.records("Lead") == []
        assert line.outbox("dead", "parked", "waiting") == []

    def test_deleted_between_two_readings_a_write_finds_it_gone(self, line: Pair) -> None:
        contact, lead = line.given()
        line.clock.move(60)
        line.acts("change", id=contact, properties={"jobtitle": "Chief Information Officer"})
        line.org.delete(lead, by="lena@northwind.example")
        line.sync(MINUTES)
        line.sync(MINUTES)
        assert line.lead(contact).stage == "rejected"
        assert line.records("Lead") == []
        assert line.outbox("dead", "parked", "waiting") == []

    def test_what_is_back_from_the_bin_is_written_to_again(self, line: Pair) -> None:
        contact, lead = line.given()
        line.clock.move(60)
        line.org.delete(lead, by="lena@northwind.example")
        line.sync(MINUTES)
        line.clock.move(60)
        line.org.undelete(lead, by="lena@northwind.example")
        line.sync(MINUTES)
        assert (line.lead(contact).stage, line.handoff(contact).state) == ("mql", "open")
        goes_on(line, contact)
        assert line.records("Lead")[0]["Title"] == "Chief Information Officer"

    def test_merged_into_a_lead_that_nobody_knew(self, line: Pair) -> None:
        contact, lead = line.given()
        winner = line.org.create("Lead", {"LastName": "Weber", "Company": "Firm", "Email": "a.weber@firm.example"})
        line.sync(MINUTES)
        line.org.merge(winner, [lead], by="lena@northwind.example")
        line.sync(MINUTES)
        assert line.handoff(contact).state == "open"
        line.says(winner, Status="Working")
        assert line.lead(contact).stage == "sal"
        goes_on(line, contact)
        (left,) = line.records("Lead")
        assert (left["Id"], left.get("Baton_Grade__c")) == (winner, line.lead(contact).score.grade)  # type: ignore[union-attr]

    def test_the_winner_of_a_merge_is_ours_as_before(self, line: Pair) -> None:
        contact, lead = line.given()
        loser = line.org.create("Lead", {"LastName": "Weber", "Company": "Firm", "Email": "a.weber@firm.example"})
        line.sync(MINUTES)
        line.org.merge(lead, [loser], by="lena@northwind.example")
        line.sync(MINUTES)
        line.says(lead, Status="Working")
        assert line.lead(contact).stage == "sal"

    def test_two_leads_of_ours_that_are_merged_are_one_from_then_on(self, line: Pair) -> None:
        first, one = line.given()
        second, other = line.given("anna@firm.example")
        line.clock.move(60)
        line.org.merge(one, [other], by="lena@northwind.example")
        line.sync(MINUTES)
        assert line.lead(second).id == line.lead(first).id
        line.says(one, Status="Working")
        assert {line.contact(id)["baton_stage"] for id in (first, second)} == {"sal"}
        goes_on(line, first)
        assert len(line.records("Lead")) == 1
        assert line.outbox("dead", "parked", "waiting") == []

    def test_a_contact_that_a_lead_became_is_merged(self, line: Pair) -> None:
        contact, lead = line.given()
        made = line.org.convert(lead, by="lena@northwind.example")
        line.sync(MINUTES)
        other = line.org.create("Contact", {"LastName": "Weber", "Email": "a.weber@firm.example"})
        line.sync(MINUTES)
        line.org.merge(other, [made["contact"]], by="lena@northwind.example")
        line.sync(MINUTES)
        line.clock.move(60)
        line.org.log_call(other, by="lena@northwind.example")
        line.sync(MINUTES)
        assert line.handoff(contact).contacted_at is not None
        assert line.handoff(contact).state == "open"


class TestInHubSpot:
    def test_two_people_who_are_merged_are_one_lead(self, line: Pair) -> None:
        first, lead = line.given()
        second = line.person("a.weber@firm.example")
        line.sync(MINUTES)
        line.clock.move(60)
        line.acts("merge", id=first, loser=second)
        line.sync(MINUTES)
        line.says(lead, Status="Working")
        assert line.lead(first).stage == "sal"
        assert len(line.records("Lead")) == 1

    def test_who_is_archived_is_not_written_to_and_comes_back(self, line: Pair) -> None:
        contact, lead = line.given()
        # A portal without a single contact would park the flow.
        line.person("somebody@else.example", company="Other AG")
        line.clock.move(60)
        line.acts("archive", id=contact)
        line.sync(MINUTES)
        line.says(lead, Status="Working")
        assert line.outbox("dead", "parked", "waiting") == []
        line.clock.move(60)
        line.acts("restore", id=contact)
        line.sync(MINUTES)
        line.sync(MINUTES)
        assert line.contact(contact)["baton_stage"] == "sal"

    def test_archived_just_before_it_was_to_be_told_ends_plainly(self, line: Pair) -> None:
        contact, lead = line.given()
        line.clock.move(60)
        line.org.edit(lead, {"Status": "Working"}, by="lena@northwind.example")
        line.acts("erase", id=contact)
        line.sync(MINUTES)
        line.sync(MINUTES)
        assert line.lead(contact).stage == "sal"
        assert line.outbox("dead", "parked", "waiting", "unknown") == []

    def test_another_address_is_the_same_lead(self, line: Pair) -> None:
        contact, lead = line.given()
        line.clock.move(60)
        line.acts("change", id=contact, properties={"email": "ana.weber@firm.example"})
        line.sync(MINUTES)
        line.sync(MINUTES)
        assert len(line.records("Lead")) == 1
        assert line.lead(contact).fields["email"] == "ana.weber@firm.example"
        line.says(lead, Status="Working")
        assert line.contact(contact)["baton_stage"] == "sal"
