"""What recipients did with marketing emails, by address.

The email events API (legacy v1, the only one that tells of single recipients) gives the latest first, page by
page with a token that soon ends, and names emails by a campaign id. So it is read in slices of time, oldest
slice first, and within a slice back to its beginning; a slice that was broken off is read on with its token,
or again from its end where the token has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from adapters._hubspot.cursors import State, decode, earlier, encode, iso, millis, named, remember, told_at, unseen
from adapters._hubspot.records import begun_again, moved, object_with, restarted
from adapters._hubspot.settings import HubSpotSettings
from connector.model import sentences
from connector.model.errors import RetryableError, StreamError
from connector.model.http import Http, Request
from connector.model.records import Page, Record, Window

STREAM = "email_events"
EVENTS = "/email/public/v1/events"
CAMPAIGNS = "/email/public/v1/campaigns"
PAGE = 1000
_DAY = 86_400_000
#: A slice of the first load, and of a backfill.
SLICE = 7 * _DAY
#: So many pages without anything on them, with more behind them, are believed.
_MOST_BLANK = 20
#: Who changed a status: the recipient, by a link in a mail or on the page of preferences.
OF_RECIPIENT = "SOURCE_RECIPIENT"
#: HubSpot's words, and the names that mappings know them by.
NAMES = {
    "SENT": "email_sent", "DELIVERED": "email_delivered", "OPEN": "email_open", "CLICK": "email_click",
    "BOUNCE": "email_bounce", "SPAMREPORT": "email_spam_report", "DROPPED": "email_dropped",
}  # fmt: skip


class EmailEventStream:
    """Pages of events. `now` is the present in milliseconds."""

    def __init__(
        self, http: Http, settings: HubSpotSettings, now: Callable[[], int], lane: int, known: dict[str, str] | None
    ) -> None:
        """`known` are names of emails that another part of the first load has asked for."""
        self.http = http
        self.settings = settings
        self.now = now
        self.lane = lane
        self.known = known if known is not None else {}

    def pull(self, cursor: str, window: Window | None) -> Iterator[Page]:
        """What was done after `cursor`, or within `window`."""
        state = decode(cursor)
        if window is not None:
            since, until = millis(window.since), millis(window.until)
        else:
            since, until = self.now() - self.settings.history_days * _DAY, self.now()
        since, until = int(state.get("since", since)), int(state.get("stop", until))
        while since < until:
            end = int(state.get("until", min(since + SLICE, until)))
            for page in self._slice({**state, "since": since, "until": end}):
                yield page
                state = decode(page.cursor)
            state.pop("until", None)
            since = end

    def _slice(self, state: State) -> Iterator[Page]:
        """One slice. No page where it is empty and the last."""
        start = int(state["since"]) if "offset" in state else self._from(state)
        until, known = int(state["until"]), state.get("seen", {})
        keep = earlier(until, self.settings.overlap_seconds)
        seen, names = dict(state.get("kept", {})), dict(state.get("names", {}))
        offset, restarts, blank = str(state.get("offset", "")), 0, 0
        while True:
            body, now = self._read(start, until, offset)
            if body is None:
                restarts = restarted(restarts, EVENTS)
                state, offset = begun_again(state), ""
                continue
            state = {"end": min(until, now), **state}
            found = _events(body)
            events = [(_id(one), int(one["created"]), one) for one in found if self._wanted(one)]
            fresh = unseen(events, known)
            seen = remember(seen, ((id, at) for id, at, _ in events), keep)
            names = self._learn(names, fresh)
            token = moved(str(body.get("offset") or "") if body.get("hasMore") else "", offset, EVENTS)
            blank = 0 if found else blank + 1
            if token and blank > _MOST_BLANK:
                raise StreamError(f"{EVENTS}: {sentences.CURSOR_STANDS}")
            if token:
                following = {**state, "since": start, "offset": token, "kept": seen, "names": names}
            else:
                following = {"since": state["end"], "seen": seen, "names": names, "stop": state.get("stop")}
            if fresh or token or offset or until - start >= SLICE:
                yield Page(STREAM, [_record(one, names) for one in fresh], encode(following))
            if not token:
                return
            offset = token

    def _from(self, state: State) -> int:
        if "stop" in state:
            # What is long over is complete; whether the bounds themselves belong to a slice is said nowhere.
            return int(state["since"]) - 1
        return earlier(int(state["since"]), self.settings.overlap_seconds)

    def _wanted(self, one: Mapping[str, Any]) -> bool:
        """What scanners and the company's own people did is marked as filtered by HubSpot."""
        return one.get("type") in self.settings.email_events and not one.get("filteredEvent") and "created" in one

    def _read(self, since: int, until: int, offset: str) -> tuple[Mapping[str, Any] | None, int]:
        """A page, None where the token has ended; and the portal's own time."""
        query = {"startTimestamp": str(since), "endTimestamp": str(until), "limit": str(PAGE)}
        if len(self.settings.email_events) == 1:
            query["eventType"] = self.settings.email_events[0]
        if offset:
            query["offset"] = offset
        expected = (400,) if offset else ()
        answer = self.http.read(Request("GET", EVENTS, query=query, reads=True, lane=self.lane, expected=expected))
        now = told_at(answer, self.now())
        body = answer.json() if answer.status != 400 else None
        return (body if isinstance(body, Mapping) or answer.status == 400 else {}), now

    def _learn(self, names: dict[str, str], found: list[Any]) -> dict[str, str]:
        """The names of campaigns that are not known yet; each is asked for once."""
        for one in found:
            id = str(one.get("emailCampaignId") or "")
            if id and id not in names:
                names = named(names, id, self._name(id))
        return names

    def _name(self, id: str) -> str:
        if id not in self.known:
            self.known[id] = self._asked_name(id)
        return self.known[id]

    def _asked_name(self, id: str) -> str:
        asked = Request("GET", f"{CAMPAIGNS}/{id}", reads=True, lane=self.lane, expected=(404,))
        answer = self.http.read(asked)
        told = {} if answer.status == 404 else object_with(answer.json(), "id", CAMPAIGNS)
        return str(told.get("name") or told.get("subject") or id)


def _events(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = body.get("events")
    if not isinstance(found, list):
        raise RetryableError(f"{EVENTS}: {sentences.ANSWER_INCOMPLETE}")
    return found


def _id(one: Mapping[str, Any]) -> str:
    return str(one["id"])


def event_name(one: Mapping[str, Any]) -> str:
    """What a mapping calls it. A changed status is a subscription, or the end of one."""
    if one.get("type") == "BOUNCE" and str(one.get("status") or "").startswith("4"):
        # A status of class 4 passes (RFC 3463): a full mailbox, a server that is down.
        return "email_soft_bounce"
    if one.get("type") != "STATUSCHANGE":
        return NAMES.get(str(one.get("type")), str(one.get("type")))
    words = {str(part.get("status")) for part in _subscriptions(one)} | {str(one.get("portalSubscriptionStatus") or "")}
    if "UNSUBSCRIBED" in words:
        return "unsubscribe"
    # What somebody else or another system switched on is nobody's wish.
    own = str(one.get("source") or OF_RECIPIENT) == OF_RECIPIENT
    return "subscribe" if "SUBSCRIBED" in words and own else "status_change"


def topics(one: Mapping[str, Any]) -> list[str]:
    """The subscriptions that an event is about; none where it is about all mail.

    An end of single ones is told beside the standing of all, which is still subscribed then.
    """
    told = [part for part in _subscriptions(one) if str(part.get("id") or "")]
    if one.get("type") != "STATUSCHANGE":
        return [str(part["id"]) for part in told]
    if one.get("portalSubscriptionStatus") == "UNSUBSCRIBED":
        return []
    left = [str(part["id"]) for part in told if part.get("status") == "UNSUBSCRIBED"]
    return left or [str(part["id"]) for part in told]


def _subscriptions(one: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [part for part in one.get("subscriptions") or () if isinstance(part, Mapping)]


def _record(one: Mapping[str, Any], names: Mapping[str, str]) -> Record:
    id, at = _id(one), int(one["created"])
    campaign = str(one.get("emailCampaignId") or "")
    values = {
        "id": id,
        "email": str(one.get("recipient") or ""),
        "at": iso(at),
        "event": event_name(one),
        "campaign": names.get(campaign, campaign),
        "page": str(one.get("url") or ""),
        "subscription": ";".join(topics(one)),
    }
    return Record(id, values, where=id)
