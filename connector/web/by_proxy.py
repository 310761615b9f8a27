"""The way in by the word of a web server before us, which has signed in its users itself."""

from __future__ import annotations

import hmac
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from connector.steps.telling.words import N_
from connector.web import sessions
from connector.web.attempts import is_trusted, peer
from connector.web.audit import note
from connector.web.sign_in import bare
from connector.web.users import user_of

if TYPE_CHECKING:
    from connector.app import App
    from connector.model.logins import User

log = logging.getLogger("baton.desk")

#: The header in which the web server proves itself.
PROOF = "x-baton-proof"
#: The trail has one entry for so long: whoever sends many is no more of a news.
TOLD = timedelta(minutes=1)


@dataclass
class ByProxy:
    """Whom the web server names in its header. `proof` is the secret that it sends along, "" on a socket."""

    current: Callable[[], App]
    proof: str
    _told: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def identify(self, request: Request) -> User | None:
        """Whom the web server names; None where it names nobody, or nobody who has a role here.

        Raises HTTPException 400 where somebody else names a user: loudly, for it is an attempt or a mistake.
        """
        app = self.current()
        named = request.headers.getlist(app.config.desk.proxy.header)
        if not named:
            return None
        if len(named) > 1 or not self._is_theirs(request, app):
            self._refuse(app)
        user = user_of(app, named[0])
        if user is not None:
            sessions.of(request, user)
        return user

    def _is_theirs(self, request: Request, app: App) -> bool:
        desk, address = app.config.desk, peer(request)
        if not address:
            return bool(desk.socket)
        sent = request.headers.get(PROOF, "")
        return (
            is_trusted(desk, address) and bool(self.proof) and hmac.compare_digest(self.proof.encode(), sent.encode())
        )

    def _refuse(self, app: App) -> None:
        with self._lock:
            now = app.clock()
            first = self._told is None or now - self._told >= TOLD
            self._told = now if first else self._told
        if first:
            log.error("somebody named a user in the header of the web server, and is not the web server")
            note(app, "header of the web server refused")
        raise HTTPException(400)

    def routes(self) -> Sequence[BaseRoute]:
        """What is said to somebody who has no role here."""
        return [Route("/sign-in", self._page)]

    async def _page(self, request: Request) -> Response:
        request.scope["door"] = "/sign-in"
        return await run_in_threadpool(self.page, request)

    def page(self, request: Request) -> Response:
        """Nobody, or nobody who may see anything."""
        return bare(request, self.current(), "by_proxy.html", status=403, title=N_("Desk"))
