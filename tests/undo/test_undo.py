"""A run is taken back where what it wrote still stands; the rest is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.model import sentences
from connector.model.before_image import BeforeImage
from connector.runs.rows import our_key
from connector.runs.undo import undo
from connector.runs.undone import Undone
from tests.line import Line

STEP = timedelta(minutes=5)
#: Everything that a CRM tells, and a run that may change everybody.
SETTINGS = 'crm_streams = ["user", "lead", "contact", "task"]\nreports_deletes = true\n'
FLOW = 'changes_per_run = "100 %"\n'


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path, crm_settings=SETTINGS, flow=FLOW)
    yield made
    made.app.close()


def given(line: Line, people: int) -> int:
    """So many people are handed over; returns the run's number."""
    for number in range(1, people + 1):
        line.person(number)
        line.did(number, "demo_request")
    result = line.sync(STEP)
    assert result.failures == []
    return result.run_id


def changed(line: Line, people: int, title: str = "CTO") -> int:
    """Marketing says another title of all of them; returns the run's number."""
    line.now += STEP
    for number in range(1, people + 1):
        line.person(number, job_title=title)
    return line.sync(STEP).run_id


def take_back(line: Line, run: int, **how: Any) -> Undone:
    line.now += STEP
    return undo(line.app.runtime(), line.app.rows, run, **how)


def titles(line: Line) -> Counter[str | None]:
    return Counter(one.values.get("job_title") for one in line.crm.things("lead"))


def ids(line: Line, *numbers: int) -> list[str]:
    with line.app.store.read() as tx:
        store = tx.admin.store_id()
        keys = [our_key(store, line.lead(number).id) for number in numbers]
        return [tx.outbox.receipts("crm", "lead", [key])[key].crm_id for key in keys]


@pytest.mark.parametrize("many", [250, pytest.param(1000, marks=pytest.mark.servers)])
def test_of_hundreds_those_that_people_edited_are_left_and_named(tmp_path: Path, many: int) -> None:
    # A CRM that is not read back: the edits are seen by asking alone.
    line = Line(tmp_path, crm_settings='objects = ["lead", "task"]\n', flow=FLOW)
    given(line, many)
    run = changed(line, many)
    assert titles(line) == {"CTO": many}
    edited = ids(line, *range(1, 101))
    for crm_id in edited:
        line.crm.edit(crm_id, {"job_title": "Chair"}, line.now)
    tried = take_back(line, run, dry_run=True)
    assert titles(line) == {"CTO": many - 100, "Chair": 100}
    done = take_back(line, run)
    assert (done.records, len(done.left)) == (tried.records, len(tried.left)) == (many - 100, 100)
    assert titles(line) == {"Director IT": many - 100, "Chair": 100}
    assert {(one.id, one.field, one.why) for one in done.left} == {
        (crm_id, "job_title", sentences.EDITED_SINCE) for crm_id in edited
    }
    line.app.close()


def test_what_was_taken_back_is_not_written_again_until_marketing_says_something_else(line: Line) -> None:
    given(line, 3)
    run = changed(line, 3)
    assert take_back(line, run).records == 3
    for _ in range(3):
        line.sync(STEP)
        assert titles(line) == {"Director IT": 3}
    line.now += STEP
    line.person(1, job_title="CTO", city="Berlin")
    line.person(2, job_title="CEO")
    line.sync(STEP)
    assert titles(line) == {"Director IT": 2, "CEO": 1}
    assert [one.values["city"] for one in line.crm.things("lead") if "city" in one.values] == ["Berlin"]
    line.person(2, job_title="CTO")
    line.sync(STEP)
    assert titles(line) == {"Director IT": 2, "CTO": 1}


def test_taken_back_twice_is_taken_back_once(line: Line) -> None:
    given(line, 3)
    run = changed(line, 3)
    take_back(line, run)
    writes = len(line.crm.calls("write"))
    again = take_back(line, run)
    assert (again.records, again.already, again.left) == (0, 3, [])
    assert len(line.crm.calls("write")) == writes


def test_a_field_that_was_blank_before_is_blank_again(line: Line) -> None:
    given(line, 1)
    line.now += STEP
    line.person(1, city="Berlin")
    run = line.sync(STEP).run_id
    assert line.crm.things("lead")[0].values["city"] == "Berlin"
    assert take_back(line, run).fields == 1
    assert line.crm.things("lead")[0].values["city"] is None
    line.sync(STEP)
    assert line.crm.things("lead")[0].values["city"] is None


def test_an_undo_is_a_run_and_is_taken_back_in_turn(line: Line) -> None:
    given(line, 3)
    run = changed(line, 3)
    by = take_back(line, run).by
    assert take_back(line, by).records == 3
    assert titles(line) == {"CTO": 3}
    line.sync(STEP)
    assert titles(line) == {"CTO": 3}


def test_only_one_lead_is_taken_back_where_that_is_asked_for(line: Line) -> None:
    given(line, 3)
    run = changed(line, 3)
    assert take_back(line, run, lead_id=line.lead(2).id).records == 1
    assert titles(line) == {"CTO": 2, "Director IT": 1}


def test_who_is_gone_or_merged_is_named(line: Line) -> None:
    given(line, 3)
    run = changed(line, 3)
    gone, merged, winner = ids(line, 1, 2, 3)
    line.crm.remove(gone)
    line.crm.remove(merged, merged_into=winner)
    done = take_back(line, run)
    assert {one.id: one.why for one in done.left} == dict.fromkeys((gone, merged), sentences.NOT_THERE_ANY_MORE)
    assert done.records == 1
    assert len(line.crm.things("lead")) == 1


def test_what_a_run_has_not_sent_yet_does_not_go_out_any_more(line: Line) -> None:
    given(line, 2)
    line.crm.fault("write", "throttled", retry_after=3600.0, times=5)
    run = changed(line, 2)
    assert titles(line) == {"Director IT": 2}
    assert take_back(line, run).withdrawn == 2
    line.crm.heal()
    for _ in range(3):
        line.sync(timedelta(hours=2))
    assert titles(line) == {"Director IT": 2}


class TestHandovers:
    def test_one_that_has_not_gone_out_yet_is_closed_and_never_does(self, line: Line) -> None:
        line.app.crm("crm")
        line.crm.fault("write", "throttled", retry_after=3600.0, times=50)
        run = given(line, 2)
        assert line.crm_counts() == {}
        done = take_back(line, run)
        assert (done.closed, done.withdrawn) == (2, 6)
        line.crm.heal()
        for _ in range(3):
            line.sync(timedelta(hours=2))
        assert line.crm_counts() == {}
        assert [one.reason for one in line.handoffs("closed")] == ["taken_back"] * 2

    def test_one_of_which_only_half_has_gone_out_is_closed_and_marked(self, line: Line) -> None:
        line.app.crm("crm")
        line.crm.fault("write", "throttled", retry_after=3600.0, passes=1, times=50)
        run = given(line, 2)
        assert line.crm_counts() == {"lead": 2}
        line.crm.heal()
        done = take_back(line, run)
        assert (done.closed, done.withdrawn) == (2, 4)
        for _ in range(3):
            line.sync(timedelta(hours=2))
        assert [one.values["stage"] for one in line.crm.things("lead")] == ["rejected"] * 2
        assert line.crm_counts() == {"lead": 2, "note": 2}

    def test_what_the_crm_refuses_is_counted(self, line: Line) -> None:
        given(line, 2)
        run = changed(line, 2)
        with line.app.store.read() as tx:
            line.crm.poison(our_key(tx.admin.store_id(), line.lead(1).id))
        done = take_back(line, run)
        assert (done.records, done.waiting, done.refused) == (2, 0, 1)

    def test_they_are_closed_and_marked_and_nobody_is_handed_over_again(self, line: Line) -> None:
        run = given(line, 2)
        done = take_back(line, run)
        assert (done.closed, done.deleted) == (2, 0)
        assert [one.values["stage"] for one in line.crm.things("lead")] == ["rejected"] * 2
        assert [one.values["is_open"] for one in line.crm.things("task")] == [False] * 2
        notes = [one.values["text"] for one in line.crm.things("note")]
        assert sum(f"handover of run {run} no longer counts" in text for text in notes) == 2
        assert [one.reason for one in line.handoffs("closed")] == ["taken_back"] * 2
        counts = line.crm_counts()
        line.person(1, job_title="CEO")
        for _ in range(3):
            line.sync(STEP)
        assert line.crm_counts() == counts
        assert {line.lead(number).stage for number in (1, 2)} == {"rejected"}

    def test_one_that_a_rep_works_with_is_left(self, line: Line) -> None:
        run = given(line, 2)
        crm_id, _ = ids(line, 1, 2)
        line.crm.edit(crm_id, {"stage": "sal"}, line.now)
        done = take_back(line, run)
        assert done.closed == 1
        assert [(one.id, one.why) for one in done.left] == [(crm_id, sentences.WORKED_ON)]
        assert line.crm.thing(crm_id).values["stage"] == "sal"  # type: ignore[union-attr]

    def test_they_are_given_again_where_the_undo_is_taken_back(self, line: Line) -> None:
        by = take_back(line, given(line, 2)).by
        line.sync(STEP)
        take_back(line, by)
        line.sync(STEP)
        assert [one.values["stage"] for one in line.crm.things("lead")] == ["mql"] * 2
        assert len(line.handoffs("open")) == 2
        assert {line.lead(number).stage for number in (1, 2)} == {"mql"}
        assert line.crm_counts()["lead"] == 2

    def test_those_that_nobody_touched_are_deleted_where_that_is_asked_for(self, line: Line) -> None:
        run = given(line, 3)
        edited, called, untouched = ids(line, 1, 2, 3)
        line.now += STEP
        line.crm.edit(edited, {"city": "Bonn"}, line.now)
        line.crm.make("task", {"subject": "Lunch", "person": called}, line.now)
        done = take_back(line, run, delete=True)
        assert (done.closed, done.deleted) == (2, 3)
        assert {one.id for one in done.left if one.why == sentences.TOUCHED} == {edited, called}
        assert [one.crm_id for one in line.crm.things("lead")] == [edited, called]
        assert line.crm.thing(untouched).gone  # type: ignore[union-attr]
        line.person(3, job_title="CEO")
        for _ in range(2):
            line.sync(STEP)
        assert len(line.crm.things("lead")) == 2

    def test_a_deletion_that_was_interrupted_goes_on(self, line: Line) -> None:
        run = given(line, 2)
        line.crm.fault("delete", "timeout")
        first = take_back(line, run, delete=True)
        assert [one.why for one in first.left] != []
        assert len(line.crm.things("lead")) + len(line.crm.things("task")) + len(line.crm.things("note")) > 0
        take_back(line, run, delete=True)
        assert line.crm_counts() == {}


def test_an_opt_out_is_not_taken_back(line: Line) -> None:
    line.person(1, **{"consent.email": True})
    line.did(1, "demo_request")
    line.sync(STEP)
    crm_id = ids(line, 1)[0]
    line.now += STEP
    line.person(1, job_title="CTO", **{"consent.email": False})
    run = line.sync(STEP).run_id
    with line.app.store.write() as tx:
        key = our_key(tx.admin.store_id(), line.lead(1).id)
        out = BeforeImage(
            run, "crm", "lead", key, crm_id, {"consent.email": False}, {"consent.email": True}, False, line.now
        )
        tx.images.add([out])
    done = take_back(line, run)
    values = line.crm.thing(crm_id).values  # type: ignore[union-attr]
    assert (values["job_title"], values["consent.email"]) == ("Director IT", False)
    assert [(one.field, one.why) for one in done.left] == [("consent.email", sentences.CONSENT_STAYS)]


def test_nothing_else_that_waits_goes_out_with_it(line: Line) -> None:
    given(line, 2)
    run = changed(line, 1)
    line.crm.fault("write", "throttled", retry_after=240.0)
    line.person(2, job_title="Chair")
    line.sync(timedelta(minutes=1))
    assert take_back(line, run).records == 1
    assert titles(line) == {"Director IT": 2}
    line.sync(STEP)
    assert titles(line) == {"Director IT": 1, "Chair": 1}
