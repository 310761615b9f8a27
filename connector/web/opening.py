"""Put the desk together: the site, the way in that the configuration asks for, and where a browser finds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.web.by_login import ByLogin
from connector.web.by_proxy import ByProxy
from connector.web.rooms.account import account
from connector.web.serve import cookie, hosts
from connector.web.sign_in import ByLink, Entrance
from connector.web.site import ROOMS as ALL
from connector.web.site import site

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from connector.app import App
    from connector.config.types import Desk

#: The rooms of the desk; where names and passwords are kept here, a user's own account beside them.
ROOMS = ALL


@dataclass
class Opened:
    """A desk that is about to be served: a browser finds it at `url`, it listens at `port` (0: at a socket).

    `by` is the user of this machine who serves it, `email` whom the link lets in, "" for an admin.
    """

    current: Callable[[], App]
    desk: Desk
    url: str
    port: int
    by: str
    email: str = ""
    entrance: Entrance = field(init=False)

    def __post_init__(self) -> None:
        self.entrance = self._entrance()

    @property
    def who(self) -> str:
        """Whom the link lets in."""
        return self.email or self.by

    def _entrance(self) -> Entrance:
        app = self.current()
        if self.desk.base_url:
            # Said now, and not to the first who opens a link.
            app.desk_key("links")
        if self.desk.sign_in == "logins":
            return ByLogin(self.current, app.desk_key("attempts"), *cookie(self.desk, self.port))
        if self.desk.sign_in == "proxy":
            proof = self.desk.proxy.proof
            return ByProxy(self.current, app.secrets.get(proof) if proof else "")
        by_link = ByLink(self.current, self.by, self.email)
        self.url += by_link.path()
        return by_link

    def site(self) -> Starlette:
        """The site, as it is to be served."""
        name, secure = cookie(self.desk, self.port)
        rooms = (*ROOMS, account(self.entrance.key)) if isinstance(self.entrance, ByLogin) else ROOMS
        return site(
            self.current, self.entrance.identify, key=self._key(), rooms=rooms, entrance=self.entrance.routes(),
            hosts=hosts(self.desk), cookie=name, secure=secure,
        )  # fmt: skip

    def _key(self) -> str:
        """What signs sessions; those of a link end with the process, as the link does."""
        return "" if self.desk.sign_in == "link" else self.current().desk_key("sessions")
