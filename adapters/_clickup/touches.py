"""When a lead was contacted, as far as ClickUp knows it: comments, noted time, and the status that says so.

A click on a status is no contact, so that only those statuses count that the connection names. A comment counts by its
first word (`Call: ...`, `電話`), any other one as the setting `comment_is` says, noted time as `time_is` says unless
its text begins with such a word. The text itself is not kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from adapters._clickup.api import JSON
from adapters._clickup.around import comments_of, key_of
from adapters._clickup.board import Board
from adapters._clickup.settings import ClickUpSettings
from adapters._clickup.values import moment
from adapters._words import fold, kind_of
from connector.model.http import Http, Request
from connector.model.mirror import CrmRecord
from connector.model.outbox import LANES

Task = Mapping[str, Any]
#: Tasks whose time in status is told at once.
STATUS_BATCH = 100


class Touches:
    """Reads the touches of tasks that changed. `ours` begins every key of ours."""

    def __init__(self, http: Http, settings: ClickUpSettings, store_id: str) -> None:
        self.http, self.settings, self.ours = http, settings, store_id
        self.lane = LANES["status"]

    def of_tasks(self, tasks: Sequence[Task], since: int) -> Iterator[CrmRecord]:
        """Comments of these leads, and the statuses that say contacted, since a moment (milliseconds).

        Who has changed nothing since the task was made has said nothing either.
        """
        touched = [one for one in tasks if int(one["date_updated"]) > int(one["date_created"])]
        for task in touched:
            yield from self._comments(str(task["id"]), since)
        wanted = {fold(name) for name in self.settings.contacted_in}
        for start in range(0, len(touched) if wanted else 0, STATUS_BATCH):
            yield from self._statuses(touched[start : start + STATUS_BATCH], wanted)

    def _comments(self, task: str, since: int) -> Iterator[CrmRecord]:
        for one in comments_of(self.http, task, self.lane, since):
            text = str(one.get("comment_text") or "")
            kind = kind_of(text, self.settings.comment_is)
            last = key_of(text)
            if kind and not (self.ours and last.startswith(f"{self.ours}:")):
                yield _touch(f"comment:{one['id']}", task, kind, one["date"], one.get("user") or {})

    def _statuses(self, tasks: Iterable[Task], wanted: set[str]) -> Iterator[CrmRecord]:
        people = {str(one["id"]): (one.get("assignees") or [{}])[0] for one in tasks}
        # The API takes the name once for each task, and Request.query each name once: so it stands in the path.
        joined = "&".join(f"task_ids={id}" for id in people)
        path = f"/v2/task/bulk_time_in_status/task_ids?{joined}"
        told = self.http.read(Request("GET", path, reads=True, headers=JSON, lane=self.lane)).json()
        for id, stood in told.items():
            for one in stood.get("status_history") or ():
                if fold(str(one["status"])) in wanted:
                    at = one["total_time"]["since"]
                    yield _touch(f"status:{id}:{at}", id, "call", at, people.get(id) or {})

    def noted(self, board: Board, since: int, until: int) -> Iterator[CrmRecord]:
        """Time that anybody noted on the list's tasks between two moments (milliseconds)."""
        if not self.settings.time_is:
            return
        query = {
            "start_date": str(since), "end_date": str(until), "list_id": self.settings.leads,
            "assignee": ",".join(board.people),
        }  # fmt: skip
        path = f"/v2/team/{board.workspace}/time_entries"
        asked = Request("GET", path, query=query, reads=True, headers=JSON, lane=self.lane)
        for one in self.http.read(asked).json()["data"]:
            task = one.get("task") or {}
            if isinstance(task, Mapping) and task.get("id") and int(one.get("duration") or 0) > 0:
                kind = kind_of(str(one.get("description") or ""), self.settings.time_is)
                yield _touch(f"time:{one['id']}", str(task["id"]), kind, one["start"], one.get("user") or {})


def _touch(id: str, task: str, kind: str, at: Any, by: Mapping[str, Any]) -> CrmRecord:
    name = str(by.get("username") or "")
    owner = str(by.get("id") or "")
    return CrmRecord("task", id, moment(at), name=name, owner=owner, person=task, stage=kind, is_open=False)
