"""A rep's inbox: what is theirs to do, by when it is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.responses import Response

from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.steps.telling.brief import top_reasons
from connector.steps.telling.words import N_, stage
from connector.web.due import SECTIONS, Due, due_of, in_words, section_of
from connector.web.mine import PEOPLE, Mine, called, mine, spellings
from connector.web.own_times import own_times
from connector.web.room import Room
from connector.web.team_page import managed, people_of
from connector.web.visit import Visit

ROOM = Room("inbox")
#: More than any rep has in hand; of more, the latest are looked at, and it is said.
MOST = 2000
#: So many of each section are shown at first, and at most.
BEGINNING, AT_ONCE = 25, 300
_EVER = datetime.max.replace(tzinfo=UTC)


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
    of: str = ""


@ROOM.page("/inbox", roles=PEOPLE, link=N_("Inbox"))
def inbox(visit: Visit) -> Response:
    """Everything in hand, in sections; the beginning of each, or with `all` one section further.

    With `of`, what a rep of the teams that one leads has in hand; whose it may be is offered. Others are not there.
    """
    whole, of, people = visit.query.get("all", ""), visit.query.get("of", ""), _led(visit)
    if of and of not in people:
        raise HTTPException(404)
    with visit.app.store.read() as tx:
        whose = mine(visit, tx)
        owners = frozenset({of.casefold()}) if of else whose.owners
        handoffs = tx.handoffs.in_hand(spellings(visit.app.config, owners), MOST + 1)
        found = {name: _in_order(handoffs[:MOST], name, visit) for name in SECTIONS}
        shown = {name: some[: AT_ONCE if name == whole else BEGINNING] for name, some in found.items()}
        ids = [one.lead_id for some in shown.values() for one in some]
        leads = tx.intake.leads(ids) if ids else {}
        times = own_times(visit, tx, of or visit.user.email)
    sections = {
        name: [line(visit, one, leads[one.lead_id], whose) for one in some if one.lead_id in leads]
        for name, some in shown.items()
    }
    return visit.page(
        "inbox.html", title=visit.translate("Inbox"), sections=sections, names=SECTIONS,
        counts={name: len(some) for name, some in found.items()}, more=len(handoffs) > MOST, most=MOST,
        of=of, people=people, is_rep="rep" in visit.user.roles, times=times,
    )  # fmt: skip


def _led(visit: Visit) -> tuple[str, ...]:
    """Whose inbox this user may look at, besides their own."""
    return people_of(managed(visit)) if visit.may("manager") else ()


def _in_order(handoffs: Sequence[Handoff], section: str, visit: Visit) -> list[Handoff]:
    """Those of a section: what is due first, then what is worth most."""
    some = [one for one in handoffs if section_of(one, visit.words) == section]
    return sorted(some, key=lambda one: (due_of(one).at or _EVER, -one.total, one.id))


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
        handoff.owner if whose.stands_in(handoff) else "",
    )
