"""What HubSpot tells reaches the lead it is about, once, and with few calls: over HTTP, between two local servers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.pair import SECRETS, Pair, pair

MINUTES = timedelta(minutes=5)


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path) as running:
        yield running


def kinds(line: Pair, contact: str) -> Counter[str]:
    """How often the lead of a contact did what."""
    lead = line.lead(contact)
    with line.app.store.read() as tx:
        return Counter(one.kind for one in tx.intake.activities([lead.id]).get(lead.id, []))


def test_a_demo_asked_for_under_the_address_of_a_merged_contact_is_handed_over(line: Pair) -> None:
    winner = line.person("ana@firm.example")
    loser = line.person("ana@private.example")
    line.sync(MINUTES)
    line.acts("merge", id=winner, loser=loser)
    line.sync(MINUTES)
    line.asks_for_a_demo(winner, email="ana@private.example")
    assert line.sync(MINUTES).failures == []
    assert kinds(line, winner)["demo_request"] == 1
    assert len(line.records("Lead")) == 1


def test_a_demo_asked_for_under_an_address_that_has_changed_is_handed_over(line: Pair) -> None:
    contact = line.person("ana@firm.example")
    line.sync(MINUTES)
    line.acts("change", id=contact, properties={"email": "ana.weber@firm.example"})
    line.asks_for_a_demo(contact)
    assert line.sync(MINUTES).failures == []
    assert kinds(line, contact)["demo_request"] == 1


def test_what_two_merged_contacts_did_counts_once_each(line: Pair) -> None:
    winner, loser = line.person("ana@firm.example"), line.person("ana@private.example")
    line.asks_for_a_demo(winner)
    line.asks_for_a_demo(loser)
    line.acts("email", id=loser, type="CLICK")
    line.sync(MINUTES)
    line.acts("merge", id=winner, loser=loser)
    for _ in range(3):
        assert line.sync(MINUTES).failures == []
    assert kinds(line, winner) == {"demo_request": 2, "email_click": 1}


def test_a_meeting_that_both_of_two_merged_contacts_tell_is_one(line: Pair) -> None:
    booked = {"engagements_last_meeting_booked": "2026-12-04T09:00:00Z"}
    winner, loser = line.person("ana@firm.example", **booked), line.person("ana@private.example", **booked)
    line.sync(MINUTES)
    line.acts("merge", id=winner, loser=loser)
    line.sync(MINUTES)
    line.acts("change", id=winner, properties={"city": "Bonn"})
    line.sync(MINUTES)
    assert kinds(line, winner)["meeting"] == 1


def test_a_meeting_that_only_the_merged_contact_had_is_not_told_again_by_the_winner(line: Pair) -> None:
    winner = line.person("ana@firm.example")
    loser = line.person("ana@private.example", engagements_last_meeting_booked="2026-12-04T09:00:00Z")
    line.sync(MINUTES)
    line.acts("merge", id=winner, loser=loser)
    line.sync(MINUTES)
    assert line.contact(winner)["engagements_last_meeting_booked"]
    assert kinds(line, winner)["meeting"] == 1
    line.acts("change", id=winner, properties={"engagements_last_meeting_booked": "2026-12-06T09:00:00Z"})
    line.sync(MINUTES)
    assert kinds(line, winner)["meeting"] == 2


def test_a_company_that_is_known_better_later_counts_for_its_contacts(line: Pair) -> None:
    company = line.acts("create", object="companies", properties={"name": "Firm GmbH"})["id"]
    contact = line.person(numemployees="", associatedcompanyid=company)
    line.sync(MINUTES)
    assert "company.employees" not in line.lead(contact).fields
    line.acts("change", object="companies", id=company, properties={"numberofemployees": "640"})
    line.sync(MINUTES)
    assert line.lead(contact).fields["company.employees"] == 640


def test_a_quiet_run_asks_each_stream_once(line: Pair) -> None:
    line.given()
    line.sync(MINUTES)
    line.sync(timedelta(hours=1))
    before = line.calls()
    line.sync(MINUTES)
    asked = {route: count for route, count in (line.calls() - before).items() if route.startswith("hubspot")}
    assert sum(asked.values()) == 5, asked
