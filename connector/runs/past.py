"""Everything that is stored about one lead, read in a bounded number of queries, with what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.config import Config, Flow
from connector.insight.timeline import Past
from connector.model.activity import Activity
from connector.model.company import Company
from connector.model.facts import Facts
from connector.model.fields import Value
from connector.model.handoff import Handoff, Turn
from connector.model.lead import Lead
from connector.model.ports import Transaction
from connector.runs.accounts import at_present
from connector.runs.replay import Versions, replays
from connector.runs.returning import ended
from connector.steps.facts import account_of, build
from connector.steps.margin import Margin, margin
from connector.steps.nearest import Nearest, Rejected, nearest
from connector.steps.replaying import Replayed
from connector.steps.shares import shares

#: Rows of each sort that are read at most, the newest (of the outbox the oldest) first.
MOST = 1000


@dataclass(frozen=True, slots=True)
class Known:
    """One lead with its past. `facts` explain the gates, None in no flow.

    `nearest` is what would have made it an MQL, where points have not; `margin` by how much it was one, where the
    decision can be taken again.
    """

    lead: Lead
    past: Past
    flow: Flow | None = None
    facts: Facts | None = None
    company: Company | None = None
    nearest: Nearest | None = None
    margin: Margin | None = None


def known(tx: Transaction, config: Config, lead_id: int, now: datetime) -> Known:
    """Read all about one lead, as of `now`."""
    lead = tx.intake.leads([lead_id])[lead_id]
    activities = tx.intake.activities([lead_id]).get(lead_id, [])
    flow, company = config.flows.get(lead.flow), company_of(tx, lead_id)
    past = past_of(tx, config, lead, activities, now)
    if flow is None:
        return Known(lead, past, company=company)
    near, passed = None, None
    if lead.stage in ("known", "warm"):
        near = nearest(lead, _looked_at(activities, flow, now), flow, now, rejected(flow, past.handoffs))
    else:
        passed = margin_of(tx, config, lead, activities, past.replayed)
    return Known(lead, past, flow, facts_of(tx, config, lead, activities, now), company, near, passed)


def past_of(tx: Transaction, config: Config, lead: Lead, activities: Sequence[Activity], now: datetime) -> Past:
    """What happened to a lead, with the points of what it did and its decisions taken again."""
    handoffs = tx.handoffs.of_leads([lead.id]).get(lead.id, [])
    complete, flow = tx.retention.complete_from(), config.flows.get(lead.flow)
    counted = sum(tx.intake.lifetime([lead.id]).get(lead.id, {}).values()) if complete else 0
    return Past(
        activities,
        shares(lead, activities, flow.criteria, now) if flow is not None else {},
        tx.scores.transitions(lead.id),
        replays(tx, config, lead, activities),
        handoffs,
        turns_of(tx, handoffs),
        tx.handoff_events.of_handoffs([one.id for one in handoffs]),
        tx.images.of_lead(lead.id, MOST),
        tx.outbox.rows(lead_id=lead.id, limit=MOST),
        tx.reports.links_of(lead.id),
        tx.joinings.of_leads([lead.id]),
        tx.consents.of_leads([lead.id]).get(lead.id, ()),
        tx.reviews.of_lead(lead.id),
        complete,
        max(counted - len(activities), 0),
    )


def _looked_at(activities: Sequence[Activity], flow: Flow, now: datetime) -> list[Activity]:
    """The activities that the criteria of a flow look at."""
    uses = flow.criteria.uses if flow.takes is None else flow.criteria.uses | flow.takes.uses
    after = now - uses.horizon if uses.horizon is not None else None
    return [one for one in activities if one.kind in uses.kinds and (after is None or one.at > after)]


def rejected(flow: Flow, handoffs: Sequence[Handoff]) -> Rejected | None:
    """That a lead was handed over before and is over the line anew only; None where it need not be."""
    last = ended(handoffs)
    if last is None or last.closed_at is None:
        return None
    reason = flow.reasons.get(last.reason)
    if reason is not None and reason.mend_by:
        return None
    return Rejected(last.closed_at, reason.back_when if reason is not None else None)


def margin_of(
    tx: Transaction, config: Config, lead: Lead, activities: Sequence[Activity], replayed: Sequence[Replayed]
) -> Margin | None:
    """By how much the lead passed when it last became an MQL, where that comes out the same with all that is kept."""
    passed = [one for one in replayed if one.decision.to == "mql" and one.result == "same"]
    if not passed or passed[-1].late or passed[-1].older:
        return None
    last = passed[-1].decision
    flow = Versions(tx, config).flow(last.flow, last.version)
    return margin(lead, activities, flow, last.at) if flow is not None else None


def facts_of(tx: Transaction, config: Config, lead: Lead, activities: Sequence[Activity], now: datetime) -> Facts:
    """The facts as they were when the lead was last scored; where the criteria are others now, as they are."""
    criteria = config.flows[lead.flow].criteria
    if lead.score is not None and lead.score.version == criteria.version:
        facts = build(lead, activities, lead.score.at, account=account_of(lead))
        facts.score = lead.score
        return facts
    facts = build(lead, activities, now, account=account_now(tx, config, lead, now))
    facts.score = criteria.score(facts)
    return facts


def account_now(tx: Transaction, config: Config, lead: Lead, now: datetime) -> Mapping[str, Value] | None:
    """What the account of the lead's company comes to, in a flow that has accounts."""
    flow = config.flows[lead.flow]
    if flow.criteria.account is None:
        return None
    company = company_of(tx, lead.id)
    made = at_present(tx, company, [flow], now) if company is not None else {}
    return made[flow.name].account.fields() if flow.name in made else None


def company_of(tx: Transaction, lead_id: int) -> Company | None:
    """The company that a lead belongs to."""
    ids = list(tx.companies.of_leads([lead_id]).values())
    return next(iter(tx.companies.get(ids).values()), None) if ids else None


def turns_of(tx: Transaction, handoffs: Sequence[Handoff]) -> list[Turn]:
    """The lines of the routing ledger that gave these handoffs away."""
    ids = {one.id for one in handoffs}
    teams = {one.team for one in handoffs if one.team}
    return [turn for team in teams for turn in tx.handoffs.turns(team, 10_000) if turn.handoff_id in ids]
