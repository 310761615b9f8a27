"""A ClickUp workspace in memory: people, lists with statuses and custom fields, tasks and what hangs on them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.clickup.errors import Refused, invalid, no_task
from connector.sandbox.clickup.fields import Field, Option, taken
from connector.sandbox.clickup.limits import Limits
from connector.sandbox.clock import Clock
from connector.sandbox.ledger import Deed, Ledger

TOKEN = "pk_81001_LOCALCLICKUPTOKEN"  # noqa: S105 - the sandbox's own, good for nothing else
TEAM = "9008001"
#: The field that the ledger knows a task by.
KEY = "Baton ID"


@dataclass(slots=True)
class User:
    """A member of the workspace."""

    id: int
    username: str
    email: str

    def shown(self) -> dict[str, Any]:
        """As every answer shows people."""
        return {"id": self.id, "username": self.username, "email": self.email, "color": "#7b68ee",
                "initials": self.username[:2].upper(), "profilePicture": None}  # fmt: skip


@dataclass(slots=True)
class Status:
    """A status of a list; `type` is `open`, `custom`, `done` or `closed`."""

    name: str
    type: str = "custom"


@dataclass(slots=True)
class Comment:
    """A comment on a task."""

    id: str
    text: str
    by: int
    at: int


@dataclass(slots=True)
class Checklist:
    """A checklist of a task; its items are (id, name, whether it is done)."""

    id: str
    name: str
    items: list[tuple[str, str, bool]] = field(default_factory=list)


@dataclass(slots=True)
class TimeEntry:
    """Time that somebody spent on a task, in milliseconds."""

    id: str
    task: str
    by: int
    start: int
    end: int
    description: str = ""


@dataclass(slots=True)
class TaskList:
    """A list: a space's or folder's table of tasks. `form` is the name of a form that fills it."""

    id: str
    name: str
    statuses: list[Status]
    fields: list[Field] = field(default_factory=list)
    form: str = ""
    rights: str = "create"

    def status(self, name: str) -> Status:
        """The status of a name, whatever its case. Raises Refused."""
        found = next((one for one in self.statuses if one.name.casefold() == name.casefold()), None)
        if found is None:
            raise Refused(400, "ITEM_114", "Status not found")
        return found

    def field(self, word: str) -> Field | None:
        """The field of an id or a name."""
        return next((one for one in self.fields if word in (one.id, one.name)), None)


@dataclass(slots=True)
class Task:
    """A task in its home list. Times in milliseconds.

    `values` are of custom fields, by their ids; `history` is when each status began.
    """

    id: str
    home: str
    name: str
    creator: int
    created: int
    updated: int
    status: str
    description: str = ""
    priority: int | None = None
    due_date: int | None = None
    start_date: int | None = None
    assignees: list[int] = field(default_factory=list)
    parent: str | None = None
    closed: int | None = None
    archived: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    checklists: list[Checklist] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    history: list[tuple[str, int]] = field(default_factory=list)


class Workspace:
    """Everything that the token of `me` may see."""

    def __init__(self, clock: Clock | None = None, *, search_lag: float = 0.0) -> None:
        """`search_lag`: seconds until a filter by custom fields finds what was made or changed."""
        self.clock = clock or Clock()
        self.ledger = Ledger()
        self.lock = threading.RLock()
        self.limits = Limits()
        self.token = TOKEN
        self.search_lag = search_lag
        self.me = 81001
        self.users: dict[int, User] = {}
        self.lists: dict[str, TaskList] = {}
        self.tasks: dict[str, Task] = {}
        self.entries: list[TimeEntry] = []
        self.webhooks: dict[str, Any] = {}
        self.docs: dict[str, Any] = {}
        self.goals: dict[str, dict[str, Any]] = {}
        self._last = 0

    # what there is

    def now(self) -> int:
        """The time in milliseconds."""
        return int(self.clock.seconds() * 1000)

    def next_id(self, what: str = "") -> str:
        """A new id, which reads like ClickUp's."""
        self._last += 1
        return hashlib.blake2b(f"{what}{self._last}".encode(), digest_size=4).hexdigest() + f"{self._last:x}"

    def list_of(self, id: str) -> TaskList:
        """A list. Raises Refused."""
        if id not in self.lists:
            raise Refused(404, "LIST_003", "List not found")
        return self.lists[id]

    def task(self, id: str) -> Task:
        """A task that is there. Raises Refused."""
        if id not in self.tasks:
            raise no_task()
        return self.tasks[id]

    def children(self, task: Task) -> Iterator[Task]:
        """Its subtasks."""
        return (one for one in self.tasks.values() if one.parent == task.id)

    def add_list(
        self, name: str, statuses: Sequence[tuple[str, str]], fields: Iterable[tuple[str, str]] = (), form: str = ""
    ) -> TaskList:
        """A new list; `statuses` are (name, type), `fields` (name, type or `drop_down:one,two`)."""
        made = TaskList(f"9019{len(self.lists) + 1:08d}", name, [Status(*one) for one in statuses], form=form)
        self.lists[made.id] = made
        for field_name, type in fields:
            self.add_field(made, field_name, type)
        return made

    def add_field(self, held: TaskList, name: str, type: str = "short_text") -> Field:
        """A new custom field of a list."""
        kind, _, options = type.partition(":")
        made = Field(self._uuid(f"{held.id}/{name}"), name, kind)
        held.fields.append(made)
        self.set_options(made, options.split(",") if options else [])
        return made

    def set_options(self, of: Field, names: Iterable[str]) -> None:
        """An admin gives a drop-down or labels these options; those that stay keep their ids."""
        there = {one.name: one for one in of.options}
        of.options = [there.get(name) or Option(self._uuid(f"{of.id}/{name}"), name) for name in names]

    def _uuid(self, of: str) -> str:
        text = hashlib.blake2b(of.encode(), digest_size=16).hexdigest()
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    # what is done

    def create(self, held: TaskList, given: Mapping[str, Any], by: int) -> Task:
        """A new task of what a call or a person says. Raises Refused."""
        name, now = str(given.get("name") or "").strip(), self.now()
        if not name:
            raise Refused(400, "INPUT_003", "Task name invalid")
        parent = given.get("parent")
        if parent is not None and self.task(parent).home != held.id:
            raise Refused(400, "ITEM_137", "Parent not child of list")
        status = held.status(given["status"]).name if given.get("status") else held.statuses[0].name
        made = Task(self.next_id("86"), held.id, str(given["name"]), by, now, now, status, parent=parent)
        made.history.append((status, now))
        self._set(held, made, {name: value for name, value in given.items() if name != "status"})
        for one in given.get("custom_fields") or ():
            self._put(held, made, str(one["id"]), one.get("value"))
        self.tasks[made.id] = made
        self._close(held, made)
        self.did("create", made, tuple(sorted(given)))
        self.tell("taskCreated", made)
        return made

    def update(self, task: Task, given: Mapping[str, Any]) -> None:
        """Change what is no custom field. Raises Refused."""
        held = self.list_of(task.home)
        if "name" in given and not str(given["name"] or "").strip():
            raise Refused(400, "INPUT_003", "Task name invalid")
        status = held.status(given["status"]).name if given.get("status") else task.status
        self._set(held, task, given)
        if status != task.status:
            task.status = status
            task.history.append((status, self.now()))
            self._close(held, task)
        self.touch(task)
        self.did("update", task, tuple(sorted(given)))
        self.tell("taskUpdated", task)

    def put(self, task: Task, field_id: str, value: Any) -> None:
        """Set a custom field; None clears it. Raises Refused."""
        held = self.list_of(task.home)
        name = self._put(held, task, field_id, value)
        self.touch(task)
        self.did("update", task, (name,))
        self.tell("taskUpdated", task)

    def delete(self, task: Task) -> None:
        """A task and its subtasks are gone."""
        for child in list(self.children(task)):
            self.delete(child)
        self.did("delete", task)
        self.tell("taskDeleted", task)
        del self.tasks[task.id]

    def comment(self, task: Task, text: str, by: int) -> Comment:
        """A comment. It moves the task's date."""
        made = Comment(self.next_id("90"), text, by, self.now())
        task.comments.append(made)
        self.touch(task)
        self.did("comment", task)
        self.tell("taskCommentPosted", task)
        return made

    def touch(self, task: Task) -> None:
        """The task was changed now."""
        task.updated = max(self.now(), task.updated)

    def did(self, did: str, task: Task, fields: tuple[str, ...] = ()) -> None:
        """Note an effect in the ledger, by our key."""
        key = self.list_of(task.home).field(KEY)
        told = str(task.values.get(key.id, "")) if key else ""
        object = "subtask" if task.parent else "task"
        self.ledger.did([Deed(self.clock.seconds(), did, object, task.id, told, fields)])

    def tell(self, event: str, task: Task) -> None:
        """Tell those who asked to be told."""
        for webhook in self.webhooks.values():
            webhook.tell(event, task.id, task.home, self.now())

    def _set(self, held: TaskList, task: Task, given: Mapping[str, Any]) -> None:
        for name in ("name", "description", "priority", "due_date", "start_date", "archived"):
            if name in given:
                setattr(task, name, given[name])
        if "markdown_content" in given:
            task.description = given["markdown_content"]
        if task.description == " ":
            task.description = ""
        if task.priority not in (None, 1, 2, 3, 4):
            raise invalid(f"Priority {task.priority} is not known in {held.name}")
        if "assignees" in given:
            told = given["assignees"]
            add, rem = (told.get("add", ()), told.get("rem", ())) if isinstance(told, Mapping) else (told, ())
            strange = [id for id in add if id not in self.users]
            if strange:
                raise Refused(400, "USER_002", f"User {strange[0]} is not a member")
            kept = [id for id in task.assignees if id not in rem]
            task.assignees = kept + [id for id in add if id not in kept]

    def _put(self, held: TaskList, task: Task, field_id: str, value: Any) -> str:
        one = next((one for one in held.fields if one.id == field_id), None)
        if one is None:
            raise Refused(400, "FIELD_000", f"Custom field {field_id} not found")
        kept = taken(one, value, task.values.get(one.id))
        if kept is None or kept == []:
            task.values.pop(one.id, None)
        else:
            task.values[one.id] = kept
        return one.name

    def _close(self, held: TaskList, task: Task) -> None:
        task.closed = self.now() if held.status(task.status).type == "closed" else None
