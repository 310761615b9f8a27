"""What a list has: statuses, fields by the names that people see, and the people who can be given a task.

Ids of custom fields and of their options differ from list to list, so that they are asked for; a name is found whatever
its case and width.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters._clickup.api import JSON, workspace
from adapters._clickup.settings import ClickUpSettings
from adapters._words import fold
from connector.model.adapter import FieldInfo
from connector.model.http import Http, Request
from connector.model.outbox import LANES

#: ClickUp's numbers for priorities, by the words that people see.
PRIORITIES = {"urgent": 1, "high": 2, "normal": 3, "low": 4}
#: Kinds of fields that ClickUp computes, or of which the values are not ours to make.
_READ_ONLY = (
    "formula",
    "automatic_progress",
    "manual_progress",
    "list_relationship",
    "location",
    "attachment",
    "votes",
)
_KINDS = {
    "number": "decimal", "currency": "decimal", "emoji": "integer", "date": "datetime", "email": "email",
    "phone": "phone", "checkbox": "boolean", "drop_down": "choice", "labels": "list",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a list's tasks: `id` is "" for those that every task has.

    `options` are ids by the words seen, `places` the words by ClickUp's number of an option (`orderindex`).
    """

    name: str
    type: str
    id: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[int, str] = field(default_factory=dict)
    writable: bool = True
    required: bool = False

    def option(self, word: str) -> str | None:
        """The id of an option, by its word or its id."""
        if word in self.options:
            return self.options[word]
        if word in self.options.values():
            return word
        return next((id for name, id in self.options.items() if fold(name) == fold(word)), None)

    def word(self, value: Any) -> str | None:
        """The word of an option, by its id or its place."""
        if isinstance(value, int):
            return self.places.get(value)
        return next((name for name, id in self.options.items() if id == str(value)), None)


def _built_in() -> tuple[Column, ...]:
    own = (("name", "short_text"), ("description", "text"), ("status", "status"), ("priority", "priority"),
           ("assignees", "assignees"), ("due_date", "date"), ("start_date", "date"))  # fmt: skip
    made = tuple(Column(name, type, required=name == "name") for name, type in own)
    return made + tuple(
        Column(name, "date", writable=False) for name in ("date_created", "date_updated", "date_closed")
    )


BUILT_IN = {one.name: one for one in _built_in()}


@dataclass(frozen=True, slots=True)
class Status:
    """A status of the list; `type` is `open`, `custom`, `done` or `closed`."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Board:
    """What was asked of one list. `custom` by id, in the list's order; `people` are addresses by user id.

    `rights` is what we may do there, in ClickUp's word.
    """

    workspace: str
    name: str
    rights: str
    statuses: tuple[Status, ...]
    custom: Mapping[str, Column]
    people: Mapping[str, str]

    def column(self, name: str) -> Column | None:
        """The field of a name: one that every task has, else a custom one."""
        if name in BUILT_IN:
            return BUILT_IN[name]
        exact = next((one for one in self.custom.values() if name in (one.name, one.id)), None)
        return exact or next((one for one in self.custom.values() if fold(one.name) == fold(name)), None)

    def of_type(self, type: str) -> Column | None:
        """The first custom field of a type."""
        return next((one for one in self.custom.values() if one.type == type), None)

    def status(self, word: str) -> Status | None:
        """The status of a word, whatever its case and width."""
        folded = fold(word)
        return next((one for one in self.statuses if fold(one.name) == folded), None)

    def ended(self, status: str) -> bool:
        """Whether a task of this status is over."""
        found = self.status(status)
        return found is not None and found.type in ("done", "closed")

    def fields(self, object: str, key: str) -> Iterator[FieldInfo]:
        """All fields as an admin is told of them; `key` is the name of the one that holds our key."""
        for one in (*BUILT_IN.values(), *self.custom.values()):
            yield self._info(object, one, key)

    def _info(self, object: str, one: Column, key: str) -> FieldInfo:
        if one.type == "status":
            return FieldInfo(object, one.name, "choice", tuple(s.name for s in self.statuses), restricted=True)
        if one.type == "priority":
            return FieldInfo(object, one.name, "choice", tuple(PRIORITIES), restricted=True)
        if one.type in ("assignees", "users"):
            ids = {email: id for id, email in self.people.items() if email}
            return FieldInfo(object, one.name, "owner", tuple(ids), ids=ids, restricted=True)
        choices = tuple(one.options)
        return FieldInfo(
            object, one.name, _KINDS.get(one.type, "text"), choices, required=one.required, restricted=bool(choices),
            writable=one.writable, unique=bool(one.id) and fold(one.name) == fold(key),
        )  # fmt: skip


def board_of(http: Http, settings: ClickUpSettings, list_id: str, lane: int = LANES["status"]) -> Board:
    """Ask for it: three calls."""
    told = http.read(Request("GET", f"/v2/list/{list_id}", reads=True, lane=lane)).json()
    asked = Request("GET", f"/v2/list/{list_id}/field", reads=True, headers=JSON, lane=lane)
    columns = [column_of(one) for one in http.read(asked).json()["fields"]]
    statuses = tuple(Status(str(one["status"]), str(one.get("type") or "custom")) for one in told.get("statuses") or ())
    team = workspace(http, settings)
    members = [one["user"] for one in team.get("members") or ()]
    people = {str(one["id"]): str(one.get("email") or "") for one in members}
    name = str(told.get("name") or list_id)
    rights = str(told.get("permission_level") or "")
    return Board(str(team["id"]), name, rights, statuses, {one.id: one for one in columns}, people)


def column_of(one: Mapping[str, Any]) -> Column:
    """A custom field as the API tells it."""
    config = one.get("type_config") or {}
    options = sorted(config.get("options") or (), key=lambda option: int(option.get("orderindex") or 0))
    said = {str(option["id"]): str(option.get("name") or option.get("label") or option["id"]) for option in options}
    places = {int(option["orderindex"]): said[str(option["id"])] for option in options if "orderindex" in option}
    words, type = {word: id for id, word in said.items()}, str(one["type"])
    return Column(str(one["name"]), type, str(one["id"]), words, places, writable=type not in _READ_ONLY)


class Boards:
    """The board of a list, asked for once, and anew where it was found wrong. For several threads."""

    def __init__(self, http: Http, settings: ClickUpSettings, list_id: str) -> None:
        self.http, self.settings, self.list_id = http, settings, list_id
        self._lock = threading.Lock()
        self._board: Board | None = None

    def current(self) -> Board:
        """What was last asked."""
        with self._lock:
            if self._board is None:
                self._board = board_of(self.http, self.settings, self.list_id)
            return self._board

    def ask_anew(self) -> Board:
        """Ask now."""
        self.forget()
        return self.current()

    def forget(self) -> None:
        """What was asked is wrong: the next one who wants to know asks."""
        with self._lock:
            self._board = None
