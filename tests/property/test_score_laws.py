"""Laws of scoring, and the same score from a second, slow and obvious reckoning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from connector.model.activity import Activity
from connector.model.errors import Problems
from connector.model.lead import Lead
from connector.model.score import Score
from connector.model.stages import OF_PEOPLE, STAGES, may_move
from connector.steps.facts import build
from connector.steps.qualification import judge
from connector.steps.scoring.compiler import Criteria, compile_criteria
from tests.contradictions import assume_none

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KINDS = ("visit", "download", "pricing_view")
DAYS = {"1 day": 1, "3 days": 3, "10 days": 10, "30 days": 30}
GROUPS = ("fit", "engagement", "intent")

POINTS = st.integers(-12, 25).filter(bool)
DURATIONS = st.sampled_from(list(DAYS))
FIELD_RULES = st.fixed_dictionaries(
    {"points": POINTS, "field": st.just("company.employees"), "at_least": st.integers(0, 3)}
)
WINDOW_RULES = st.fixed_dictionaries(
    {"points": POINTS, "not": st.fixed_dictionaries({"activity": st.sampled_from(KINDS), "within": DURATIONS})}
)


@st.composite
def activity_rules(draw: st.DrawFn) -> dict[str, Any]:
    points = draw(POINTS)
    rule: dict[str, Any] = {"points": points, "activity": draw(st.sampled_from([*KINDS, ["visit", "download"]]))}
    for key, values in (("within", DURATIONS), ("half_life", DURATIONS), ("topic", st.just("a"))):
        if draw(st.booleans()):
            rule[key] = draw(values)
    if draw(st.booleans()):
        rule["each"] = True
        if draw(st.booleans()):
            rule["up_to"] = draw(st.integers(1, 30)) * (1 if points > 0 else -1)
    elif draw(st.booleans()):
        rule["count"] = draw(st.integers(1, 3))
    if draw(st.booleans()):
        rule["not"] = {"activity": "pricing_view", "within": draw(DURATIONS)}
    return rule


RULES = st.dictionaries(st.sampled_from("abc"), st.one_of(FIELD_RULES, WINDOW_RULES, activity_rules()), max_size=3)
SCOPES = st.sampled_from(["total", *GROUPS])
LINES = st.one_of(
    *[
        st.fixed_dictionaries({"score": SCOPES, operator: st.integers(-10, 60)})
        for operator in ("at_least", "at_most", "above", "below")
    ],
    st.fixed_dictionaries({"grade": st.sampled_from(["A", "B2", "C1"])}),
    st.fixed_dictionaries({"activity": st.sampled_from(KINDS), "within": DURATIONS, "count": st.integers(1, 3)}),
)
CONDITIONS = st.recursive(
    LINES,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=4,
)
TABLES = st.fixed_dictionaries(
    {
        **dict.fromkeys(GROUPS, RULES),
        "total": st.fixed_dictionaries(
            {
                "at_most": st.dictionaries(st.sampled_from(GROUPS), st.integers(0, 40)),
                "letter": st.just({"A": 20, "B": 10}),
                "number": st.just({"1": 30, "2": 12}),
            }
        ),
        "gates": st.fixed_dictionaries(
            {"mql": CONDITIONS, "mql_ends": CONDITIONS, "nurture": st.fixed_dictionaries({"when": CONDITIONS})}
        ),
        "write_score": st.sampled_from(["always", "new grade", "5 points", "new grade, or 3 points"]),
    }
)
HAPPENED = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 40 * 86400), st.sampled_from(["a", "b"])), max_size=8
)
EMPLOYEES = st.one_of(st.none(), st.integers(0, 4))


def compiled(table: dict[str, Any]) -> Criteria:
    problems = Problems()
    found = compile_criteria(table, path=(), problems=problems, lists=lambda _name: frozenset())
    assume_none(problems)
    return found


def done(happened: list[tuple[str, int, str]]) -> list[Activity]:
    return [
        Activity("files", str(place), "p", NOW - timedelta(seconds=ago), kind, topic)
        for place, (kind, ago, topic) in enumerate(happened)
    ]


def lead_of(employees: int | None) -> Lead:
    return Lead(fields={} if employees is None else {"company.employees": employees})


def outcome(criteria: Criteria, lead: Lead, activities: list[Activity], at: datetime) -> tuple[Score, dict[str, bool]]:
    facts = build(lead, activities, at)
    facts.score = criteria.score(facts)
    return facts.score, {name: gate.test(facts) for name, gate in criteria.gates.items()}


# --- the slow reckoning, from the tables themselves ---


def reckoned(table: dict[str, Any], employees: int | None, activities: list[Activity], at: datetime) -> dict[str, int]:
    points = {}
    for group in GROUPS:
        total = sum(reckoned_rule(rule, employees, activities, at) for rule in table[group].values())
        points[group] = min(total, table["total"]["at_most"].get(group, total))
    return points


def reckoned_rule(rule: dict[str, Any], employees: int | None, activities: list[Activity], at: datetime) -> int:
    if "field" in rule:
        return int(rule["points"]) if employees is not None and employees >= rule["at_least"] else 0
    if "not" in rule and recent(rule["not"], activities, at):
        return 0
    if "activity" not in rule:
        return int(rule["points"])
    ages = sorted(seconds(at, one) for one in recent(rule, activities, at))
    if len(ages) < rule.get("count", 1):
        return 0
    sign = 1 if rule["points"] > 0 else -1
    total = sum(faded(abs(rule["points"]), age, rule) for age in (ages if rule.get("each") else ages[:1]))
    return sign * min(total, int(abs(rule.get("up_to", total))))


def recent(asked: dict[str, Any], activities: list[Activity], at: datetime) -> list[Activity]:
    kinds = [asked["activity"]] if isinstance(asked["activity"], str) else asked["activity"]
    found = [one for one in activities if one.kind in kinds and one.at <= at]
    if "topic" in asked:
        found = [one for one in found if one.topic == asked["topic"]]
    if "within" in asked:
        found = [one for one in found if seconds(at, one) < DAYS[asked["within"]] * 86400]
    return found


def seconds(at: datetime, activity: Activity) -> float:
    return (at - activity.at).total_seconds()


def faded(points: int, age: float, rule: dict[str, Any]) -> int:
    if "half_life" not in rule:
        return points
    left: float = 0.5 ** (age / (DAYS[rule["half_life"]] * 86400))
    return ceil(points * left - 0.5)


# --- the laws ---


@given(TABLES, EMPLOYEES, HAPPENED)
def test_a_slow_reckoning_comes_to_the_same_points(
    table: dict[str, Any], employees: int | None, happened: list[tuple[str, int, str]]
) -> None:
    score, _ = outcome(compiled(table), lead_of(employees), done(happened), NOW)
    expected = reckoned(table, employees, done(happened), NOW)
    assert {group: getattr(score, group) for group in GROUPS} == expected
    assert score.total == sum(expected.values())


@given(TABLES, EMPLOYEES, HAPPENED, st.randoms(use_true_random=False))
def test_the_order_of_activities_and_rules_makes_no_difference(
    table: dict[str, Any], employees: int | None, happened: list[tuple[str, int, str]], random: Any
) -> None:
    activities = done(happened)
    before = outcome(compiled(table), lead_of(employees), activities, NOW)
    random.shuffle(activities)
    assert outcome(compiled(table), lead_of(employees), activities, NOW) == before
    turned = compiled({**table, **{group: dict(reversed(table[group].items())) for group in GROUPS}})
    after, _ = outcome(turned, lead_of(employees), activities, NOW)
    assert (after.total, after.grade, after.next_change) == (before[0].total, before[0].grade, before[0].next_change)
    assert after.version == before[0].version


@given(TABLES, EMPLOYEES, HAPPENED)
def test_contributions_add_up(
    table: dict[str, Any], employees: int | None, happened: list[tuple[str, int, str]]
) -> None:
    score, _ = outcome(compiled(table), lead_of(employees), done(happened), NOW)
    for group in GROUPS:
        assert sum(one.points for one in score.contributions if one.group == group) == getattr(score, group)
    assert all(one.points for one in score.contributions)


@given(TABLES, EMPLOYEES, HAPPENED, st.lists(st.integers(1, 60 * 86400), max_size=12))
def test_before_the_next_change_nothing_changes_that_matters(
    table: dict[str, Any], employees: int | None, happened: list[tuple[str, int, str]], later: list[int]
) -> None:
    criteria, lead, activities = compiled(table), lead_of(employees), done(happened)
    score, gates = outcome(criteria, lead, activities, NOW)
    due = score.next_change
    assert due is None or due > NOW
    step = criteria.write_score.points
    moments = [NOW + timedelta(seconds=one) for one in later] + [NOW + timedelta(days=900)]
    if due is not None:
        moments.append(due - timedelta(seconds=1))
    for moment in moments:
        if due is None or moment < due:
            then, gates_then = outcome(criteria, lead, activities, moment)
            assert gates_then == gates
            assert then.grade == score.grade
            assert step is None or abs(then.total - score.total) < step


@given(TABLES, EMPLOYEES, HAPPENED)
def test_scoring_when_due_sees_every_change(
    table: dict[str, Any], employees: int | None, happened: list[tuple[str, int, str]]
) -> None:
    """Going from due to due ends, and ends where everything has faded."""
    criteria, lead, activities = compiled(table), lead_of(employees), done(happened)
    score, gates = outcome(criteria, lead, activities, NOW)
    for _ in range(600):
        if score.next_change is None:
            break
        score, gates = outcome(criteria, lead, activities, score.next_change)
    assert score.next_change is None
    last, gates_last = outcome(criteria, lead, activities, NOW + timedelta(days=900))
    assert (last.grade, gates_last) == (score.grade, gates)


@given(TABLES, EMPLOYEES, HAPPENED)
def test_what_is_older_than_the_horizon_makes_no_difference(
    table: dict[str, Any], employees: int | None, happened: list[tuple[str, int, str]]
) -> None:
    criteria, lead, activities = compiled(table), lead_of(employees), done(happened)
    horizon = criteria.horizon
    assume(horizon is not None)
    assert horizon is not None
    young = [one for one in activities if one.at > NOW - horizon]
    assert outcome(criteria, lead, young, NOW) == outcome(criteria, lead, activities, NOW)


@given(TABLES, EMPLOYEES, HAPPENED, st.sampled_from(STAGES), st.booleans(), st.booleans())
def test_a_judgement_never_leaves_the_table_of_moves(
    table: dict[str, Any],
    employees: int | None,
    happened: list[tuple[str, int, str]],
    stage: Any,
    handed_over: bool,
    complete: bool,
) -> None:
    criteria = compiled(table)
    lead = lead_of(employees)
    lead.stage = stage
    facts = build(lead, done(happened), NOW)
    facts.score = criteria.score(facts)
    required = () if complete else ("email",)
    judgement = judge(lead, facts, criteria, required, handed_over)
    if judgement.stage != stage:
        assert may_move(stage, judgement.stage, "baton")
        assert judgement.why
        assert not judgement.missing
        assert not (stage == "mql" and handed_over)
    if stage in OF_PEOPLE:
        assert judgement.stage == stage
    assert not (judgement.stage == "mql" != stage and not complete)
