"""What a local server hears and says: a call, and the answer to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import unquote

import orjson

T = TypeVar("T")


class HalfDone(Exception):  # noqa: N818 - no error: the server ends in the middle of a batch
    """What was done so far is done; the rest is not, and nobody is answered."""


@dataclass(slots=True)
class Call:
    """One call as it arrived. `path` is as sent, without the query; header names are in lower case.

    The application says by `route` (the path's template) and `items` (how many records the call
    is about) what the ledger shall count. `between` is told within a batch how many of its items
    are done, and of how many; it may raise `HalfDone`.
    """

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    route: str = ""
    items: int = 1
    between: Callable[[int, int], None] = lambda _done, _of: None

    def each(self, items: Sequence[T]) -> Iterator[T]:
        """The items of a batch, one after the other: a transaction of the platform's for each."""
        for done, item in enumerate(items):
            if done:
                self.between(done, len(items))
            yield item

    def json(self) -> Any:
        """The body as JSON, None for no body. Raises ValueError for a body that is not JSON."""
        return orjson.loads(self.body) if self.body else None

    def parts(self) -> list[str]:
        """The path's segments, decoded."""
        return [unquote(part) for part in self.path.split("/")[1:]]

    def first(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return self.query.get(name, [default])[0]


@dataclass(slots=True)
class Reply:
    """One answer: `body` is bytes as they are, None for nothing, or anything that JSON can say."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def data(self) -> bytes:
        """The body's bytes."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)

    def head(self, length: int) -> bytes:
        """Status line and headers, up to and including the empty line."""
        headers = {"Content-Type": "application/json;charset=utf-8", **self.headers}
        if self.status != HTTPStatus.NO_CONTENT:
            headers["Content-Length"] = str(length)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"HTTP/1.1 {self.status} {_phrase(self.status)}\r\n{lines}\r\n".encode("latin-1")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unnamed"
