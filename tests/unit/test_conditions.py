"""What each condition means, and what is said about one that means nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from connector.model.activity import Activity
from connector.model.errors import Problems
from connector.model.facts import Facts
from connector.model.fields import Value
from connector.model.score import Score
from connector.steps.conditions.compiler import Condition, Context, Names, compile_condition

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIELDS: dict[str, Value] = {
    "email": "ana@Example.com",
    "job_level": "director",
    "company.employees": 250,
    "company.technologies": ["Rivalsoft", "Mailer"],
    "company.is_customer": False,
    "company.domain": "example.com",
    "country": "DE",
    "job_title": "Head of Consulting",
    "first_touch_at": "2026-10-05T09:30:00+00:00",
    "custom.plan_size": "120",
    "custom.tags": ["Blue", "Green"],
    "custom.trial": True,
    "source": "",
}
LISTS = {"rivals.txt": frozenset({"Rival.example", "example.com "})}


def lists(name: str) -> frozenset[str]:
    if name not in LISTS:
        raise FileNotFoundError(2, "No such file or directory", name)
    return LISTS[name]


def ago(days: float, kind: str = "visit", **details: Any) -> Activity:
    at = NOW - timedelta(days=days)
    return Activity("files", f"{kind}-{days}-{details}", "p1", at, kind, **details)


def facts(*activities: Activity, **more: Any) -> Facts:
    by_kind: dict[str, list[Activity]] = {}
    for activity in sorted(activities, key=lambda one: one.at):
        by_kind.setdefault(activity.kind, []).append(activity)
    return Facts(NOW, FIELDS, by_kind, **more)


def compiled(table: object, named: Mapping[str, Condition] | None = None, **more: Any) -> Condition:
    problems = Problems()
    condition = compile_condition(table, path=(), problems=problems, named=named or {}, lists=lists, **more)
    assert [str(one) for one in problems.found] == []
    return condition


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"field": "company.domain", "is": "EXAMPLE.com"}, True),
        ({"field": "company.domain", "is_not": "example.com"}, False),
        ({"field": "country", "in": ["de", "AT"]}, True),
        ({"field": "country", "not_in": ["DE", "AT"]}, False),
        ({"field": "company.employees", "is": 250}, True),
        ({"field": "company.employees", "is": 250.0}, True),
        ({"field": "company.employees", "in": [1, 2]}, False),
        ({"field": "company.employees", "at_least": 250}, True),
        ({"field": "company.employees", "above": 250}, False),
        ({"field": "company.employees", "at_most": 250}, True),
        ({"field": "company.employees", "below": 250}, False),
        ({"field": "company.employees", "at_least": 100, "below": 200}, False),
        ({"field": "company.employees", "at_least": 100, "below": 300}, True),
        ({"field": "job_level", "at_least": "manager"}, True),
        ({"field": "job_level", "above": "director"}, False),
        ({"field": "job_level", "at_most": "director"}, True),
        ({"field": "job_level", "below": "vp"}, True),
        ({"field": "job_level", "is": "director"}, True),
        ({"field": "company.technologies", "has": "rivalsoft"}, True),
        ({"field": "company.technologies", "has": "Rival"}, False),
        ({"field": "company.technologies", "has_not": "Rivalsoft"}, False),
        ({"field": "company.technologies", "has_any": ["x", "MAILER"]}, True),
        ({"field": "company.is_customer", "is": False}, True),
        ({"field": "company.is_customer", "is_not": False}, False),
        ({"field": "company.is_customer", "blank": False}, True),
        ({"field": "company.domain", "in_file": "rivals.txt"}, True),
        ({"field": "company.domain", "not_in_file": "rivals.txt"}, False),
        ({"field": "job_title", "like": "*CONSULT*"}, True),
        ({"field": "job_title", "like": ["*sales*", "head of *"]}, True),
        ({"field": "job_title", "like": "consult"}, False),
        ({"field": "source", "blank": True}, True),
        ({"field": "phone", "blank": True}, True),
        ({"field": "email", "blank": False}, True),
        ({"field": "first_touch_at", "before": date(2026, 10, 6)}, True),
        ({"field": "first_touch_at", "before": date(2026, 10, 5)}, False),
        ({"field": "first_touch_at", "after": "2026-10-05"}, False),
        ({"field": "first_touch_at", "after": date(2026, 10, 4)}, True),
        ({"field": "first_touch_at", "after": datetime.fromisoformat("2026-10-05T11:00:00+02:00")}, True),
        ({"field": "first_touch_at", "before": "2026-10-05T09:00:00Z"}, False),
        ({"field": "custom.plan_size", "at_least": 100}, True),
        ({"field": "custom.plan_size", "is": 120}, True),
        ({"field": "custom.plan_size", "in": ["big", 120]}, True),
        ({"field": "custom.tags", "has": "blue"}, True),
        ({"field": "custom.trial", "is": True}, True),
        ({"has": "email"}, True),
        ({"has": "phone"}, False),
        ({"has": "account owner"}, False),
    ],
)
def test_a_field_is_compared_by_its_kind(asked: dict[str, Any], expected: bool) -> None:
    assert compiled(asked).test(facts()) is expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"is": "x"}, False),
        ({"in": ["x"]}, False),
        ({"like": "*"}, False),
        ({"in_file": "rivals.txt"}, False),
        ({"is_not": "x"}, True),
        ({"not_in": ["x"]}, True),
        ({"not_in_file": "rivals.txt"}, True),
        ({"blank": True}, True),
        ({"blank": False}, False),
    ],
)
@pytest.mark.parametrize("field", ["city", "source"])
def test_without_a_value_only_negations_and_blank_hold(field: str, asked: dict[str, Any], expected: bool) -> None:
    assert compiled({"field": field, **asked}).test(facts()) is expected


def test_a_value_of_the_wrong_sort_matches_no_number() -> None:
    odd = Facts(NOW, {"company.employees": "many", "job_level": "chief"})
    assert not compiled({"field": "company.employees", "at_least": 1}).test(odd)
    assert not compiled({"field": "company.employees", "below": 1}).test(odd)
    assert not compiled({"field": "job_level", "at_least": "staff"}).test(odd)
    assert compiled({"field": "company.employees", "is_not": 5}).test(odd)


def test_zero_and_false_are_values() -> None:
    zero = Facts(NOW, {"company.employees": 0, "consent.email": False, "company.technologies": []})
    assert compiled({"field": "company.employees", "blank": False}).test(zero)
    assert compiled({"field": "company.employees", "below": 1}).test(zero)
    assert compiled({"field": "consent.email", "blank": False}).test(zero)
    assert compiled({"field": "company.technologies", "blank": True}).test(zero)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"activity": "visit"}, True),
        ({"activity": "visit", "count": 3}, True),
        ({"activity": "visit", "count": 4}, False),
        ({"activity": "visit", "count": 2, "within": "10 days"}, True),
        ({"activity": "visit", "count": 3, "within": "10 days"}, False),
        ({"activity": "visit", "within": "1 day"}, False),
        ({"activity": ["visit", "download"], "count": 5}, True),
        ({"activity": ["visit", "download"], "count": 4, "within": "10 days"}, True),
        ({"activity": "visit", "at_most": 3}, True),
        ({"activity": "visit", "at_most": 2}, False),
        ({"activity": "meeting", "at_most": 0}, True),
        ({"activity": "visit", "count": 1, "at_most": 2, "within": "10 days"}, True),
        ({"activity": "download", "topic": "case-study"}, True),
        ({"activity": "download", "topic": "Case-*", "count": 2}, False),
        ({"activity": "download", "asset": ["guide", "*.pdf"], "count": 2}, True),
        ({"activity": "download", "asset": ["guide", "x.pdf"], "count": 2}, False),
        ({"activity": "download", "url": "*/resources/*"}, True),
        ({"activity": "download", "campaign": "spring"}, False),
        ({"activity": "download", "lasting": "2 min"}, True),
        ({"activity": "download", "lasting": "3 min"}, False),
        ({"activity": "download", "topic": "case-study", "lasting": "2 min"}, False),
    ],
)
def test_activities_are_counted_by_kind_detail_and_age(asked: dict[str, Any], expected: bool) -> None:
    seen = facts(
        ago(2), ago(9), ago(40),
        ago(3, "download", topic="case-study", asset="guide", seconds=10),
        ago(4, "download", topic="paper", asset="a.PDF", seconds=120, url="https://x.example/resources/a"),
    )  # fmt: skip
    assert compiled(asked).test(seen) is expected


def test_an_activity_has_left_the_window_at_its_age_to_the_second() -> None:
    condition = compiled({"activity": "visit", "within": "10 days"})
    inside = Facts(NOW, {}, {"visit": [ago(10 - 1 / 86400)]})
    assert condition.test(inside)
    assert condition.expires(inside) == NOW + timedelta(seconds=1)
    assert not condition.test(Facts(NOW, {}, {"visit": [ago(10)]}))


def test_over_all_time_the_roll_up_counts_where_it_knows_more() -> None:
    condition = compiled({"activity": "visit", "count": 5})
    assert not condition.test(facts(ago(1)))
    assert condition.test(facts(ago(1), lifetime={"visit": 5}))
    assert condition.test(facts(*(ago(day) for day in range(1, 6)), lifetime={"visit": 2}))


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        ({"activity": "visit", "within": "30 days"}, 28),
        ({"activity": "visit", "within": "30 days", "count": 2}, 21),
        ({"activity": "visit", "within": "30 days", "count": 3}, None),
        ({"activity": "visit", "within": "30 days", "at_most": 1}, 21),
        ({"activity": "visit", "within": "30 days", "at_most": 2}, None),
        ({"activity": "visit"}, None),
        ({"field": "country", "is": "DE"}, None),
        ({"not": {"activity": "visit", "within": "30 days"}}, 28),
        ({"any": [{"field": "country", "is": "DE"}, {"activity": "visit", "within": "30 days"}]}, None),
        ({"all": [{"field": "country", "is": "FR"}, {"activity": "visit", "within": "30 days"}]}, None),
        ({"any": [{"activity": "visit", "within": "3 days"}, {"activity": "visit", "within": "30 days"}]}, 28),
        ({"all": [{"activity": "visit", "within": "3 days"}, {"activity": "visit", "within": "30 days"}]}, 1),
    ],
)
def test_a_condition_says_when_time_alone_may_change_it(asked: dict[str, Any], days: float | None) -> None:
    expected = None if days is None else NOW + timedelta(days=days)
    assert compiled(asked).expires(facts(ago(2), ago(9))) == expected


def test_scores_and_grades_are_asked_once_they_are_known() -> None:
    score = Score(NOW, "v", fit=30, engagement=10, intent=12, total=52, grade="A3")
    known, unknown = facts(score=score), facts()
    for asked, expected in [
        ({"score": "total", "at_least": 52}, True),
        ({"score": "total", "above": 52}, False),
        ({"score": "fit", "below": 31}, True),
        ({"score": "intent", "at_most": 11}, False),
        ({"grade": "A3"}, True),
        ({"grade": ["A1", "A"]}, True),
        ({"grade": ["A1", "B"]}, False),
    ]:
        assert compiled(asked).test(known) is expected, asked
        assert not compiled(asked).test(unknown)


def test_what_changed_lately_holds_until_it_is_old() -> None:
    changed = facts(changed={"job_title": NOW - timedelta(days=5), "company.name": NOW - timedelta(days=90)})
    recent = compiled({"changed": ["job_title", "company.name"], "within": "30 days"})
    assert recent.test(changed)
    assert recent.expires(changed) == NOW + timedelta(days=25)
    assert not compiled({"changed": "company.name", "within": "30 days"}).test(changed)
    assert compiled({"changed": "company.name"}).test(changed)
    assert not compiled({"changed": "company.name", "since": date(2026, 11, 1)}).test(changed)
    assert compiled({"changed": "job_title", "since": "2026-11-01"}).test(changed)
    assert not compiled({"changed": "city"}).test(changed)


def test_an_account_owner_counts_as_had() -> None:
    assert compiled({"has": "account owner"}).test(facts(account_owner="lena@northwind.example"))


def test_every_part_of_a_table_must_hold() -> None:
    both = {"field": "country", "is": "DE", "any": [{"has": "phone"}, {"has": "email"}], "not": {"has": "city"}}
    assert compiled(both).test(facts())
    assert not compiled({**both, "not": [{"has": "city"}, {"has": "email"}]}).test(facts())
    assert not compiled({**both, "is": "FR"}).test(facts())


def names(tables: dict[str, object]) -> tuple[Names, list[str]]:
    context = Context(Problems(), {}, lists, ("visit", "download"))
    found = Names(tables, ("conditions",), context)
    for name in found:
        found[name].test(facts())
    return found, [str(one) for one in context.problems.found]


def test_named_conditions_refer_to_each_other_in_any_order() -> None:
    found, problems = names({"a": {"all": ["b"], "not": "c"}, "b": {"has": "email"}, "c": {"has": "phone"}})
    assert problems == []
    assert found["a"].test(facts())
    assert found["a"].uses.names == {"b", "c"}
    assert found["a"].uses.fields == {"email", "phone"}


def test_a_circle_of_names_is_reported_once_with_the_way_round() -> None:
    _, problems = names({"a": {"all": ["b"]}, "b": {"any": [{"has": "email"}, "a"]}})
    assert problems == ["conditions.b.any.2: conditions refer to each other in a circle: a -> b -> a"]


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ("aksed", "unknown condition aksed; did you mean asked?"),
        (["asked"], "a condition is a table, or the name of one in quotes"),
        ({}, "an empty condition; allowed: field, activity, score, grade, changed, has, all, any, not"),
        ({"feild": "country", "is": "DE"}, "feild: unknown key feild; did you mean field?"),
        ({"at_least": 5}, "nothing says what this is asked of; allowed: field, activity, score, grade, changed, has"),
        ({"field": "contry", "is": "DE"}, "field: unknown field contry; did you mean country?"),
        ({"field": 5, "is": "DE"}, "field: the name of a field is a text in quotes"),
        ({"field": "score.total", "at_least": 5}, "field: score.total is computed: ask with `score` or `grade`"),
        ({"field": "country", "at_laest": 5}, "at_laest: unknown key at_laest"),
        ({"field": "company.employees", "at_laest": 5}, "at_laest: unknown key at_laest; did you mean at_least?"),
        ({"field": "country", "at_least": 5}, "at_least: country cannot be asked with at_least; allowed: is, "),
        ({"field": "country"}, "country is asked nothing; allowed: is, is_not, in, "),
        ({"field": "country", "is": "Germany"}, "is: 'Germany' is not a country's code of two letters, such as DE"),
        ({"field": "country", "in": "DE"}, "in: a list of values is needed here"),
        ({"field": "country", "in": []}, "in: a list of values is needed here"),
        ({"field": "job_level", "at_least": "managr"}, "at_least: unknown value managr; did you mean manager?"),
        ({"field": "job_level", "in": ["vp", "cheif"]}, "in: unknown value cheif; allowed: c_level, director, "),
        ({"field": "company.employees", "is": "5"}, "is: company.employees is a number"),
        ({"field": "company.employees", "at_least": True}, "at_least: a number is needed here"),
        ({"field": "company.employees", "below": float("nan")}, "below: a number is needed here"),
        ({"field": "company.is_customer", "is": "yes"}, "is: company.is_customer is true or false"),
        ({"field": "company.name", "is": 5}, "is: company.name is a text: write the value in quotes"),
        ({"field": "company.name", "like": ""}, "like: a pattern such as"),
        ({"field": "company.technologies", "has": ["a"]}, "has: one text in quotes is needed here"),
        ({"field": "company.technologies", "has_any": "a"}, "has_any: a list of texts is needed here"),
        ({"field": "company.name", "in_file": "gone.txt"}, "in_file: the list gone.txt cannot be read: No such file"),
        ({"field": "company.name", "in_file": 5}, "in_file: the name of a list file is needed here"),
        ({"field": "first_touch_at", "before": "soon"}, "before: a day such as 2026-12-07"),
        ({"field": "first_touch_at", "after": datetime(2026, 1, 1)}, "after: a day such as 2026-12-07"),  # noqa: DTZ001
        ({"field": "country", "blank": "yes"}, "blank: `blank` is true or false"),
        ({"field": "custom.x", "is": []}, "is: a text, a number, true or false is needed here"),
        ({"activity": "downlaod"}, "activity: unknown kind of activity downlaod; did you mean download?"),
        ({"activity": []}, "activity: a kind of activity, or a list of kinds, is needed here"),
        ({"activity": "visit", "witin": "5 days"}, "witin: unknown key witin; did you mean within?"),
        ({"activity": "visit", "within": "5 dayz"}, "within: '5 dayz' is not a duration; allowed: "),
        ({"activity": "visit", "within": "5 working days"}, "within: '5 working days' runs in working hours"),
        ({"activity": "visit", "count": 0}, "count: a whole number of at least 1 is needed here"),
        ({"activity": "visit", "at_most": "3"}, "at_most: a whole number of at least 0 is needed here"),
        ({"activity": "visit", "count": 3, "at_most": 2}, "at_most: `at_most` is below `count`"),
        (
            {"field": "company.employees", "at_least": 500, "at_most": 100},
            "at_most: at_most 100 never holds together with at_least 500",
        ),
        (
            {"field": "company.employees", "at_most": 100, "all": [{"field": "company.employees", "above": 100}]},
            "all.1.above: above 100 never holds together with at_most 100",
        ),
        (
            {"any": [{"all": [{"score": "total", "below": 20}, "asked", {"score": "total", "at_least": 50}]}]},
            "any.1.all.3.at_least: at_least 50 never holds together with below 20",
        ),
        (
            {"field": "job_level", "at_least": "director", "below": "manager"},
            "below: below manager never holds together with at_least director",
        ),
        (
            {"field": "first_touch_at", "after": "2026-12-01", "before": date(2026, 12, 1)},
            "before: before 2026-12-01 never holds together with after 2026-12-01",
        ),
        ({"activity": "visit", "topic": 5}, "topic: a text or pattern, or a list of them, is needed here"),
        ({"activity": "visit", "field": "country"}, "field, activity in one table: give each a table of its own"),
        ({"score": "totl", "at_least": 5}, "score: unknown score totl; did you mean total?"),
        ({"score": "total", "at_least": 5.5}, "at_least: a whole number of points is needed here"),
        ({"score": "total", "atleast": 5}, "atleast: unknown key atleast; did you mean at_least?"),
        ({"score": "total"}, "total is asked nothing; allowed: at_least, "),
        ({"grade": "1A"}, "grade: unknown grade 1A"),
        ({"grade": 5}, 'grade: a grade such as "A1", or a list of grades, is needed here'),
        ({"grade": "A", "within": "5 days"}, "within: unknown key within"),
        ({"has": "acount owner"}, "has: unknown field acount owner; did you mean account owner?"),
        ({"changed": ["job_titel"]}, "changed: unknown field job_titel; did you mean job_title?"),
        ({"changed": []}, "changed: a list of fields is needed here"),
        ({"changed": "country", "since": "then"}, "since: a day such as 2026-12-07"),
        ({"any": []}, "any: an empty list of conditions"),
        ({"all": ["asked", {"not": ["askd"]}]}, "all.2.not.1: unknown condition askd; did you mean asked?"),
    ],
)
def test_a_mistake_is_found_when_it_is_read(asked: object, problem: str) -> None:
    problems = Problems()
    named = {"asked": compiled({"has": "email"})}
    compile_condition(asked, path=(), problems=problems, named=named, lists=lists)
    (found,) = problems.found
    assert str(found).startswith(problem)


def test_bounds_are_refused_where_no_value_lies_within_both_and_only_there() -> None:
    for low, high, least, most in product(("at_least", "above"), ("at_most", "below"), range(3), range(3)):
        asked = {"field": "company.revenue", low: least, high: most}
        problems = Problems()
        compile_condition(asked, path=(), problems=problems, named={}, lists=lists)
        # The same two bounds, in a way in which nothing compares them.
        one, other = (compiled({"field": "company.revenue", key: asked[key]}) for key in (low, high))
        seen = [Facts(NOW, {"company.revenue": value / 2}, {}) for value in range(-1, 6)]
        assert bool(problems.found) is not any(one.test(fact) and other.test(fact) for fact in seen), asked


def test_all_mistakes_are_found_at_once_with_their_paths() -> None:
    problems = Problems()
    asked = {"all": [{"field": "contry", "is": "DE"}, {"activity": "vist", "count": 0}], "not": {"grade": 5}}
    compile_condition(asked, path=("gates", "mql"), problems=problems, named={}, lists=lists)
    assert [one.path for one in problems.found] == [
        ("gates", "mql", "all", 0, "field"),
        ("gates", "mql", "all", 1, "count"),
        ("gates", "mql", "all", 1, "activity"),
        ("gates", "mql", "not", "grade"),
    ]


def test_where_the_score_is_not_known_it_cannot_be_asked_not_even_by_name() -> None:
    named = {"good": compiled({"score": "total", "at_least": 5})}
    problems = Problems()
    asked = {"any": ["good", {"score": "fit", "above": 1}, {"grade": "A"}]}
    compile_condition(asked, path=(), problems=problems, named=named, lists=lists, scores=False)
    assert [str(one) for one in problems.found] == [
        "any.1: good asks for the score, which is not known yet here",
        "any.2.score: the score cannot be asked for here: it is not known yet",
        "any.3.grade: the score cannot be asked for here: it is not known yet",
    ]


def test_an_explanation_is_a_tree_with_what_was_seen() -> None:
    named = {"ideal": compiled({"field": "company.employees", "at_least": 500})}
    asked = {"any": ["ideal", {"activity": "visit", "count": 2, "within": "30 days"}], "not": {"has": "phone"}}
    tree = compiled(asked, named).explain(facts(ago(2)))
    either, barred = tree.children
    ideal, visits = either.children
    assert not tree.passed
    assert [one.render() for one in (tree, either, ideal, ideal.children[0], visits, barred)] == [
        "all of these",
        "at least one of these",
        "ideal",
        "company.employees is at least 500 (here: 250)",
        "visit at least 2 times within 30 days (here: 1, 2026-11-18T12:00Z)",
        "none of these",
    ]
    assert (barred.passed, barred.children[0].render()) == (True, "phone has a value")


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({"field": "country", "not_in": ["FR", "ES"]}, "country is none of FR, ES (here: DE)"),
        ({"field": "city", "blank": True}, "city is blank"),
        ({"field": "company.technologies", "has": "x"}, "company.technologies has x (here: Rivalsoft, Mailer)"),
        ({"activity": "visit", "at_most": 2}, "visit at most 2 times (here: 1, 2026-11-18T12:00Z)"),
        (
            {"activity": ["visit", "chat"], "topic": ["a", "b"], "count": 2, "at_most": 3, "within": "7 days"},
            "visit / chat (topic a / b) 2 to 3 times within 7 days (here: 0)",
        ),
        ({"score": "fit", "at_least": 30}, "fit points at least 30 (here: 12)"),
        ({"grade": ["A1", "B"]}, "the grade is one of A1, B (here: C3)"),
        ({"changed": "job_title"}, "job_title changed lately"),
        ({"has": "account owner"}, "the account has an owner"),
    ],
)
def test_each_subject_explains_itself(asked: dict[str, Any], line: str) -> None:
    score = Score(NOW, "v", fit=12, total=12, grade="C3")
    assert compiled(asked).explain(facts(ago(2), score=score)).render() == line


def test_a_condition_says_what_it_uses() -> None:
    uses = compiled(
        {
            "any": [
                {"activity": "visit", "within": "30 days"},
                {"activity": ["visit", "download"], "within": "90 days"},
                {"activity": "chat"},
                {"score": "fit", "at_least": 3},
            ],
            "not": {"changed": "city", "within": "9 days"},
        }
    ).uses
    assert uses.fields == {"city"}
    assert uses.kinds == {"visit", "download", "chat"}
    assert uses.scores == {"fit"}
    assert uses.windows == {"visit": timedelta(days=90), "download": timedelta(days=90), "chat": None}
    assert uses.changes


def test_a_whole_number_is_shown_without_decimals() -> None:
    condition = compile_condition(
        {"field": "custom.pages", "above": 2.5}, path=(), problems=Problems(), named={}, lists=lists
    )
    assert condition.explain(Facts(NOW, {"custom.pages": 8.0})).seen == "8"
    assert condition.explain(Facts(NOW, {"custom.pages": 8.5})).seen == "8.5"
