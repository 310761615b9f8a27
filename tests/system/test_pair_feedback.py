"""What reps say in Salesforce moves the lead, and is told to HubSpot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.pair import MINUTES, REASONS, SECRETS, Pair, pair, reasons

FLOW = """\
[flows.b2b.reasons]
not_now = { list = "Baton: later" }
[flows.b2b.clock]
not_by = ["Sequencer"]
"""


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path, flow=FLOW, **reasons()) as running:
        yield running


def members(line: Pair, name: str) -> list[str]:
    return [str(id) for one in line.portal.lists.values() if one.name == name for id in sorted(one.members)]


def notices(line: Pair) -> list[str]:
    return [item.reason for item in line.waiting_for_people("notice")]


@pytest.mark.parametrize(
    ("word", "stage", "lifecycle"),
    [
        ("Working", "sal", "marketingqualifiedlead"),
        ("Qualified", "sql", "salesqualifiedlead"),
        ("Unqualified", "rejected", "lead"),
    ],
)
def test_a_status_word_is_a_stage_skips_included(line: Pair, word: str, stage: str, lifecycle: str) -> None:
    contact, lead = line.given()
    line.says(lead, Status=word)
    assert line.lead(contact).stage == stage
    assert (line.contact(contact)["baton_stage"], line.contact(contact)["lifecyclestage"]) == (stage, lifecycle)


def test_a_step_back_is_recorded_as_it_is_and_lifecycle_goes_back_too(line: Pair) -> None:
    contact, lead = line.given()
    for word in ("Working", "Qualified", "Working", "Open"):
        line.says(lead, Status=word)
    with line.app.store.read() as tx:
        moves = [(one.origin, one.to, one.by) for one in tx.scores.transitions(line.lead(contact).id)]
    by = "salesforce"
    assert moves == [
        ("known", "mql", "baton"), ("mql", "sal", by), ("sal", "sql", by), ("sql", "sal", by), ("sal", "mql", by),
    ]  # fmt: skip
    assert line.contact(contact)["lifecyclestage"] == "marketingqualifiedlead"
    assert line.handoff(contact).state == "open"


def test_a_rejection_says_why_joins_its_list_and_closes_the_handoff(line: Pair) -> None:
    contact, lead = line.given()
    line.says(lead, Status="Unqualified", Rejection_Reason__c="Not now", Lead_Quality__c=2)
    handoff, told = line.handoff(contact), line.contact(contact)
    assert (handoff.state, handoff.reason, handoff.rating) == ("closed", "not_now", 2)
    assert (told["baton_stage"], told["baton_rejected_for"], told["baton_rating"]) == ("rejected", "not_now", "2")
    assert members(line, "Baton: later") == [contact]


def test_a_reason_that_is_said_after_the_status_still_joins_its_list(line: Pair) -> None:
    contact, lead = line.given()
    line.says(lead, Status="Unqualified")
    assert members(line, "Baton: later") == []
    line.says(lead, Rejection_Reason__c="Not now")
    assert line.contact(contact)["baton_rejected_for"] == "not_now"
    assert members(line, "Baton: later") == [contact]


def test_another_reason_leaves_the_list_of_the_first(line: Pair) -> None:
    contact, lead = line.given()
    line.says(lead, Status="Unqualified", Rejection_Reason__c="Not now")
    line.says(lead, Rejection_Reason__c="Not a fit")
    assert line.contact(contact)["baton_rejected_for"] == "wrong_fit"
    assert members(line, "Baton: later") == []


def test_a_lead_that_is_taken_up_again_is_open_again_and_leaves_the_list(line: Pair) -> None:
    contact, lead = line.given()
    line.says(lead, Status="Unqualified", Rejection_Reason__c="Not now")
    line.says(lead, Status="Working")
    handoff = line.handoff(contact)
    assert (line.lead(contact).stage, handoff.state, handoff.closed_at, handoff.reason) == ("sal", "open", None, "")
    assert members(line, "Baton: later") == []
    assert line.contact(contact).get("baton_rejected_for", "") == ""


def test_an_unknown_word_is_one_notice_which_closes_once_the_mapping_names_it(line: Pair) -> None:
    contact, lead = line.given()
    other, their = line.given("bo@firm.example")
    line.says(lead, Status="Nurturing")
    line.says(their, Status="Nurturing")
    assert len(notices(line)) == 1
    assert "Nurturing" in notices(line)[0]
    assert line.lead(contact).stage == "mql"
    (line.folder / "salesforce.toml").write_text(REASONS + '[read.stage.table]\nNurturing = "rejected"\n', "utf-8")
    line.reopen()
    line.sync(MINUTES)
    assert notices(line) == []
    # What was said while the word was not known counts from now on.
    assert (line.lead(contact).stage, line.lead(other).stage) == ("rejected", "rejected")


def test_a_rating_alone_is_told(line: Pair) -> None:
    contact, lead = line.given()
    line.says(lead, Lead_Quality__c=4)
    assert (line.handoff(contact).rating, line.contact(contact)["baton_rating"]) == (4, "4")


def test_the_first_contact_by_a_person_is_the_response_time(line: Pair) -> None:
    contact, lead = line.given()
    line.clock.move(600)
    line.org.log_call(lead, by="lena@northwind.example", subject="Sequencer: step 1")
    line.sync(MINUTES)
    assert line.handoff(contact).contacted_at is None
    line.clock.move(600)
    line.org.log_call(lead, by="lena@northwind.example")
    line.sync(MINUTES)
    line.clock.move(600)
    line.org.log_call(lead, by="lena@northwind.example")
    line.sync(MINUTES)
    assert line.contact(contact)["baton_contacted_in"] == "25"


def test_a_call_before_the_handoff_is_no_answer_to_it(line: Pair) -> None:
    lead = line.org.create("Lead", {"LastName": "Weber", "Company": "Firm", "Email": "ana@firm.example"})
    line.org.log_call(lead, by="lena@northwind.example")
    line.sync(MINUTES)
    contact = line.person()
    line.asks_for_a_demo(contact)
    line.sync(MINUTES)
    line.sync(MINUTES)
    assert line.their_lead(contact) == lead
    assert line.handoff(contact).contacted_at is None


def test_our_own_task_is_a_reminder_and_doing_it_is_contact(line: Pair) -> None:
    contact, _ = line.given()
    (task,) = line.records("Task")
    line.says(task["Id"], Description="Called at noon\n\n" + task["Description"])
    assert line.handoff(contact).contacted_at is None


def test_a_person_gives_the_lead_to_somebody_else(line: Pair) -> None:
    contact, lead = line.given()
    line.says(lead, OwnerId="petra@northwind.example")
    assert (line.lead(contact).owner, line.handoff(contact).owner) == ("petra@northwind.example",) * 2
    assert line.contact(contact)["baton_owner"] == "petra@northwind.example"


def test_a_queue_is_nobody_and_somebody_who_left_stays_named(line: Pair) -> None:
    contact, lead = line.given()
    owner = line.lead(contact).owner
    line.says(lead, OwnerId=line.org.add_queue("Later"))
    assert line.lead(contact).owner == owner
    line.org.deactivate("karl@northwind.example")
    line.says(lead, OwnerId="karl@northwind.example")
    assert line.lead(contact).owner == "karl@northwind.example"
    line.says(lead, Status="Working")
    assert line.records("Lead")[0]["OwnerId"] == line.org.user("karl@northwind.example")


def test_feedback_while_nobody_reads_comes_all_at_once(line: Pair) -> None:
    contact, lead = line.given()
    line.clock.move(timedelta(days=3).total_seconds())
    line.org.edit(lead, {"Status": "Working"}, by="lena@northwind.example")
    line.clock.move(3600)
    line.org.edit(lead, {"Status": "Unqualified", "Rejection_Reason__c": "Not now"}, by="lena@northwind.example")
    line.sync(MINUTES)
    assert (line.lead(contact).stage, line.handoff(contact).reason) == ("rejected", "not_now")
