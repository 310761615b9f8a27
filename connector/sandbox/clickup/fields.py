"""Custom fields by type: what is taken, what is kept, and what a task shows of it.

Types and the shapes of their values are those of the published description ("Set Custom Field Value"). A drop-down is
set by the id of an option and shown by its place (`orderindex`), labels are set and shown by ids, people and tasks are
added and removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.clickup.errors import Refused, invalid

_TEXTS = ("short_text", "text", "email", "phone", "url")
_NUMBERS = ("number", "currency")
_COMPUTED = ("formula", "automatic_progress")


@dataclass(slots=True)
class Option:
    """One option of a drop-down or of labels."""

    id: str
    name: str


@dataclass(slots=True)
class Field:
    """One custom field of a list."""

    id: str
    name: str
    type: str = "short_text"
    options: list[Option] = field(default_factory=list)
    required: bool = False
    count: int = 5

    def config(self) -> dict[str, Any]:
        """`type_config`."""
        if self.type == "drop_down":
            return {"options": [{"id": one.id, "name": one.name, "color": None, "orderindex": place}
                                for place, one in enumerate(self.options)]}  # fmt: skip
        if self.type == "labels":
            return {"options": [{"id": one.id, "label": one.name, "color": None} for one in self.options]}
        if self.type == "currency":
            return {"precision": 2, "currency_type": "EUR", "default": 0}
        return {"count": self.count, "code_point": "2b50"} if self.type == "emoji" else {}

    def defined(self, created: int) -> dict[str, Any]:
        """The field as `Get Accessible Custom Fields` shows it."""
        return {
            "id": self.id, "name": self.name, "type": self.type, "type_config": self.config(),
            "date_created": str(created), "hide_from_guests": False, "required": self.required,
        }  # fmt: skip

    def option(self, word: str) -> Option | None:
        """The option of an id or a name."""
        return next((one for one in self.options if word in (one.id, one.name)), None)


def taken(one: Field, given: Any, held: Any) -> Any:
    """What is kept of a value that is set; None clears. Raises Refused."""
    if one.type in _COMPUTED:
        raise invalid(f"Field {one.id} cannot be set")
    if given is None or given == "":
        return None
    if one.type in _TEXTS:
        return _text(one, given)
    if one.type in _NUMBERS:
        return _number(one, given)
    if one.type == "date":
        return _whole(one, given)
    if one.type == "emoji":
        return _rating(one, given)
    if one.type == "checkbox":
        return bool(given)
    if one.type == "drop_down":
        return _option(one, given)
    if one.type == "labels":
        return [_option(one, label) for label in _list(one, given)]
    if one.type in ("users", "tasks"):
        return _members(one, given, held or [])
    raise invalid(f"Field {one.id} has a type that is not known here")


def shown(one: Field, value: Any, people: Mapping[int, Mapping[str, Any]]) -> Any:
    """The value as a task shows it."""
    if one.type == "drop_down":
        return next((place for place, option in enumerate(one.options) if option.id == value), None)
    if one.type in _NUMBERS or one.type == "date":
        return str(value)
    if one.type == "users":
        return [people[int(id)] for id in value if int(id) in people]
    if one.type == "tasks":
        return [{"id": id} for id in value]
    return value


def matches(one: Field, value: Any, wanted: Any) -> bool:
    """Whether a value is the one that a filter with `=` asks for."""
    if one.type == "drop_down":
        place = next((place for place, option in enumerate(one.options) if option.id == value), None)
        return wanted in (value, place, str(place))
    return value is not None and str(value).casefold() == str(wanted).casefold()


def _refused(one: Field) -> Refused:
    return Refused(400, "FIELD_011", f"Value is not valid for custom field {one.id}")


def _text(one: Field, given: Any) -> str:
    if not isinstance(given, str) or (one.type == "email" and "@" not in given):
        raise _refused(one)
    if one.type == "phone" and not given.lstrip().startswith("+"):
        raise _refused(one)
    return given


def _number(one: Field, given: Any) -> float | int:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise _refused(one)
    return int(given) if float(given).is_integer() else given


def _whole(one: Field, given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise _refused(one)
    return given


def _rating(one: Field, given: Any) -> int:
    if not 0 <= _whole(one, given) <= one.count:
        raise _refused(one)
    return int(given)


def _option(one: Field, given: Any) -> str:
    found = next((option for option in one.options if option.id == given), None)
    if found is None:
        raise _refused(one)
    return found.id


def _list(one: Field, given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise _refused(one)
    return given


def _members(one: Field, given: Any, held: list[Any]) -> list[Any] | None:
    if not isinstance(given, Mapping):
        raise _refused(one)
    kept = [id for id in held if id not in given.get("rem", ())]
    return kept + [id for id in given.get("add", ()) if id not in kept] or None
