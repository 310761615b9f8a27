"""Every fault a call to the CRM can meet: in the end each object is there once, or its row says why not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters._world import FaultKind
from connector.model.errors import AuthError
from tests.line import Line

CRMS = {
    "unique key": "",
    "chosen id, duplicates refused": 'unique_key = "chosen_id"\non_duplicate = "refuse"',
    "all or nothing, by position": 'batch = "all_or_nothing"\ncorrelate = "position"',
    "only searched, with lag": 'unique_key = "none"\nfind = "search"\nsettle = 5\nlag = 20',
}
ONE_EACH = {"lead": 1, "task": 1, "note": 1}


@pytest.fixture(params=CRMS)
def line(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path, crm_settings=CRMS[request.param])
    made.person(1)
    made.did(1, "demo_request")
    yield made
    made.app.close()


def settle(line: Line) -> None:
    """Let time pass until everything is quiet."""
    for _ in range(6):
        line.sync(timedelta(minutes=5))


@pytest.mark.parametrize("kind", ["done", "timeout", "cut", "server_error", "throttled", "no_connection"])
@pytest.mark.parametrize("passes", [0, 1, 2])
def test_a_fault_on_any_call_leaves_one_of_each(line: Line, kind: FaultKind, passes: int) -> None:
    line.crm.fault("write", kind, passes=passes)
    line.sync()
    settle(line)
    assert line.crm_counts() == ONE_EACH
    assert {row.state for row in line.outbox()} == {"done"}


def test_three_faults_in_a_row_leave_one_of_each(line: Line) -> None:
    line.crm.fault("write", "done", times=3)
    line.sync()
    settle(line)
    settle(line)
    assert line.crm_counts() == ONE_EACH


def test_a_look_up_that_fails_is_made_again(line: Line) -> None:
    line.crm.fault("write", "done")
    line.crm.fault("find", "server_error")
    line.sync()
    settle(line)
    assert line.crm_counts() == ONE_EACH


def test_what_cannot_be_told_is_parked_and_freed_by_a_person(line: Line) -> None:
    line.crm.fault("write", "timeout")
    line.crm.fault("find", "unreliable")
    line.sync()
    settle(line)
    (parked,) = line.outbox("parked")
    assert parked.object == "lead"
    with line.app.store.write() as tx:
        assert tx.outbox.release([parked.id], "waiting", line.now) == 1
    settle(line)
    assert line.crm_counts() == ONE_EACH


def test_nothing_waits_longer_than_the_platform_asked_for(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.person(1)
    line.did(1, "demo_request")
    line.crm.fault("write", "throttled", retry_after=300)
    line.sync()
    line.sync(timedelta(seconds=299))
    assert line.crm_counts() == {}
    line.sync(timedelta(seconds=1))
    assert line.crm_counts() == ONE_EACH
    line.app.close()


def test_a_refused_sign_in_parks_that_connection_only_and_loses_nothing(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.person(1)
    line.did(1, "demo_request")
    line.crm.fault("write", "refused")
    result = line.sync()
    ((connection, error),) = result.failures
    assert (connection, type(error)) == ("crm", AuthError)
    assert line.lead(1).stage == "mql"
    line.sync(timedelta(minutes=5))
    assert line.crm_counts() == ONE_EACH
    line.app.close()


def test_a_poison_record_is_a_dead_letter_and_the_others_go_on(tmp_path: Path) -> None:
    line = Line(tmp_path)
    for number in (1, 2):
        line.person(number)
        line.did(number, "demo_request")
    line.sync()
    line.app.close()
    again = Line(tmp_path)
    key = again.crm.things("lead")[0].our_key
    again.crm.poison(key, "not in the picklist", "INVALID_PICKLIST", "city")
    again.now += timedelta(hours=1)
    for number in (1, 2):
        again.person(number, city="Bonn")
    again.sync()
    (dead,) = again.outbox("dead")
    assert (dead.reason, dead.code, dead.field) == ("not in the picklist", "INVALID_PICKLIST", "city")
    assert [thing.values.get("city") for thing in again.crm.things("lead")] == [None, "Bonn"]
    again.crm.cure(key)
    again.now += timedelta(hours=1)
    again.person(1, city="Köln")
    again.sync()
    assert again.outbox("dead") == [], "a newer revision clears the dead letter"
    assert [thing.values.get("city") for thing in again.crm.things("lead")] == ["Köln", "Bonn"]
    again.app.close()


def test_what_a_person_deleted_is_not_made_again(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    (lead,) = line.crm.things("lead")
    line.crm.remove(lead.crm_id)
    line.now += timedelta(hours=1)
    line.person(1, city="Bonn")
    line.sync()
    settle(line)
    assert line.crm.things("lead") == []
    line.app.close()
