"""Since when a lead is over the line: against looking at every moment at which anything can change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connector.model.activity import Activity
from connector.model.errors import Problems
from connector.model.lead import Lead
from connector.steps.conditions.condition import Condition
from connector.steps.routing.rules import Routing
from connector.steps.scoring.compiler import compile_criteria
from connector.steps.scoring.criteria import Criteria
from connector.steps.simulation import Decided, Seen, moved, over_since, shut, stand

UNTIL = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


NO_ROUTING = Routing(())


@dataclass(frozen=True)
class Flow:
    """What of a flow decides."""

    criteria: Criteria
    name: str = "b2b"
    takes: Condition | None = None
    required: tuple[str, ...] = ()
    routing: Routing = NO_ROUTING


def flow(line: int, ends: int = 0) -> Flow:
    table: dict[str, Any] = {
        "intent": {
            "Asked": {"points": 20, "activity": "demo_request", "each": True, "half_life": "5 days"},
            "Went": {"points": -15, "activity": "unsubscribe", "within": "4 days"},
        },
        "gates": {
            "mql": {"score": "total", "at_least": line},
            "mql_ends": {"score": "total", "below": ends},
        },
    }
    problems = Problems()
    criteria = compile_criteria(table, path=(), problems=problems, lists=lambda _name: frozenset())
    assert problems.found == []
    return Flow(criteria)


def deed(kind: str, hours: int) -> Activity:
    return Activity("m", f"{kind}-{hours}", "1", UNTIL - hours * HOUR, kind)


DEEDS = st.lists(st.builds(deed, st.sampled_from(["demo_request", "unsubscribe"]), st.integers(0, 200)), max_size=6)


@given(DEEDS, st.sampled_from([5, 10, 15, 20, 30]))
def test_over_since_is_the_last_time_that_the_line_was_crossed(deeds: list[Activity], line: int) -> None:
    own = flow(line)
    lead = Lead(created_at=UNTIL - 300 * HOUR)
    since = over_since(lead, deeds, own, UNTIL)
    assert (since is not None) == stand(Seen(lead, deeds), own, UNTIL).over
    if since is None:
        return
    hours = int((UNTIL - since) / HOUR)
    assert all(stand(Seen(lead, deeds), own, UNTIL - step * HOUR).over for step in range(hours + 1))
    assert not stand(Seen(lead, deeds), own, since - timedelta(microseconds=1)).over


@given(DEEDS, st.none() | st.tuples(st.integers(0, 200), st.booleans()))
def test_thresholds_that_share_a_lead_find_what_each_finds_alone(
    deeds: list[Activity], before: tuple[int, bool] | None
) -> None:
    base, lead = flow(20, ends=10), Lead(stage="mql" if before else "warm")
    decided = Decided(UNTIL - before[0] * HOUR, before[1]) if before else None
    seen = Seen(lead, deeds)
    for line in (5, 10, 15, 20, 30, 40):
        alone = flow(line, ends=10)
        tried = replace(base, criteria=base.criteria.sharing(alone.criteria))
        found, expected = stand(seen, tried, UNTIL, decided), stand(Seen(lead, deeds), alone, UNTIL, decided)
        assert replace(found, score=None) == replace(expected, score=None)
        assert moved(found.score, expected.score) == []
        assert shut(seen, tried, UNTIL) == shut(Seen(lead, deeds), alone, UNTIL)
        assert over_since(lead, deeds, tried, UNTIL) == over_since(lead, deeds, alone, UNTIL)


def test_nobody_was_over_the_line_before_they_were_known() -> None:
    known = UNTIL - 10 * HOUR
    lead = Lead(created_at=known)
    assert over_since(lead, [deed("demo_request", 30)], flow(10), UNTIL) == known


def test_a_decision_stands_though_its_points_have_faded_and_is_gone_where_it_would_not_have_been_made() -> None:
    lead, deeds = Lead(stage="sal"), [deed("demo_request", 24 * 30)]
    then = Decided(UNTIL - 24 * 30 * HOUR, out=True)
    assert not stand(Seen(lead, deeds), flow(20), UNTIL).over
    found = stand(Seen(lead, deeds), flow(20), UNTIL, then)
    assert (found.over, found.at) == (True, then.at)
    assert not stand(Seen(lead, deeds), flow(21), UNTIL, then).over
    later = [*deeds, deed("demo_request", 1), deed("demo_request", 2)]
    assert stand(Seen(lead, later), flow(30), UNTIL, then).at == UNTIL


def test_who_waits_falls_back_and_who_is_out_does_not() -> None:
    lead, deeds = Lead(stage="mql"), [deed("demo_request", 24 * 30)]
    at = UNTIL - 24 * 30 * HOUR
    assert not stand(Seen(lead, deeds), flow(20, ends=10), UNTIL, Decided(at, out=False)).over
    assert stand(Seen(lead, deeds), flow(20, ends=0), UNTIL, Decided(at, out=False)).over
    assert stand(Seen(lead, deeds), flow(20, ends=10), UNTIL, Decided(at, out=True)).over


def test_what_shuts_the_gate_and_which_rules_moved() -> None:
    lead, deeds = Lead(), [deed("demo_request", 1), deed("unsubscribe", 1)]
    closed = shut(Seen(lead, deeds), flow(20), UNTIL)
    assert closed is not None
    assert closed.seen == "5"
    assert shut(Seen(lead, deeds), flow(5), UNTIL) is None
    before, after = stand(Seen(lead, deeds), flow(20), UNTIL).score, stand(Seen(lead, deeds[:1]), flow(20), UNTIL).score
    assert [(one.rule, one.before, one.after) for one in moved(before, after)] == [("Went", -15, 0)]
    assert [(one.rule, one.before, one.after) for one in moved(None, after)] == [("Asked", 0, 20)]
