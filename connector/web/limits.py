"""What nobody may send us: more than a form needs, or so slowly that others wait."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Bytes of a body, and of an address with its question.
BODY, ADDRESS = 64 * 1024, 4 * 1024
#: Bytes of all headers of a request together.
HEADERS = 16 * 1024
#: Seconds within which the headers, and a body, must have come.
DEADLINE = 20.0


class Limits:
    """ASGI middleware: an HTTPException where a request is too large (413, 414, 431) or too slow (408).

    A body without a length is counted while it comes, so no more than `BODY` is ever held, or what `larger` says for
    addresses that begin so.
    """

    def __init__(
        self, app: ASGIApp, seconds: float = DEADLINE, larger: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        self._app = app
        self._seconds = seconds
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on with a `receive` that counts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > ADDRESS:
            raise HTTPException(414)
        if sum(len(name) + len(value) for name, value in scope["headers"]) > HEADERS:
            raise HTTPException(431, headers={"Connection": "close"})
        most = next((size for begin, size in self._larger.items() if scope["path"].startswith(begin)), BODY)
        if announced(scope) > most:
            raise HTTPException(413, headers={"Connection": "close"})
        await self._app(scope, _Counted(receive, self._seconds, most), send)


def announced(scope: Scope) -> int:
    """The length that a request says its body has, in bytes; 0 where it says none."""
    said = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(said) if said.isdigit() else sys.maxsize


class _Counted:
    """`receive`, as long as what comes is small and comes soon enough."""

    def __init__(self, receive: Receive, seconds: float, most: int) -> None:
        self._receive, self._seconds, self._most = receive, seconds, most
        self._so_far, self._more = 0, True
        self._until: float | None = None

    async def __call__(self) -> Message:
        if not self._more:
            return await self._receive()
        clock = asyncio.get_running_loop().time
        self._until = self._until or clock() + self._seconds
        try:
            message = await asyncio.wait_for(self._receive(), self._until - clock())
        except TimeoutError:
            raise HTTPException(408, headers={"Connection": "close"}) from None
        self._so_far += len(message.get("body", b""))
        self._more = bool(message.get("more_body", False))
        if self._so_far > self._most:
            raise HTTPException(413, headers={"Connection": "close"})
        return message
