"""The site: every room behind one door, as an ASGI application."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from connector.app import App
from connector.model.hooks import MOST_BYTES
from connector.model.logins import User
from connector.web import hooks
from connector.web.access import Access
from connector.web.audit import keep
from connector.web.limits import Limits
from connector.web.links import opens
from connector.web.metrics import metrics
from connector.web.protect import Protect, from_here, local_path, proved
from connector.web.room import Door, Room, can_be, given
from connector.web.rooms import dashboard, duplicates, feedback, fixes, held, home, inbox, lead, reviews, team, trail
from connector.web.sessions import WANTED
from connector.web.templating import Templates
from connector.web.trouble import Trouble, refused
from connector.web.visit import Sent, Visit, sent

#: Every room of the site, in the order of its links.
ROOMS: tuple[Room, ...] = (
    home.ROOM,
    inbox.ROOM,
    lead.ROOM,
    reviews.ROOM,
    fixes.ROOM,
    duplicates.ROOM,
    dashboard.ROOM,
    team.ROOM,
    feedback.ROOM,
    held.ROOM,
    trail.ROOM,
)
STATIC = Path(__file__).parent / "static"
#: Names of this machine that only it uses.
LOCAL = ("127.0.0.1", "localhost", "[::1]")
#: Letters of the address that somebody comes back to after signing in: it stands in the cookie.
MOST_WANTED = 500
#: Says who asks; None where nobody is signed in.
Identify = Callable[[Request], User | None]


#: The application of the configuration that is in force.
Current = Callable[[], App]


def site(
    current: Current,
    identify: Identify,
    *,
    key: str = "",
    rooms: tuple[Room, ...] = ROOMS,
    entrance: Sequence[BaseRoute] = (),
    hosts: Sequence[str] = LOCAL,
    cookie: str = "baton",
    secure: bool = False,
) -> Starlette:
    """The site over an opened configuration.

    `key` signs sessions; without one they end with the process. `entrance` are the pages by which one signs in.
    Whoever calls us by another name than one of `hosts` is refused: a page that let its own name mean this machine.
    With `secure` the cookie `cookie` goes over https alone.
    """
    templates = Templates()
    routes: list[Any] = [Mount("/static", StaticFiles(directory=STATIC), name="static")]
    routes += [opens(current, identify), metrics(current, identify), hooks.hears(current), *entrance]
    for room in rooms:
        routes += [_route(room, door, current, identify, templates) for door in room.doors]
    middleware = [
        Middleware(Access),
        Middleware(Protect),
        Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
        Middleware(Trouble),
        Middleware(Limits, larger={hooks.BEGIN: MOST_BYTES}),
        Middleware(
            SessionMiddleware, secret_key=key or secrets.token_hex(32), session_cookie=cookie, max_age=None,
            same_site="lax", https_only=secure,
        ),
    ]  # fmt: skip
    made = Starlette(routes=routes, middleware=middleware, exception_handlers={HTTPException: refused})
    made.state.paths = {door.path for room in rooms for door in room.doors}
    made.state.links = [door for room in rooms for door in room.doors if door.link]
    return made


def _route(room: Room, door: Door, current: Current, identify: Identify, templates: Templates) -> Route:
    async def endpoint(request: Request) -> Response:
        request.scope["door"] = door.path
        form = await sent(request) if door.acts else Sent()
        return await run_in_threadpool(answer, request, form)

    def answer(request: Request, form: Sent) -> Response:
        app, user = current(), identify(request)
        if user is None:
            return _to_sign_in(request, door)
        if not can_be(request):
            raise HTTPException(404)
        visit = Visit(request, app, user, templates, form)
        if not door.acts:
            _must(visit.may(*door.roles))
            return door.handler(visit, **given(visit))
        with keep(visit, room, door) as outcome:
            _must(visit.may(*door.roles))
            _must(from_here(request, app.config.desk.base_url) and proved(request, form.text("token")))
            return outcome.of(door.handler(visit, **given(visit)))

    return Route(door.path, endpoint, methods=["POST"] if door.acts else ["GET"])


def _must(allowed: bool) -> None:
    if not allowed:
        raise HTTPException(403)


def _to_sign_in(request: Request, door: Door) -> Response:
    """To the page where one signs in; from a page, one comes back to it. What a form sent is gone."""
    if not door.acts:
        question = f"?{request.url.query}" if request.url.query else ""
        wanted = local_path(request.url.path + question)
        request.session[WANTED] = wanted if len(wanted) <= MOST_WANTED else "/"
    return RedirectResponse("/sign-in", 303)
