"""What is allowed in criteria but cannot be meant."""

from __future__ import annotations

import tomllib

import pytest

from connector.model.activity import KINDS
from connector.model.errors import Problems
from connector.model.fields import FIELDS
from connector.steps.conditions.condition import Uses
from connector.steps.scoring.compiler import compile_criteria
from connector.steps.scoring.lint import lint

SOUND = """
[conditions]
asked = { activity = "demo_request", within = "30 days" }
[fit]
Big = { points = 40, field = "company.employees", at_least = 500 }
[intent]
Pricing = { points = 10, activity = "pricing_view", each = true, up_to = 20 }
[total]
at_most = { fit = 40, intent = 40 }
letter = { A = 30, B = 10 }
number = { 1 = 20, 2 = 10 }
[gates]
mql = { any = ["asked", { score = "total", at_least = 50 }] }
mql_ends = { score = "total", below = 40 }
nurture = { when = { score = "total", at_least = 20 } }
"""


def findings(text: str, fields: frozenset[str] | None = None, kinds: frozenset[str] | None = None) -> list[str]:
    problems = Problems()
    criteria = compile_criteria(tomllib.loads(text), path=(), problems=problems, lists=lambda _name: frozenset())
    assert problems.found == []
    found = lint(criteria, fields=FIELDS if fields is None else fields, kinds=KINDS if kinds is None else kinds)
    return [str(one) for one in found]


def test_sound_criteria_have_no_findings() -> None:
    assert findings(SOUND) == []


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("at_least = 50", "at_least = 61", "gates.mql.any.2.at_least: out of reach: total can be 60 at most"),
        ("at_least = 50", "above = 60", "gates.mql.any.2.above: out of reach: total can be 60 at most"),
        ("below = 40", "below = 0", "gates.mql_ends.below: out of reach: total is never below 0"),
        ("below = 40", "below = 55", "gates.mql_ends.below: `mql_ends` is above the line of mql, which is 50"),
        (
            "at_least = 20",
            "at_least = 51",
            "gates.nurture.when.at_least: the nurture band begins above the line of mql",
        ),
        ("fit = 40", "fit = 35", "total.at_most.fit: the cap is below the 40 points of the rule Big"),
        ("up_to = 20", "up_to = 8", "intent.Pricing.up_to: `up_to` is below the rule's 10 points"),
        ("A = 30", "A = 41", "total.letter.A: nobody can get A: the rules give 40 at most"),
        ("1 = 20", "1 = 21", "total.number.1: nobody can get 1: the rules give 20 at most"),
        ("B = 10", "B = 0", "total.letter.B: nobody can be below: C is never given"),
        ('any = ["asked", ', "any = [", "conditions.asked: nothing uses the condition asked"),
        ("mql = {", "hot = {", "gates: there is no `mql` gate: nobody will be handed over"),
    ],
)
def test_a_finding_says_where_and_what(old: str, new: str, finding: str) -> None:
    assert old in SOUND
    found = findings(SOUND.replace(old, new))
    assert any(one.startswith(finding) for one in found), found


def test_a_field_that_nobody_fills_and_a_kind_that_nobody_makes() -> None:
    found = findings(SOUND, frozenset(), frozenset({"pricing_view"}))
    assert found == [
        "conditions.asked.activity: no mapping makes activities of the kind demo_request",
        "fit.Big.field: no mapping fills company.employees",
    ]


def test_conditions_outside_the_criteria_are_looked_at_too() -> None:
    problems = Problems()
    table = tomllib.loads(SOUND.replace('any = ["asked", ', "any = ["))
    criteria = compile_criteria(table, path=(), problems=problems, lists=lambda _name: frozenset())
    outside = [(("routing",), Uses(fields=frozenset({"city"}), kinds=frozenset({"chat"}), names=frozenset({"asked"})))]
    fields, kinds = frozenset({"company.employees"}), frozenset({"pricing_view", "demo_request"})
    assert [str(one) for one in lint(criteria, fields=fields, kinds=kinds, also=outside)] == [
        "routing: no mapping fills city",
        "routing: no mapping makes activities of the kind chat",
    ]


def test_a_rule_without_bound_reaches_every_line() -> None:
    rule = '[intent]\nVisit = { points = 1, activity = "visit", each = true }\n'
    assert findings(rule + '[gates]\nmql = { score = "intent", above = 900 }') == []


def test_lines_are_looked_for_in_named_conditions_too() -> None:
    named = SOUND.replace(
        "[fit]", 'low = { score = "total", at_least = 20 }\nhigh = { score = "total", at_least = 30 }\n[fit]'
    )
    named = named.replace('{ score = "total", at_least = 50 }', '"low"').replace(
        'when = { score = "total", at_least = 20 }', 'when = "high"'
    )
    assert findings(named) == [
        "conditions.high.at_least: the nurture band begins above the line of mql, which is 20",
        "gates.mql_ends.below: `mql_ends` is above the line of mql, which is 20",
    ]
