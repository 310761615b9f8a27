"""What people do in Salesforce between our look and our write: nobody is lost, doubled or fought over."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.runs.bring_back import bring_back
from connector.runs.deliver import deliver
from connector.runs.pull import pull
from connector.runs.sync import work
from connector.sandbox.salesforce.rules import DuplicateRule
from tests.pair import MINUTES, SECRETS, Pair, pair, reasons

LENA = "lena@northwind.example"
LEADS = "PATCH /services/data/v62.0/composite/sobjects/Lead/Baton_Id__c"
NEW = "POST /services/data/v62.0/composite/sobjects"


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path, **reasons()) as running:
        yield running


def between(line: Pair, act: Callable[[], Any] = lambda: None) -> Counter[str]:
    """One pass of the line, in which somebody does something between what is decided and what is sent."""
    line.clock.move(MINUTES.total_seconds())
    runtime, counts, rows = line.app.runtime(), Counter[str](), line.app.rows()
    bring_back(runtime, rows, "salesforce", counts)
    pull(runtime, "hubspot", rows, counts)
    assert work(runtime, rows, counts) == []
    act()
    deliver(runtime, "salesforce", counts)
    return counts


def there(line: Pair, object: str = "Lead", **values: Any) -> str:
    """Ana is in Salesforce, by hand."""
    own = {"Company": "Firm"} if object == "Lead" else {}
    return line.org.create(object, {"LastName": "Weber", "Email": "ana@firm.example", **own, **values}, by=LENA)


def wants_a_demo(line: Pair) -> str:
    line.sync(MINUTES)
    contact = line.person()
    line.asks_for_a_demo(contact)
    return contact


def open_rows(line: Pair) -> list[tuple[str, str]]:
    """What is neither done nor ended for good, of what goes to Salesforce."""
    found = line.outbox("waiting", "in_flight", "unknown", "dead", "parked")
    return [(row.object, row.state) for row in found if row.target == "salesforce"]


def runs(line: Pair, times: int = 3) -> None:
    for _ in range(times):
        assert line.sync(MINUTES).failures == []


class TestAnAdoptedLead:
    def test_that_is_deleted_meanwhile_is_rejected_and_nothing_waits(self, line: Pair) -> None:
        lead = there(line)
        contact = wants_a_demo(line)
        between(line, lambda: line.org.delete(lead, by=LENA))
        assert open_rows(line) == [("task", "waiting")]
        runs(line)
        assert open_rows(line) == []
        assert (line.lead(contact).stage, line.handoff(contact).state) == ("rejected", "closed")
        assert line.contact(contact)["baton_stage"] == "rejected"
        assert line.records("Lead") == line.records("Task") == []

    def test_that_is_converted_meanwhile_gets_its_task_as_a_contact(self, line: Pair) -> None:
        lead = there(line)
        contact = wants_a_demo(line)
        made: dict[str, str] = {}
        between(line, lambda: made.update(line.org.convert(lead, by=LENA)))
        runs(line)
        (task,) = line.records("Task")
        assert task["WhoId"] == made["contact"]
        assert open_rows(line) == []
        assert line.lead(contact).stage == "opportunity"

    def test_that_is_merged_meanwhile_is_the_winner(self, line: Pair) -> None:
        lead, other = there(line), there(line, Email="a.weber@firm.example")
        contact = wants_a_demo(line)
        between(line, lambda: line.org.merge(other, [lead], by=LENA))
        runs(line)
        ((record,), (task,)) = line.records("Lead"), line.records("Task")
        assert (record["Id"], task["WhoId"]) == (other, other)
        assert record["Baton_Score__c"] == line.lead(contact).score.total  # type: ignore[union-attr]
        line.says(other, Status="Working")
        assert line.lead(contact).stage == "sal"


class TestATask:
    def test_on_a_contact_that_is_merged_meanwhile_is_on_the_winner(self, line: Pair) -> None:
        person, other = there(line, "Contact"), there(line, "Contact", Email="a.weber@firm.example")
        contact = wants_a_demo(line)
        between(line, lambda: line.org.merge(other, [person], by=LENA))
        runs(line)
        assert [task["WhoId"] for task in line.records("Task")] == [other]
        assert line.handoff(contact).record == f"contact:{other}"
        assert (open_rows(line), line.records("Lead")) == ([], [])

    def test_on_an_account_that_is_merged_meanwhile_is_on_the_winner(self, line: Pair) -> None:
        line.reopen(flow='existing = { customer = "tell owner" }')
        firms = [
            line.org.create("Account", {"Name": name, "Type": "Customer", "Website": f"{name}.example"}, by=LENA)
            for name in ("firm", "other")
        ]
        there(line, "Contact", AccountId=firms[0])
        wants_a_demo(line)
        between(line, lambda: line.org.merge(firms[1], [firms[0]], by=LENA))
        runs(line)
        assert [task["WhatId"] for task in line.records("Task")] == [firms[1]]
        assert (open_rows(line), line.records("Lead")) == ([], [])

    def test_on_a_contact_that_is_deleted_meanwhile_is_told_and_not_retried(self, line: Pair) -> None:
        person = there(line, "Contact")
        contact = wants_a_demo(line)
        between(line, lambda: line.org.delete(person, by=LENA))
        assert open_rows(line) == [("task", "dead")]
        runs(line)
        # With the handoff it is over, and nobody need look into it.
        assert open_rows(line) == []
        assert (line.lead(contact).stage, line.handoff(contact).state) == ("rejected", "closed")

    @pytest.mark.parametrize("kind", ["lost", "cut", "status"])
    def test_whose_answer_is_lost_before_its_lead_is_converted_comes_once(self, line: Pair, kind: str) -> None:
        wants_a_demo(line)
        line.salesforce.faults.add(kind, match=NEW, **({"code": 503} if kind == "status" else {}))
        between(line)
        made = line.org.convert(line.records("Lead")[0]["Id"], by=LENA)
        line.sync(timedelta(minutes=15))
        runs(line)
        assert [task["WhoId"] for task in line.records("Task")] == [made["contact"]]
        assert open_rows(line) == []

    def test_of_a_lead_that_is_deleted_before_it_is_not_made(self, line: Pair) -> None:
        contact = wants_a_demo(line)
        line.salesforce.faults.add("status", match=NEW, code=503)
        between(line)
        line.org.delete(line.records("Lead")[0]["Id"], by=LENA)
        line.sync(timedelta(minutes=15))
        runs(line)
        assert line.records("Task") == []
        assert open_rows(line) == []
        assert line.lead(contact).stage == "rejected"

    def test_of_a_lead_that_a_person_dropped_from_the_outbox_ends_too(self, line: Pair) -> None:
        line.org.duplicate_rules.append(DuplicateRule("Lead"))
        wants_a_demo(line)
        between(line, lambda: there(line))
        (dead,) = line.outbox("dead")
        with line.app.store.write() as tx:
            tx.outbox.release([dead.id], "dropped", line.now)
        runs(line)
        assert open_rows(line) == []
        assert line.records("Task") == []


class TestOurLead:
    def test_that_is_deleted_before_a_write_is_rejected_though_the_write_found_it_first(self, line: Pair) -> None:
        contact, lead = line.given()
        line.acts("change", id=contact, properties={"jobtitle": "Chief Information Officer"})
        between(line, lambda: line.org.delete(lead, by=LENA))
        runs(line)
        assert (line.lead(contact).stage, line.handoff(contact).state) == ("rejected", "closed")
        assert (line.records("Lead"), open_rows(line)) == ([], [])

    def test_that_is_converted_before_a_write_is_followed(self, line: Pair) -> None:
        contact, lead = line.given()
        line.acts("change", id=contact, properties={"jobtitle": "Chief Information Officer"})
        between(line, lambda: line.org.convert(lead, by=LENA))
        runs(line)
        assert line.lead(contact).stage == "opportunity"
        assert open_rows(line) == []

    @pytest.mark.parametrize("kind", ["lost", "cut", "cut_headers"])
    def test_whose_answer_is_lost_keeps_what_a_person_changes_before_we_look(self, line: Pair, kind: Any) -> None:
        contact = wants_a_demo(line)
        line.salesforce.faults.add(kind, match=LEADS)
        between(line)
        (lead,) = line.records("Lead")
        line.org.edit(lead["Id"], {"Title": "Head of IT", "OwnerId": "petra@northwind.example"}, by=LENA)
        runs(line)
        (lead,) = line.records("Lead")
        assert (lead["Title"], lead["OwnerId"]) == ("Head of IT", line.org.user("petra@northwind.example"))
        assert [task["WhoId"] for task in line.records("Task")] == [lead["Id"]]
        assert line.lead(contact).owner == "petra@northwind.example"

    def test_that_a_duplicate_rule_refuses_is_told_and_its_task_waits(self, line: Pair) -> None:
        line.org.duplicate_rules.append(DuplicateRule("Lead"))
        wants_a_demo(line)
        between(line, lambda: there(line))
        assert sorted(open_rows(line)) == [("lead", "dead"), ("task", "waiting")]
        assert len(line.records("Lead")) == 1


class TestDeletionsThatNobodyTold:
    """The log of deletions goes back fifteen days, and no further than the recycle bin was emptied."""

    def off_for_a_month(self, line: Pair) -> None:
        line.clock.move(timedelta(days=31).total_seconds())

    def bin_emptied(self, line: Pair) -> None:
        line.org.empty_bin()
        line.clock.move(300)

    @pytest.mark.parametrize("gap", [off_for_a_month, bin_emptied])
    def test_are_found_by_looking_everybody_up(self, line: Pair, gap: Callable[[Any, Pair], None]) -> None:
        contact, lead = line.given()
        other, kept = line.given("bo@other.example", lastname="Berg", company="Other")
        stranger = line.org.create("Contact", {"LastName": "Cole", "Email": "cy@third.example"}, by=LENA)
        winner = there(line, "Contact", Email="d@fourth.example")
        loser = there(line, "Contact", Email="dee@fourth.example")
        line.sync(MINUTES)
        for id in (lead, stranger):
            line.org.delete(id, by=LENA)
        line.org.merge(winner, [loser], by=LENA)
        gap(self, line)
        assert line.sync(MINUTES).failures == []
        assert (line.lead(contact).stage, line.lead(other).stage) == ("rejected", "mql")
        # Who was deleted there, or is somebody else's record by now, is not handed over to what is gone.
        people = [line.person("cy@third.example", lastname="Cole"), line.person("dee@fourth.example", lastname="Dee")]
        for one in people:
            line.asks_for_a_demo(one)
        runs(line)
        made = {line.their_lead(one) for one in people}
        assert {one["Id"] for one in line.records("Lead")} == {kept, *made}
        assert {task["WhoId"] for task in line.records("Task")} - {lead} == {kept, *made}
        assert open_rows(line) == []
        line.salesforce.ledger.clear()
        assert line.sync(MINUTES).failures == []
        assert line.salesforce.ledger.items()["GET /query"] == 0


def test_refused_in_the_middle_of_a_pass_nothing_comes_twice(line: Pair) -> None:
    contact, lead = line.given()
    line.acts("change", id=contact, properties={"jobtitle": "Chief Information Officer"})
    other = line.person("bo@other.example", lastname="Berg", company="Other")
    line.asks_for_a_demo(other)
    # The second call of the batch, and the sign-in that would follow.
    line.salesforce.faults.add("status", match="composite/sobjects", after=1, code=401)
    line.salesforce.faults.add("status", match="oauth2/token", times=3, code=400, body={"error": "invalid_grant"})
    line.clock.move(300)
    line.sync()
    line.salesforce.faults.clear()
    runs(line)
    assert sorted(str(one["Email"]) for one in line.records("Lead")) == ["ana@firm.example", "bo@other.example"]
    assert len(line.records("Task")) == 2
    assert line.org.record(lead)["Title"] == "Chief Information Officer"


@contextmanager
def ticking(line: Pair) -> Iterator[None]:
    """The clock goes on by itself, thirty times as fast: HubSpot allows so many calls a second."""
    stop = threading.Event()

    def tick() -> None:
        while not stop.wait(0.01):
            line.clock.move(0.3)

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_hundreds_go_out_in_full_calls_and_then_all_is_quiet(line: Pair) -> None:
    line.sync(MINUTES)
    for number in range(230):
        line.asks_for_a_demo(line.person(f"p{number}@firm{number}.example", lastname=f"N{number}"))
    line.salesforce.ledger.clear()
    with ticking(line):
        assert line.sync().failures == []
    calls = line.salesforce.ledger.counts()
    assert len(line.records("Lead")) == len(line.records("Task")) == 230
    assert calls["PATCH /composite/sobjects/Lead/Baton_Id__c"] == calls["POST /composite/sobjects"] == 2
    # Three look-ups of a hundred people, beside the reading.
    assert calls["GET /query Lead"] == calls["GET /query Contact"] == 1 + 3
    for _ in range(4):
        assert line.sync(MINUTES).failures == []
    line.salesforce.ledger.clear()
    counts = line.sync(MINUTES).counts
    assert counts["leads with news"] == counts["lead read back"] == 0
    streams = len(line.app.crm("salesforce").capabilities.streams)
    assert sum(line.salesforce.ledger.counts().values()) == streams
