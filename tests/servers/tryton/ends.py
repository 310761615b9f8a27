"""Baton's adapter for Tryton, both roles of it, before a proxy that breaks what passes when a test says so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters._tryton.api import TrytonSettings, api
from adapters._tryton.crm import TrytonCrm
from adapters._tryton.source import TrytonSource
from connector.kit.calling import Calls
from connector.kit.contract.clock import Clock
from connector.model.adapter import Context, WriteItem
from connector.model.mirror import CrmRecord
from connector.model.outbox import Done, Outcome
from connector.model.records import Record
from connector.sandbox.proxy import Proxy
from tests.servers.tryton.world import Tryton

ANA = {"party.name": "Castings", "contact.name": "Ana Diaz", "party.email": "ana@castings.example"}


class Ends:
    """Both roles, over one account. `settings` are further ones of the connection."""

    def __init__(self, tryton: Tryton, folder: Path, **settings: Any) -> None:
        self.proxy = Proxy(int(tryton.url.split(":")[2].split("/")[0])).start()
        self.clock = Clock()
        self.clock.at = datetime.now(UTC)
        self.settings = TrytonSettings(
            base_url=self.proxy.url, database=tryton.database, company=tryton.company, **settings
        )
        self.calls = Calls("tryton", api(self.settings), folder, self.clock, tryton.key)
        written = {"lead": (*ANA, "party.phone", "address.city", "description"), "": ("category.Baton stage",)}
        columns = frozenset({"state", "stage", "lost_reason"})
        self.context = Context(
            "tryton", folder, self.clock, lambda _: tryton.key, self.calls.http, columns, written=written, store_id="s1"
        )

    @property
    def crm(self) -> TrytonCrm:
        return TrytonCrm(self.settings, self.context)

    @property
    def source(self) -> TrytonSource:
        return TrytonSource(self.settings, self.context)

    def write(self, object: str, key: str, values: dict[str, Any], **more: Any) -> Outcome:
        """Write one item."""
        (outcome,) = self.crm.write([WriteItem(object, key, values, **more)])
        return outcome

    def told(self, stream: str, id: str) -> CrmRecord:
        """What a stream tells of a record."""
        pages = self.crm.changes(stream, "")
        return next(one for page in pages for one in page.records if one.id == id)

    def events(self, stream: str) -> list[Record]:
        """All of a stream of activities."""
        return [one for page in self.source.pull(stream, "") for one in page.records]

    def close(self) -> None:
        """Close all connections."""
        self.calls.close()
        self.proxy.stop()


def id_of(outcome: Outcome) -> str:
    """The id of what was written, which has to be done."""
    assert isinstance(outcome, Done), outcome
    return outcome.crm_id
