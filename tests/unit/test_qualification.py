"""Where a lead stands by its score, and the moves that are not Baton's to make."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.model.activity import Activity
from connector.model.errors import Problems
from connector.model.lead import Lead
from connector.model.sentences import NO_ADDRESS
from connector.model.stages import OF_PEOPLE, Stage
from connector.steps.facts import build
from connector.steps.qualification import Judgement, judge, passed_anew, passed_at
from connector.steps.scoring.compiler import Criteria, compile_criteria

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

LINE = """
[conditions]
asked  = { activity = "demo_request", within = "30 days" }
barred = { field = "job_function", is = "student" }
[engagement]
Visit = { points = 10, activity = "visit", each = true }
[gates]
mql      = { any = ["asked", { score = "total", at_least = 50 }], not = "barred" }
mql_ends = { score = "total", below = 40 }
hot      = "asked"
nurture  = { when = { score = "total", at_least = 20 }, list = "warm" }
"""


def criteria(text: str = LINE) -> Criteria:
    problems = Problems()
    found = compile_criteria(tomllib.loads(text), path=(), problems=problems, lists=lambda _name: frozenset())
    assert problems.found == []
    return found


def visits(number: int, *, demo_days_ago: float | None = None) -> list[Activity]:
    done = [Activity("files", f"v{day}", "p", NOW - timedelta(days=day), "visit") for day in range(number)]
    if demo_days_ago is not None:
        done.append(Activity("files", "d", "p", NOW - timedelta(days=demo_days_ago), "demo_request"))
    return done


def judged(
    stage: Stage,
    activities: list[Activity],
    *,
    required: tuple[str, ...] = (),
    handed_over: bool = False,
    under: str = LINE,
    **fields: Any,
) -> Judgement:
    lead = Lead(fields=fields, stage=stage)
    compiled = criteria(under)
    facts = build(lead, activities, NOW)
    facts.score = compiled.score(facts)
    return judge(lead, facts, compiled, required, handed_over)


@pytest.mark.parametrize(
    ("stage", "number", "handed_over", "expected"),
    [
        ("known", 1, False, "known"),
        ("known", 2, False, "warm"),
        ("known", 5, False, "mql"),
        ("warm", 3, False, "warm"),
        ("warm", 1, False, "known"),
        ("warm", 5, False, "mql"),
        ("mql", 5, False, "mql"),
        ("mql", 4, False, "mql"),
        ("mql", 3, False, "warm"),
        ("mql", 1, False, "known"),
        ("mql", 0, True, "mql"),
    ],
)
def test_a_lead_moves_by_the_table(stage: Stage, number: int, handed_over: bool, expected: Stage) -> None:
    found = judged(stage, visits(number), handed_over=handed_over)
    assert found.stage == expected
    assert bool(found.why) is (stage != expected)


@pytest.mark.parametrize("stage", sorted(OF_PEOPLE))
@pytest.mark.parametrize("number", [0, 3, 9])
def test_stages_that_people_decide_are_not_touched(stage: Stage, number: int) -> None:
    assert judged(stage, visits(number)).stage == stage


def test_an_mql_that_still_passes_stays_whatever_its_total() -> None:
    assert judged("mql", visits(0, demo_days_ago=1)).stage == "mql"


def test_without_mql_ends_an_mql_stays() -> None:
    under = LINE.replace("mql_ends", "# mql_ends")
    assert judged("mql", visits(0), under=under).stage == "mql"


def test_missing_required_fields_keep_a_lead_where_it_is_and_are_named() -> None:
    found = judged("known", visits(5), required=("email", "country", "city"), email="a@b.example", city="")
    assert found == Judgement("known", "", ("country", "city"), hot=False, gate_passed=True)


def test_required_fields_are_asked_for_only_at_the_gate() -> None:
    assert judged("known", visits(2), required=("email",)) == Judgement("warm", "in the nurture band")


def test_hot_is_told_apart_from_the_gate() -> None:
    asked = visits(0, demo_days_ago=29)
    assert judged("known", asked) == Judgement("mql", "gate mql passed", (), hot=True, gate_passed=True)
    barred = judged("known", asked, job_function="student")
    assert (barred.stage, barred.hot, barred.gate_passed) == ("known", True, False)


def test_without_gates_nobody_moves() -> None:
    assert judged("known", visits(9), under="") == Judgement("known")


def test_whether_a_lead_was_over_the_line_before_a_day() -> None:
    lead = Lead()
    done = visits(0, demo_days_ago=10)
    for days_ago, expected in [(11, False), (10, True), (0, True), (-19, True), (-20, False)]:
        assert passed_at(lead, done, criteria(), NOW - timedelta(days=days_ago)) is expected


def test_whether_a_lead_was_over_the_line_is_told_by_its_points_too() -> None:
    assert passed_at(Lead(), visits(5), criteria(), NOW)
    assert not passed_at(Lead(), visits(5), criteria(), NOW - timedelta(hours=1))


def test_the_roll_up_is_taken_back_to_that_day() -> None:
    compiled = criteria('[gates]\nmql = { activity = "visit", count = 4 }')
    done = visits(2)
    assert passed_at(Lead(), done, compiled, NOW, {"visit": 4})
    assert not passed_at(Lead(), done, compiled, NOW - timedelta(hours=1), {"visit": 4})


@pytest.mark.parametrize(
    ("stage", "number", "end"),
    [
        ("known", 2, Judgement("warm", "in the nurture band")),
        ("warm", 1, Judgement("known", "below the nurture band")),
        ("warm", 3, Judgement("warm")),
        ("warm", 5, Judgement("mql", "gate mql passed", gate_passed=True)),
        ("mql", 3, Judgement("warm", "gate mql no longer passed, and mql_ends holds")),
        ("mql", 5, Judgement("mql", gate_passed=True)),
        ("sal", 5, Judgement("sal", gate_passed=True)),
    ],
)
def test_a_judgement_says_why_and_what_holds(stage: Stage, number: int, end: Judgement) -> None:
    assert judged(stage, visits(number)) == end


def test_a_text_that_is_no_address_is_missing_where_one_is_needed() -> None:
    lead = Lead(fields={"email": "to follow", "city": "Bonn"}, flags={"email": NO_ADDRESS, "city": "odd"})
    compiled = criteria()
    facts = build(lead, visits(0, demo_days_ago=1), NOW)
    facts.score = compiled.score(facts)
    assert judge(lead, facts, compiled, ("email", "city"), False) == Judgement("known", "", ("email",), True, True)


def test_hot_holds_whatever_the_stage() -> None:
    hot_only = LINE.replace('any = ["asked", { score', "any = [{ score")
    fallen = judged("mql", visits(0, demo_days_ago=1), under=hot_only)
    assert fallen == Judgement("known", "gate mql no longer passed, and mql_ends holds", hot=True)
    assert judged("warm", visits(2, demo_days_ago=1), under=hot_only) == Judgement("warm", hot=True)
    assert judged("lost", visits(0, demo_days_ago=1), under=hot_only) == Judgement("lost", hot=True)


def test_only_what_somebody_did_since_takes_them_over_the_line_anew() -> None:
    compiled = criteria()
    since = NOW - timedelta(days=10)

    def anew(activities: list[Activity], **fields: Any) -> bool:
        return passed_anew(Lead(fields=fields), activities, compiled, since, NOW)

    assert anew(visits(0, demo_days_ago=10))
    assert anew(visits(0, demo_days_ago=9))
    assert not anew(visits(0, demo_days_ago=11))
    assert not anew([*visits(2), *visits(0, demo_days_ago=11)])
    assert not anew(visits(0, demo_days_ago=-1))
    assert not anew([])
    by_fields = criteria('[gates]\nmql = { field = "country", is = "DE" }')
    assert not passed_anew(Lead(fields={"country": "DE"}), visits(1), by_fields, since, NOW)
    moved = criteria('[gates]\nmql = { changed = "country", within = "30 days" }')
    said = {"country": ("crm", (NOW - timedelta(days=1)).isoformat())}
    assert not passed_anew(Lead(fields={"country": "DE"}, said=said), visits(1), moved, since, NOW)


@pytest.mark.parametrize(("over", "stage"), [(True, "mql"), (False, "warm")])
def test_what_is_known_otherwise_than_by_the_gate_counts(over: bool, stage: Stage) -> None:
    compiled = criteria()
    facts = build(Lead(), [] if over else visits(5), NOW)
    facts.score = compiled.score(facts)
    assert judge(Lead(), facts, compiled, (), handed_over=False, over=over).stage == stage
    assert judge(Lead(), facts, compiled, (), handed_over=False).stage != stage
