"""A configuration for the local servers: what an admin would write for the platforms, but for the addresses."""

from __future__ import annotations

from connector.sandbox import clickup
from connector.sandbox.hubspot import TOKEN, Portal
from connector.sandbox.pair import UNLIMITED, Wish, World
from connector.sandbox.salesforce.oauth import ConnectedApp

_TOP = """\
# For the local servers of `baton sandbox`. What differs for the real ones: account, the addresses, how Baton signs in.
version  = 1
timezone = "Europe/Berlin"
region   = "DE"

[secrets]
backend = "sealed"
"""

_HUBSPOT = """
[connections.hubspot]
type     = "hubspot"
account  = "{portal}"
base_url = "{url}"                    # leave it out for the real one
streams  = ["contacts", "companies", "archived", "form_submissions", "email_events", "events"]
"""

_GENEROUS = """\
calls_per_10_seconds = {unlimited}
calls_per_day        = {unlimited}
searches_per_second  = {unlimited}
"""

_SALESFORCE = """
[connections.salesforce]
type      = "salesforce"
login_url = "{url}"                   # leave it out, or your own domain, for the real one
sign_in   = "client_credentials"
client_id = "{client_id}"
"""

_CLICKUP = """
[connections.clickup]
type     = "clickup"
base_url = "{url}"                    # leave it out for the real one
leads    = "{leads}"                  # the list in which each lead is a task
forms    = ["{forms}"]                # the list that a form fills
feedback = ["{feedback}"]             # the list in which sales says of leads what they were
deals    = "{deals}"
"""

_EXPORTS = """
[connections.exports]
type     = "files"
contacts = { files = "contacts.csv", id = "id" }
"""

_DESK = """
[connections.desk]
type = "desk"
"""

_FLOW = """
[teams.sales]
manager = "petra@northwind.example"
members = [{{ email = "lena@northwind.example" }}, {{ email = "tom@northwind.example" }}]

[flows.b2b]
sources  = ["{source}"]
crm      = "{crm}"
mode     = "observe"                  # "live" once you have looked
handoffs_per_day = 60

[flows.b2b.routing]
order = [{{ when = {{ has = "account owner" }}, to = "account owner" }}, {{ to = "sales" }}]
"""


def config(wish: Wish, world: World) -> str:
    """The text of `config.toml`."""
    if wish.which == "clickup":
        return _TOP + _connection(wish, world, "clickup") + _FLOW.format(source="clickup", crm="clickup")
    source = "hubspot" if "hubspot" in world.servers else "exports"
    crm = "salesforce" if "salesforce" in world.servers else "desk"
    parts = [_TOP, _connection(wish, world, source), _connection(wish, world, crm)]
    return "".join(parts) + _FLOW.format(source=source, crm=crm)


def _connection(wish: Wish, world: World, name: str) -> str:
    if name == "hubspot":
        limits = _GENEROUS.format(unlimited=UNLIMITED) if wish.generous else ""
        return _HUBSPOT.format(url=world.servers[name].url, portal=Portal().portal_id) + limits
    if name == "clickup":
        limits = f"calls_per_minute = {UNLIMITED}\n" if wish.generous else ""
        leads, forms, feedback, deals = world.servers[name].space.lists  # type: ignore[attr-defined]
        ids = {"leads": leads, "forms": forms, "feedback": feedback, "deals": deals}
        return _CLICKUP.format(url=world.servers[name].url, **ids) + limits
    if name == "salesforce":
        return _SALESFORCE.format(url=world.servers[name].url, client_id=ConnectedApp().client_id)
    return _EXPORTS if name == "exports" else _DESK


def secrets(world: World) -> dict[str, str]:
    """The secrets that the servers let in, by connection."""
    all_of_them = {"hubspot": TOKEN, "salesforce": ConnectedApp().client_secret, "clickup": clickup.TOKEN}
    return {name: all_of_them[name] for name in world.servers}
