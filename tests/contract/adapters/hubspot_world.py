"""HubSpot under contract: a portal on this machine, called by the program's own client over a socket."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from adapters._hubspot.api import api
from adapters._hubspot.crm import HubSpotCrm
from adapters._hubspot.objects import KINDS
from adapters._hubspot.settings import HubSpotSettings
from connector.edge.http import ATTEMPTS, HttpClient
from connector.model.adapter import Context, WriteItem
from connector.sandbox.clock import Clock as PortalClock
from connector.sandbox.hubspot import TOKEN, HubSpotServer, Portal, furnish
from connector.sandbox.hubspot.properties import Definition
from tests.contract.adapters.clock import START, Clock
from tests.contract.adapters.crm_contract import CrmWorld
from tests.contract.adapters.source_contract import HARD_VALUES
from tests.servers.clients import World

#: Properties that the cases write, beside those that a portal has.
PROPERTIES = {"contacts": ("name", *HARD_VALUES), "tasks": ("subject",), "notes": ("text",)}


class SharedClock(Clock):
    """The portal's clock, which the test moves."""

    def __init__(self, clock: PortalClock) -> None:
        self.portal = clock

    def __call__(self) -> Any:
        return self.portal.now()

    def pass_by(self, seconds: float) -> None:
        self.portal.move(seconds)


class HubSpotCrmWorld(CrmWorld):
    """The sales role. The server is started with the first call, so that declarations cost none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.portal = Portal(PortalClock(START))
        self.clock: SharedClock = SharedClock(self.portal.clock)
        self.server: HubSpotServer | None = None
        self.client: HttpClient | None = None

    def _http(self) -> HttpClient:
        if self.client is None:
            furnish(self.portal)
            for object, names in PROPERTIES.items():
                told = {name: Definition(name, name, own=False) for name in names}
                self.portal.properties[object].update(told)
            self.server = HubSpotServer(self.portal).start()
            around = World(self.folder, token=TOKEN)
            outside = around.outside(clock=self.clock, wait=self._wait)
            self.client = HttpClient("crm", api(HubSpotSettings(base_url=self.server.url)), outside)
            for step in self._adapter(self.client).setup():
                if step.act is not None and not step.there:
                    step.act()
        return self.client

    def _wait(self, seconds: float) -> bool:
        self.clock.pass_by(seconds)
        return False

    def _adapter(self, http: HttpClient | None) -> HubSpotCrm:
        written = {"lead": ("city", *PROPERTIES["contacts"]), "task": ("subject",), "note": ("text",)}
        context = Context("crm", self.folder, self.clock, lambda _name: TOKEN, http, written=written)
        return HubSpotCrm(HubSpotSettings(), context)

    def declared(self) -> Any:
        return self._adapter(None).capabilities

    def crm(self) -> HubSpotCrm:
        return self._adapter(self._http())

    def refused_item(self) -> WriteItem:
        return WriteItem("lead", "poison", {"name": "x", "lifecyclestage": "wizard"})

    def objects_with(self, object: str, our_key: str) -> int:
        kind = KINDS[object]
        table = self.portal.tables[kind.type]
        return sum(table.value(row, kind.key) == our_key for row in table.rows.values())

    def lose_next_answer(self) -> None:
        assert self._http()
        assert self.server
        self.server.faults.add("lost", match="/batch/")

    def spoil_credentials(self) -> None:
        assert self._http()
        self.portal.tokens.static = "another token"

    def throttle(self, retry_after: float | None, after: int = 0) -> None:
        assert self._http()
        assert self.server
        headers = {} if retry_after is None else {"Retry-After": str(round(retry_after))}
        body = {"status": "error", "message": "too many", "policyName": "TEN_SECONDLY_ROLLING"}
        self.server.faults.add(
            "status", match="/crm/", times=ATTEMPTS, after=after, code=429, body=body, headers=headers
        )

    def close(self) -> None:
        if self.client is not None:
            self.client.close()
        if self.server is not None:
            self.server.stop()
            assert not self.server.errors, self.server.errors[0]
