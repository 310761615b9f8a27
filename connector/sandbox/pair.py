"""HubSpot and Salesforce on this machine, or ClickUp for both, with invented people.

Some of those in marketing are in the CRM already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from connector.sandbox import clickup
from connector.sandbox.clickup import ClickUpServer, Workspace
from connector.sandbox.clickup.filling import fill
from connector.sandbox.clock import Clock
from connector.sandbox.hubspot import HubSpotServer, Portal, add_contacts, furnish
from connector.sandbox.hubspot.people import person
from connector.sandbox.salesforce import Org, serve
from connector.sandbox.server import LocalServer

Which = Literal["hubspot", "salesforce", "pair", "clickup"]
#: More calls a day than anybody makes.
UNLIMITED = 1_000_000_000
#: How far back people of a fresh portal were changed, in days.
_DAYS = 700


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be there: `contacts` people with `activities` each, of whom the CRM has a `share` (0 to 1).

    `port` is the first server's, 0 for any that is free; the second has the next. `generous`: no limits.
    """

    which: Which = "pair"
    contacts: int = 2000
    activities: int = 10
    share: float = 0.15
    port: int = 0
    generous: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """The servers by platform, not started yet, and how many people each has."""

    servers: Mapping[str, LocalServer]
    people: Mapping[str, int]

    def start(self) -> None:
        """Listen."""
        for server in self.servers.values():
            server.start()

    def stop(self) -> None:
        """Close the ports."""
        for server in self.servers.values():
            server.stop()


def build(wish: Wish) -> World:
    """The servers, full of people. Raises OSError where a port is taken."""
    clock = Clock()
    if wish.which == "clickup":
        return World({"clickup": ClickUpServer(_workspace(clock, wish), port=wish.port)}, {"clickup": wish.contacts})
    servers: dict[str, LocalServer] = {}
    people: dict[str, int] = {}
    known = {str(number): person(number) for number in range(wish.contacts)}
    if wish.which != "salesforce":
        portal = _portal(clock, wish)
        ids = add_contacts(portal, wish.contacts, activities_each=wish.activities, days=_DAYS)
        known = dict(zip(map(str, ids), known.values(), strict=True))
        servers["hubspot"], people["hubspot"] = HubSpotServer(portal, port=wish.port), wish.contacts
    if wish.which != "hubspot":
        org = Org(clock)
        org.daily_limit = UNLIMITED if wish.generous else org.daily_limit
        people["salesforce"] = len(org.seed([{"id": id, **values} for id, values in known.items()], share=wish.share))
        servers["salesforce"] = serve(org, port=_next_port(wish.port, servers))
    return World(servers, people)


def _portal(clock: Clock, wish: Wish) -> Portal:
    portal = Portal(clock)
    furnish(portal)
    if wish.generous:
        portal.limits.generous()
    return portal


def _workspace(clock: Clock, wish: Wish) -> Workspace:
    space = Workspace(clock)
    leads, requests = clickup.furnish(space)
    clickup.furnish_beside(space)
    fill(space, leads, requests, wish.contacts, wish.share, _DAYS)
    if wish.generous:
        space.limits.per_minute = 0
    return space


def _next_port(port: int, servers: Mapping[str, LocalServer]) -> int:
    return port + len(servers) if port else 0


def exported(contacts: int) -> Iterator[dict[str, str]]:
    """The same people as an export of a marketing platform has them: a row each, with an id."""
    for number in range(contacts):
        yield {"id": str(number), **{name: value for name, value in person(number).items() if name in EXPORTED}}


#: The columns of such an export.
EXPORTED = ("email", "firstname", "lastname", "jobtitle", "company", "country", "city", "phone")
