"""Two leads of ours that became one: what only the other knew, and the deal that it was in."""

from __future__ import annotations

from datetime import datetime

from connector.config import Config
from connector.model.lead import Lead
from connector.model.ports import Transaction
from connector.model.stages import Stage, Transition
from connector.runs.consent import owe, said_anything
from connector.runs.terms import terms_of
from connector.steps.identity import join

#: Stages that a deal brought about.
BY_DEAL: frozenset[Stage] = frozenset({"opportunity", "won"})
#: Why a lead moved, as it is kept with the transition.
JOINED = "one with a lead in a deal"


def join_leads(
    tx: Transaction, config: Config, survivor: int, other: Lead, connection: str, now: datetime
) -> None:  # fmt: skip
    """Let `survivor` take over what only `other` knew; with its deal, the stage that the deal brought about.

    What both know is settled by the rules of the survivor's flow. `connection` is where the two were made one.
    """
    if said_anything(tx, survivor, other):
        owe(tx, survivor)
    lead = tx.intake.leads([survivor]).get(survivor)
    taken = join(lead, other, terms_of(config, lead.flow), connection) if lead is not None else []
    if lead is None:
        return
    if "opportunity.id" in taken and other.stage in BY_DEAL and lead.stage not in BY_DEAL:
        _follow_deal(tx, lead, other.stage, connection, now)
    tx.intake.update_leads([lead], now)


def _follow_deal(tx: Transaction, lead: Lead, to: Stage, connection: str, now: datetime) -> None:
    score = lead.score
    version, total, grade = (score.version, score.total, score.grade) if score else ("", 0, "")
    move = Transition(lead.id, lead.flow, lead.stage, to, now, connection, JOINED, version, total, grade)
    tx.scores.add_transitions([move])
    lead.stage, lead.stage_since = to, now
    if to == "won":
        ended = [one for one in tx.handoffs.of_leads([lead.id]).get(lead.id, ()) if one.state != "closed"]
        for one in ended:
            one.state, one.closed_at = "closed", now
        tx.handoffs.save(ended)
    # With the next scoring marketing hears of it.
    tx.scores.mark_due([lead.id], now)
