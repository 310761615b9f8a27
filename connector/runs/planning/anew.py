"""The values in force of leads decided anew, as the rules of their flow say now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from connector.config import Config
from connector.model.lead import Lead
from connector.model.ports import Transaction
from connector.runs.terms import terms_of
from connector.runs.undecided import report
from connector.steps.identity import is_known_by
from connector.steps.sides import Settled, Terms, settle

BATCH = 500


def decide_anew(tx: Transaction, config: Config, leads: Iterable[Lead], now: datetime) -> list[int]:
    """Decide what both sides have said of these leads; the ids of those in which anything changed, due now."""
    found: list[tuple[Lead, Terms, Settled]] = []
    for lead in leads:
        if names := {name for said in lead.sides.values() for name in said}:
            terms = terms_of(config, lead.flow)
            found.append((lead, terms, settle(lead, sorted(names), terms)))
    report(tx, found, now)
    changed = [lead for lead, _, settled in found if settled.changed]
    tx.intake.update_leads(changed, now)
    ids = [lead.id for lead in changed]
    tx.scores.mark_due(ids, now)
    tx.keys.wait([lead.id for lead, _, settled in found if is_known_by(settled.changed)])
    return ids


def decide_all(tx: Transaction, config: Config, flows: Iterable[str], now: datetime) -> list[int]:
    """The same of every lead of these flows."""
    flows, found, after = frozenset(flows), list[int](), 0
    while flows and (ids := tx.intake.lead_numbers(after, BATCH)):
        after = ids[-1]
        leads = [one for one in tx.intake.leads(ids).values() if one.flow in flows and not one.merged_into]
        found += decide_anew(tx, config, leads, now)
    return found
