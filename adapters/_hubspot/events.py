"""What contacts did on the website, and custom events: the events API, by contact id.

It is part of Enterprise plans. A stretch of time that has ended is read page by page, one type of event after
the other; the next stretch begins a while before the end of this one. It has no events of marketing emails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from adapters._hubspot.cursors import State, decode, earlier, encode, iso, millis, parsed, remember, told_at, unseen
from adapters._hubspot.records import after, begun_again, moved, restarted, results
from adapters._hubspot.settings import HubSpotSettings
from connector.model.http import Http, Request
from connector.model.records import Page, Record, Window

STREAM = "events"
EVENTS = "/events/v3/events"
PAGE = 100
_DAY = 86_400_000
VISITED = "e_visited_page"
#: What is called here otherwise than there.
_NAMES = {VISITED: "page_view"}


class EventStream:
    """Pages of events of the types that the settings name. Each type has its own place."""

    def __init__(self, http: Http, settings: HubSpotSettings, now: Callable[[], int], lane: int) -> None:
        self.http = http
        self.settings = settings
        self.now = now
        self.lane = lane

    def pull(self, cursor: str, window: Window | None) -> Iterator[Page]:
        """What was done after `cursor`, or within `window`."""
        places: State = decode(cursor)
        for type in self.settings.events:
            for page, place in self._type(type, dict(places.get(type, {})), window):
                places = {**places, type: place}
                yield Page(STREAM, page, encode(places))

    def _type(self, type: str, place: State, window: Window | None) -> Iterator[tuple[list[Record], State]]:
        if place.get("done"):
            return
        if "stop" in place:
            # Whether the bounds themselves belong to a stretch is said nowhere.
            since, until = int(place["since"]) - 1, int(place["stop"])
        elif window is not None:
            since, until = millis(window.since), millis(window.until)
        else:
            first = self.now() - self.settings.history_days * _DAY
            since = earlier(int(place["since"]), self.settings.overlap_seconds) if "since" in place else first
            until = self.now()
        if "after" in place:
            since, until = int(place["from"]), int(place["until"])
        yield from self._stretch(type, place, since, until, window is not None or "stop" in place)

    def _stretch(
        self, type: str, place: State, since: int, until: int, once: bool
    ) -> Iterator[tuple[list[Record], State]]:
        keep = earlier(until, self.settings.overlap_seconds)
        seen, token, restarts = dict(place.get("kept", {})), str(place.get("after", "")), 0
        while True:
            answer = self.http.read(self._request(type, since, until, token))
            if answer.status == 400:
                token, restarts, place = "", restarted(restarts, EVENTS), begun_again(place)
                continue
            body = answer.json()
            place = {"end": min(until, told_at(answer, self.now())), **place}
            found = results(body, EVENTS)
            events = [(str(one["id"]), parsed(one.get("occurredAt")), one) for one in found]
            fresh = unseen(events, place.get("seen", {}))
            seen = remember(seen, ((id, at) for id, at, _ in events), keep)
            following = moved(after(body), token, EVENTS)
            if following:
                place = {**place, "from": since, "until": until, "after": following, "kept": seen}
            else:
                place = {"since": place["end"], "seen": seen, **({"done": True} if once else {})}
            if fresh or following or token:
                yield [_record(one) for one in fresh], place
            if not following:
                return
            token = following

    def _request(self, type: str, since: int, until: int, token: str) -> Request:
        query = {
            "objectType": "contact",
            "eventType": type,
            "occurredAfter": iso(since),
            "occurredBefore": iso(until),
            "limit": str(PAGE),
        }
        if token:
            query["after"] = token
        expected = (400,) if token else ()
        return Request("GET", EVENTS, query=query, reads=True, lane=self.lane, expected=expected)


def _record(one: Mapping[str, Any]) -> Record:
    id, type = str(one["id"]), str(one.get("eventType"))
    properties = one.get("properties") or {}
    values = {
        **properties,
        "id": id,
        "contact": str(one.get("objectId") or ""),
        "at": str(one.get("occurredAt") or ""),
        "event": _NAMES.get(type, type),
        "page": properties.get("hs_url") or properties.get("hs_page_url") or "",
        "asset": properties.get("hs_title") or properties.get("hs_page_title") or "",
        "campaign": properties.get("hs_utm_campaign") or "",
    }
    return Record(id, values, where=id)
