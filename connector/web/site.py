"""The site: every room behind one door, as an ASGI application."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from connector.app import App
from connector.model.logins import User
from connector.web.protect import Protect, proved
from connector.web.room import Door, Room, given
from connector.web.rooms import dashboard, home
from connector.web.templating import Templates
from connector.web.visit import Sent, Visit

#: Every room of the site, in the order of its links.
ROOMS: tuple[Room, ...] = (home.ROOM, dashboard.ROOM)
STATIC = Path(__file__).parent / "static"
#: Says who asks; None where nobody is signed in.
Identify = Callable[[Request], User | None]


#: The application of the configuration that is in force.
Current = Callable[[], App]


def site(current: Current, identify: Identify, *, key: str = "", rooms: tuple[Room, ...] = ROOMS) -> Starlette:
    """The site over an opened configuration. `key` signs sessions; without one they end with the process."""
    templates = Templates()
    routes: list[Any] = [Mount("/static", StaticFiles(directory=STATIC), name="static")]
    for room in rooms:
        routes += [_route(door, current, identify, templates) for door in room.doors]
    middleware = [
        Middleware(Protect),
        Middleware(SessionMiddleware, secret_key=key or secrets.token_hex(32), session_cookie="baton", same_site="lax"),
    ]
    made = Starlette(routes=routes, middleware=middleware)
    made.state.links = [door for room in rooms for door in room.doors if door.link]
    return made


def _route(door: Door, current: Current, identify: Identify, templates: Templates) -> Route:
    async def endpoint(request: Request) -> Response:
        user = await run_in_threadpool(identify, request)
        if user is None:
            return RedirectResponse("/sign-in", 303)
        visit = Visit(request, current(), user, templates)
        if not visit.may(*door.roles):
            raise HTTPException(403)
        if door.acts:
            visit.form = await _sent(request)
            if not proved(request, visit.form.text("token")):
                raise HTTPException(403)
        return await run_in_threadpool(door.handler, visit, **given(visit))

    return Route(door.path, endpoint, methods=["POST"] if door.acts else ["GET"])


async def _sent(request: Request) -> Sent:
    form = await request.form()
    return Sent({name: value for name, value in form.items() if isinstance(value, str)})
