"""What platforms tell by themselves, at /hooks/CONNECTION: proved by their signature, and taken as a hint alone.

Nobody signs in here, and no cookie counts. Nothing of a delivery is kept or repeated: that something has moved is noted
for whoever reads the connection, and what that is, is read from the platform. The same delivery again, from whomever,
brings about one reading more at the most. Off, but for the connections that `desk.hooks` names.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from connector.model.errors import AuthError
from connector.model.hooks import NotHeard
from connector.runs.hints import give, readers_of
from connector.web.attempts import address_of

if TYPE_CHECKING:
    from connector.app import App

log = logging.getLogger("baton.desk.hooks")

BEGIN = "/hooks/"
PATH = BEGIN + "{connection}"
#: So many deliveries of one address may be refused in so many seconds; what it sends then is not looked at.
MOST_REFUSED, WITHIN = 30, 60.0
#: So many addresses are told apart within that time; others are one.
MOST_ADDRESSES = 10_000


@dataclass
class Refusals:
    """Counts what was refused: by address, to put off who sends too many; and by what it was, for the log."""

    clock: Callable[[], float] = monotonic
    _since: float = float("-inf")
    _by_address: Counter[str] = field(default_factory=Counter)
    #: How many there were since the start, and what has been told of within this time.
    _all: Counter[tuple[str, int]] = field(default_factory=Counter)
    _told: set[tuple[str, int]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def too_many(self, address: str) -> bool:
        """Whether this address has to wait."""
        with self._lock:
            self._begin_anew()
            return self._by_address[self._key(address)] >= MOST_REFUSED

    def note(self, address: str, connection: str, status: int, why: str) -> None:
        """One was refused. Each kind of refusal is a line in the log once in this time, with their number so far."""
        with self._lock:
            self._begin_anew()
            self._by_address[self._key(address)] += 1
            self._all[connection, status] += 1
            count, first = self._all[connection, status], (connection, status) not in self._told
            self._told.add((connection, status))
        if first:
            log.warning("%s: refused (%d): %s; %d since the start", connection, status, why, count)

    def _begin_anew(self) -> None:
        if self.clock() - self._since >= WITHIN:
            self._since = self.clock()
            self._by_address.clear()
            self._told.clear()

    def _key(self, address: str) -> str:
        return address if address in self._by_address or len(self._by_address) < MOST_ADDRESSES else "others"


def hears(current: Callable[[], App]) -> Route:
    """The address at which platforms tell."""
    refusals = Refusals()

    async def endpoint(request: Request) -> Response:
        request.scope["door"] = PATH
        turned_away = await run_in_threadpool(look, request)
        if turned_away is not None:
            return turned_away
        return await run_in_threadpool(answer, request, await request.body())

    def look(request: Request) -> Response | None:
        """Turn away, before a body is read, whoever has nothing to say here."""
        desk = current().config.desk
        if request.path_params["connection"] not in desk.hooks:
            return _said(404, "nobody listens here")
        if refusals.too_many(address_of(request, desk)):
            return _said(429, "too many that were refused")
        return None

    def answer(request: Request, body: bytes) -> Response:
        app, name = current(), str(request.path_params["connection"])
        try:
            heard = app.hear(name, request.headers, body)
        except AuthError as error:
            refusals.note(address_of(request, app.config.desk), name, 503, str(error))
            return _said(503, "there is no secret to prove it by")
        if heard is None:
            return _said(404, "nobody listens here")
        if isinstance(heard, NotHeard):
            refusals.note(address_of(request, app.config.desk), name, heard.status, heard.why)
            return _said(heard.status, heard.why)
        if heard.moved:
            give(app.store, readers_of(name))
        return _said(200, "heard")

    return Route(PATH, endpoint, methods=["POST"])


def _said(status: int, what: str) -> Response:
    # What was not read is not waited for.
    headers = {"Connection": "close"} if status in (404, 429) else None
    return PlainTextResponse(f"{what}\n", status, headers)
