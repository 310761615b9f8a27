"""Conditions on a lead's fields: `{ field = "company.employees", at_least = 100 }`.

Text compares without regard to case. Ordered choices (`job_level`) compare by their order. A
field without a value fails every comparison; only `blank = true` and the negations (`is_not`,
`not_in`, `has_not`, `not_in_file`) hold for it, so that each negation is the exact opposite
of its operator. A value of the wrong sort (text in a number's place) fails like any other value
that does not match. A `custom.` field takes every operator: what is asked decides how it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.model.errors import Path
from connector.model.facts import Facts
from connector.model.fields import ACCOUNT_FIELDS, FIELDS, OWN_FIELDS, FieldType, Value, field_type
from connector.steps.conditions.comparing import Predicate
from connector.steps.conditions.condition import N_, NEVER, Condition, Context, Explained, Site, Uses, all_of
from connector.steps.conditions.operators import BUILDERS, RELATIONS, Asked

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
#: What each operator says, with the places `field` and `wanted`.
SENTENCES = {
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


def compile_field(table: Mapping[str, Any], path: Path, context: Context) -> Condition:
    """Compile a table with `field` and one operator or more, all of which must hold."""
    name = table["field"]
    type_ = _known_type(name, (*path, "field"), context)
    if type_ is None:
        return NEVER
    if name not in ACCOUNT_FIELDS:
        context.sites.append(Site((*path, "field"), "field", name))
    allowed = OPERATORS if name.startswith("custom.") else operators_of(type_)
    parts = []
    for key, wanted in table.items():
        if key == "field":
            continue
        if key not in allowed:
            _refuse_operator(name, key, allowed, (*path, key), context)
        else:
            if name in ACCOUNT_FIELDS:
                _note_account(name, key, wanted, (*path, key), context)
            parts.append(_operator(key, Asked(name, type_, wanted, (*path, key), context)))
    if len(table) == 1:
        context.problems.add(path, "%(field)s is asked nothing", ", ".join(allowed), field=name)
    return _kept(name, all_of(parts), context) if parts else NEVER


def _kept(name: str, condition: Condition, context: Context) -> Condition:
    if name in ACCOUNT_FIELDS:
        context.asked_of_account.append(condition)
    return condition


def _note_account(name: str, key: str, wanted: Any, path: Path, context: Context) -> None:
    """Where something is asked of the account, and whether somebody there can have such a role."""
    context.sites.append(Site(path, "account", name, key, wanted))
    known = {role.casefold() for role in context.roles}
    for role in (wanted if isinstance(wanted, list) else [wanted]) if name == "account.roles" else ():
        if isinstance(role, str) and known and role.casefold() not in known:
            context.problems.unknown(path, role, context.roles, "role")


def compile_present(name: str, path: Path, context: Context) -> Condition:
    """The condition that field `name` has a value."""
    type_ = _known_type(name, path, context)
    if type_ is None:
        return NEVER
    if name not in ACCOUNT_FIELDS:
        context.sites.append(Site(path, "field", name))
    return _kept(name, _blank(Asked(name, type_, False, path, context)), context)


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
    if name in ACCOUNT_FIELDS:
        if context.account:
            context.problems.add(path, context.account, name=name)
        return ACCOUNT_FIELDS[name]
    type_ = field_type(name)
    if type_ is None:
        context.problems.unknown(path, name, (*FIELDS, *ACCOUNT_FIELDS), "field")
    return type_


def _refuse_operator(name: str, key: str, allowed: tuple[str, ...], path: Path, context: Context) -> None:
    if key in OPERATORS:
        context.problems.add(
            path, "%(field)s cannot be asked with %(operator)s", ", ".join(allowed), field=name, operator=key
        )
    else:
        context.problems.unknown(path, key, (*allowed, "all", "any", "not"))


def _operator(key: str, asked: Asked) -> Condition:
    if key == "blank":
        return _blank(asked)
    build = BUILDERS[_NEGATED.get(key, key)]
    before = len(asked.context.problems.found)
    predicate = build(asked)
    if len(asked.context.problems.found) > before:
        return NEVER
    return _condition(key, predicate, asked)


def _condition(key: str, predicate: Predicate, asked: Asked) -> Condition:
    name, negated = asked.field, key in _NEGATED
    values = {"field": name, "wanted": shown(asked.wanted)}

    def test(facts: Facts) -> bool:
        value = facts.fields.get(name)
        if not value and is_blank(value):
            return negated
        return predicate(value) is not negated

    def explain(facts: Facts) -> Explained:
        return Explained(SENTENCES[key], test(facts), (), values, shown(facts.fields.get(name)))

    return Condition(test, Uses(fields=frozenset((name,))), explain)


def _blank(asked: Asked) -> Condition:
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
