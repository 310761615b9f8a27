"""Values as ClickUp takes them, by the type of the field, and back as text, numbers and times in ISO 8601.

Shapes: the published description, "Create Task" and "Set Custom Field Value".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from adapters._clickup.board import PRIORITIES, Board, Column
from connector.model import sentences
from connector.model.outbox import Refused
from connector.model.refusals import RefusalKind

REQUIRED, NO_FIELD, NOT_OURS = "REQUIRED", "NO_FIELD", "NOT_WRITABLE"
CHOICE, WRONG, OWNER, STAYS = "NOT_A_CHOICE", "WRONG_VALUE", "NO_MEMBER", "NOT_CLEARED"
#: Codes of refusals that are about the value of one field alone. They are our own: ClickUp's are not described.
FIELD_CODES = frozenset({NO_FIELD, NOT_OURS, CHOICE, WRONG, OWNER, STAYS})
REFUSAL_KINDS: Mapping[str, RefusalKind] = {
    REQUIRED: "required", NO_FIELD: "no_field", NOT_OURS: "no_field", CHOICE: "choice", WRONG: "wrong_type",
    OWNER: "owner", STAYS: "wrong_type",
}  # fmt: skip


class ValueRefusedError(Exception):
    """A value that ClickUp would not take."""

    def __init__(self, code: str, reason: str, name: str) -> None:
        super().__init__(reason)
        about = f"{name}: {reason}"
        self.refused = Refused(about, code, name)


def millis(value: Any) -> int:
    """Milliseconds since 1970 of a time in ISO 8601; of a date, the beginning of the day in UTC. Raises ValueError."""
    told = datetime.fromisoformat(str(value))
    return int((told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp() * 1000)


def moment(value: Any) -> datetime | None:
    """The time of `"1667367645000"`; None for what is none."""
    try:
        return datetime.fromtimestamp(int(value) / 1000, UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def is_blank(value: Any) -> bool:
    """Whether there is nothing to be said."""
    return value is None or value in ("", [])


def own_value(board: Board, column: Column, value: Any) -> Any:
    """The value of a field that every task has, as a call says it. Raises ValueRefusedError."""
    if column.type == "status":
        status = board.status(str(value))
        if status is None:
            raise _no_choice(column, value, [one.name for one in board.statuses])
        return status.name
    if column.type == "priority":
        word = str(value).strip().casefold()
        if word not in PRIORITIES:
            raise _no_choice(column, value, PRIORITIES)
        return PRIORITIES[word]
    if column.type == "assignees":
        return people(board, column, value)
    if column.type == "date":
        return _date(column, value)
    return str(value)


def custom_value(board: Board, column: Column, value: Any) -> dict[str, Any]:
    """`{"value": ...}` of a custom field, with what belongs to it. Raises ValueRefusedError."""
    if column.type == "date":
        return {"value": _date(column, value), "value_options": {"time": True}}
    if column.type == "drop_down":
        return {"value": _option(column, str(value))}
    if column.type == "labels":
        words = value if isinstance(value, list | tuple) else str(value).split(";")
        return {"value": [_option(column, str(word).strip()) for word in words]}
    if column.type == "users":
        return {"value": {"add": people(board, column, value)}}
    if column.type == "tasks":
        return {"value": {"add": [str(one) for one in (value if isinstance(value, list | tuple) else [value])]}}
    if column.type in ("number", "currency", "emoji"):
        return {"value": _number(column, value)}
    if column.type == "checkbox":
        return {"value": str(value).casefold() in ("true", "yes", "1")}
    if column.type == "phone" and not str(value).strip().startswith("+"):
        # "The `value` must be a string with a valid country code."
        raise ValueRefusedError(WRONG, sentences.VALUE_REFUSED % {"code": "phone"}, column.name)
    return {"value": str(value)}


def people(board: Board, column: Column, value: Any) -> list[int]:
    """Ids of people, by ids or addresses. Raises ValueRefusedError for who is no member."""
    found = []
    by_address = {email.casefold(): id for id, email in board.people.items() if email}
    for one in value if isinstance(value, list | tuple) else [value]:
        id = str(one) if str(one) in board.people else by_address.get(str(one).casefold(), "")
        if not id:
            raise ValueRefusedError(OWNER, sentences.NO_ACTIVE_USER % {"value": one}, column.name)
        found.append(int(id))
    return found


def _option(column: Column, word: str) -> str:
    found = column.option(word)
    if found is None:
        raise _no_choice(column, word, column.options)
    return found


def _no_choice(column: Column, value: Any, choices: Iterable[str]) -> ValueRefusedError:
    named = {"value": value, "choices": ", ".join(choices)}
    return ValueRefusedError(CHOICE, sentences.NOT_A_CHOICE % named, column.name)


def _date(column: Column, value: Any) -> int:
    try:
        return millis(value)
    except ValueError:
        raise ValueRefusedError(WRONG, sentences.NO_TIME_TO_SEND % {"value": value}, column.name) from None


def _number(column: Column, value: Any) -> int | float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueRefusedError(WRONG, sentences.NO_NUMBER_TO_SEND % {"value": value}, column.name) from None
    return int(number) if number.is_integer() else number


# back


def told(task: Mapping[str, Any], column: Column) -> Any:
    """What a task says in a field, "" for nothing."""
    if not column.id:
        return _own(task, column)
    given = next((one.get("value") for one in task.get("custom_fields") or () if one["id"] == column.id), None)
    return "" if given is None else _custom(column, given)


def _own(task: Mapping[str, Any], column: Column) -> Any:
    given = task.get(column.name)
    if given in (None, "", []):
        return ""
    if column.type == "status":
        return str(given["status"])
    if column.type == "priority":
        return str(given["priority"]).casefold()
    if column.type == "assignees":
        return str(given[0]["id"])
    return _iso(given) if column.type == "date" else str(given)


def _custom(column: Column, given: Any) -> Any:
    if column.type == "drop_down":
        return column.word(given) or ""
    if column.type == "labels":
        return [word for id in given if (word := column.word(id))]
    if column.type == "date":
        return _iso(given)
    if column.type in ("number", "currency", "emoji"):
        number = float(given)
        return int(number) if number.is_integer() else number
    if column.type in ("users", "tasks"):
        ids = [str(one["id"]) for one in given]
        return ids[0] if len(ids) == 1 else ids
    return given if isinstance(given, bool) else str(given)


def _iso(given: Any) -> str:
    at = moment(given)
    return at.isoformat() if at else ""
