"""Signing in with refresh tokens that are good for one use, while access tokens end again and again.

Whoever dies between a platform's new refresh token and its own commit has lost the grant: that cannot be mended. The
next run is refused with the command that sets the secret, and once an admin has done that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from connector.model.sentences import N_
from connector.sandbox.hubspot import CLIENT
from connector.selftest.served import NONE
from connector.selftest.world import World
from connector.selftest.worlds._served import SECRETS
from connector.selftest.worlds.hubspot_salesforce import REFRESH, FirstHandoffs

if TYPE_CHECKING:
    from connector.sandbox.server import LocalServer
    from connector.sandbox.wire import Call, Reply

#: After so many calls a platform ends every access token that it has given out. There are fewer threads that call.
CALLS = 10


def worlds() -> list[World]:
    """Both platforms sign in so."""
    return [Rotating()]


class Rotating(FirstHandoffs):
    """The first handoffs, and signing in anew at every few calls."""

    name = N_("HubSpot to Salesforce, tokens that rotate")
    target = N_("external id; tasks by their lead")
    sign_in = REFRESH
    #: Each call counts: after so many the tokens end. Two ends with other calls before them are told apart.
    reads = NONE
    secrets: ClassVar[Mapping[str, str]] = {
        "hubspot": CLIENT[2], "hubspot-client": CLIENT[1], "salesforce": "baton-sandbox-refresh",
        "salesforce-client": SECRETS["salesforce"],
    }  # fmt: skip

    def fill(self) -> None:
        super().fill()
        self.held.portal.tokens.rotates = self.held.connected.rotates = True

    def secrets_of(self) -> dict[str, str]:
        return {"hubspot": self.held.portal.tokens.grant(), "salesforce": self.held.connected.grant()}

    def serving(self, servers: Mapping[str, LocalServer]) -> None:
        tokens, org, app = self.held.portal.tokens, self.held.org, self.held.connected
        _ending(servers["hubspot"], tokens.end_sessions, tokens.grant)
        _ending(servers["salesforce"], org.end_sessions, app.grant)


def _ending(server: LocalServer, end: Callable[[], None], grant: Callable[[], str]) -> None:
    """End all access tokens after every so many calls; let an admin ask for a refresh token."""
    edit, calls = server.edit, 0
    assert edit is not None  # noqa: S101 - people can act in both platforms

    def watcher(call: Call, reply: Reply) -> None:
        nonlocal calls
        if reply.status < 400 and "oauth" not in call.path:
            calls += 1
            if calls % CALLS == 0:
                end()

    def edited(wish: dict[str, Any]) -> Any:
        return {"result": grant()} if wish.get("do") == "grant" else edit(wish)

    server.watchers.append(watcher)
    server.edit = edited
