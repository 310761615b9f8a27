"""Salesforce under contract: an org on this machine, called by the program's own client over a socket."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from adapters._salesforce.api import api
from adapters._salesforce.crm import SalesforceCrm
from adapters._salesforce.settings import SalesforceSettings
from connector.edge.http import ATTEMPTS, HttpClient
from connector.kit.contract.accepting import AcceptingWorld
from connector.kit.contract.clock import START
from connector.kit.contract.source import HARD_VALUES
from connector.kit.new_store import put_store
from connector.model.adapter import Context, FieldInfo, FindItem, ReadableCrm, SetupStep, WriteItem
from connector.model.mirror import CrmPage, CrmRecord, Wanted
from connector.model.outbox import Done, Found, Outcome, Refused
from connector.sandbox.clock import Clock as OrgClock
from connector.sandbox.ledger import Ledger
from connector.sandbox.salesforce.api import serve
from connector.sandbox.salesforce.oauth import ConnectedApp
from connector.sandbox.salesforce.org import Org
from connector.sandbox.server import LocalServer
from tests.contract.adapters.hubspot_world import SharedClock
from tests.servers.clients import World
from tests.servers.salesforce_description import watched

SECRET = "the app's secret"
#: The contract's names for fields, and the org's: it has no custom field without __c, and a name in two parts.
NAMES = {name: f"{name.title()}__c" for name in HARD_VALUES} | {
    "name": "LastName", "city": "City", "subject": "Subject",
}  # fmt: skip
#: The words of people, too.
WORDS = NAMES | {"email": "Email", "phone": "Phone", "account": "AccountId"}
OBJECTS = {"lead": "Lead", "contact": "Contact", "account": "Account"}


class Renamed:
    """The adapter, by the contract's names of fields; a new lead has the company that the org requires."""

    def __init__(self, crm: SalesforceCrm) -> None:
        self.crm = crm
        self.capabilities = crm.capabilities
        self.check, self.delete = crm.check, crm.delete

    def write(self, items: Sequence[WriteItem]) -> list[Outcome]:
        outcomes = self.crm.write([self._item(item) for item in items])
        return [_told(one) for one in outcomes]

    def _item(self, item: WriteItem) -> WriteItem:
        required = {"Company": "Acme"} if item.object == "lead" and not item.crm_id else {}
        return replace(item, values=required | {NAMES.get(name, name): value for name, value in item.values.items()})

    def changes(self, stream: str, cursor: str) -> Iterator[CrmPage]:
        for page in self.crm.changes(stream, cursor):
            yield replace(page, records=[_as_ours(record) for record in page.records])

    def sweep(self, stream: str, cursor: str, since: datetime) -> Iterator[CrmPage]:
        for page in self.crm.sweep(stream, cursor, since):
            yield replace(page, records=[_as_ours(record) for record in page.records])

    def look_up(self, people: Sequence[Wanted]) -> list[CrmRecord]:
        return [_as_ours(record) for record in self.crm.look_up(people)]

    def setup(self) -> list[SetupStep]:
        return self.crm.setup()

    def find(self, items: Sequence[FindItem]) -> list[Found]:
        return [replace(one, values=tuple(map(_ours, one.values))) for one in self.crm.find(items)]

    def fields(self) -> list[FieldInfo]:
        theirs = {theirs: ours for ours, theirs in NAMES.items()}
        return [replace(info, name=theirs.get(info.name, info.name)) for info in self.crm.fields()]


def _ours(values: Any) -> dict[str, Any]:
    theirs = {theirs: ours for ours, theirs in NAMES.items()}
    return {theirs.get(name, name): value for name, value in values.items()}


def _as_ours(record: CrmRecord) -> CrmRecord:
    return replace(record, values=_ours(record.values))


def _told(outcome: Outcome) -> Outcome:
    if isinstance(outcome, Done):
        return replace(outcome, echo=_ours(outcome.echo))
    return replace(outcome, field=next(iter(_ours({outcome.field: 0})))) if isinstance(outcome, Refused) else outcome


class SalesforceCrmWorld(AcceptingWorld):
    """The sales role. The server is started with the first call, so that declarations cost none."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder, self.settings = folder, settings
        self.org = Org(OrgClock(START), ledger=Ledger())
        self.org.page_size = self.page_size
        self.app = ConnectedApp(client_secret=SECRET)
        self.clock: SharedClock = SharedClock(self.org.clock)
        self.server: LocalServer | None = None
        self.client: HttpClient | None = None

    def _http(self) -> HttpClient:
        if self.client is None:
            for name in HARD_VALUES.keys() - {"name"}:
                self.org.add_field("Lead", NAMES[name], kind="textarea")
            self.org.add_field("Task", "Baton_Id__c", kind="string", length=80, external_id=True, unique=True)
            self.server = serve(self.org, self.app).start()
            self.description = watched(self.server)
            put_store(self.folder)
            outside = World(self.folder, token=SECRET).outside(clock=self.clock, wait=self._wait)
            self.client = HttpClient("crm", api(self._settings()), outside)
        return self.client

    def _settings(self) -> SalesforceSettings:
        url = self.server.url if self.server else "http://127.0.0.1"
        return SalesforceSettings(
            login_url=url, sign_in="client_credentials", client_id=self.app.client_id, **self.settings
        )

    def _wait(self, seconds: float) -> bool:
        self.clock.pass_by(seconds)
        return False

    def _adapter(self, http: HttpClient | None) -> SalesforceCrm:
        written = {"Lead": tuple(name for name in NAMES.values() if name != "Subject"), "task": ("Subject",)}
        context = Context("crm", self.folder, self.clock, lambda _name: SECRET, http, written=written)
        return SalesforceCrm(self._settings(), context)

    def declared(self) -> Any:
        return self._adapter(None).capabilities

    def crm(self) -> Any:
        return Renamed(self._adapter(self._http()))

    def refused_item(self) -> WriteItem:
        return WriteItem("lead", "poison", {"name": "x", "Email": "no address"})

    def objects_with(self, object: str, our_key: str) -> int:
        table = {"lead": "Lead", "task": "Task"}[object]
        texts = [record.get("Baton_Id__c") or record.get("Description") or "" for record in self.org.live(table)]
        return sum(text.endswith(our_key) for text in texts)

    def lose_next_answer(self) -> None:
        assert self._http()
        assert self.server
        self.server.faults.add("lost", match="/composite/")

    def spoil_credentials(self) -> None:
        assert self._http()
        self.app.client_secret = "another"
        self.org.end_sessions()

    def throttle(self, retry_after: float | None, after: int = 0) -> None:
        assert self._http()
        assert self.server
        headers = {} if retry_after is None else {"Retry-After": str(round(retry_after))}
        body = [{"errorCode": "TOO_MANY_REQUESTS", "message": "too many"}]
        self.server.faults.add(
            "status", match="/services/data/", times=ATTEMPTS, after=after, code=429, body=body, headers=headers
        )

    def garble(self, how: str) -> None:
        self._http()
        assert self.server
        self.server.faults.add(how, match="/services/data/", times=ATTEMPTS if how == "html" else 1)

    def lack(self) -> None:
        self.org.hide_field("Lead", "Baton_Id__c")

    def readable(self) -> ReadableCrm:
        return cast(ReadableCrm, self.crm())

    def make(self, object: str, **values: str) -> str:
        self._http()
        theirs = {WORDS[name]: value for name, value in values.items()}
        if object == "account":
            theirs = {"Name": values["name"]}
        return self.org.create(OBJECTS[object], ({"Company": "Acme"} if object == "lead" else {}) | theirs)

    def make_unseen(self, object: str, **values: str) -> str:
        self._http()
        required = {"Company": "Acme"} if object == "lead" else {}
        theirs = required | {WORDS[name]: value for name, value in values.items()}
        id = self.org.create(OBJECTS[object], theirs, commits_after=3600)
        self.clock.pass_by(900)
        return id

    def let_go(self) -> None:
        self.clock.pass_by(3600)

    def change(self, object: str, id: str, **values: str) -> None:
        self.org.edit(id, {WORDS[name]: value or None for name, value in values.items()})

    def remove_person(self, id: str) -> None:
        self.org.delete(id)

    def merge_people(self, loser: str, winner: str) -> str:
        self.org.merge(winner, [loser])
        return winner

    def add_user(self, email: str) -> str:
        return self.org.add_user(email)

    def deactivate(self, user: str) -> None:
        self.org.deactivate(user)

    def finish(self, task: str) -> None:
        self.org.edit(task, {"Status": "Completed"})

    def set_choices(self, field: str, choices: list[str]) -> None:
        self.org.set_picklist("Lead", field, choices)

    def calls(self) -> int:
        assert self.server
        return len(self.server.ledger.calls())

    def close(self) -> None:
        if self.client is not None:
            self.client.close()
        if self.server is not None:
            self.server.stop()
            assert not self.server.errors, self.server.errors[0]
            assert not self.description.problems, self.description.problems[0]
