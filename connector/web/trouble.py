"""Pages for what went wrong, in the reader's language; a fault of ours has an id, and no word of what it was about."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from connector.locale import LANGUAGES, translator
from connector.model.errors import BatonError, RetryableError, StateError
from connector.steps.telling.words import N_
from connector.web.templating import Templates

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("baton.desk")

#: What a reader is told, by status: in a few words, and what to do.
SAID = {
    400: (N_("This cannot be answered"), N_("Something before this page has changed what your browser sent.")),
    403: (N_("Not allowed"), N_("This is not yours to do. If you sent a form, open its page again first.")),
    404: (N_("Not found"), N_("There is no such page, or it is not yours to see.")),
    405: (N_("This is not a page"), N_("Something is done there, by a button: go back and press it.")),
    408: (N_("Too slow"), N_("What you sent did not arrive in time. Please send it again.")),
    413: (N_("Too much"), N_("What you sent is larger than any form needs.")),
    414: (N_("Too long"), N_("This address is longer than any of ours.")),
    429: (N_("Too many attempts"), N_("Please wait a while before you try again.")),
    500: (N_("A fault of this program"), N_("Please tell this number to whoever looks after Baton.")),
    503: (N_("Not just now"), N_("The store cannot be used at the moment. Please try again.")),
}  # fmt: skip
Next = Callable[["Scope", "Receive", "Send"], Awaitable[None]]


def language_of(scope: Scope, otherwise: str = "en") -> str:
    """The first language of the browser that we speak (RFC 9110, 12.5.4, without weights: browsers sort them)."""
    said = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"accept-language"), "")
    tags = [tag.partition(";")[0].strip().partition("-")[0].lower() for tag in said[:200].split(",")]
    return next((tag for tag in tags if tag in LANGUAGES), otherwise)


def page(scope: Scope, status: int, *, id: str = "", headers: dict[str, str] | None = None) -> Response:
    """The page of a status."""
    language = language_of(scope)
    _ = translator(language)
    title, text = SAID.get(status, SAID[400 if status < 500 else 500])
    html = Templates().render("trouble.html", language, title=_(title), text=_(text), id=id)
    return Response(html, status, headers, media_type="text/html")


async def refused(request: Request, error: Exception) -> Response:
    """The page of an HTTPException, with the headers that it asks for."""
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    headers = dict(error.headers or {})
    return page(request.scope, error.status_code, headers=headers)


class Trouble:
    """ASGI middleware: whatever else escapes becomes a page, and a line in the log that quotes nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; once an answer has begun, nothing can be said any more."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except HTTPException as error:
            await page(scope, error.status_code, headers=dict(error.headers or {}))(scope, receive, send)
        except ClientDisconnect:
            log.debug("a browser went away before it had sent its form")
        except Exception as error:  # noqa: BLE001 - whatever else escapes is our own fault, and said so
            answer = told(scope, error)
            if not begun:
                await answer(scope, receive, send)


def told(scope: Scope, error: Exception) -> Response:
    """Log what escaped by its kind and place, never by its words, and make the page for it."""
    if isinstance(error, RetryableError | StateError):
        log.warning("the store: %s", type(error).__name__)
        return page(scope, 503, headers={"Retry-After": "5"})
    id = secrets.token_hex(4)
    kind = type(error).__name__
    log.error("fault %s: %s in %s", id, kind, place(error))
    if not isinstance(error, BatonError):
        log.debug("fault %s", id, exc_info=error)
    return page(scope, 500, id=id)


def place(error: Exception) -> str:
    """The module and line where an error arose."""
    import traceback

    frames = [one for one in traceback.extract_tb(error.__traceback__) if not one.filename.startswith("<")]
    return f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
