"""The clocks of a handoff, one by one: what each is made of, and what is done at which moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.model.activity import Activity
from connector.model.durations import Duration, parse
from connector.model.handoff import Handoff, HandoffEvent
from connector.model.stages import Stage
from connector.steps.clocks import Agreed, Mark, Timer, agree, begun, look, marks, own_act, timers
from connector.steps.working_time import Calendar

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
CALENDAR = Calendar(ZoneInfo("UTC"), dict.fromkeys(range(5), ((time(8), time(16)),)))
TEN_HOURS, TWO_HOURS, DAY = Duration(36000, False), Duration(7200, False), Duration(86400, False)


@dataclass(frozen=True)
class Does:
    do: str
    after: Duration | None = None


def handoff(at: datetime = MONDAY) -> Handoff:
    return Handoff(1, "b2b", "mql", "open", at, "v", owner="lena@x.example", opened_at=at, id=7)


def given_on(number: int, at: datetime) -> HandoffEvent:
    return HandoffEvent(7, f"reassigned:{number}", "reassigned", at, "", {})


def test_the_clocks_of_the_present_owner_began_when_they_got_it() -> None:
    one = handoff()
    assert begun(one, []) == (MONDAY, 0)
    events = [given_on(1, MONDAY + HOUR), given_on(2, MONDAY + 5 * HOUR)]
    other = HandoffEvent(7, "accept:breach", "breached", MONDAY + 9 * HOUR, "", {})
    assert begun(one, [*events, other]) == (MONDAY + 5 * HOUR, 2)
    agreed = Agreed(accept=DAY, contact=TEN_HOURS)
    agree(one, agreed, CALENDAR, MONDAY + 5 * HOUR)
    assert list(timers(one, "mql", None, agreed, CALENDAR, events)) == [
        Timer("accept", MONDAY + 5 * HOUR, DAY, MONDAY + 29 * HOUR, 2),
        Timer("contact", MONDAY + 5 * HOUR, TEN_HOURS, MONDAY + 15 * HOUR, 2),
    ]


def test_what_the_next_team_gets_was_accepted_before() -> None:
    one = replace(handoff(), previous_id=3)
    agree(one, Agreed(accept=DAY, contact=TEN_HOURS), CALENDAR, MONDAY)
    assert (one.accept_due_at, one.due_at) == (None, MONDAY + 10 * HOUR)


@pytest.mark.parametrize("working", [False, True])
def test_a_stage_is_over_on_the_calendar_of_the_owner_since_the_lead_is_in_it(working: bool) -> None:
    within = Duration(36000, working)
    agreed = Agreed(stages={"sal": within})
    due = MONDAY + (26 if working else 10) * HOUR
    accepted = replace(handoff(MONDAY - 3 * HOUR), accepted_at=MONDAY)
    expected = [Timer("stage", MONDAY, within, due, 0, "sal")]
    assert list(timers(accepted, "sal", None, agreed, CALENDAR, [])) == expected, "since it was accepted"
    entered = replace(accepted, accepted_at=MONDAY - HOUR)
    assert list(timers(entered, "sal", MONDAY, agreed, CALENDAR, [])) == expected, "since it is at the stage"
    assert list(timers(replace(accepted, accepted_at=None), "sal", None, agreed, CALENDAR, [])) == []
    (timer,) = expected
    assert timer.name == "stage:sal:2026-11-23T08:00:00"
    assert marks(timer, agreed, CALENDAR) == [Mark("stage:sal:2026-11-23T08:00:00:stalled", "stalled", due, timer)]


def test_all_that_is_done_about_a_clock() -> None:
    timer = Timer("contact", MONDAY, TEN_HOURS, MONDAY + 10 * HOUR, 1)
    agreed = Agreed(
        remind=(0.25, 0.8), breach=(Does("tell rep"), Does("tell manager", TWO_HOURS), Does("reassign", DAY))
    )
    assert marks(timer, agreed, CALENDAR) == [
        Mark("contact@1:remind:25", "reminded", MONDAY + timedelta(hours=2, minutes=30), timer, 0.25),
        Mark("contact@1:remind:80", "reminded", MONDAY + 8 * HOUR, timer, 0.8),
        Mark("contact@1:breach", "breached", MONDAY + 10 * HOUR, timer, 1.0),
        Mark("contact@1:do:0", "told", MONDAY + 10 * HOUR, timer, 1.0, "tell rep"),
        Mark("contact@1:do:1", "told", MONDAY + 12 * HOUR, timer, 1.0, "tell manager"),
        Mark("contact@1:do:2", "told", MONDAY + 34 * HOUR, timer, 1.0, "reassign"),
    ]


def test_nobody_is_reminded_at_the_beginning_or_at_the_end() -> None:
    timer = Timer("accept", MONDAY, TEN_HOURS, MONDAY + 10 * HOUR)
    found = marks(timer, Agreed(remind=(0, 0.5, 1, 1.5)), CALENDAR)
    assert [one.key for one in found] == ["accept:remind:50", "accept:breach"]


def test_of_reminders_that_come_due_together_the_last_is_told_and_none_once_it_is_over() -> None:
    agreed = Agreed(remind=(0.25, 0.5), breach=(Does("tell rep"),))
    timer = Timer("contact", MONDAY, TEN_HOURS, MONDAY + 10 * HOUR)

    def told(hours: float, *done: str) -> tuple[list[str], list[str], datetime | None]:
        due = look([timer], agreed, CALENDAR, done, MONDAY + hours * HOUR)
        keys = [[one.key.partition(":")[2] for one in some] for some in (due.told, due.silent)]
        return keys[0], keys[1], due.next_at

    assert told(2) == ([], [], MONDAY + 2.5 * HOUR)
    assert told(2.5) == (["remind:25"], [], MONDAY + 5 * HOUR)
    assert told(7) == (["remind:50"], ["remind:25"], MONDAY + 10 * HOUR)
    assert told(7, "contact:remind:50") == (["remind:25"], [], MONDAY + 10 * HOUR)
    assert told(10) == (["breach", "do:0"], ["remind:25", "remind:50"], None)


def test_a_reminder_at_the_very_end_is_none() -> None:
    """A share of seconds is rounded: of a clock of one second, nine tenths are all of it."""
    timer = Timer("contact", MONDAY, Duration(1, False), MONDAY + timedelta(seconds=1))
    due = look([timer], Agreed(remind=(0.9,)), CALENDAR, ["contact:breach"], MONDAY + timedelta(seconds=1))
    assert (due.told, [one.key for one in due.silent]) == ((), ["contact:remind:90"])


def test_clocks_are_told_in_order_and_the_next_moment_is_the_first_of_all() -> None:
    first = Timer("accept", MONDAY, TEN_HOURS, MONDAY + 10 * HOUR)
    second = Timer("contact", MONDAY, TWO_HOURS, MONDAY + 2 * HOUR)
    agreed = Agreed(breach=(Does("reassign", parse("1 day")),))
    due = look([first, second], agreed, CALENDAR, (), MONDAY + 10 * HOUR)
    assert [one.key for one in due.told] == ["contact:breach", "accept:breach"]
    assert due.next_at == MONDAY + 26 * HOUR


def test_an_act_of_this_moment_is_one() -> None:
    assert own_act([Activity("p", "1", "1", MONDAY, "visit")], MONDAY) == MONDAY


@pytest.mark.parametrize(("stage", "runs"), [("mql", 2), ("sql", 2), ("opportunity", 0), ("rejected", 0)])
def test_nobody_waits_for_contact_beyond_a_deal(stage: Stage, runs: int) -> None:
    agreed = Agreed(accept=DAY, contact=TEN_HOURS)
    one = handoff()
    agree(one, agreed, CALENDAR, MONDAY)
    assert len(list(timers(one, stage, None, agreed, CALENDAR, []))) == runs
