"""The ways in: by the link that the command prints, by a name and a password, or by the word of a web server."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from connector.locale import translator
from connector.model.logins import ROLES, User
from connector.web import sessions
from connector.web.audit import note
from connector.web.protect import local_path
from connector.web.templating import Templates
from connector.web.trouble import language_of
from connector.web.users import user_of

if TYPE_CHECKING:
    from connector.app import App


class Entrance(Protocol):
    """A way in: who asks, and the pages by which one becomes somebody."""

    def identify(self, request: Request) -> User | None:
        """Who asks; None where nobody is signed in."""

    def routes(self) -> Sequence[BaseRoute]:
        """The pages of signing in."""


def bare(request: Request, app: App, template: str, *, status: int = 200, title: str, **values: object) -> Response:
    """A page for somebody whom we do not know (yet), in the language of their browser."""
    language = language_of(request.scope, app.config.language)
    say = translator(language)
    html = Templates().render(template, language, title=say(title), **values)
    return Response(html, status, media_type="text/html")


def onward(request: Request) -> Response:
    """To the page that somebody wanted before they were signed in."""
    return RedirectResponse(local_path(str(request.session.pop(sessions.WANTED, "/"))), 303)


@dataclass
class ByLink:
    """One link, for one browser: whoever has it is `email`, or an admin called by the name `by`.

    It is meant for this machine alone; others who use the machine do not know the link.
    """

    current: Callable[[], App]
    by: str
    email: str = ""
    #: What the link ends with; "" once it was used.
    key: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    def path(self) -> str:
        """Where the link leads."""
        return f"/enter?key={self.key}"

    def identify(self, request: Request) -> User | None:
        """The one user, in a browser that came by the link."""
        app = self.current()
        if not sessions.who(request, app.config.desk, app.clock())[0]:
            return None
        return self.user(app)

    def user(self, app: App) -> User | None:
        """Whoever has the link; None where they have no role any more."""
        return user_of(app, self.email) if self.email else User(self.by, self.by, ROLES)

    def routes(self) -> Sequence[BaseRoute]:
        """The link, and what is said to whoever has none."""
        return [Route("/enter", self._enter), Route("/sign-in", self._closed)]

    async def _enter(self, request: Request) -> Response:
        request.scope["door"] = "/enter"
        return await run_in_threadpool(self.enter, request)

    def enter(self, request: Request) -> Response:
        """Let in whoever has the link, once."""
        app, sent = self.current(), request.query_params.get("key", "")
        user = self.user(app)
        if user is None or not self.key or not hmac.compare_digest(self.key.encode(), sent.encode()):
            return self.closed(request, 403)
        self.key = ""
        sessions.begin(request, user, app.clock())
        note(app, "signed in by the link", user.email, {"by": self.by})
        return onward(request)

    async def _closed(self, request: Request) -> Response:
        request.scope["door"] = "/sign-in"
        return await run_in_threadpool(self.closed, request)

    def closed(self, request: Request, status: int = 200) -> Response:
        """How to get in."""
        return bare(request, self.current(), "by_link.html", status=status, title="Desk")
