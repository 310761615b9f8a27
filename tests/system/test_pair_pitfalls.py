"""What such systems are known to get wrong, between HubSpot and Salesforce."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.sandbox.salesforce.rules import ValidationRule
from tests.pair import MINUTES, SECRETS, Pair, pair, reasons

LENA = "lena@northwind.example"


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Pair]:
    with pair(tmp_path, **reasons()) as running:
        yield running


def people(line: Pair, count: int) -> list[str]:
    made = [line.person(f"p{n}@firm{n}.example", lastname=f"N{n}", company=f"Firm {n}") for n in range(count)]
    for one in made:
        line.asks_for_a_demo(one)
    return made


def test_a_day_is_the_day_of_the_reps_and_an_instant_is_in_utc(tmp_path: Path) -> None:
    late = datetime(2026, 12, 7, 22, 45, tzinfo=UTC)
    with pair(tmp_path, at=late, **reasons()) as line:
        contact, _ = line.given()
        (task,) = line.records("Task")
        due = line.handoff(contact).due_at
        assert due is not None
        assert due > late
        assert task["ReminderDateTime"] == due.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        assert task["ActivityDate"] == "2026-12-08"


def test_one_record_that_is_refused_costs_itself_and_goes_out_once_its_cause_is_gone(line: Pair) -> None:
    rule = ValidationRule("Lead", "No firm of that name.", lambda after, _: after.get("Company") == "Firm 3")
    line.org.validation_rules.append(rule)
    people(line, 8)
    line.sync(MINUTES)
    assert len(line.records("Lead")) == len(line.records("Task")) == 7
    (dead,) = line.outbox("dead")
    assert "No firm of that name." in dead.reason
    calls = line.salesforce.ledger.counts()["PATCH /composite/sobjects/Lead/Baton_Id__c"]
    line.sync(MINUTES)
    assert line.salesforce.ledger.counts()["PATCH /composite/sobjects/Lead/Baton_Id__c"] == calls
    line.org.validation_rules.clear()
    with line.app.store.write() as tx:
        tx.outbox.release([dead.id], "waiting", line.now)
    line.sync(MINUTES)
    assert len(line.records("Lead")) == len(line.records("Task")) == 8


def test_on_the_day_of_the_switch_only_as_many_go_out_as_the_admin_allows_the_best_first(tmp_path: Path) -> None:
    with pair(tmp_path, mode="observe", flow="handoffs_per_day = 2\n", **reasons()) as line:
        people(line, 5)
        line.sync(MINUTES)
        line.sync(MINUTES)
        assert (line.records("Lead"), line.records("Task")) == ([], [])
        line.reopen(mode="live")
        for _ in range(3):
            assert line.sync(MINUTES).failures == []
        assert (len(line.records("Lead")), len(line.records("Task"))) == (2, 2)
        line.sync(timedelta(days=1))
        assert len(line.records("Lead")) == 4


def test_what_was_before_the_start_is_scored_and_not_handed_over(tmp_path: Path) -> None:
    with pair(tmp_path, flow="start = 2026-12-08\n", **reasons()) as line:
        (contact,) = people(line, 1)
        line.sync(MINUTES)
        line.sync(timedelta(days=2))
        assert line.records("Lead") == []
        assert line.lead(contact).score is not None
        line.asks_for_a_demo(line.person("new@firm.example", lastname="New"))
        line.sync(MINUTES)
        line.sync(MINUTES)
        assert [one["Email"] for one in line.records("Lead")] == ["new@firm.example"]


def test_who_another_connector_has_linked_is_that_lead_whatever_the_address(tmp_path: Path) -> None:
    own = '[read]\n"links.salesforce" = ["salesforcecontactid", "salesforceleadid"]\n'
    with pair(tmp_path, hubspot='mapping = "hubspot.toml"', files={"hubspot.toml": own}) as line:
        lead = line.org.create("Lead", {"LastName": "Weber", "Company": "Firm", "Email": "a.w@old.example"}, by=LENA)
        line.asks_for_a_demo(line.person(salesforceleadid=lead))
        line.sync(MINUTES)
        line.sync(MINUTES)
        (record,) = line.records("Lead")
        assert (record["Id"], record["Email"]) == (lead, "a.w@old.example")
        assert [task["WhoId"] for task in line.records("Task")] == [lead]


def test_an_org_that_is_not_the_one_of_before_is_refused(line: Pair) -> None:
    line.given()
    written = len(line.salesforce.ledger.deeds())
    line.reopen(salesforce='account = "00D000000000001EAA"\nmapping = "salesforce.toml"')
    line.asks_for_a_demo(line.person("bo@other.example"))
    failed = line.sync(MINUTES).failures
    assert "salesforce" in {name for name, _ in failed}
    assert len(line.salesforce.ledger.deeds()) == written
