"""What a CRM's record tells about a lead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord
from connector.steps.feedback import (
    OF_OPPORTUNITY,
    Told,
    begins_with,
    is_named,
    is_news_of,
    meaning,
    of_form,
    of_lost_opportunity,
    of_opportunity,
    of_person,
    of_touch,
)
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

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("Not now: budget in spring", "not_now"),
            ("NOT NOW", "not_now"),
            ("Nothing fits", "other"),
            ("Not nowhere near", "other"),
            ("時期尚早です", "not_now"),
            ("不要", "other"),
        ],
    )
    def test_free_text_begins_with_the_reason_and_is_the_reps_own_words(self, text: str, reason: str) -> None:
        reasons = {"Not now": "not_now", "時期尚早": "not_now", "Not": "wrong_fit"}
        if reason == "other":
            del reasons["Not"]
        reading = replace(READING, reason_field="Why", reasons=reasons, words_field="Why")
        told = of_person(person(Status="Working"), person(Status="Unqualified", Why=text), reading, {}, USERS)
        assert (told.stage, told.reason, told.words, told.unknown) == ("rejected", reason, text, ())

    def test_where_the_rep_says_nothing_there_is_no_reason(self) -> None:
        reading = replace(READING, reason_field="Why", words_field="Why")
        told = of_person(person(Status="Working"), person(Status="Unqualified"), reading, {}, USERS)
        assert (told.stage, told.reason, told.words) == ("rejected", "", "")

    def test_a_text_begins_with_a_whole_word(self) -> None:
        assert begins_with("budget, none", "budget")
        assert begins_with("budget", "budget")
        assert not begins_with("budgets, all", "budget")
        assert not begins_with("no budget", "budget")
        assert begins_with("予算なし", "予算")

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

    def test_a_reason_that_changes_alone_is_news_and_one_that_stays_is_none(self) -> None:
        before = person(Status="Unqualified", Reason="Not now")
        told = of_person(before, person(Status="Unqualified", Reason="No answer"), READING, {}, USERS)
        assert told == Told(reason="unreachable")
        moved = of_person(before, person(Status="Working", Reason="Not now"), READING, {}, USERS)
        assert moved == Told(stage="sal", why="Working")

    def test_a_rating_that_is_no_number_is_none(self) -> None:
        assert of_person(person(), person(Quality="fine"), READING, {}, USERS).rating is None

    def test_a_new_owner_is_told_by_address(self) -> None:
        assert of_person(person("u1"), person("u2"), READING, {}, USERS) == Told(owner="tom@northwind.example")

    def test_a_queue_is_no_owner(self) -> None:
        assert of_person(person("u1"), person("queue"), READING, {}, USERS).nothing

    def test_someone_who_is_seen_for_the_first_time_brings_an_owner(self) -> None:
        assert of_person(None, person("u2"), READING, {}, USERS) == Told(owner="tom@northwind.example")
        assert of_person(None, person("u2"), None, {}, USERS) == Told(owner="tom@northwind.example")

    def test_our_word_said_again_after_another_one_is_news(self) -> None:
        def told(before: str, after: str, *earlier: str) -> Told:
            written = {"Status": "Working"}
            said = [{"Status": word} for word in earlier]
            return of_person(person(Status=before), person(Status=after), READING, written, USERS, [{}, *said])

        assert told("Qualified", "Working").stage == "sal"
        assert told("Qualified", "Working", "Qualified") == Told()
        assert told("Open", "Qualified", "Qualified") == Told()
        assert told("", "Working") == Told()
        assert told("Open", "Qualified", "Open").stage == "sql"
        assert told("Open", "Qualified").stage == "sql"

    def test_a_reason_that_the_table_does_not_name_is_reported_and_its_status_counts(self) -> None:
        told = of_person(person(), person(Status="Unqualified", Reason="Too small", Quality="2.6"), READING, {}, USERS)
        assert told == Told(stage="rejected", why="Unqualified", rating=3, unknown=(("Reason", "Too small"),))

    def test_without_a_table_reasons_are_told_as_they_are_and_statuses_are_not_told(self) -> None:
        reading = StageReading("Status", {}, "Reason", {})
        told = of_person(person(), person(Status="Unqualified", Reason=" Too small "), reading, {}, USERS)
        assert told == Told(reason="Too small")

    @pytest.mark.parametrize("word", ["inf", "nan", "x", ""])
    def test_what_is_no_number_is_no_rating(self, word: str) -> None:
        assert of_person(person(), person(Quality=word), READING, {}, USERS).nothing

    def test_fields_that_the_reading_does_not_name_are_not_told(self) -> None:
        both = {"": "Unqualified", "XXXX": "1", "Status": "Working"}
        told = of_person(person(), person(**both), StageReading("Status", READING.stages), {}, USERS)
        assert told == Told(stage="sal", why="Working")

    def test_which_words_mean_something(self) -> None:
        assert is_named(READING, "Status", "Working")
        assert is_named(READING, "Reason", "not NOW")
        assert not is_named(READING, "Status", "Not now")
        assert not is_named(READING, "Reason", "Working")
        assert not is_named(READING, "Quality", "Working")
        assert not is_named(READING, "Quality", "Not now")
        assert (meaning({"": "sal"}, ""), meaning({}, "x"), meaning({}, "")) == ("sal", "", "")
        assert meaning({"WON": "sal", "won": "sql"}, "won") == "sql"

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
        assert of_opportunity(self.deal, replace(lead, stage="won")).nothing

    def test_after_a_lost_deal_another_one_counts(self) -> None:
        lead = Lead(stage="lost", fields={"opportunity.id": "006B", "outcome": "lost"})
        assert of_opportunity(self.deal, lead).stage == "opportunity"

    def test_an_open_deal_without_an_amount_says_what_it_has(self) -> None:
        deal = replace(self.deal, amount=None, currency="")
        assert of_opportunity(deal, Lead(stage="sql")) == Told(
            stage="opportunity", why="Proposal", fields={"opportunity.id": "006A", "opportunity.stage": "Proposal"}
        )
        lead = Lead(stage="opportunity", fields={"opportunity.amount": 12000.0, "outcome": "won"})
        assert of_opportunity(deal, lead).fields == {
            "opportunity.id": "006A", "opportunity.stage": "Proposal", "opportunity.amount": "", "outcome": "",
        }  # fmt: skip

    def test_its_own_deal_goes_on_after_it_was_lost(self) -> None:
        lead = Lead(stage="lost", fields={"opportunity.id": "006A", "outcome": "lost"})
        told = of_opportunity(replace(self.deal, is_open=False, won=True), lead)
        assert (told.stage, told.why, told.fields["outcome"]) == ("won", "Proposal", "won")
        same = of_opportunity(replace(self.deal, is_open=False), lead)
        assert (same.stage, same.why, "outcome" in same.fields) == (None, "", False)

    def test_a_deal_that_was_deleted_leaves_the_lead_where_it_was_before(self) -> None:
        mine = Lead(stage="opportunity", fields={"opportunity.id": "006A", "opportunity.stage": "Proposal"})
        gone = dict.fromkeys(("opportunity.id", "opportunity.stage"), "")
        assert of_lost_opportunity(self.deal, mine, "deleted") == Told(stage="sql", why="deleted", fields=gone)
        full = Lead(stage="won", fields={**dict.fromkeys(OF_OPPORTUNITY, "x"), "opportunity.id": "006A"})
        assert of_lost_opportunity(self.deal, full, "deleted") == Told(fields=dict.fromkeys(OF_OPPORTUNITY, ""))
        other = Lead(stage="opportunity", fields={"opportunity.id": "006B"})
        assert of_lost_opportunity(self.deal, other, "deleted").nothing

    def test_a_deal_that_was_there_before_counts_once_it_changes_and_is_alive(self) -> None:
        over = replace(self.deal, is_open=False)
        mine, other = Lead(fields={"opportunity.id": "006A"}), Lead(fields={"opportunity.id": "006B"})
        gone = replace(over, gone=True)
        for record, before, lead, news in [
            (self.deal, None, other, True), (self.deal, self.deal, other, True), (over, over, mine, True),
            (over, over, other, False), (self.deal, over, other, True), (over, self.deal, other, True),
            (over, gone, other, True), (over, None, other, True),
        ]:  # fmt: skip
            assert is_news_of(record, before, lead, NOW) is news
        assert not is_news_of(self.deal, None, mine, NOW + timedelta(seconds=1))
        assert not is_news_of(self.deal, None, mine, None)
        assert not is_news_of(replace(self.deal, modified_at=None), None, mine, NOW)


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

    def test_at_the_very_moment_of_the_handoff_it_counts_and_the_same_again_is_no_news(self) -> None:
        assert self.touch(task(modified_at=NOW)) == NOW
        assert self.touch(task(), handoff(contacted_at=NOW + timedelta(hours=1))) is None
        assert self.touch(task(), handoff(opened_at=None)) is None

    def test_an_automatic_sender_is_known_by_its_address_too(self) -> None:
        assert self.touch(task(), not_by=("other", "LENA@")) is None
        assert self.touch(task(owner="queue"), not_by=("lena@", "xxxx", "none")) == NOW + timedelta(hours=1)


def form(at: datetime = NOW, words: str = "", **values: Any) -> CrmRecord:
    """What somebody said of a lead in a form."""
    return CrmRecord("feedback", "f1", at, name=words, person="00Q1", values=values)


class TestAForm:
    def told(self, after: CrmRecord, before: CrmRecord | None = None, stage: Any = "mql") -> Told:
        return of_form(before, after, READING, Lead(stage=stage), NOW)

    def test_it_says_the_verdict_the_reason_the_rating_and_words(self) -> None:
        told = self.told(form(words="Two people", feedback="unqualified", Reason="Not now", Quality=2))
        assert (told.stage, told.why, told.reason, told.rating, told.words) == (
            "rejected", "unqualified", "not_now", 2, "Two people",
        )  # fmt: skip

    def test_the_same_again_is_no_news_and_what_is_new_is(self) -> None:
        before = form(feedback="Unqualified", Quality=2)
        assert self.told(form(feedback="Unqualified", Quality=2), before).nothing
        told = self.told(form(words="Later", feedback="Unqualified", Quality=3), before)
        assert (told.stage, told.rating, told.words) == (None, 3, "Later")

    def test_one_that_was_taken_back_says_all_of_it_again(self) -> None:
        before = replace(form(feedback="Unqualified"), gone=True)
        assert self.told(form(feedback="Unqualified"), before).stage == "rejected"

    @pytest.mark.parametrize(
        ("stage", "moved"),
        [("known", "sal"), ("mql", "sal"), ("rejected", "sal"), ("sql", None), ("opportunity", None), ("won", None)],
    )
    def test_an_acceptance_sets_nobody_back(self, stage: str, moved: str | None) -> None:
        assert self.told(form(feedback="Working"), stage=stage).stage == moved

    def test_what_was_said_before_the_handoff_is_of_another_one(self) -> None:
        early = form(NOW - timedelta(seconds=1), feedback="Unqualified")
        assert self.told(early) == Told()
        for opened_at, reading in ((None, READING), (NOW, None)):
            assert of_form(None, form(feedback="Unqualified"), reading, Lead(), opened_at) == Told()

    def test_words_that_are_not_named_are_reported_and_can_be_named_later(self) -> None:
        told = self.told(form(feedback="Useless", Reason="Boring"))
        assert told.nothing
        assert told.unknown == (("feedback", "Useless"), ("Reason", "Boring"))
        assert is_named(READING, "feedback", "Working")
        assert not is_named(READING, "feedback", "Useless")
        assert self.told(form(words="Two people", Quality=2)).unknown == ()
        assert self.told(form(feedback="Working", Reason="Not now")).unknown == ()

    def test_without_a_table_reasons_are_told_as_they_are_here_too(self) -> None:
        reading = replace(READING, reasons={})
        told = of_form(None, form(feedback="Unqualified", Reason="Boring"), reading, Lead(stage="mql"), NOW)
        assert (told.reason, told.unknown) == ("Boring", ())

    def test_words_that_stayed_are_told_once(self) -> None:
        before = form(words="Two people", Quality=2)
        assert self.told(form(words="Two people", Quality=3), before) == Told(rating=3)
