"""What people did about a handoff: accepted, contacted, rated, rejected; how long it took, and who is told of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.config import Config
from connector.model.follow_up import NoticeState
from connector.model.handoff import Handoff, HandoffEvent, HandoffEventKind
from connector.model.lead import Lead
from connector.model.notices import Notice
from connector.model.ports import Transaction
from connector.runs.clocks import hours_of, wind_one
from connector.runs.notices import announce
from connector.steps.clocks import begun
from connector.steps.working_time import worked

#: The kind of what is remembered of reps who do not answer, and how its keys begin.
UNANSWERED = "unanswered"
#: Whom a step of a breach told.
TELLS: Mapping[str, str] = {"tell rep": "owner", "tell manager": "manager"}


@dataclass(slots=True)
class Answers:
    """Notes what people did about the handoffs of leads within one transaction."""

    tx: Transaction
    config: Config
    now: datetime
    asked: list[HandoffEvent] = field(default_factory=list)

    def note(self, pairs: Sequence[tuple[Lead, Handoff]], more: Sequence[HandoffEvent] = ()) -> None:
        """Keep what is new of these handoffs, with `more`, and wind their clocks; the handoffs are saved after it."""
        handoffs = {handoff.id: (lead, handoff) for lead, handoff in pairs if handoff.opened_at}
        known = self.tx.handoff_events.of_handoffs(list(handoffs))
        for _, handoff in handoffs.values():
            self._count(handoff)
        found = [event for lead, handoff in handoffs.values() for event in answers(lead, handoff, self.now)]
        new = self.tx.handoff_events.add([*more, *found], self.now)
        notices: list[Notice] = []
        for event in new:
            if (pair := handoffs.get(event.handoff_id)) is not None:
                notices += self._follow(*pair, event, known.get(event.handoff_id, ()))
        self.tx.handoff_events.add(self.asked, self.now)
        announce(self.tx, self.config, notices, self.now)
        self._answered(new)
        self._wind(handoffs, known, new)

    def _count(self, handoff: Handoff) -> None:
        """How long first contact took in working time."""
        if handoff.contacted_at and handoff.opened_at:
            handoff.worked = worked(hours_of(self.config, handoff), handoff.opened_at, handoff.contacted_at)

    def _follow(
        self, lead: Lead, handoff: Handoff, event: HandoffEvent, known: Sequence[HandoffEvent]
    ) -> Iterator[Notice]:
        """Who was told of a breach is told that it was done after all; whoever was in contact is asked to rate."""
        clock, earlier = _CLOCKS.get(event.kind, "-"), begun(handoff, known)[1]
        mine = f"{clock}@{earlier}:" if earlier else f"{clock}:"
        # A breach of whoever had it before is nothing that its owner was told of.
        told = tuple(TELLS[one.body["do"]] for one in known
                     if one.kind == "told" and one.key.startswith(clock)
                     and one.body.get("do") in TELLS and one.body.get("told", True)
                     and (one.body["do"] != "tell rep" or one.key.startswith(mine)))  # fmt: skip
        if told or _is_breached(event, known):
            says, due = _LATE[event.kind], handoff.due_at if event.kind == "contacted" else handoff.accept_due_at
            values = {"at": event.at, "due": due or "", "owner": handoff.owner}
            yield _notice("breached", says, event, lead, handoff, values, told or ("channels",))
        if event.kind == "contacted" and handoff.rating is None and self._can_rate(handoff):
            self.asked.append(HandoffEvent(handoff.id, "asked", "asked", self.now, handoff.owner))
            yield _notice("due", "rate", event, lead, handoff, {}, ())

    def _can_rate(self, handoff: Handoff) -> bool:
        """Whether there is a field of the CRM that a rating is read from."""
        flow = self.config.flows.get(handoff.flow)
        connection = self.config.connections.get(handoff.target or (flow.crm if flow else ""))
        return bool(connection and connection.mapping.stage and connection.mapping.stage.rating_field)

    def _answered(self, new: Sequence[HandoffEvent]) -> None:
        """Who gets in touch with one lead is not one who lets all of them go overdue."""
        keys = sorted({f"{UNANSWERED}:{one.who}" for one in new if one.kind == "touched" and one.who})
        counted = self.tx.notice_states.get(keys) if keys else {}
        reset = [NoticeState(one.key, UNANSWERED, "0", self.now) for one in counted.values() if one.state != "0"]
        if reset:
            self.tx.notice_states.put(reset)

    def _wind(
        self,
        handoffs: Mapping[int, tuple[Lead, Handoff]],
        known: Mapping[int, Sequence[HandoffEvent]],
        new: Sequence[HandoffEvent],
    ) -> None:
        for id, (lead, handoff) in handoffs.items():
            mine = [one for one in new if one.handoff_id == id]
            given = any(one.kind == "reassigned" for one in mine)
            wind_one(self.config, handoff, lead, [*known.get(id, ()), *mine], self.now, anew=given)


#: How the keys of the clock begin that an answer stops, and what is said where it came late.
_CLOCKS = {"contacted": "contact", "accepted": "accept"}
_LATE = {"contacted": "contacted late", "accepted": "accepted late"}


def _is_breached(event: HandoffEvent, known: Sequence[HandoffEvent]) -> bool:
    clock = _CLOCKS.get(event.kind)
    return clock is not None and any(
        one.kind == "breached" and one.key.startswith(clock) and one.body.get("told", True) for one in known
    )


def answers(lead: Lead, handoff: Handoff, now: datetime) -> Iterator[HandoffEvent]:
    """What people have done about a handoff by now, each with the key that it is kept by once."""
    owner = handoff.owner
    if handoff.accepted_at:
        yield HandoffEvent(handoff.id, "accepted", "accepted", handoff.accepted_at, owner, _taken(handoff, "accepted"))
    if handoff.contacted_at:
        body = _taken(handoff, "contacted")
        yield HandoffEvent(handoff.id, "contacted", "contacted", handoff.contacted_at, owner, body)
    if handoff.rating is not None:
        yield HandoffEvent(handoff.id, f"rated:{handoff.rating}", "rated", now, owner, {"rating": handoff.rating})
    if handoff.state == "closed" and handoff.closed_at:
        kind: HandoffEventKind = "rejected" if lead.stage == "rejected" else "closed"
        stamp, said = handoff.closed_at.isoformat(), {"stage": lead.stage, "reason": handoff.reason}
        yield HandoffEvent(handoff.id, f"{kind}:{stamp}", kind, handoff.closed_at, owner, said)


def _taken(handoff: Handoff, what: str) -> dict[str, Any]:
    """How long it took: raw, in working time, since the lead's own act; in seconds."""
    at, due = ((handoff.contacted_at, handoff.due_at) if what == "contacted"
               else (handoff.accepted_at, handoff.accept_due_at))  # fmt: skip
    body: dict[str, Any] = {"late": bool(at and due and at > due)}
    if at and handoff.opened_at:
        body["seconds"] = round((at - handoff.opened_at).total_seconds())
    if what == "contacted" and handoff.worked is not None:
        body["worked"] = handoff.worked
    if at and handoff.acted_at:
        body["since_act"] = round((at - handoff.acted_at).total_seconds())
    return body


def _notice(
    kind: str, says: str, event: HandoffEvent, lead: Lead, handoff: Handoff, values: Mapping[str, Any],
    to: tuple[str, ...],
) -> Notice:  # fmt: skip
    return Notice(
        kind, says, f"handoff-{handoff.id}:{says}", event.at, handoff.owner, handoff.team, handoff.flow, lead.id,
        handoff.hot, values, to,
    )  # fmt: skip
