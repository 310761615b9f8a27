"""The nearest change that would have turned a decision: each is decided again here, and none is larger than needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.insight.nearest import told
from connector.model.activity import Activity
from connector.model.errors import Problems
from connector.model.lead import Lead
from connector.steps.changes import Become, Change, More, Moved, Touched, Without, applied
from connector.steps.conditions.condition import Condition
from connector.steps.facts import account_of, build
from connector.steps.margin import Margin, margin
from connector.steps.nearest import Nearest, Rejected, nearest
from connector.steps.normalise.mail import NO_ADDRESS
from connector.steps.scoring.compiler import compile_criteria
from connector.steps.scoring.criteria import Criteria
from connector.steps.scoring.defaults import shipped
from connector.steps.telling.words import Words
from tests.contradictions import assume_none

NOW = datetime(2026, 12, 7, 8, tzinfo=UTC)
WORDS = Words("en", UTC, str, NOW)


@dataclass(frozen=True)
class Judged:
    """What of a flow decides."""

    criteria: Criteria
    required: tuple[str, ...] = ()
    takes: Condition | None = None
    name: str = "b2b"
    routing: Any = None


def flow(required: tuple[str, ...] = (), **tables: Any) -> Judged:
    """The shipped criteria, or those of `tables` alone."""
    problems = Problems()
    table = tables or shipped()
    compiled = compile_criteria(table, path=(), problems=problems, lists=lambda _name: frozenset())
    assume_none(problems)
    return Judged(compiled, required)


def did(kind: str, days: float, **more: Any) -> Activity:
    return Activity("hubspot", f"{kind}-{days}", "p", NOW - timedelta(days=days), kind, **more)


def is_mql(of: Lead, activities: Any, rules: Judged, moment: datetime = NOW) -> bool:
    """The decision, taken without anything that the search uses."""
    facts = build(of, activities, moment, account=account_of(of))
    facts.score = rules.criteria.score(facts)
    there = all(facts.fields.get(name) for name in rules.required)
    return rules.criteria.passes("mql", facts) and there


def changes(found: Nearest | None) -> list[tuple[Change, ...]]:
    assert found is not None
    return [one.changes for one in found.suggestions]


def lead(**fields: Any) -> Lead:
    return Lead(fields=dict(fields), id=1, flow="b2b")


def test_two_more_visits_before_the_older_one_is_too_old() -> None:
    rules = flow(gates={"mql": {"activity": "visit", "count": 3, "within": "30 days"}})
    found = nearest(lead(), [did("visit", 26)], rules, NOW)
    assert changes(found) == [(More("visit", count=2),)]
    assert found is not None
    assert found.suggestions[0].before == NOW + timedelta(days=4)


def test_a_level_is_the_lowest_that_will_do() -> None:
    rules = flow(gates={"mql": {"field": "job_level", "at_least": "manager"}})
    assert changes(nearest(lead(job_level="staff"), [], rules, NOW)) == [
        (Become("job_level", "manager", "at_least", "manager"),)
    ]


def test_points_come_from_the_rules_that_give_them() -> None:
    rules = flow(
        intent={
            "Demo": {"points": 20, "activity": "demo_request", "half_life": "10 days"},
            "Pricing": {"points": 7, "activity": "pricing_view", "url": "*/price*", "each": True},
            "Rival": {"points": -30, "field": "company.domain", "is": "rival.example"},
        },
        gates={"mql": {"score": "total", "at_least": 20}},
    )
    assert changes(nearest(lead(), [], rules, NOW)) == [
        (More("demo_request"),),
        (More("pricing_view", url="/price", count=3),),
    ]
    barred = nearest(lead(**{"company.domain": "rival.example"}), [did("demo_request", 0)], rules, NOW)
    assert (Become("company.domain", None, "is_not", "rival.example"),) in changes(barred)


def test_a_veto_would_have_to_be_absent_or_to_be_over() -> None:
    rules = flow(gates={"mql": {"activity": "visit", "not": {"activity": "unsubscribe", "within": "30 days"}}})
    found = nearest(lead(), [did("visit", 3), did("unsubscribe", 10)], rules, NOW)
    assert found is not None
    by_itself, absent = found.suggestions
    assert (by_itself.changes, by_itself.at) == ((), NOW + timedelta(days=20))
    assert absent.changes == (Without(("unsubscribe",), frozenset({("hubspot", "unsubscribe-10")})),)


def test_had_it_come_before_the_older_points_had_faded() -> None:
    rules = flow(
        intent={"Each": {"points": 10, "activity": "download", "each": True, "within": "20 days"}},
        gates={"mql": {"score": "total", "at_least": 20}},
    )
    found = nearest(lead(), [did("download", 25), did("download", 1)], rules, NOW)
    assert changes(found)[0] == (More("download"),)
    moved = next(one for one in found.suggestions if isinstance(one.changes[0], Moved))  # type: ignore[union-attr]
    assert moved.before == NOW - timedelta(days=5)


def test_who_was_over_the_line_when_it_came_did_not_lack_that_it_came_earlier() -> None:
    rules = flow(gates={"mql": {"activity": "visit", "within": "30 days"}})
    found = nearest(lead(), [did("download", 60), did("visit", 50)], rules, NOW)
    assert changes(found) == [(More("visit"),)]


def test_two_changes_where_one_is_not_enough_and_nothing_where_two_are_not() -> None:
    parts: list[dict[str, Any]] = [{"activity": "visit"}, {"field": "country", "is": "DE"}]
    assert changes(nearest(lead(), [], flow(gates={"mql": {"all": parts}}), NOW)) == [
        (More("visit"), Become("country", "DE", "is", "DE"))
    ]
    three = flow(gates={"mql": {"all": [*parts, {"activity": "chat"}]}})
    assert changes(nearest(lead(), [], three, NOW)) == []


def test_a_missing_field_a_change_and_an_account_are_told() -> None:
    rules = flow(("email",), gates={"mql": {"activity": "visit"}})
    assert changes(nearest(lead(), [did("visit", 1)], rules, NOW)) == [
        (Become("email", "name@company.example", "blank", False),)
    ]
    unreadable = replace(lead(email="ana at firm"), flags={"email": NO_ADDRESS})
    assert changes(nearest(unreadable, [did("visit", 1)], rules, NOW)) == changes(
        nearest(lead(), [did("visit", 1)], rules, NOW)
    )
    listed = flow(gates={"mql": {"field": "company.technologies", "has": "sap"}})
    assert changes(nearest(lead(**{"company.technologies": ["erp"]}), [], listed, NOW)) == [
        (Become("company.technologies", ("erp", "sap"), "has", "sap"),)
    ]
    changed = flow(gates={"mql": {"changed": ["job_title"], "within": "9 days"}})
    assert changes(nearest(lead(), [], changed, NOW)) == [(Touched("job_title"),)]


def test_of_somebody_who_did_very_much_what_is_found_is_proven_with_all_of_it() -> None:
    rules = flow(
        intent={"Visit": {"points": 1, "activity": "visit", "each": True, "up_to": 500, "within": "900 days"}},
        gates={"mql": {"all": [{"score": "total", "at_least": 503}, {"activity": "visit", "at_most": 1200}]}},
    )
    often = [did("visit", 1 + number / 2) for number in range(1203)]
    assert changes(nearest(lead(), often, rules, NOW)) == []
    demo = flow(
        intent={"Visit": {"points": 1, "activity": "visit", "each": True, "within": "900 days"},
                "Demo": {"points": 2, "activity": "demo_request", "each": True}},
        gates={"mql": {"score": "total", "at_least": 1207}},
    )  # fmt: skip
    found = nearest(lead(), [*often, did("demo_request", 5)], demo, NOW)
    assert found is not None
    for one in found.suggestions:
        assert is_mql(*applied(one.changes, lead(), [*often, did("demo_request", 5)], one.at), demo, one.at)
    barred = flow(gates={"mql": {"activity": "visit", "at_most": 1200}})
    oldest = frozenset(("hubspot", one.source_id) for one in often[-3:])
    assert changes(nearest(lead(), often, barred, NOW)) == [(Without(("visit",), oldest),)]


def test_who_was_handed_over_before_needs_something_new() -> None:
    rules = flow(gates={"mql": {"activity": "visit", "count": 2}})
    visits = [did("visit", 20), did("visit", 19)]
    assert nearest(lead(), visits, rules, NOW) is None
    assert changes(nearest(lead(), visits, rules, NOW, Rejected(NOW - timedelta(days=5)))) == [
        (More("visit", count=2),)
    ]


def test_who_passed_or_has_no_gate_is_told_nothing() -> None:
    assert nearest(lead(), [did("visit", 1)], flow(gates={"mql": {"activity": "visit"}}), NOW) is None
    assert nearest(lead(), [], flow(gates={"hot": {"activity": "visit"}}), NOW) is None


KINDS = ("visit", "download", "chat", "unsubscribe")
_LEAF = st.one_of(
    st.builds(
        lambda kind, count, days: {"activity": kind, "count": count, "within": f"{days} days"},
        st.sampled_from(KINDS), st.integers(1, 4), st.integers(1, 40),
    ),
    st.builds(lambda kind, most: {"activity": kind, "at_most": most}, st.sampled_from(KINDS), st.integers(0, 2)),
    st.builds(lambda least: {"field": "company.employees", "at_least": least}, st.integers(1, 300)),
    st.builds(lambda most: {"field": "company.employees", "below": most}, st.integers(1, 300)),
    st.builds(lambda level: {"field": "job_level", "above": level}, st.sampled_from(("staff", "manager", "vp"))),
    st.builds(lambda words: {"field": "country", "not_in": words}, st.just(["DE", "FR"])),
    st.builds(lambda least: {"score": "total", "at_least": least}, st.integers(1, 60)),
    st.sampled_from([
        {"field": "company.technologies", "has": "sap"}, {"field": "company.technologies", "has_any": ["erp", "crm"]},
        {"field": "job_title", "like": ["*head of*", "chief ?*"]}, {"field": "first_touch_at", "after": "2026-01-01"},
        {"field": "company.is_customer", "is": False}, {"field": "custom.size", "above": 10}, {"has": "phone"},
        {"field": "city", "blank": True}, {"changed": ["job_title"], "within": "9 days"},
        {"activity": "download", "topic": "*price*", "lasting": "2 min"}, {"activity": ["visit", "chat"], "count": 3},
        {"field": "country", "in": ["DE", "AT"]}, {"field": "job_level", "is_not": "staff"}, {"has": "account owner"},
    ]),
)  # fmt: skip
_GATE = st.recursive(
    _LEAF,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=5,
)
_RULE = st.one_of(
    st.builds(
        lambda points, kind, each, days: {
            "points": points, "activity": kind, "each": each, "half_life": f"{days} days"
        },
        st.integers(-9, 30).filter(bool), st.sampled_from(KINDS), st.booleans(), st.integers(2, 40),
    ),
    st.builds(
        lambda points, least: {"points": points, "field": "company.employees", "at_least": least},
        st.integers(-9, 30).filter(bool), st.integers(1, 300),
    ),
)  # fmt: skip
_LEAD = st.builds(
    lambda employees, level, country: lead(
        **{name: value for name, value in (("company.employees", employees), ("job_level", level), ("country", country))
           if value is not None}
    ),
    st.none() | st.integers(1, 400), st.sampled_from((None, "staff", "director")), st.sampled_from((None, "DE", "JP")),
)  # fmt: skip
_DONE = st.lists(
    st.builds(did, st.sampled_from(KINDS), st.integers(0, 50)), max_size=6, unique_by=lambda one: one.source_id
)


def smaller(change: Change) -> Change | None:
    return replace(change, count=change.count - 1) if isinstance(change, More) and change.count > 1 else None


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_GATE, st.lists(_RULE, max_size=3), _LEAD, _DONE)
def test_every_suggestion_turns_the_decision_and_none_is_larger_than_needed(
    gate: Any, rules: list[Any], of: Lead, done: list[Activity]
) -> None:
    judged = flow(intent={f"Rule {number}": rule for number, rule in enumerate(rules)}, gates={"mql": gate})
    found = nearest(of, done, judged, NOW)
    assert (found is None) is is_mql(of, done, judged)
    assert found is None or len(told(found, of, WORDS)) == max(len(found.suggestions), 1)
    for one in found.suggestions if found else ():
        assert is_mql(*applied(one.changes, of, done, one.at), judged, one.at)
        if one.changes and isinstance(one.changes[0], Moved):
            assert not is_mql(of, done, judged, one.at)
            assert not is_mql(of, done, judged, one.changes[0].came)
        for place, change in enumerate(one.changes):
            rest = (*one.changes[:place], *one.changes[place + 1 :])
            if rest:
                assert not is_mql(*applied(rest, of, done, one.at), judged, one.at)
            if (less := smaller(change)) is not None:
                assert not is_mql(*applied((*rest, less), of, done, one.at), judged, one.at)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_GATE, st.lists(_RULE, max_size=3), _LEAD, _DONE)
def test_a_change_holds_until_the_moment_that_is_told_and_not_from_then_on(
    gate: Any, rules: list[Any], of: Lead, done: list[Activity]
) -> None:
    judged = flow(intent={f"Rule {number}": rule for number, rule in enumerate(rules)}, gates={"mql": gate})
    found = nearest(of, done, judged, NOW)
    for one in found.suggestions if found else ():
        if one.before is None or not one.changes or isinstance(one.changes[0], Moved):
            continue
        last = one.before - timedelta(seconds=1)
        assert is_mql(*applied(one.changes, of, done, last), judged, last)
        assert not is_mql(*applied(one.changes, of, done, one.before), judged, one.before)


def test_the_margin_says_what_carries_an_mql() -> None:
    rules = flow()
    of = lead(**{"company.employees": 600, "job_level": "director"})
    done = [did("demo_request", 3), did("visit", 5), did("visit", 4), did("visit", 2)]
    assert margin(of, done, rules, NOW) == Margin(
        total=48, fewer={}, kinds=("demo_request",), fields=(), alone=("demo_request",)
    )


def test_so_many_points_fewer_would_do_and_one_more_would_not() -> None:
    rules = flow(
        intent={"Demo": {"points": 42, "activity": "demo_request"}},
        gates={"mql": {"score": "total", "at_least": 30}},
    )
    found = margin(lead(), [did("demo_request", 3)], rules, NOW)
    assert found is not None
    assert found.fewer == {"total": 12}
    assert margin(lead(), [], rules, NOW) is None


@pytest.mark.parametrize(("points", "passes"), [(12, True), (13, False)])
def test_the_margin_is_what_the_gate_says(points: int, passes: bool) -> None:
    rules = flow(
        intent={"Demo": {"points": 42 - points, "activity": "demo_request"}},
        gates={"mql": {"score": "total", "at_least": 30}},
    )
    assert is_mql(lead(), [did("demo_request", 3)], rules) is passes
