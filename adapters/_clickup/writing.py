"""Writing tasks and what hangs on them, one call after the other.

A create carries everything, our key too. Afterwards what every task has goes out in one call, and each custom field
that moved in a call of its own (the published description, "Set Custom Field Value": there is no other way). An update
whose calls end in the middle is not done: what is sent again is the same, and does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters._clickup import values as clickup
from adapters._clickup.around import write_checklist
from adapters._clickup.board import BUILT_IN, Board, Boards, Column
from adapters._clickup.fresh import Fresh
from adapters._clickup.handover import HANDOVERS, tell
from adapters._clickup.sending import NOT_FOUND, Sending, StoppedError, body_of
from adapters._clickup.settings import ClickUpSettings
from connector.model import sentences
from connector.model.adapter import WriteItem
from connector.model.errors import AuthError, BatonError, RetryableError
from connector.model.http import Http, Request
from connector.model.outbox import Done, NotExecuted, Outcome, Refused, Unknown

TASKS = ("lead", "task")


class Writer:
    """Writes one batch."""

    def __init__(
        self, http: Http, settings: ClickUpSettings, boards: Boards, now: Callable[[], datetime], fresh: Fresh
    ) -> None:
        self.http, self.settings, self.boards, self.fresh = http, settings, boards, fresh
        self.sending = Sending(http, now)

    def write(self, items: Sequence[WriteItem]) -> list[Outcome]:
        """One outcome for each item. Raises AuthError where nothing was executed.

        Where the account has to wait, the rest of them need not ask.
        """
        found: list[Outcome] = []
        for item in items:
            last = found[-1] if found else None
            waits = isinstance(last, NotExecuted) and bool(last.retry_after)
            found.append(last if last is not None and waits else self._one(item))
        return found

    def _one(self, item: WriteItem) -> Outcome:
        if item.object not in (*TASKS, *HANDOVERS, "checklist"):
            return Refused(sentences.NO_SUCH_KIND % {"object": item.object}, "UNKNOWN_OBJECT")
        try:
            return self._written(item)
        except StoppedError as stopped:
            self._suspect(stopped.outcome)
            return stopped.outcome
        except clickup.ValueRefusedError as error:
            self.boards.forget()
            return error.refused
        except RetryableError as error:
            return NotExecuted(str(error), error.retry_after)
        except AuthError:
            raise
        except BatonError as error:
            return NotExecuted(str(error))

    def _suspect(self, outcome: Outcome) -> None:
        """A refusal may say that the list has changed since it was asked."""
        if isinstance(outcome, Refused) and outcome.code != NOT_FOUND:
            self.boards.forget()

    def _written(self, item: WriteItem) -> Outcome:
        if item.object in TASKS:
            return self._update(item) if item.crm_id else self._create(item)
        if item.crm_id:
            return Done(item.crm_id)
        if not item.parent_id:
            return NotExecuted(sentences.WAITS_FOR_OTHERS)
        return self._hung(item, new=self.fresh.lacks(item.parent_id, item.object))

    def _hung(self, item: WriteItem, *, new: bool) -> Outcome:
        """What hangs on a task; `new`: the task is sure to have nothing of this kind."""
        before, waits = self.sending.done, False
        try:
            if item.object == "checklist":
                return write_checklist(self.sending, self.settings, item, new=new)
            return tell(self.sending, self.boards.current(), item, new=new)
        except StoppedError as stopped:
            waits = isinstance(stopped.outcome, NotExecuted)
            raise
        finally:
            if self.sending.done > before or not waits:
                self.fresh.use(item.parent_id, item.object)

    # tasks

    def _create(self, item: WriteItem) -> Outcome:
        board = self.boards.current()
        if item.object == "task" and not item.parent_id:
            return NotExecuted(sentences.WAITS_FOR_OTHERS)
        own, custom = self._parted(board, {**item.values, self.settings.key_field: item.our_key})
        if clickup.is_blank(own.get("name")):
            raise clickup.ValueRefusedError(clickup.REQUIRED, sentences.REQUIRED_THERE, "name")
        body = self._own_body(board, {name: one for name, one in own.items() if not clickup.is_blank(one)})
        body["custom_fields"] = [
            {"id": column.id, **clickup.custom_value(board, column, value)}
            for column, value in custom
            if not clickup.is_blank(value)
        ]
        if item.object == "task":
            body["parent"] = item.parent_id
        made = self.sending.send("POST", f"/v2/list/{self.settings.leads}/task", item, body | {"notify_all": False})
        if not made.get("id"):
            return Unknown(sentences.ANSWER_DOES_NOT_MATCH)
        self.fresh.note(str(made["id"]))
        return Done(str(made["id"]), str(made.get("date_updated") or ""))

    def _update(self, item: WriteItem) -> Outcome:
        board = self.boards.current()
        own, custom = self._parted(board, item.values)
        for name in ("status", "priority", "due_date", "start_date"):
            # The description of "Update Task" has no way to say that there is none any more.
            if name in own and clickup.is_blank(own[name]):
                raise clickup.ValueRefusedError(clickup.STAYS, sentences.CANNOT_BE_CLEARED, name)
        body = self._changed(board, item, own)
        calls = [(column, None if clickup.is_blank(value) else clickup.custom_value(board, column, value))
                 for column, value in custom]  # fmt: skip
        if body:
            self._put(item, body)
        for column, value in calls:
            self._set(item, column, value)
        return Done(item.crm_id)

    def _put(self, item: WriteItem, body: Mapping[str, Any]) -> None:
        try:
            self.sending.send("PUT", f"/v2/task/{item.crm_id}", item, body)
        except StoppedError as stopped:
            raise StoppedError(_named(stopped.outcome, _to_blame(stopped.outcome, body))) from None

    def _set(self, item: WriteItem, column: Column, value: Mapping[str, Any] | None) -> None:
        path = f"/v2/task/{item.crm_id}/field/{column.id}"
        try:
            self.sending.send("DELETE" if value is None else "POST", path, item, value)
        except StoppedError as stopped:
            raise StoppedError(_named(stopped.outcome, column.name)) from None

    def _parted(
        self, board: Board, given: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[tuple[Column, Any]]]:  # fmt: skip
        """What every task has, and what is custom. Raises ValueRefusedError for what is not there, or not ours."""
        own: dict[str, Any] = {}
        custom: list[tuple[Column, Any]] = []
        for name, value in given.items():
            column = board.column(name)
            if column is None:
                raise clickup.ValueRefusedError(clickup.NO_FIELD, sentences.NO_SUCH_FIELD, name)
            if not column.writable:
                raise clickup.ValueRefusedError(clickup.NOT_OURS, sentences.NOT_WRITABLE, name)
            if column.id:
                custom.append((column, value))
            else:
                own[column.name] = value
        return own, custom

    def _own_body(self, board: Board, own: Mapping[str, Any]) -> dict[str, Any]:
        body = {
            name: clickup.own_value(board, column, value)
            for name, value in own.items()
            if (column := board.column(name)) is not None
        }
        return body | {f"{name}_time": True for name in ("due_date", "start_date") if name in body}

    def _changed(self, board: Board, item: WriteItem, own: Mapping[str, Any]) -> dict[str, Any]:
        if "name" in own and clickup.is_blank(own["name"]):
            raise clickup.ValueRefusedError(clickup.REQUIRED, sentences.REQUIRED_THERE, "name")
        told = {name: value for name, value in own.items() if name not in ("assignees", "description")}
        body = self._own_body(board, told)
        if "description" in own:
            # One blank clears it; nothing is passed over (the published description, "Update Task").
            body["description"] = str(own["description"] or " ")
        if "assignees" in own:
            given = own["assignees"]
            wanted = [] if clickup.is_blank(given) else clickup.people(board, BUILT_IN["assignees"], given)
            now = self._assigned(item)
            body["assignees"] = {
                "add": [id for id in wanted if id not in now], "rem": [id for id in now if id not in wanted],
            }  # fmt: skip
        return body

    def _assigned(self, item: WriteItem) -> list[int]:
        """Who has the task now: people may have given it to somebody else."""
        answer = self.http.read(
            Request("GET", f"/v2/task/{item.crm_id}", reads=True, expected=(404,), lane=item.lane)
        )  # fmt: skip
        if answer.status == 404:
            raise StoppedError(Refused(sentences.GONE, NOT_FOUND))
        return [int(one["id"]) for one in body_of(answer).get("assignees") or ()]


def _named(outcome: Outcome, name: str) -> Outcome:
    """A refusal with the field that it is about, where that is known."""
    if isinstance(outcome, Refused) and outcome.code != NOT_FOUND and name:
        about = f"{name}: {outcome.reason}"
        return Refused(about, clickup.WRONG, name)
    return outcome


def _to_blame(outcome: Outcome, body: Mapping[str, Any]) -> str:
    """The field that a refusal speaks of: the only one, or one that it names."""
    names = [name for name in body if not name.endswith("_time")]
    if not isinstance(outcome, Refused) or not names:
        return ""
    said = outcome.reason.casefold()
    return names[0] if len(names) == 1 else next((name for name in names if name.rstrip("s") in said), "")
