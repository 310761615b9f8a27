"""Scoring rules: one line each, whose key is the rule's name.

    "Case study read" = { points = 5, activity = "download", topic = "case-study", each = true, half_life = "90 days" }

A rule on an activity gives its points once, for the latest activity that matches (`count` asks for
that many), or for each; `half_life` fades them, `up_to` bounds what the rule gives. Any other
rule is a condition, which gives its points while it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connector.model.errors import Path
from connector.model.facts import Facts
from connector.model.score import GROUPS, Contribution, Group
from connector.steps.conditions.compiler import VOCABULARY, compile_in
from connector.steps.conditions.condition import Condition, Context
from connector.steps.conditions.fields import shown
from connector.steps.scoring.activity_rules import HOW, activity_rule
from connector.steps.scoring.rule import Move, Rule, single_move

KEYS = ("points", *HOW)

#: More would be a mistake, and would make a long table of fading.
MOST_POINTS = 1000


def compile_rules(table: Mapping[str, Any], path: Path, context: Context) -> tuple[Rule, ...]:
    """Compile the rules that stand in `fit`, `engagement` and `intent`, in the order written."""
    rules = []
    for group in GROUPS:
        given = table.get(group, {})
        if not isinstance(given, Mapping):
            context.problems.add((*path, group), "rules are a table, with the name of each as its key")
            continue
        for name, one in given.items():
            rule = compile_rule(name, one, group, (*path, group, name), context)
            if rule is not None:
                rules.append(rule)
    return tuple(rules)


def compile_rule(name: str, table: object, group: Group, path: Path, context: Context) -> Rule | None:
    """Compile one rule; None where something is wrong, which is reported."""
    problems = context.problems
    before = len(problems.found)
    if not isinstance(table, Mapping):
        problems.add(path, "a rule is a table, such as { points = 10, ... }")
        return None
    points = _points(table, path, context)
    how = {key: table[key] for key in HOW if key in table}
    asked = {key: value for key, value in table.items() if key in VOCABULARY}
    for key in table:
        if key not in KEYS and key not in VOCABULARY:
            problems.unknown((*path, key), key, (*KEYS, *VOCABULARY))
    rule = None
    if not asked:
        problems.add(path, "nothing says what the points are for")
    elif "activity" in asked and "at_most" not in asked:
        rule = activity_rule(name, group, points, how, asked, path, context)
    else:
        for key in how:
            problems.add((*path, key), "`%(key)s` needs an `activity` (without `at_most`)", key=key)
        rule = _condition_rule(name, points, compile_in(context, asked, path), group)
    return rule if len(problems.found) == before else None


def _points(table: Mapping[str, Any], path: Path, context: Context) -> int:
    points = table.get("points")
    if type(points) is int and points and abs(points) <= MOST_POINTS:
        return points
    at = (*path, "points") if "points" in table else path
    context.problems.add(
        at, "a rule needs `points`: a whole number from 1 to %(most)s, or as many below 0", most=MOST_POINTS
    )
    return 1


def _condition_rule(name: str, points: int, condition: Condition, group: Group) -> Rule:
    test, timing = condition.test, condition.timing
    evidence = _evidence(tuple(sorted(condition.uses.fields)))

    def evaluate(facts: Facts, moves: list[Move]) -> Contribution | None:
        passed, at = timing(facts) if timing else (test(facts), None)
        if at is not None:
            single_move(moves, at, group, -points if passed else points)
        return Contribution(name, group, points, evidence(facts), points) if passed else None

    return Rule(name, group, points, None, max(0, points), min(0, points), condition.uses, evaluate)


def _evidence(fields: tuple[str, ...]) -> Callable[[Facts], str]:
    """`field=value` of the fields that were looked at and have one."""
    if len(fields) == 1:
        only = fields[0]
        return lambda facts: f"{only}={shown(facts.fields[only])}" if only in facts.fields else ""

    def evidence(facts: Facts) -> str:
        known = facts.fields
        return ", ".join([f"{field}={shown(known[field])}" for field in fields if field in known])

    return evidence
