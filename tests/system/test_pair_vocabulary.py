"""Values, owners and fields that a platform does not take: that field stops, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.sandbox.salesforce.rules import ValidationRule
from tests.pair import MINUTES, REASONS, SECRETS, Pair, pair

WEB = ("Phone Inquiry", "Partner Referral", "Purchased List", "Other")
MAPPING = REASONS.replace(
    "[read.stage]", 'Rating = { default = "Lukewarm" }\nRecordTypeId = { default = "Inbound" }\n\n[read.stage]'
)


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path, salesforce='mapping = "salesforce.toml"', files={"salesforce.toml": REASONS}) as running:
        yield running


def notices(line: Pair, field: str) -> list[str]:
    return [item.reason for item in line.waiting_for_people("notice") if item.field == field]


def mapped(line: Pair, text: str) -> None:
    (line.folder / "salesforce.toml").write_text(text, "utf-8")
    line.reopen()


def posts(line: Pair) -> int:
    return sum(count for route, count in line.calls().items() if "composite/sobjects" in route)


def test_a_value_that_is_no_choice_is_left_out_before_the_first_write_and_told_once(line: Pair) -> None:
    line.org.set_picklist("Lead", "LeadSource", WEB)
    contact, lead = line.given()
    line.given("bo@firm.example")
    assert line.org.record(lead).get("LeadSource") is None
    (reason,) = notices(line, "LeadSource")
    assert "Web" in reason
    assert "Other" in reason
    assert line.salesforce.ledger.deeds()
    assert line.outbox("dead", "parked") == []
    assert line.lead(contact).stage == "mql"


def test_once_the_admin_adds_the_value_it_is_written_within_the_next_run(line: Pair) -> None:
    line.org.set_picklist("Lead", "LeadSource", WEB)
    _, lead = line.given()
    line.sync(MINUTES)
    line.org.set_picklist("Lead", "LeadSource", ("Web", *WEB))
    line.sync(MINUTES)
    assert notices(line, "LeadSource") == []
    assert line.org.record(lead)["LeadSource"] == "Web"
    before = posts(line)
    line.sync(MINUTES)
    assert posts(line) == before


def test_a_picklist_that_changed_since_it_was_asked_for_costs_one_more_try(line: Pair) -> None:
    line.given("bo@firm.example")
    line.org.set_picklist("Lead", "LeadSource", WEB)
    _, lead = line.given()
    assert line.org.record(lead).get("LeadSource") is None
    assert len(notices(line, "LeadSource")) == 1
    assert line.outbox("dead", "parked", "waiting") == []


def test_an_owner_who_left_gets_no_more_and_the_turn_passes_on(line: Pair) -> None:
    line.sync(MINUTES)
    line.org.deactivate("lena@northwind.example")
    owners = {line.lead(line.given(f"p{number}@firm.example")[0]).owner for number in range(3)}
    assert owners == {"tom@northwind.example"}
    assert notices(line, "OwnerId") == []


def test_an_owner_who_left_between_routing_and_writing_is_left_out(line: Pair) -> None:
    contact = line.person()
    line.asks_for_a_demo(contact)
    line.salesforce.faults.add("status", match="composite/sobjects", code=429)
    line.sync(MINUTES)
    owner = line.lead(contact).owner
    line.org.deactivate(owner)
    for _ in range(3):
        line.sync(MINUTES)
    assert line.records("Lead")[0]["OwnerId"] != line.org.user(owner)
    assert any(owner in reason for reason in notices(line, "OwnerId"))


def test_when_nobody_of_the_team_is_a_user_any_more_leads_wait_and_say_why(line: Pair) -> None:
    line.sync(MINUTES)
    line.org.deactivate("lena@northwind.example")
    line.org.deactivate("tom@northwind.example")
    contact = line.person()
    line.asks_for_a_demo(contact)
    line.sync(MINUTES)
    assert line.handoff(contact).state == "nobody"
    assert "no active users" in line.handoff(contact).routed_by
    line.org.edit(line.org.user("tom@northwind.example"), {"IsActive": True})
    line.sync(MINUTES)
    assert line.handoff(contact).owner == "tom@northwind.example"


def test_a_required_field_that_is_missing_is_one_dead_letter_and_can_be_mended(line: Pair) -> None:
    line.org.add_field("Lead", "Region__c", kind="string", length=20, required=True)
    contact = line.person()
    line.asks_for_a_demo(contact)
    line.sync(MINUTES)
    (dead,) = line.outbox("dead")
    assert (dead.object, dead.field) == ("lead", "Region__c")
    assert "requires" in dead.reason
    line.org.sobject("Lead").fields["region__c"].required = False
    with line.app.store.write() as tx:
        tx.outbox.release([dead.id], "waiting", line.now)
    line.sync(MINUTES)
    assert len(line.records("Lead")) == len(line.records("Task")) == 1
    assert line.outbox("dead", "waiting", "parked") == []


def test_a_rule_of_the_admin_says_no_in_the_admins_words(line: Pair) -> None:
    rule = ValidationRule("Lead", "Leads from Germany need a postcode", lambda after, _: not after.get("PostalCode"))
    line.org.validation_rules.append(rule)
    contact = line.person()
    line.asks_for_a_demo(contact)
    line.sync(MINUTES)
    (dead,) = line.outbox("dead")
    assert "Leads from Germany need a postcode" in dead.reason
    line.clock.move(60)
    line.acts("change", id=contact, properties={"zip": "53111"})
    line.sync(MINUTES)
    assert line.outbox("dead") == []
    assert len(line.records("Lead")) == 1


@pytest.mark.parametrize("how", ["lock_field", "hide_field"])
def test_a_field_that_is_not_ours_to_write_is_left_out(line: Pair, how: str) -> None:
    getattr(line.org, how)("Lead", "Baton_Grade__c")
    _, lead = line.given()
    assert line.org.record(lead).get("Baton_Grade__c") is None
    assert line.org.record(lead)["Baton_Score__c"] > 0
    assert len(notices(line, "Baton_Grade__c")) == 1


def test_a_field_that_is_hidden_later_costs_that_field_alone(line: Pair) -> None:
    contact, lead = line.given()
    line.org.hide_field("Lead", "City")
    line.clock.move(60)
    line.acts("change", id=contact, properties={"city": "Bonn", "zip": "53111"})
    line.sync(MINUTES)
    assert line.org.record(lead)["PostalCode"] == "53111"
    assert line.outbox("dead", "parked", "waiting") == []
    assert len(notices(line, "City")) == 1


def test_a_record_type_is_said_by_name_and_an_unrestricted_choice_passes(line: Pair) -> None:
    known = line.org.add_record_type("Lead", "Inbound")
    mapped(line, MAPPING)
    _, lead = line.given()
    assert line.org.record(lead)["RecordTypeId"] == known
    assert line.org.record(lead)["Rating"] == "Lukewarm"


def test_a_property_that_an_admin_of_hubspot_dropped_costs_that_property_alone(line: Pair) -> None:
    contact, lead = line.given()
    line.acts("drop_property", property="baton_rating")
    line.says(lead, Status="Working", Lead_Quality__c=3)
    line.sync(MINUTES)
    assert line.contact(contact)["baton_stage"] == "sal"
    assert len(notices(line, "baton_rating")) == 1
    assert line.outbox("dead", "parked", "waiting") == []
    for step in line.app.crm("hubspot").setup():  # type: ignore[attr-defined]
        if not step.there and step.act is not None:
            step.act()
    line.sync(MINUTES)
    line.sync(MINUTES)
    assert line.contact(contact)["baton_rating"] == "3"
    assert notices(line, "baton_rating") == []


def test_a_stage_that_hubspot_does_not_know_is_left_out(line: Pair) -> None:
    line.acts("set_options", property="lifecyclestage", options=[["lead", "Lead"], ["customer", "Customer"]])
    contact, _ = line.given()
    assert line.contact(contact)["baton_stage"] == "mql"
    assert len(notices(line, "lifecyclestage")) == 1
