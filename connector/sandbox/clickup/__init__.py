"""A ClickUp workspace on this machine, over HTTP.

What it knows of ClickUp: the calls of the published descriptions (v2; Docs: v3) that the adapter makes, and their rules
as far as they are described. Not here: folders, spaces, views, dependencies, custom task types, guests, automations.
"""

from __future__ import annotations

from connector.sandbox.clickup.edits import edit, look
from connector.sandbox.clickup.furnishing import DEALS, FEEDBACK, FORM, LEADS, REQUESTS, furnish, furnish_beside
from connector.sandbox.clickup.routes import Application
from connector.sandbox.clickup.workspace import KEY, TEAM, TOKEN, Workspace
from connector.sandbox.clock import Clock
from connector.sandbox.server import LocalServer

__all__ = [
    "DEALS", "FEEDBACK", "FORM", "KEY", "LEADS", "REQUESTS", "TEAM", "TOKEN", "ClickUpServer", "Workspace", "edit",
    "furnish", "furnish_beside", "look",
]  # fmt: skip


class ClickUpServer(LocalServer):
    """The server of one workspace; `TOKEN` signs in. Paths begin with `/v2`, as behind https://api.clickup.com/api."""

    def __init__(
        self, space: Workspace | None = None, *, clock: Clock | None = None, port: int = 0, latency: float = 0.0
    ) -> None:
        """Without a workspace: one with people and two empty lists."""
        if space is None:
            space = Workspace(clock)
            furnish(space)
        self.space = held = space
        super().__init__(
            Application(held), port=port, latency=latency, clock=held.clock, ledger=held.ledger,
            look=lambda query: look(held, query), edit=lambda wish: edit(held, wish),
        )  # fmt: skip
