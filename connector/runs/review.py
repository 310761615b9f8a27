"""Leads that a person releases before they are handed over: whose they are to release, by when, and who after that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from connector.config import Config, Flow
from connector.config.calendars import calendar_of
from connector.model.handoff import Handoff, HandoffEvent
from connector.model.lead import Lead
from connector.model.notices import Notice
from connector.model.ports import Transaction
from connector.model.roster import Roster
from connector.model.stages import Transition
from connector.runs.fix_queue import mender
from connector.runs.notices import announce
from connector.runs.rosters import roster_at
from connector.runs.rows import Rows, iso
from connector.runs.runtime import Runtime, recorded
from connector.runs.tell import Change, tell
from connector.steps.scoring.gates import ReviewGate
from connector.steps.working_time import deadline

#: More handoffs than any flow has.
EVERY = 10**9
#: From which states a lead can be given back to marketing: nobody has it yet.
RETURNABLE = ("review", "waiting", "nobody")


def _name(flow: str) -> str:
    """Under which name the store keeps when the review of a flow is to be looked at next."""
    return f"review:{flow}"


def awaits(tx: Transaction, flows: Iterable[str]) -> None:
    """Something new waits to be released in these flows."""
    for name in set(flows):
        tx.admin.set_meta(_name(name), "")


def look_after(tx: Transaction, config: Config, flow: Flow, now: datetime) -> None:
    """Give what waits to its reviewer, and to the deputy what was not released in time.

    Nothing is read but one word where nothing is new, nothing is due and the gate says what it said.
    """
    gate = flow.criteria.review
    said, _, due = tx.admin.meta(_name(flow.name)).partition("|")
    if said == str(gate) and (not due or iso(now) < due):
        return
    held = tx.handoffs.in_state(flow.name, "review", EVERY)
    reviews = _Reviews(config, flow, gate, roster_at(tx, config, now), now)
    changed = [one for one in held if reviews.give(one) or reviews.pass_on(one)]
    tx.handoffs.save(changed)
    tx.handoff_events.add(reviews.events, now)
    announce(tx, config, reviews.notices, now)
    later = [one.review_due_at for one in held if one.review_due_at and one.review_due_at > now]
    # Who goes away later leaves what is theirs to the deputy then.
    later += [one.start for one in tx.rosters.absences(now) if one.email == reviews.first and one.start > now]
    tx.admin.set_meta(_name(flow.name), f"{gate}|{iso(min(later)) if later else ''}")


class _Reviews:
    """Who reviews in one flow at one moment."""

    def __init__(self, config: Config, flow: Flow, gate: ReviewGate, roster: Roster, now: datetime) -> None:
        self.config, self.flow, self.gate, self.roster, self.now = config, flow, gate, roster, now
        self.first, self.deputy = (mender(config, flow, who) if who else "" for who in (gate.by, gate.deputy))
        self.events: list[HandoffEvent] = []
        self.notices: list[Notice] = []

    def give(self, handoff: Handoff) -> bool:
        """Give a handoff that has no reviewer, or one that the gate does not name any more, to who is there."""
        if handoff.reviewer in ({self.first, self.deputy} - {""}) or not self.first:
            return False
        handoff.reviewer = self._who_is_there()
        within = self.gate.within
        theirs = calendar_of(self.config, handoff.reviewer)
        handoff.review_due_at = deadline(theirs, self.now, within) if within else None
        self.notices.append(self._notice(handoff, "review", {"due": handoff.review_due_at or ""}))
        return True

    def _who_is_there(self) -> str:
        """The reviewer; while they are away the deputy that the gate names, else their own."""
        if not self.roster.is_away(self.first):
            return self.first
        return self.deputy or self.roster.stand_in(self.first) or self.first

    def pass_on(self, handoff: Handoff) -> bool:
        """Give a handoff whose time is over, or whose reviewer has gone away, to the deputy."""
        due, away = handoff.review_due_at, self.roster.is_away(self.first)
        over = due is not None and due <= self.now
        if not (over or away) or handoff.reviewer != self.first or self.deputy in ("", self.first):
            return False
        handoff.reviewer = self.deputy
        if over and due is not None:
            event = HandoffEvent(handoff.id, "review:breach", "breached", due, self.first, {"to": self.deputy})
        else:
            event = HandoffEvent(handoff.id, "review:away", "told", self.now, self.first, {"to": self.deputy})
        self.events.append(event)
        self.notices.append(self._notice(handoff, "review passed on", {"due": due or "", "reviewer": self.first}))
        return True

    def _notice(self, handoff: Handoff, says: str, values: dict[str, object]) -> Notice:
        key = f"review:{handoff.id}:{handoff.reviewer}"
        return Notice(
            "review", says, key, self.now, handoff.reviewer, "", handoff.flow, handoff.lead_id, handoff.hot, values
        )  # fmt: skip


def waiting(tx: Transaction, flows: Iterable[Flow]) -> list[Handoff]:
    """What waits to be released, in the order of the flows, the best first."""
    return [one for flow in flows for one in tx.handoffs.in_state(flow.name, "review", EVERY)]


def give_back(
    runtime: Runtime, rows: Callable[[int], Rows], lead_id: int, reason: str, words: str, who: str
) -> Handoff | None:  # fmt: skip
    """Return a lead to marketing before anybody has it: rejected for `reason`, with its effects.

    None where nothing of it waits. The caller knows that the flow has the reason.
    """
    now = runtime.clock()
    with recorded(runtime, "release") as (run, _), runtime.store.write() as tx:
        lead = tx.intake.leads([lead_id]).get(lead_id)
        mine = tx.handoffs.of_leads([lead_id]).get(lead_id, [])
        held = [one for one in mine if one.state in RETURNABLE and one.flow in runtime.config.flows]
        if lead is None or not held:
            return None
        _reject(tx, lead, held[-1], reason, words, who, now)
        built = rows(run.id)
        built.guard.put(tx, tell(tx, built, [Change(lead, "mql")], now), now)
        runtime.done(tx)
        return held[-1]


def _reject(tx: Transaction, lead: Lead, handoff: Handoff, reason: str, words: str, who: str, now: datetime) -> None:
    version, total, grade = (lead.score.version, lead.score.total, lead.score.grade) if lead.score else ("", 0, "")
    tx.scores.add_transitions(
        [Transition(lead.id, lead.flow, lead.stage, "rejected", now, who, reason, version, total, grade)]
    )
    lead.stage, lead.stage_since = "rejected", now
    handoff.state, handoff.closed_at, handoff.next_at = "closed", now, None
    handoff.reason, handoff.words = reason, words
    tx.handoffs.save([handoff])
    tx.handoff_events.add([HandoffEvent(handoff.id, "withdrawn", "withdrawn", now, who, {"reason": reason})], now)
    tx.intake.update_leads([lead], now)
    # What follows from the reason is found with the next scoring.
    tx.scores.mark_due([lead.id], now)


def released(tx: Transaction, handoffs: Sequence[Handoff], who: str, now: datetime) -> None:
    """Write down who released these."""
    tx.handoff_events.add([HandoffEvent(one.id, "released", "released", now, who) for one in handoffs], now)
