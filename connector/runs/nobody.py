"""Telling whoever is to hear of it that nobody takes a lead."""

from __future__ import annotations

from datetime import datetime

from connector.config import Flow
from connector.model.handoff import Handoff
from connector.model.notices import Notice
from connector.steps.routing.rules import MANAGER, Routed


def nobody_there(flow: Flow, handoff: Handoff, routed: Routed, now: datetime) -> Notice:
    """What the manager of the team that was asked hears (or whom the flow names), once for a handoff."""
    tell = flow.routing.nobody_there.tell
    owner, to = ("", "manager") if tell == MANAGER else (tell, "owner")
    return Notice(
        "breached", "nobody there", f"handoff-{handoff.id}:nobody", now, owner, routed.asked, flow.name,
        handoff.lead_id, handoff.hot, {"why": routed.words}, (to,),
    )  # fmt: skip
