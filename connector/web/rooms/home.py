"""The first page: what this user can see."""

from __future__ import annotations

from starlette.responses import Response

from connector.web.room import Room
from connector.web.visit import Visit

ROOM = Room("home")


@ROOM.page("/")
def home(visit: Visit) -> Response:
    """Links to the rooms that are open to this user."""
    return visit.page("home.html", title=visit.translate("Desk"))
