"""HubSpot as a marketing source under contract: the portal of the sales role's cases, read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters._hubspot.settings import HubSpotSettings
from adapters._hubspot.source import HubSpotSource
from adapters._hubspot.walk import PAGE
from connector.kit.contract.source import HARD_VALUES
from connector.kit.contract.splitting import PARTS, DivisibleWorld
from connector.model.adapter import Context
from connector.model.records import Page, Record, Window
from connector.sandbox.hubspot import add_contacts, edit
from tests.contract.adapters.hubspot_world import HubSpotCrmWorld

COLUMNS = frozenset({"email", "city", *HARD_VALUES})


class Renamed(HubSpotSource):
    """A source whose ids are told in the words of the cases: HubSpot chooses its own."""

    names: dict[str, str]

    def pull(self, stream: str, cursor: str, window: Window | None = None) -> Iterator[Page]:
        for page in super().pull(stream, cursor, window):
            yield replace(page, records=[self._named(record) for record in page.records])

    def _named(self, record: Record) -> Record:
        told = {id: self.names.get(id, id) for id in (record.id, record.merged_into)}
        return replace(record, id=told[record.id], merged_into=told[record.merged_into])


class HubSpotSourceWorld(DivisibleWorld):
    """The marketing role. Time goes on with every change, further than the search lags."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.beside = HubSpotCrmWorld(folder)
        self.ids: dict[str, str] = {}

    def source(self, **settings: Any) -> Renamed:
        # Declarations cost no server: it is started with the first record.
        http = self.beside.client
        context = Context(
            "hubspot", self.folder, self.beside.clock, lambda _name: "", http, COLUMNS,
            written={"contact": ("baton_stage",)}, extra={"lists": ("Handed over",)},
        )  # fmt: skip
        made = Renamed(HubSpotSettings(streams=["contacts", "archived"], **settings), context)
        made.names = {id: name for name, id in self.ids.items()}
        return made

    def divisible(self) -> Renamed:
        return self.source(contacts_by_search=True)

    def many(self) -> int:
        """As many as are worth the searches."""
        self.beside.crm()
        count = 2 * PARTS * PAGE + 1
        add_contacts(self.beside.portal, count)
        self.beside.clock.pass_by(61)
        return count

    def put(self, rows: Iterable[dict[str, str]]) -> None:
        self.beside.crm()
        self.beside.clock.pass_by(61)
        for row in rows:
            self._put(row)
        self.beside.clock.pass_by(61)

    def _put(self, row: dict[str, str]) -> None:
        values = {name: value for name, value in row.items() if name not in ("id", "changed")}
        if "changed" in row:
            ahead = datetime.fromisoformat(row["changed"]) - self.beside.clock()
            self.beside.clock.pass_by(max(ahead.total_seconds(), 0.0))
        if row["id"] in self.ids:
            self._do("change", id=self.ids[row["id"]], properties=values)
        else:
            self.ids[row["id"]] = self._do("create", properties=values)["id"]

    def _do(self, what: str, **wish: Any) -> Any:
        return edit(self.beside.portal, {"do": what, **wish})

    def now(self) -> datetime:
        return self.beside.portal.clock.now()

    def hold_back(self, row: dict[str, str]) -> None:
        with self.beside.ill_index():
            self._put(row)
        self.beside.clock.pass_by(900)

    def let_go(self) -> None:
        self.beside.let_go()

    def delete(self, id: str) -> None:
        self._do("archive", id=self.ids[id])
        self.beside.clock.pass_by(61)

    def empty(self) -> None:
        for id in list(self.ids):
            self.delete(id)

    def merge(self, loser: str, winner: str) -> str:
        left = str(self._do("merge", id=self.ids[winner], loser=self.ids[loser])["id"])
        self.beside.clock.pass_by(61)
        return left

    def spoil_credentials(self) -> None:
        self.beside.spoil_credentials()

    def throttle(self, retry_after: float | None, after: int = 0) -> None:
        self.beside.throttle(retry_after, after)

    def garble(self, how: str) -> None:
        self.beside.garble(how)

    def close(self) -> None:
        self.beside.close()
