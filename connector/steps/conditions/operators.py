"""The operators that a field may be asked with: each checks the wanted value and becomes a test of a present one."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any

from connector.model.errors import ConfigError, Path
from connector.model.fields import FieldType
from connector.steps.conditions.comparing import Predicate, checked_patterns, fold, pattern_test, utc_text
from connector.steps.conditions.condition import N_, Context

RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "at_least": operator.ge,
    "at_most": operator.le,
    "above": operator.gt,
    "below": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One operator of one field, on its way to a predicate."""

    field: str
    type: FieldType
    wanted: Any
    path: Path
    context: Context

    @property
    def custom(self) -> bool:
        return self.field.startswith("custom.")

    def refuse(self, what: str, **values: object) -> None:
        self.context.problems.add(self.path, what, "", "", **values)


def _is(asked: Asked) -> Predicate:
    return _among(asked, [asked.wanted])


def _in(asked: Asked) -> Predicate:
    if not isinstance(asked.wanted, list) or not asked.wanted:
        asked.refuse(N_('a list of values is needed here, such as ["DE", "AT"]'))
        return bool
    return _among(asked, asked.wanted)


def _among(asked: Asked, wanted: list[Any]) -> Predicate:
    fitting = [_fits(asked, one) for one in wanted]  # all of them, so that every fault is reported
    if not all(fitting):
        return bool
    if asked.type.kind == "boolean":
        return lambda value: value is wanted[0]
    numbers = frozenset(one for one in wanted if _is_number(one))
    texts = frozenset(fold(one) for one in wanted if not _is_number(one))
    if not numbers:
        return lambda value: fold(value) in texts
    read = _loose_number if asked.custom else _number
    if not texts:
        return lambda value: read(value) in numbers
    return lambda value: read(value) in numbers or fold(value) in texts


def _fits(asked: Asked, wanted: Any) -> bool:
    """Whether `wanted` is a value that the field can have; reported where it is not."""
    type_ = asked.type
    if asked.custom:
        if not isinstance(wanted, str | int | float):
            asked.refuse(N_("a text, a number, true or false is needed here"))
            return False
    elif type_.kind == "boolean":
        if not isinstance(wanted, bool):
            asked.refuse(N_("%(field)s is true or false"), field=asked.field)
            return False
    elif type_.kind in ("integer", "decimal"):
        if not _is_number(wanted):
            asked.refuse(N_("%(field)s is a number"), field=asked.field)
            return False
    elif not isinstance(wanted, str):
        asked.refuse(N_("%(field)s is a text: write the value in quotes"), field=asked.field)
        return False
    elif type_.choices and wanted not in type_.choices:
        asked.context.problems.unknown(asked.path, wanted, type_.choices, "value")
        return False
    elif type_.kind == "country" and not re.fullmatch("[A-Za-z]{2}", wanted):
        asked.refuse(N_("%(value)s is not a country's code of two letters, such as DE"), value=repr(wanted))
        return False
    return True


def _compared(relation: Callable[[Any, Any], bool]) -> Callable[[Asked], Predicate]:
    def build(asked: Asked) -> Predicate:
        if asked.type.ordered:
            return _ranked(asked, relation)
        limit = asked.wanted
        if not _is_number(limit):
            asked.refuse(N_("a number is needed here"))
        if asked.custom:
            read = _loose_number
            return lambda value: (number := read(value)) is not None and relation(number, limit)
        return lambda value: type(value) in _NUMBERS and relation(value, limit)

    return build


def _ranked(asked: Asked, relation: Callable[[Any, Any], bool]) -> Predicate:
    if not _fits(asked, asked.wanted):
        return bool
    rank = asked.type.choices.index(asked.wanted)
    passing = frozenset(word for place, word in enumerate(asked.type.choices) if relation(place, rank))
    return lambda value: value in passing


def _has(asked: Asked) -> Predicate:
    if not isinstance(asked.wanted, str) or not asked.wanted:
        asked.refuse(N_("one text in quotes is needed here; for several there is `has_any`"))
        return bool
    wanted = asked.wanted.casefold()
    return lambda value: wanted in map(fold, _items(value))


def _has_any(asked: Asked) -> Predicate:
    wanted = asked.wanted
    if not isinstance(wanted, list) or not wanted or not all(isinstance(one, str) for one in wanted):
        asked.refuse(N_("a list of texts is needed here"))
        return bool
    words = frozenset(one.casefold() for one in wanted)
    return lambda value: not words.isdisjoint(map(fold, _items(value)))


def _like(asked: Asked) -> Predicate:
    patterns = checked_patterns(asked.wanted)
    if patterns is None:
        asked.refuse(N_('a pattern such as "*consult*", or a list of them, is needed here'))
        return bool
    return pattern_test(patterns)


def _in_file(asked: Asked) -> Predicate:
    name = asked.wanted
    if not isinstance(name, str) or not name:
        asked.refuse(N_('the name of a list file is needed here, such as "lists/competitors.txt"'))
        return bool
    try:
        entries = asked.context.lists(name)
    except (OSError, ValueError, LookupError, ConfigError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        asked.refuse(N_("the list %(name)s cannot be read: %(reason)s"), name=name, reason=reason)
        return bool
    words = frozenset(one.strip().casefold() for one in entries)
    return lambda value: fold(value) in words


def _moment(relation: Callable[[Any, Any], bool]) -> Callable[[Asked], Predicate]:
    """A day compares by day, in UTC; a time by the second."""

    def build(asked: Asked) -> Predicate:
        wanted = utc_text(asked.wanted)
        if wanted is None:
            asked.refuse(N_("a day such as 2026-12-07, or a time with its zone, is needed here"))
            return bool
        length = len(wanted)
        return lambda value: relation(fold(value)[:length].upper(), wanted)

    return build


#: By operator: reports what is wrong with the wanted value, else gives the test.
BUILDERS: dict[str, Callable[[Asked], Predicate]] = {
    "is": _is,
    "in": _in,
    "has": _has,
    "has_any": _has_any,
    "like": _like,
    "in_file": _in_file,
    "before": _moment(operator.lt),
    "after": _moment(operator.gt),
    **{name: _compared(relation) for name, relation in RELATIONS.items()},
}

_NUMBERS = frozenset((int, float))


def _items(value: Any) -> list[Any]:
    return value if type(value) is list else [value]


def _is_number(value: Any) -> bool:
    return type(value) in _NUMBERS and isfinite(value)


def _number(value: Any) -> Any:
    return value if type(value) in _NUMBERS else None


def _loose_number(value: Any) -> float | None:
    """A custom field's number, which may have been read as text."""
    if type(value) in _NUMBERS:
        return float(value)
    try:
        return float(value) if type(value) is str else None
    except ValueError:
        return None
