"""HubSpot and Salesforce side by side: two local servers, one clock, one configuration between them."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from connector.app import App, open_app
from connector.config import load
from connector.model.adapter import Preparable
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.outbox import OutboxRow
from connector.model.ports import ReviewItem
from connector.runs.rows import our_key
from connector.runs.sync import Result, sync
from connector.sandbox.clock import Clock
from connector.sandbox.hubspot import TOKEN, HubSpotServer, Portal, edit, furnish
from connector.sandbox.salesforce import Org, serve
from connector.sandbox.server import LocalServer
from tests.servers.salesforce_description import watched

START = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
MINUTES = timedelta(minutes=5)

CONFIG = """\
version = 1
timezone = "Europe/Berlin"
region = "DE"
database = "{database}"

[secrets]
backend = "environment"

[connections.hubspot]
type = "hubspot"
account = "{portal}"
base_url = "{hubspot_url}"
{hubspot}
[connections.salesforce]
type = "salesforce"
login_url = "{salesforce_url}"
sign_in = "client_credentials"
client_id = "baton-sandbox"
{salesforce}
[teams.sales]
members = [{{ email = "lena@northwind.example" }}, {{ email = "tom@northwind.example" }}]

[flows.b2b]
sources = ["hubspot"]
crm = "salesforce"
mode = "{mode}"
{flow}
[flows.b2b.routing]
order = [{{ when = {{ has = "account owner" }}, to = "account owner" }}, {{ to = "sales" }}]
"""

SECRETS = {
    "BATON_SECRET_HUBSPOT": TOKEN,
    "BATON_SECRET_SALESFORCE": "baton-sandbox-secret",
    "BATON_SECRET_STORE_KEY": "bm9ydGh3aW5kLW5vcnRod2luZC1ub3J0aHdpbmQtMDE=",
}

#: An admin's lines over the shipped mapping: where reps say why and how good, and where Baton's score stands.
REASONS = """\
[write.lead]
Baton_Score__c = "score.total"
Baton_Grade__c = "grade"

[read.stage]
reason = { field = "Rejection_Reason__c", table = { "Not now" = "not_now", "Not a fit" = "wrong_fit" } }
rating = { field = "Lead_Quality__c", as = "integer" }
"""

ANA = {
    "firstname": "Ana", "lastname": "Weber", "jobtitle": "Director IT", "company": "Firm GmbH", "country": "Germany",
    "numemployees": "600", "hs_latest_source": "ORGANIC_SEARCH",
}  # fmt: skip


#: What HubSpot was given for a configuration: its groups, properties and lists.
_PREPARED: dict[tuple[object, ...], Portal] = {}


def prepare(portal: Portal, app: App, configured: tuple[object, ...]) -> None:
    """Make what Baton needs in HubSpot; from the second time on as a copy of what the same setup has made before."""
    made = _PREPARED.get(configured)
    if made is None:
        for role in (app.source("hubspot"), app.crm("hubspot")):
            for step in cast(Preparable, role).setup():
                if not step.there and step.act is not None:
                    step.act()
        made = _PREPARED[configured] = Portal()
        _copy(portal, made)
    _copy(made, portal)


def _copy(there: Portal, to: Portal) -> None:
    pairs: list[tuple[dict[str, Any], dict[str, Any]]] = [(there.lists, to.lists)]
    pairs += [(known, to.properties[name]) for name, known in there.properties.items()]
    pairs += [(known, to.groups[name]) for name, known in there.groups.items()]
    for known, held in pairs:
        held.update({name: deepcopy(one) for name, one in known.items() if name not in held})
    # No id is given twice.
    to.reserve(max(0, max(map(int, to.lists), default=0) + 1 - to.reserve(0)))


class Waiting(threading.Event):
    """Whoever waits moves the clock on: a limit of calls in a second costs no real one."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        """Let the time go by."""
        self.clock.move(timeout or 0.0)
        return self.is_set()


class Pair:
    """Both servers and one opened configuration. `now` is the time that everything sees.

    `files` are laid into its folder: mappings that the connections name. Every request is held against
    the descriptions of the platforms, HubSpot's where BATON_SHARED says where they are.
    """

    def __init__(
        self, folder: Path, *, mode: str = "live", flow: str = "", hubspot: str = "", salesforce: str = "",
        database: str = "baton.db", at: datetime = START, files: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.folder = folder
        self.files = sorted((files or {}).items())
        for name, text in self.files:
            (folder / name).write_text(text, "utf-8")
        self.clock = Clock(at)
        self.portal = Portal(self.clock)
        furnish(self.portal)
        self.org = Org(self.clock)
        self.hubspot = HubSpotServer(self.portal)
        self.salesforce: LocalServer = serve(self.org)
        self.described = watched(self.salesforce)
        self.problems = self._watch_hubspot()
        self.settings = {"mode": mode, "flow": flow, "hubspot": hubspot, "salesforce": salesforce, "database": database}

    def _watch_hubspot(self) -> list[str]:
        """What will not fit HubSpot's descriptions, as it is found; nothing where they are not at hand."""
        shared = Path(os.environ.get("BATON_SHARED", ""))
        if not (shared / "specs" / "hubspot").is_dir():
            return []
        from tests.servers.descriptions import validator

        watcher = validator(shared)
        self.hubspot.watchers.append(watcher)
        return watcher.problems

    def start(self) -> None:
        """Start the servers and open the configuration."""
        self.hubspot.start()
        self.salesforce.start()
        self.reopen()
        prepare(self.portal, self.app, (self.settings["hubspot"], self.settings["flow"], *self.files))

    def reopen(self, **changes: str) -> None:
        """Go on under a configuration that says something else."""
        if hasattr(self, "app"):
            self.app.close()
        self.settings |= changes
        text = CONFIG.format(
            portal=self.portal.portal_id,
            hubspot_url=self.hubspot.url,
            salesforce_url=self.salesforce.url,
            **self.settings,
        )
        (self.folder / "config.toml").write_text(text, "utf-8")
        self.app: App = open_app(load(self.folder / "config.toml"), self.clock.now)
        self.app.stop = Waiting(self.clock)

    def stop(self) -> None:
        """Close everything."""
        self.app.close()
        self.hubspot.stop()
        self.salesforce.stop()

    @property
    def now(self) -> datetime:
        """What the clock shows."""
        return self.clock.now()

    def sync(self, after: timedelta = timedelta()) -> Result:
        """Move the clock and run the line once."""
        self.clock.move(after.total_seconds())
        return sync(self.app.runtime(), self.app.rows)

    # people in HubSpot

    def person(self, email: str = "ana@firm.example", **values: str) -> str:
        """A person like Ana appears in HubSpot; returns the contact's id."""
        made = self.acts("create", properties={**ANA, "email": email, **values})
        return str(made["id"])

    def acts(self, do: str, **wish: Any) -> Any:
        """What somebody does in HubSpot: see connector/sandbox/hubspot/edits.py."""
        return edit(self.portal, {"do": do, **wish})

    def asks_for_a_demo(self, contact: str, **values: str) -> None:
        """A person sends the form that asks for a demo."""
        self.acts("submit", id=contact, form="Request a demo", values=values)

    def given(self, email: str = "ana@firm.example", **values: str) -> tuple[str, str]:
        """Somebody asks for a demo and is handed over; returns the ids of the contact and of Salesforce's lead."""
        contact = self.person(email, **values)
        self.asks_for_a_demo(contact)
        assert self.sync(MINUTES).failures == []
        return contact, self.their_lead(contact)

    def their_lead(self, contact: str) -> str:
        """The id of the lead in Salesforce that a contact of HubSpot is."""
        with self.app.store.read() as tx:
            return tx.outbox.receipts("salesforce", "lead", [self.key(contact)])[self.key(contact)].crm_id

    def says(self, lead: str, **changes: Any) -> None:
        """Lena edits a lead in Salesforce, and the line runs."""
        self.clock.move(60)
        self.org.edit(lead, changes, by="lena@northwind.example")
        assert self.sync(MINUTES).failures == []

    # what Baton has

    def lead(self, contact: str) -> Lead:
        """The lead that a contact of HubSpot is."""
        with self.app.store.read() as tx:
            link = tx.intake.links("hubspot", "contact", [contact])[contact]
            return tx.intake.leads([link.lead_id])[link.lead_id]

    def key(self, contact: str) -> str:
        """Our key of a contact's lead."""
        with self.app.store.read() as tx:
            return our_key(tx.admin.store_id(), self.lead(contact).id)

    def handoff(self, contact: str) -> Handoff:
        """The latest handoff of a contact's lead."""
        with self.app.store.read() as tx:
            link = tx.intake.links("hubspot", "contact", [contact])[contact]
            return tx.handoffs.of_leads([link.lead_id])[link.lead_id][-1]

    def outbox(self, *states: str) -> list[OutboxRow]:
        """Rows of the outbox."""
        with self.app.store.read() as tx:
            return tx.outbox.rows(states=states, limit=100_000)

    def waiting_for_people(self, kind: Any = None) -> list[ReviewItem]:
        """What waits for a person."""
        with self.app.store.read() as tx:
            return tx.reviews.open(kind, 10_000)

    # what the platforms have

    def records(self, object: str) -> list[Mapping[str, Any]]:
        """Live records of the org."""
        return list(self.org.live(object))

    def contact(self, contact: str) -> Mapping[str, str]:
        """The properties of a contact in HubSpot, or of the one that it was merged into."""
        row = self.portal.tables["contacts"].get(contact)
        assert row is not None
        return self.portal.tables["contacts"].properties(row)

    def calls(self) -> Counter[str]:
        """How many calls both servers have answered, by server and route."""
        found: Counter[str] = Counter()
        for name, server in (("hubspot", self.hubspot), ("salesforce", self.salesforce)):
            for route, number in server.ledger.counts().items():
                found[f"{name} {route}"] += number
        return found


def reasons(files: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Settings of a pair whose Salesforce has fields for reasons, ratings and scores."""
    return {"salesforce": 'mapping = "salesforce.toml"', "files": {"salesforce.toml": REASONS} | dict(files or {})}


@contextmanager
def pair(folder: Path, **settings: Any) -> Iterator[Pair]:
    """A running pair; what the servers themselves failed in fails the test."""
    one = Pair(folder, **settings)
    one.start()
    try:
        yield one
        assert one.hubspot.errors == []
        assert one.salesforce.errors == []
        assert one.described.problems == []
        assert list(dict.fromkeys(one.problems)) == []
    finally:
        one.stop()
