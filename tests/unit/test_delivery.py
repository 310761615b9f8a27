"""What follows from each answer: the outbox protocol's decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.model.adapter import CrmCapabilities
from connector.model.outbox import Done, Found, NotExecuted, OutboxRow, Receipt, Refused, Unknown
from connector.steps.delivery import (
    after_look,
    after_second_look,
    after_write,
    differing,
    look_failed,
    second_look,
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
