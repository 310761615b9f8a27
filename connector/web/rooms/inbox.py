"""A rep's inbox: what is theirs to do, by when it is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.responses import Response

from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.steps.telling.brief import top_reasons
from connector.steps.telling.words import N_, stage
from connector.web.due import SECTIONS, Due, Section, due_of, in_words, section_of
from connector.web.mine import Mine, called, mine, spellings
from connector.web.room import Room
from connector.web.visit import Visit

ROOM = Room("inbox")
#: More than any rep has in hand; of more, the latest are shown, and it is said.
MOST = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One lead of the inbox. `of` is its owner where that is somebody else, who is away."""

    lead: int
    name: str
    company: str
    grade: str
    total: int
    hot: bool
    reasons: str
    stage: str
    due: Due
    due_words: str
    opened_at: datetime | None
    section: Section
    of: str = ""


@ROOM.page("/inbox", roles=("rep",), link=N_("Inbox"))
def inbox(visit: Visit) -> Response:
    """Everything in hand, in sections."""
    with visit.app.store.read() as tx:
        whose = mine(visit, tx)
        handoffs = tx.handoffs.in_hand(spellings(visit.app.config, whose.owners), MOST + 1)
        leads = tx.intake.leads([one.lead_id for one in handoffs[:MOST]]) if handoffs else {}
    lines = [line(visit, one, leads[one.lead_id], whose) for one in handoffs[:MOST] if one.lead_id in leads]
    sections = {name: _in_order(lines, name) for name in SECTIONS}
    return visit.page(
        "inbox.html", title=visit.translate("Inbox"), sections=sections, names=SECTIONS, total=len(lines),
        more=len(handoffs) > MOST,
    )  # fmt: skip


def line(visit: Visit, handoff: Handoff, lead: Lead, whose: Mine) -> Line:
    """A handoff as a line."""
    words, due = visit.words, due_of(handoff)
    return Line(
        lead.id,
        called(lead, words),
        str(lead.fields.get("company.name") or ""),
        handoff.grade,
        handoff.total,
        handoff.hot,
        top_reasons(lead.score, 2, words.translate),
        stage(lead.stage, words.translate),
        due,
        in_words(due, words),
        handoff.opened_at,
        section_of(handoff, words),
        handoff.owner if whose.stands_in(handoff) else "",
    )


_EVER = datetime.max.replace(tzinfo=UTC)


def _in_order(lines: Sequence[Line], section: str) -> list[Line]:
    """Those of a section: what is due first, then what is worth most."""
    some = [one for one in lines if one.section == section]
    return sorted(some, key=lambda one: (one.due.at is None, one.due.at or _EVER, -one.total, one.lead))
