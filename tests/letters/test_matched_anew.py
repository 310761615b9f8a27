"""Somebody makes the person in the CRM between our look-up and our create: they are found there, not left lying."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connector.model.outbox import Refused
from connector.sandbox.salesforce.rules import DuplicateRule
from tests.line import Line
from tests.pair import MINUTES, SECRETS, Pair, pair


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path) as running:
        yield running


#: Whose the person is whom a rep makes meanwhile; a team's turn gives our lead to somebody else.
THEIRS = "petra@northwind.example"


def stopped(line: Pair, monkeypatch: pytest.MonkeyPatch, object: str) -> tuple[str, str]:
    """A rep makes the person just as our create is on its way, and the rule stops that; (their id, HubSpot's)."""
    line.org.duplicate_rules.append(DuplicateRule("Lead"))
    contact = line.person()
    line.asks_for_a_demo(contact)
    crm = line.app.crm("salesforce")
    whole = crm.write
    made: list[str] = []

    def write(items: Any) -> Any:
        if not made:
            values = {"LastName": "Weber", "FirstName": "Ana", "Email": "ana@firm.example", "OwnerId": THEIRS}
            company = {"Company": "Firm GmbH"} if object == "Lead" else {}
            made.append(line.org.create(object, values | company, by=THEIRS))
        return whole(items)

    monkeypatch.setattr(crm, "write", write)
    line.sync(MINUTES)
    assert [(row.object, row.code) for row in line.outbox("dead")] == [("lead", "DUPLICATES_DETECTED")]
    assert line.handoff(contact).owner == "lena@northwind.example"
    return made[0], contact


def is_theirs(line: Pair, contact: str) -> None:
    """Who has the person in the CRM has the handoff and its task, marketing knows, and nobody else's turn is over."""
    handoff = line.handoff(contact)
    assert (handoff.owner, handoff.team) == (THEIRS, "sales")
    assert handoff.routed_by.startswith("given on from lena@northwind.example (whoever has it in the CRM already")
    assert [task["OwnerId"] for task in line.records("Task")] == [line.org.user(THEIRS)]
    assert line.contact(contact)["baton_owner"] == THEIRS
    with line.app.store.read() as tx:
        assert tx.handoffs.turn_counts("sales") == {"lena@northwind.example": 1}


def test_an_open_lead_is_adopted_and_gets_the_task(line: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, contact = stopped(line, monkeypatch, "Lead")
    assert line.sync(MINUTES).counts["matched anew"] == 1
    line.sync(MINUTES)
    assert [one["Id"] for one in line.records("Lead")] == [theirs]
    assert [task["WhoId"] for task in line.records("Task")] == [theirs]
    assert line.org.record(theirs)["Title"] == "Director IT"
    is_theirs(line, contact)
    assert line.outbox("dead", "waiting", "unknown", "parked") == []


def test_a_contact_gets_the_task_and_no_lead_is_made(line: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, contact = stopped(line, monkeypatch, "Contact")
    assert line.sync(MINUTES).counts["matched anew"] == 1
    line.sync(MINUTES)
    assert line.records("Lead") == []
    is_theirs(line, contact)
    assert [task["WhoId"] for task in line.records("Task")] == [theirs]
    assert line.outbox("dead", "waiting", "unknown", "parked") == []


def test_who_is_not_found_stays_a_dead_letter_and_is_looked_up_once(
    line: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.org.create("Lead", {"LastName": "Weber", "Company": "Firm"})
    line.org.duplicate_rules.append(DuplicateRule("Lead", fields=("LastName",)))
    contact = line.person()
    line.asks_for_a_demo(contact)
    line.sync(MINUTES)
    for _ in range(3):
        assert line.sync(MINUTES).counts["matched anew"] == 0
    assert [row.object for row in line.outbox("dead")] == ["lead"]
    searches = [one for one in line.calls() if "search" in one or "query" in one]
    before = sum(line.calls()[one] for one in searches)
    line.sync(MINUTES)
    quiet = sum(line.calls()[one] for one in searches) - before
    line.sync(MINUTES)
    assert sum(line.calls()[one] for one in searches) - before == 2 * quiet


def test_two_flows_of_one_crm_do_not_make_each_other_ask_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(tmp_path, crm_settings="look_up_batch = 10")
    text = (tmp_path / "config.toml").read_text("utf-8")
    small = text[text.index("[flows.b2b]") :].replace("flows.b2b", "flows.small")
    takes = 'crm = "crm"\ntakes = { field = "company.employees", at_least = 500 }\n'
    line.reopen(text.replace('crm = "crm"\n', takes, 1) + small)
    crm = line.app.crm("crm")
    monkeypatch.setattr(crm, "capabilities", replace(crm.capabilities, refusal_kinds={"DUP": "duplicate"}))
    monkeypatch.setattr(crm, "write", lambda items: [Refused("there already", "DUP")] * len(items))
    for number, employees in ((1, "600"), (2, "30")):
        line.person(number, **{"company.employees": employees})
        line.did(number, "demo_request")
    line.sync()
    assert {row.flow for row in line.outbox("dead")} == {"b2b", "small"}
    line.sync(MINUTES)
    asked: list[Any] = []

    def look_up(people: Any) -> list[Any]:
        asked.append(people)
        return []

    monkeypatch.setattr(crm, "look_up", look_up)
    line.sync(MINUTES)
    line.sync(MINUTES)
    assert asked == []
