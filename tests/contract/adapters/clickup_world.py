"""ClickUp under contract: a workspace on this machine, called by the program's own client over a socket."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from adapters._clickup.api import api
from adapters._clickup.crm import ClickUpCrm
from adapters._clickup.settings import ClickUpSettings
from connector.edge.http import ATTEMPTS, HttpClient
from connector.kit.contract.accepting import AcceptingWorld
from connector.kit.contract.clock import START
from connector.kit.contract.publishing import PublishingWorld
from connector.kit.contract.source import HARD_VALUES
from connector.kit.new_store import put_store
from connector.model.adapter import Context, FieldInfo, ReadableCrm, WriteItem
from connector.model.outbox import Outcome
from connector.sandbox.clickup import KEY, LEADS, TOKEN, ClickUpServer, Workspace, edit, furnish
from connector.sandbox.clock import Clock as SpaceClock
from tests.contract.adapters.hubspot_world import SharedClock
from tests.servers.clickup_description import watched
from tests.servers.clients import World

#: The contract's names for what people see and every task has, by object.
NAMES = {"task": {"subject": "name"}}
#: The words of people for fields.
WORDS = {"email": "Email", "phone": "Phone", "city": "city"}
#: Seconds until a filter by custom fields finds a task: less than the adapter allows for.
SEARCH_LAG = 30.0


class Renamed:
    """The adapter, by the contract's names of fields."""

    def __init__(self, crm: ClickUpCrm) -> None:
        self.crm = crm
        self.capabilities = crm.capabilities
        self.check, self.delete, self.setup, self.look_up = crm.check, crm.delete, crm.setup, crm.look_up
        self.changes, self.sweep, self.find = crm.changes, crm.sweep, crm.find
        self.publish_page, self.put_goal = crm.publish_page, crm.put_goal

    def write(self, items: Sequence[WriteItem]) -> list[Outcome]:
        return self.crm.write([self._item(item) for item in items])

    def _item(self, item: WriteItem) -> WriteItem:
        names = NAMES.get(item.object, {})
        return replace(item, values={names.get(name, name): value for name, value in item.values.items()})

    def fields(self) -> list[FieldInfo]:
        return self.crm.fields()


class ClickUpCrmWorld(AcceptingWorld, PublishingWorld):
    """The sales role. The server is started with the first call, so that declarations cost none."""

    page_size = 100

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder, self.settings = folder, settings
        self.space = Workspace(SpaceClock(START), search_lag=SEARCH_LAG)
        self.leads, self.requests = furnish(self.space)
        for name in ("city", *(HARD_VALUES.keys() - {"name"})):
            self.space.add_field(self.leads, name, "text")
        self.clock: SharedClock = SharedClock(self.space.clock)
        self.server: ClickUpServer | None = None
        self.client: HttpClient | None = None
        self.unseen: dict[str, Any] = {}

    def _http(self) -> HttpClient:
        if self.client is None:
            self.server = ClickUpServer(self.space)
            self.described = watched(self.server, os.environ.get("BATON_SHARED", ""))
            self.server.start()
            put_store(self.folder)
            around = World(self.folder, token=TOKEN)
            outside = around.outside(clock=self.clock, wait=self._wait)
            self.client = HttpClient("crm", api(self._settings()), outside)
        return self.client

    def _settings(self) -> ClickUpSettings:
        url = self.server.url if self.server else "http://127.0.0.1"
        return ClickUpSettings(base_url=url, leads=self.leads.id, **self.settings)

    def _wait(self, seconds: float) -> bool:
        self.clock.pass_by(seconds)
        return False

    def _adapter(self, http: HttpClient | None) -> ClickUpCrm:
        written = {"lead": ("name", "city", *HARD_VALUES), "task": ("name",)}
        context = Context("crm", self.folder, self.clock, lambda _name: TOKEN, http, written=written)
        return ClickUpCrm(self._settings(), context)

    def declared(self) -> Any:
        return self._adapter(None).capabilities

    def crm(self) -> Any:
        return Renamed(self._adapter(self._http()))

    def readable(self) -> ReadableCrm:
        return cast(ReadableCrm, self.crm())

    def refused_item(self) -> WriteItem:
        return WriteItem("lead", "poison", {"name": "x", "status": "no such status"})

    def objects_with(self, object: str, our_key: str) -> int:
        key = self.leads.field(KEY)
        assert key
        tasks = [one for one in self.space.tasks.values() if bool(one.parent) == (object == "task")]
        return sum(one.values.get(key.id) == our_key for one in tasks)

    def lose_next_answer(self) -> None:
        self._http()
        assert self.server
        self.server.faults.add("lost", match="/task")

    def spoil_credentials(self) -> None:
        self._http()
        self.space.token = "another token"

    def throttle(self, retry_after: float | None, after: int = 0) -> None:
        self._http()
        assert self.server
        headers = {} if retry_after is None else {"Retry-After": str(round(retry_after))}
        body = {"err": "Rate limit reached", "ECODE": "APP_002"}
        self.server.faults.add(
            "status", match="/task", times=ATTEMPTS, after=after, code=429, body=body, headers=headers
        )

    def garble(self, how: str) -> None:
        self._http()
        assert self.server
        self.server.faults.add(how, match="/task", times=ATTEMPTS if how == "html" else 1)

    def pages(self) -> list[tuple[str, str]]:
        return [(one["name"], one["content"]) for doc in self.space.docs.values() for one in doc.pages]

    def goals(self) -> list[tuple[str, dict[str, float]]]:
        return [
            (goal["name"], {one["name"]: one["last_action"]["steps_current"] or 0 for one in goal["key_results"]})
            for goal in self.space.goals.values()
        ]

    def lose_next_published(self) -> None:
        self._http()
        assert self.server
        self.server.faults.add("lost", match="POST ")

    def throttle_publishing(self, retry_after: float) -> None:
        self._http()
        assert self.server
        body, headers = {"err": "Rate limit reached", "ECODE": "APP_002"}, {"Retry-After": str(round(retry_after))}
        for match in ("/docs", "/goal"):
            self.server.faults.add("status", match=match, times=ATTEMPTS, code=429, body=body, headers=headers)

    def lack(self) -> None:
        self.leads.fields = [one for one in self.leads.fields if one.name != "city"]

    def _do(self, what: str, **wish: Any) -> Any:
        self._http()
        return edit(self.space, {"do": what, **wish})

    def make(self, object: str, **values: str) -> str:
        assert object == "lead"
        own, fields = self._parted(values)
        return str(self._do("create", list=LEADS, **({"name": "Somebody"} | own), fields=fields)["id"])

    def _parted(self, values: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        own = {name: value for name, value in values.items() if name == "name"}
        return own, {WORDS.get(name, name): value for name, value in values.items() if name != "name"}

    def make_unseen(self, object: str, **values: str) -> str:
        id = self.make(object, **values)
        self.unseen[id] = self.space.tasks.pop(id)
        self.clock.pass_by(900)
        return id

    def let_go(self) -> None:
        self.space.tasks |= self.unseen

    def change(self, object: str, id: str, **values: str) -> None:
        assert object == "lead"
        own, fields = self._parted(values)
        self._do("change", id=id, **own, fields=fields)

    def remove_person(self, id: str) -> None:
        self._do("remove", id=id)

    def add_user(self, email: str) -> str:
        return str(self._do("add_user", email=email)["id"])

    def deactivate(self, user: str) -> None:
        self._do("remove_user", user=user)

    def finish(self, task: str) -> None:
        self._do("change", id=task, status="受注")

    def set_choices(self, field: str, choices: list[str]) -> None:
        self._do("set_options", list=LEADS, field=field, options=choices)

    def calls(self) -> int:
        return len(self.space.ledger.calls())

    def close(self) -> None:
        if self.client is not None:
            self.client.close()
        if self.server is not None:
            self.server.stop()
            assert not self.server.errors, self.server.errors[0]
            assert not self.described.problems, "\n".join(self.described.problems)
