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
from connector.steps.condition import N_, NEVER, Condition, Context, Expiry, Explained, Site, Uses
from connector.steps.field_conditions import checked_patterns, pattern_test

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

    def moments(self, facts: Facts) -> list[datetime]:
        """When the matching activities happened, oldest first."""
        found = facts.activities
        if len(self.kinds) == 1:
            activities = found.get(self.kinds[0])
            return self._matching(activities, facts.now) if activities else []
        several = [self._matching(found[kind], facts.now) for kind in self.kinds if kind in found]
        return sorted(moment for moments in several for moment in moments)

    def _matching(self, activities: Sequence[Activity], now: datetime) -> list[datetime]:
        accepts = self.accepts
        if self.within is not None:
            after = now - self.within
            if accepts is None:
                return [one.at for one in activities if one.at > after]
            return [one.at for one in activities if one.at > after and accepts(one)]
        return [one.at for one in activities if accepts is None or accepts(one)]

    def number(self, facts: Facts) -> int:
        """How many match; over all time the roll-up is counted where it knows more."""
        if self.accepts is not None or self.within is not None:
            return len(self.moments(facts)) if facts.activities else 0
        found, lifetime = facts.activities, facts.lifetime
        return sum(max(len(found.get(kind, ())), lifetime.get(kind, 0)) for kind in self.kinds)


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
    number = matcher.number

    if high is None:

        def test(facts: Facts) -> bool:
            return number(facts) >= low
    else:

        def test(facts: Facts) -> bool:
            return low <= number(facts) <= high

    explain = _explainer(matcher, low, high, test)
    return Condition(test, matcher.uses, explain, _expiry(matcher, low, high))


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
    read, matches = attrgetter(name), pattern_test(patterns)
    return lambda activity: matches(read(activity))


def _lasting(duration: Duration) -> Accepts:
    least = duration.seconds
    return lambda activity: activity.seconds >= least


def _what(kinds: tuple[str, ...], table: Mapping[str, Any]) -> str:
    details = [f"{key} {_listed(table[key])}" for key in (*_PATTERNS, "lasting") if key in table]
    return " / ".join(kinds) + (f" ({', '.join(details)})" if details else "")


def _listed(given: Any) -> str:
    return " / ".join(given) if isinstance(given, list) else str(given)


def _expiry(matcher: Matcher, low: int, high: int | None) -> Expiry | None:
    """Time alone only takes activities out of the window, oldest first."""
    within = matcher.within
    if within is None:
        return None

    def expires(facts: Facts) -> datetime | None:
        moments = matcher.moments(facts)
        if high is not None and len(moments) > high:
            return moments[-high - 1] + within
        return moments[-low] + within if 0 < low <= len(moments) else None

    return expires


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

    def explain(facts: Facts) -> Explained:
        moments = matcher.moments(facts)
        latest = f", {moments[-1]:%Y-%m-%d}" if moments else ""
        return Explained(text, test(facts), (), values, f"{matcher.number(facts)}{latest}")

    return explain
