"""Files to HubSpot as the CRM: contacts and companies by a unique property, tasks, notes and leads joined to them.

Four people of two firms have asked for a demo, one of whom HubSpot knows already. While the line runs, HubSpot's search
lags.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from connector.model.sentences import N_
from connector.sandbox.hubspot import TOKEN, edit
from connector.sandbox.hubspot.portal import Owner
from connector.selftest import sayings
from connector.selftest.books import FLOW, Amiss, followed, handoffs_of, left, turns
from connector.selftest.served import Served
from connector.selftest.world import World
from connector.selftest.worlds._served import CONFIG, LATER, ServedWorld

if TYPE_CHECKING:
    from connector.app import App
    from connector.sandbox.hubspot.table import Row
    from connector.sandbox.server import LocalServer

CONNECTIONS = """
[connections.exports]
type = "files"
contacts = "contacts.csv"
activities = "events.csv"
folder = "unused"

[connections.crm]
type = "hubspot"
account = "{portal}"
base_url = "{hubspot}"
sales_leads = true
"""
FLOW_TEXT = """\
sources = ["exports"]
crm = "crm"
mode = "live"
[flows.b2b.routing]
order = [{ to = "sales" }]
"""
PEOPLE = {"ana": "firm", "ben": "firm", "cleo": "works", "dora": "works"}
CONTACTS = "Contact ID,First name,Last name,Email,Job title,Company,Website,Country,City,Employees\n"
EVENTS = "Event ID,Contact ID,Event,At\n"
#: The objects that Baton makes, by the property that holds its key.
MADE = {
    "contacts": "baton_id",
    "companies": "baton_id",
    "tasks": "baton_key",
    "notes": "baton_key",
    "leads": "baton_key",
}
#: What each is joined to.
JOINS = (("tasks", "contacts"), ("notes", "contacts"), ("leads", "contacts"), ("contacts", "companies"))


def worlds() -> list[World]:
    """The next day: it has handoffs, too."""
    return [Later()]


class FirstHandoffs(ServedWorld):
    """Files are read, people scored and handed over."""

    name = N_("Files to HubSpot, first handoffs")
    target = N_("unique property; joined when made")
    platforms: ClassVar[tuple[str, ...]] = ("hubspot",)
    secrets: ClassVar[Mapping[str, str]] = {"crm": TOKEN}

    def files(self) -> dict[str, str]:
        return {
            "contacts.csv": CONTACTS + "".join(map(_row, PEOPLE)),
            "events.csv": EVENTS + "".join(map(_ask, PEOPLE)),
        }

    def config(self, urls: Mapping[str, str]) -> str:
        connections = CONNECTIONS.format(portal=self.held.portal.portal_id, **urls)
        return CONFIG.format(connections=connections, flow=FLOW_TEXT)

    def fill(self) -> None:
        portal = self.held.portal
        for number, name in enumerate(("lena", "tom")):
            owner = str(900 + number)
            portal.owners[owner] = Owner(owner, f"{name}@northwind.example", name.title(), "Northwind")
        edit(portal, {"do": "create", "properties": {"email": "Cleo@works.example", "lastname": "Weber"}})
        portal.search_lag = 20.0

    # what the books say

    def compare(self, app: App, there: Served) -> Amiss:
        found = Amiss()
        with app.store.read() as tx:
            turns(tx, found)
            found.other += [*followed(tx, handoffs_of(tx)), *left(tx, there.now())]
        for object, key in MADE.items():
            keys = Counter(one["properties"].get(key) for one in _records(there, object))
            twice = [{"kind": object, "key": key, "count": count} for key, count in keys.items() if key and count > 1]
            found.double += [sayings.SEVERAL % one for one in twice]
        return found

    def tally(self, app: App, there: Served) -> dict[str, int]:
        found = Counter[str]()
        for object, key in MADE.items():
            ours = (one["properties"] for one in _records(there, object) if one["properties"].get(key))
            found.update(f"{object} of {one.get('email') or one.get('domain') or one[key]}" for one in ours)
        for held in there.state("hubspot", links="1"):
            found[f"association of {held}"] += 1
        with app.store.read() as tx:
            out = [one for one in handoffs_of(tx, FLOW) if one.opened_at]
            found.update(f"handoff of lead {one.lead_id} as {one.stage}" for one in out)
            totals = tx.reports.totals()
            found.update({f"stored {what} of all": totals[what] for what in ("leads", "activities", "handoffs")})
            found.update(f"turn of {turn.handoff_id}" for turn in tx.handoffs.turns("sales", 10**6))
        return dict(found)

    def serving(self, servers: Mapping[str, LocalServer]) -> None:
        server = servers["hubspot"]
        look = server.look
        assert look is not None  # noqa: S101 - a portal can be looked at
        server.look = lambda query: list(self._joined()) if "links" in query else look(query)

    def _joined(self) -> Iterator[str]:
        portal = self.held.portal
        for object, to in JOINS:
            for id, row in portal.tables[object].rows.items():
                others = [portal.tables[to].rows[other] for other in portal.links.of(object, id, to)]
                yield from (f"{self._named(object, row)} with {self._named(to, other)}" for other in others)

    def _named(self, object: str, row: Row) -> str:
        table = self.held.portal.tables[object]
        value = table.value(row, {"contacts": "email", "companies": "domain"}.get(object, MADE[object]))
        return f"{object} {value}".lower()


def _records(there: Served, object: str) -> list[dict[str, Any]]:
    return [one for one in there.state("hubspot", object=object) if not one.get("archived")]


def _row(name: str, city: str = "Ulm") -> str:
    firm = PEOPLE.get(name, "late")
    company = f"{firm.title()},{firm}.example"
    return f"{name},{name.title()},Weber,{name}@{firm}.example,IT Manager,{company},Germany,{city},600\n"


def _ask(name: str) -> str:
    return f"{name}-asks,{name},demo_request,2026-12-07T07:30:00Z\n"


class Later(FirstHandoffs):
    """The day after: reps have taken leads up, turned one down, a company was renamed, and newcomers asked."""

    name = N_("Files to HubSpot, the next day")

    def before(self, sync: Callable[[], None]) -> None:
        sync()
        self.held.clock.move(LATER)
        sync()
        self.held.clock.move(16 * 3600.0)
        newer = [*(_row(name, "Berlin") for name in PEOPLE), _row("emil"), _row("fay")]
        (self.template / "contacts.csv").write_text(CONTACTS + "".join(newer), "utf-8")
        asked = "".join(map(_ask, (*PEOPLE, "emil", "fay")))
        (self.template / "events.csv").write_text(EVENTS + asked, "utf-8")
        for name, status in (("ana", "IN_PROGRESS"), ("ben", "BAD_TIMING")):
            row = self.held.portal.tables["contacts"].find("email", f"{name}@{PEOPLE[name]}.example")
            assert row is not None  # noqa: S101 - made by the line
            edit(self.held.portal, {"do": "change", "id": str(row.id), "properties": {"hs_lead_status": status}})
