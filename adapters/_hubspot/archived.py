"""Objects that were archived (deleted; HubSpot keeps them for ninety days).

The list of archived objects has no filter by time and no order by it. It is walked whole, and those archived
since the last walk are told. Where it is long, it is walked the less often: up to a hundred pages once in so many
minutes as it has pages, up to an hour apart, and from there on ten pages a minute on the average. What was deleted for
privacy is in no list; HubSpot tells that by webhook alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from adapters._hubspot.api import SEARCH
from adapters._hubspot.cursors import State, decode, earlier, encode, moment, parsed, remember, told_at, unseen
from adapters._hubspot.objects import BATCH, CONTACT, Kind
from adapters._hubspot.records import MERGED, Found, after, begun_again, losers, moved, restarted, results
from adapters._hubspot.settings import HubSpotSettings
from connector.model.http import Answer, Http, Request
from connector.model.records import Page, Record

STREAM = "archived"
_MINUTE = 60_000
_HOUR, _PAGES_A_MINUTE = 60, 10


@dataclass(slots=True)
class Bin:
    """Walks the archived of one kind. `now` is the present in milliseconds; `least` minutes lie between two walks."""

    http: Http
    settings: HubSpotSettings
    kind: Kind
    now: Callable[[], int]
    lane: int
    least: int = 0

    def steps(self, state: State) -> Iterator[tuple[list[Found], State]]:
        """(what was archived since the last walk, where this one stands). `told` where it told of any."""
        if "after" not in state and self._too_soon(state):
            return
        if "after" not in state:
            state = {name: value for name, value in state.items() if name not in ("told", "emptied")}
        since, restarts = earlier(int(state.get("since", 0)), self.settings.overlap_seconds), 0
        while True:
            before = str(state.get("after", ""))
            answer = self.http.read(self._list(before))
            if answer.status == 400:
                restarts = restarted(restarts, self.kind.path)
                state = begun_again(state)
                continue
            found = results(answer.json(), self.kind.path)
            token = moved(after(answer.json()), before, self.kind.path)
            late = [(str(one["id"]), at, one) for one in found if (at := _archived_at(one)) >= since]
            fresh = unseen(late, state.get("seen", {}))
            state = self._following(state, answer, [(id, at) for id, at, _ in late], token)
            if fresh:
                state["told"] = True
            if fresh or token or state["pages"] > 1 or state.get("told"):
                yield fresh, state
            if not token:
                return

    def _following(self, state: State, answer: Answer, late: list[tuple[str, int]], token: str) -> State:
        begun = "after" in state
        start = int(state["start"]) if begun else told_at(answer, self.now())
        kept = remember(state.get("kept", {}) if begun else {}, late, earlier(start, self.settings.overlap_seconds))
        pages = int(state.get("pages", 0)) + 1 if begun else 1
        told = {"told": True} if state.get("told") else {}
        if token:
            return {**state, "start": start, "after": token, "kept": kept, "pages": pages}
        return {"since": start, "at": self.now(), "seen": kept, "pages": pages, **told}

    def _too_soon(self, state: State) -> bool:
        pages = int(state.get("pages", 1)) - 1
        minutes = max(self.least, min(pages, _HOUR), pages // _PAGES_A_MINUTE)
        # A clock that was set back must not put the next walk off.
        return "at" in state and 0 <= self.now() - int(state["at"]) < minutes * _MINUTE

    def _list(self, token: str) -> Request:
        query = {"limit": str(BATCH), "archived": "true", "properties": f"{self.kind.changed},{MERGED}"}
        if token:
            query["after"] = token
        expected = (400,) if token else ()
        return Request("GET", self.kind.path, query=query, reads=True, lane=self.lane, expected=expected)


class ArchivedStream:
    """Pages of contacts that are gone."""

    def __init__(self, http: Http, settings: HubSpotSettings, now: Callable[[], int], lane: int) -> None:
        self.http = http
        self.lane = lane
        self.bin = Bin(http, settings, CONTACT, now, lane)

    def pull(self, cursor: str) -> Iterator[Page]:
        """What was archived since the last walk; all of it, the first time."""
        state: State = {}
        for gone, state in self.bin.steps(decode(cursor)):
            yield Page(STREAM, [record for one in gone for record in _gone(one)], encode(state))
        if state.get("told") and "after" not in state and self._none_left():
            yield Page(STREAM, [], encode({**state, "emptied": True}), emptied=True)

    def _none_left(self) -> bool:
        """Whether the portal has no contact any more."""
        body = {"filterGroups": [], "sorts": [], "properties": [], "limit": 1, "after": "0"}
        asked = Request("POST", f"{CONTACT.path}/search", json=body, reads=True, rate=SEARCH, lane=self.lane)
        told = self.http.read(asked).json()
        return not results(told, CONTACT.path) and told.get("total") == 0


def _archived_at(one: Found) -> int:
    return parsed(one.get("archivedAt") or one.get("updatedAt"))


def _gone(one: Found) -> list[Record]:
    """Who was archived, and those who had been merged into it: nothing else may have told of them before."""
    id, at = str(one["id"]), _archived_at(one)
    merged = [Record(loser, {}, where=loser, merged_into=id) for loser in losers(one)]
    return [*merged, Record(id, {}, where=id, modified_at=moment(at) if at else None, gone=True)]
