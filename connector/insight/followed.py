"""What happened to a handoff once somebody had it, in words: given on, reminded, overdue, contacted, back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connector.locale.format import share, span
from connector.model.handoff import HandoffEvent
from connector.steps.telling.words import N_, Words, reason_name, stage

#: What is told of an event by its kind; that it was opened the handoff itself tells.
SAYS: Mapping[str, str] = {
    "reassigned": N_("given to %(to)s instead of %(from)s"),
    "reminded": N_("%(who)s was reminded: %(share)s of the time is over"),
    "breached": N_("overdue with %(who)s"),
    "told": N_("overdue, and told: %(do)s"),
    "accepted": N_("accepted by %(who)s"),
    "contacted": N_("first contact by %(who)s"),
    "touched": N_("%(who)s got in touch"),
    "asked": N_("%(who)s was asked to rate it"),
    "rated": N_("rated %(rating)s of 5 by %(who)s"),
    "rejected": N_("rejected by %(who)s"),
    "mending": N_("its data is to be mended first"),
    "returned": N_("back again"),
    "stalled": N_("no progress with %(who)s"),
    "mended": N_("its data was mended"),
    "released": N_("released from review by %(who)s"),
    "withdrawn": N_("withdrawn before anybody had it"),
    "closed": N_("the handoff ended"),
}
#: What the time being over leads to.
DOES: Mapping[str, str] = {
    "tell rep": N_("the rep"),
    "tell manager": N_("the manager"),
    "reassign": N_("it is given to somebody else"),
}


def told(event: HandoffEvent, words: Words) -> tuple[str, str] | None:
    """What is said of an event, and why it was; None where nothing is."""
    text, body = SAYS.get(event.kind), event.body
    if text is None or body.get("told") is False:
        return None
    does = str(body.get("do") or "")
    values = {
        "to": body.get("to", ""), "from": body.get("from", ""), "who": event.who or "–",
        "share": share(float(body.get("share") or 0), words.language), "rating": body.get("rating", ""),
        "do": words.translate(DOES.get(does, does)) if does else str(body.get("to") or "–"),
    }  # fmt: skip
    return words.say(text, **values), " · ".join(_more(event, words))


def _more(event: HandoffEvent, words: Words) -> Iterator[str]:
    body = event.body
    if why := body.get("why"):
        yield words.retell(str(why))
    if event.kind in ("rejected", "closed"):
        if body.get("stage") and event.kind == "closed":
            yield stage(str(body["stage"]), words.translate)
        if body.get("reason"):
            yield reason_name(str(body["reason"]), words.translate)
    if (seconds := body.get("seconds")) is not None:
        yield words.say(N_("%(span)s after the handoff"), span=span(seconds, words.language))
    if (worked := body.get("worked")) is not None:
        yield words.say(N_("%(span)s of working time"), span=span(worked, words.language))
    if body.get("late"):
        yield words.say(N_("late"))


def first_owner(owner: str, events: Sequence[HandoffEvent]) -> str:
    """Who had a handoff first, that is `owner`'s now."""
    given = [one for one in events if one.kind == "reassigned" and one.body.get("from")]
    return str(min(given, key=lambda one: one.at).body["from"]) if given else owner
