"""What becomes of a lead in Salesforce: conversion, and the opportunity that follows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.sandbox.salesforce.fields import Field
from tests.pair import MINUTES, REASONS, SECRETS, Pair, pair

LENA = "lena@northwind.example"
CONTACTS = REASONS.replace("[read.stage]", '[write.contact]\nBaton_Score__c = "score.total"\n\n[read.stage]')


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path, salesforce='mapping = "salesforce.toml"', files={"salesforce.toml": CONTACTS}) as running:
        yield running


def converted(line: Pair, **how: object) -> tuple[str, dict[str, str]]:
    contact, lead = line.given()
    line.clock.move(60)
    made = line.org.convert(lead, by=LENA, **how)  # type: ignore[arg-type]
    line.sync(MINUTES)
    return contact, made | {"lead": lead}


def test_from_conversion_on_the_contact_is_written_and_the_lead_never_again(line: Pair) -> None:
    contact, made = converted(line)
    before = line.org.record(made["lead"])["SystemModstamp"]
    line.acts("submit", id=contact, form="Guide to planning")
    line.acts("visit", id=contact, url="https://www.example.com/pricing")
    line.acts("change", id=contact, properties={"jobtitle": "Chief Information Officer"})
    line.sync(MINUTES)
    line.sync(MINUTES)
    (person,) = line.records("Contact")
    assert person["Id"] == made["contact"]
    assert person["Baton_Score__c"] == line.lead(contact).score.total  # type: ignore[union-attr]
    assert line.org.record(made["lead"])["SystemModstamp"] == before
    assert line.outbox("dead", "parked") == []


def test_a_task_that_still_waited_goes_to_the_contact(line: Pair) -> None:
    contact = line.person()
    line.asks_for_a_demo(contact)
    line.salesforce.faults.add("status", match="POST /services/data/v62.0/composite/sobjects", code=503)
    line.salesforce.faults.add("status", match="POST /services/data/v62.0/composite/sobjects", code=429)
    line.sync(MINUTES)
    assert [row.object for row in line.outbox("waiting", "unknown")] == ["task"]
    made = line.org.convert(line.their_lead(contact), by=LENA)
    for _ in range(3):
        line.sync(MINUTES * 4)
    (task,) = line.records("Task")
    assert task["WhoId"] == made["contact"]


def test_what_happens_to_the_contact_is_told_on(line: Pair) -> None:
    contact, made = converted(line, opportunity=False)
    assert line.lead(contact).stage == "sql"
    line.org.edit(made["contact"], {"OwnerId": "petra@northwind.example"}, by=LENA)
    line.org.log_call(made["contact"], by=LENA)
    line.sync(MINUTES)
    assert line.lead(contact).owner == "petra@northwind.example"
    assert line.handoff(contact).contacted_at is not None


def test_an_opportunity_made_later_for_the_contact_is_the_leads(line: Pair) -> None:
    contact, made = converted(line, opportunity=False)
    values = {"Name": "Big", "AccountId": made["account"], "ContactId": made["contact"], "Amount": 5000.0,
              "StageName": "Prospecting", "CloseDate": "2027-01-31"}  # fmt: skip
    line.org.create("Opportunity", values, by=LENA)
    line.sync(MINUTES)
    assert line.lead(contact).stage == "opportunity"
    assert line.contact(contact)["baton_amount"] == "5000"


def test_amount_currency_and_stage_are_told_as_they_change(line: Pair) -> None:
    line.org.sobject("Opportunity").add(Field("CurrencyIsoCode", "string", 3))
    contact, made = converted(line)
    deal = made["opportunity"]
    line.org.edit(deal, {"StageName": "Proposal", "Amount": 9000.0, "CurrencyIsoCode": "CHF"}, by=LENA)
    line.sync(MINUTES)
    told = line.contact(contact)
    assert (told["baton_amount"], told["baton_currency"], told["baton_opportunity"]) == ("9000", "CHF", "Proposal")
    line.org.edit(deal, {"Amount": 8000.0}, by=LENA)
    line.sync(MINUTES)
    assert line.contact(contact)["baton_amount"] == "8000"
    assert line.lead(contact).stage == "opportunity"


def test_after_a_lost_deal_another_one_counts_and_its_outcome_is_the_leads(line: Pair) -> None:
    contact, made = converted(line)
    line.org.close_opportunity(made["opportunity"], won=False, by=LENA)
    line.sync(MINUTES)
    assert (line.lead(contact).stage, line.handoff(contact).state) == ("lost", "closed")
    values = {"Name": "Second", "AccountId": made["account"], "ContactId": made["contact"],
              "StageName": "Prospecting", "CloseDate": "2027-01-31"}  # fmt: skip
    second = line.org.create("Opportunity", values, by=LENA)
    line.sync(MINUTES)
    assert (line.lead(contact).stage, line.handoff(contact).state) == ("opportunity", "open")
    assert line.contact(contact)["lifecyclestage"] == "opportunity"
    line.org.close_opportunity(second, won=True, amount=7000.0, by=LENA)
    line.sync(MINUTES)
    assert line.lead(contact).stage == "won"
    assert line.lead(contact).fields["outcome"] == "won"
    assert line.contact(contact)["baton_amount"] == "7000"


def test_a_deal_that_is_opened_again_is_open(line: Pair) -> None:
    contact, made = converted(line)
    line.org.close_opportunity(made["opportunity"], won=False, by=LENA)
    line.sync(MINUTES)
    line.org.edit(made["opportunity"], {"StageName": "Proposal"}, by=LENA)
    line.sync(MINUTES)
    assert (line.lead(contact).stage, "outcome" in line.lead(contact).fields) == ("opportunity", False)
    assert line.handoff(contact).state == "open"


def test_a_deal_that_was_there_before_tells_by_changing_only(line: Pair) -> None:
    account = line.org.create("Account", {"Name": "Firm", "Website": "firm.example"})
    person = line.org.create("Contact", {"LastName": "Weber", "Email": "ana@firm.example", "AccountId": account})
    values = {"Name": "Old", "AccountId": account, "ContactId": person, "StageName": "Prospecting",
              "CloseDate": "2027-01-31", "Amount": 100.0}  # fmt: skip
    deal = line.org.create("Opportunity", values, by=LENA)
    contact = line.person()
    line.asks_for_a_demo(contact)
    line.sync(MINUTES)
    line.sync(MINUTES)
    assert line.lead(contact).stage == "mql"
    assert line.records("Lead") == []
    (task,) = line.records("Task")
    assert deal in (task["WhatId"],) or task["WhoId"] == person
    line.org.close_opportunity(deal, won=True, amount=150.0, by=LENA)
    line.sync(MINUTES)
    assert line.lead(contact).stage == "won"
    assert line.contact(contact)["baton_amount"] == "150"


def test_a_deal_that_is_deleted_leaves_the_lead_where_it_was(line: Pair) -> None:
    contact, made = converted(line)
    line.org.delete(made["opportunity"], by=LENA)
    line.sync(MINUTES)
    line.sync(MINUTES)
    assert line.handoff(contact).state == "open"
    values = {"Name": "Second", "AccountId": made["account"], "ContactId": made["contact"],
              "StageName": "Prospecting", "CloseDate": "2027-01-31", "Amount": 1.0}  # fmt: skip
    line.org.create("Opportunity", values, by=LENA)
    line.sync(MINUTES)
    assert line.contact(contact)["baton_amount"] == "1"


def test_what_a_rep_clears_on_the_contact_stays_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    lines = CONTACTS.replace("[write.contact]", '[write.contact]\nTitle = "job_title"\nMailingCity = "city"')
    with pair(tmp_path, salesforce='mapping = "salesforce.toml"', files={"salesforce.toml": lines}) as line:
        contact, lead = line.given(jobtitle="Director IT", city="Bonn")
        made = line.org.convert(lead, by=LENA, opportunity=False)
        line.sync(MINUTES)
        line.clock.move(60)
        line.org.edit(made["contact"], {"Title": ""}, by=LENA)
        line.sync(MINUTES)
        line.acts("change", id=contact, properties={"city": "Ulm"})
        line.sync(MINUTES)
        line.sync(MINUTES)
        (person,) = line.records("Contact")
        assert (person["Title"], person["MailingCity"]) == ("", "Ulm")
        assert "job_title" not in line.lead(contact).fields
