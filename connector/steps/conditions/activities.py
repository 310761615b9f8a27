"""Conditions on what a lead did: `{ activity = "download", topic = "case-study", count = 2, within = "90 days" }`.

An activity is within a window of 90 days while it is younger than 90 days: at that age to the
second it has left. Without `within` all time counts. `count` (1 unless said) is the least number,
`at_most` the greatest; where only `at_most` is said, none at all will do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from connector.model.activity import Activity
from connector.model.durations import Duration, checked
from connector.model.errors import Path
from connector.model.facts import Facts
from connector.steps.conditions.comparing import checked_patterns, is_pattern, pattern_test
from connector.steps.conditions.condition import N_, NEVER, Condition, Context, Explained, Site, Test, Timing, Uses

_PATTERNS = ("topic", "asset", "campaign", "url")

#: The keys that say which activities are meant.
MATCHING = ("activity", *_PATTERNS, "lasting", "within")
KEYS = (*MATCHING, "count", "at_most")

_AT_LEAST = N_("%(what)s at least %(count)s times")
_AT_LEAST_WITHIN = N_("%(what)s at least %(count)s times within %(within)s")
_AT_MOST = N_("%(what)s at most %(most)s times")
_AT_MOST_WITHIN = N_("%(what)s at most %(most)s times within %(within)s")
_BETWEEN = N_("%(what)s %(count)s to %(most)s times")
_BETWEEN_WITHIN = N_("%(what)s %(count)s to %(most)s times within %(within)s")

Accepts = Callable[[Activity], bool]


Moments = Callable[[Facts], list[datetime]]


@dataclass(frozen=True, slots=True)
class Matcher:
    """Which activities are meant: `kinds`, a test of their details (None: all), and a window."""

    kinds: tuple[str, ...]
    accepts: Accepts | None
    within: timedelta | None
    what: str
    within_text: str = ""

    @property
    def uses(self) -> Uses:
        """What the matching looks at."""
        return Uses(kinds=frozenset(self.kinds), windows=dict.fromkeys(self.kinds, self.within))

    def moments(self) -> Moments:
        """Gives when the matching activities happened, oldest first."""
        accepts, within = self.accepts, self.within

        def matching(activities: Sequence[Activity], now: datetime) -> list[datetime]:
            if within is None:
                return [one.at for one in activities if accepts is None or accepts(one)]
            after = now - within
            if accepts is None:
                return [one.at for one in activities if one.at > after]
            return [one.at for one in activities if one.at > after and accepts(one)]

        return _of_one_kind(self.kinds[0], matching) if len(self.kinds) == 1 else _of_kinds(self.kinds, matching)

    def number(self) -> Callable[[Facts], int]:
        """Gives how many match; over all time the roll-up is counted where it knows more."""
        if self.accepts is not None or self.within is not None:
            moments = self.moments()
            return lambda facts: len(moments(facts)) if facts.activities else 0
        kinds = self.kinds

        def number(facts: Facts) -> int:
            found, lifetime = facts.activities, facts.lifetime
            return sum([max(len(found.get(kind, ())), lifetime.get(kind, 0)) for kind in kinds])

        return number


_Matching = Callable[[Sequence[Activity], datetime], list[datetime]]


def _of_one_kind(kind: str, matching: _Matching) -> Moments:
    def moments(facts: Facts) -> list[datetime]:
        activities = facts.activities.get(kind)
        return matching(activities, facts.now) if activities else []

    return moments


def _of_kinds(kinds: tuple[str, ...], matching: _Matching) -> Moments:
    def moments(facts: Facts) -> list[datetime]:
        found = facts.activities
        several = [matching(found[kind], facts.now) for kind in kinds if kind in found]
        return sorted([moment for one in several for moment in one])

    return moments


def compile_matcher(table: Mapping[str, Any], path: Path, context: Context) -> Matcher | None:
    """Compile the keys of `MATCHING`; None where one of them is wrong, which is reported."""
    before = len(context.problems.found)
    kinds = _kinds(table["activity"], (*path, "activity"), context)
    accepts = _accepts(table, path, context)
    within = None
    if "within" in table:
        within = checked(table["within"], (*path, "within"), context.problems, working=False)
    if len(context.problems.found) > before:
        return None
    delta = within.delta if within else None
    return Matcher(kinds, accepts, delta, _what(kinds, table), str(within or ""))


def compile_activity(table: Mapping[str, Any], path: Path, context: Context) -> Condition:
    """Compile a table with `activity`, and report keys that have no place in it."""
    for key in table:
        if key not in KEYS:
            context.problems.unknown((*path, key), key, (*KEYS, "all", "any", "not"))
    low, high = number_range(table, path, context)
    matcher = compile_matcher(table, path, context)
    if matcher is None:
        return NEVER
    test = _test(matcher, low, high)
    return Condition(test, matcher.uses, _explainer(matcher, low, high, test), _timing(matcher, low, high))


def _test(matcher: Matcher, low: int, high: int | None) -> Test:
    number = matcher.number()
    if high is not None:
        return lambda facts: low <= number(facts) <= high
    if matcher.accepts is not None or matcher.within is None or len(matcher.kinds) > 1:
        return lambda facts: number(facts) >= low
    kind, within = matcher.kinds[0], matcher.within

    def is_young(facts: Facts) -> bool:
        """Whether the oldest of the least number is still in the window: they stand in order."""
        activities = facts.activities.get(kind)
        return activities is not None and len(activities) >= low and activities[-low].at > facts.now - within

    return is_young


def number_range(table: Mapping[str, Any], path: Path, context: Context) -> tuple[int, int | None]:
    """(least, greatest or None) number of activities, from `count` and `at_most`."""
    numbers: dict[str, int] = {}
    for key, least in (("count", 1), ("at_most", 0)):
        given = table.get(key, least)
        if type(given) is not int or given < least:
            context.problems.add((*path, key), "a whole number of at least %(least)s is needed here", least=least)
            given = least
        numbers[key] = given
    if "at_most" not in table:
        return numbers["count"], None
    if "count" not in table:
        return 0, numbers["at_most"]
    if numbers["at_most"] < numbers["count"]:
        context.problems.add((*path, "at_most"), "`at_most` is below `count`")
    return numbers["count"], numbers["at_most"]


def _kinds(given: Any, path: Path, context: Context) -> tuple[str, ...]:
    kinds = [given] if isinstance(given, str) else given
    if not isinstance(kinds, list) or not kinds or not all(isinstance(kind, str) for kind in kinds):
        context.problems.add(path, "a kind of activity, or a list of kinds, is needed here")
        return ()
    for kind in kinds:
        if kind not in context.kinds:
            context.problems.unknown(path, kind, context.kinds, "kind of activity")
        context.sites.append(Site(path, "kind", kind))
    return tuple(dict.fromkeys(kinds))


def _accepts(table: Mapping[str, Any], path: Path, context: Context) -> Accepts | None:
    """A test of everything said about an activity besides its kind and age; None where nothing is."""
    tests: list[Accepts] = []
    for key in _PATTERNS:
        if key in table:
            patterns = checked_patterns(table[key])
            if patterns is None:
                context.problems.add((*path, key), "a text or pattern, or a list of them, is needed here")
            else:
                tests.append(_attribute_test(key, patterns))
    if "lasting" in table:
        duration = checked(table["lasting"], (*path, "lasting"), context.problems, working=False)
        if duration is not None:
            tests.append(_lasting(duration))
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda activity: all(test(activity) for test in tests)


def _attribute_test(name: str, patterns: list[str]) -> Accepts:
    read, words = attrgetter(name), frozenset(one.casefold() for one in patterns)
    if not any(is_pattern(one) for one in patterns):
        return lambda activity: read(activity).casefold() in words
    matches = pattern_test(patterns)
    return lambda activity: matches(read(activity))


def _lasting(duration: Duration) -> Accepts:
    least = duration.seconds
    return lambda activity: activity.seconds >= least


def _what(kinds: tuple[str, ...], table: Mapping[str, Any]) -> str:
    details = [f"{key} {_listed(table[key])}" for key in (*_PATTERNS, "lasting") if key in table]
    return " / ".join(kinds) + (f" ({', '.join(details)})" if details else "")


def _listed(given: Any) -> str:
    return " / ".join(given) if isinstance(given, list) else str(given)


def _timing(matcher: Matcher, low: int, high: int | None) -> Timing | None:
    """Time alone only takes activities out of the window, oldest first."""
    within = matcher.within
    if within is None:
        return None
    moments_of = matcher.moments()

    def timing(facts: Facts) -> tuple[bool, datetime | None]:
        moments = moments_of(facts)
        if high is not None and len(moments) > high:
            return False, moments[-high - 1] + within
        if len(moments) < low:
            return False, None
        return True, moments[-low] + within if low else None

    return timing


def _explainer(
    matcher: Matcher, low: int, high: int | None, test: Callable[[Facts], bool]
) -> Callable[[Facts], Explained]:
    values = {"what": matcher.what, "count": low, "most": high, "within": matcher.within_text}
    if high is None:
        text = _AT_LEAST_WITHIN if matcher.within else _AT_LEAST
    elif low:
        text = _BETWEEN_WITHIN if matcher.within else _BETWEEN
    else:
        text = _AT_MOST_WITHIN if matcher.within else _AT_MOST

    moments_of, number = matcher.moments(), matcher.number()

    def explain(facts: Facts) -> Explained:
        moments = moments_of(facts)
        latest = f", {moments[-1]:%Y-%m-%dT%H:%MZ}" if moments else ""
        return Explained(text, test(facts), (), values, f"{number(facts)}{latest}")

    return explain
