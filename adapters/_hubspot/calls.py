"""Calls that read many objects at once, and what is common to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from adapters._hubspot.answers import body_of
from adapters._hubspot.api import read_error
from adapters._hubspot.objects import BATCH
from adapters._hubspot.records import Found, after, moved, results
from connector.model.errors import AuthError, ConfigError, RetryableError
from connector.model.http import Answer, Http, Request
from connector.model.outbox import LANES, NotExecuted, Unknown

Item = TypeVar("Item")
STATUS = LANES["status"]


class OneWrite(Http):
    """The calls of one write, which may take several.

    That we are not let in is raised only while nothing was executed; later, it is what came of the rest. What an
    admin must mend (a scope) keeps the write waiting until it is mended.
    """

    def __init__(self, http: Http) -> None:
        self.http = http
        self._executed = False

    def read(self, request: Request) -> Answer:
        try:
            return self.http.read(request)
        except AuthError as error:
            if not self._executed:
                raise
            raise RetryableError(str(error)) from None
        except ConfigError as error:
            raise RetryableError(str(error)) from None

    def send(self, request: Request) -> Answer | NotExecuted | Unknown:
        try:
            answer = self.http.send(request)
        except AuthError as error:
            if not self._executed:
                raise
            return NotExecuted(str(error))
        if isinstance(answer, Answer) and answer.status == 403:
            code, words, _ = read_error(body_of(answer))
            return NotExecuted(f"{answer.status} {code} {words}".strip())
        self._executed = self._executed or not isinstance(answer, NotExecuted)
        return answer


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
        token = moved(after(body), token, path)
        if not token:
            return


def joined(http: Http, origin: str, to: str, ids: Iterable[str], lane: int = STATUS) -> dict[str, list[str]]:
    """The ids of `to` objects that `origin` objects are associated with, by id."""
    found: dict[str, list[str]] = defaultdict(list)
    path = f"/crm/v4/associations/{origin}/{to}/batch/read"
    for some in batches(dict.fromkeys(ids)):
        request = Request("POST", path, json={"inputs": [{"id": id} for id in some]}, reads=True, lane=lane)
        for one in results(http.read(request).json(), path):
            found[str(one["from"]["id"])] += [str(other["toObjectId"]) for other in one["to"]]
    return found
