"""The gates that people decide, and the list that nobody should be forgotten on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connector.model.activity import KINDS
from connector.model.durations import parse
from connector.model.errors import Problems
from connector.model.facts import Facts
from connector.steps.conditions.condition import Context
from connector.steps.scoring.gates import NO_REVIEW, Gates, PeopleGate, ReviewGate, Untouched, compile_gates

TEAMS = ("ae", "sdr")
WARM = {"field": "country", "is": "DE"}


def gates(given: Any, teams: tuple[str, ...] | None = TEAMS) -> tuple[Gates, list[str]]:
    problems = Problems()
    context = Context(problems, {}, lambda _name: frozenset(), KINDS)
    return compile_gates(given, ("gates",), context, teams), [str(one) for one in problems.found]


def test_who_reviews_and_by_when() -> None:
    found, problems = gates({"review": {"by": "Petra@X.example", "within": "4 working hours", "deputy": "manager"}})
    assert problems == []
    assert found.review == ReviewGate("petra@x.example", parse("4 working hours"), "manager")
    assert gates({"review": {}}) == (Gates(), [])
    assert gates({})[0].review is NO_REVIEW


@pytest.mark.parametrize("key", ["by", "deputy"])
@pytest.mark.parametrize("who", ["owner", "petra", 7])
def test_whoever_cannot_review_is_told_where_they_are_named(key: str, who: object) -> None:
    _, problems = gates({"review": {key: who}})
    assert problems == [f"gates.review.{key}: {who} cannot review; allowed: manager, an address"]


def test_how_long_a_review_takes_is_a_duration() -> None:
    _, (problem,) = gates({"review": {"by": "manager", "within": "soon"}})
    assert problem.startswith("gates.review.within: ")
    _, (problem,) = gates({"review": {"bye": "manager"}})
    assert problem.startswith("gates.review.bye: ")
    _, (problem,) = gates({"review": "manager"})
    assert problem.startswith("gates.review: ")


def test_who_is_warm_and_forgotten_joins_a_list() -> None:
    found, problems = gates(
        {"nurture": {"when": WARM, "list": "warm", "untouched": {"after": "30 days", "list": "cold"}}}
    )
    assert problems == []
    assert (found.nurture_list, found.untouched) == ("warm", Untouched(parse("30 days"), "cold"))
    assert "nurture" in found.computed
    found, problems = gates({"nurture": {"when": WARM, "untouched": {"after": "30 days"}}})
    assert (problems, found.nurture_list, found.untouched) == ([], "", Untouched(parse("30 days")))
    assert gates({"nurture": {"when": WARM}})[0].untouched is None


@pytest.mark.parametrize(
    ("untouched", "told"),
    [
        ({"list": "cold"}, "gates.nurture.untouched: `after` is missing: how long nobody got in touch; allowed: "),
        ({"after": "whenever"}, "gates.nurture.untouched.after: "),
        # Nobody's hours tell how long a working day of a list would be.
        ({"after": "3 working days"}, "gates.nurture.untouched.after: "),
        ({"after": "30 days", "list": 7}, "gates.nurture.untouched.list: the name of a list is a text in quotes"),
        ({"after": "30 days", "lists": "cold"}, "gates.nurture.untouched.lists: "),
        ("30 days", "gates.nurture.untouched: "),
    ],
)  # fmt: skip
def test_what_cannot_be_read_of_it_is_told_where_it_stands(untouched: object, told: str) -> None:
    found, problems = gates({"nurture": {"when": WARM, "untouched": untouched}})
    assert problems[0].startswith(told)
    if "after" in told or "missing" in told:
        assert found.untouched is None


def test_joining_needs_a_condition() -> None:
    found, problems = gates({"nurture": {"list": "warm"}})
    assert problems == ["gates.nurture: `when` is missing: the condition for joining"]
    assert found.nurture_list == "warm"


def test_what_a_rep_is_asked_and_who_gets_the_lead_next() -> None:
    found, problems = gates(
        {"sal": {"by": "manager", "within": "1 working day", "asks": ["fit"], "then": "ae"}, "sql": {}}
    )
    assert problems == []
    assert found.of_people == {
        "sal": PeopleGate("manager", parse("1 working day"), ("fit",), "ae"), "sql": PeopleGate(),
    }  # fmt: skip
    _, (problem,) = gates({"sal": {"then": "ea"}})
    assert problem.startswith("gates.sal.then: ")
    assert gates({"sal": {"then": "ea"}}, None)[1] == []
    _, (problem,) = gates({"sal": {"by": "petra"}})
    assert problem == "gates.sal.by: petra cannot decide a gate; allowed: owner, manager, an address"


def test_what_is_no_table_and_what_is_no_gate_is_told() -> None:
    keys = "mql, mql_ends, hot, nurture, review, sal, sql"
    assert gates("mql") == (Gates(), [f"gates: `gates` is a table; allowed: {keys}"])
    _, (problem,) = gates({"hott": WARM})
    assert problem == "gates.hott: unknown gate hott; did you mean hot?"
    _, (problem,) = gates({"sal": "owner"})
    assert problem == "gates.sal: a table is needed here; allowed: by, within, asks, then"


def test_conditions_are_told_where_they_stand() -> None:
    for given, path in [
        ({"mql": {"field": "nothing"}}, "gates.mql.field: "),
        ({"nurture": {"when": {"field": "nothing"}}}, "gates.nurture.when.field: "),
        ({"sal": {"within": "soon"}}, "gates.sal.within: "),
    ]:
        _, problems = gates(given)
        assert problems[0].startswith(path)
    found, _ = gates({"hot": WARM, "nurture": {"when": WARM}})
    for key in ("hot", "nurture"):
        now = datetime(2026, 11, 20, tzinfo=UTC)
        assert found.computed[key].test(Facts(now, {"country": "DE"}))
        assert not found.computed[key].test(Facts(now, {"country": "FR"}))


def test_a_rep_is_asked_for_fields_and_whether_it_fits() -> None:
    asks = ["fit", "job_title", "custom.budget"]
    assert gates({"sql": {"by": "petra@x.example", "asks": asks}}) == (
        Gates(of_people={"sql": PeopleGate("petra@x.example", asks=tuple(asks))}), [],
    )  # fmt: skip
    _, (problem,) = gates({"sql": {"asks": ["fit", "jobtitle"]}})
    assert problem.startswith("gates.sql.asks.2: unknown question jobtitle; ")
    for asks_nothing in ("fit", [7]):
        found, problems = gates({"sql": {"asks": asks_nothing}})
        assert problems == ["gates.sql.asks: a list of questions is needed here"]
        assert found.of_people["sql"].asks == ()
