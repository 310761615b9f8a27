"""ClickUp as a marketing source under contract: the workspace of the sales role's cases, its list that a form fills."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters._clickup.settings import ClickUpSettings
from adapters._clickup.source import ClickUpSource
from connector.kit.contract.source import HARD_VALUES, SourceWorld
from connector.model.adapter import Context
from connector.model.records import Page, Record, Window
from connector.sandbox.clickup import REQUESTS, edit
from tests.contract.adapters.clickup_world import ClickUpCrmWorld


class Renamed(ClickUpSource):
    """A source whose ids are told in the words of the cases: ClickUp chooses its own."""

    names: dict[str, str]

    def pull(self, stream: str, cursor: str, window: Window | None = None) -> Iterator[Page]:
        for page in super().pull(stream, cursor, window):
            yield replace(page, records=[self._named(record) for record in page.records])

    def _named(self, record: Record) -> Record:
        email = {"email": record.values["Email"]} if record.values.get("Email") else {}
        return replace(record, id=self.names.get(record.id, record.id), values={**record.values, **email})


class ClickUpSourceWorld(SourceWorld):
    """The marketing role. Time goes on with every change, further than the search lags."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.beside = ClickUpCrmWorld(folder)
        for name in ("city", *HARD_VALUES):
            self.beside.space.add_field(self.beside.requests, name, "text")
        #: A second list, without people, whose form asks for no address yet.
        self.other = self.beside.space.add_list("Seminar", (("to do", "open"), ("complete", "closed")))
        self.ids: dict[str, str] = {}
        self.held: dict[str, Any] = {}

    def source(self) -> Renamed:
        # Declarations cost no server: it is started with the first record.
        url = self.beside.server.url if self.beside.server else "http://127.0.0.1"
        context = Context("clickup", self.folder, self.beside.clock, lambda _name: "", self.beside.client)
        made = Renamed(ClickUpSettings(base_url=url, forms=[self.beside.requests.id, self.other.id]), context)
        made.names = {id: name for name, id in self.ids.items()}
        return made

    def put(self, rows: Iterable[dict[str, str]]) -> None:
        self.beside.crm()
        self.beside.clock.pass_by(61)
        for row in rows:
            self._put(row)
        self.beside.clock.pass_by(61)

    def _put(self, row: dict[str, str]) -> None:
        values = {"Email" if name == "email" else name: value for name, value in row.items()}
        values = {name: value for name, value in values.items() if name not in ("id", "changed")}
        if "changed" in row:
            ahead = datetime.fromisoformat(row["changed"]) - self.beside.clock()
            self.beside.clock.pass_by(max(ahead.total_seconds(), 0.0))
        if row["id"] in self.ids:
            self._do("change", id=self.ids[row["id"]], fields=values)
        else:
            self.ids[row["id"]] = self._do("submit", list=REQUESTS, answers=values)["id"]

    def _do(self, what: str, **wish: Any) -> Any:
        return edit(self.beside.space, {"do": what, **wish})

    def now(self) -> datetime:
        return self.beside.space.clock.now()

    def hold_back(self, row: dict[str, str]) -> None:
        self._put(row)
        id = self.ids[row["id"]]
        self.held[id] = self.beside.space.tasks.pop(id)
        self.beside.clock.pass_by(900)

    def let_go(self) -> None:
        self.beside.space.tasks |= self.held

    def delete(self, id: str) -> None:
        self._do("remove", id=self.ids.pop(id))
        self.beside.clock.pass_by(61)

    def empty(self) -> None:
        for id in list(self.ids):
            self.delete(id)

    def spoil_credentials(self) -> None:
        self.beside.spoil_credentials()

    def throttle(self, retry_after: float | None, after: int = 0) -> None:
        self.beside.throttle(retry_after, after)

    def garble(self, how: str) -> None:
        self.beside.garble(how)

    def close(self) -> None:
        self.beside.close()
