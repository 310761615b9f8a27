"""What a CRM's record tells about a lead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord
from connector.steps.feedback import Told, of_opportunity, of_person, of_touch
from connector.steps.mapping.stage import StageReading

NOW = datetime(2026, 12, 7, 9, 0, tzinfo=UTC)
READING = StageReading(
    "Status", {"Working": "sal", "Qualified": "sql", "Unqualified": "rejected"},
    "Reason", {"Not now": "not_now", "No answer": "unreachable"}, "Quality",
)  # fmt: skip
USERS = {"u1": "lena@northwind.example", "u2": "tom@northwind.example"}


def person(owner: str = "u1", **values: Any) -> CrmRecord:
    return CrmRecord("lead", "00Q1", NOW, owner=owner, values=values)


def handoff(**changes: Any) -> Handoff:
    return replace(Handoff(1, "b2b", "mql", "open", NOW, "v", opened_at=NOW), **changes)


def task(**changes: Any) -> CrmRecord:
    done = CrmRecord("task", "00T1", NOW + timedelta(hours=1), person="00Q1", owner="u1", stage="call", is_open=False)
    return replace(done, **changes)


class TestAPersonsRecord:
    def test_a_status_that_changed_is_the_stage(self) -> None:
        told = of_person(person(Status="Open"), person(Status="Working"), READING, {}, USERS)
        assert (told.stage, told.why) == ("sal", "Working")

    def test_a_status_that_stayed_is_no_news_though_the_record_changed(self) -> None:
        assert of_person(person(Status="Working"), person(Status="Working", Phone="1"), READING, {}, USERS).nothing

    def test_our_own_word_coming_back_is_an_echo(self) -> None:
        assert of_person(None, person("", Status="Working"), READING, {"Status": "Working"}, USERS).nothing

    def test_words_are_known_whatever_their_case_and_width(self) -> None:
        assert of_person(person(), person(Status="ｗｏｒｋｉｎｇ "), READING, {}, USERS).stage == "sal"

    def test_a_status_that_the_table_does_not_name_is_reported_and_moves_nobody(self) -> None:
        told = of_person(person(Status="Open"), person(Status="Parked"), READING, {}, USERS)
        assert told.nothing
        assert told.unknown == (("Status", "Parked"),)

    def test_a_rejection_brings_its_reason_and_the_rating(self) -> None:
        told = of_person(person(), person(Status="Unqualified", Reason="No answer", Quality="2"), READING, {}, USERS)
        assert (told.stage, told.reason, told.rating) == ("rejected", "unreachable", 2)

    def test_a_reason_that_was_said_before_the_status_counts(self) -> None:
        before = person(Reason="Not now")
        assert of_person(before, person(Status="Unqualified", Reason="Not now"), READING, {}, USERS).reason == "not_now"

    def test_a_rating_that_is_no_number_is_none(self) -> None:
        assert of_person(person(), person(Quality="fine"), READING, {}, USERS).rating is None

    def test_a_new_owner_is_told_by_address(self) -> None:
        assert of_person(person("u1"), person("u2"), READING, {}, USERS) == Told(owner="tom@northwind.example")

    def test_a_queue_is_no_owner(self) -> None:
        assert of_person(person("u1"), person("queue"), READING, {}, USERS).nothing

    def test_without_a_reading_only_the_owner_is_told(self) -> None:
        assert of_person(person("u1"), person("u2", Status="Working"), None, {}, USERS).stage is None


class TestAnOpportunity:
    deal = CrmRecord("opportunity", "006A", NOW, stage="Proposal", amount=12000.0, currency="EUR", person="003A")

    @pytest.mark.parametrize(
        ("is_open", "won", "stage"), [(True, False, "opportunity"), (False, True, "won"), (False, False, "lost")]
    )
    def test_it_is_open_won_or_lost(self, is_open: bool, won: bool, stage: str) -> None:
        assert of_opportunity(replace(self.deal, is_open=is_open, won=won), Lead(stage="sql")).stage == stage

    def test_amount_stage_and_outcome_come_along(self) -> None:
        told = of_opportunity(replace(self.deal, is_open=False, won=True), Lead(stage="opportunity"))
        assert told.fields == {
            "opportunity.id": "006A", "opportunity.stage": "Proposal", "opportunity.amount": 12000.0,
            "opportunity.currency": "EUR", "outcome": "won",
        }  # fmt: skip

    def test_the_same_again_is_no_news(self) -> None:
        lead = Lead(stage="opportunity")
        lead.fields.update(of_opportunity(self.deal, lead).fields)
        assert of_opportunity(self.deal, lead).nothing

    def test_a_second_deal_does_not_take_the_place_of_the_first(self) -> None:
        lead = Lead(stage="opportunity", fields={"opportunity.id": "006B"})
        assert of_opportunity(self.deal, lead).nothing

    def test_after_a_lost_deal_another_one_counts(self) -> None:
        lead = Lead(stage="lost", fields={"opportunity.id": "006B", "outcome": "lost"})
        assert of_opportunity(self.deal, lead).stage == "opportunity"


class TestATouch:
    def touch(self, record: CrmRecord, given: Handoff | None = None, not_by: tuple[str, ...] = ()) -> datetime | None:
        return of_touch(record, given or handoff(), ("call", "email", "meeting"), not_by, USERS).contacted_at

    def test_a_finished_call_after_the_handoff_is_contact(self) -> None:
        assert self.touch(task()) == NOW + timedelta(hours=1)

    @pytest.mark.parametrize(
        "changes",
        [
            {"is_open": True},
            {"stage": "task"},
            {"our_key": "AB12CD:handoff-1:task:1"},
            {"modified_at": NOW - timedelta(hours=1)},
            {"modified_at": None},
        ],
    )
    def test_what_is_no_contact(self, changes: dict[str, Any]) -> None:
        assert self.touch(task(**changes)) is None

    def test_an_automatic_sender_does_not_count(self) -> None:
        assert self.touch(task(name="Email: Outreach sequence, step 2"), not_by=("Outreach Sequence",)) is None

    def test_the_first_contact_stays(self) -> None:
        earlier = NOW + timedelta(minutes=10)
        assert self.touch(task(), handoff(contacted_at=earlier)) is None

    def test_an_earlier_one_that_is_told_later_is_the_first(self) -> None:
        late = handoff(contacted_at=NOW + timedelta(hours=5))
        assert self.touch(task(), late) == NOW + timedelta(hours=1)
