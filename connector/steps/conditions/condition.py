"""What a condition is once compiled: a test, what it looks at, an explanation, and when time may change it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from connector.model.errors import Path, Problems
from connector.model.facts import Facts

#: Marks a text for the translators; it is translated where it is shown.
N_ = str

#: The entries of a list file by its name, as the admin wrote them.
Lists = Callable[[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Uses:
    """What a condition or rule looks at.

    `scores` holds `total`, `fit`, `engagement`, `intent`, `grade`. `windows` says by kind how far
    back activities matter, None for all time. `names` are the named conditions it refers to.
    `changes` says that it looks at what changed lately.
    """

    fields: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    scores: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    windows: Mapping[str, timedelta | None] = field(default_factory=dict)
    changes: bool = False

    @property
    def horizon(self) -> timedelta | None:
        """No activity of this age or older matters; None where all may."""
        known = [window for window in self.windows.values() if window is not None]
        return max(known, default=timedelta(0)) if len(known) == len(self.windows) else None

    def __or__(self, other: Uses) -> Uses:
        windows = dict(self.windows)
        for kind, window in other.windows.items():
            windows[kind] = _longer(windows[kind], window) if kind in windows else window
        return Uses(
            self.fields | other.fields,
            self.kinds | other.kinds,
            self.scores | other.scores,
            self.names | other.names,
            windows,
            self.changes or other.changes,
        )


def _longer(one: timedelta | None, other: timedelta | None) -> timedelta | None:
    return None if one is None or other is None else max(one, other)


@dataclass(frozen=True, slots=True)
class Explained:
    """One line of an explanation, and the lines below it.

    `text` is an English sentence with `%(name)s` places that `values` fill, `seen` the value that
    was found ("" where there was none).
    """

    text: str
    passed: bool
    children: tuple[Explained, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict)
    seen: str = ""

    def render(self, translate: Callable[[str], str] = str) -> str:
        """The line in the language of `translate`, with what was seen."""
        line = translate(self.text) % self.values if self.values else translate(self.text)
        return line + " " + translate(N_("(here: %(seen)s)")) % {"seen": self.seen} if self.seen else line


Test = Callable[[Facts], bool]

#: The answer, and the earliest later moment at which time alone could change it (None: never).
Timing = Callable[[Facts], tuple[bool, datetime | None]]


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition. `timing` is None where time alone never changes the answer."""

    test: Test
    uses: Uses
    explainer: Callable[[Facts], Explained]
    timing: Timing | None = None

    def explain(self, facts: Facts) -> Explained:
        """A tree for people, with the values that were seen."""
        return self.explainer(facts)

    def expires(self, facts: Facts) -> datetime | None:
        """The earliest moment after `facts.now` at which time alone could change the answer.

        May be too early, never too late; None where there is no such moment. The score counts as
        fixed: when that changes is `Score.next_change`.
        """
        return None if self.timing is None else self.timing(facts)[1]


#: Stands in for a condition that could not be compiled, so that all problems are found at once.
NEVER = Condition(lambda _facts: False, Uses(), lambda _facts: Explained(N_("never"), passed=False))


#: Why the account may not be asked for.
NO_ACCOUNT = N_("%(name)s is known only in a flow with an `account` table")
ACCOUNT_LATER = N_("%(name)s cannot be asked for here: it is not known yet")


@dataclass(frozen=True, slots=True)
class Site:
    """One place in a file where a field, kind or score is asked for."""

    path: Path
    what: Literal["field", "kind", "score", "grade", "account"]
    name: str
    operator: str = ""
    wanted: Any = None


@dataclass(slots=True)
class Context:
    """What compiling needs to know, and where it reports.

    `grades` are the grades that exist (none: not checked). Without `scores` the score may not be
    asked for, because it is not known yet. `account` says why the lead's account may not be asked for, "" where it
    may; `roles` are those that somebody there can have. `asked_of_account` gathers all that is asked of it.
    """

    problems: Problems
    named: Mapping[str, Condition]
    lists: Lists
    kinds: Collection[str]
    grades: Collection[str] = ()
    scores: bool = True
    sites: list[Site] = field(default_factory=list)
    account: str = NO_ACCOUNT
    roles: Collection[str] = ()
    asked_of_account: list[Condition] = field(default_factory=list)


def all_of(parts: Sequence[Condition]) -> Condition:
    """Holds if every part holds."""
    return _combined(parts, N_("all of these"), decides=False)


def any_of(parts: Sequence[Condition]) -> Condition:
    """Holds if at least one part holds."""
    return _combined(parts, N_("at least one of these"), decides=True)


def none_of(parts: Sequence[Condition]) -> Condition:
    """Holds if no part holds."""
    inner = parts[0] if len(parts) == 1 else any_of(parts)
    test, timing = inner.test, inner.timing

    def explain(facts: Facts) -> Explained:
        return Explained(N_("none of these"), not test(facts), tuple(part.explain(facts) for part in parts))

    def opposite(facts: Facts) -> tuple[bool, datetime | None]:
        answer, at = timing(facts) if timing else (test(facts), None)
        return not answer, at

    return Condition(lambda facts: not test(facts), inner.uses, explain, opposite if timing else None)


def _combined(parts: Sequence[Condition], text: str, *, decides: bool) -> Condition:
    """Parts of which one whose answer is `decides` settles the whole."""
    if len(parts) == 1:
        return parts[0]
    tests = tuple(part.test for part in parts)
    uses = Uses()
    for part in parts:
        uses |= part.uses

    def any_test(facts: Facts) -> bool:
        for one in tests:  # noqa: SIM110 - a generator costs twice the time
            if one(facts):
                return True
        return False

    def all_test(facts: Facts) -> bool:
        for one in tests:  # noqa: SIM110
            if not one(facts):
                return False
        return True

    test = any_test if decides else all_test

    def explain(facts: Facts) -> Explained:
        return Explained(text, test(facts), tuple(part.explain(facts) for part in parts))

    return Condition(test, uses, explain, _combined_timing(parts, decides))


def _combined_timing(parts: Sequence[Condition], decides: bool) -> Timing | None:
    if all(part.timing is None for part in parts):
        return None
    pairs = tuple((part.test, part.timing) for part in parts)

    def timing(facts: Facts) -> tuple[bool, datetime | None]:
        """The answer stands as long as one of the parts that decide it, else until one of them might."""
        until: datetime | None = None
        earliest: datetime | None = None
        for test, timed in pairs:
            answer, at = timed(facts) if timed else (test(facts), None)
            if answer is decides:
                if at is None:
                    return decides, None
                until = at if until is None else max(until, at)
            elif at is not None:
                earliest = at if earliest is None else min(earliest, at)
        return (not decides, earliest) if until is None else (decides, until)

    return timing
