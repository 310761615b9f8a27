"""Marketing's room: what sales said of each lead, the newest first, with their own words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.responses import Response

from connector.locale.format import span
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.ports import Handed, Transaction
from connector.model.times import micros, moment
from connector.steps.telling.words import N_, reason_name, stage
from connector.web.mine import called
from connector.web.room import Room
from connector.web.visit import Visit

ROOM = Room("feedback")
#: How far back it reaches, and how many leads stand on a page.
REACH, AT_ONCE = timedelta(days=90), 50
#: What may be asked for, by its word in the address.
SHOWN = {"": N_("everything"), "rejected": N_("rejected"), "overdue": N_("not called in time")}


@dataclass(frozen=True, slots=True)
class Line:
    """One lead that was handed over, and what was said of it. `late` is None where there is nothing to judge yet."""

    name: str
    company: str
    campaign: str
    source: str
    opened: datetime
    stage: str
    reason: str
    words: str
    rating: int | None
    first_contact: str
    late: bool | None


@ROOM.page("/feedback", roles=("marketing", "manager"), link=N_("Feedback"))
def feedback(visit: Visit) -> Response:
    """A page of them; `only` and `campaign` choose, `page` turns over."""
    only, campaign = visit.query.get("only", ""), visit.query.get("campaign", "")
    only = only if only in SHOWN else ""
    page = visit.query.get("page", "1")
    at = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 else 1
    with visit.app.store.read() as tx:
        found = _chosen(visit, tx, only, campaign)
        start = (max(at, 1) - 1) * AT_ONCE
        lines = _lines(visit, tx, found[start : start + AT_ONCE])
    return visit.page(
        "feedback.html", title=visit.translate(N_("Feedback of sales")), lines=lines, total=len(found), at=max(at, 1),
        more=len(found) > start + AT_ONCE, only=only, campaign=campaign, shown=SHOWN,
    )  # fmt: skip


def _chosen(visit: Visit, tx: Transaction, only: str, campaign: str) -> list[Handed]:
    now = visit.words.now
    rows = tx.looking.handed(micros(now - REACH), micros(now) + 1)
    if only == "rejected":
        rows = [one for one in rows if one.closed is not None and one.reason]
    if only == "overdue":
        rows = [one for one in rows if one.due is not None and (one.contacted or one.closed or micros(now)) > one.due]
    if campaign and rows:
        values = tx.funnel.values_of(sorted({one.lead_id for one in rows}), ("campaign",))
        rows = [one for one in rows if (values.get(one.lead_id) or (None,))[0] == campaign]
    return sorted(rows, key=lambda one: (one.opened, one.lead_id), reverse=True)


def _lines(visit: Visit, tx: Transaction, rows: list[Handed]) -> list[Line]:
    ids = sorted({one.lead_id for one in rows})
    leads, given = (tx.intake.leads(ids), tx.handoffs.of_leads(ids)) if ids else ({}, {})
    found = []
    for row in rows:
        opened = moment(row.opened)
        same = [one for one in given.get(row.lead_id, ()) if one.opened_at == opened and one.flow == row.flow]
        if same and row.lead_id in leads:
            found.append(_line(visit, leads[row.lead_id], same[-1], opened))
    return found


def _line(visit: Visit, lead: Lead, handoff: Handoff, opened: datetime) -> Line:
    words, fields, due = visit.words, lead.fields, handoff.due_at
    called_at = handoff.contacted_at
    taken = span((called_at - opened).total_seconds(), words.language) if called_at else ""
    ended = called_at or handoff.closed_at or words.now
    late = None if due is None or (called_at is None and ended <= due) else ended > due
    return Line(
        called(lead, words), str(fields.get("company.name") or ""), str(fields.get("campaign") or ""),
        str(fields.get("source") or ""), opened, stage(lead.stage, words.translate),
        reason_name(handoff.reason, words.translate) if handoff.reason else "", handoff.words, handoff.rating, taken,
        late,
    )  # fmt: skip
