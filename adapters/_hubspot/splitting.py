"""The beginning of a stream in parts: contacts by ranges of ids, emails and events by windows of time.

A part is told by `stop` in its cursor: where its range of ids, or its window of time, ends. The stream's own
cursor after it is the moment before anything was asked, so that what changed or came meanwhile is read by the
next pull, which begins `overlap_seconds` earlier.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from adapters._hubspot.api import SEARCH
from adapters._hubspot.cursors import encode
from adapters._hubspot.records import CONTACTS, results
from adapters._hubspot.settings import HubSpotSettings
from adapters._hubspot.walk import PAGE as SEARCHED
from connector.model import sentences
from connector.model.errors import RetryableError
from connector.model.http import Http, Request
from connector.model.outbox import LANES
from connector.model.records import Split

_DAY = 86_400_000
#: Ids above the first up to the second, and how many contacts have one.
Range = tuple[int, int, int]
#: Pages below which a part is not worth its searches.
_FEWEST_PAGES = 2


def split_time(settings: HubSpotSettings, now: int, parts: int) -> list[tuple[int, int]]:
    """(since, until) of windows of the same length, over the days that the first load goes back."""
    since = now - settings.history_days * _DAY
    edges = [since + (now - since) * part // parts for part in range(parts + 1)]
    return list(pairwise(edges))


def split_emails(settings: HubSpotSettings, now: int, parts: int) -> Split:
    """Windows of the email events API."""
    windows = split_time(settings, now, parts)
    cursors = tuple(encode({"since": since, "stop": until}) for since, until in windows)
    return Split(cursors, encode({"since": now}))


def split_events(settings: HubSpotSettings, now: int, parts: int) -> Split:
    """Windows of the events API, for each type of event."""
    cursors = [
        encode({type: {"since": since, "stop": until} for type in settings.events})
        for since, until in split_time(settings, now, parts)
    ]
    return Split(tuple(cursors), encode({type: {"since": now} for type in settings.events}))


class ContactRanges:
    """Finds ranges of ids that hold about the same number of contacts: ids are handed out in leaps."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def split(self, now: int, parts: int) -> Split | None:
        """Up to `parts` ranges; None where there are too few contacts. Asks a few times for each."""
        first, count = self._asked([])
        if count < parts * SEARCHED * _FEWEST_PAGES:
            return None
        ranges = self._leaps(first - 1, count)
        for _ in range(2 * parts):
            widest = max(ranges, key=lambda one: one[2])
            # A quarter more than its share costs less than another question.
            if widest[2] <= count * 5 // (parts * 4) or widest[1] - widest[0] < 2:
                break
            ranges.remove(widest)
            ranges += self._halves(*widest)
        told = _joined(sorted(ranges), -(-count // parts))
        # The numbers of an index may be wrong. They say where parts begin, and never that there is nothing: what
        # lies before the first, behind the last, and in a range that is said to be empty, belongs to some part.
        begins = [0, *(after for after, _, _ in told[1:])]
        cursors = [
            {"start": now, "id": begin, "stop": stop} for begin, stop in zip(begins, [*begins[1:], 0], strict=True)
        ]
        return Split(tuple(encode(cursor) for cursor in cursors), encode({"since": now}))

    def _leaps(self, after: int, count: int) -> list[Range]:
        """Ranges up to the last id, each eight times as long as all before it."""
        ranges: list[Range] = []
        begin, length, left = after, count, count
        while left:
            stop = after + length
            above = self._asked([_above(stop)])[1]
            ranges.append((begin, stop, left - above))
            begin, length, left = stop, length * 8, above
        return ranges

    def _halves(self, after: int, stop: int, count: int) -> list[Range]:
        middle = (after + stop) // 2
        lower = self._asked([_above(after), _upto(middle)])[1]
        return [(after, middle, lower), (middle, stop, max(count - lower, 0))]

    def _asked(self, filters: list[dict[str, str]]) -> tuple[int, int]:
        """(the lowest id, 0 for none; how many there are)."""
        request = _search(filters, ["hs_object_id"], 1)
        told: Any = self.http.read(request).json()
        found = results(told, CONTACTS)
        if not isinstance(told.get("total"), int):
            raise RetryableError(f"{CONTACTS}/search: {sentences.ANSWER_INCOMPLETE}")
        return (int(found[0]["id"]) if found else 0), told["total"]


def _search(filters: list[dict[str, str]], properties: Sequence[str], limit: int) -> Request:
    body = {
        "filterGroups": [{"filters": filters}] if filters else [], "sorts": ["hs_object_id"],
        "properties": list(properties), "limit": limit, "after": "0",
    }  # fmt: skip
    return Request("POST", f"{CONTACTS}/search", json=body, reads=True, rate=SEARCH, lane=LANES["backfill"])


def _above(id: int) -> dict[str, str]:
    return {"propertyName": "hs_object_id", "operator": "GT", "value": str(id)}


def _upto(id: int) -> dict[str, str]:
    return {"propertyName": "hs_object_id", "operator": "LTE", "value": str(id)}


def _joined(ranges: list[Range], share: int) -> list[Range]:
    """Neighbours that together are no more than a share, as one."""
    made: list[Range] = []
    for after, stop, number in ranges:
        if made and made[-1][2] + number <= share:
            made[-1] = (made[-1][0], stop, made[-1][2] + number)
        else:
            made.append((after, stop, number))
    return made
