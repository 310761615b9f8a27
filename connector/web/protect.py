"""What every answer carries and every act must prove: headers that browsers keep to, and the form's token."""

from __future__ import annotations

import hmac
import re
import secrets
from urllib.parse import urlsplit

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
    # Not "no-referrer": browsers would say "null" for the origin of our own forms (Fetch, "append a request Origin").
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    # No page of another site takes a picture, a table or a file of ours into itself.
    "Cross-Origin-Resource-Policy": "same-origin",
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
    return bool(known) and hmac.compare_digest(known.encode(), sent.encode(errors="replace"))


def from_here(request: Request, base_url: str = "") -> bool:
    """Whether a browser says that a form was sent from a page of ours; one that says nothing is judged by the token.

    `Sec-Fetch-Site` cannot be set by a page (W3C, Fetch Metadata); `Origin` is there in browsers that lack it.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    try:
        sent_from = urlsplit(origin).netloc
    except ValueError:
        return False
    # The host was checked: it is one of ours.
    return sent_from in {urlsplit(base_url).netloc, request.headers.get("host", "")} - {""}


_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")


def local_path(path: str) -> str:
    """`path` where it leads to a page of ours, else the first page.

    A browser takes `//host` and `/\\host` for another site, and an end of line for the next header.
    """
    return path if _PATH.fullmatch(path) else "/"
