"""Contacts that were archived (deleted; HubSpot keeps them for ninety days).

The list of archived contacts has no filter by time and no order by it. It is walked whole, and those archived
since the last walk are told. Where it is long, it is walked the less often: once in so many minutes as it has
pages, at least hourly. What was deleted for privacy is in no list; HubSpot tells that by webhook alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from adapters._hubspot.api import SEARCH
from adapters._hubspot.cursors import State, decode, earlier, encode, moment, parsed, remember, unseen
from adapters._hubspot.records import BATCH, CONTACTS, after, results
from adapters._hubspot.settings import HubSpotSettings
from connector.model import sentences
from connector.model.errors import RetryableError
from connector.model.http import Http, Request
from connector.model.records import Page, Record

STREAM = "archived"
_MINUTE = 60_000
_MOST_MINUTES = 60


class ArchivedStream:
    """Pages of records that are gone."""

    def __init__(self, http: Http, settings: HubSpotSettings, now: Callable[[], int], lane: int) -> None:
        self.http = http
        self.settings = settings
        self.now = now
        self.lane = lane

    def pull(self, cursor: str) -> Iterator[Page]:
        """What was archived since the last walk; all of it, the first time."""
        state = decode(cursor)
        if "after" not in state:
            if self._too_soon(state):
                return
            state = {**state, "start": self.now(), "walked": 0}
        yield from self._walk(state)

    def _too_soon(self, state: State) -> bool:
        minutes = min(int(state.get("pages", 0)) - 1, _MOST_MINUTES)
        return "at" in state and self.now() < int(state["at"]) + minutes * _MINUTE

    def _walk(self, state: State) -> Iterator[Page]:
        since = earlier(int(state.get("since", 0)), self.settings.overlap_seconds)
        keep = earlier(int(state["start"]), self.settings.overlap_seconds)
        told = bool(state.get("told"))
        seen = dict(state.get("kept", {}))
        while True:
            found, token = self._read(str(state.get("after", "")))
            late = [one for one in found if one[1] >= since]
            fresh = unseen(late, state.get("seen", {}))
            seen = remember(seen, ((id, at) for id, at, _ in late), keep)
            told = told or bool(fresh)
            walked = int(state["walked"]) + 1
            if token and token == state.get("after"):
                raise RetryableError(f"{CONTACTS}: {sentences.CURSOR_STANDS}")
            if token:
                state = {**state, "after": token, "walked": walked, "told": told, "kept": seen}
            else:
                state = {"since": state["start"], "at": self.now(), "pages": walked, "seen": seen}
            if fresh or (told and not token) or (walked > 1 and not token):
                yield Page(STREAM, [_gone(*one) for one in fresh], encode(state))
            if not token:
                break
        if told and self._none_left():
            yield Page(STREAM, [], encode({**state, "emptied": True}), emptied=True)

    def _read(self, token: str) -> tuple[list[tuple[str, int, Any]], str]:
        query = {"limit": str(BATCH), "archived": "true", "properties": "lastmodifieddate"}
        if token:
            query["after"] = token
        asked = Request("GET", CONTACTS, query=query, reads=True, lane=self.lane)
        body = self.http.read(asked).json()
        found = results(body, CONTACTS)
        times = [parsed(one.get("archivedAt") or one.get("updatedAt")) for one in found]
        return [(str(one["id"]), at, (str(one["id"]), at)) for one, at in zip(found, times, strict=True)], after(body)

    def _none_left(self) -> bool:
        """Whether the portal has no contact any more."""
        body = {"filterGroups": [], "sorts": [], "properties": [], "limit": 1, "after": "0"}
        asked = Request("POST", f"{CONTACTS}/search", json=body, reads=True, rate=SEARCH, lane=self.lane)
        told = self.http.read(asked).json()
        return not results(told, CONTACTS) and told.get("total") == 0


def _gone(id: str, at: int) -> Record:
    return Record(id, {}, where=id, modified_at=moment(at) if at else None, gone=True)
