"""Laws that hold for any conditions and any facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connector.model.activity import Activity
from connector.model.errors import Problems
from connector.model.facts import Facts
from connector.model.fields import JOB_LEVELS
from connector.model.lead import Lead
from connector.steps.conditions.compiler import Condition, compile_condition
from connector.steps.facts import build

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KINDS = ("visit", "download")


def table(*keys: str, **values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(dict(zip(keys, values.values(), strict=True)) if keys else values)


ASKED_OF_FIELDS = st.one_of(
    table(field=st.just("country"), **{"in": st.lists(st.sampled_from(["DE", "FR"]), min_size=1)}),
    table(field=st.just("company.employees"), at_least=st.integers(0, 5)),
    table(field=st.just("job_level"), below=st.sampled_from(JOB_LEVELS)),
    table(field=st.just("city"), blank=st.booleans()),
    table(changed=st.just("city"), within=st.sampled_from(["2 days", "9 days"])),
)
ASKED_OF_ACTIVITIES = st.fixed_dictionaries(
    {"activity": st.one_of(st.sampled_from(KINDS), st.just(list(KINDS)))},
    optional={
        "within": st.sampled_from(["1 day", "3 days", "12 days"]),
        "topic": st.sampled_from(["a", "b*"]),
        "at_most": st.integers(3, 4),
        "count": st.integers(1, 3),
    },
)
LEAVES = st.one_of(ASKED_OF_FIELDS, ASKED_OF_ACTIVITIES)
TABLES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        table(all=st.lists(inner, min_size=1, max_size=3)),
        table(any=st.lists(inner, min_size=1, max_size=3)),
        table(**{"not": inner}),
        table(all=st.lists(inner, min_size=1, max_size=2), **{"not": st.lists(inner, min_size=1, max_size=2)}),
    ),
    max_leaves=6,
)
LEADS = st.fixed_dictionaries(
    {},
    optional={
        "country": st.sampled_from(["DE", "FR", "JP"]),
        "company.employees": st.integers(0, 6),
        "job_level": st.sampled_from(JOB_LEVELS),
        "city": st.sampled_from(["", "Ulm"]),
    },
)
HOURS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 400), st.sampled_from(["a", "bb", ""])), max_size=8)


def compiled(asked: object) -> Condition:
    problems = Problems()
    condition = compile_condition(asked, path=(), problems=problems, named={}, lists=lambda _name: frozenset())
    assert problems.found == []
    return condition


def facts_at(now: datetime, fields: dict[str, Any], hours: list[tuple[str, int, str]]) -> Facts:
    activities = [
        Activity("files", str(place), "p", NOW - timedelta(hours=ago), kind, topic)
        for place, (kind, ago, topic) in enumerate(hours)
    ]
    said = {"city": ("crm", (NOW - timedelta(days=1)).isoformat())}
    return build(Lead(fields=fields, said=said), activities, now)


@given(TABLES, TABLES, LEADS, HOURS)
def test_not_turns_all_into_any_of_the_opposites(
    one: dict[str, Any], other: dict[str, Any], fields: dict[str, Any], hours: list[tuple[str, int, str]]
) -> None:
    facts = facts_at(NOW, fields, hours)
    both, either = compiled({"all": [one, other]}), compiled({"any": [one, other]})
    assert compiled({"not": {"all": [one, other]}}).test(facts) is not both.test(facts)
    assert compiled({"any": [{"not": one}, {"not": other}]}).test(facts) is not both.test(facts)
    assert compiled({"all": [{"not": one}, {"not": other}]}).test(facts) is not either.test(facts)
    assert compiled({"not": [one, other]}).test(facts) is not either.test(facts)


@given(TABLES, LEADS, HOURS)
def test_not_twice_is_nothing(asked: dict[str, Any], fields: dict[str, Any], hours: list[tuple[str, int, str]]) -> None:
    facts = facts_at(NOW, fields, hours)
    assert compiled({"not": {"not": asked}}).test(facts) is compiled(asked).test(facts)


@given(LEADS, st.sampled_from(["DE", "FR", "XX"]))
def test_a_negation_is_the_opposite_of_its_operator(fields: dict[str, Any], wanted: str) -> None:
    facts = facts_at(NOW, fields, [])
    for operator, negation, value in [("is", "is_not", wanted), ("in", "not_in", [wanted, "JP"])]:
        holds = compiled({"field": "country", operator: value}).test(facts)
        assert compiled({"field": "country", negation: value}).test(facts) is not holds


@given(TABLES, LEADS, HOURS)
def test_an_explanation_agrees_with_the_test_all_the_way_down(
    asked: dict[str, Any], fields: dict[str, Any], hours: list[tuple[str, int, str]]
) -> None:
    facts = facts_at(NOW, fields, hours)
    tree = compiled(asked).explain(facts)
    assert tree.passed is compiled(asked).test(facts)
    waiting = [tree]
    while waiting:
        line = waiting.pop()
        waiting.extend(line.children)
        answers = [child.passed for child in line.children]
        expected = {
            "all of these": all(answers),
            "at least one of these": any(answers),
            "none of these": not any(answers),
        }
        assert line.passed is expected.get(line.text, line.passed)
        assert line.render()


@given(TABLES, LEADS, HOURS, st.lists(st.integers(0, 14 * 86400), max_size=12))
def test_before_it_expires_an_answer_stands(
    asked: dict[str, Any], fields: dict[str, Any], hours: list[tuple[str, int, str]], seconds: list[int]
) -> None:
    condition = compiled(asked)
    facts = facts_at(NOW, fields, hours)
    expires = condition.expires(facts)
    assert expires is None or expires > NOW
    moments = [NOW + timedelta(seconds=one) for one in seconds]
    if expires is not None:
        moments.append(expires - timedelta(seconds=1))
    for moment in moments:
        if expires is None or moment < expires:
            assert condition.test(facts_at(moment, fields, hours)) is condition.test(facts)
