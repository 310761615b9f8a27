"""Handoffs of one lead as entries of its time line: whose it is and why, the clocks, what reps did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from connector.insight.entries import Entry
from connector.insight.followed import first_owner
from connector.insight.followed import told as followed
from connector.model.handoff import BY_PLAN, Handoff, HandoffEvent, Turn
from connector.steps.routing.turns import read
from connector.steps.telling import vocabulary
from connector.steps.telling.routed import routed
from connector.steps.telling.words import N_, Words


def handoffs(
    given: Iterable[Handoff], turns: Iterable[Turn], happened: Mapping[int, Sequence[HandoffEvent]], words: Words
) -> Iterator[Entry]:
    """Handoffs with their owner and why that one, and what happened to each."""
    by_handoff = {turn.handoff_id: turn for turn in turns}
    for one in given:
        events = happened.get(one.id, ())
        values = {
            "handoff": one.id, "state": one.state, "owner": one.owner, "team": one.team, "why": one.routed_by,
            "version": one.version, "hot": one.hot,
        }  # fmt: skip
        if one.opened_at is None:
            what = words.say(N_("handoff: %(what)s"), what=words.translate(vocabulary.HANDOFF_STATES[one.state]))
            more = (routed(one.routed_by, words.translate),) if one.routed_by else ()
            yield Entry(one.decided_at, "handoff", what, more, values, (f"handoff:{one.id}",))
            yield from _followed(one, events, words)
            continue
        what = words.say(N_("handed over to %(owner)s"), owner=first_owner(one.owner, events))
        given_on = any(event.kind == "reassigned" for event in events)
        how = (routed(one.routed_by, words.translate),) if one.routed_by and not given_on else ()
        more = (*how, *_opened(one, by_handoff.get(one.id), words))
        yield Entry(one.opened_at, "handoff", what, more, values, (f"handoff:{one.id}",))
        yield from _followed(one, events, words)
        yield from _due(one, words)


def _followed(one: Handoff, events: Sequence[HandoffEvent], words: Words) -> Iterator[Entry]:
    given_on = [event for event in events if event.kind == "reassigned"]
    for event in events:
        if said := followed(event, words):
            why = routed(one.routed_by, words.translate) if event in given_on[-1:] else said[1]
            if event.kind == "rejected" and one.words:
                why = " · ".join(part for part in (why, words.say(N_("“%(words)s”"), words=one.words)) if part)
            values = {"event": event.kind, "handoff": one.id, "who": event.who, **event.body}
            more = (why,) if why else ()
            yield Entry(event.at, "follow_up", said[0], more, values, (f"handoff_event:{event.id or event.key}",))


def _opened(handoff: Handoff, turn: Turn | None, words: Words) -> Iterator[str]:
    say = words.say
    if turn is not None and len(read(turn.weights)) > 1:
        places = ", ".join(_place(place.email, place.weight, str(place.owed), words) for place in read(turn.weights))
        yield say(N_("turn %(number)s of %(team)s; before it: %(places)s"),
                  number=turn.given + 1, team=turn.team, places=places)  # fmt: skip
    if handoff.due_at is not None:
        yield say(N_("first contact due %(when)s"), when=words.moment(handoff.due_at))
    if handoff.released_by:
        plan = handoff.released_by == BY_PLAN
        yield say(N_("released by a plan")) if plan else say(N_("released by %(who)s"), who=handoff.released_by)
    if handoff.state == "closed":
        yield words.translate(vocabulary.HANDOFF_STATES["closed"])


def _place(email: str, weight: int, owed: str, words: Words) -> str:
    if not weight:
        return words.say(N_("%(email)s not available"), email=email)
    text = words.say(N_("%(email)s weight %(weight)s"), email=email, weight=weight)
    return text if owed == "0" else text + words.say(N_(" owed %(turns)s"), turns=owed)


def _due(one: Handoff, words: Words) -> Iterator[Entry]:
    """What is still to come of an open handoff's clocks, and when a rejected lead may come back."""
    clocks = (
        (one.accept_due_at, N_("to be accepted by %(owner)s"), one.accepted_at is None and one.state == "open"),
        (one.due_at, N_("first contact due from %(owner)s"), one.contacted_at is None and one.state == "open"),
        (one.back_at, N_("may come back"), one.state == "closed"),
    )
    for at, text, runs in clocks:
        if at is not None and runs and at > words.now:
            yield Entry(at, "due", words.say(text, owner=one.owner), (), {"handoff": one.id}, (f"handoff:{one.id}",))
