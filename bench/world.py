"""The pair on this machine: HubSpot full of people and an empty Salesforce, in a process of their own."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from connector.sandbox.clock import Clock
from connector.sandbox.hubspot import TOKEN, HubSpotServer, Portal, add_contacts, furnish
from connector.sandbox.salesforce import Org, serve

CLIENT_ID, CLIENT_SECRET = "baton-sandbox", "baton-sandbox-secret"
SECRETS = {
    "BATON_SECRET_HUBSPOT": TOKEN,
    "BATON_SECRET_SALESFORCE": CLIENT_SECRET,
    "BATON_SECRET_STORE_KEY": "bm9ydGh3aW5kLW5vcnRod2luZC1ub3J0aHdpbmQtMDE=",
}


def is_write(route: str) -> bool:
    """Whether calls of a route have an effect: what is asked for by POST is none."""
    method = route.split()[1]
    return method != "GET" and not any(word in route for word in ("search", "batch/read", "token"))


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the two are."""

    hubspot: str
    salesforce: str
    portal: str

    def counts(self) -> Counter[str]:
        """Calls answered since the last `clear`, by server and route."""
        found: Counter[str] = Counter()
        for name, url in (("hubspot", self.hubspot), ("salesforce", self.salesforce)):
            with urllib.request.urlopen(f"{url}/_sandbox/ledger?route=-") as answer:
                told = json.load(answer)
            found.update({f"{name} {route}": number for route, number in told["counts"].items()})
        return found

    def clear(self) -> None:
        """Forget what was called so far."""
        for url in (self.hubspot, self.salesforce):
            urllib.request.urlopen(urllib.request.Request(f"{url}/_sandbox/ledger", method="DELETE")).close()


class World:
    """A portal with people; each client that is measured gets a copy of it, by fork."""

    def __init__(self, people: int, each: int) -> None:
        self.people = people
        self.portal = Portal(Clock())
        self.portal.limits.generous()
        furnish(self.portal)
        add_contacts(self.portal, people, activities_each=each)

    @contextmanager
    def served(self, latency: float = 0.0) -> Iterator[Addresses]:
        """A fresh copy of both platforms behind ports, `latency` seconds away."""
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            self._serve(writer, latency)
        os.close(writer)
        try:
            with os.fdopen(reader) as told:
                hubspot, salesforce = json.loads(told.readline())
                yield Addresses(hubspot, salesforce, str(self.portal.portal_id))
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

    def _serve(self, writer: int, latency: float) -> None:
        try:
            org = Org(self.portal.clock)
            org.daily_limit = 1_000_000_000
            servers = HubSpotServer(self.portal, latency=latency), serve(org)
            servers[1].latency = latency
            for server in servers:
                server.start()
            os.write(writer, json.dumps([server.url for server in servers]).encode() + b"\n")
            signal.pause()
        finally:
            os._exit(0)
