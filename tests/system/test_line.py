"""The line, end to end, between platforms in memory: what each pass does, and what it does not."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.app import place
from connector.runs.release import release_flow, release_lead
from connector.runs.rescore import rescore
from tests.line import START, Line


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path)
    yield made
    made.app.close()


def test_who_asked_for_a_demo_is_handed_over_with_task_and_note(line: Line) -> None:
    line.person(1)
    line.did(1, "demo_request")
    result = line.sync()
    assert not result.failures
    assert line.crm_counts() == {"lead": 1, "task": 1, "note": 1}
    lead = line.lead(1)
    assert (lead.stage, lead.owner) == ("mql", "lena@northwind.example")
    (thing,) = line.crm.things("lead")
    assert thing.values["owner"] == "lena@northwind.example"
    (note,) = line.crm.things("note")
    assert "Ana Weber" in note.values["text"]
    assert note.parent_id == thing.crm_id


def test_a_second_pass_writes_nothing(line: Line) -> None:
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    calls = len(line.crm.calls("write"))
    result = line.sync(timedelta(minutes=2))
    assert len(line.crm.calls("write")) == calls
    assert result.counts["new leads"] == result.counts["activities"] == result.counts["scored"] == 0


def test_who_did_nothing_stays_known(line: Line) -> None:
    line.person(1, job_title="Clerk")
    line.sync()
    assert line.lead(1).stage == "known"
    assert line.crm_counts() == {}


def test_turns_go_round(line: Line) -> None:
    for number in range(4):
        line.person(number)
        line.did(number, "demo_request")
    line.sync()
    owners = [thing.values["owner"] for thing in line.crm.things("lead")]
    assert sorted(owners) == ["lena@northwind.example"] * 2 + ["tom@northwind.example"] * 2


def test_only_what_differs_is_sent_when_a_lead_in_hand_changes(line: Line) -> None:
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    line.now += timedelta(hours=1)
    line.person(1, city="Bonn")
    line.sync()
    (change,) = line.crm.effects("updated")
    assert change.values == {"city": "Bonn"}
    assert line.crm_counts() == {"lead": 1, "task": 1, "note": 1}


def test_activities_that_come_before_their_person_wait_for_them(line: Line) -> None:
    line.did(1, "demo_request")
    first = line.sync()
    assert first.counts["activities of people not known"] == 1
    line.person(1)
    line.sync(timedelta(minutes=2))
    assert line.lead(1).stage == "mql"


def test_a_lead_that_lacks_a_required_field_waits_and_goes_once_it_is_there(line: Line) -> None:
    line.person(1, country="")
    line.did(1, "demo_request")
    line.sync()
    (item,) = line.waiting_for_people("missing_fields")
    assert item.field == "country"
    assert line.crm_counts() == {}
    line.now += timedelta(hours=1)
    line.person(1)
    line.sync()
    assert line.waiting_for_people("missing_fields") == []
    assert line.crm_counts()["lead"] == 1


def test_a_person_whose_email_changes_stays_the_same_lead(line: Line) -> None:
    line.person(1)
    line.sync()
    before = line.lead(1).id
    line.now += timedelta(hours=1)
    line.person(1, email="ana.new@firm.example")
    line.sync()
    assert (line.lead(1).id, line.lead(1).fields["email"]) == (before, "ana.new@firm.example")


def test_a_record_without_a_usable_value_costs_that_field_only(line: Line) -> None:
    line.person(1, **{"company.employees": "many"})
    line.did(1, "demo_request")
    result = line.sync()
    assert result.counts["new leads"] == 1
    assert line.lead(1).stage == "mql"


def test_observe_decides_and_writes_nothing(tmp_path: Path) -> None:
    line = Line(tmp_path, mode="observe")
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    assert line.lead(1).stage == "mql"
    assert [handoff.state for handoff in line.handoffs("observed")] == ["observed"]
    assert line.outbox() == []
    line.app.close()


def test_what_was_observed_goes_out_when_the_flow_goes_live(tmp_path: Path) -> None:
    line = Line(tmp_path, mode="observe")
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    world = line.portal
    line.app.close()
    live = Line(tmp_path, mode="live")
    assert live.portal is world
    live.sync(timedelta(days=1))
    assert live.crm_counts()["lead"] == 1
    live.app.close()


def test_all_that_was_observed_goes_out_at_once_however_much_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from state.handoffs import HandoffsOfStore

    monkeypatch.setattr(HandoffsOfStore.in_state, "__defaults__", (2,))
    line = Line(tmp_path, mode="observe")
    for number in range(5):
        line.person(number)
        line.did(number, "demo_request")
    line.sync()
    line.app.close()
    live = Line(tmp_path, mode="live")
    live.sync()
    assert live.crm_counts()["lead"] == 5
    live.app.close()


def test_review_holds_each_lead_until_a_person_releases_it(tmp_path: Path) -> None:
    line = Line(tmp_path, mode="review")
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    assert len(line.handoffs("review")) == 1
    handoff = release_lead(line.app.runtime(), line.app.rows, line.lead(1).id, "petra")
    assert handoff is not None
    assert handoff.released_by == "petra"
    line.sync()
    assert line.crm_counts()["lead"] == 1
    line.app.close()


def test_what_waited_behind_the_daily_limit_is_reviewed_too_once_the_flow_is(tmp_path: Path) -> None:
    live = Line(tmp_path, flow="handoffs_per_day = 1")
    for number in (1, 2):
        live.person(number)
        live.did(number, "demo_request")
    live.sync()
    assert live.crm_counts()["lead"] == 1
    crm = live.crm
    live.app.close()
    review = Line(tmp_path, mode="review")
    review.sync(timedelta(days=2))
    assert review.crm is crm
    assert len(review.handoffs("review")) == 1
    assert review.crm_counts()["lead"] == 1
    review.app.close()


def test_what_a_person_released_goes_out_as_soon_as_somebody_is_there(tmp_path: Path) -> None:
    line = Line(tmp_path, mode="review")
    text = (tmp_path / "config.toml").read_text("utf-8")
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    line.reopen(text.replace('{ to = "sales" }', '{ when = { field = "country", is = "JP" }, to = "sales" }'))
    assert release_lead(line.app.runtime(), line.app.rows, line.lead(1).id, "petra") is not None
    assert len(line.handoffs("nobody")) == 1
    line.reopen(text)
    line.sync()
    assert line.crm_counts()["lead"] == 1
    line.app.close()


def test_a_day_takes_as_many_as_it_may_and_the_best_go_first(tmp_path: Path) -> None:
    line = Line(tmp_path, flow="handoffs_per_day = 2")
    for number in range(5):
        line.person(number, job_title="Director IT" if number >= 3 else "Clerk")
        line.did(number, "demo_request")
    line.sync()
    assert {thing.values["email"] for thing in line.crm.things("lead")} == {"ana3@firm.example", "ana4@firm.example"}
    line.sync(timedelta(hours=1))
    assert line.crm_counts()["lead"] == 2
    line.sync(timedelta(days=1))
    assert line.crm_counts()["lead"] == 4
    line.app.close()


def test_who_was_over_the_line_before_the_start_is_scored_and_not_handed_over(tmp_path: Path) -> None:
    line = Line(tmp_path, flow="start = 2026-11-20")
    line.person(1)
    line.did(1, "demo_request", START - timedelta(days=5))
    line.person(2)
    line.did(2, "demo_request", START - timedelta(minutes=5))
    line.sync()
    assert line.lead(1).stage == line.lead(2).stage == "mql"
    assert [handoff.lead_id for handoff in line.handoffs("before_start")] == [line.lead(1).id]
    assert [thing.values["email"] for thing in line.crm.things("lead")] == ["ana2@firm.example"]
    line.app.close()


def test_an_emptied_source_parks_its_flows_until_a_person_has_looked(line: Line) -> None:
    line.person(1)
    line.sync()
    line.portal.empty("contacts")
    line.sync(timedelta(hours=1))
    (item,) = line.waiting_for_people("parked_flow")
    assert item.flow == "b2b"
    line.now += timedelta(hours=1)
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    assert line.crm_counts() == {}
    assert release_flow(line.app.runtime(), "b2b")
    line.sync()
    assert line.crm_counts()["lead"] == 1


def test_changed_criteria_judge_everyone_again(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.person(1)
    line.sync()
    assert line.lead(1).stage == "warm"
    line.app.close()
    easier = Line(tmp_path, flow="gates = { mql = { field = 'job_level', at_least = 'director' } }")
    result = easier.sync()
    assert result.changed_criteria == ["b2b"]
    assert easier.lead(1).stage == "mql"
    with easier.app.store.read() as tx:
        assert len(tx.ledgers.criteria("b2b")) == 2
    easier.app.close()


def test_a_score_that_faded_falls_back_by_time_alone_only_before_the_handoff(tmp_path: Path) -> None:
    line = Line(tmp_path, flow="handoffs_per_day = 1")
    for number in (1, 2):
        line.person(number, job_title="Clerk")
        line.did(number, "demo_request")
    line.sync()
    stages = {line.lead(number).stage for number in (1, 2)}
    assert stages == {"mql"}
    (kept,) = [handoff.lead_id for handoff in line.handoffs("waiting")]
    line.now += timedelta(days=200)
    rescore(line.app.runtime(), line.app.rows(), Counter())
    fallen = [number for number in (1, 2) if line.lead(number).stage != "mql"]
    assert [line.lead(number).id for number in fallen] == [kept]
    assert line.handoffs("waiting") == []
    line.app.close()


def test_who_becomes_hot_while_waiting_goes_first(tmp_path: Path) -> None:
    line = Line(tmp_path, flow="handoffs_per_day = 1")
    for number in (1, 2, 3):
        line.person(number, job_title="Clerk")
        line.did(number, "demo_request", START - timedelta(days=number))
    line.sync()
    assert [thing.values["email"] for thing in line.crm.things("lead")] == ["ana1@firm.example"]
    line.did(3, "pricing_view")
    line.sync(timedelta(days=1))
    assert [thing.values["email"] for thing in line.crm.things("lead")][1:] == ["ana3@firm.example"]
    line.app.close()


def test_where_nobody_was_there_the_lead_goes_once_somebody_is(line: Line) -> None:
    config = line.folder / "config.toml"
    text = config.read_text("utf-8")
    line.person(1)
    line.did(1, "demo_request")
    line.reopen(text.replace('.example" }', '.example", open_at_most = 1 }'))
    for number in (1, 2, 3):
        line.person(number)
        line.did(number, "demo_request")
    line.sync()
    (stranded,) = line.handoffs("nobody")
    assert line.crm_counts()["lead"] == 2
    line.reopen(text)
    line.sync()
    assert line.crm_counts()["lead"] == 3
    assert stranded.routed_by != ""


def test_who_was_over_the_line_before_the_start_goes_out_once_they_ask_again(tmp_path: Path) -> None:
    line = Line(tmp_path, flow="start = 2026-11-20")
    line.person(1)
    line.did(1, "demo_request", START - timedelta(days=5))
    line.sync()
    assert [handoff.state for handoff in line.handoffs("before_start")] == ["before_start"]
    line.now += timedelta(days=1)
    line.person(1, city="Bonn")
    line.sync()
    assert line.crm_counts() == {}
    line.now += timedelta(days=1)
    line.did(1, "demo_request")
    line.sync()
    assert line.crm_counts()["lead"] == 1
    line.app.close()


def test_a_flow_that_only_observes_again_writes_nothing_more(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    text = (tmp_path / "config.toml").read_text("utf-8")
    line.reopen(text.replace('mode = "live"', 'mode = "observe"'))
    line.now += timedelta(hours=1)
    line.person(1, city="Bonn")
    line.sync()
    assert line.crm.effects("updated") == []
    line.app.close()


def test_a_text_that_is_no_address_does_not_stand_for_the_required_email(line: Line) -> None:
    line.person(1, email="to follow")
    line.did(1, "demo_request")
    line.sync()
    (item,) = line.waiting_for_people("missing_fields")
    assert item.field == "email"


def test_what_a_killed_process_had_leased_is_not_waited_for(line: Line) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    with line.app.store.write() as tx:
        assert tx.leases.take("pull:portal", f"{place()}:{child}:x:1", 120.0)
    line.person(1)
    assert line.sync().failures == []
    with line.app.store.write() as tx:
        assert tx.leases.take("pull:portal", f"{place()}:{os.getppid()}:x:1", 120.0)
    ((_, error),) = line.sync().failures
    assert "another process" in str(error)


def test_each_rep_reads_the_brief_in_their_own_language(line: Line) -> None:
    text = (line.folder / "config.toml").read_text("utf-8")
    line.reopen(text + '\n[people."tom@northwind.example"]\nlanguage = "ja"\n')
    for number in (1, 2):
        line.person(number)
        line.did(number, "demo_request")
    line.sync()
    tasks = {thing.values["owner"]: thing.values["subject"] for thing in line.crm.things("task")}
    assert tasks["lena@northwind.example"].startswith("Call ")
    assert not tasks["tom@northwind.example"].isascii()


def test_a_template_may_say_the_top_reasons(tmp_path: Path) -> None:
    (tmp_path / "crm.toml").write_text(
        '[write.lead]\nwhy = { template = "{{ top_reasons(2) }}", longest = 250 }\n', "utf-8"
    )
    line = Line(tmp_path, crm_settings='mapping = "crm.toml"')
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    (lead,) = line.crm.things("lead")
    assert lead.values["why"] == "Asked for a demo +25, Director or above +15"
    assert line.waiting_for_people("notice") == []
    line.app.close()
