"""What waits to be released before a rep has it: read it, release it, or give it back to marketing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.responses import Response

from connector.model.errors import BatonError
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.ports import Transaction
from connector.runs.release import release_lead
from connector.runs.review import give_back
from connector.steps.telling.brief import brief, top_reasons
from connector.steps.telling.words import N_, reason_name
from connector.web.due import Due, in_words
from connector.web.mine import called
from connector.web.room import Room
from connector.web.visit import Visit

ROOM = Room("review")
#: How many are shown at once; the best come first, and those behind them once these are done.
AT_ONCE = 50
NO_MORE = N_("That lead does not wait for review any more; nothing was changed.")
RELEASED = N_("Released: it goes to %(owner)s.")
NOBODY = N_("Released. Nobody is there to take it: %(why)s")
NO_REASON = N_("Please choose a reason; nothing was changed.")
RETURNED = N_("Returned to marketing: %(reason)s.")
NOT_NOW = N_("It cannot be released just now: %(why)s")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One that waits. `reasons` are those of its flow: (name, in words)."""

    handoff: Handoff
    name: str
    company: str
    why: str
    brief: str
    due: Due
    due_words: str
    since: datetime
    reasons: list[tuple[str, str]]


@ROOM.page("/reviews", roles=("reviewer",), link=N_("Reviews"))
def reviews(visit: Visit) -> Response:
    """What is this user's to release, the best first."""
    with visit.app.store.read() as tx:
        found = mine(visit, tx)
        ids = [one.lead_id for one in found[:AT_ONCE]]
        leads = tx.intake.leads(ids) if ids else {}
        deeds = tx.intake.activities(ids) if ids else {}
    words = visit.words

    def told(one: Handoff) -> Waiting:
        lead, due = leads[one.lead_id], Due("review", one.review_due_at)
        text = brief(
            lead, lead.score, deeds.get(lead.id, []), handoff=one, language=words.language, translate=words.translate,
            now=words.now, zone=words.zone,
        )  # fmt: skip
        flow = visit.app.config.flows[one.flow]
        return Waiting(
            one, called(lead, words), str(lead.fields.get("company.name") or ""),
            top_reasons(lead.score, 3, words.translate), text, due, in_words(due, words), one.decided_at,
            [(name, reason_name(name, words.translate)) for name in flow.reasons],
        )  # fmt: skip

    return visit.page(
        "reviews.html", title=visit.translate("Reviews"), total=len(found),
        waiting=[told(one) for one in found[:AT_ONCE] if one.lead_id in leads],
    )  # fmt: skip


def mine(visit: Visit, tx: Transaction) -> list[Handoff]:
    """What this user may release; what has no reviewer is anybody's who reviews."""
    found = [one for flow in visit.app.config.flows for one in tx.handoffs.in_state(flow, "review")]
    return [one for one in found if _is_mine(visit, one)]


def _is_mine(visit: Visit, handoff: Handoff) -> bool:
    return visit.may("admin") or handoff.reviewer.casefold() in ("", visit.user.email.casefold())


@ROOM.act("/reviews/{handoff:int}/release", roles=("reviewer",))
def release(visit: Visit, handoff: int) -> Response:
    """Hand it over now."""
    lead = _waiting(visit, handoff)
    if lead is None:
        return visit.back("/reviews", visit.translate(NO_MORE))
    try:
        done = release_lead(visit.runtime(), visit.app.rows, lead.id, visit.user.email)
    except BatonError as error:
        return visit.back("/reviews", visit.words.say(NOT_NOW, why=error))
    if done is None:
        return visit.back("/reviews", visit.translate(NO_MORE))
    words = visit.words
    said = words.say(RELEASED, owner=done.owner) if done.owner else words.say(NOBODY, why=done.routed_by)
    return visit.back("/reviews", said)


@ROOM.act("/reviews/{handoff:int}/return", roles=("reviewer",))
def give_it_back(visit: Visit, handoff: int) -> Response:
    """Not for sales: rejected before anybody has it."""
    reason, note = visit.form.text("reason"), visit.form.text("words")
    lead = _waiting(visit, handoff)
    if lead is None:
        return visit.back("/reviews", visit.translate(NO_MORE))
    flow = visit.app.config.flows.get(lead.flow)
    if flow is None or reason not in flow.reasons:
        return visit.back("/reviews", visit.translate(NO_REASON))
    visit.noted["reason"] = reason
    done = give_back(visit.runtime(), visit.app.rows, lead.id, reason, note[:2000], visit.user.email)
    words = visit.words
    said = words.say(RETURNED, reason=reason_name(reason, words.translate)) if done else words.translate(NO_MORE)
    return visit.back("/reviews", said)


def _waiting(visit: Visit, number: int) -> Lead | None:
    """The lead of a handoff that waits for this user's review; None where it waits no more.

    One that is another reviewer's is not there for this one (404).
    """
    with visit.app.store.read() as tx:
        handoff = tx.handoffs.by_ids([number]).get(number)
        if handoff is None or not _is_mine(visit, handoff):
            raise HTTPException(404)
        if handoff.state != "review":
            return None
        return tx.intake.leads([handoff.lead_id]).get(handoff.lead_id)
