"""What criteria ask for, as changes that would give it: read out of their text, as it is kept with their version."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connector.model.activity import KINDS
from connector.model.durations import checked
from connector.model.errors import Problems
from connector.model.facts import Facts
from connector.model.fields import ACCOUNT_FIELDS, FieldType, Value, field_type
from connector.model.score import GROUPS
from connector.steps.changes import Become, Change, More, Touched, Without, key
from connector.steps.conditions.activities import compile_matcher, number_range
from connector.steps.conditions.compiler import compile_in
from connector.steps.conditions.condition import Context
from connector.steps.conditions.standing import ACCOUNT_OWNER
from connector.steps.scoring.activity_rules import HOW

_JOINS = ("all", "any", "not")
_DETAILS = ("topic", "asset", "campaign", "url")
_SET = re.compile(r"\[!?(.)[^]]*\]")
#: The opposite of each operator, with which a condition is asked that must not hold.
_OPPOSITE = {
    "is": "is_not", "in": "not_in", "at_least": "below", "at_most": "above", "above": "at_most", "below": "at_least",
    "has": "has_not", "has_any": "has_none", "like": "unlike", "in_file": "not_in_file", "before": "not_before",
    "after": "not_after",
}  # fmt: skip
_OPPOSITES = {**_OPPOSITE, **{opposite: one for one, opposite in _OPPOSITE.items()}}
#: A value of each kind of field, where any will do.
_ANY: Mapping[str, Value] = {
    "integer": 1, "decimal": 1.0, "boolean": True, "list": ["-"], "country": "DE", "email": "name@company.example",
    "phone": "+49301234567", "date": "2000-01-01", "datetime": "2000-01-01T00:00:00+00:00",
}  # fmt: skip


def wanted(text: str, facts: Facts, missing: Sequence[str] = ()) -> list[Change]:
    """Single changes that the criteria of `text` (TOML) would take notice of, each once, in the order of the text.

    The gate comes first, then `missing` fields, then the rules where the gate asks for points. Each is of the least
    size; nothing says that any of them is enough.
    """
    table = tomllib.loads(text)
    reader = _Reader(table.get("conditions", {}), facts)
    found = list(reader.of(table.get("gates", {}).get("mql", {}), holds=True))
    found += [Become(name, _held(_any(name)), "blank", False) for name in missing]
    if reader.scores:
        for group in GROUPS:
            for rule in table.get(group, {}).values():
                found += reader.of_rule(rule)
    return list(dict.fromkeys(found))


def _any(name: str) -> Value | None:
    type_ = field_type(name) or ACCOUNT_FIELDS.get(name) or FieldType()
    return type_.choices[0] if type_.choices else _ANY.get(type_.kind, "-")


def _held(value: Value | None) -> str | int | float | bool | tuple[str, ...] | None:
    return tuple(value) if isinstance(value, list) else value


@dataclass(slots=True)
class _Reader:
    """Reads tables of conditions; `scores` says whether any of them asks for the points or the grade."""

    named: Mapping[str, Any]
    facts: Facts
    scores: bool = False

    def of(self, table: Any, *, holds: bool) -> Iterator[Change]:
        """What would make the condition of `table` hold, or not hold; nothing of what is so already."""
        if isinstance(table, str):
            yield from self.of(self.named.get(table, {}), holds=holds)
            return
        own = {name: value for name, value in table.items() if name not in _JOINS}
        if "score" in own or "grade" in own:
            self.scores = True
        elif "activity" in own:
            yield from self._activity(own, holds)
        elif "changed" in own:
            names = own["changed"] if isinstance(own["changed"], list) else [own["changed"]]
            yield from (Touched(name) for name in names if holds)
        elif "field" in own:
            yield from self._field(own, holds)
        elif own.get("has") not in (None, ACCOUNT_OWNER):
            yield from self._operator(own["has"], "blank", False, holds)
        for join in _JOINS:
            parts = table.get(join, [])
            for part in parts if isinstance(parts, list) else [parts]:
                yield from self.of(part, holds=holds is not (join == "not"))

    def of_rule(self, rule: Mapping[str, Any]) -> Iterator[Change]:
        """What would make a rule give its points, or keep it from taking some away."""
        asked = {name: value for name, value in rule.items() if name not in ("points", *HOW)}
        yield from self.of(asked, holds=rule["points"] > 0)

    def _activity(self, table: Mapping[str, Any], holds: bool) -> Iterator[Change]:
        context = _context()
        low, high = number_range(table, (), context)
        if holds or high is not None:
            yield from _deeds(table)
        matcher = compile_matcher({name: value for name, value in table.items() if name not in HOW}, (), context)
        most = high if holds else low - 1
        if matcher is None or most is None:
            return
        after = self.facts.now - matcher.within if matcher.within is not None else None
        done = [one for kind in matcher.kinds for one in self.facts.activities.get(kind, ())]
        done = [one for one in done if after is None or one.at > after]
        done = sorted((one for one in done if matcher.accepts is None or matcher.accepts(one)), key=lambda one: one.at)
        if len(done) > most:
            yield Without(matcher.kinds, frozenset(map(key, done[: len(done) - max(most, 0)])))

    def _field(self, table: Mapping[str, Any], holds: bool) -> Iterator[Change]:
        for operator, asked in table.items():
            if operator != "field":
                yield from self._operator(table["field"], operator, asked, holds)

    def _operator(self, name: str, operator: str, asked: Any, holds: bool) -> Iterator[Change]:
        condition = compile_in(_context(), {"field": name, operator: asked}, ())
        if operator not in ("in_file", "not_in_file") and condition.test(self.facts) is holds:
            return
        if operator == "blank":
            asked, meant = asked is holds, "blank"
        else:
            meant = operator if holds else _OPPOSITES.get(operator, "")
        present = self.facts.fields.get(name)
        for value in _values(name, meant, asked, present):
            if value != present:
                yield Become(name, _held(value), meant, tuple(asked) if isinstance(asked, list) else asked)


def _context() -> Context:
    """A place for problems that nobody has: the text was compiled before."""
    return Context(Problems(), {}, lambda _name: frozenset(), _Kinds(KINDS), account="")


class _Kinds(tuple[str, ...]):
    """Every kind there may be, an admin's own too."""

    __slots__ = ()

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str)


def _deeds(table: Mapping[str, Any]) -> Iterator[More]:
    kinds = [table["activity"]] if isinstance(table["activity"], str) else table["activity"]
    said: dict[str, Any] = {name: _concrete(table[name]) for name in _DETAILS if name in table}
    lasting = checked(table["lasting"], (), Problems(), working=False) if "lasting" in table else None
    for kind in kinds:
        yield replace(More(kind, seconds=lasting.seconds if lasting else 0), **said)


def _concrete(patterns: str | list[str]) -> str:
    """A text that a pattern, or the first of several, matches."""
    pattern = patterns if isinstance(patterns, str) else patterns[0]
    return _SET.sub(r"\1", pattern).replace("*", "").replace("?", "a")


def _values(name: str, operator: str, asked: Any, present: Any) -> Iterator[Value | None]:
    """Values that meet what is asked, the nearest first; None stands for no value."""
    type_ = field_type(name) or ACCOUNT_FIELDS.get(name) or FieldType()
    if operator == "blank":
        yield None if asked else _any(name)
        return
    make = _MAKERS.get(operator)
    yield from make(type_, asked, present) if make else [None]


def _next(step: int) -> Callable[[FieldType, Any, Any], Iterator[Value]]:
    """The value `step` beside the one that is asked for, by the order of choices or by number."""

    def make(type_: FieldType, asked: Any, _present: Any) -> Iterator[Value]:
        if not type_.ordered:
            yield asked + step
        elif 0 <= (place := type_.choices.index(asked) + step) < len(type_.choices):
            yield type_.choices[place]

    return make


def _also(_type: FieldType, asked: Any, present: Any) -> Iterator[Value]:
    """What a list has, and one of what is asked for."""
    kept = present if isinstance(present, list) else [present] if present else []
    yield [*kept, asked if isinstance(asked, str) else asked[0]]


def _as_asked(_type: FieldType, asked: Any, _present: Any) -> Iterator[Value]:
    yield asked


def _first(_type: FieldType, asked: Any, _present: Any) -> Iterator[Value]:
    yield asked[0]


def _like(_type: FieldType, asked: Any, _present: Any) -> Iterator[Value]:
    yield _concrete(asked)


def _other_day(text: str) -> Callable[[FieldType, Any, Any], Iterator[Value]]:
    def make(_type: FieldType, _asked: Any, _present: Any) -> Iterator[Value]:
        yield text

    return make


_MAKERS: Mapping[str, Callable[[FieldType, Any, Any], Iterator[Value]]] = {
    "is": _as_asked, "in": _first, "at_least": _next(0), "at_most": _next(0), "above": _next(1), "below": _next(-1),
    "has": _also, "has_any": _also, "like": _like, "before": _other_day("1970-01-01T00:00:00+00:00"),
    "after": _other_day("9000-01-01T00:00:00+00:00"),
}  # fmt: skip
