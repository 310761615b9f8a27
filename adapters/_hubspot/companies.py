"""Contacts whose company changed: its new size or industry is news of its contacts, which have not changed.

Read only where the mapping reads a property of the company. What changed before the first walk came with the
contacts themselves, and a company that a contact is joined to later changes the contact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from adapters._hubspot.calls import read_many
from adapters._hubspot.contacts import Contacts
from adapters._hubspot.cursors import State, decode, encode
from adapters._hubspot.objects import BATCH, COMPANY, CONTACT
from adapters._hubspot.records import COMPANY as JOINED
from adapters._hubspot.settings import HubSpotSettings
from adapters._hubspot.walk import EVERY_ID, Walk
from connector.model.http import Http
from connector.model.records import Page

STREAM = "companies"


class CompanyStream:
    """Pages of contacts. `now` is the present in milliseconds."""

    def __init__(self, http: Http, settings: HubSpotSettings, contacts: Contacts, now: Callable[[], int]) -> None:
        self.http = http
        self.settings = settings
        self.contacts = contacts
        self.now = now

    def pull(self, cursor: str) -> Iterator[Page]:
        """The contacts of companies that changed after `cursor`."""
        state = decode(cursor)
        if "of" in state:
            yield from self._people(state)
        changes = Walk(self.http, self.settings, COMPANY, (), self.now, from_now=True, lane=self.contacts.lane)
        for found, following in changes.pages(str(state.get("walk", ""))):
            yield from self._people({"walk": following, "of": [str(one["id"]) for one in found]})

    def _people(self, state: State) -> Iterator[Page]:
        """The contacts of the companies `of`, from the place `at` on; `walk` is the place behind those companies."""
        left, at = list(state["of"]), str(state.get("at", EVERY_ID))
        while left:
            where = {"propertyName": JOINED, "operator": "IN", "values": left[:BATCH]}
            walk = Walk(self.http, self.settings, CONTACT, (), self.now, where=(where,), lane=self.contacts.lane)
            for found, following in walk.pages(at):
                ids = [str(one["id"]) for one in found]
                full = read_many(self.http, CONTACT.path, ids, self.contacts.asked, lane=self.contacts.lane)
                cursor = encode({"walk": state["walk"], "of": left, "at": following})
                yield Page(STREAM, self.contacts.records(full), cursor)
            left, at = left[BATCH:], EVERY_ID
        yield Page(STREAM, [], encode({"walk": state["walk"]}))
