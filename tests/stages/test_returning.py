"""Rejections and what follows: lists, times, data to be mended, and who comes back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from connector.runs import mend
from tests.stages.ground import DAY, HOUR, REASONS, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.asks()
    return made


def rejected(desk: Desk, reason: str) -> None:
    desk.says(stage="rejected", reason=reason)
    assert desk.lead(1).stage == "rejected"


class TestWhoIsNotReadyNow:
    def test_joins_the_list_of_the_reason_and_waits(self, desk: Desk) -> None:
        rejected(desk, "not_now")
        (handoff,) = desk.given()
        assert handoff.closed_at is not None
        assert handoff.back_at == handoff.closed_at + 90 * DAY
        assert desk.listed("later")
        desk.sync(60 * DAY)
        desk.did(1, "visit")
        desk.sync(HOUR)
        assert (desk.lead(1).stage, desk.listed("later")) == ("rejected", True)

    def test_comes_back_when_the_time_is_over_and_the_condition_holds(self, desk: Desk) -> None:
        rejected(desk, "not_now")
        desk.sync(91 * DAY)
        assert desk.lead(1).stage == "rejected"
        desk.did(1, "visit")
        desk.sync(DAY)
        # Who they are keeps them in the nurture band.
        assert (desk.lead(1).stage, desk.listed("later"), desk.listed("Baton: warm")) == ("warm", False, True)
        (handoff,) = desk.given()
        (event,) = desk.events(handoff, "returned")
        assert event.at == desk.now
        assert desk.moves()[-2].why == "recycled"
        assert desk.path() == ["mql", "rejected", "known", "warm"]

    def test_comes_back_by_time_alone_where_the_condition_held_all_along(self, desk: Desk) -> None:
        rejected(desk, "not_now")
        desk.now += 85 * DAY
        desk.did(1, "visit")
        desk.sync()
        assert desk.lead(1).stage == "rejected"
        desk.sync(6 * DAY)
        assert desk.lead(1).stage == "warm"

    def test_is_handed_over_again_by_a_new_demo_request_only(self, desk: Desk) -> None:
        rejected(desk, "unreachable")
        desk.sync(31 * DAY)
        assert desk.lead(1).stage == "warm"
        desk.sync(DAY)
        assert len(desk.given()) == 1
        desk.did(1, "demo_request")
        desk.sync(HOUR)
        first, second = desk.given()
        assert (first.state, second.state, desk.lead(1).stage) == ("closed", "open", "mql")
        assert desk.path() == ["mql", "rejected", "known", "warm", "mql"]
        # One record, and a task for each handoff.
        assert desk.crm_counts()["lead"] == 1
        assert desk.crm_counts()["task"] == 2


def test_who_comes_back_is_not_handed_over_by_what_was_rejected(tmp_path: Path) -> None:
    # The request of before still counts when the lead comes back.
    desk = Desk(tmp_path, flow='[flows.b2b.reasons]\nunreachable = { back_after = "7 days" }\n')
    desk.asks()
    rejected(desk, "unreachable")
    desk.sync(8 * DAY)
    desk.sync(DAY)
    assert desk.lead(1).stage in ("known", "warm")
    assert len(desk.given()) == 1
    desk.did(1, "demo_request")
    desk.sync(HOUR)
    assert [one.state for one in desk.given()] == ["closed", "open"]


def test_what_did_the_lead_while_it_was_away_takes_it_over_the_line(tmp_path: Path) -> None:
    desk = Desk(tmp_path, flow='[flows.b2b.reasons]\nunreachable = { back_after = "7 days" }\n')
    desk.asks()
    rejected(desk, "unreachable")
    desk.now += 5 * DAY
    desk.did(1, "demo_request")
    desk.sync()
    assert desk.lead(1).stage == "rejected"
    desk.sync(3 * DAY)
    assert [one.state for one in desk.given()] == ["closed", "open"]
    assert desk.path() == ["mql", "rejected", "known", "mql"]


class TestWrongFit:
    def test_stays_away_until_the_job_changes(self, desk: Desk) -> None:
        rejected(desk, "wrong_fit")
        desk.sync(400 * DAY)
        assert desk.lead(1).stage == "rejected"
        desk.person(1, job_title="CTO")
        desk.sync(DAY)
        assert desk.lead(1).stage == "warm"

    def test_is_handed_over_at_once_where_the_new_job_is_over_the_line(self, desk: Desk) -> None:
        rejected(desk, "wrong_fit")
        desk.now += DAY
        desk.person(1, job_title="CTO")
        desk.sync()
        assert [one.state for one in desk.given()] == ["closed", "open"]


class TestWrongData:
    def test_waits_in_the_fix_queue_and_is_handed_over_again_once_mended(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, flow='mend_by = "petra@northwind.example"\n' + REASONS)
        desk.asks()
        rejected(desk, "wrong_data")
        (item,) = desk.waiting_for_people("notice")
        assert item.body["owner"] == "petra@northwind.example"
        assert item.lead_id == desk.lead(1).id
        # Scored again and again, it stands there once.
        desk.sync(40 * DAY)
        (item,) = desk.waiting_for_people("notice")
        assert (item.seen, desk.lead(1).stage) == (1, "rejected")
        # The request is forty days old by now, and the gate does not hold any more: mended is mended.
        desk.person(1, phone="+49 30 901820")
        desk.sync(HOUR)
        assert [one.state for one in desk.given()] == ["closed", "open"]
        assert desk.waiting_for_people("notice") == []
        assert desk.path() == ["mql", "rejected", "known", "mql"]
        assert desk.moves()[-2].why == "recycled: its data was mended"

    def test_that_was_right_is_handed_over_again_by_hand(self, desk: Desk) -> None:
        rejected(desk, "wrong_data")
        items = desk.waiting_for_people("notice")
        assert mend.can_be_tried(items[0])
        mend.retry(desk.app.runtime(), desk.app.rows, items)
        desk.sync(HOUR)
        assert [one.state for one in desk.given()] == ["closed", "open"]

    def test_that_shows_somebody_else_is_not_handed_over(self, tmp_path: Path) -> None:
        gates = (
            '[flows.b2b.gates]\nmql = { activity = "demo_request", not = { field = "job_function", is = "student" } }\n'
        )
        desk = Desk(tmp_path, flow=gates + REASONS)
        desk.asks()
        rejected(desk, "wrong_data")
        desk.now += HOUR
        desk.person(1, job_title="Student")
        desk.sync()
        assert (desk.lead(1).stage, len(desk.given())) == ("known", 1)

    def test_is_no_more_where_the_rep_takes_it_back(self, desk: Desk) -> None:
        rejected(desk, "wrong_data")
        desk.says(stage="sal")
        desk.sync(HOUR)
        (handoff,) = desk.given()
        assert (handoff.state, handoff.back_at, desk.lead(1).stage) == ("open", None, "sal")
        assert desk.waiting_for_people("notice") == []


def test_a_lost_deal_comes_back_where_the_reasons_say_so(desk: Desk) -> None:
    desk.says(stage="lost")
    desk.sync(179 * DAY)
    assert desk.lead(1).stage == "lost"
    desk.sync(2 * DAY)
    assert desk.path() == ["mql", "lost", "known", "warm"]


def test_a_reason_without_an_effect_is_for_good(desk: Desk) -> None:
    rejected(desk, "competitor")
    desk.did(1, "demo_request")
    desk.sync(800 * DAY)
    desk.did(1, "demo_request")
    desk.sync(DAY)
    assert (desk.lead(1).stage, len(desk.given())) == ("rejected", 1)


def test_a_time_that_was_changed_holds_for_who_is_away(desk: Desk) -> None:
    rejected(desk, "unreachable")
    text = (desk.folder / "config.toml").read_text("utf-8")
    desk.reopen(text.replace('"30 days"', '"5 days"'))
    desk.sync(40 * DAY)
    assert desk.lead(1).stage == "warm"


def test_what_a_person_called_known_stays_with_the_rep(tmp_path: Path) -> None:
    (tmp_path / "crm.toml").write_text('[read.stage.table]\nback = "known"\n', "utf-8")
    desk = Desk(tmp_path)
    text = (desk.folder / "config.toml").read_text("utf-8")
    desk.reopen(text.replace('type = "memory"\ncrm_streams', 'type = "memory"\nmapping = "crm.toml"\ncrm_streams'))
    desk.asks()
    desk.says(stage="back")
    assert desk.lead(1).stage == "known"
    desk.did(1, "demo_request")
    desk.sync(timedelta(hours=2))
    assert [one.state for one in desk.given()] == ["open"]
    assert desk.waiting_for_people() == []


def test_a_reason_that_is_said_after_the_status_has_its_effect(desk: Desk) -> None:
    desk.says(stage="rejected")
    desk.says(reason="unreachable")
    (handoff,) = desk.given()
    assert handoff.closed_at is not None
    assert (handoff.reason, handoff.back_at) == ("unreachable", handoff.closed_at + 30 * DAY)
    desk.says(reason="wrong_data")
    assert len(desk.waiting_for_people("notice")) == 1
    # Another one after that: nothing is to be mended any more.
    desk.says(reason="competitor")
    desk.sync(HOUR)
    (handoff,) = desk.given()
    assert (handoff.back_at, desk.waiting_for_people("notice")) == (None, [])
