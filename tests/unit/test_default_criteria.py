"""What the shipped criteria do, and when a flow has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connector.model.activity import KINDS, Activity
from connector.model.errors import Problems
from connector.model.fields import FIELDS
from connector.model.lead import Lead
from connector.model.score import Score
from connector.model.stages import Stage
from connector.steps.facts import build
from connector.steps.qualification import judge
from connector.steps.scoring.compiler import Criteria, compile_criteria
from connector.steps.scoring.defaults import completed, shipped
from connector.steps.scoring.lint import lint

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
NEVER_READ: frozenset[str] = frozenset()


def criteria() -> Criteria:
    problems = Problems()
    found = compile_criteria(shipped(), path=(), problems=problems, lists=lambda _name: NEVER_READ)
    assert problems.found == []
    return found


def judged(done: list[tuple[str, float]], level: str = "", employees: int = 0) -> tuple[Score, Stage, bool]:
    fields = {"email": "ana@firm.example", "name.family": "Ax", "company.name": "Firm", "country": "DE"}
    lead = Lead(fields={**fields, "job_level": level, "company.employees": employees})
    activities = [
        Activity("files", str(number), "p", NOW - timedelta(days=days), kind, topic="case-study")
        for number, (kind, days) in enumerate(done)
    ]
    found = criteria()
    facts = build(lead, activities, NOW)
    facts.score = found.score(facts)
    judgement = judge(lead, facts, found, shipped()["required"], handed_over=False)
    return facts.score, judgement.stage, judgement.hot


def test_a_demo_request_within_thirty_days_is_enough_alone() -> None:
    score, stage, hot = judged([("demo_request", 0)])
    assert (score.total, stage, hot) == (25, "mql", True)
    assert judged([("demo_request", 30)])[1:] == ("known", False)


def test_points_are_those_that_are_promised() -> None:
    now = 0.0
    assert judged([("pricing_view", now)])[0].intent == 10
    assert judged([("pricing_view", now)] * 3)[0].intent == 20
    assert judged([("download", now)] * 2)[0].engagement == 10
    assert judged([("webinar_attend", now)] * 2)[0].engagement == 20
    assert judged([], level="director")[0].fit == 15
    assert judged([], level="manager")[0].fit == 0
    assert judged([], employees=500)[0].fit == 10


def test_points_halve_in_their_half_lives() -> None:
    assert judged([("pricing_view", 14)])[0].intent == 5
    assert judged([("webinar_attend", 90)])[0].engagement == 5
    assert judged([("demo_request", 60)])[0].intent == 6


@pytest.mark.parametrize(
    ("level", "employees", "done", "stage"),
    [
        ("director", 600, [("download", 0), ("download", 0), ("pricing_view", 0), ("pricing_view", 0)], "mql"),
        ("director", 99, [("download", 0), ("download", 0), ("pricing_view", 0), ("pricing_view", 0)], "warm"),
        ("staff", 600, [("download", 0), ("download", 0), ("pricing_view", 0), ("pricing_view", 0)], "warm"),
        ("director", 600, [("download", 0), ("visit", 0), ("pricing_view", 0), ("pricing_view", 0)], "warm"),
        ("director", 600, [("visit", 0), ("visit", 1), ("visit", 2), ("download", 0), ("pricing_view", 0)], "warm"),
        ("director", 600, [("webinar_attend", 0)] + [("visit", 1), ("visit", 2), ("visit", 3)] * 2, "warm"),
        (
            "director",
            600,
            [("webinar_attend", 0), ("webinar_attend", 1), ("pricing_view", 0)] + [("visit", 1)] * 3,
            "mql",
        ),
    ],
)
def test_fit_engagement_and_fifty_points_together_make_an_mql(
    level: str, employees: int, done: list[tuple[str, float]], stage: Stage
) -> None:
    assert judged(done, level, employees)[1] == stage


def test_a_flow_has_the_shipped_tables_all_or_none() -> None:
    assert completed({"mode": "live"}) == {**shipped(), "mode": "live"}
    own = completed({"fit": {"a": {"points": 1, "has": "email"}}})
    assert set(own) == {"fit", "required", "write_score"}
    assert completed({"required": [], "gates": {}})["required"] == []


def test_gates_that_people_decide_leave_the_shipped_criteria_in_force() -> None:
    review = {"by": "petra@northwind.example"}
    found = completed({"gates": {"review": review, "sql": {"within": "5 working days"}}})
    assert found["gates"] == {**shipped()["gates"], "review": review, "sql": {"within": "5 working days"}}
    assert found["conditions"] == shipped()["conditions"]
    assert "nurture" not in completed({"gates": {"review": review, "hot": "asked"}})["gates"]
    assert "fit" not in completed({"gates": {"review": review}, "conditions": {"asked": {"has": "email"}}})


def test_the_shipped_criteria_leave_nothing_out_of_reach() -> None:
    assert lint(criteria(), fields=FIELDS, kinds=KINDS) == []
