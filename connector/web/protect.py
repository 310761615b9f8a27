"""What every answer carries and every act must prove: headers that browsers keep to, and the form's token."""

from __future__ import annotations

import hmac
import secrets

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Nothing is loaded from anywhere else, no script stands in a page, nobody frames us (W3C, Content Security Policy 3).
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Protect:
    """ASGI middleware that adds `HEADERS` to every answer; what an answer says itself is left."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add to the start of the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, protected)


def token(request: Request) -> str:
    """What the forms of this session carry; made when the first form is shown."""
    return str(request.session.setdefault("token", secrets.token_urlsafe(32)))


def proved(request: Request, sent: str) -> bool:
    """Whether `sent` is the session's token."""
    known = str(request.session.get("token", ""))
    return bool(known) and hmac.compare_digest(known, sent)
