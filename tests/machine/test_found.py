"""What the machine has found, each as the short story that it came down to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connector.model.outbox import OutboxRow, Receipt
from connector.runs.outgoing import find_item
from tests.machine.ground import CRMS
from tests.machine.play import CONTACTS, SERVED, Act, Play
from tests.machine.truth import STRANGE
from tests.pair import SECRETS


@pytest.fixture(params=CRMS)
def play(request: pytest.FixtureRequest) -> Iterator[Play]:
    with Play(request.param) as made:
        yield made


@pytest.fixture
def given(play: Play) -> Play:
    """Somebody asked for a demo and was handed over."""
    play.do(("appears", 1, "Director IT", "Berlin", True))
    play.do(("quiet",))
    return play


def test_who_was_merged_in_marketing_before_being_told_of_is_no_dead_letter(play: Play) -> None:
    play.do(("appears", 1, "CTO", "", True))
    play.do(("appears", 2, "CTO", "Ulm", False))
    play.do(("merges", 1, 2))
    play.do(("quiet",))


def test_who_was_merged_in_marketing_is_not_told_of_any_more(given: Play) -> None:
    given.do(("appears", 2, "CTO", "Ulm", False))
    given.do(("runs", "sync"))
    given.do(("merges", 1, 2))
    given.do(("runs", "sync"))
    told = given.ground.portal.calls("write")
    given.do(("says", 0, "sal"))
    given.do(("runs", "sync"))
    assert [call.size for call in given.ground.portal.calls("write")[len(told) :]] == [1]
    given.do(("quiet",))


def test_what_a_rep_says_after_a_write_whose_answer_is_lost_is_heard_however_late_that_is_seen(given: Play) -> None:
    given.do(("asks", 1, "webinar_attend"))
    given.do(("write_fails", "crm", "done", 0, 5.5))
    for kind in ("pull", "work", "deliver crm"):
        given.do(("runs", kind))
    given.do(("edits", 0, ("job_title", "Clerk")))
    given.do(("time_passes", 4000))
    given.do(("runs", "deliver crm"))
    given.do(("quiet",))
    with given.ground.app.store.read() as tx:
        assert tx.intake.leads([1])[1].fields["job_title"] == "Clerk"


def test_who_was_deleted_in_marketing_before_being_told_of_is_no_dead_letter(play: Play) -> None:
    play.do(("appears", 1, "CTO", "", True))
    play.do(("runs", "pull"))
    play.do(("leaves", 1))
    play.do(("runs", "work"))
    play.do(("runs", "deliver portal"))
    play.do(("quiet",))


def test_a_lead_from_the_bin_has_the_owner_that_it_was_given_before(given: Play) -> None:
    given.do(("gives", 0, "tom@northwind.example"))
    given.do(("deletes", 0))
    given.do(("runs", "sync"))
    given.do(("restores", 0))
    given.do(("quiet",))


def test_marketing_hears_the_newest_though_it_is_what_it_was_told_before_something_that_still_waits(
    given: Play,
) -> None:
    given.do(("says", 0, "sal"))
    given.do(("runs", "bring back"))
    given.do(("says", 0, "rejected"))
    given.do(("runs", "deliver portal"))
    given.do(("runs", "bring back"))
    given.do(("says", 0, "sal"))
    given.do(("runs", "bring back"))
    given.do(("runs", "deliver portal"))
    assert [one.values["stage"] for one in given.ground.portal.things("contact")] == ["sal"]
    given.do(("quiet",))


def test_who_was_merged_in_marketing_before_anybody_was_known_brings_what_they_did(play: Play) -> None:
    for number in (4, 2, 3, 1):
        play.do(("appears", number, "", "Ulm", number == 3))
    play.do(("merges", 3, 2))
    play.do(("quiet",))
    assert len(play.ground.crm.things("lead")) == 1


def test_a_contact_that_a_lead_was_converted_to_has_what_was_on_its_way_to_the_lead(given: Play) -> None:
    given.do(("converts", 0, False))
    given.do(("changes", 1, ("job_title", "Clerk")))
    given.do(("time_passes", 1))
    given.do(("runs", "backfill"))
    given.do(("quiet",))


def test_a_lead_from_the_bin_has_what_marketing_has_said_meanwhile(given: Play) -> None:
    given.do(("deletes", 0))
    given.do(("runs", "sync"))
    given.do(("changes", 1, ("city", "Ulm")))
    given.do(("asks", 1, "webinar_attend"))
    given.do(("quiet",))
    given.do(("restores", 0))
    given.do(("says", 0, "sal"))
    given.do(("quiet",))
    assert [one.values["city"] for one in given.ground.crm.things("lead")] == ["Ulm"]


def test_who_is_taken_up_again_has_what_marketing_has_said_meanwhile(given: Play) -> None:
    given.do(("says", 0, "rejected"))
    given.do(("runs", "sync"))
    given.do(("changes", 1, ("city", "Ulm")))
    given.do(("asks", 1, "webinar_attend"))
    given.do(("quiet",))
    given.do(("says", 0, "sal"))
    given.do(("quiet",))
    assert [one.values["city"] for one in given.ground.crm.things("lead")] == ["Ulm"]


def test_a_word_that_is_named_later_says_nothing_of_a_lead_that_was_converted_since(given: Play) -> None:
    given.do(("says", 0, STRANGE))
    given.do(("runs", "sync"))
    given.do(("converts", 0, True))
    given.do(("runs", "sync"))
    given.do(("rules_change", 40, True))
    given.do(("quiet",))


def test_a_lead_that_reps_merged_has_the_owner_and_the_status_of_the_winner(given: Play) -> None:
    given.do(("appears", 2, "CTO", "", False))
    given.do(("makes_by_hand", 2, "Ulm"))
    given.do(("gives", 1, "petra@northwind.example"))
    given.do(("says", 1, "sal"))
    given.do(("runs", "sync"))
    given.do(("merges_leads", 0, 1))
    given.do(("runs", "sync"))
    given.do(("runs", "sync"))
    (contact,) = (one for one in given.ground.portal.things("contact") if one.crm_id == "1")
    assert (contact.values["stage"], contact.values["owner"]) == ("sal", "petra@northwind.example")
    given.do(("quiet",))


@pytest.mark.parametrize("end", [("says", 0, "rejected"), ("deletes", 0), ("converts", 0, True)])
def test_who_was_handed_over_once_is_not_again_where_marketing_merges_them(given: Play, end: Act) -> None:
    given.do(end)
    given.do(("closes", 0, True))
    given.do(("appears", 2, "", "Ulm", False))
    given.do(("quiet",))
    given.do(("merges", 1, 2))
    given.do(("quiet",))
    assert len(given.ground.crm.effects("created")) == 3


def test_who_is_made_one_with_somebody_in_a_deal_is_in_that_deal(given: Play) -> None:
    given.do(("appears", 2, "CTO", "Ulm", True))
    given.do(("runs", "sync"))
    given.do(("converts", 0, True))
    given.do(("quiet",))
    given.do(("converts", 0, True))
    given.do(("merges", 1, 2))
    given.do(("runs", "pull"))
    given.do(("quiet",))


def test_what_a_rep_has_said_before_a_row_goes_out_stays(given: Play) -> None:
    given.do(("changes", 1, ("city", "Ulm")))
    given.do(("runs", "pull"))
    given.do(("runs", "work"))
    given.do(("edits_by_hand", 0, ("city", "Köln")))
    given.do(("runs", "bring back"))
    given.do(("runs", "deliver crm"))
    assert [one.values["city"] for one in given.ground.crm.things("lead")] == ["Köln"]
    given.do(("quiet",))


def test_an_owner_is_told_of_whoever_is_left_after_several_merges(play: Play) -> None:
    for number in (1, 2, 3):
        play.do(("appears", number, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("merges", 3, 1))
    play.do(("merges_leads", 0, 1))
    play.do(("runs", "pull"))
    play.do(("runs", "bring back"))
    play.do(("merges_leads", 0, 1))
    play.do(("quiet",))
    assert len(play.ground.crm.things("lead")) == 1


def test_of_two_records_of_one_person_the_one_that_is_left_is_gone_on_with(play: Play) -> None:
    play.do(("appears", 1, "Director IT", "Berlin", True))
    play.do(("appears", 2, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("merges", 1, 2))
    play.do(("runs", "pull"))
    play.do(("deletes", 0))
    play.do(("changes", 2, ("city", "Ulm")))
    play.do(("quiet",))
    (contact,) = (one for one in play.ground.portal.things("contact") if one.crm_id == "2")
    assert contact.values["stage"] == "mql"


def test_reps_merge_a_lead_and_delete_the_winner_before_anybody_looks(play: Play) -> None:
    play.do(("appears", 2, "Director IT", "Berlin", True))
    play.do(("appears", 3, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("merges", 2, 3))
    play.do(("runs", "pull"))
    play.do(("merges_leads", 0, 1))
    play.do(("deletes", 0))
    play.do(("quiet",))
    (contact,) = (one for one in play.ground.portal.things("contact") if one.crm_id == "3")
    assert contact.values["stage"] == "rejected"


def test_a_merge_that_a_write_was_led_on_by_is_followed_all_the_same(play: Play) -> None:
    play.do(("appears", 1, "Director IT", "Berlin", True))
    play.do(("appears", 3, "Director IT", "Berlin", True))
    play.do(("quiet",))
    play.do(("changes", 3, ("city", "Ulm")))
    play.do(("runs", "pull"))
    play.do(("runs", "work"))
    play.do(("merges_leads", 1, 0))
    play.do(("runs", "deliver crm"))
    play.do(("quiet",))


def test_an_archived_contact_that_is_to_join_a_list_is_no_dead_letter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served(
        monkeypatch,
        ("appears", 1, "Director IT", "Berlin", True), ("runs", "sync"), ("judges", 0, "not_now", 3), ("deletes", 0),
        ("restores", 0), ("leaves", 1), ("quiet",),
    )  # fmt: skip


def test_a_lead_that_was_never_read_and_is_deleted_long_before_we_look_is_rejected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served(
        monkeypatch,
        ("appears", 3, "Director IT", "Berlin", True), ("runs", "sync"), ("deletes", 0), ("time_passes", 20 * 86_400),
        ("quiet",),
    )  # fmt: skip


def served(monkeypatch: pytest.MonkeyPatch, *story: Act) -> None:
    """The story on HubSpot and Salesforce."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with Play(SERVED) as play:
        for act in story:
            play.do(act)


def test_a_lead_from_the_bin_that_nobody_saw_there_is_not_rejected_by_the_log_of_deletions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served(
        monkeypatch,
        ("appears", 3, "Director IT", "Berlin", True), ("runs", "sync"), ("deletes", 0), ("restores", 0),
        ("says", 0, "sql"), ("quiet",),
    )  # fmt: skip


def test_a_second_look_at_a_contact_that_a_lead_became_goes_by_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    served(
        monkeypatch,
        ("appears", 2, "Director IT", "Berlin", True), ("runs", "sync"), ("converts", 0, False), ("runs", "bring back"),
        ("runs", "work"), ("write_fails", "crm", "server_error", 0, 5.5), ("runs", "deliver crm"), ("quiet",),
    )  # fmt: skip


def test_what_waited_for_a_contact_that_was_merged_does_not_reach_the_winner(monkeypatch: pytest.MonkeyPatch) -> None:
    served(
        monkeypatch,
        ("appears", 1, "Director IT", "Berlin", True), ("runs", "sync"), ("appears", 4, "Clerk", "Bonn", True),
        ("runs", "pull"), ("merges", 4, 1), ("runs", "work"), ("quiet",),
    )  # fmt: skip


def test_what_reached_the_winner_in_place_of_a_merged_contact_is_told_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    served(
        monkeypatch,
        ("appears", 1, "Director IT", "Berlin", True), ("runs", "sync"), ("appears", 4, "Clerk", "Bonn", True),
        ("runs", "pull"), ("merges", 4, 1), ("runs", "work"), ("runs", "deliver portal"), ("quiet",),
    )  # fmt: skip


def test_a_second_look_at_what_we_did_not_make_goes_by_its_id() -> None:
    row = OutboxRow("crm", "verify", "contact", "b-1", "crm:contact:b-1:verify:1.2", {})
    known = Receipt("crm", "contact", "b-1", "003", {})
    assert find_item(row, {("contact", "b-1"): known}).crm_id == "003"
    assert find_item(replace(row, object="lead"), {("lead", "b-1"): replace(known, object="lead")}).crm_id == ""


def test_whose_record_is_left_in_marketing_speaks_also_where_reps_had_made_them_one_before(play: Play) -> None:
    play.do(("appears", 3, "Clerk", "Ulm", True))
    play.do(("appears", 2, "Director IT", "", True))
    play.do(("runs", "sync"))
    play.do(("merges_leads", 1, 0))
    play.do(("merges", 2, 3))
    play.do(("quiet",))


def test_the_status_of_a_converted_lead_says_nothing_of_who_was_merged_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    served(
        monkeypatch,
        ("appears", 1, "Director IT", "Berlin", True), ("appears", 3, "Director IT", "Berlin", True), ("runs", "sync"),
        ("merges_leads", 1, 0), ("merges", 1, 3), ("runs", "pull"), ("converts", 0, True), ("quiet",),
    )  # fmt: skip


def test_a_lead_whose_deletion_a_write_has_found_is_rejected_though_nobody_tells_of_it_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    director = ("Director IT", "Berlin", True)
    served(
        monkeypatch,
        ("appears", 1, *director), ("appears", 2, *director), ("appears", 3, *director), ("runs", "sync"),
        ("merges_leads", 4, 5), ("converts", 0, True), ("meanwhile", "pull", 13, ("deletes", 4)),
        ("changes", 3, ("job_title", "")), ("two_at_once", "sync", 6, "backfill", False), ("time_passes", 1728000),
        ("quiet",),
    )  # fmt: skip


def test_a_second_deal_is_the_leads_once_a_rep_has_taken_it_out_of_the_first(play: Play) -> None:
    play.do(("appears", 2, "Director IT", "Berlin", True))
    play.do(("appears", 3, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("merges", 3, 2))
    play.do(("converts", 0, True))
    play.do(("quiet",))
    play.do(("says", 1, "sal"))
    play.do(("quiet",))
    play.do(("converts", 0, True))
    play.do(("quiet",))


def test_what_was_left_to_a_rep_is_not_taken_for_an_old_value_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    served(
        monkeypatch,
        ("appears", 4, "Clerk", "Berlin", True), ("makes_by_hand", 4, "Berlin"), ("runs", "bring back"),
        ("edits", 0, ("job_title", "Clerk")), ("two_at_once", "deliver portal", 30, "backfill", True), ("quiet",),
    )  # fmt: skip


def test_what_was_overwritten_while_a_flow_observed_is_written_again_once_it_is_live(play: Play) -> None:
    play.do(("appears", 3, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("mode_changes", "observe"))
    play.do(("edits_by_hand", 0, ("score.total", 99)))
    play.do(("runs", "sync"))
    play.do(("mode_changes", "live"))
    play.do(("quiet",))


def test_what_we_wrote_for_somebody_who_is_the_same_lead_by_now_is_not_taken_for_a_persons(play: Play) -> None:
    play.do(("appears", 2, "CTO", "Berlin", True))
    play.do(("appears", 1, "", "Ulm", True))
    play.do(("runs", "sync"))
    play.do(("merges", 2, 1))
    play.do(("quiet",))
    play.do(("merges_leads", 1, 0))
    play.do(("quiet",))


def test_whose_own_record_is_deleted_goes_on_in_that_of_a_lead_merged_into_it(play: Play) -> None:
    play.do(("appears", 3, "Director IT", "", True))
    play.do(("appears", 4, "", "Bonn", True))
    play.do(("runs", "sync"))
    play.do(("merges", 4, 3))
    play.do(("runs", "sync"))
    play.do(("deletes", 0))
    play.do(("quiet",))


def test_a_deal_that_was_read_before_the_conversion_was_is_not_passed_over(play: Play) -> None:
    play.do(("appears", 3, "Director IT", "Berlin", True))
    play.do(("quiet",))
    play.do(("meanwhile", "sync", 12, ("converts", 0, True)))
    play.do(("quiet",))


def test_who_is_one_with_somebody_in_a_lost_deal_is_rejected_with_the_last_record(play: Play) -> None:
    play.do(("appears", 2, "Director IT", "Berlin", True))
    play.do(("appears", 3, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("converts", 1, True))
    play.do(("merges", 2, 3))
    play.do(("closes", 0, False))
    play.do(("runs", "sync"))
    play.do(("deletes", 0))
    play.do(("quiet",))


def test_what_the_next_record_says_already_is_news(monkeypatch: pytest.MonkeyPatch) -> None:
    director = ("Director IT", "Berlin", True)
    served(
        monkeypatch,
        ("appears", 2, *director), ("appears", 3, *director), ("runs", "sync"),
        ("meanwhile", "work", 30, ("deletes", 4)), ("meanwhile", "backfill", 37, ("merges", 3, 2)), ("says", 1, "sal"),
        ("meanwhile", "sync", 35, ("changes", 1, ("city", "Berlin"))), ("quiet",),
    )  # fmt: skip


def test_the_status_of_a_winner_that_is_ours_only_now_is_news_though_we_wrote_there(play: Play) -> None:
    for number in (1, 2, 3):
        play.do(("appears", number, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("merges", 2, 1))
    play.do(("says", 2, "rejected"))
    play.do(("runs", "sync"))
    play.do(("merges_leads", 3, 5))
    play.do(("is_killed", "bring back", 27, True))
    play.do(("merges_leads", 1, 2))
    play.do(("quiet",))


def test_who_fell_back_while_a_flow_observed_is_told_of_once_it_is_live(play: Play) -> None:
    play.do(("appears", 2, "Director IT", "Berlin", False))
    play.do(("runs", "sync"))
    play.do(("mode_changes", "observe"))
    play.do(("changes", 2, ("job_title", "Clerk")))
    play.do(("quiet",))
    play.do(("mode_changes", "live"))
    play.do(("quiet",))


def test_what_was_converted_before_its_create_was_heard_of_is_not_written_to(play: Play) -> None:
    play.do(("meanwhile", "bring back", 33, ("appears", 4, "Clerk", "", True)))
    play.do(("write_fails", "crm", "cut", 0, 31.5))
    play.do(("two_at_once", "bring back", 31, "sync", True))
    play.do(("meanwhile", "sync", 17, ("edits_by_hand", 3, ("job_title", "Head of IT"))))
    play.do(("converts", 3, True))
    play.do(("quiet",))


def test_who_is_one_with_somebody_in_an_open_deal_is_scored_on_that_contact(monkeypatch: pytest.MonkeyPatch) -> None:
    served(
        monkeypatch,
        ("appears", 1, "Director IT", "Berlin", True), ("appears", 2, "Director IT", "Berlin", True), ("runs", "sync"),
        ("converts", 1, True), ("merges", 2, 1), ("quiet",), ("deletes", 0), ("quiet",),
    )  # fmt: skip


def test_what_marketing_sets_back_before_it_is_read_is_told_again(play: Play) -> None:
    play.do(("appears", 2, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("edits_by_hand", 0, ("job_title", "Head of IT")))
    play.do(("runs", "sync"))
    play.do(("changes", 2, ("job_title", "Director IT")))
    play.do(("quiet",))


def test_what_is_said_in_the_winner_before_its_merge_is_told_is_the_winners(monkeypatch: pytest.MonkeyPatch) -> None:
    served(
        monkeypatch,
        ("appears", 1, "Director IT", "Berlin", True), ("appears", 3, "Director IT", "Berlin", True), ("runs", "sync"),
        ("merges_leads", 2, 1), ("changes", 1, ("city", "Ulm")),
        ("meanwhile", "sync", 11, ("asks", 1, "demo_request")), ("says", 2, "sal"), ("quiet",),
    )  # fmt: skip


def test_who_is_one_with_a_contact_in_hand_goes_on_there(play: Play) -> None:
    for number in (1, 3):
        play.do(("appears", number, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("converts", 0, False))
    play.do(("appears", 2, "Director IT", "Berlin", True))
    play.do(("asks", 1, "webinar_attend"))
    play.do(("edits_by_hand", 0, ("city", "Köln")))
    play.do(("runs", "backfill"))
    play.do(("deletes", 4))
    play.do(("merges", 1, 2))
    play.do(("quiet",))
    play.do(("deletes", 2))
    play.do(("quiet",))


def test_a_lead_from_the_bin_does_not_take_back_a_deal_that_goes_on_elsewhere(play: Play) -> None:
    for number in (1, 2):
        play.do(("appears", number, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("converts", 0, True))
    play.do(("merges", 2, 1))
    play.do(("deletes", 0))
    play.do(("runs", "sync"))
    play.do(("restores", 0))
    play.do(("runs", "bring back"))
    play.do(("deletes", 0))
    play.do(("quiet",))


def test_of_two_records_of_one_lead_its_own_says_what_its_fields_are(play: Play) -> None:
    for number in (2, 3):
        play.do(("appears", number, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("edits", 0, ("job_title", "Clerk")))
    play.do(("merges", 2, 3))
    play.do(("runs", "sync"))
    play.do(("says", 0, ""))
    play.do(("quiet",))


def test_a_form_sent_just_before_its_contact_is_merged_counts_for_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    served(
        monkeypatch,
        ("appears", 2, "Director IT", "Berlin", True),
        ("runs", "sync"),
        ("appears", 3, "", "", True),
        ("asks", 2, "webinar_attend"),
        ("merges", 2, 3),
        ("quiet",),
    )


def test_what_is_overwritten_before_its_create_is_found_out_to_be_ours_is_written_again(play: Play) -> None:
    play.do(("appears", 4, "CTO", "", True))
    play.do(("is_killed", "sync", 21, True))
    play.do(("edits_by_hand", 0, ("score.total", 99)))
    play.do(("quiet",))


def test_of_two_records_merged_in_both_systems_the_leads_own_says_what_ours_is(play: Play) -> None:
    for number in (1, 2, 3):
        play.do(("appears", number, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("meanwhile", "pull", 14, ("converts", 5, True)))
    play.do(("merges", 2, 1))
    play.do(("edits_by_hand", 3, ("score.total", 99)))
    play.do(("merges_leads", 4, 3))
    play.do(("meanwhile", "pull", 11, ("asks", 1, "webinar_attend")))
    play.do(("quiet",))


@pytest.mark.parametrize("city", ["Berlin", "Bonn"])
def test_what_marketing_says_anew_before_the_last_write_is_read_back_is_written(play: Play, city: str) -> None:
    play.do(("appears", 2, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("changes", 2, ("city", "Ulm")))
    play.do(("runs", "sync"))
    play.do(("changes", 2, ("city", city)))
    play.do(("runs", "pull"))
    play.do(("runs", "work"))
    play.do(("quiet",))
    assert [one.values["city"] for one in play.ground.crm.things("lead")] == [city]


# Two leads that are made one: what people said of either, and where it stands.


def held(play: Play, name: str) -> list[str]:
    """What the leads that are in the CRM say in a field."""
    return [str(one.values.get(name) or "") for one in play.ground.crm.things("lead")]


def test_what_a_rep_said_of_the_other_lead_is_written_to_the_record_of_the_one_that_stays(play: Play) -> None:
    play.do(("appears", 3, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("edits_by_hand", 0, ("job_title", "Head of IT")))
    play.do(("appears", 4, "Clerk", "", True))
    play.do(("quiet",))
    play.do(("merges", 3, 4))
    play.do(("quiet",))
    assert held(play, "job_title") == ["Head of IT", "Head of IT"]
    play.do(("quiet",))
    assert held(play, "job_title") == ["Head of IT", "Head of IT"]


def test_a_change_beside_what_came_over_and_is_not_written_yet_is_no_word_against_it(play: Play) -> None:
    play.do(("appears", 3, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("edits_by_hand", 0, ("job_title", "Head of IT")))
    play.do(("edits_by_hand", 0, ("city", "Köln")))
    play.do(("appears", 4, "Clerk", "", True))
    play.do(("quiet",))
    play.do(("merges", 3, 4))
    play.do(("runs", "pull"))
    play.do(("judges", 1, "other", 2))
    play.do(("time_passes", 300))
    play.do(("runs", "bring back"))
    play.do(("quiet",))
    assert held(play, "job_title") == ["Head of IT", "Head of IT"]


def test_of_two_records_that_are_merged_in_the_crm_what_only_the_other_said_is_over(play: Play) -> None:
    play.do(("appears", 2, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("edits", 3, ("city", "Bonn")))
    play.do(("appears", 4, "CTO", "", True))
    play.do(("quiet",))
    play.do(("merges_leads", 4, 5))
    play.do(("merges", 2, 4))
    play.do(("quiet",))


def test_what_a_rep_said_in_a_record_that_was_deleted_is_not_written_to_the_other(play: Play) -> None:
    for number in (1, 2):
        play.do(("appears", number, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("edits_by_hand", 0, ("city", "Köln")))
    play.do(("quiet",))
    play.do(("changes", 1, ("city", "Berlin")))
    play.do(("quiet",))
    play.do(("deletes", 0))
    play.do(("runs", "sync"))
    play.do(("merges", 1, 2))
    play.do(("quiet",))
    assert held(play, "city") == ["Berlin"]


def test_a_lead_that_goes_on_in_the_record_of_the_other_has_what_was_said_there(play: Play) -> None:
    for number in (1, 2):
        play.do(("appears", number, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("edits_by_hand", 0, ("city", "Köln")))
    play.do(("edits_by_hand", 1, ("job_title", "Head of IT")))
    play.do(("runs", "sync"))
    play.do(("says", 1, "rejected"))
    play.do(("deletes", 0))
    play.do(("runs", "sync"))
    play.do(("changes", 1, ("city", "Ulm")))
    play.do(("merges", 2, 1))
    play.do(("quiet",))
    play.do(("says", 0, "sal"))
    play.do(("quiet",))
    assert (held(play, "city"), held(play, "job_title")) == (["Ulm"], ["Head of IT"])


@pytest.mark.parametrize("city", ["Berlin", ""])
@pytest.mark.parametrize("ends", [("deletes", 0), ("merges_leads", 0, 1)])
def test_what_a_rep_said_ends_with_the_record_and_marketings_word_is_in_force(play: Play, ends: Act, city: str) -> None:
    play.do(("appears", 1, "Director IT", "Berlin", True))
    play.do(("appears", 2, "Director IT", city, True))
    play.do(("runs", "sync"))
    play.do(("edits_by_hand", 0, ("city", "Köln")))
    play.do(("runs", "sync"))
    play.do(("merges", 2, 1))
    play.do(("runs", "sync"))
    play.do(("changes", 1, ("city", "Ulm")))
    play.do(ends)
    play.do(("quiet",))
    assert held(play, "city") == ["Ulm"]


def test_who_is_merged_into_a_record_that_is_deleted_then_is_rejected(play: Play) -> None:
    play.do(("appears", 1, "Director IT", "Berlin", True))
    play.do(("appears", 4, "Director IT", "Bonn", True))
    play.do(("quiet",))
    play.do(("deletes", 1))
    play.do(("is_killed", "sync", 38, True))
    play.do(("restores", 3))
    play.do(("meanwhile", "deliver portal", 31, ("merges_leads", 0, 5)))
    play.do(("deletes", 3))
    play.do(("quiet",))
    assert {one.values["stage"] for one in play.ground.portal.things("contact")} == {"rejected"}


def test_of_two_leads_that_are_one_it_is_told_of_what_nobody_can_say_which_word_is_newer(play: Play) -> None:
    play.do(("wins", "newest"))
    play.do(("appears", 4, "", "", True))
    play.do(("quiet",))
    play.do(("edits", 3, ("job_title", "Director IT")))
    play.do(("appears", 2, "Clerk", "", False))
    play.do(("quiet",))
    play.do(("merges", 4, 2))
    play.do(("quiet",))


def test_who_waits_for_a_rep_does_not_go_on_as_somebody_whose_record_was_deleted(play: Play) -> None:
    play.do(("appears", 2, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("mode_changes", "review"))
    play.do(("appears", 3, "", "", True))
    play.do(("runs", "sync"))
    play.do(("merges", 3, 2))
    play.do(("deletes", 3))
    play.do(("quiet",))
    play.do(("mode_changes", "live"))
    play.do(("quiet",))
    with play.ground.app.store.read() as tx:
        assert tx.handoffs.in_state("b2b", "open") == []


def test_who_is_merged_again_does_not_go_on_in_the_record_that_was_merged_before(play: Play) -> None:
    for number in (1, 2):
        play.do(("appears", number, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("merges", 2, 1))
    play.do(("runs", "sync"))
    play.do(("merges_leads", 3, 0))
    play.do(("appears", 4, "CTO", "", True))
    play.do(("runs", "sync"))
    play.do(("merges_leads", 0, 1))
    play.do(("deletes", 0))
    play.do(("quiet",))
    assert {one.values["stage"] for one in play.ground.portal.things("contact")} == {"rejected"}


def test_what_the_own_record_said_before_another_was_merged_into_it_is_heard_though_it_is_converted(play: Play) -> None:
    for number in (1, 3):
        play.do(("appears", number, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("merges", 1, 3))
    play.do(("says", 3, "rejected"))
    play.do(("merges_leads", 2, 3))
    play.do(("runs", "pull"))
    play.do(("converts", 4, False))
    play.do(("quiet",))


def test_of_two_stages_the_further_holds_where_the_record_that_stays_says_nothing_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served(
        monkeypatch,
        ("appears", 1, "Director IT", "Berlin", True), ("appears", 2, "Director IT", "Berlin", True), ("runs", "sync"),
        ("says", 1, "sql"), ("says", 0, "rejected"), ("runs", "sync"), ("says", 0, STRANGE), ("merges_leads", 1, 0),
        ("quiet",),
    )  # fmt: skip


def test_what_was_reached_in_a_record_holds_though_it_is_deleted_while_there_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served(
        monkeypatch,
        ("appears", 1, "Director IT", "Berlin", True), ("appears", 3, "", "Ulm", True), ("runs", "sync"),
        ("says", 0, "sql"), ("quiet",), ("deletes", 0), ("merges", 3, 1), ("runs", "backfill"),
        ("converts", 2, False), ("quiet",),
    )  # fmt: skip


def test_what_a_rep_says_in_the_record_that_a_lead_goes_on_in_is_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    served(
        monkeypatch,
        ("appears", 2, "CTO", "Bonn", True), ("appears", 4, "Clerk", "Ulm", True), ("runs", "sync"), ("merges", 2, 4),
        ("runs", "sync"), ("deletes", 1), ("edits_by_hand", 3, ("job_title", "Head of IT")), ("quiet",),
    )  # fmt: skip


@pytest.mark.parametrize("known", [(), (("runs", "pull"),), (("mode_changes", "observe"), ("runs", "sync"))])
def test_contacts_that_were_merged_twice_before_either_was_read_are_one(
    monkeypatch: pytest.MonkeyPatch, known: tuple[Act, ...]
) -> None:
    served(
        monkeypatch,
        ("appears", 1, "Director IT", "Berlin", True), ("appears", 2, "Director IT", "Berlin", True),
        ("appears", 3, "Director IT", "Berlin", True), *known,
        ("merges", 2, 1), ("merges", 1, 3), ("asks", 3, "webinar_attend"), ("mode_changes", "live"), ("quiet",),
    )  # fmt: skip


@pytest.mark.parametrize("read", [(), (1,), (2,), (3,), (1, 3), (1, 2, 3)])
@pytest.mark.parametrize("in_turn", [False, True])
def test_merged_twice_where_each_is_named_alone_they_are_one_whoever_was_known(
    play: Play, read: tuple[int, ...], in_turn: bool
) -> None:
    for number in read:
        play.do(("appears", number, "Director IT", "Berlin", number == 3))
    play.do(("runs", "sync"))
    for number in {1, 2, 3} - set(read):
        play.do(("appears", number, "Director IT", "Berlin", number == 3))
    play.do(("asks", 3, "webinar_attend"))
    play.do(("merges", 3, 1))
    if in_turn:
        play.do(("runs", "pull"))
    play.do(("merges", 1, 2))
    play.do(("quiet",))
    assert len(play.ground.crm.things("lead")) == 1


@pytest.mark.parametrize("ends", [("merges_leads", 1, 2), ("deletes", 1)])
def test_what_a_rep_said_and_stands_in_both_records_stays_when_one_is_left(
    monkeypatch: pytest.MonkeyPatch, ends: Act
) -> None:
    served(
        monkeypatch,
        ("appears", 1, "Director IT", "Berlin", True), ("appears", 2, "Director IT", "Berlin", True),
        ("appears", 3, "Director IT", "Berlin", True), ("runs", "sync"), ("edits_by_hand", 1, ("city", "Köln")),
        ("merges", 2, 3), ("quiet",), ends, ("quiet",),
    )  # fmt: skip


def test_whose_own_record_is_gone_goes_on_in_the_others_when_that_comes_back(play: Play) -> None:
    for number in (2, 3):
        play.do(("appears", number, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("deletes", 3))
    play.do(("merges", 3, 2))
    play.do(("deletes", 5))
    play.do(("quiet",))
    play.do(("restores", 3))
    play.do(("says", 4, "sal"))
    play.do(("asks", 2, "webinar_attend"))
    play.do(("quiet",))


def test_who_was_written_to_in_the_new_contact_of_a_merge_is_one_with_the_other() -> None:
    with Play(CONTACTS) as play:
        for act in (
            ("wins", "newest"), ("appears", 3, "Director IT", "Berlin", True), ("appears", 4, "CTO", "Bonn", True),
            ("quiet",), ("merges_leads", 3, 4), ("changes", 4, ("city", "")),
            ("read_fails", "look_up", "no_connection", 1), ("is_killed", "sync", 19, False),
            ("two_at_once", "work", 28, "sync", False), ("quiet",),
        ):  # fmt: skip
            play.do(act)
        with play.ground.app.store.read() as tx:
            assert len([one for one in tx.intake.leads([1, 2]).values() if not one.merged_into]) == 1


def test_an_address_of_a_contact_that_was_merged_by_hand_finds_the_one_that_is_left() -> None:
    with Play(CONTACTS) as play:
        for act in (
            ("appears", 3, "", "Bonn", True), ("makes_by_hand", 3, "Bonn"), ("appears", 4, "CTO", "Bonn", True),
            ("makes_by_hand", 4, "Bonn"), ("merges_leads", 4, 3), ("quiet",),
        ):  # fmt: skip
            play.do(act)
        assert len(play.ground.crm.things("lead")) == 1


def test_what_is_on_its_way_to_marketing_is_taken_back_where_both_sides_have_cleared_it_since(play: Play) -> None:
    for number in (1, 2, 3):
        play.do(("appears", number, "Director IT", "Berlin", True))
    play.do(("runs", "sync"))
    play.do(("edits", 2, ("job_title", "Clerk")))
    play.do(("is_killed", "sync", 35, True))
    play.do(("meanwhile", "work", 27, ("restores", 4)))
    play.do(("meanwhile", "bring back", 22, ("changes", 3, ("job_title", ""))))
    play.do(("edits", 5, ("job_title", "")))
    play.do(("quiet",))


def test_who_was_merged_twice_and_is_deleted_then_goes_on_nowhere() -> None:
    with Play(CONTACTS) as play:
        for act in (
            ("appears", 1, "Director IT", "Berlin", True), ("appears", 3, "Director IT", "Berlin", True),
            ("runs", "sync"), ("merges", 3, 1), ("merges_leads", 5, 2), ("appears", 2, "", "Berlin", True),
            ("is_killed", "backfill", 28, True), ("quiet",), ("merges_leads", 0, 3), ("deletes", 3), ("quiet",),
        ):  # fmt: skip
            play.do(act)


def test_to_whom_a_rep_gave_a_contact_before_it_was_merged_is_heard_in_the_new_one() -> None:
    with Play(CONTACTS) as play:
        for act in (
            ("appears", 1, "Director IT", "Berlin", True), ("appears", 2, "Director IT", "Berlin", True),
            ("appears", 3, "Director IT", "Berlin", True), ("runs", "sync"), ("merges_leads", 0, 4), ("deletes", 2),
            ("gives", 2, "tom@northwind.example"), ("quiet",), ("gives", 2, "lena@northwind.example"),
            ("restores", 4), ("merges_leads", 4, 5), ("quiet",),
        ):  # fmt: skip
            play.do(act)


def test_who_is_deleted_once_more_after_another_was_merged_into_them_is_deleted(play: Play) -> None:
    for act in (
        ("appears", 3, "Director IT", "Berlin", True), ("runs", "sync"), ("deletes", 0),
        ("appears", 2, "Director IT", "Bonn", True), ("runs", "sync"),
        ("restores", 0), ("merges_leads", 1, 0), ("edits_by_hand", 0, ("city", "Köln")), ("deletes", 0), ("quiet",),
    ):  # fmt: skip
        play.do(act)


@pytest.mark.parametrize("said", [("says", 0, "rejected"), ("gives", 0, "petra@northwind.example")])
def test_of_two_records_of_one_lead_that_are_merged_the_one_that_is_left_says_what_it_is(play: Play, said: Act) -> None:
    for act in (
        ("appears", 2, "Director IT", "Berlin", True), ("appears", 3, "Director IT", "Berlin", True), ("runs", "sync"),
        ("merges", 2, 3), ("runs", "sync"), said, ("quiet",), ("merges_leads", 0, 1), ("quiet",),
    ):  # fmt: skip
        play.do(act)


def test_to_whom_a_lead_was_given_in_the_one_of_its_contacts_is_over_once_that_is_merged() -> None:
    with Play(CONTACTS) as play:
        for act in (
            ("appears", 2, "Director IT", "Berlin", True), ("appears", 3, "Director IT", "Berlin", True),
            ("runs", "sync"), ("merges", 2, 3), ("runs", "sync"), ("gives", 0, "petra@northwind.example"),
            ("quiet",), ("merges_leads", 0, 1), ("quiet",),
        ):  # fmt: skip
            play.do(act)


def test_a_record_that_two_had_keeps_the_points_of_them_both(monkeypatch: pytest.MonkeyPatch) -> None:
    served(
        monkeypatch,
        ("appears", 1, "Director IT", "Berlin", True), ("appears", 3, "Director IT", "Berlin", True), ("runs", "sync"),
        ("merges_leads", 4, 1), ("asks", 3, "webinar_attend"), ("merges", 3, 1),
        ("two_at_once", "pull", 26, "deliver portal", True), ("edits_by_hand", 1, ("score.total", 99)), ("quiet",),
    )  # fmt: skip


def test_a_record_that_two_had_and_that_comes_back_keeps_its_points(monkeypatch: pytest.MonkeyPatch) -> None:
    served(
        monkeypatch,
        ("appears", 1, "Director IT", "Berlin", True), ("appears", 2, "Director IT", "Berlin", True), ("runs", "sync"),
        ("merges", 1, 2), ("edits_by_hand", 3, ("score.total", 99)), ("runs", "backfill"), ("merges_leads", 4, 1),
        ("quiet",), ("deletes", 1), ("quiet",), ("restores", 5), ("says", 2, "sal"), ("quiet",),
    )  # fmt: skip


def test_who_was_deleted_and_is_back_before_the_crm_has_told_of_it_gets_what_waits() -> None:
    with Play(CONTACTS) as play:
        for act in (
            ("appears", 3, "Director IT", "Bonn", True), ("makes_by_hand", 3, "Bonn"), ("runs", "bring back"),
            ("deletes", 4), ("runs", "sync"), ("restores", 4), ("quiet",),
        ):  # fmt: skip
            play.do(act)


def test_nothing_is_cleared_in_what_comes_back_from_the_bin(monkeypatch: pytest.MonkeyPatch) -> None:
    served(
        monkeypatch,
        ("appears", 1, "Director IT", "Berlin", True), ("appears", 2, "Director IT", "Berlin", True), ("runs", "sync"),
        ("converts", 0, False), ("deletes", 4), ("merges", 2, 1), ("rules_change", 30, False),
        ("meanwhile", "backfill", 14, ("converts", 3, False)), ("quiet",), ("restores", 3), ("quiet",),
    )  # fmt: skip


def test_what_was_held_back_while_nobody_knew_whose_a_value_is_is_written_once_it_is_known(play: Play) -> None:
    for act in (
        ("appears", 1, "Director IT", "Bonn", True), ("appears", 4, "CTO", "", True),
        ("write_fails", "crm", "cut", 0, 31.5), ("makes_by_hand", 4, "Berlin"), ("runs", "sync"), ("merges", 4, 1),
        ("meanwhile", "backfill", 10, ("deletes", 1)), ("quiet",),
    ):  # fmt: skip
        play.do(act)


def test_who_is_known_is_told_of_where_a_contact_that_was_more_is_merged_into_theirs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served(
        monkeypatch,
        ("appears", 4, "CTO", "Ulm", False), ("appears", 2, "Clerk", "Bonn", False), ("runs", "pull"),
        ("merges", 4, 2), ("runs", "work"), ("runs", "deliver portal"), ("quiet",),
    )  # fmt: skip


def test_a_word_that_an_admin_no_longer_names_says_nothing_of_two_records_that_are_merged() -> None:
    with Play("refuses") as play:
        for act in (
            ("appears", 1, "Director IT", "Berlin", True), ("appears", 3, "Director IT", "Berlin", True),
            ("runs", "sync"), ("appears", 4, "", "", True), ("says", 4, "sql"), ("rules_change", 40, True), ("quiet",),
            ("merges_leads", 2, 1), ("says", 1, "nurturing"), ("quiet",),
            ("merges_leads", 4, 3), ("rules_change", 30, False), ("quiet",),
        ):  # fmt: skip
            play.do(act)


def test_the_addresses_of_a_contact_in_the_bin_are_free_also_those_of_who_was_merged_into_it() -> None:
    with Play(CONTACTS) as play:
        for act in (
            ("appears", 1, "Clerk", "Berlin", False), ("appears", 2, "Director IT", "Ulm", True),
            ("appears", 3, "CTO", "Berlin", True), ("meanwhile", "sync", 38, ("makes_by_hand", 1, "")), ("deletes", 1),
            ("merges_leads", 4, 5), ("leaves", 1), ("appears", 1, "", "Ulm", True), ("deletes", 3), ("quiet",),
        ):  # fmt: skip
            play.do(act)


def test_a_record_that_three_had_by_now_ends_for_the_lead_that_they_all_are() -> None:
    with Play(CONTACTS) as play:
        for act in (
            ("appears", 1, "Director IT", "Berlin", True), ("appears", 2, "Director IT", "Berlin", True),
            ("appears", 3, "Director IT", "Berlin", True), ("runs", "sync"), ("merges", 1, 2), ("merges_leads", 4, 5),
            ("runs", "sync"), ("deletes", 5), ("quiet",), ("meanwhile", "pull", 25, ("restores", 0)),
            ("merges_leads", 0, 1), ("runs", "sync"), ("deletes", 2), ("quiet",),
        ):  # fmt: skip
            play.do(act)


def test_of_two_whom_marketing_merges_the_one_that_is_in_the_crm_stays_with_its_rep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served(
        monkeypatch,
        ("appears", 2, "Director IT", "Berlin", True), ("runs", "sync"),
        ("meanwhile", "deliver crm", 22, ("appears", 1, "CTO", "Berlin", True)), ("says", 3, "sal"),
        ("two_at_once", "work", 17, "backfill", False), ("merges", 2, 1),
        ("two_at_once", "pull", 6, "deliver portal", False), ("quiet",),
    )  # fmt: skip


def test_what_was_merged_into_a_lead_that_was_converted_before_it_was_read_stays_what_it_was() -> None:
    with Play("only searched") as play:
        for number in (1, 2, 3):
            play.do(("appears", number, "Director IT", "Berlin", True))
        for act in (
            ("runs", "sync"), ("says", 1, "sal"), ("merges_leads", 3, 1), ("quiet",), ("merges", 1, 3),
            ("judges", 2, "other", 3), ("merges_leads", 2, 5), ("converts", 0, False), ("runs", "backfill"),
            ("quiet",),
        ):  # fmt: skip
            play.do(act)


def test_a_record_that_is_back_counts_for_the_lead_that_stands_for_both_that_had_it() -> None:
    with Play("unique key") as play:
        for act in (
            ("appears", 2, "Director IT", "Berlin", True), ("appears", 3, "Director IT", "Berlin", True),
            ("runs", "sync"), ("merges_leads", 1, 4), ("merges", 3, 2), ("runs", "pull"),
            ("asks", 2, "webinar_attend"), ("deletes", 4), ("runs", "bring back"), ("restores", 0),
            ("says", 1, "sal"), ("quiet",),
        ):  # fmt: skip
            play.do(act)


def test_whom_a_rep_made_and_gave_away_before_our_create_came_is_whose_they_are_there() -> None:
    with Play(CONTACTS) as play:
        for act in (
            ("read_fails", "pull", "refused", 1), ("meanwhile", "sync", 39, ("appears", 1, "", "Ulm", True)),
            ("write_fails", "crm", "cut", 3, 5.5), ("read_fails", "pull", "throttled", 0), ("runs", "sync"),
            ("runs", "backfill"), ("makes_by_hand", 1, ""), ("gives", 2, "petra@northwind.example"), ("quiet",),
        ):  # fmt: skip
            play.do(act)


def test_a_record_in_which_a_lead_goes_on_keeps_what_a_person_said_there_though_it_was_written_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served(
        monkeypatch,
        ("appears", 1, "Director IT", "Berlin", True), ("appears", 2, "Director IT", "Berlin", True),
        ("appears", 3, "Director IT", "Berlin", True), ("runs", "sync"), ("appears", 4, "Clerk", "Bonn", True),
        ("deletes", 5), ("edits_by_hand", 4, ("job_title", "Head of IT")), ("quiet",), ("restores", 5),
        ("merges", 1, 4), ("quiet",), ("deletes", 3), ("quiet",),
    )  # fmt: skip


def test_a_word_that_says_nothing_hides_the_stage_of_the_record_that_is_left_of_two() -> None:
    with Play("only searched") as play:
        for act in (
            ("appears", 2, "Director IT", "Berlin", True), ("appears", 3, "Director IT", "Berlin", True),
            ("runs", "sync"), ("says", 0, "sal"), ("merges", 2, 3), ("runs", "sync"), ("merges_leads", 4, 3),
            ("says", 0, "nurturing"), ("quiet",),
        ):  # fmt: skip
            play.do(act)


def test_who_is_merged_in_marketing_with_one_whom_a_rep_rejected_stays_with_the_rep_who_has_the_task() -> None:
    with Play(CONTACTS) as play:
        for act in (
            ("appears", 3, "Director IT", "Berlin", True), ("runs", "sync"), ("appears", 1, "", "Ulm", True),
            ("says", 3, "rejected"), ("meanwhile", "backfill", 39, ("restores", 2)), ("merges", 3, 1), ("quiet",),
        ):  # fmt: skip
            play.do(act)


def test_whom_the_crm_refuses_as_being_there_is_looked_up_once_the_flow_no_longer_observes() -> None:
    with Play(CONTACTS) as play:
        for act in (
            ("runs", "sync"), ("appears", 2, "Director IT", "", False), ("asks", 2, "demo_request"),
            ("two_at_once", "pull", 21, "work", True), ("meanwhile", "deliver crm", 1, ("makes_by_hand", 2, "Ulm")),
            ("mode_changes", "observe"), ("quiet",), ("mode_changes", "live"), ("quiet",),
        ):  # fmt: skip
            play.do(act)


def test_points_that_are_overwritten_while_a_write_without_them_is_unanswered_are_written_again() -> None:
    with Play("unique key") as play:
        for act in (
            ("appears", 2, "Director IT", "Berlin", True), ("runs", "sync"),
            ("write_fails", "crm", "timeout", 0, 31.5), ("changes", 2, ("city", "Bonn")),
            ("two_at_once", "sync", 8, "deliver crm", True), ("edits_by_hand", 2, ("score.total", 99)), ("quiet",),
        ):  # fmt: skip
            play.do(act)
