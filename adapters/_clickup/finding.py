"""Looking tasks up: by id, else by our key, which a search finds some time after it was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import orjson

from adapters._clickup import around
from adapters._clickup.board import Boards
from adapters._clickup.handover import HANDOVERS
from adapters._clickup.records import Records, Task
from adapters._clickup.settings import ClickUpSettings
from connector.model.adapter import FindItem
from connector.model.http import Http, Request
from connector.model.outbox import LANES, Found

PAGE = 100
#: For so long it is believed which tasks are there, while all that are known are asked for.
FRESH = timedelta(minutes=5)


class Finder:
    """Looks up what was written. `written` are the fields of the mapping, by object."""

    def __init__(
        self, http: Http, settings: ClickUpSettings, boards: Boards, written: Mapping[str, Sequence[str]],
        now: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self.http, self.settings, self.boards, self.written, self.now = http, settings, boards, written, now
        self._there: set[str] = set()
        self._asked: datetime | None = None

    def find(self, items: Sequence[FindItem]) -> list[Found]:
        """One answer per item."""
        return [self._one(item) for item in items]

    def by_key(self, our_key: str) -> str:
        """The id of the lead's task that carries our key, "" for none."""
        return next((str(one["id"]) for one in self._keyed(FindItem("lead", our_key))), "")

    def _one(self, item: FindItem) -> Found:
        if item.object in (*HANDOVERS, "checklist"):
            return around.find(self.http, self.settings, item)
        if item.object not in ("lead", "task"):
            return Found()
        if item.crm_id and not item.our_key and item.crm_id in self._listed():
            return Found((item.crm_id,), ({},))
        if item.crm_id:
            task = around.task_of(self.http, item.crm_id, item.lane)
            return self._found(item.object, [task] if task else [])
        return self._found(item.object, self._keyed(item))

    def _found(self, object: str, tasks: Sequence[Task]) -> Found:
        names = self.written.get(object, ()) or self.written.get("", ())
        made = Records(self.boards.current(), self.settings, names)
        return Found(tuple(str(one["id"]) for one in tasks), tuple(made.values(one) for one in tasks))

    def _keyed(self, item: FindItem) -> list[Task]:
        """Tasks that carry our key, the oldest first. That a filter finds no part of a value is not relied on."""
        board = self.boards.current()
        column = board.column(self.settings.key_field)
        if column is None:
            board = self.boards.ask_anew()
            column = board.column(self.settings.key_field)
        if column is None:
            return []
        wanted = [{"field_id": column.id, "operator": "=", "value": item.our_key}]
        query = {
            "custom_fields": orjson.dumps(wanted).decode(), "include_closed": "true", "subtasks": "true", "page": "0",
        }  # fmt: skip
        path = f"/v2/list/{self.settings.leads}/task"
        tasks = self.http.read(Request("GET", path, query=query, reads=True, lane=item.lane)).json()["tasks"]
        made = Records(board, self.settings, ())
        mine = [
            one for one in tasks if made.key(one) == item.our_key and bool(one.get("parent")) == (item.object == "task")
        ]
        return sorted(mine, key=lambda one: (int(one["date_created"]), str(one["id"])))

    def _listed(self) -> set[str]:
        """The ids of all tasks of the list: to ask for each of them would take a call for each.

        One that is missed between two pages is asked for by itself.
        """
        now = self.now()
        if self._asked is None or not timedelta() <= now - self._asked < FRESH:
            self._there, page = set(), 0
            while True:
                query = {"order_by": "created", "include_closed": "true", "subtasks": "true", "page": str(page)}
                path = f"/v2/list/{self.settings.leads}/task"
                asked = Request("GET", path, query=query, reads=True, lane=LANES["backfill"])
                tasks = self.http.read(asked).json()["tasks"]
                self._there |= {str(one["id"]) for one in tasks}
                page += 1
                if len(tasks) < PAGE:
                    break
            self._asked = now
        return self._there
