"""Conditions on a lead's fields: `{ field = "company.employees", at_least = 100 }`.

Text compares without regard to case. Ordered choices (`job_level`) compare by their order. A
field without a value fails every comparison; only `blank = true` and the negations (`is_not`,
`not_in`, `has_not`, `not_in_file`) hold for it, so that each negation is the exact opposite
of its operator. A value of the wrong sort (text in a number's place) fails like any other value
that does not match. A `custom.` field takes every operator: what is asked decides how it is read.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import translate
from math import isfinite
from typing import Any

from connector.model.errors import ConfigError, Path
from connector.model.facts import Facts
from connector.model.fields import FIELDS, OWN_FIELDS, FieldType, Value, field_type
from connector.steps.condition import N_, NEVER, Condition, Context, Explained, Site, Uses, all_of

Predicate = Callable[[Any], bool]

_TEXT = ("is", "is_not", "in", "not_in", "like", "in_file", "not_in_file", "blank")
_NUMBER = ("is", "is_not", "in", "not_in", "at_least", "at_most", "above", "below", "blank")
_LIST = ("has", "has_not", "has_any", "blank")
_WHEN = ("before", "after", "blank")
_CHOICE = ("is", "is_not", "in", "not_in", "blank")

_BY_KIND: dict[str, tuple[str, ...]] = {
    "text": _TEXT,
    "email": _TEXT,
    "phone": _TEXT,
    "country": _TEXT,
    "integer": _NUMBER,
    "decimal": _NUMBER,
    "boolean": ("is", "is_not", "blank"),
    "list": _LIST,
    "date": _WHEN,
    "datetime": _WHEN,
    "choice": _CHOICE,
}

#: Every operator a field may be asked with.
OPERATORS = tuple(dict.fromkeys(_TEXT + _NUMBER + _LIST + _WHEN))

_NEGATED = {"is_not": "is", "not_in": "in", "has_not": "has", "not_in_file": "in_file"}
RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "at_least": operator.ge,
    "at_most": operator.le,
    "above": operator.gt,
    "below": operator.lt,
}
_SENTENCES = {
    "is": N_("%(field)s is %(wanted)s"),
    "is_not": N_("%(field)s is not %(wanted)s"),
    "in": N_("%(field)s is one of %(wanted)s"),
    "not_in": N_("%(field)s is none of %(wanted)s"),
    "at_least": N_("%(field)s is at least %(wanted)s"),
    "at_most": N_("%(field)s is at most %(wanted)s"),
    "above": N_("%(field)s is above %(wanted)s"),
    "below": N_("%(field)s is below %(wanted)s"),
    "has": N_("%(field)s has %(wanted)s"),
    "has_not": N_("%(field)s does not have %(wanted)s"),
    "has_any": N_("%(field)s has one of %(wanted)s"),
    "like": N_("%(field)s looks like %(wanted)s"),
    "in_file": N_("%(field)s is in the list %(wanted)s"),
    "not_in_file": N_("%(field)s is not in the list %(wanted)s"),
    "before": N_("%(field)s is before %(wanted)s"),
    "after": N_("%(field)s is after %(wanted)s"),
}
_BLANK = N_("%(field)s is blank")
_NOT_BLANK = N_("%(field)s has a value")


@dataclass(frozen=True, slots=True)
class _Asked:
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


def compile_field(table: Mapping[str, Any], path: Path, context: Context) -> Condition:
    """Compile a table with `field` and one operator or more, all of which must hold."""
    name = table["field"]
    type_ = _known_type(name, (*path, "field"), context)
    if type_ is None:
        return NEVER
    context.sites.append(Site((*path, "field"), "field", name))
    allowed = OPERATORS if name.startswith("custom.") else operators_of(type_)
    parts = []
    for key, wanted in table.items():
        if key == "field":
            continue
        if key not in allowed:
            _refuse_operator(name, key, allowed, (*path, key), context)
        else:
            parts.append(_operator(key, _Asked(name, type_, wanted, (*path, key), context)))
    if len(table) == 1:
        context.problems.add(path, "%(field)s is asked nothing", ", ".join(allowed), field=name)
    return all_of(parts) if parts else NEVER


def compile_present(name: str, path: Path, context: Context) -> Condition:
    """The condition that field `name` has a value."""
    type_ = _known_type(name, path, context)
    if type_ is None:
        return NEVER
    context.sites.append(Site(path, "field", name))
    return _blank(_Asked(name, type_, False, path, context))


def operators_of(type_: FieldType) -> tuple[str, ...]:
    """The operators that a field of this type takes."""
    return (*_BY_KIND[type_.kind], *(RELATIONS if type_.ordered else ()))


def is_blank(value: Value | None) -> bool:
    """Whether a field has no value; 0 and false are values."""
    return not value and (value is None or value in ("", []))


def _known_type(name: object, path: Path, context: Context) -> FieldType | None:
    if not isinstance(name, str):
        context.problems.add(path, "the name of a field is a text in quotes")
        return None
    if name in OWN_FIELDS:
        context.problems.add(path, "%(name)s is computed: ask with `score` or `grade`", name=name)
        return None
    type_ = field_type(name)
    if type_ is None:
        context.problems.unknown(path, name, FIELDS, "field")
    return type_


def _refuse_operator(name: str, key: str, allowed: tuple[str, ...], path: Path, context: Context) -> None:
    if key in OPERATORS:
        context.problems.add(
            path, "%(field)s cannot be asked with %(operator)s", ", ".join(allowed), field=name, operator=key
        )
    else:
        context.problems.unknown(path, key, (*allowed, "all", "any", "not"))


def _operator(key: str, asked: _Asked) -> Condition:
    if key == "blank":
        return _blank(asked)
    build = _BUILDERS[_NEGATED.get(key, key)]
    before = len(asked.context.problems.found)
    predicate = build(asked)
    if len(asked.context.problems.found) > before:
        return NEVER
    return _condition(key, predicate, asked)


def _condition(key: str, predicate: Predicate, asked: _Asked) -> Condition:
    name, negated = asked.field, key in _NEGATED
    values = {"field": name, "wanted": shown(asked.wanted)}

    def test(facts: Facts) -> bool:
        value = facts.fields.get(name)
        if not value and is_blank(value):
            return negated
        return predicate(value) is not negated

    def explain(facts: Facts) -> Explained:
        return Explained(_SENTENCES[key], test(facts), (), values, shown(facts.fields.get(name)))

    return Condition(test, Uses(fields=frozenset((name,))), explain)


def _blank(asked: _Asked) -> Condition:
    name, wanted = asked.field, asked.wanted
    if not isinstance(wanted, bool):
        asked.refuse(N_("`blank` is true or false"))
        return NEVER

    def test(facts: Facts) -> bool:
        return is_blank(facts.fields.get(name)) is wanted

    def explain(facts: Facts) -> Explained:
        text = _BLANK if wanted else _NOT_BLANK
        return Explained(text, test(facts), (), {"field": name}, shown(facts.fields.get(name)))

    return Condition(test, Uses(fields=frozenset((name,))), explain)


def shown(value: Any) -> str:
    """A value as a reader sees it in an explanation."""
    if type(value) is list:
        return ", ".join([str(one) for one in value])
    if type(value) is float and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


# --- one builder an operator; each reports what is wrong with the wanted value ---


def _is(asked: _Asked) -> Predicate:
    return _among(asked, [asked.wanted])


def _in(asked: _Asked) -> Predicate:
    if not isinstance(asked.wanted, list) or not asked.wanted:
        asked.refuse(N_('a list of values is needed here, such as ["DE", "AT"]'))
        return bool
    return _among(asked, asked.wanted)


def _among(asked: _Asked, wanted: list[Any]) -> Predicate:
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


def _fits(asked: _Asked, wanted: Any) -> bool:
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


def _compared(relation: Callable[[Any, Any], bool]) -> Callable[[_Asked], Predicate]:
    def build(asked: _Asked) -> Predicate:
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


def _ranked(asked: _Asked, relation: Callable[[Any, Any], bool]) -> Predicate:
    if not _fits(asked, asked.wanted):
        return bool
    rank = asked.type.choices.index(asked.wanted)
    passing = frozenset(word for place, word in enumerate(asked.type.choices) if relation(place, rank))
    return lambda value: value in passing


def _has(asked: _Asked) -> Predicate:
    if not isinstance(asked.wanted, str) or not asked.wanted:
        asked.refuse(N_("one text in quotes is needed here; for several there is `has_any`"))
        return bool
    wanted = asked.wanted.casefold()
    return lambda value: wanted in map(fold, _items(value))


def _has_any(asked: _Asked) -> Predicate:
    wanted = asked.wanted
    if not isinstance(wanted, list) or not wanted or not all(isinstance(one, str) for one in wanted):
        asked.refuse(N_("a list of texts is needed here"))
        return bool
    words = frozenset(one.casefold() for one in wanted)
    return lambda value: not words.isdisjoint(map(fold, _items(value)))


def _like(asked: _Asked) -> Predicate:
    patterns = checked_patterns(asked.wanted)
    if patterns is None:
        asked.refuse(N_('a pattern such as "*consult*", or a list of them, is needed here'))
        return bool
    return pattern_test(patterns)


def checked_patterns(wanted: Any) -> list[str] | None:
    """A pattern or a list of them as a list; None where it is neither."""
    patterns = [wanted] if isinstance(wanted, str) else wanted
    if not isinstance(patterns, list) or not patterns or not all(one and isinstance(one, str) for one in patterns):
        return None
    return patterns


def is_pattern(text: str) -> bool:
    """Whether a text has marks that stand for other text."""
    return any(mark in text for mark in "*?[")


def pattern_test(patterns: list[str]) -> Predicate:
    """A test for shell-style patterns (`*`, `?`, `[...]`), any of which may match, whatever the case."""
    folded = [one.casefold() for one in patterns]
    if not any(is_pattern(one) for one in folded):
        words = frozenset(folded)
        return lambda value: fold(value) in words
    match = re.compile("|".join(translate(one) for one in folded)).match
    return lambda value: match(fold(value)) is not None


def _in_file(asked: _Asked) -> Predicate:
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


def _moment(relation: Callable[[Any, Any], bool]) -> Callable[[_Asked], Predicate]:
    """A day compares by day, in UTC; a time by the second."""

    def build(asked: _Asked) -> Predicate:
        wanted = utc_text(asked.wanted)
        if wanted is None:
            asked.refuse(N_("a day such as 2026-12-07, or a time with its zone, is needed here"))
            return bool
        length = len(wanted)
        return lambda value: relation(fold(value)[:length].upper(), wanted)

    return build


def utc_text(wanted: Any) -> str | None:
    """A day as `YYYY-MM-DD`, a time with zone as ISO text in UTC to the second; None for anything else."""
    if isinstance(wanted, str):
        try:
            wanted = date.fromisoformat(wanted) if len(wanted) == 10 else datetime.fromisoformat(wanted)
        except ValueError:
            return None
    if isinstance(wanted, datetime):
        return wanted.astimezone(UTC).isoformat()[:19] if wanted.tzinfo else None
    return wanted.isoformat() if isinstance(wanted, date) else None


_BUILDERS: dict[str, Callable[[_Asked], Predicate]] = {
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


def fold(value: Any) -> str:
    """A value as text, without regard to case."""
    return value.casefold() if type(value) is str else str(value).casefold()


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
