"""HubSpot under contract: a portal on this machine, called by the program's own client over a socket."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapters._hubspot.api import api
from adapters._hubspot.crm import HubSpotCrm
from adapters._hubspot.objects import KINDS
from adapters._hubspot.settings import HubSpotSettings
from connector.edge.http import ATTEMPTS, HttpClient
from connector.kit.contract.accepting import AcceptingWorld
from connector.kit.contract.clock import START, Clock
from connector.kit.contract.source import HARD_VALUES
from connector.kit.new_store import put_store
from connector.model.adapter import Context, WriteItem
from connector.sandbox.clock import Clock as PortalClock
from connector.sandbox.hubspot import TOKEN, HubSpotServer, Portal, edit, furnish
from connector.sandbox.hubspot.portal import Owner
from connector.sandbox.hubspot.properties import Definition
from tests.servers.clients import World

#: Properties that the cases write, beside those that a portal has.
PROPERTIES = {"contacts": ("name", *HARD_VALUES), "tasks": ("subject",), "notes": ("text",)}
#: The kinds of records that people make.
OBJECTS = {"lead": "contacts", "contact": "contacts", "account": "companies"}
#: Seconds until the search knows of a change: less than the adapter allows for.
SEARCH_LAG = 30.0


#: Properties that `setup` has made once, by type of object.
PREPARED: dict[str, dict[str, dict[str, Definition]]] = {}


def _ours(table: dict[str, Definition]) -> dict[str, Definition]:
    return {name: one for name, one in table.items() if name.startswith("baton_")}


class SharedClock(Clock):
    """The portal's clock, which the test moves."""

    def __init__(self, clock: PortalClock) -> None:
        self.portal = clock

    def __call__(self) -> Any:
        return self.portal.now()

    def pass_by(self, seconds: float) -> None:
        self.portal.move(seconds)


class HubSpotCrmWorld(AcceptingWorld):
    """The sales role. The server is started with the first call, so that declarations cost none."""

    page_size = 100

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.portal = Portal(PortalClock(START), search_lag=SEARCH_LAG)
        self.clock: SharedClock = SharedClock(self.portal.clock)
        self.server: HubSpotServer | None = None
        self.client: HttpClient | None = None
        self.lacks = False

    def _http(self) -> HttpClient:
        if self.client is None:
            furnish(self.portal)
            for object, names in PROPERTIES.items():
                told = {name: Definition(name, name, own=False) for name in names}
                self.portal.properties[object].update(told)
            self.server = HubSpotServer(self.portal).start()
            put_store(self.folder)
            around = World(self.folder, token=TOKEN)
            outside = around.outside(clock=self.clock, wait=self._wait)
            self.client = HttpClient("crm", api(HubSpotSettings(base_url=self.server.url)), outside)
            if not self.lacks:
                self._prepare(self.client)
        return self.client

    def _prepare(self, http: HttpClient) -> None:
        """What `setup` makes, of which the cases of it tell; the first portal's is given to the others."""
        made = PREPARED.setdefault("properties", {})
        if not made:
            for step in self._adapter(http).setup():
                if step.act is not None and not step.there:
                    step.act()
            made |= {name: ours for name, table in self.portal.properties.items() if (ours := _ours(table))}
        for object, ours in copy.deepcopy(made).items():
            self.portal.properties[object].update(ours)
            for name in (name for name, one in ours.items() if one.unique):
                self.portal.tables[object].keep_unique(name)

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

    def garble(self, how: str) -> None:
        self._http()
        assert self.server
        self.server.faults.add(how, match="/crm/", times=ATTEMPTS if how == "html" else 1)

    def lack(self) -> None:
        self.lacks = True

    def readable(self) -> HubSpotCrm:
        return self.crm()

    def _do(self, what: str, **wish: Any) -> Any:
        self._http()
        return edit(self.portal, {"do": what, **wish})

    def make(self, object: str, **values: str) -> str:
        firm = values.pop("account", "")
        id = str(self._do("create", object=OBJECTS[object], properties=values)["id"])
        if firm:
            self.portal.associate("contacts", int(id), "companies", int(firm), [1])
        return id

    @contextmanager
    def ill_index(self) -> Iterator[None]:
        """What changes meanwhile is found by searches after two hours only."""
        self.portal.search_lag = 7200.0
        yield
        self.portal.search_lag = SEARCH_LAG

    def make_unseen(self, object: str, **values: str) -> str:
        with self.ill_index():
            id = self.make(object, **values)
        self.clock.pass_by(900)
        return id

    def let_go(self) -> None:
        self.clock.pass_by(7200)

    def change(self, object: str, id: str, **values: str) -> None:
        self._do("change", object=OBJECTS[object], id=id, properties=values)

    def remove_person(self, id: str) -> None:
        self._do("archive", id=id)

    def merge_people(self, loser: str, winner: str) -> str:
        return str(self._do("merge", id=winner, loser=loser)["id"])

    def add_user(self, email: str) -> str:
        self._http()
        id = str(9000 + len(self.portal.owners))
        self.portal.owners[id] = Owner(id, email, "New", "Owner")
        return id

    def deactivate(self, user: str) -> None:
        self._do("deactivate_owner", owner=user)

    def finish(self, task: str) -> None:
        self._do("change", object="tasks", id=task, properties={"hs_task_status": "COMPLETED"})

    def set_choices(self, field: str, choices: list[str]) -> None:
        self._do("set_options", property=field, options=[(one, one.title()) for one in choices])

    def calls(self) -> int:
        return len(self.portal.ledger.calls())

    def close(self) -> None:
        if self.client is not None:
            self.client.close()
        if self.server is not None:
            self.server.stop()
            assert not self.server.errors, self.server.errors[0]
