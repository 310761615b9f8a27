"""The access log: which page, how it ended, how long it took; nothing of what was asked for, nor by whom."""

from __future__ import annotations

import logging
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("baton.desk.access")


class Access:
    """ASGI middleware: a line for each answer, with the pattern of the address and never the address itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and write down how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            took = (perf_counter() - begun) * 1000
            log.info("%s %s %d %.0f ms", method(scope), scope.get("door", "-"), status, took)


def method(scope: Scope) -> str:
    """The method; whatever is none of HTTP's is not repeated."""
    said = str(scope["method"])
    return said if said in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "?"
