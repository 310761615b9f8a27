"""Put the desk together: the site, the way in that the configuration asks for, and where a browser finds it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.web.serve import address, cookie, hosts
from connector.web.sign_in import ByLink, Entrance
from connector.web.site import site

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from connector.app import App
    from connector.config.types import Desk


@dataclass
class Opened:
    """A desk that is about to be served at the socket `own`; `by` is the user of this machine who serves it.

    `email` is whom the link lets in, "" for an admin.
    """

    current: Callable[[], App]
    desk: Desk
    own: socket.socket
    by: str
    email: str = ""
    entrance: Entrance = field(init=False)
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.url = address(self.desk, self.own)
        self.entrance = self._entrance()

    @property
    def who(self) -> str:
        """Whom the link lets in."""
        return self.email or self.by

    def _entrance(self) -> Entrance:
        by_link = ByLink(self.current, self.by, self.email)
        self.url += by_link.path()
        return by_link

    def site(self) -> Starlette:
        """The site, as it is to be served."""
        port = 0 if self.desk.socket else self.own.getsockname()[1]
        name, secure = cookie(self.desk, port)
        return site(
            self.current, self.entrance.identify, key=self._key(), entrance=self.entrance.routes(),
            hosts=hosts(self.desk), cookie=name, secure=secure,
        )  # fmt: skip

    def _key(self) -> str:
        return ""
