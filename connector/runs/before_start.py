"""The day from which on a flow hands over (`start`), and who is kept back since they were over the line before it."""

from __future__ import annotations

from datetime import datetime, time

from connector.config import Flow
from connector.model.handoff import HandoffState
from connector.model.lead import Lead
from connector.model.ports import Transaction
from connector.runs.assessment import Assessment, deeds
from connector.steps.qualification import passed_anew, passed_at


def start_of(flow: Flow) -> str:
    """The day from which on a flow hands over, "" for none: kept with whom it kept back."""
    return flow.start.isoformat() if flow.start else ""


def beginning(flow: Flow) -> datetime | None:
    """The first moment of the flow's `start`, in its zone."""
    return datetime.combine(flow.start, time.min, flow.zone) if flow.start else None


def first_state(tx: Transaction, one: Assessment) -> tuple[HandoffState, str]:
    """Where a new handoff begins, by the flow's mode and its `start`; and that day, where it keeps the lead back."""
    flow = one.flow
    if flow.mode == "observe":
        return "observed", ""
    start = beginning(flow)
    if start is not None and over_before(tx, one, start):
        return "before_start", start_of(flow)
    return "review" if flow.mode == "review" else "waiting", ""


def over_again(one: Assessment) -> bool:
    """Whether the lead is over the line by something that it did since the flow's `start`."""
    start = beginning(one.flow)
    return start is not None and passed_anew(one.lead, deeds(one), one.flow.criteria, start, one.facts.now)


def over_before(tx: Transaction, one: Assessment, start: datetime) -> bool:
    """Whether the lead was over the line before `start`, and is not over it anew since."""
    done, criteria = deeds(one), one.flow.criteria
    if not passed_at(one.lead, done, criteria, start) or fell_back(tx, one.lead, start):
        return False
    return not passed_anew(one.lead, done, criteria, start, one.facts.now)


def fell_back(tx: Transaction, lead: Lead, start: datetime) -> bool:
    """Whether a lead fell below the line at or after `start`: over it again, it is nobody of before."""
    moves = tx.scores.transitions(lead.id)
    return any(move.origin == "mql" and move.to in ("known", "warm") and move.at >= start for move in moves)
