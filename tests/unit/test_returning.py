"""When a rejection is over, and what is new about somebody who comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connector.model.activity import Activity
from connector.model.errors import Problems
from connector.model.facts import Facts
from connector.model.lead import Lead
from connector.steps.conditions.compiler import compile_condition
from connector.steps.conditions.condition import Condition
from connector.steps.facts import build
from connector.steps.returning import comes_back, is_mended, over_anew
from tests.unit.test_qualification import criteria

CLOSED = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DAYS = st.floats(0, 400, allow_nan=False).map(lambda days: timedelta(days=days))
MADE = criteria()


def condition(given: object) -> Condition:
    problems = Problems()
    found = compile_condition(given, path=(), problems=problems, named={}, lists=lambda _name: frozenset())
    assert problems.found == []
    return found


VISIT = condition({"activity": "visit", "within": "14 days"})
NEW_JOB = condition({"changed": ["job_title"]})


def visit(at: datetime) -> Activity:
    return Activity("files", f"v{at}", "p", at, "visit")


@given(wait=DAYS, later=DAYS)
def test_by_time_alone_it_comes_back_at_its_moment_and_not_before(wait: timedelta, later: timedelta) -> None:
    back_at = CLOSED + wait
    back, at = comes_back(Facts(CLOSED + later, {}), CLOSED, back_at, None)
    assert back == (later >= wait)
    assert at == (None if back else back_at)


@given(wait=DAYS, later=DAYS, done=st.lists(DAYS, max_size=4))
def test_with_a_condition_both_must_hold_and_the_next_look_is_never_too_late(
    wait: timedelta, later: timedelta, done: list[timedelta]
) -> None:
    now, lead = CLOSED + later, Lead()
    facts = build(lead, [visit(CLOSED + one) for one in done if one <= later], now)
    back, at = comes_back(facts, CLOSED, CLOSED + wait, VISIT)
    recent = any(later - timedelta(days=14) < one <= later for one in done)
    assert back == (later >= wait and recent)
    assert at is None or at > now
    if not back and later < wait:
        assert at == CLOSED + wait


def test_with_neither_it_is_for_good() -> None:
    assert comes_back(Facts(CLOSED + 1000 * DAY, {}), CLOSED, None, None) == (False, None)


def test_what_changed_before_the_rejection_is_no_change() -> None:
    for at, back in ((CLOSED - DAY, False), (CLOSED, False), (CLOSED + DAY, True)):
        facts = Facts(CLOSED + 2 * DAY, {}, changed={"job_title": at})
        assert comes_back(facts, CLOSED, None, NEW_JOB)[0] is back


def test_mended_is_what_says_who_they_are() -> None:
    now = CLOSED + 2 * DAY
    for name, mended in (("phone", True), ("company.name", True), ("source", False), ("opportunity.stage", False)):
        assert is_mended(Facts(now, {}, changed={name: CLOSED + DAY}), CLOSED) is mended
    assert not is_mended(Facts(now, {}, changed={"phone": CLOSED}), CLOSED)


def new(done: list[Activity], when: Condition | None = None, **said: tuple[str, str]) -> bool:
    """Whether somebody over the line by `done` is there by something new, three days after."""
    lead, now = Lead(said=dict(said)), CLOSED + 3 * DAY
    facts = build(lead, done, now)
    facts.score = MADE.score(facts)
    return over_anew(lead, done, MADE, facts, CLOSED, when)


def test_what_was_rejected_is_nothing_new() -> None:
    before = [visit(CLOSED - DAY * day) for day in range(1, 7)]
    assert not new(before)
    assert not new([*before, visit(CLOSED + DAY)])
    assert new([*before, Activity("files", "d", "p", CLOSED + DAY, "demo_request")])
    # What it did before would not be enough by now.
    assert new([*before[:3], visit(CLOSED + DAY), visit(CLOSED + DAY / 2)])
    changed = {"job_title": ("files", (CLOSED + DAY).isoformat())}
    assert new(before, NEW_JOB, **changed)
    assert not new(before, VISIT, **changed)
