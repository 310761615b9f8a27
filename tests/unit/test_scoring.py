"""Points, fading, caps and grades; and what is said about criteria that cannot be read."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.model.activity import Activity
from connector.model.errors import Problems
from connector.model.facts import Facts
from connector.model.lead import Lead
from connector.model.score import Contribution
from connector.steps.facts import build
from connector.steps.scoring.compiler import Criteria, compile_criteria
from connector.steps.scoring.fading import fading_ages
from connector.steps.scoring.totals import WriteScore, compile_write_score

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def no_lists(name: str) -> frozenset[str]:
    raise FileNotFoundError(2, "No such file or directory", name)


def criteria(text: str, **more: Any) -> Criteria:
    problems = Problems()
    found = compile_criteria(tomllib.loads(text), path=(), problems=problems, lists=no_lists, **more)
    assert [str(one) for one in problems.found] == []
    return found


def ago(days: float, kind: str, **details: Any) -> Activity:
    return Activity("files", f"{kind}-{days}", "p1", NOW - timedelta(days=days), kind, **details)


def facts(*activities: Activity, **fields: Any) -> Facts:
    return build(Lead(fields=fields), activities, NOW)


def given(text: str, *activities: Activity, **fields: Any) -> list[tuple[str, int, int]]:
    score = criteria(text).score(facts(*activities, **fields))
    assert sum(one.points for one in score.contributions) == score.total
    return [(one.rule, one.points, one.full) for one in score.contributions]


def test_points_fade_by_whole_steps_and_halve_in_each_half_life() -> None:
    ages = fading_ages(10, timedelta(days=14), None)
    assert len(ages) == 10
    assert list(ages) == sorted(ages)
    assert sum(age <= timedelta(days=14) for age in ages) == 5
    assert sum(age <= timedelta(days=28) for age in ages) == 8
    assert fading_ages(1, timedelta(days=1), None) == (timedelta(days=1),)
    assert fading_ages(-10, timedelta(days=14), None) == ages


def test_a_window_ends_what_has_not_faded() -> None:
    assert fading_ages(2, None, timedelta(days=5)) == (timedelta(days=5),) * 2
    cut = fading_ages(10, timedelta(days=14), timedelta(days=7))
    assert (len(cut), cut[-1]) == (10, timedelta(days=7))
    assert cut[0] == fading_ages(10, timedelta(days=14), None)[0]


def test_a_rule_on_a_field_gives_its_points_while_it_holds() -> None:
    rule = '[fit]\nBig = { points = 10, field = "company.employees", at_least = 500 }'
    assert given(rule, **{"company.employees": 500}) == [("Big", 10, 10)]
    assert given(rule, **{"company.employees": 499}) == []
    assert given(rule) == []


def test_points_may_be_negative_and_the_total_too() -> None:
    rule = '[fit]\nStudent = { points = -15, field = "job_function", is = "student" }'
    score = criteria(rule).score(facts(job_function="student"))
    assert (score.fit, score.total) == (-15, -15)


def test_once_counts_the_latest_activity_and_each_counts_all() -> None:
    once = '[intent]\nDemo = { points = 8, activity = "demo_request", half_life = "10 days" }'
    each = '[intent]\nDemo = { points = 8, activity = "demo_request", half_life = "10 days", each = true }'
    two = (ago(20, "demo_request"), ago(10, "demo_request"))
    assert given(once, *two) == [("Demo", 4, 8)]
    assert given(each, *two) == [("Demo", 6, 16)]


def test_what_has_faded_to_nothing_is_no_contribution() -> None:
    rule = '[intent]\nDemo = { points = 8, activity = "demo_request", half_life = "1 day" }'
    assert given(rule, ago(4, "demo_request")) == []


def test_up_to_bounds_a_rule_and_a_cap_its_group() -> None:
    text = """
    [intent]
    Pricing = { points = 10, activity = "pricing_view", each = true, up_to = 20 }
    Demo = { points = 25, activity = "demo_request" }
    [total]
    at_most = { intent = 40 }
    """
    seen = [ago(day, "pricing_view") for day in (1, 2, 3)]
    assert given(text, *seen) == [("Pricing", 20, 30)]
    assert given(text, *seen, ago(1, "demo_request")) == [
        ("Pricing", 20, 30),
        ("Demo", 25, 25),
        ("cap: intent", -5, -5),
    ]


def test_a_rule_below_zero_is_bounded_from_below() -> None:
    rule = '[fit]\nBounced = { points = -5, activity = "bounce", each = true, up_to = -10 }'
    assert given(rule, *[ago(day, "bounce") for day in (1, 2, 3)]) == [("Bounced", -10, -15)]


def test_a_rule_asks_for_kinds_details_number_and_window() -> None:
    rule = """
    [engagement]
    Busy = { points = 5, activity = ["visit", "download"], count = 3, within = "30 days" }
    Study = { points = 3, activity = "download", topic = "case-study", lasting = "1 min", each = true }
    """
    assert given(rule, ago(1, "visit"), ago(29, "visit"), ago(30, "download")) == []
    busy = (ago(1, "visit"), ago(29, "visit"), ago(29.5, "download", topic="case-study", seconds=60))
    assert given(rule, *busy) == [("Busy", 5, 5), ("Study", 3, 3)]


def test_a_rule_on_activity_may_have_conditions_besides() -> None:
    rule = '[intent]\nDemo = { points = 25, activity = "demo_request", not = { field = "country", is = "XX" } }'
    assert given(rule, ago(1, "demo_request"), country="DE") == [("Demo", 25, 25)]
    assert given(rule, ago(1, "demo_request"), country="XX") == []


def test_a_rule_may_be_any_condition_by_name_too() -> None:
    text = """
    [conditions]
    quiet = { not = { activity = "visit", within = "90 days" } }
    [engagement]
    Quiet = { points = -10, all = ["quiet"] }
    Never = { points = -1, activity = "visit", at_most = 0 }
    """
    assert given(text, ago(91, "visit")) == [("Quiet", -10, -10)]
    assert given(text, ago(89, "visit")) == []
    assert criteria(text).score(facts(ago(89, "visit"))).next_change == NOW + timedelta(days=1)


def test_evidence_says_on_what() -> None:
    text = """
    [fit]
    Big = { points = 10, field = "company.employees", at_least = 500 }
    Both = { points = 1, all = [{ field = "country", is = "DE" }, { field = "company.technologies", has = "x" }] }
    [intent]
    Demo = { points = 25, activity = ["demo_request", "chat"] }
    """
    found = facts(
        ago(1, "chat"), ago(2, "demo_request"),
        **{"company.employees": 900, "country": "DE", "company.technologies": ["x", "y"]},
    )  # fmt: skip
    assert criteria(text).score(found).contributions == (
        Contribution("Big", "fit", 10, "company.employees=900", 10),
        Contribution("Both", "fit", 1, "company.technologies=x, y, country=DE", 1),
        Contribution("Demo", "intent", 25, "demo_request / chat x 2, latest 2026-11-19T12:00:00+00:00", 25),
    )


GRADES = """
[fit]
Big = { points = 30, field = "company.employees", at_least = 500 }
Middle = { points = 10, field = "company.employees", at_least = 100 }
[engagement]
Visit = { points = 5, activity = "visit", each = true }
[intent]
Demo = { points = 25, activity = "demo_request" }
[total]
letter = { A = 30, B = 20, C = 10 }
number = { 1 = 40, 2 = 25, 3 = 10 }
"""


@pytest.mark.parametrize(
    ("employees", "visits", "demos", "grade"),
    [(500, 3, 1, "A1"), (500, 2, 1, "A2"), (100, 2, 0, "C3"), (99, 1, 0, "D4"), (0, 5, 0, "D2")],
)
def test_the_letter_is_from_fit_and_the_number_from_the_rest(
    employees: int, visits: int, demos: int, grade: str
) -> None:
    done = [ago(day, "visit") for day in range(visits)] + [ago(day, "demo_request") for day in range(demos)]
    assert criteria(GRADES).score(facts(*done, **{"company.employees": employees})).grade == grade


def test_without_scales_there_is_no_grade() -> None:
    assert criteria("").score(facts()).grade == ""


def test_the_next_change_is_the_next_one_that_matters() -> None:
    text = """
    [intent]
    Demo = { points = 25, activity = "demo_request", half_life = "30 days" }
    [gates]
    mql = { score = "total", at_least = 20 }
    """
    score = criteria(text).score(facts(ago(0, "demo_request")))
    # Five points less are worth writing: 25 becomes 20 when it comes down to 20.5.
    assert score.next_change == NOW + fading_ages(25, timedelta(days=30), None)[4]
    only_grades = criteria('write_score = "new grade"\n' + text)
    assert (
        only_grades.score(facts(ago(0, "demo_request"))).next_change
        == NOW + fading_ages(25, timedelta(days=30), None)[5]
    )


@pytest.mark.parametrize(("operator", "lost"), [("at_least", 6), ("above", 5), ("at_most", 5), ("below", 6)])
def test_a_line_is_crossed_where_its_operator_says(operator: str, lost: int) -> None:
    text = f"""
    write_score = "new grade"
    [intent]
    Demo = {{ points = 25, activity = "demo_request", half_life = "30 days" }}
    [gates]
    mql = {{ score = "intent", {operator} = 20 }}
    """
    score = criteria(text).score(facts(ago(0, "demo_request")))
    assert score.next_change == NOW + fading_ages(25, timedelta(days=30), None)[lost - 1]


def test_points_below_zero_fade_upward_across_a_line() -> None:
    text = """
    write_score = "new grade"
    [fit]
    Base = { points = 20, has = "email" }
    Bounced = { points = -10, activity = "bounce", half_life = "10 days" }
    [gates]
    mql = { score = "total", at_least = 12 }
    """
    score = criteria(text).score(facts(ago(0, "bounce"), email="ana@firm.example"))
    assert score.total == 10
    assert score.next_change == NOW + fading_ages(10, timedelta(days=10), None)[1]


def test_a_rule_that_asks_for_a_number_is_due_when_one_of_them_leaves() -> None:
    text = '[intent]\nBusy = { points = 5, activity = "visit", count = 2, within = "30 days" }'
    score = criteria(text).score(facts(ago(1, "visit"), ago(9, "visit"), ago(20, "visit")))
    assert score.next_change == NOW + timedelta(days=21)


def test_a_rule_with_a_condition_besides_is_due_when_that_may_change() -> None:
    done = facts(ago(1, "demo_request"), ago(10, "chat"))
    for join, points in [("not", 0), ("all", 25)]:
        beside = join + ' = { activity = "chat", within = "30 days" }'
        text = f'[intent]\nDemo = {{ points = 25, activity = "demo_request", {beside} }}'
        score = criteria(text).score(done)
        assert (score.total, score.next_change) == (points, NOW + timedelta(days=20))


def test_what_a_cap_takes_away_is_lost_first() -> None:
    text = """
    [intent]
    Demo = { points = 12, activity = "demo_request", half_life = "10 days" }
    [total]
    at_most = { intent = 10 }
    [gates]
    mql = { score = "total", at_least = 10 }
    """
    score = criteria(text).score(facts(ago(0, "demo_request")))
    assert score.next_change == NOW + fading_ages(12, timedelta(days=10), None)[2]


def test_what_fades_behind_a_closed_condition_is_not_due() -> None:
    rule = 'Demo = { points = 25, activity = "demo_request", half_life = "9 days", not = { has = "city" } }'
    assert criteria("[intent]\n" + rule).score(facts(ago(1, "demo_request"), city="Ulm")).next_change is None


def test_nothing_is_due_where_fading_makes_no_difference() -> None:
    text = '[intent]\nVisit = { points = 4, activity = "visit", half_life = "30 days" }'
    assert criteria(text).score(facts(ago(1, "visit"))).next_change is None
    assert criteria('write_score = "4 points"\n' + text).score(facts(ago(0, "visit"))).next_change is not None


def test_an_activity_still_to_come_is_when_the_score_is_due() -> None:
    score = criteria('[intent]\nVisit = { points = 4, activity = "visit" }').score(facts(ago(-3, "visit")))
    assert (score.total, score.next_change) == (0, NOW + timedelta(days=3))


def test_how_far_back_activities_matter() -> None:
    assert criteria("").horizon == timedelta(0)
    fading = '[intent]\nDemo = { points = 1, activity = "demo_request", half_life = "30 days" }\n'
    assert criteria(fading).horizon == timedelta(days=30)
    window = 'Busy = { points = 5, activity = "visit", count = 3, within = "40 days", half_life = "3 days" }\n'
    assert criteria(fading + window).horizon == timedelta(days=40)
    ever = 'Ever = { points = 5, activity = "visit" }\n'
    assert criteria(fading + window + ever).horizon is None
    assert criteria(fading + '[gates]\nhot = { activity = "visit", within = "1 year" }').horizon == timedelta(days=365)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("new grade, or 5 points", WriteScore(on_grade=True, points=5)),
        ("new grade or 12 points", WriteScore(on_grade=True, points=12)),
        ("1 point", WriteScore(on_grade=False, points=1)),
        ("new grade", WriteScore(on_grade=True, points=None)),
        ("always", WriteScore(on_grade=True, points=1)),
    ],
)
def test_write_score_says_when_a_score_is_written(said: str, expected: WriteScore) -> None:
    problems = Problems()
    assert compile_write_score(said, (), problems) == expected
    assert problems.found == []


@pytest.mark.parametrize("said", ["", "new grade, or", "0 points", "5", "daily", 5, "new grade 5 points"])
def test_other_words_for_write_score_are_refused(said: object) -> None:
    problems = Problems()
    compile_write_score(said, ("write_score",), problems)
    assert [one.what for one in problems.found] == ["%(value)s does not say when a score is written"]


def test_a_score_is_worth_writing_at_a_new_grade_or_at_so_many_points() -> None:
    found = criteria("")
    assert found.worth_writing(50, "A1", 50, "A2")
    assert found.worth_writing(50, "A1", 45, "A1")
    assert not found.worth_writing(50, "A1", 46, "A1")
    assert not criteria('write_score = "new grade"').worth_writing(50, "A1", 5, "A1")
    assert not criteria('write_score = "5 points"').worth_writing(50, "A1", 49, "B1")


def test_the_version_is_of_what_decides_and_not_of_how_it_is_written() -> None:
    one = '[fit]\na = { points = 1, field = "country", is = "DE" }\nb = { points = 2, has = "phone" }'
    same = '[fit]\nb = { has = "phone", points = 2 }\na = { is = "DE", points = 1, field = "country" }'
    assert criteria(one).version == criteria(same).version
    assert criteria(one).version == criteria('write_score = "always"\nmode = "live"\n' + one).version
    assert criteria(one).version != criteria(one.replace("2", "3")).version
    for more in ("[routing]\nx = 1\n", '[takes]\nhas = "email"\n', 'required = ["email"]\n'):
        assert criteria(one).version != criteria(more + one).version
    assert tomllib.loads(criteria(one).text) == tomllib.loads(one)


def test_the_version_follows_the_entries_of_list_files() -> None:
    table = {"gates": {"mql": {"field": "company.domain", "in_file": "good.txt"}}}
    versions = set()
    for entries in (frozenset("ab"), frozenset("ba"), frozenset("a")):
        found = compile_criteria(table, path=(), problems=Problems(), lists={"good.txt": entries}.__getitem__)
        versions.add(found.version)
    assert len(versions) == 2


def test_gates_of_people_are_kept_as_data() -> None:
    text = """
    [gates]
    sal = { by = "owner", within = "1 working day", asks = ["budget", "fit", "custom.x"] }
    sql = { by = "petra@northwind.example", within = "10 days", then = "ae" }
    nurture = { when = { score = "total", at_least = 20 }, list = "warm" }
    """
    found = criteria(text, teams=["ae"])
    sal, sql = found.people_gates["sal"], found.people_gates["sql"]
    assert (sal.by, str(sal.within), sal.asks, sal.then) == (
        "owner",
        "1 working day",
        ("budget", "fit", "custom.x"),
        "",
    )
    assert (sql.by, str(sql.within), sql.then) == ("petra@northwind.example", "10 days", "ae")
    assert found.nurture_list == "warm"
    assert set(found.gates) == {"nurture"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("fit = 5", "fit: rules are a table, with the name of each as its key"),
        ("conditions = 5", "conditions: `conditions` is a table"),
        ("fit = { a = 5 }", "fit.a: a rule is a table, such as"),
        ('fit = { a = { has = "email" } }', "fit.a: a rule needs `points`: a whole number from 1 to 1000"),
        ('fit = { a = { points = 0, has = "email" } }', "fit.a.points: a rule needs `points`"),
        ('fit = { a = { points = 1.5, has = "email" } }', "fit.a.points: a rule needs `points`"),
        ('fit = { a = { points = 5000, has = "email" } }', "fit.a.points: a rule needs `points`"),
        ("fit = { a = { points = 5 } }", "fit.a: nothing says what the points are for"),
        (
            'fit = { a = { pionts = 5, points = 5, has = "email" } }',
            "fit.a.pionts: unknown key pionts; did you mean points?",
        ),
        ('fit = { a = { points = 5, has = "email", each = true } }', "fit.a.each: `each` needs an `activity`"),
        ('fit = { a = { points = 5, has = "email", half_life = "1 day" } }', "fit.a.half_life: `half_life` needs an"),
        ('fit = { a = { points = 5, score = "total", above = 1 } }', "fit.a.score: the score cannot be asked for here"),
        ('intent = { a = { points = 5, activity = "vist" } }', "intent.a.activity: unknown kind of activity vist"),
        (
            'intent = { a = { points = 5, activity = "visit", haf_life = "1 day" } }',
            "intent.a.haf_life: unknown key haf_life; did you mean half_life?",
        ),
        ('intent = { a = { points = 5, activity = "visit", each = 1 } }', "intent.a.each: `each` is true or false"),
        (
            'intent = { a = { points = 5, activity = "visit", each = true, count = 2 } }',
            "intent.a.count: `each` gives points for every activity: leave `count` out",
        ),
        (
            'intent = { a = { points = 5, activity = "visit", each = true, up_to = -5 } }',
            "intent.a.up_to: `up_to` is a whole number with the sign of `points`",
        ),
        (
            'intent = { a = { points = 5, activity = "visit", up_to = 5 } }',
            "intent.a.up_to: `up_to` bounds the sum of a rule with `each = true`",
        ),
        (
            'intent = { a = { points = 5, activity = "visit", half_life = "2 working days" } }',
            "intent.a.half_life: '2 working days' runs in working hours",
        ),
        ("total = 5", "total: `total` is a table; allowed: at_most, letter, number"),
        ("total = { atmost = {} }", "total.atmost: unknown key atmost; did you mean at_most?"),
        ("total = { at_most = 5 }", "total.at_most: a table of whole numbers is needed here"),
        ("total = { at_most = { fitt = 5 } }", "total.at_most.fitt: unknown group fitt; did you mean fit?"),
        ("total = { at_most = { fit = -5 } }", "total.at_most.fit: a whole number of points, 0 or more"),
        ("total = { letter = { A = 10, C = 5 } }", "total.letter: the marks must be A, B, without a gap"),
        ("total = { letter = { A = 10, B = 10 } }", "total.letter.A: A must need more points than B"),
        ('total = { number = { 1 = "10" } }', "total.number.1: a whole number of points is needed here"),
        ("gates = 5", "gates: `gates` is a table"),
        ('gates = { mqll = { has = "email" } }', "gates.mqll: unknown gate mqll; did you mean mql?"),
        ('gates = { mql = "ideel" }\nconditions = { ideal = { has = "email" } }', "gates.mql: unknown condition ideel"),
        ("gates = { nurture = 5 }", "gates.nurture: a table is needed here; allowed: when, list"),
        ('gates = { nurture = { list = "x" } }', "gates.nurture: `when` is missing"),
        ('gates = { nurture = { when = { has = "email" }, list = 5 } }', "gates.nurture.list: the name of a list"),
        ('gates = { nurture = { when = { has = "email" }, lst = 5 } }', "gates.nurture.lst: unknown key lst"),
        ('gates = { sal = { by = "boss" } }', "gates.sal.by: boss cannot decide a gate; allowed: owner, manager, an"),
        ('gates = { sal = { within = "1 dy" } }', "gates.sal.within: '1 dy' is not a duration"),
        ('gates = { sal = { asks = ["bugdet"] } }', "gates.sal.asks.1: unknown question bugdet; did you mean budget?"),
        ("gates = { sal = { asks = 5 } }", "gates.sal.asks: a list of questions is needed here"),
        ('gates = { sql = { then = "ae-dahc" } }', "gates.sql.then: unknown team ae-dahc; did you mean ae-dach?"),
        (
            'gates = { hot = { grade = ["A9"] } }\ntotal = { letter = { A = 5 }, number = { 1 = 5 } }',
            "gates.hot.grade: unknown grade A9; allowed: A1, A2, B1, B2",
        ),
        ('write_score = "sometimes"', "write_score: 'sometimes' does not say when a score is written"),
    ],
)
def test_a_mistake_in_criteria_is_found_with_its_path(text: str, problem: str) -> None:
    problems = Problems()
    compile_criteria(tomllib.loads(text), path=(), problems=problems, lists=no_lists, teams=["ae-dach"])
    (found,) = problems.found
    assert str(found).startswith(problem)
