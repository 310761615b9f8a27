"""Values as Tryton says them in JSON (trytond 8.0, protocols/jsonrpc.py), and back as text, numbers and times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any


def plain(value: Any) -> Any:
    """A value without Tryton's wrappings: times in ISO 8601, amounts as text, what is joined instead of its id."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    kind = value.get("__class__")
    if kind == "datetime":
        return moment(value).isoformat()
    if kind == "date":
        return date(value["year"], value["month"], value["day"]).isoformat()
    if kind == "Decimal":
        return value["decimal"]
    joined = {name[:-1]: plain(one) for name, one in value.items() if name.endswith(".")}
    return {name: plain(one) for name, one in value.items() if not name.endswith(".")} | joined


def moment(told: Mapping[str, Any]) -> datetime:
    """The time of a `datetime`: they are all in UTC."""
    parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return datetime(**{name: int(told[name]) for name in parts}, tzinfo=UTC)


def time(at: datetime) -> dict[str, Any]:
    """A moment as a `datetime`."""
    at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    return {
        **_day(at), "__class__": "datetime", "hour": at.hour, "minute": at.minute, "second": at.second,
        "microsecond": at.microsecond,
    }  # fmt: skip


def _day(at: date) -> dict[str, Any]:
    return {"__class__": "date", "year": at.year, "month": at.month, "day": at.day}


def sent(kind: str, value: Any) -> Any:
    """A value as a field of this type takes it, None for nothing. Raises ValueError where it takes no such value."""
    if value is None or value == "":
        return None
    try:
        return _MADE.get(kind, lambda given: given)(value)
    except (TypeError, InvalidOperation):
        raise ValueError(kind) from None


_MADE: Mapping[str, Any] = {
    # One line.
    "char": lambda given: " ".join(str(given).split()),
    "text": lambda given: str(given).strip(),
    "integer": int,
    "many2one": int,
    "float": float,
    "numeric": lambda given: {"__class__": "Decimal", "decimal": str(Decimal(str(given)))},
    "date": lambda given: _day(datetime.fromisoformat(str(given))),
    "datetime": lambda given: time(datetime.fromisoformat(str(given))),
    "timestamp": lambda given: time(datetime.fromisoformat(str(given))),
    "boolean": lambda given: given in (True, 1, "true", "1"),
}


def first(mechanisms: Any, kind: str) -> Mapping[str, Any]:
    """The first contact mechanism of a type that is in use, {} for none."""
    return next((one for one in mechanisms or () if one["type"] == kind and one.get("active", True)), {})


#: What stands for other letters in `ilike` stands for itself.
_PLAIN = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})


def same(address: str) -> list[Any]:
    """The condition on a contact mechanism to be this address, whatever its case."""
    return ["value", "ilike", address.translate(_PLAIN)]
