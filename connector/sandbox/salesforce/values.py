"""Values as they come through the API: type, length, picklist, reference. The wrong ones are refused in its words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.fields import Field
from connector.sandbox.salesforce.ids import normal
from connector.sandbox.salesforce.objects import SObject
from connector.sandbox.salesforce.state import State, stamp

if TYPE_CHECKING:
    from connector.sandbox.salesforce.table import Record

_EMAIL = re.compile(r"[^@\s,;<>()\[\]]+@[^@\s.,;<>()\[\]]+(\.[^@\s.,;<>()\[\]]+)+")
_TEXT = ("string", "email", "phone", "url", "textarea", "textarea_long", "picklist", "multipicklist")


def unreadable(sobject: SObject, name: str, value: Any) -> ApiError | None:
    """What makes the whole request unreadable: a column that does not exist, JSON of another type."""
    one = sobject.field(name)
    if one is None:
        return ApiError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
    if value is None or _fits(one, value):
        return None
    said = f"Cannot deserialize instance of {one.kind.removesuffix('_long')} from {_token(value)} value {value}"
    return ApiError("JSON_PARSER_ERROR", said)


def checked(state: State, sobject: SObject, one: Field, value: Any) -> Any:
    """The value as it is stored; None for nothing. Raises ApiError."""
    if isinstance(value, str) and one.kind in _TEXT:
        value = value.strip() or None
    if value is None or value == "":
        return False if one.kind == "boolean" else None
    if not _fits(one, value):
        said = f"{one.label}: value not of required type: {value}"
        raise ApiError("INVALID_TYPE_ON_FIELD_IN_RECORD", said, [one.name])
    if one.kind in ("reference", "id"):
        return _reference(state, sobject, one, value)
    return _CHECKS.get(one.kind, _text)(one, value)


def _text(one: Field, value: str) -> str:
    if one.length and len(value) > one.length:
        begin = value if len(value) <= 255 else f"{value[:255]}..."
        said = f"{one.label}: data value too large: {begin} (max length={one.length})"
        raise ApiError("STRING_TOO_LONG", said, [one.name])
    return value


def _email(one: Field, value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise ApiError("INVALID_EMAIL_ADDRESS", f"{one.label}: invalid email address: {value}", [one.name])
    return _text(one, value)


def _picklist(one: Field, value: str) -> str:
    if one.restricted and not any(choice.value == value and choice.active for choice in one.choices):
        said = f"{one.label}: bad value for restricted picklist field: {value}"
        raise ApiError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", said, [one.name])
    return _text(one, value)


def _number(one: Field, value: Any) -> float | int:
    number = float(value)
    if one.kind == "int" and abs(number) > 999_999_999:
        said = f"{one.label}: value outside of valid range on numeric field: {value}"
        raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", said, [one.name])
    return int(number) if one.kind == "int" else number


def _reference(state: State, sobject: SObject, one: Field, value: str) -> str:
    found = normal(value)
    if not found:
        raise ApiError("MALFORMED_ID", f"{one.label}: id value of incorrect type: {value}", [one.name])
    there = _there(state, one, found)
    if there is None or there["IsDeleted"]:
        raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [one.name])
    if there.get("IsConverted") and one.name in ("WhoId", "LeadId"):
        raise ApiError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    if one.name == "OwnerId" and there.get("IsActive") is False:
        said = f"operation performed with inactive user [{found}] as owner of {sobject.name.lower()}"
        raise ApiError("INACTIVE_OWNER_OR_USER", said, [one.name])
    return found


def _there(state: State, one: Field, record_id: str) -> Record | None:
    if one.name == "RecordTypeId" and record_id.startswith("012"):
        return state.table("RecordType").get(record_id)
    for name in one.to:
        if record_id.startswith(state.sobject(name).prefix):
            return state.table(name).get(record_id)
    raise ApiError("FIELD_INTEGRITY_EXCEPTION", f"{one.label}: id value of incorrect type: {record_id}", [one.name])


_CHECKS: dict[str, Callable[[Field, Any], Any]] = {
    "email": _email,
    "picklist": _picklist,
    "boolean": lambda _one, value: value if isinstance(value, bool) else value == "true",
    "date": lambda _one, value: value[:10],
    "datetime": lambda _one, value: stamp(datetime.fromisoformat(value)),
    **dict.fromkeys(("int", "double", "currency", "percent"), _number),
}


def _fits(one: Field, value: Any) -> bool:
    """Can this JSON be a value of the field? Numbers and booleans may come as text."""
    if isinstance(value, (dict, list)):
        return False
    if one.kind == "boolean":
        return isinstance(value, bool) or value in ("true", "false")
    if one.kind in ("int", "double", "currency", "percent"):
        return not isinstance(value, bool) and re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", str(value)) is not None
    if not isinstance(value, str):
        return False
    return _is_time(one.kind, value) if one.kind in ("date", "datetime") else True


def _is_time(kind: str, value: str) -> bool:
    if not value:
        return True
    try:
        if kind == "date":
            date.fromisoformat(value[:10])
            return True
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _token(value: Any) -> str:
    if isinstance(value, bool):
        return f"VALUE_{str(value).upper()}"
    named = {str: "VALUE_STRING", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT", dict: "START_OBJECT"}
    return named.get(type(value), "START_ARRAY")
