"""What HubSpot tells reaches the lead it is about, once, and with few calls: over HTTP, between two local servers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.app import open_app
from connector.config import load
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


def leads(line: Pair) -> list[int]:
    with line.app.store.read() as tx:
        return tx.intake.lead_numbers()


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


def test_everything_done_between_two_runs_is_kept(line: Pair) -> None:
    contact = line.person()
    line.sync(MINUTES)
    for seconds in range(5):
        line.clock.move(1 + seconds)
        line.acts("submit", id=contact, form="Newsletter")
        line.acts("email", id=contact, type="CLICK")
    line.sync(MINUTES)
    assert kinds(line, contact) == {"form_submit": 5, "email_click": 5}


def test_a_mapping_that_reads_more_is_applied_to_who_was_read_before(line: Pair) -> None:
    contact = line.person(message="Please call")
    line.sync(MINUTES)
    (line.folder / "hubspot.toml").write_text('[read]\n"custom.message" = "message"\n', "utf-8")
    line.reopen(hubspot='mapping = "hubspot.toml"')
    assert line.sync(MINUTES).failures == []
    assert line.lead(contact).fields["custom.message"] == "Please call"


def test_a_token_of_another_portal_is_refused_and_nothing_is_read_or_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path) as sandbox:
        sandbox.app.close()
        config = tmp_path / "config.toml"
        told = config.read_text("utf-8").replace(str(sandbox.portal.portal_id), "4242").replace("baton.db", "live.db")
        config.write_text(told, "utf-8")
        sandbox.app = open_app(load(config), sandbox.clock.now)
        sandbox.person()
        deeds = len(sandbox.hubspot.ledger.deeds())
        ((name, failure),) = sandbox.sync(MINUTES).failures
        assert name == "hubspot"
        assert "4242" in str(failure)
        assert leads(sandbox) == []
        assert len(sandbox.hubspot.ledger.deeds()) == deeds


def test_a_day_whose_calls_are_used_up_by_others_loses_nothing(line: Pair) -> None:
    line.person("early@firm.example")
    line.sync(MINUTES)
    line.acts("limits", daily=line.portal.limits.used_today)
    contact = line.person()
    line.asks_for_a_demo(contact)
    assert line.sync(MINUTES).failures != []
    assert line.records("Lead") == []
    line.acts("limits", daily=650_000)
    assert line.sync(timedelta(days=1)).failures == []
    assert line.their_lead(contact)
    assert kinds(line, contact)["demo_request"] == 1


def test_a_contact_erased_for_good_is_written_to_no_more_and_harms_nobody_else(line: Pair) -> None:
    contact, lead = line.given()
    other, _ = line.given("ben@other.example", company="Other AG")
    line.acts("erase", id=contact)
    line.says(lead, Status="Working")
    line.sync(MINUTES)
    assert line.outbox("dead", "unknown", "waiting") == []
    deeds = len(line.hubspot.ledger.deeds())
    line.sync(MINUTES)
    assert len(line.hubspot.ledger.deeds()) == deeds
    assert line.lead(other).stage == "mql"
