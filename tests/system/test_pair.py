"""From HubSpot to Salesforce and back, over HTTP, between two local servers."""

from __future__ import annotations

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


def test_a_lead_goes_all_the_way_and_its_outcome_comes_back(line: Pair) -> None:
    contact = line.person()
    line.asks_for_a_demo(contact)
    assert line.sync(MINUTES).failures == []
    (lead,), (task,) = line.records("Lead"), line.records("Task")
    assert (lead["Email"], lead["LeadSource"], lead["Baton_Id__c"]) == ("ana@firm.example", "Web", line.key(contact))
    assert (task["WhoId"], task["OwnerId"]) == (lead["Id"], lead["OwnerId"])

    line.clock.move(300)
    line.org.edit(lead["Id"], {"Status": "Working"}, by="lena@northwind.example")
    line.org.log_call(lead["Id"], by="lena@northwind.example")
    line.sync(MINUTES)
    assert line.lead(contact).stage == "sal"
    assert line.handoff(contact).contacted_at is not None
    assert line.contact(contact)["baton_contacted_in"] == "5"

    line.org.convert(lead["Id"])
    line.sync(MINUTES)
    (opportunity,) = line.records("Opportunity")
    assert (line.lead(contact).stage, line.contact(contact)["lifecyclestage"]) == ("opportunity", "opportunity")

    line.org.close_opportunity(opportunity["Id"], won=True, amount=12_000.0)
    line.sync(MINUTES)
    assert line.lead(contact).stage == "won"
    assert (line.contact(contact)["lifecyclestage"], line.contact(contact)["baton_amount"]) == ("customer", "12000")
    assert line.waiting_for_people() == []


def test_nothing_changed_writes_nothing_and_our_own_writes_are_no_news(line: Pair) -> None:
    contact = line.person()
    line.asks_for_a_demo(contact)
    line.sync(MINUTES)
    line.sync(MINUTES)
    deeds = len(line.hubspot.ledger.deeds()), len(line.salesforce.ledger.deeds())
    transitions = line.lead(contact).stage_since
    for _ in range(3):
        counts = line.sync(MINUTES).counts
        assert counts["leads with news"] == counts["new leads"] == counts["changed leads"] == 0
    assert (len(line.hubspot.ledger.deeds()), len(line.salesforce.ledger.deeds())) == deeds
    assert line.lead(contact).stage_since == transitions
