"""Calls that read many objects at once, and what is common to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from adapters._hubspot.objects import BATCH
from adapters._hubspot.records import Found, after, results
from connector.model.http import Http, Request
from connector.model.outbox import LANES

Item = TypeVar("Item")
STATUS = LANES["status"]


def batches(items: Iterable[Item], size: int = BATCH) -> Iterator[list[Item]]:
    """The items, `size` at a time."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def read_many(
    http: Http, path: str, ids: Iterable[str], wanted: Sequence[str], *, by: str = "", lane: int = STATUS
) -> list[Found]:
    """Live objects by id, or by the unique property `by`; those that are not there are absent (a 207 names them).

    What was merged is found under the id that is left of it.
    """
    found: list[Found] = []
    for some in batches(dict.fromkeys(ids)):
        body: dict[str, Any] = {
            "inputs": [{"id": id} for id in some], "properties": list(wanted), "propertiesWithHistory": [],
        }  # fmt: skip
        if by:
            body["idProperty"] = by
        request = Request("POST", f"{path}/batch/read", json=body, reads=True, lane=lane, about=tuple(some))
        found += results(http.read(request).json(), path)
    return found


def listed(http: Http, path: str, lane: int = STATUS, **query: str) -> Iterator[Found]:
    """All of a short list, page after page."""
    token = ""
    while True:
        asked = query | ({"after": token} if token else {})
        body = http.read(Request("GET", path, query=asked, reads=True, lane=lane)).json()
        yield from results(body, path)
        following = after(body)
        if not following or following == token:
            return
        token = following


def joined(http: Http, origin: str, to: str, ids: Iterable[str], lane: int = STATUS) -> dict[str, list[str]]:
    """The ids of `to` objects that `origin` objects are associated with, by id."""
    found: dict[str, list[str]] = defaultdict(list)
    path = f"/crm/v4/associations/{origin}/{to}/batch/read"
    for some in batches(dict.fromkeys(ids)):
        request = Request("POST", path, json={"inputs": [{"id": id} for id in some]}, reads=True, lane=lane)
        for one in results(http.read(request).json(), path):
            found[str(one["from"]["id"])] += [str(other["toObjectId"]) for other in one["to"]]
    return found
