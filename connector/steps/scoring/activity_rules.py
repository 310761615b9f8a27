"""Scoring rules on activities: once or for each, fading by whole points."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from connector.model.durations import checked
from connector.model.errors import Path
from connector.model.facts import Facts
from connector.model.score import Contribution, Group
from connector.steps.conditions.activities import MATCHING, Matcher, compile_matcher, number_range
from connector.steps.conditions.compiler import compile_in
from connector.steps.conditions.condition import Condition, Context
from connector.steps.scoring.fading import fading_ages
from connector.steps.scoring.rule import Evaluate, Move, Rule, single_move

#: The keys that say how the points are given.
HOW = ("each", "up_to", "half_life")
_JOINS = ("all", "any", "not")


@dataclass(frozen=True, slots=True)
class Giving:
    """How points are given: `whole` is their number without its sign, `ages` the steps of fading."""

    sign: int
    whole: int
    each: bool
    up_to: int | None
    count: int
    ages: tuple[timedelta, ...]
    half_life: timedelta | None


def activity_rule(
    name: str,
    group: Group,
    points: int,
    how: Mapping[str, Any],
    asked: Mapping[str, Any],
    path: Path,
    context: Context,
) -> Rule | None:
    """Compile a rule on activities: `how` are the keys that give points, `asked` the rest.

    `all`, `any` and `not` in it must hold besides. None where no activity can be matched.
    """
    for key in asked:
        if key not in (*MATCHING, *_JOINS, "count"):
            context.problems.unknown((*path, key), key, ("points", *HOW, *MATCHING, *_JOINS, "count"))
    joins = {key: asked[key] for key in _JOINS if key in asked}
    guard = compile_in(context, joins, path) if joins else None
    matcher = compile_matcher(asked, path, context)
    giving = _giving(points, how, asked, matcher.within if matcher else None, path, context)
    if matcher is None:
        return None
    if giving.ages and giving.count == 1:
        # What has faded away is not looked for; a higher count needs all that are in the window.
        matcher = replace(matcher, within=giving.ages[-1])
    evaluate = _evaluator(name, group, matcher, giving)
    uses = matcher.uses
    if guard is not None:
        evaluate, uses = _guarded(evaluate, group, guard), uses | guard.uses
    most = giving.up_to if giving.each else giving.whole
    high, low = (most, 0) if points > 0 else (0, None if most is None else -most)
    return Rule(name, group, points, giving.up_to, high, low, uses, evaluate, giving.half_life, needs_activity=True)


def _giving(
    points: int,
    how: Mapping[str, Any],
    asked: Mapping[str, Any],
    within: timedelta | None,
    path: Path,
    context: Context,
) -> Giving:
    problems = context.problems
    each = how.get("each", False)
    if not isinstance(each, bool):
        problems.add((*path, "each"), "`each` is true or false")
    count, _ = number_range(asked, path, context)
    if each and "count" in asked:
        problems.add((*path, "count"), "`each` gives points for every activity: leave `count` out")
    up_to = _up_to(points, how, path, context)
    half_life = None
    if "half_life" in how:
        half_life = checked(how["half_life"], (*path, "half_life"), problems, working=False)
    fading = half_life.delta if half_life else None
    ages = fading_ages(points, fading, within)
    return Giving(1 if points > 0 else -1, abs(points), bool(each), up_to, count, ages, fading)


def _up_to(points: int, how: Mapping[str, Any], path: Path, context: Context) -> int | None:
    if "up_to" not in how:
        return None
    up_to = how["up_to"]
    if type(up_to) is not int or up_to == 0 or (up_to > 0) is not (points > 0):
        context.problems.add((*path, "up_to"), "`up_to` is a whole number with the sign of `points`")
        return None
    if not how.get("each"):
        context.problems.add((*path, "up_to"), "`up_to` bounds the sum of a rule with `each = true`")
    return abs(up_to)


def _evaluator(name: str, group: Group, matcher: Matcher, giving: Giving) -> Evaluate:
    ages, whole, sign, each, up_to = giving.ages, giving.whole, giving.sign, giving.each, giving.up_to
    count, fading, loss = giving.count, bool(giving.ages), -giving.sign
    within = matcher.within if count > 1 else None
    moments_of = matcher.moments()
    kinds = " / ".join(matcher.kinds)

    def evaluate(facts: Facts, moves: list[Move]) -> Contribution | None:
        moments = moments_of(facts)
        number = len(moments)
        if number < count:
            return None
        giving_now = moments if each else moments[-1:]
        points = full = whole * len(giving_now)
        if fading:
            now = facts.now
            for at in giving_now:
                step = bisect_right(ages, now - at)
                points -= step
                if step < whole:
                    moves.append((at + ages[step], len(moves), group, loss, ages, at, step))
        if up_to is not None and points > up_to:
            points = up_to
        if not points:
            return None
        if within is not None:
            single_move(moves, moments[-count] + within, group, -sign * points)
        evidence = f"{kinds} x {number}, latest {moments[-1].isoformat()}"
        return Contribution(name, group, sign * points, evidence, sign * full)

    return evaluate


def _guarded(inner: Evaluate, group: Group, guard: Condition) -> Evaluate:
    """The rule gives its points only while `guard` holds, which time alone may change as well."""

    def evaluate(facts: Facts, moves: list[Move]) -> Contribution | None:
        before = len(moves)
        given = inner(facts, moves)
        if given is None:
            return None
        passed, at = guard.timing(facts) if guard.timing else (guard.test(facts), None)
        if not passed:
            del moves[before:]
        if at is not None:
            single_move(moves, at, group, -given.points if passed else given.points)
        return given if passed else None

    return evaluate
