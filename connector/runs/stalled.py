"""Leads that have been in one stage for longer than the next gate gives (`within`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from connector.config import Config, Flow
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.ports import Transaction
from connector.runs.clocks import agreed_of, hours_of
from connector.steps.clocks import timers

#: Handoffs that are looked at together, and more than any flow has.
BATCH, EVERY = 500, 10**9


@dataclass(frozen=True, slots=True)
class Stalled:
    """A lead that stands still: since when it is at `stage`, and by when it was to be further."""

    lead: int
    handoff: int
    flow: str
    owner: str
    stage: str
    since: datetime
    due: datetime


def stalled(tx: Transaction, config: Config, now: datetime) -> list[Stalled]:
    """Those that stand still at `now`, the longest overdue first; of flows that do more than observe."""
    found = [one for flow in config.flows.values() if flow.mode != "observe" for one in _of_flow(tx, config, flow, now)]
    return sorted(found, key=lambda one: (one.due, one.handoff))


def _of_flow(tx: Transaction, config: Config, flow: Flow, now: datetime) -> Iterator[Stalled]:
    stages = agreed_of(flow).stages
    given = [one for one in tx.handoffs.in_state(flow.name, "open", EVERY) if one.accepted_at] if stages else []
    for start in range(0, len(given), BATCH):
        some = given[start : start + BATCH]
        leads = tx.intake.leads(sorted({one.lead_id for one in some}))
        for handoff in some:
            lead = leads.get(handoff.lead_id)
            if lead is not None and lead.stage in stages and not lead.merged_into:
                yield from _of(config, flow, handoff, lead, now)


def _of(config: Config, flow: Flow, handoff: Handoff, lead: Lead, now: datetime) -> Iterator[Stalled]:
    running = timers(handoff, lead.stage, lead.stage_since, agreed_of(flow), hours_of(config, handoff), ())
    for timer in running:
        if timer.clock == "stage" and timer.due <= now:
            yield Stalled(lead.id, handoff.id, flow.name, handoff.owner, timer.stage, timer.begun, timer.due)
