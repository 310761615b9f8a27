"""What happened to a handoff, in the words of the reader."""

from __future__ import annotations

from collections.abc import Mapping

from connector.model.handoff import HandoffEvent, HandoffEventKind
from connector.model.lead import Lead
from connector.runs.desk_record import Acted, What
from connector.steps.telling.words import N_, Words, reason_name, stage

#: Kinds of touches.
TOUCHES = {"call": N_("a call"), "email": N_("an email"), "meeting": N_("a meeting")}
_EVENTS: Mapping[HandoffEventKind, str] = {
    "opened": N_("given to %(who)s"),
    "breached": N_("time over: %(who)s"),
    "reassigned": N_("given on from %(from)s to %(to)s"),
    "accepted": N_("accepted by %(who)s"),
    "touched": N_("%(kind)s by %(who)s"),
    "rated": N_("rated %(rating)s of 5 by %(who)s"),
    "rejected": N_("rejected by %(who)s: %(reason)s"),
    "mending": N_("its data is to be mended"),
    "mended": N_("its data was mended"),
    "returned": N_("back from marketing"),
    "stalled": N_("nothing has happened for long"),
    "released": N_("released by %(who)s"),
    "withdrawn": N_("withdrawn"),
    "closed": N_("ended: %(stage)s"),
}
#: Why an act had no effect, and how the lead stands.
_NOT: Mapping[What, str] = {
    "already": N_("That is so already; nothing was changed. The lead stands at: %(stage)s."),
    "over": N_("The lead has moved on since; nothing was changed. It stands at %(stage)s, with %(owner)s."),
    "elsewhere": N_("This is done in %(crm)s, which has the lead; nothing was changed here."),
    "not there": N_("The lead is not on the desk just now; nothing was changed. Please try again in a minute."),
    "gone": N_("There is no such lead any more; nothing was changed."),
}


def event_words(event: HandoffEvent, words: Words) -> str:
    """One event; "" for what no reader needs."""
    text = _EVENTS.get(event.kind)
    if text is None:
        return ""
    body = event.body
    about = {
        "who": event.who,
        "from": body.get("from", ""),
        "to": body.get("to", ""),
        "kind": words.translate(TOUCHES.get(str(body.get("kind")), str(body.get("kind", "")))),
        "rating": body.get("rating", ""),
        "reason": reason_name(str(body.get("reason") or ""), words.translate),
        "stage": stage(str(body.get("stage") or ""), words.translate),
    }
    return words.say(text, **about)


def why_not(acted: Acted, words: Words, crm: str = "") -> str:
    """Why an act had no effect, and how the lead stands by now; "" where it had one."""
    if acted.done:
        return ""
    lead, handoff = acted.lead or Lead(), acted.handoff
    about = {
        "stage": stage(lead.stage, words.translate),
        "owner": handoff.owner if handoff else "",
        "crm": crm,
    }
    return words.say(_NOT[acted.what], **about)
