"""Notices of fields of which nobody can tell which side's value is newer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from connector.model import sentences
from connector.model.lead import Lead
from connector.model.ports import ReviewItem, Transaction
from connector.runs.own_values import shown
from connector.steps.sides import Settled, Terms, crm_side, marketing_side


def undecided_key(lead_id: int, name: str) -> str:
    """The key of the notice that nobody can tell which side's value of a field is newer."""
    return f"undecided:{lead_id}:{name}"


def report(tx: Transaction, found: Iterable[tuple[Lead, Terms, Settled]], now: datetime) -> None:
    """A notice for each field of each lead that nobody can decide; those that are decided by now are closed."""
    items, closed = [], []
    for lead, terms, settled in found:
        items += [_undecided(lead, name, terms) for name in sorted(settled.undecidable)]
        # Whatever the rule is: it may have been another one when the notice was made.
        closed += [undecided_key(lead.id, name) for name in settled.decided]
    if closed and (still := sorted(tx.reviews.is_open("notice", closed))):
        tx.reviews.close("notice", still, "mended", now)
    if items:
        tx.reviews.put(items, now)


def _undecided(lead: Lead, name: str, terms: Terms) -> ReviewItem:
    source, marketing = marketing_side(lead, name, terms)
    said = {"field": name, "ours": shown(marketing.value), "theirs": shown(crm_side(lead, name, terms).value)}
    reason = sentences.UNDECIDED % {**said, "source": source, "crm": terms.crm}
    place = sentences.LEAD % {"id": lead.id}
    return ReviewItem("notice", undecided_key(lead.id, name), place, reason, name, lead.id, flow=lead.flow)
