"""ClickUp as a marketing source: a task that a form has made in a list is a person, and what the person did.

Its custom fields are the answers. What is changed in the task later is news of the person; the submission stays one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from adapters._clickup.api import JSON, workspace
from adapters._clickup.board import board_of, column_of
from adapters._clickup.cursors import State, decode, encode, millis
from adapters._clickup.preparing import form_steps
from adapters._clickup.settings import ClickUpSettings
from adapters._clickup.values import moment, told
from adapters._clickup.walk import PAGE, Task, Walk
from adapters._clickup.webhooks import Webhooks
from connector.model import sentences
from connector.model.adapter import Context, FieldInfo, SetupStep, SourceCapabilities
from connector.model.answers import understood
from connector.model.errors import ConfigError
from connector.model.http import Http, Request
from connector.model.outbox import LANES
from connector.model.records import Page, Record, Window

CONTACTS, ACTIVITIES = "contacts", "activities"
#: The name of a task itself, beside the fields of its list.
TASK_NAME = "Task name"


class ClickUpSource:
    """The lists that forms fill."""

    capabilities = SourceCapabilities(
        streams=(CONTACTS, ACTIVITIES), page_size=PAGE, windows=True, fill_rates=False, sweeps=True
    )

    def __init__(self, settings: ClickUpSettings, context: Context) -> None:
        self.settings, self.context = settings, context

    @cached_property
    def http(self) -> Http:
        """The workspace."""
        if self.context.http is None:
            raise ConfigError(f"{self.context.connection}: clickup needs the network")
        if not self.settings.forms:
            raise ConfigError(f"{self.context.connection}: {sentences.NO_LISTS_OF_FORMS}")
        return self.context.http

    @understood
    def check(self) -> None:
        """Sign in, and see each list. Raises AuthError, ConfigError."""
        workspace(self.http, self.settings)
        for list_id in self.settings.forms:
            self.http.read(Request("GET", f"/v2/list/{list_id}", reads=True))

    @understood
    def pull(self, stream: str, cursor: str, window: Window | None = None) -> Iterator[Page]:
        """Pages of what forms have made and people have changed after `cursor`, or within `window`."""
        lists: dict[str, State] = decode(cursor).get("lists", {})
        for list_id in self.settings.forms:
            begun = lists.get(list_id, {})
            if window is not None and not begun:
                begun = {"at": millis(window.since), "page": 0, "until": millis(window.until)}
            elif window is not None and "at" not in begun:
                continue
            for tasks, following, emptied in self._read(list_id, begun, counted=stream == CONTACTS):
                lists = {**lists, list_id: following}
                records = [self._record(stream, one) for one in tasks]
                yield Page(stream, records, encode({"lists": lists}), emptied=emptied)

    def _read(self, list_id: str, state: State, *, counted: bool) -> Iterator[tuple[list[Task], State, bool]]:
        """(tasks, where the walk stands, whether the list had some and has none, where that is to be `counted`)."""
        lane = LANES["normal" if "since" in state else "backfill"]
        walk, any_there = Walk(self.http, self.settings, list_id, self._now, lane, subtasks=False), False
        for tasks, state in walk.steps(state):  # noqa: B020 - the state goes on from page to page
            any_there = any_there or bool(tasks)
            yield tasks, {**state, "had": 1} if any_there or state.get("had") else state, False
        quiet = counted and state.get("had") and not any_there and "until" not in state
        if quiet and self._is_empty(list_id):
            yield [], {**state, "had": 0}, True

    def _is_empty(self, list_id: str) -> bool:
        """Whether the list has no task at all: it is counted there, and then looked at."""
        if str(self.http.read(Request("GET", f"/v2/list/{list_id}", reads=True)).json().get("task_count")) != "0":
            return False
        query = {"include_closed": "true", "page": "0"}
        return not self.http.read(Request("GET", f"/v2/list/{list_id}/task", query, reads=True)).json()["tasks"]

    def _now(self) -> int:
        return millis(self.context.now())

    def _record(self, stream: str, task: Task) -> Record:
        made = _person(task) if stream == CONTACTS else _submission(task)
        made.where = str(task["id"])
        return made

    @understood
    def fields(self) -> list[FieldInfo]:
        """The fields of all these lists."""
        found = {TASK_NAME: FieldInfo(CONTACTS, TASK_NAME)}
        for list_id in self.settings.forms:
            asked = Request("GET", f"/v2/list/{list_id}/field", reads=True, headers=JSON)
            for one in self.http.read(asked).json()["fields"]:
                column = column_of(one)
                found.setdefault(column.name, FieldInfo(CONTACTS, column.name, choices=tuple(column.options)))
        return list(found.values())

    @understood
    def setup(self) -> list[SetupStep]:
        """A form for each list, by hand; webhooks."""
        boards = (board_of(self.http, self.settings, list_id) for list_id in self.settings.forms)
        steps = [step for board in boards for step in form_steps(board)]
        return [*steps, *Webhooks(self.http, self.settings, self.context).steps()]


def _answers(task: Task) -> dict[str, object]:
    """What was answered, by the names of the fields; "" where nothing was."""
    columns = [column_of(one) for one in task.get("custom_fields") or ()]
    return {column.name: told(task, column) for column in columns}


def _person(task: Task) -> Record:
    values = {"task": str(task["id"]), TASK_NAME: str(task.get("name") or ""), **_answers(task)}
    return Record(str(task["id"]), values, modified_at=moment(task["date_updated"]))


def _submission(task: Task) -> Record:
    id, at = f"{task['id']}:submitted", moment(task["date_created"])
    values = {
        "id": id, "task": str(task["id"]), "at": at.isoformat() if at else "", "event": "form_submission",
        "form": str((task.get("list") or {}).get("name") or ""),
        "answers": [{"name": name, "value": value} for name, value in _answers(task).items() if value not in ("", [])],
    }  # fmt: skip
    return Record(id, values, modified_at=at)
