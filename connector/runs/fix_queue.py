"""The fix queue: whose it is to complete or correct a lead's data."""

from __future__ import annotations

from datetime import datetime

from connector.config import Flow
from connector.config.types import Config
from connector.model.handoff import Handoff
from connector.model.notices import Notice

#: How the keys of items begin about leads that were rejected for their data.
MEND = "mend"


def mend_key(handoff: Handoff) -> str:
    """The key of the item about a handoff whose lead's data is to be mended."""
    return f"{MEND}:{handoff.id}"


def mender(config: Config, flow: Flow, said: str = "", team: str = "") -> str:
    """The email of who mends: who is `said` (an address), else the manager of `team`, else one of the flow's; or "".

    The flow's are the managers of the teams that its routing names, in its order.
    """
    if "@" in said:
        return said
    teams = [team, *(rule.to for rule in flow.routing.rules)]
    managers = (config.teams[name].manager for name in teams if name in config.teams)
    return next((manager for manager in managers if manager), "")


def to_fix(key: str, now: datetime, owner: str, lead_id: int, flow: str, why: str) -> Notice:
    """What whoever mends is told, once for each item."""
    return Notice("fix queue", "fix queue", f"fix:{key}", now, owner, "", flow, lead_id, values={"why": why})
