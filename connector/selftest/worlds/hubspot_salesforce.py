"""From HubSpot to Salesforce and back: the first handoffs, and what follows once people on both sides have worked.

Of seven people five ask for a demo: two whom Salesforce does not know, one who is a lead there, one who is a contact
of a prospect, one more. Somebody is warm. Later leads are converted, won, lost, turned down; marketers edit contacts;
newcomers come, and HubSpot is told of all that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from connector.model.sentences import N_
from connector.sandbox.hubspot import CLIENT, edit
from connector.selftest.books import FLOW, Amiss, Books, books_of, compare, handoffs_of, last_line
from connector.selftest.served import Served
from connector.selftest.world import World
from connector.selftest.worlds._served import CONFIG, LATER, ServedWorld

if TYPE_CHECKING:
    from connector.app import App
    from connector.model.ports import Transaction

LENA = "lena@northwind.example"
CAMPAIGN = "First handoffs"
CONNECTIONS = """
[connections.hubspot]
type = "hubspot"
account = "{portal}"
base_url = "{hubspot}"
streams = ["contacts", "archived", "form_submissions", "events"]
{hubspot_more}
[connections.salesforce]
type = "salesforce"
login_url = "{salesforce}"
client_id = "baton-sandbox"
mapping = "salesforce.toml"
campaign = "{campaign}"
{salesforce_more}
"""
FLOW_TEXT = """\
sources = ["hubspot"]
crm = "salesforce"
mode = "live"
[flows.b2b.conditions]
asked = {{ activity = "demo_request", within = "180 days" }}
[flows.b2b.fit]
"Manager or above" = {{ points = 10, field = "job_level", at_least = "manager" }}
[flows.b2b.intent]
"Pricing page seen" = {{ points = 10, activity = "pricing_view" }}
"Asked for a demo" = {{ points = 25, activity = "demo_request" }}
[flows.b2b.gates]
mql = "asked"
nurture = {{ when = {{ score = "total", at_least = 20 }}, list = "Baton: warm" }}
[flows.b2b.reasons]
not_now = {{ list = "Baton: later", back_after = "90 days" }}
[flows.b2b.routing]
order = [{{ when = {{ has = "account owner" }}, to = "account owner" }}, {{ to = "sales" }}]
"""
MAPPING = """\
[write.lead]
Baton_Score__c = "score.total"
[read.stage]
reason = { field = "Rejection_Reason__c", table = { "Not now" = "not_now" } }
rating = { field = "Lead_Quality__c", as = "integer" }
"""
TOKEN = ("", 'sign_in = "client_credentials"\n')
REFRESH = (f'sign_in = "refresh_token"\nclient_id = "{CLIENT[0]}"\nwindows = 2\n', 'sign_in = "refresh_token"\n')
ASKING, OTHERS = ("ana", "ben", "cleo", "fay", "gus"), ("dora", "emil")


def worlds() -> list[World]:
    """The next day. The first handoffs are walked with tokens that rotate."""
    return [Later()]


class FirstHandoffs(ServedWorld):
    """Read-in, pull, scores, handoffs, write-back; nothing was read before."""

    name = N_("HubSpot to Salesforce, first handoffs")
    target = N_("external id; tasks by their lead")

    sign_in = TOKEN

    def files(self) -> dict[str, str]:
        return {"salesforce.toml": MAPPING}

    def config(self, urls: Mapping[str, str]) -> str:
        hubspot, salesforce = self.sign_in
        connections = CONNECTIONS.format(
            portal=self.held.portal.portal_id,
            campaign=CAMPAIGN,
            hubspot_more=hubspot,
            salesforce_more=salesforce,
            **urls,
        )
        return CONFIG.format(connections=connections, flow=FLOW_TEXT.format())

    def fill(self) -> None:
        org = self.held.org
        org.create("Campaign", {"Name": CAMPAIGN, "IsActive": True})
        for name in (*ASKING, *OTHERS):
            self.person(name)
        for name in ASKING:
            self.asks(name)
        self.hubspot("visit", id=self.contact("dora"), url="https://www.example.com/pricing")
        org.create("Lead", {"LastName": "Weber", "Company": "Firm", "Email": "BEN@firm.example"}, by=LENA)
        account = org.create("Account", {"Name": "Firm GmbH", "Type": "Prospect", "OwnerId": LENA})
        org.create("Contact", {"LastName": "Weber", "Email": "cleo@firm.example", "AccountId": account}, by=LENA)

    # what people do

    def hubspot(self, do: str, **wish: Any) -> Any:
        """What somebody does in HubSpot."""
        return edit(self.held.portal, {"do": do, **wish})

    def person(self, name: str) -> None:
        """A person appears in HubSpot."""
        self.hubspot("create", properties={
            "email": f"{name}@firm.example", "firstname": name.title(), "lastname": "Weber", "company": "Firm GmbH",
            "jobtitle": "IT Manager", "country": "Germany", "city": "Ulm",
        })  # fmt: skip

    def contact(self, name: str) -> str:
        """The id of a person in HubSpot."""
        row = self.held.portal.tables["contacts"].find("email", f"{name}@firm.example")
        assert row is not None  # noqa: S101 - there since `person`
        return str(row.id)

    def asks(self, name: str) -> None:
        """A person asks for a demo."""
        self.hubspot("submit", id=self.contact(name), form="Request a demo")

    def lead(self, name: str) -> str:
        """The id of a person's lead in Salesforce."""
        leads = self.held.org.live("Lead")
        return next(str(one["Id"]) for one in leads if str(one["Email"]).lower() == f"{name}@firm.example")

    # what the books say

    def compare(self, app: App, there: Served) -> Amiss:
        return compare(app.store, books_of(there), there.now())

    def tally(self, app: App, there: Served) -> dict[str, int]:
        found, books = Counter[str](), books_of(there)
        with app.store.read() as tx:
            _in_salesforce(tx, there, books, found)
            found.update(
                f"handoff of lead {one.lead_id} as {one.stage}" for one in handoffs_of(tx, FLOW) if one.opened_at
            )
            totals = tx.reports.totals()
            found.update(
                {f"stored {what} of all": totals[what] for what in ("leads", "activities", "handoffs", "transitions")}
            )
            found.update(f"turn of {turn.handoff_id}" for turn in tx.handoffs.turns("sales", 10**6))
        for id, values in books.contacts.items():
            if values.get("baton_stage"):
                found[f"write-back of {id}: {values['baton_stage']}"] += 1
        for name, members in books.lists.items():
            found.update(f"list member of {name}: {id}" for id in members)
        return dict(found)


def _in_salesforce(tx: Transaction, there: Served, books: Books, found: Counter[str]) -> None:
    """Our leads, tasks and members, by whose they are."""
    store_id = tx.admin.store_id()
    emails = {one["Id"]: str(one["Email"]).lower() for kind in ("Lead", "Contact") for one in there.records(kind)}
    for one in books.leads:
        if str(one.get("Baton_Id__c") or "").startswith(store_id):
            found[f"lead of {emails[one['Id']]}: {one['City']}, {one['Status']}"] += 1
    for one in books.tasks:
        if last_line(one).startswith(f"{store_id}:"):
            found[f"task of {emails[one['WhoId']]}"] += 1
    found.update(f"member of {emails[one.get('ContactId') or one['LeadId']]}" for one in books.members)


class Later(FirstHandoffs):
    """The day after: what reps and marketers have done meanwhile, and newcomers, while searches lag."""

    name = N_("HubSpot to Salesforce, the next day")
    target = N_("external id; tasks by their lead")

    def before(self, sync: Callable[[], None]) -> None:
        sync()
        self.held.clock.move(LATER)
        sync()
        self.held.clock.move(16 * 3600.0)
        self._reps()
        self._marketers()
        self.held.portal.search_lag = 20.0

    def _reps(self) -> None:
        org = self.held.org
        won = org.convert(self.lead("ana"), by=LENA)
        org.close_opportunity(won["opportunity"], won=True, amount=9000.0, by=LENA)
        lost = org.convert(self.lead("gus"), by=LENA)
        org.close_opportunity(lost["opportunity"], won=False, by=LENA)
        org.edit(self.lead("ben"), {"Status": "Unqualified", "Rejection_Reason__c": "Not now"}, by=LENA)
        org.edit(self.lead("fay"), {"Status": "Working", "OwnerId": "petra@northwind.example"}, by=LENA)
        org.log_call(self.lead("fay"), by=LENA)

    def _marketers(self) -> None:
        ids = [self.contact(name) for name in (*ASKING, *OTHERS)]
        self.hubspot("change", ids=ids, properties={"city": "Berlin"})
        for name in ("hal", "ida"):
            self.person(name)
            self.asks(name)
        self.held.org.create("Lead", {"LastName": "Weber", "Company": "Firm", "Email": "ida@firm.example"}, by=LENA)
        self.asks("emil")
