"""A lead: what is known of it, why now, and what its owner does about it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.responses import Response

from connector.insight.entries import KINDS
from connector.insight.timeline import timeline
from connector.model.errors import BatonError
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.ports import Transaction
from connector.runs import desk_acts
from connector.runs.desk_record import Acted
from connector.runs.past import known
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime
from connector.steps.telling.words import N_, reason_name
from connector.web.due import due_of, in_words
from connector.web.lead_forms import LOST, REJECTED, reason_went, sent_deal, touched_at
from connector.web.lead_page import asked, counted, latest, lead_page, sent_answers
from connector.web.mine import PEOPLE, called, mine
from connector.web.room import Room
from connector.web.saying import TOUCHES, why_not
from connector.web.visit import Visit

ROOM = Room("lead")
#: What a form must say before anything is done.
NO_REASON = N_("Please choose a reason; nothing was changed.")
WHY = N_("Time line: %(name)s")
GIVEN_ON = N_("This lead was given to somebody else meanwhile; nothing was changed.")
DEALS = {"open": N_("The opportunity is kept."), "won": N_("Won. Congratulations!")}
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
NO_CHOICE = N_("Please choose one of what the form offers; nothing was changed.")


@ROOM.page("/leads/{lead:int}", roles=PEOPLE)
def show(visit: Visit, lead: int) -> Response:
    """One lead, and what may be done."""
    _, handoff = seen(visit, lead)
    in_store = is_ours(visit, handoff)
    with visit.app.store.read() as tx:
        whose = mine(visit, tx)
        page = lead_page(visit, tx, lead, handoff, whose, in_store=in_store)
    words, due = visit.words, due_of(handoff)
    return visit.page(
        "lead.html", title=called(page.lead, words), page=page, due=due, due_words=in_words(due, words),
        once=secrets.token_hex(8), reasons=[(one, reason_name(one, words.translate)) for one in page.reject_for],
        kinds={kind: TOUCHES[kind] for kind in counted(visit, handoff)}, currency=visit.app.config.currency.report_in,
        of=handoff.owner if whose.stands_in(handoff) else "",
    )  # fmt: skip


@ROOM.page("/leads/{lead:int}/why", roles=PEOPLE)
def why(visit: Visit, lead: int) -> Response:
    """The whole time line of a lead."""
    found, _ = seen(visit, lead)
    words, config = visit.words, visit.app.in_force()
    with visit.app.store.read() as tx:
        told = timeline(found, known(tx, config, lead, words.now).past, words)
    return visit.page(
        "lead_why.html", title=words.say(WHY, name=called(found, words)), lead=found, told=told, kinds=KINDS
    )  # fmt: skip


@ROOM.act("/leads/{lead:int}/accept", roles=PEOPLE)
def accept(visit: Visit, lead: int) -> Response:
    """Take it."""
    return _answered(visit, lead, "sal", desk_acts.accept, N_("Accepted."))


@ROOM.act("/leads/{lead:int}/qualify", roles=PEOPLE)
def qualify(visit: Visit, lead: int) -> Response:
    """There was a conversation: it is an SQL."""
    return _answered(visit, lead, "sql", desk_acts.qualify, N_("It is an SQL now."))


@ROOM.act("/leads/{lead:int}/answer", roles=PEOPLE)
def answer(visit: Visit, lead: int) -> Response:
    """What was found out since."""
    return _answered(visit, lead, "sal", desk_acts.answer, N_("Your answers are kept."))


def _answered(visit: Visit, lead: int, gate: str, act: Callable[..., Acted], said: str) -> Response:
    def run(handoff: Handoff) -> Acted:
        names = asked(visit.app.config.flows.get(handoff.flow), gate)
        return act(*_here(visit), handoff.id, visit.user.email, sent_answers(visit.form, names))

    return _done(visit, lead, run, said)


@ROOM.act("/leads/{lead:int}/reject", roles=PEOPLE)
def reject(visit: Visit, lead: int) -> Response:
    """Give it back, with a reason of its flow."""
    reason, words = visit.form.text("reason"), visit.form.text("words")

    def run(handoff: Handoff) -> Acted | str:
        flow = visit.app.config.flows.get(handoff.flow)
        if flow is None or reason not in flow.reasons:
            return NO_REASON
        visit.noted["reason"] = reason
        return desk_acts.reject(*_here(visit), handoff.id, visit.user.email, reason, words)

    return _done(visit, lead, run, reason_went(visit, REJECTED), to="/inbox")


@ROOM.act("/leads/{lead:int}/touch", roles=PEOPLE)
def touch(visit: Visit, lead: int) -> Response:
    """A call, a mail or a meeting."""
    kind, once = visit.form.text("kind"), visit.form.text("once")

    def run(handoff: Handoff) -> Acted | str:
        if kind not in counted(visit, handoff) or not once.isalnum():
            return NO_CHOICE
        at = touched_at(visit, handoff)
        if isinstance(at, str):
            return at
        note = visit.form.text("note")
        return desk_acts.touch(*_here(visit), handoff.id, visit.user.email, kind, once[:32], note, at)

    return _done(visit, lead, run, N_("Noted."))


@ROOM.act("/leads/{lead:int}/rate", roles=PEOPLE)
def rate(visit: Visit, lead: int) -> Response:
    """How good it was."""
    said = visit.form.text("rating")

    def run(handoff: Handoff) -> Acted | str:
        if said not in {str(one) for one in desk_acts.RATINGS}:
            return NO_CHOICE
        return desk_acts.rate(*_here(visit), handoff.id, visit.user.email, int(said))

    return _done(visit, lead, run, N_("Thank you: your rating is kept."))


@ROOM.act("/leads/{lead:int}/deal", roles=PEOPLE)
def deal(visit: Visit, lead: int) -> Response:
    """Its opportunity: open, won or lost."""
    form, stage = visit.form, visit.form.text("stage")

    def run(handoff: Handoff) -> Acted | str:
        flow, said = visit.app.config.flows.get(handoff.flow), sent_deal(visit)
        if isinstance(said, str):
            return said
        if stage == "lost" and (flow is None or form.text("reason") not in flow.reasons):
            return NO_REASON
        if stage not in (*DEALS, "lost"):
            return NO_CHOICE
        reason = form.text("reason") if stage == "lost" else ""
        return desk_acts.put_deal(
            *_here(visit), handoff.id, visit.user.email, stage, said, reason, form.text("words")
        )  # fmt: skip

    return _done(visit, lead, run, reason_went(visit, LOST) if stage == "lost" else DEALS.get(stage, ""))


@ROOM.act("/leads/{lead:int}/pass", roles=PEOPLE)
def give_on(visit: Visit, lead: int) -> Response:
    """Give it to a colleague, or to whoever's turn it is."""
    to = visit.form.text("to")

    def run(handoff: Handoff) -> Acted | str:
        team = visit.app.config.teams.get(handoff.team)
        if to and (team is None or to not in {one.email for one in team.members}):
            return NO_CHOICE
        moved = desk_acts.give_on(*_here(visit), handoff.id, handoff.owner, to, visit.user.email)
        if moved is None:
            return Acted("over", None, handoff)
        visit.noted["to"] = moved.to
        return Acted("done", None, moved.handoff) if moved.to else visit.words.retell(moved.words)

    return _done(visit, lead, run, N_("Given on. Its new owner is told."), to="/inbox")


def seen(visit: Visit, lead: int) -> tuple[Lead, Handoff]:
    """A lead that this user sees, and its latest handoff. One of somebody else's is not there for them (404)."""
    with visit.app.store.read() as tx:
        found, handoff = tx.intake.leads([lead]).get(lead), latest(tx.handoffs.of_leads([lead]).get(lead, ()))
        if found is None or handoff is None or not mine(visit, tx).has(handoff):
            raise HTTPException(404)
    return found, handoff


def is_ours(visit: Visit, handoff: Handoff) -> bool:
    """Whether a handoff is answered on this desk; not where its CRM cannot even be opened, or is gone."""
    try:
        return desk_acts.is_on_desk(visit.app.config, visit.app.crm, handoff)
    except (BatonError, KeyError):
        return False


def _here(visit: Visit) -> tuple[Runtime, Callable[[int], Rows]]:
    return visit.runtime(), visit.app.rows


def _done(
    visit: Visit, lead: int, run: Callable[[Handoff], Acted | str], said: str | Callable[[Acted], str], to: str = ""
) -> Response:  # fmt: skip
    """Do it to the handoff that the form was shown for, and say what became of it.

    A form of a handoff that has moved on since changes nothing: not even the handoff that came after it.
    """
    shown = visit.form.text("handoff")
    with visit.app.store.read() as tx:
        handoff = tx.handoffs.by_ids([int(shown)]).get(int(shown)) if _NUMBER.fullmatch(shown) else None
        if handoff is None or handoff.lead_id != lead:
            raise HTTPException(404)
        if not mine(visit, tx).has(handoff):
            return _no_more(visit, tx, handoff)
    visit.about |= {"lead": lead, "handoff": handoff.id}
    acted = run(handoff)
    if isinstance(acted, str):
        visit.noted["what"] = "nothing"
        return visit.back(f"/leads/{lead}", visit.translate(acted))
    visit.noted["what"] = acted.what
    if not acted.done:
        return visit.back(f"/leads/{lead}", why_not(acted, visit.words, handoff.target))
    text = said if isinstance(said, str) else said(acted)
    return visit.back(to or f"/leads/{lead}", visit.translate(text))


def _no_more(visit: Visit, tx: Transaction, handoff: Handoff) -> Response:
    """Whoever had it is told that it was given on; for anybody else it is not there."""
    events = tx.handoff_events.of_handoffs([handoff.id]).get(handoff.id, ())
    had = {str(one.body.get("from", "")).casefold() for one in events if one.kind == "reassigned"}
    if visit.user.email.casefold() not in had:
        raise HTTPException(404)
    visit.noted["what"] = "over"
    return visit.back("/inbox", visit.translate(GIVEN_ON))
