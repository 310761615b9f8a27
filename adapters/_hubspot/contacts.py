"""Contacts that changed: the first load by list, from then on by search.

The list has no filter by time, and gives every contact once, in the order of ids. What changes while it is
read is caught by the search that follows it, which begins before the list did.

A search gives 10,000 results at most, its index lags behind the writes, and any number of contacts may have
one `lastmodifieddate` (an import, a workflow). So a stretch of time that has ended, as far as the index knows,
is read in the order of ids, each page asked for by "id above the last": no page is ever beyond the cap, and
ties mean nothing. The next stretch begins a while before the end of this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from adapters._hubspot.api import SEARCH
from adapters._hubspot.cursors import State, decode, earlier, encode, millis, parsed, remember, unseen
from adapters._hubspot.records import BATCH, CONTACTS, Contacts, after, results
from adapters._hubspot.settings import HubSpotSettings
from connector.model import sentences
from connector.model.errors import RetryableError
from connector.model.http import Http, Request
from connector.model.records import Page, Window

#: Results of a search, at most.
PAGE = 200
STREAM = "contacts"
#: The time of a contact's last change, by its name in searches.
CHANGED = "lastmodifieddate"


class ContactStream:
    """Pages of contacts. `now` is the present in milliseconds."""

    def __init__(self, http: Http, settings: HubSpotSettings, contacts: Contacts, now: Callable[[], int]) -> None:
        self.http = http
        self.settings = settings
        self.contacts = contacts
        self.now = now

    def pull(self, cursor: str, window: Window | None) -> Iterator[Page]:
        """What changed after `cursor`, or within `window`."""
        state = decode(cursor)
        if window is not None:
            bounds = {"since": millis(window.since), "until": min(millis(window.until), self._settled())}
            if not state or "id" in state:
                yield from self._stretch({**bounds, **state})
            return
        if "since" not in state:
            for page in self._listed(state or {"start": self.now()}):
                yield page
                state = decode(page.cursor)
        if "until" in state:
            for page in self._stretch(state):
                yield page
                state = decode(page.cursor)
        until = self._settled()
        since = earlier(int(state["since"]), self.settings.overlap_seconds)
        if since < until:
            yield from self._stretch({**state, "since": since, "until": until})

    def _settled(self) -> int:
        """Until when a search knows everything."""
        return earlier(self.now(), self.settings.lag_seconds)

    def _listed(self, state: State) -> Iterator[Page]:
        """The rest of the first load."""
        start = int(state["start"])
        since = earlier(start, self.settings.overlap_seconds)
        while True:
            body = self.http.read(self._list(str(state.get("after", "")))).json()
            found = results(body, CONTACTS)
            seen = remember(state.get("seen", {}), _changes(found), since)
            token = after(body)
            following: State = {"start": start, "after": token, "seen": seen}
            if not token:
                following = {"since": start, "seen": seen}
            elif token == state.get("after"):
                raise RetryableError(f"{CONTACTS}: {sentences.CURSOR_STANDS}")
            state = following
            yield Page(STREAM, self.contacts.records(found), encode(state))
            if not token:
                return

    def _list(self, token: str) -> Request:
        properties = ",".join([*self.contacts.inline, CHANGED])
        query = {"limit": str(BATCH), "properties": properties, "archived": "false"}
        if token:
            query["after"] = token
        return Request("GET", CONTACTS, query=query, reads=True, lane=self.contacts.lane)

    def _stretch(self, state: State) -> Iterator[Page]:
        """The rest of one stretch of time. Its last page has the cursor that ends it; none, where nothing was new."""
        since, until, last = int(state["since"]), int(state["until"]), int(state.get("id", 0))
        known: Mapping[str, int] = state.get("seen", {})
        seen = remember({}, known.items(), earlier(until, self.settings.overlap_seconds))
        begun = last > 0
        while True:
            found = results(self.http.read(self.search(since, until, last)).json(), CONTACTS)
            fresh = unseen(((str(one["id"]), changed(one), one) for one in found), known)
            seen = remember(seen, _changes(found), earlier(until, self.settings.overlap_seconds))
            whole = len(found) < PAGE
            if found and (highest := max(int(one["id"]) for one in found)) <= last:
                raise RetryableError(f"{CONTACTS}/search: {sentences.CURSOR_STANDS}")
            last = highest if found else last
            if fresh or not whole or begun:
                begun = True
                following = {"since": until, "seen": seen} if whole else {**state, "id": last}
                yield Page(STREAM, self.contacts.records(fresh), encode(following))
            if whole:
                return

    def search(self, since: int, until: int, last: int) -> Request:
        """Contacts that changed in the stretch, those with an id above `last`, in the order of ids."""
        filters = [
            {"propertyName": CHANGED, "operator": "GTE", "value": str(since)},
            {"propertyName": CHANGED, "operator": "LT", "value": str(until)},
        ]
        if last:
            filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": str(last)})
        body = {
            "filterGroups": [{"filters": filters}],
            "sorts": ["hs_object_id"],
            "properties": [*self.contacts.inline, CHANGED],
            "limit": PAGE,
            "after": "0",
        }
        return Request("POST", f"{CONTACTS}/search", json=body, reads=True, rate=SEARCH, lane=self.contacts.lane)


def changed(one: Mapping[str, Any]) -> int:
    """When a contact changed, in milliseconds."""
    return parsed(one["properties"].get(CHANGED) or one.get("updatedAt"))


def _changes(found: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    return [(str(one["id"]), changed(one)) for one in found]
