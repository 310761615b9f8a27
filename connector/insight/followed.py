"""What happened to a handoff once somebody had it, in words: given on, reminded, overdue, contacted, back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.locale.format import share
from connector.model.handoff import HandoffEvent
from connector.steps.telling.words import N_, Words

#: What is told of an event by its kind; of the others the stages and the handoff itself tell.
SAYS: Mapping[str, str] = {
    "reassigned": N_("given to %(to)s instead of %(from)s"),
    "reminded": N_("%(who)s was reminded: %(share)s of the time is over"),
    "breached": N_("overdue with %(who)s"),
    "contacted": N_("first contact by %(who)s"),
    "returned": N_("back again"),
    "stalled": N_("no progress with %(who)s"),
    "mended": N_("its data was mended"),
}


def told(event: HandoffEvent, words: Words) -> tuple[str, str] | None:
    """What is said of an event, and why it was; None where nothing is."""
    text, body = SAYS.get(event.kind), event.body
    if text is None or body.get("told") is False:
        return None
    part = share(float(body.get("share") or 0), words.language)
    values = {"to": body.get("to", ""), "from": body.get("from", ""), "who": event.who or "–", "share": part}
    return words.say(text, **values), words.retell(str(body.get("why") or ""))


def first_owner(owner: str, events: Sequence[HandoffEvent]) -> str:
    """Who had a handoff first, that is `owner`'s now."""
    given = [one for one in events if one.kind == "reassigned" and one.body.get("from")]
    return str(min(given, key=lambda one: one.at).body["from"]) if given else owner
