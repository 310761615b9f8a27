"""Conditions as an admin writes them, compiled once to closures.

A condition is a table with one subject (`field`, `activity`, `score`, `grade`, `changed` or `has`) and
what is asked of it, or with `all`, `any`, `not`, or both: every part of a table must hold.
A plain text is the name of a condition that stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from connector.model.activity import KINDS
from connector.model.errors import Path, Problems
from connector.model.fields import ACCOUNT_FIELDS
from connector.steps.conditions.activities import KEYS as ACTIVITY_KEYS
from connector.steps.conditions.activities import compile_activity
from connector.steps.conditions.condition import (
    ACCOUNT_LATER,
    NEVER,
    NO_ACCOUNT,
    Condition,
    Context,
    Explained,
    Lists,
    Site,
    Uses,
    all_of,
    any_of,
    none_of,
)
from connector.steps.conditions.contradicting import refuse_contradictions
from connector.steps.conditions.fields import OPERATORS, compile_field
from connector.steps.conditions.standing import compile_changed, compile_grade, compile_has, compile_score

__all__ = [
    "NEVER",
    "VOCABULARY",
    "Condition",
    "Context",
    "Explained",
    "Lists",
    "Names",
    "Site",
    "Uses",
    "compile_condition",
    "compile_in",
]

_SUBJECTS: dict[str, Callable[[Mapping[str, Any], Path, Context], Condition]] = {
    "field": compile_field,
    "activity": compile_activity,
    "score": compile_score,
    "grade": compile_grade,
    "changed": compile_changed,
    "has": compile_has,
}
_JOINS = {"all": all_of, "any": any_of, "not": none_of}
_KNOWN = frozenset((*_SUBJECTS, *_JOINS))
_OPERATORS = frozenset((*OPERATORS, *ACTIVITY_KEYS, "since"))

#: Every key that a table of a condition may have.
VOCABULARY = _KNOWN | _OPERATORS


def compile_condition(
    table: object,
    *,
    path: Path,
    problems: Problems,
    named: Mapping[str, Condition],
    lists: Lists,
    kinds: Collection[str] = KINDS,
    scores: bool = True,
    account: str = NO_ACCOUNT,
    roles: Collection[str] = (),
) -> Condition:
    """Compile one condition. What is wrong is added to `problems`; the result is then of no use.

    `lists` gives the entries of a list file (its OSError, ValueError, LookupError or ConfigError
    is reported at the key), `kinds` are the kinds of activity that exist. Where the score is not
    known when the condition is tested, `scores=False` refuses to ask for it. `account` is why the lead's account
    may not be asked for, "" where it may; `roles` are those that somebody there can have.
    """
    return compile_in(Context(problems, named, lists, kinds, scores=scores, account=account, roles=roles), table, path)


def compile_in(context: Context, given: object, path: Path) -> Condition:
    """Compile one condition in `context`."""
    if isinstance(given, str):
        return _by_name(given, path, context)
    if not isinstance(given, Mapping):
        context.problems.add(path, "a condition is a table, or the name of one in quotes")
        return NEVER
    refuse_contradictions(given, path, context)
    parts = []
    own = {key: value for key, value in given.items() if key not in _JOINS}
    if own:
        parts.append(_one_subject(own, path, context))
    for key, join in _JOINS.items():
        if key in given:
            parts.append(join(_several(given[key], (*path, key), context)))
    if not parts:
        context.problems.add(path, "an empty condition", ", ".join((*_SUBJECTS, *_JOINS)))
        return NEVER
    return all_of(parts)


def _one_subject(table: Mapping[str, Any], path: Path, context: Context) -> Condition:
    subjects = [key for key in _SUBJECTS if key in table]
    if subjects and subjects[0] == "field" and "has" in subjects:
        subjects.remove("has")
    if len(subjects) == 1:
        return _SUBJECTS[subjects[0]](table, path, context)
    if subjects:
        context.problems.add(
            path, "%(keys)s in one table: give each a table of its own, inside all = [...]", keys=", ".join(subjects)
        )
        return NEVER
    unknown = [key for key in table if key not in _OPERATORS]
    for key in unknown:
        context.problems.unknown((*path, key), key, _KNOWN)
    if not unknown:
        context.problems.add(path, "nothing says what this is asked of", ", ".join(_SUBJECTS))
    return NEVER


def _several(given: object, path: Path, context: Context) -> list[Condition]:
    """What stands in `all`, `any` or `not`: a list of conditions, or a single one."""
    if not isinstance(given, list):
        return [compile_in(context, given, path)]
    if not given:
        context.problems.add(path, "an empty list of conditions")
        return [NEVER]
    return [compile_in(context, one, (*path, place)) for place, one in enumerate(given)]


def _by_name(name: str, path: Path, context: Context) -> Condition:
    try:
        condition = context.named[name]
    except CircularError as error:
        context.problems.add(path, "conditions refer to each other in a circle: %(circle)s", circle=error.circle)
        return NEVER
    except KeyError:
        context.problems.unknown(path, name, context.named, "condition")
        return NEVER
    uses = condition.uses | Uses(names=frozenset((name,)))
    if uses.scores and not context.scores:
        context.problems.add(path, "%(name)s asks for the score, which is not known yet here", name=name)
    if context.account == ACCOUNT_LATER and not uses.fields.isdisjoint(ACCOUNT_FIELDS):
        context.problems.add(path, "%(name)s asks for the account, which is not known yet here", name=name)

    def explain(facts: Any) -> Explained:
        inner = condition.explain(facts)
        return Explained("%(name)s", inner.passed, (inner,), {"name": name})

    return Condition(condition.test, uses, explain, condition.timing)


class CircularError(KeyError):
    """A named condition refers to itself; `circle` is the way round."""

    def __init__(self, circle: str) -> None:
        self.circle = circle
        super().__init__(circle)


class Names(Mapping[str, Condition]):
    """Named conditions that may refer to each other, compiled as they are asked for."""

    def __init__(self, tables: Mapping[str, object], path: Path, context: Context) -> None:
        self._tables = tables
        self._path = path
        self._context = context
        self._done: dict[str, Condition] = {}
        self._open: list[str] = []
        context.named = self

    def __getitem__(self, name: str) -> Condition:
        if name in self._done:
            return self._done[name]
        if name in self._open:
            raise CircularError(" -> ".join((*self._open[self._open.index(name) :], name)))
        table = self._tables[name]
        self._open.append(name)
        try:
            self._done[name] = compile_in(self._context, table, (*self._path, name))
        finally:
            self._open.pop()
        return self._done[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)
