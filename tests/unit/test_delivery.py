"""What follows from each answer: the outbox protocol's decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.model import sentences
from connector.model.adapter import CrmCapabilities
from connector.model.outbox import (
    ENDED,
    Done,
    Found,
    NotExecuted,
    OutboxRow,
    Outcome,
    Receipt,
    Refused,
    Settlement,
    Unknown,
)
from connector.steps.delivery import (
    MOST_ALONE,
    after_look,
    after_second_look,
    after_write,
    differing,
    holds,
    look_failed,
    resolve_time,
    second_look,
    times_alone,
    wait_after,
)

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
SLOW = CrmCapabilities(settle=10.0, lag=20.0, deadline=30.0)
LEAD = OutboxRow(
    "sf", "state", "lead", "B-1", "sf:lead:B-1", {"Name": "Ana", "Score": 60}, id=1, revision=1, attempts=1, epoch=5,
    sent_at=NOW,
)  # fmt: skip
TASK = replace(LEAD, kind="once", object="task", our_key="B:handoff-1:task:1", key="sf:B:handoff-1:task:1")


def receipt(**values: object) -> Receipt:
    return Receipt("sf", "lead", "B-1", "00Q1", dict(values))


def test_done_remembers_what_the_target_took_over_what_it_had() -> None:
    end = after_write(LEAD, Done("00Q1"), SLOW, receipt(Name="Old", City="Bonn"), NOW)
    assert end.state == "done"
    assert end.receipt is not None
    assert end.receipt.values == {"Name": "Ana", "Score": 60, "City": "Bonn"}
    assert end.follow_up == ()


def test_done_after_a_resend_leaves_a_second_look() -> None:
    end = after_write(replace(LEAD, resends=1), Done("00Q1"), SLOW, None, NOW)
    (look,) = end.follow_up
    assert (look.kind, look.not_before) == ("verify", NOW + timedelta(seconds=60))


def test_not_executed_waits_as_long_as_the_platform_says() -> None:
    end = after_write(LEAD, NotExecuted("429", retry_after=7.0), SLOW, None, NOW)
    assert (end.state, end.not_before) == ("waiting", NOW + timedelta(seconds=7))
    assert not end.resend


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 30), (2, 60), (5, 480), (12, 3600)])
def test_waits_double_up_to_an_hour(attempts: int, seconds: int) -> None:
    assert wait_after(attempts, None) == timedelta(seconds=seconds)


def test_unknown_is_looked_up_only_after_deadline_settle_and_lag() -> None:
    end = after_write(LEAD, Unknown("reset"), SLOW, None, NOW)
    assert (end.state, end.resolve_at) == ("unknown", NOW + timedelta(seconds=60))


def test_a_refusal_is_a_dead_letter_with_field_and_code() -> None:
    end = after_write(LEAD, Refused("not in the picklist", "INVALID", "Source"), SLOW, None, NOW)
    assert (end.state, end.code, end.field) == ("dead", "INVALID", "Source")


def test_a_refusal_as_duplicate_is_looked_up_before_it_is_believed() -> None:
    end = after_write(LEAD, Refused("exists", duplicate=True), SLOW, None, NOW)
    assert (end.state, end.resolve_at) == ("unknown", NOW)


def test_an_unknown_that_is_found_with_our_values_is_adopted() -> None:
    end = after_look(LEAD, Found(("00Q1",), ({"Name": "Ana", "Score": "60"},)), None, NOW)
    assert end.state == "done"
    assert end.receipt is not None
    assert end.receipt.crm_id == "00Q1"


def test_what_is_adopted_was_written_when_it_was_sent_not_when_that_was_found_out() -> None:
    an_hour_later = NOW + timedelta(hours=1)
    for values in ({"Name": "Ana", "Score": "60"}, {"Name": "Old"}):
        end = after_look(LEAD, Found(("00Q1",), (values,)), None, an_hour_later)
        assert end.receipt is not None
        assert end.receipt.at == NOW
    since = replace(receipt(Name="Old"), at=NOW + timedelta(minutes=5))
    end = after_look(LEAD, Found(("00Q1",), ({"Name": "Ana", "Score": 60},)), since, an_hour_later)
    assert end.receipt is not None
    assert end.receipt.at == since.at, "another write of it was answered since"


def test_an_unknown_task_that_is_found_is_adopted_whatever_it_holds_now() -> None:
    assert after_look(TASK, Found(("T1",), ({"Name": "closed by a person"},)), None, NOW).state == "done"


def test_an_unknown_lead_found_with_other_values_is_sent_again_to_that_object() -> None:
    sent_before = replace(LEAD, resends=1)
    end = after_look(sent_before, Found(("00Q1",), ({"Name": "Old"},)), None, NOW)
    assert (end.state, end.resend) == ("waiting", True)
    assert end.receipt is not None
    assert (end.receipt.crm_id, end.receipt.values) == ("00Q1", {"Name": "Old"})


def test_what_a_person_wrote_over_ours_before_the_look_up_stays() -> None:
    edited = Found(("00Q1",), ({"Name": "Ana Maria", "Score": 60},))
    end = after_look(LEAD, edited, None, NOW)
    assert end.state == "done"
    # As if acknowledged: what the record holds is somebody else's from here on.
    assert end.receipt is not None
    assert end.receipt.values == {"Name": "Ana", "Score": 60}
    partly = after_look(LEAD, Found(("00Q1",), ({"Name": "Ana Maria", "Score": None},)), None, NOW)
    assert partly.state == "waiting"
    assert partly.receipt is not None
    assert differing(LEAD.values, partly.receipt) == {"Score": 60}


def test_an_update_that_was_not_done_is_sent_again_over_what_it_was_before() -> None:
    known = receipt(Name="Ana", Score=40)
    end = after_look(LEAD, Found(("00Q1",), ({"Name": "Ana", "Score": 40},)), known, NOW)
    assert (end.state, end.resend) == ("waiting", True)
    assert end.receipt is not None
    assert differing(LEAD.values, end.receipt) == {"Score": 60}


def test_what_stood_in_a_record_that_was_there_before_us_is_written_over_as_decided() -> None:
    found = Found(("501",), ({"Name": "Ana Maria", "Score": 60},))
    end = after_look(replace(LEAD, crm_id="501"), found, None, NOW)
    assert (end.state, end.resend) == ("waiting", True)


def test_what_is_refused_as_there_and_never_found_is_a_persons_in_the_end() -> None:
    refused = replace(LEAD, code="DUPLICATE_VALUE", reason="exists")
    assert after_look(replace(refused, resends=2), Found(), None, NOW).state == "waiting"
    end = after_look(replace(refused, resends=3), Found(), None, NOW)
    assert (end.state, end.reason, end.code) == ("parked", "exists", "DUPLICATE_VALUE")


def test_an_unknown_that_is_absent_is_sent_again_and_counted() -> None:
    end = after_look(LEAD, Found(), None, NOW)
    assert (end.state, end.resend, end.receipt) == ("waiting", True, None)


def test_what_cannot_be_told_is_parked_for_a_person() -> None:
    assert after_look(LEAD, Found(reliable=False), None, NOW).state == "parked"


def test_a_failed_look_keeps_the_question_open() -> None:
    assert look_failed(LEAD, "the look-up failed", NOW).state == "unknown"
    assert look_failed(second_look(LEAD, SLOW, NOW), "the look-up failed", NOW).state == "waiting"


def test_second_look_sends_the_newest_again_where_an_old_value_came_back() -> None:
    look = second_look(replace(LEAD, resends=1), SLOW, NOW)
    old = Found(("00Q1",), ({"Name": "Ana", "Score": 40},))
    end, seen = after_second_look(look, old, receipt(Name="Ana", Score=60), NOW, lambda: [{"Score": 40}])
    assert (seen, end.state) == ("old value", "done")
    (again,) = end.follow_up
    assert (again.kind, again.key, again.values) == ("state", "sf:lead:B-1", {"Name": "Ana", "Score": 60})
    assert end.receipt is not None
    assert differing(again.values, end.receipt) == {"Score": 60}


def test_a_second_look_leaves_alone_what_a_person_wrote_meanwhile() -> None:
    look = second_look(replace(LEAD, resends=1), SLOW, NOW)
    edited = Found(("00Q1",), ({"Name": "Ana Maria", "Score": 60},))
    end, seen = after_second_look(look, edited, receipt(Name="Ana", Score=60), NOW, lambda: [{"Name": "Anna"}])
    assert (seen, end.follow_up, end.receipt) == ("same", (), None)


@pytest.mark.parametrize(
    ("found", "seen"),
    [
        (Found(("00Q1",), ({"Name": "Ana", "Score": 60},)), "same"),
        (Found(("00Q1", "00Q2")), "duplicate"),
        (Found(), "gone"),
        (Found(reliable=False), ""),
    ],
)
def test_second_look_says_what_it_saw(found: Found, seen: str) -> None:
    look = second_look(LEAD, SLOW, NOW)
    assert after_second_look(look, found, receipt(Name="Ana", Score=60), NOW)[1] == seen


def test_second_look_at_a_task_never_writes_it_again() -> None:
    look = second_look(replace(TASK, resends=1), SLOW, NOW)
    end, seen = after_second_look(look, Found(("T1",), ({"Name": "moved on"},)), receipt(Name="Ana"), NOW)
    assert (seen, end.follow_up) == ("same", ())


def test_only_what_differs_from_the_receipt_is_sent() -> None:
    assert differing({"Name": "Ana", "Score": 60}, receipt(Name="Ana", Score=40)) == {"Score": 60}
    assert differing({"Name": "Ana"}, None) == {"Name": "Ana"}
    # A blank is sent only over something: "", a list of nothing and nothing are the same.
    known = receipt(Name="Ana", City="", Phone="+49 1", Tags=["a"])
    blanks: dict[str, object] = {"Name": None, "City": None, "Phone": "", "Tags": [], "Fax": ""}
    assert differing(blanks, known) == {"Name": None, "Phone": "", "Tags": []}


# A row with something in every field: what a settlement or a second look drops of it is seen.
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
FULL = OutboxRow(
    "sf", "state", "lead", "B-1", "sf:lead:B-1:score", {"Name": "Ana", "Score": 60}, lead_id=4, group="score", lane=1,
    after="sf:lead:B-0", parent="B-9", parent_object="account", crm_id="00Q7", flow="b2b", run_id=8, id=1, revision=3,
    attempts=2, epoch=5, reason="cut off", code="HELD", field="Score", sent_at=NOW - 20 * SECOND,
)  # fmt: skip
KNOWN = Receipt("sf", "lead", "B-1", "00Q1", {"Name": "Old", "City": "Bonn"}, "r1", 4, NOW - MINUTE)


def taken(crm_id: str = "00Q7", revision: str = "", **values: object) -> Receipt:
    return Receipt("sf", "lead", "B-1", crm_id, values or dict(FULL.values), revision, 4, NOW)


def sent(crm_id: str, revision: str = "", **values: object) -> Receipt:
    return replace(taken(crm_id, revision, **values), at=FULL.sent_at)


def ended(state: str, reason: str = "", code: str = "", field: str = "", **given: object) -> Settlement:
    return Settlement(FULL, 5, state, reason, code, field, **given)  # type: ignore[arg-type]


REFUSED = Refused("no", "E1", "Name")
DELETED = Refused("deleted", "GONE")


@pytest.mark.parametrize(
    ("outcome", "known", "end"),
    [
        (Done("00Q7", "r2"), KNOWN, ended("done", receipt=taken(revision="r2", Name="Ana", Score=60, City="Bonn"))),
        (Done("00Q7"), None, ended("done", receipt=taken())),
        (NotExecuted("429", 7.0), None, ended("waiting", "429", "HELD", "Score", not_before=NOW + 7 * SECOND)),
        (NotExecuted("401"), None, ended("waiting", "401", "HELD", "Score", not_before=NOW + MINUTE)),
        (NotExecuted("429", -1.0), None, ended("waiting", "429", "HELD", "Score", not_before=NOW)),
        (Unknown("reset"), None, ended("unknown", "reset", resolve_at=NOW + 40 * SECOND)),
        (REFUSED, KNOWN, ended("dead", "no", "E1", "Name")),
        (DELETED, KNOWN, ended("dropped", "deleted", "GONE", receipt=replace(KNOWN, gone=True, at=NOW))),
        (DELETED, None, ended("dropped", "deleted", "GONE")),
        (replace(REFUSED, duplicate=True), KNOWN, ended("unknown", "no", "E1", "Name", resolve_at=NOW)),
    ],
)
def test_everything_that_an_answer_says_is_in_the_settlement(
    outcome: Outcome, known: Receipt | None, end: Settlement
) -> None:
    assert after_write(FULL, outcome, SLOW, known, NOW) == end


@pytest.mark.parametrize("code", sorted(ENDED))
def test_only_what_was_there_can_be_gone(code: str) -> None:
    made_by_it = replace(FULL, crm_id="")
    end = after_write(made_by_it, Refused("deleted", code), SLOW, None, NOW)
    assert end == Settlement(made_by_it, 5, "dead", "deleted", code)


@pytest.mark.parametrize("code", sorted(ENDED))
def test_a_membership_of_what_is_gone_ends_with_it(code: str) -> None:
    joins = replace(FULL, crm_id="", object="membership")
    end = after_write(joins, Refused("deleted", code), SLOW, None, NOW)
    assert end == Settlement(joins, 5, "dropped", "deleted", code)


@pytest.mark.parametrize(("code", "alone", "kept"), [
    ("HELD", False, ""), ("HELD", True, "FAILS_ALONE:0"), ("FAILS_ALONE:3", True, "FAILS_ALONE:3"),
    ("FAILS_ALONE:3", False, ""),
])  # fmt: skip
def test_no_answer_is_counted_for_whoever_was_alone(code: str, alone: bool, kept: str) -> None:
    assert after_write(replace(FULL, code=code), Unknown("reset"), SLOW, None, NOW, alone=alone).code == kept


@pytest.mark.parametrize(
    ("code", "times"),
    [("", 0), ("FAILS_ALONE", 0), ("FAILS_ALONE:2", 2), ("FAILS_ALONE:12", 12), ("FAILS_ALONE:x", 0), ("HELD:2", 0)],
)
def test_how_often_it_failed_alone_is_read_from_its_code(code: str, times: int) -> None:
    assert times_alone(replace(FULL, code=code)) == times


def test_who_fails_alone_waits_longer_each_time_and_is_believed_in_the_end() -> None:
    def look(times: int, taken: bool = True) -> Settlement:
        return after_look(replace(FULL, code=f"FAILS_ALONE:{times}"), Found(), None, NOW, taken=taken)

    waits = [look(times).not_before for times in range(MOST_ALONE - 1)]
    assert waits == [NOW + timedelta(seconds=seconds) for seconds in (0, 30, 60, 120, 240)]
    assert (look(2).state, look(2).code, look(2).resend) == ("waiting", "FAILS_ALONE:3", True)
    assert after_look(replace(FULL, code="FAILS_ALONE:2"), Found(), None, NOW).code == "FAILS_ALONE:2"
    assert (look(2, taken=False).code, look(5, taken=False).state) == ("FAILS_ALONE:2", "waiting")
    reason = sentences.FAILS_ALONE % {"times": 6}
    failed = replace(FULL, code="FAILS_ALONE:5")
    assert look(5) == Settlement(failed, 5, "dead", f"{reason}: cut off", "FAILS_ALONE")


def test_who_failed_alone_and_is_found_after_all_is_no_failure() -> None:
    row = replace(FULL, code=f"FAILS_ALONE:{MOST_ALONE}")
    end = after_look(row, Found(("00Q7",), (dict(FULL.values),)), None, NOW, taken=True)
    assert (end.state, end.code) == ("done", "")
    assert after_look(row, Found(reliable=False), None, NOW, taken=True).state == "parked"


@pytest.mark.parametrize(
    ("changes", "found", "known", "end"),
    [
        ({}, Found(reliable=False), None, ("parked", "cut off")),
        ({"reason": ""}, Found(reliable=False), None, ("parked", sentences.CANNOT_TELL)),
        ({"resends": 3}, Found(), None, ("parked", "cut off", "HELD", "Score")),
        ({"resends": 3, "code": "FAILS_ALONE:1"}, Found(), None, ("waiting",)),
        ({"resends": 9, "code": ""}, Found(), None, ("waiting", sentences.NOT_FOUND)),
        ({"resends": 3}, Found(("00Q7",)), None, ("waiting", sentences.OTHER_VALUES)),
    ],
)
def test_what_a_look_up_leaves_of_the_row(
    changes: dict[str, object], found: Found, known: Receipt | None, end: tuple[str, ...]
) -> None:
    row = replace(FULL, **changes)  # type: ignore[arg-type]
    got = after_look(row, found, known, NOW)
    assert (got.row, got.epoch) == (row, 5)
    assert (got.state, got.reason, got.code, got.field)[: len(end)] == end


def test_everything_that_a_look_up_says_is_in_the_settlement() -> None:
    assert after_look(FULL, Found(), None, NOW) == ended("waiting", sentences.NOT_FOUND, not_before=NOW, resend=True)
    adopted = ended("done", sentences.ADOPTED, receipt=sent("00Q8", Name="Ana", Score=60, City="Bonn"))
    assert after_look(FULL, Found(("00Q8", "00Q9"), (dict(FULL.values), {})), KNOWN, NOW) == adopted
    as_found = sent("00Q7", Name="Old", City="Bonn", Score=None)
    assert after_look(FULL, Found(("00Q7",), ({"Name": "Old", "Score": None, "Owner": "u1"},)), KNOWN, NOW) == ended(
        "waiting", sentences.OTHER_VALUES, not_before=NOW, receipt=as_found, resend=True
    )


@pytest.mark.parametrize(("values", "state"), [
    # Anything else may have been there before us: what it holds is written over, as decided.
    ({"Name": "Ana Maria", "Score": 60}, "waiting"),
    ({"Name": "Ana", "Score": 60}, "done"),
])  # fmt: skip
@pytest.mark.parametrize("object", ["contact", "company"])
def test_only_a_lead_is_surely_made_by_its_row(object: str, values: dict[str, object], state: str) -> None:
    row = replace(FULL, object=object, crm_id="", group="")
    assert after_look(row, Found(("003",), (values,)), None, NOW).state == state


@pytest.mark.parametrize(("resends", "score"), [(0, None), (0, 10), (1, 10)])
def test_what_was_not_sent_is_not_looked_at(resends: int, score: object) -> None:
    known = replace(KNOWN, values={"Name": "Old", "Score": 60})
    found = Found(("00Q7",), ({"Name": "Ana", "Score": score},))
    assert after_look(replace(FULL, resends=resends), found, known, NOW).state == "done"


def test_a_field_that_was_never_acknowledged_is_not_somebodys_edit() -> None:
    known = replace(KNOWN, values={"Name": "Old"})
    end = after_look(FULL, Found(("00Q7",), ({"Name": "Ana", "Score": 10},)), known, NOW)
    assert end.receipt is not None
    assert (end.state, end.receipt.values) == ("waiting", {"Name": "Ana", "Score": 10})


def test_what_was_read_as_gone_meanwhile_is_not_written_any_more() -> None:
    gone = replace(KNOWN, gone=True)
    for found in (Found(), Found(("00Q7",), ({"Name": "Old", "Score": 10},))):
        assert after_look(FULL, found, gone, NOW) == ended("dropped", sentences.GONE)
    # A task is no part of the record: it was made, or is made again.
    once = replace(FULL, kind="once")
    assert after_look(once, Found(), gone, NOW).state == "waiting"
    assert after_look(FULL, Found(reliable=False), gone, NOW).state == "parked"


def test_a_failed_look_says_why_and_when_the_next_is() -> None:
    assert look_failed(FULL, "no answer", NOW) == ended(
        "unknown", "no answer", "HELD", "Score", resolve_at=NOW + MINUTE
    )
    look = replace(FULL, kind="verify")
    assert look_failed(look, "no answer", NOW) == Settlement(look, 5, "waiting", "no answer", not_before=NOW + MINUTE)


@pytest.mark.parametrize(("kind", "group"), [("state", "score"), ("once", "once")])
def test_a_second_look_carries_all_that_it_needs_of_its_row(kind: str, group: str) -> None:
    row = replace(FULL, kind=kind, resends=1)  # type: ignore[arg-type]
    assert second_look(row, SLOW, NOW, replace(KNOWN, values={"Name": "Ana"})) == OutboxRow(
        "sf", "verify", "lead", "B-1", "sf:lead:B-1:score:verify:3.2", {"Score": 60}, lead_id=4, group=group, lane=1,
        parent="B-9", parent_object="account", crm_id="00Q7", flow="b2b", not_before=NOW + MINUTE,
    )  # fmt: skip


def test_a_second_look_starts_from_what_was_known_before_the_write() -> None:
    end = after_write(replace(FULL, resends=1), Done("00Q7"), SLOW, replace(KNOWN, values={"Name": "Ana"}), NOW)
    assert [look.values for look in end.follow_up] == [{"Score": 60}]


class TestSecondLook:
    LOOK = replace(
        second_look(replace(FULL, resends=1), SLOW, NOW), id=2, epoch=7, attempts=1, resends=2, revision=9,
        state="in_flight", after="sf:lead:B-0",
    )  # fmt: skip
    NEWEST = replace(KNOWN, values={"Name": "Ana", "Score": 70, "City": "Ulm"}, crm_id="00Q7")

    def test_what_it_saw_is_all_that_it_says(self) -> None:
        done = Settlement(self.LOOK, 7, "done")
        several = sentences.SEVERAL_WITH_OUR_KEY % {"count": 2}
        same = Found(("00Q7",), ({"Name": "Ana", "Score": 70},))

        def look(found: Found, current: Receipt | None = self.NEWEST) -> tuple[Settlement, str]:
            return after_second_look(self.LOOK, found, current, NOW)

        assert look(Found(("00Q7", "00Q8"))) == (replace(done, reason=several), "duplicate")
        assert look(Found()) == (replace(done, reason=sentences.GONE), "gone")
        assert look(same) == (done, "same")
        assert look(same, None) == (done, "same")
        assert look(Found(("00Q7",))) == (done, "same")
        again = Settlement(self.LOOK, 7, "waiting", sentences.NOT_LOOKED_UP, not_before=NOW + 30 * SECOND)
        assert look(Found(reliable=False)) == (again, "")

    def test_the_newest_is_sent_again_as_a_row_that_nobody_has_sent(self) -> None:
        found = Found(("00Q7",), ({"Name": "Ana", "Score": 10, "City": "Köln"},))
        earlier: list[dict[str, object]] = [{"Name": "An"}, {"Score": 10, "City": "Köln"}]
        end, seen = after_second_look(self.LOOK, found, self.NEWEST, NOW, lambda: earlier)
        again = OutboxRow(
            "sf", "state", "lead", "B-1", "sf:lead:B-1:score", self.NEWEST.values, lead_id=4, lane=1, parent="B-9",
            parent_object="account", crm_id="00Q7", flow="b2b", epoch=7,
        )  # fmt: skip
        # The city was not written by the row that is looked at: whoever said it, it is not looked at.
        as_found = replace(self.NEWEST, values={"Name": "Ana", "Score": 10, "City": "Ulm"})
        assert end == Settlement(self.LOOK, 7, "done", sentences.OLD_VALUE, receipt=as_found, follow_up=(again,))
        assert seen == "old value"

    def test_of_consent_nothing_else_is_sent_again_with_it(self) -> None:
        look = replace(self.LOOK, group="consent", key="sf:lead:B-1:consent:verify:3.2", values={"Name": "Ana"})
        found = Found(("00Q7",), ({"Name": "An", "Score": 70, "City": "Ulm"},))
        end, _ = after_second_look(look, found, self.NEWEST, NOW, lambda: [{"Name": "An"}])
        (again,) = end.follow_up
        assert (again.group, again.key, again.values) == ("consent", "sf:lead:B-1:consent", {"Name": "Ana"})

    def test_earlier_values_are_asked_for_only_where_something_differs(self) -> None:
        def never() -> list[dict[str, object]]:
            raise AssertionError("nothing differs")

        same = Found(("00Q7",), ({"Name": "Ana", "Score": "70"},))
        assert after_second_look(self.LOOK, same, self.NEWEST, NOW, never)[1] == "same"

    def test_of_a_task_no_old_value_comes_back(self) -> None:
        look = replace(self.LOOK, group="once")
        old = Found(("T1",), ({"Name": "An"},))
        assert after_second_look(look, old, self.NEWEST, NOW, lambda: [{"Name": "An"}])[1] == "same"


def test_unknown_is_never_looked_up_in_the_past() -> None:
    assert resolve_time(replace(FULL, sent_at=NOW - 90 * SECOND), SLOW, NOW) == NOW
    assert resolve_time(replace(FULL, sent_at=None), SLOW, NOW) == NOW + MINUTE


@pytest.mark.parametrize(("retry_after", "seconds"), [(0.0, 0.0), (0.5, 0.5), (-3.0, 0.0), (7200.0, 7200.0)])
def test_what_the_platform_says_counts_and_never_backwards(retry_after: float, seconds: float) -> None:
    assert wait_after(9, retry_after) == timedelta(seconds=seconds)


def test_what_was_never_tried_waits_as_long_as_after_the_first() -> None:
    assert wait_after(0, None) == wait_after(1, None) == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("there", "ours", "same"),
    [
        (None, "", True), ("", None, True), ("x", None, False), ("true", True, True), ("True", True, False),
        ("false", False, True), (12, 12.0, True), ("12.5", 12.5, True), (12.5, 12, False), ("a;b", ["a", "b"], True),
        ("a;b", ("a", "b"), True), ("b;a", ["a", "b"], False), ("12;true", [12.0, True], True),
        ("2026-12-07T08:00:00.000Z", "2026-12-07T09:00:00+01:00", True),
        ("2026-12-07T08:00:00.000+0000", "2026-12-07T08:00:00Z", True),
        ("2026-12-07T08:00Z", "2026-12-07T08:00:00Z", True),
        ("2026-12-07T08:00:01Z", "2026-12-07T08:00:00Z", False),
        ("2026-12-07T08:00:00", "2026-12-07T08:00:00Z", False),
        ("2026-13-07T08:00:00Z", "2026-13-07T08:00:00Z", True),
        ("2026-13-07T08:00:00Z", "2026-13-07T08:00:00+00:00", False),
    ],
)  # fmt: skip
def test_values_read_back_are_compared_as_any_platform_tells_them(there: object, ours: object, same: bool) -> None:
    assert holds({"f": there, "g": 1}, {"f": ours}) is same


def test_a_field_that_is_not_read_back_is_blank() -> None:
    assert holds({}, {"f": ""})
    assert not holds({}, {"f": "x"})
