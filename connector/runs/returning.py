"""What a rejection leads to: when its lead comes back, what is mended before, and who comes back now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.config import Flow
from connector.config.types import Config, Reason
from connector.model import sentences
from connector.model.facts import Facts
from connector.model.handoff import Handoff, HandoffEvent
from connector.model.lead import Lead
from connector.model.notices import Notice
from connector.model.ports import ReviewItem, Transaction
from connector.model.stages import Stage, Transition
from connector.runs.fix_queue import mend_key, mender, to_fix
from connector.runs.joining import was_in_hand
from connector.runs.notices import announce
from connector.runs.tell import reason_of
from connector.steps.qualification import passed_at
from connector.steps.returning import AWAY, comes_back, is_mended
from connector.steps.telling.words import reason_name

#: The key of the event that says that somebody has mended what was wrong.
BY_HAND = "mended"


def ended(handoffs: Iterable[Handoff]) -> Handoff | None:
    """The latest handoff that a person has ended: rejected, or lost; none that a joining has closed."""
    closed = (one for one in reversed(list(handoffs)) if one.closed_at and not was_in_hand(one))
    return next((one for one in closed if one.opened_at or one.reason), None)


@dataclass(frozen=True, slots=True)
class Back:
    """A lead that has just come back: from which stage, by which handoff, why."""

    was: Stage
    handoff: Handoff
    reason: Reason
    mended: bool


@dataclass(slots=True)
class Returns:
    """The rejected and lost among a batch of leads that are scored at `now`."""

    config: Config
    now: datetime
    counts: Counter[str]
    #: Handoffs about which somebody said that the data is mended.
    by_hand: frozenset[int] = frozenset()
    back: dict[int, Back] = field(default_factory=dict)
    changed: list[Handoff] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    items: list[ReviewItem] = field(default_factory=list)
    over: list[str] = field(default_factory=list)
    events: list[HandoffEvent] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def prepare(self, tx: Transaction, leads: Iterable[Lead], handoffs: Mapping[int, Sequence[Handoff]]) -> None:
        """Find out for whose data somebody has said that it is mended."""
        waiting = []
        for lead in leads:
            handoff = ended(handoffs.get(lead.id, ())) if lead.stage in AWAY else None
            reason = reason_of(self.config.flows.get(lead.flow), lead, handoff)
            waiting += [handoff.id] if handoff and reason and reason.mend_by else []
        said = tx.handoff_events.of_handoffs(waiting) if waiting else {}
        self.by_hand = frozenset(id for id, events in said.items() if any(one.key == BY_HAND for one in events))

    def look(self, lead: Lead, flow: Flow, facts: Facts, handoffs: Sequence[Handoff]) -> datetime | None:
        """Take the lead back where its time has come; else when time alone may bring it back (None: never)."""
        handoff = ended(handoffs)
        reason = reason_of(flow, lead, handoff)
        if handoff is None or handoff.closed_at is None or handoff.state != "closed":
            return None
        if reason is None:
            self._keep(handoff, None)
            return None
        back_at = handoff.closed_at + reason.back_after.delta if reason.back_after else None
        self._keep(handoff, back_at)
        if reason.mend_by and lead.stage == "rejected":
            if handoff.id in self.by_hand or is_mended(facts, handoff.closed_at):
                self._take_back(lead, handoff, reason, sentences.RECYCLED_MENDED)
                return None
            self._to_mend(lead, flow, handoff, reason)
        returns, at = comes_back(facts, handoff.closed_at, back_at, reason.back_when)
        if returns:
            self._take_back(lead, handoff, reason, sentences.RECYCLED)
        return at

    def anyway(self, lead: Lead, flow: Flow, facts: Facts) -> bool:
        """Whether a lead whose data was mended is over the line as it was when it was handed over."""
        back = self.back.get(lead.id)
        if back is None or not back.mended:
            return False
        deeds = [activity for kind in facts.activities.values() for activity in kind]
        return passed_at(lead, deeds, flow.criteria, back.handoff.decided_at)

    def store(self, tx: Transaction) -> None:
        """What was found, in few statements; what is to be mended is put into the fix queue once."""
        if self.changed:
            tx.handoffs.save(self.changed)
        if self.over:
            tx.reviews.close("notice", self.over, "mended", self.now)
        new = {one.handoff_id for one in tx.handoff_events.add(self.events, self.now)} if self.events else set()
        items = [one for one in self.items if one.body["handoff"] in new]
        if items:
            tx.reviews.put(items, self.now)
        if self.notices:
            announce(tx, self.config, [one for one in self.notices if one.key.startswith("returned:") or new], self.now)

    def _keep(self, handoff: Handoff, back_at: datetime | None) -> None:
        if handoff.back_at != back_at:
            handoff.back_at = back_at
            self.changed.append(handoff)

    def _to_mend(self, lead: Lead, flow: Flow, handoff: Handoff, reason: Reason) -> None:
        owner = mender(self.config, flow, reason.mend_by, handoff.team)
        said = sentences.TO_BE_MENDED % {"reason": reason_name(handoff.reason, str)}
        body = {"owner": owner, "handoff": handoff.id}
        place = sentences.LEAD % {"id": lead.id}
        self.items.append(
            ReviewItem("notice", mend_key(handoff), place, said, lead_id=lead.id, flow=flow.name, body=body)
        )
        self.events.append(HandoffEvent(handoff.id, "mending", "mending", self.now, owner))
        self.notices.append(to_fix(mend_key(handoff), self.now, owner, lead.id, flow.name, said))

    def _take_back(self, lead: Lead, handoff: Handoff, reason: Reason, why: str) -> None:
        score = lead.score
        version, total, grade = (score.version, score.total, score.grade) if score else ("", 0, "")
        self.back[lead.id] = Back(lead.stage, handoff, reason, why == sentences.RECYCLED_MENDED)
        self.transitions.append(
            Transition(lead.id, lead.flow, lead.stage, "known", self.now, "baton", why, version, total, grade)
        )
        self.events.append(HandoffEvent(handoff.id, "returned", "returned", self.now, body={"why": why}))
        values = {"reason": handoff.reason, "why": why}
        self.notices.append(
            Notice(
                "returned", "returned", f"returned:{handoff.id}", self.now, handoff.owner, handoff.team, lead.flow,
                lead.id, values=values,
            )
        )  # fmt: skip
        if reason.mend_by:
            self.over.append(mend_key(handoff))
        lead.stage, lead.stage_since = "known", self.now
        self.counts["returned"] += 1
