"""A HubSpot account on this machine, over HTTP."""

from __future__ import annotations

from connector.sandbox.clock import Clock
from connector.sandbox.hubspot.edits import edit, look
from connector.sandbox.hubspot.people import add_companies, add_contacts, add_list, furnish
from connector.sandbox.hubspot.portal import CLIENT, TOKEN, Portal
from connector.sandbox.hubspot.routes import Application
from connector.sandbox.server import LocalServer

__all__ = ["CLIENT", "TOKEN", "HubSpotServer", "Portal", "add_companies", "add_contacts", "add_list", "edit",
           "furnish", "look"]  # fmt: skip


class HubSpotServer(LocalServer):
    """The server of one portal. `TOKEN` signs in; `CLIENT` is (client id, client secret, refresh token) for OAuth."""

    def __init__(
        self, portal: Portal | None = None, *, clock: Clock | None = None, port: int = 0, latency: float = 0.0
    ) -> None:
        """Without a portal: an empty one with owners, forms and emails."""
        if portal is None:
            portal = Portal(clock)
            furnish(portal)
        self.portal = held = portal
        super().__init__(
            Application(held), port=port, latency=latency, clock=held.clock, ledger=held.ledger,
            look=lambda query: look(held, query), edit=lambda wish: edit(held, wish),
        )  # fmt: skip
