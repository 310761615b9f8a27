"""A list's tasks, and its people, as the mirror's records."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from adapters._clickup.board import Board
from adapters._clickup.settings import ClickUpSettings
from adapters._clickup.values import moment, told
from connector.model.mirror import CrmRecord

Task = Mapping[str, Any]


class Records:
    """Makes records of one list's tasks. `kept` are the names of fields whose values are wanted."""

    def __init__(self, board: Board, settings: ClickUpSettings, kept: Collection[str]) -> None:
        self.board, self.settings = board, settings
        self.kept = sorted(set(kept))

    def lead(self, task: Task) -> CrmRecord:
        """A task that is a lead: its address and number are those of the first fields of these types."""
        say = self._said(task)
        return CrmRecord(
            "lead", str(task["id"]), modified_at=moment(task.get("date_updated")), our_key=self.key(task),
            email=self._of_type(task, "email"), phone=self._of_type(task, "phone"), name=str(task.get("name") or ""),
            company=str(say(self.settings.company_field)), owner=str(say("assignees")), stage=str(say("status")),
            values=self.values(task),
        )  # fmt: skip

    def subtask(self, task: Task) -> CrmRecord:
        """A task below a lead's."""
        say = self._said(task)
        status = str(say("status"))
        return CrmRecord(
            "task", str(task["id"]), modified_at=moment(task.get("date_updated")), our_key=self.key(task),
            name=str(task.get("name") or ""), owner=str(say("assignees")), person=str(task["parent"]), stage="todo",
            is_open=not self.board.ended(status),
        )  # fmt: skip

    def key(self, task: Task) -> str:
        """Our key, where the task carries it."""
        return str(self._said(task)(self.settings.key_field))

    def values(self, task: Task) -> dict[str, Any]:
        """The wanted values of columns that are there, None for a blank."""
        said = {name: self._said(task)(name) for name in self.kept if self.board.column(name) is not None}
        return {name: None if value in ("", []) else value for name, value in said.items()}

    def _said(self, task: Task) -> Any:
        def say(name: str) -> Any:
            column = self.board.column(name)
            return "" if column is None else told(task, column)

        return say

    def _of_type(self, task: Task, type: str) -> str:
        column = self.board.of_type(type)
        return "" if column is None else str(told(task, column))


def user(id: str, email: str, name: str = "", *, active: bool = True) -> CrmRecord:
    """A member of the workspace, or one who has left."""
    return CrmRecord("user", id, email=email, name=name, active=active)
