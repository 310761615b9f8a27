"""What a room is made of: pages, which only show, and acts, which do something and are sent by a form's button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from connector.model.logins import ROLES, Role
from connector.web.visit import Visit

#: The last number that a database counts to.
LAST = (1 << 63) - 1
#: A page or an act: the visit, and the parts of its path.
Handler = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Door:
    """One address of a room: who may come in, and whether something is done there.

    `link` is the name of a page in the list of rooms on top of every page; "" for one that is not in it.
    """

    path: str
    handler: Handler
    roles: tuple[Role, ...]
    acts: bool
    link: str = ""


@dataclass
class Room:
    """Pages and acts that belong together."""

    name: str
    doors: list[Door] = field(default_factory=list)

    def page(self, path: str, *, roles: tuple[Role, ...] = ROLES, link: str = "") -> Callable[[Handler], Handler]:
        """A page at `path` (GET) for `roles`; it must change nothing. With `link`, it stands in the list of rooms."""
        return self._door(path, roles, link, acts=False)

    def act(self, path: str, *, roles: tuple[Role, ...] = ROLES) -> Callable[[Handler], Handler]:
        """An act at `path` (POST) for `roles`. It is written down, and the form's token proved, before it."""
        return self._door(path, roles, acts=True)

    def _door(self, path: str, roles: tuple[Role, ...], link: str = "", *, acts: bool) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            self.doors.append(Door(path, handler, roles, acts, link))
            return handler

        return add


def given(visit: Visit) -> dict[str, Any]:
    """The parts of the path that a handler is called with."""
    return dict(visit.request.path_params)


def can_be(request: Request) -> bool:
    """Whether the numbers and names in the path are such as a store can have: of others there is nothing."""
    return all(one <= LAST if isinstance(one, int) else "\0" not in one for one in request.path_params.values())
