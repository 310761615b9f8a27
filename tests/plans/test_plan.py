"""A plan says of every record what would happen to it, against what stands in the CRM at that moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.model import sentences
from connector.model.outbox import CONSENT, LANES, OutboxRow
from connector.model.plans import Plan, PlannedField, PlannedRow
from connector.runs.planning import making
from tests.line import Line
from tests.plans.ground import (
    FLOW,
    SETTINGS,
    STEP,
    actions,
    applied,
    changed,
    kept,
    line_at,
    made,
    read,
    read_again,
    words,
)  # fmt: skip


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    one = line_at(tmp_path)
    yield one
    one.app.close()


@pytest.fixture
def given(line: Line) -> Line:
    """Three people whom a rep has; by now their title is another one in marketing."""
    line.sync(STEP)
    changed(line, 3, job_title="CTO")
    return line


def row_of(plan: Plan, line: Line, number: int) -> PlannedRow:
    (row,) = [one for one in plan.rows if one.lead_id == line.lead(number).id]
    return row


def field(row: PlannedRow, name: str) -> PlannedField:
    (one,) = [one for one in row.fields if one.name == name]
    return one


def crm_id(line: Line, number: int) -> str:
    return row_of(made(line), line, number).crm_id


def test_who_is_not_there_is_created_with_all_that_hangs_on_it(line: Line) -> None:
    read(line)
    before = line.crm_counts()
    plan = made(line)
    assert actions(plan) == {"create": 3}
    row = plan.rows[0]
    assert (row.also, row.opens, row.team, row.owner) == (("task", "note"), True, "sales", "lena@northwind.example")
    assert field(row, "email") == PlannedField("email", None, "ana1@firm.example", True)
    assert line.crm_counts() == before == {}
    assert line.outbox() == []
    assert line.handoffs("waiting") == line.handoffs("open") == []


def test_a_change_shows_the_live_value_and_the_new_one(given: Line) -> None:
    plan = made(given)
    assert actions(plan) == {"update": 3}
    assert [one.name for one in plan.rows[0].fields] == ["job_title"]
    assert plan.rows[0].fields[0] == PlannedField("job_title", "Director IT", "CTO", True)


def test_what_a_person_changed_since_it_was_read_is_a_conflict_with_both_values(given: Line) -> None:
    given.crm.edit(crm_id(given, 2), {"job_title": "Head of IT"}, given.now)
    row = row_of(made(given), given, 2)
    assert (row.action, row.kind) == ("conflict", sentences.CHANGED_SINCE_READ)
    assert row.fields == (PlannedField("job_title", "Head of IT", "CTO", True),)


def test_what_says_so_already_is_left(given: Line) -> None:
    given.crm.edit(crm_id(given, 2), {"job_title": "CTO"}, given.now)
    row = row_of(made(given), given, 2)
    assert (row.action, row.kind) == ("skip", sentences.SAYS_IT_ALREADY)


def test_who_is_gone_there_is_not_made_again(given: Line) -> None:
    given.crm.remove(crm_id(given, 2))
    row = row_of(made(given), given, 2)
    assert (row.action, row.reason) == ("skip", "gone in crm, and not made again")


def test_a_field_that_the_crm_does_not_tell_is_unknown_and_never_blank(tmp_path: Path) -> None:
    line = line_at(tmp_path, 1, settings=SETTINGS + "tells_blank = true\n")
    line.sync(STEP)
    changed(line, 1, phone="+49301234567")
    row = row_of(made(line), line, 1)
    assert (row.action, field(row, "phone")) == ("update", PlannedField("phone", None, "+49301234567", False))
    line.app.close()


def test_a_record_that_could_not_be_asked_about_is_unknown_and_not_written(given: Line) -> None:
    given.crm.fault("find", "unreliable", times=1)
    plan = made(given)
    assert {(row.action, row.kind) for row in plan.rows} == {("unknown", "crm cannot tell what stands there")}
    assert all(not one.known and one.old is None for row in plan.rows for one in row.fields)
    assert applied(given, kept(given, plan)).planned == 0


def test_a_crm_that_is_away_leaves_all_unknown_and_says_why(given: Line) -> None:
    given.crm.fault("find", "server_error", times=1)
    plan = made(given)
    assert {row.kind for row in plan.rows} == {"crm could not be asked"}
    assert all("server_error" in row.reason for row in plan.rows)


def test_whoever_came_in_since_is_met_and_not_made_twice(line: Line) -> None:
    line.sync(STEP)
    line.person(4)
    line.did(4, "demo_request")
    read(line)
    there = line.crm.make("lead", {"email": "ana4@firm.example", "name": "Ana"}, line.now)
    row = row_of(made(line), line, 4)
    assert (row.action, row.crm_id, row.kind) == ("update", there, "an open lead that is there already")
    assert applied(line, kept(line, made(line))).written == 1
    assert line.crm_counts()["lead"] == 4


def test_a_task_on_a_record_of_somebody_elses_is_planned_as_that(line: Line) -> None:
    read(line)
    there = line.crm.make("contact", {"email": "ana2@firm.example", "name": "Ana"}, line.now)
    plan = made(line)
    row = row_of(plan, line, 2)
    assert (row.action, row.object, row.crm_id, row.also) == ("create", "task", there, ("note",))
    assert applied(line, kept(line, plan)).written == 3
    assert line.crm_counts() == {"lead": 2, "contact": 1, "task": 3, "note": 3}


def test_what_an_earlier_run_has_put_up_is_not_the_plans(given: Line) -> None:
    given.crm.fault("write", "throttled", times=9, retry_after=3600)
    given.sync()
    plan = made(given)
    assert {(row.action, row.kind) for row in plan.rows} == {("skip", sentences.WAITS_ALREADY)}


def test_an_opt_out_on_its_way_keeps_no_record_out_of_the_plan(given: Line) -> None:
    row = row_of(made(given), given, 2)
    key = f"crm:lead:{row.our_key}:{CONSENT}"
    said = OutboxRow(
        "crm", "state", "lead", row.our_key, key, {"opted_out": True}, row.lead_id, CONSENT, LANES["consent"]
    )
    with given.app.store.write() as tx:
        tx.outbox.put([said], given.now)
    plan = made(given)
    assert row_of(plan, given, 2) == row
    assert applied(given, kept(given, plan)).states == {("crm", "lead", "done"): 3}
    assert [one.key for one in given.outbox("waiting")] == [key]


def test_from_the_store_alone_nobody_is_asked_and_old_values_are_those_that_were_read(given: Line) -> None:
    calls = len(given.crm.calls())
    asked = making.Asked()
    plan = making.stored(given.app.runtime(), given.app.rows(), words(given), asked, lambda _name: [])
    assert len(given.crm.calls()) == calls
    assert (plan.asked, actions(plan)) == (False, {"update": 3})
    assert plan.rows[0].fields == (PlannedField("job_title", "Director IT", "CTO", True),)


def test_asking_for_one_lead_shows_one(given: Line) -> None:
    lead = given.lead(2).id
    assert [row.lead_id for row in made(given, only=lead).rows] == [lead]
    assert made(given, flow="other").rows == ()


def test_a_document_says_what_the_plan_said(given: Line) -> None:
    plan = made(given)
    assert read_again(given, kept(given, plan)) == plan


@pytest.mark.parametrize("mode", ["review", "observe"])
def test_as_live_shows_what_a_flow_would_do(tmp_path: Path, mode: str) -> None:
    line = line_at(tmp_path, mode=mode, flow=FLOW)
    line.sync(STEP)
    assert actions(made(line)) == {"skip": 3}
    assert actions(made(line, as_live=True)) == {"create": 3}
    line.app.close()


COSTS: dict[str, tuple[str, int, dict[str, int]]] = {
    "creates": ("max_batch = 2\n", 5, {"lead create": 3, "task create": 3, "note create": 3}),
    "apart": ("max_batch = 100\n", 5, {"lead create": 1, "task create": 1, "note create": 1}),
}


@pytest.mark.parametrize("name", COSTS)
def test_the_plans_calls_are_those_of_the_crms_own_ledger(tmp_path: Path, name: str) -> None:
    settings, people, expected = COSTS[name]
    line = line_at(tmp_path, people, settings=SETTINGS + settings)
    read(line)
    plan = made(line)
    written = {what: count for what, count in plan.cost["crm"].calls.items() if not what.startswith("ask")}
    assert written == expected
    done = applied(line, kept(line, plan))
    assert len(line.crm.calls("write")) == sum(expected.values())
    assert done.states == {("crm", what, "done"): people for what in ("lead", "task", "note")}
    line.app.close()


def test_the_same_question_is_asked_when_it_is_applied_as_the_plan_says(line: Line) -> None:
    read(line)
    plan, before = made(line), len(line.crm.calls("find")) + len(line.crm.calls("look_up"))
    applied(line, kept(line, plan))
    asked = sum(count for what, count in plan.cost["crm"].calls.items() if what.startswith("ask"))
    assert len(line.crm.calls("find")) + len(line.crm.calls("look_up")) - before == asked
