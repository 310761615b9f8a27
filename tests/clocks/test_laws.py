"""The clocks of a handoff against a slow calculation: second by second of working time, tick by tick."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model.activity import Activity
from connector.model.durations import Duration, parse
from connector.model.handoff import Handoff, HandoffEvent
from connector.steps.clocks import Agreed, Due, agree, look, own_act, timers
from connector.steps.working_time import Calendar
from tests.minutes import Slow

OFFICE: dict[int, tuple[tuple[time, time], ...]] = dict.fromkeys(
    range(5), ((time(9), time(12)), (time(13), time(17, 30)))
)
NIGHT: dict[int, tuple[tuple[time, time], ...]] = dict.fromkeys(range(7), ((time(22), time(6)),))
ZONES: dict[str, dict[int, tuple[tuple[time, time], ...]]] = {
    "Europe/Berlin": OFFICE,
    "Asia/Tokyo": OFFICE,
    "America/New_York": NIGHT,
}
HOLIDAYS = frozenset({date(2026, 11, 3), date(2026, 11, 26)})
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Does:
    do: str
    after: Duration | None = None


STEPS = (Does("tell rep"), Does("tell manager", parse("2 working hours")), Does("reassign", parse("1 day")))


def opened(at: datetime, agreed: Agreed, calendar: Calendar, *, hot: bool = False) -> Handoff:
    handoff = Handoff(1, "b2b", "mql", "open", at, "v", hot=hot, owner="lena@x.example", opened_at=at, id=7)
    agree(handoff, agreed, calendar, at)
    return handoff


def ticks(
    handoff: Handoff, agreed: Agreed, calendar: Calendar, moments: list[datetime], stage: str = "mql"
) -> list[tuple[str, datetime, datetime, bool]]:
    """(key, due, done, told) of all that is done where somebody looks at these moments, or not before `next_at`."""
    done: dict[str, tuple[str, datetime, datetime, bool]] = {}
    next_at: datetime | None = moments[0]
    for now in moments:
        if next_at is None or now < next_at:
            continue
        running = timers(handoff, stage, None, agreed, calendar, [])  # type: ignore[arg-type]
        due = look(running, agreed, calendar, done.keys(), now)
        for mark in (*due.told, *due.silent):
            assert mark.key not in done
            done[mark.key] = mark.key, mark.at, now, mark in due.told
        next_at = due.next_at
    return list(done.values())


starts = st.integers(0, 60 * 24 * 60).map(lambda minutes: datetime(2026, 10, 1, tzinfo=UTC) + minutes * MINUTE)


@settings(max_examples=8, deadline=None)
@given(starts, st.sampled_from(sorted(ZONES)), st.integers(1, 10))
def test_everything_is_due_when_counting_minutes_says_so(start: datetime, zone: str, tenths: int) -> None:
    hours, where = ZONES[zone], ZoneInfo(zone)
    calendar = Calendar(where, hours, HOLIDAYS.__contains__)
    minutes = tenths * 20
    agreed = Agreed(contact=Duration(minutes * 60, True), remind=(0.5, 0.8), breach=STEPS[:2])
    handoff = opened(start, agreed, calendar)
    slow = Slow(where, hours, HOLIDAYS)
    worked = slow.minutes(start)
    ends = [next(worked) + MINUTE for _ in range(minutes + 120)]
    expected = {
        "contact:remind:50": ends[minutes // 2 - 1], "contact:remind:80": ends[minutes * 8 // 10 - 1],
        "contact:breach": ends[minutes - 1], "contact:do:0": ends[minutes - 1], "contact:do:1": ends[minutes + 119],
    }  # fmt: skip
    looked = [start + step * MINUTE for step in range(int((ends[-1] - start) / MINUTE) + 2)]
    found = ticks(handoff, agreed, calendar, looked)
    assert {key: due for key, due, _, _ in found} == expected
    assert all(done == due and told for _, due, done, told in found)
    assert handoff.due_at == expected["contact:breach"]


gaps = st.lists(st.integers(1, 3000), min_size=1, max_size=40)


@settings(max_examples=30, deadline=None)
@given(starts, gaps, st.booleans())
def test_whenever_somebody_looks_nothing_is_done_twice_or_early_and_all_in_the_end(
    start: datetime, between: list[int], hot: bool
) -> None:
    calendar = Calendar(ZoneInfo("Europe/Berlin"), OFFICE, HOLIDAYS.__contains__)
    agreed = Agreed(parse("1 working day"), parse("4 working hours"), parse("30 min"), {}, (0.5, 0.8), STEPS)
    handoff = opened(start, agreed, calendar, hot=hot)
    moments, now = [], start
    for gap in between:
        now += gap * MINUTE
        moments.append(now)
    moments.append(now + timedelta(days=60))
    found = ticks(handoff, agreed, calendar, moments)
    assert len(found) == 2 * (2 + 1 + len(STEPS))
    assert all(due <= done for _, due, done, _ in found)
    # Nobody hears a reminder of what is over by then.
    over = {"accept": handoff.accept_due_at, "contact": handoff.due_at}
    for key, _, done, told in found:
        ends = over[key.partition(":")[0]]
        assert ends is not None
        if "remind" in key and done >= ends:
            assert not told
        elif "remind" not in key:
            assert told


AGREED = Agreed(parse("1 working day"), parse("4 working hours"), parse("30 working min"), {"sal": parse("10 days")},
                (0.5, 0.8), STEPS)  # fmt: skip
BERLIN = Calendar(ZoneInfo("Europe/Berlin"), OFFICE)
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)


def running(handoff: Handoff, stage: str = "mql", events: tuple[HandoffEvent, ...] = ()) -> set[str]:
    return {one.name for one in timers(handoff, stage, MONDAY, AGREED, BERLIN, events)}  # type: ignore[arg-type]


def test_a_hot_lead_at_night_is_due_from_the_opening_on() -> None:
    night = datetime(2026, 11, 24, 1, tzinfo=UTC)
    assert opened(night, AGREED, BERLIN, hot=True).due_at == datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def test_a_lead_that_moves_on_stops_its_clocks() -> None:
    handoff = opened(MONDAY, AGREED, BERLIN)
    assert running(handoff) == {"accept", "contact"}
    accepted = replace(handoff, accepted_at=MONDAY)
    assert running(accepted, "sal") == {"contact", "stage:sal:2026-11-23T08:00:00"}
    assert running(replace(accepted, contacted_at=MONDAY), "sql") == set()
    assert running(replace(handoff, contacted_at=MONDAY)) == {"accept"}
    assert running(replace(handoff, state="closed")) == set()
    assert running(replace(handoff, state="suppressed")) == set()
    for stage in ("opportunity", "won", "lost", "rejected"):
        assert running(handoff, stage) == set()


def test_the_next_owner_has_the_whole_time_from_when_it_is_theirs() -> None:
    handoff = opened(MONDAY, AGREED, BERLIN)
    later = MONDAY + timedelta(hours=3)
    given_on = HandoffEvent(7, "reassigned:1", "reassigned", later, "", {})
    agree(handoff, AGREED, BERLIN, later)
    assert running(handoff, events=(given_on,)) == {"accept@1", "contact@1"}
    assert handoff.due_at == MONDAY + timedelta(hours=8)


def test_what_was_done_late_stays_late_whoever_has_it_next() -> None:
    agreed_then = opened(MONDAY, AGREED, BERLIN)
    late = MONDAY + timedelta(days=2)
    handoff = replace(agreed_then, contacted_at=late, accepted_at=late)
    agree(handoff, AGREED, BERLIN, late + timedelta(days=1))
    assert (handoff.due_at, handoff.accept_due_at) == (agreed_then.due_at, agreed_then.accept_due_at)


def test_who_stays_too_long_at_a_stage_is_noticed_once() -> None:
    handoff = replace(opened(MONDAY, AGREED, BERLIN), accepted_at=MONDAY, contacted_at=MONDAY)
    clocks = list(timers(handoff, "sal", MONDAY, AGREED, BERLIN, []))
    assert look(clocks, AGREED, BERLIN, (), MONDAY).next_at == MONDAY + timedelta(days=10)
    due = look(clocks, AGREED, BERLIN, (), MONDAY + timedelta(days=11))
    assert [mark.kind for mark in due.told] == ["stalled"]
    assert look(clocks, AGREED, BERLIN, {due.told[0].key}, MONDAY + timedelta(days=12)) == Due()


def test_nothing_agreed_nothing_runs() -> None:
    handoff = opened(MONDAY, Agreed(), BERLIN)
    assert handoff.due_at is None
    assert handoff.accept_due_at is None
    assert list(timers(handoff, "mql", None, Agreed(), BERLIN, [])) == []


@pytest.mark.parametrize(("kinds", "expected"), [(("visit", "download"), 2), (("visit", "bounce"), 1), ((), None)])
def test_the_own_act_is_the_last_thing_they_did(kinds: tuple[str, ...], expected: int | None) -> None:
    deeds = [Activity("p", str(n), "1", MONDAY + n * MINUTE, kind) for n, kind in enumerate(kinds, 1)]
    late = Activity("p", "9", "1", MONDAY + timedelta(days=1), "visit")
    assert own_act([*deeds, late], MONDAY + 5 * MINUTE) == (None if expected is None else MONDAY + expected * MINUTE)
