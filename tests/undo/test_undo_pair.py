"""A run between HubSpot and Salesforce is taken back, counted by what both servers were asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.model import sentences
from connector.runs.undo import undo
from connector.runs.undone import Undone
from tests.pair import MINUTES, SECRETS, Pair, pair, reasons


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    with pair(tmp_path, **reasons()) as made:
        yield made


def take_back(line: Pair, run: int, **how: Any) -> Undone:
    line.clock.move(300)
    return undo(line.app.runtime(), line.app.rows, run, **how)


def people(line: Pair, number: int) -> list[str]:
    contacts = [line.person(f"ana{one}@firm.example") for one in range(number)]
    for contact in contacts:
        line.asks_for_a_demo(contact)
    return contacts


def writes(line: Pair, since: Counter[str]) -> Counter[str]:
    """Calls since then that change something."""
    made = line.calls() - since
    reading = ("GET", "query", "search", "/batch/read", "oauth", "token")
    return Counter({route: number for route, number in made.items() if not any(one in route for one in reading)})


def test_what_marketing_changed_goes_back_and_what_a_rep_edited_stays(line: Pair) -> None:
    contacts = people(line, 5)
    assert line.sync(MINUTES).failures == []
    leads = [line.their_lead(one) for one in contacts]
    for one in contacts:
        line.acts("change", id=one, properties={"jobtitle": "CTO"})
    run = line.sync(MINUTES).run_id
    assert [line.org.record(one)["Title"] for one in leads] == ["CTO"] * 5
    line.org.edit(leads[0], {"Title": "Chair"}, by="lena@northwind.example")
    since = line.calls()
    tried = take_back(line, run, dry_run=True)
    assert writes(line, since) == {}
    done = take_back(line, run)
    assert (done.records, done.waiting) == (tried.records, 0)
    assert [line.org.record(one)["Title"] for one in leads] == ["Chair"] + ["Director IT"] * 4
    assert [(one.id, one.field, one.why) for one in done.left if one.target == "salesforce"] == [
        (leads[0], "Title", sentences.EDITED_SINCE)
    ]
    assert sum(writes(line, since).values()) <= 2
    for _ in range(2):
        assert line.sync(MINUTES).failures == []
    assert [line.org.record(one)["Title"] for one in leads] == ["Chair"] + ["Director IT"] * 4


def test_handovers_are_closed_in_the_words_of_the_org_and_their_tasks_ended(line: Pair) -> None:
    contacts = people(line, 3)
    run = line.sync(MINUTES).run_id
    leads = [line.their_lead(one) for one in contacts]
    line.org.edit(leads[2], {"Status": "Working"}, by="lena@northwind.example")
    done = take_back(line, run)
    assert done.closed == 2
    assert [line.org.record(one)["Status"] for one in leads] == ["Unqualified"] * 2 + ["Working"]
    tasks = {one["WhoId"]: one for one in line.records("Task")}
    assert [tasks[one]["Status"] for one in leads] == ["Completed"] * 2 + ["Not Started"]
    assert f"handover of run {run} no longer counts" in tasks[leads[0]]["Description"]
    assert (leads[2], sentences.WORKED_ON) in {(one.id, one.why) for one in done.left}
    for _ in range(2):
        assert line.sync(MINUTES).failures == []
    assert [line.lead(one).stage for one in contacts] == ["rejected", "rejected", "sal"]
    assert [line.contact(one)["baton_stage"] for one in contacts] == ["rejected", "rejected", "sal"]
    assert len(line.records("Lead")) == 3
    assert line.waiting_for_people() == []


def test_they_are_given_again_in_the_org_too_where_the_undo_is_taken_back(line: Pair) -> None:
    (contact,) = people(line, 1)
    by = take_back(line, line.sync(MINUTES).run_id).by
    assert line.sync(MINUTES).failures == []
    assert line.org.record(line.their_lead(contact))["Status"] == "Unqualified"
    done = take_back(line, by)
    assert [(one.object, one.why) for one in done.left if one.target == "salesforce"] == [
        ("task", sentences.BEFORE_UNKNOWN)
    ]
    assert line.org.record(line.their_lead(contact))["Status"] == "Open"
    assert line.sync(MINUTES).failures == []
    assert line.lead(contact).stage == "mql"


def test_a_dry_run_sees_whom_a_rep_works_with(line: Pair) -> None:
    (contact,) = people(line, 1)
    run = line.sync(MINUTES).run_id
    line.org.edit(line.their_lead(contact), {"Status": "Working"}, by="lena@northwind.example")
    assert take_back(line, run, dry_run=True).closed == 0
    assert take_back(line, run).closed == 0


def test_what_nobody_touched_is_deleted_where_that_is_asked_for(line: Pair) -> None:
    contacts = people(line, 3)
    run = line.sync(MINUTES).run_id
    leads = [line.their_lead(one) for one in contacts]
    line.clock.move(300)
    line.org.edit(leads[0], {"City": "Bonn"}, by="lena@northwind.example")
    done = take_back(line, run, delete=True)
    assert (done.closed, done.deleted) == (1, 4)
    assert [one["Id"] for one in line.records("Lead")] == [leads[0]]
    for _ in range(2):
        assert line.sync(MINUTES).failures == []
    assert [one["Id"] for one in line.records("Lead")] == [leads[0]]
    assert line.waiting_for_people() == []


def test_of_a_contact_that_was_there_only_the_task_is_ended(line: Pair) -> None:
    account = line.org.create("Account", {"Name": "Firm GmbH"}, by="lena@northwind.example")
    values = {"LastName": "Weber", "Email": "ana0@firm.example", "AccountId": account}
    line.org.create("Contact", values, by="lena@northwind.example")
    people(line, 1)
    run = line.sync(MINUTES).run_id
    done = take_back(line, run, delete=True)
    assert (done.closed, done.deleted) == (1, 0)
    assert [one["Status"] for one in line.records("Task")] == ["Completed"]
    assert [one for one in done.left if one.target == "salesforce"] == []
