"""Write down what a CRM told of leads: on lead and handoff, as transitions, to marketing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connector.model import sentences
from connector.model.handoff import NOT_YET_OUT, Handoff, HandoffEvent
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord
from connector.model.ports import ReviewItem, Transaction
from connector.model.stages import Stage, Transition
from connector.runs.answers import Answers
from connector.runs.notices import announce, of_stages
from connector.runs.rows import Rows
from connector.runs.second import follow as follow_second
from connector.runs.tell import Change, reason_list, tell
from connector.steps.feedback import Told

#: Stages that end a handoff.
ENDS: frozenset[Stage] = frozenset({"rejected", "won", "lost"})
#: Stages in which a rep has taken the lead.
ACCEPTED: frozenset[Stage] = frozenset({"sal", "sql", "opportunity", "won"})


@dataclass(slots=True)
class News:
    """What one page of changes led to, gathered so that it is written in few statements."""

    tx: Transaction
    rows: Rows
    name: str
    now: datetime
    counts: Counter[str]
    handoffs: dict[int, list[Handoff]] = field(default_factory=dict)
    transitions: list[Transition] = field(default_factory=list)
    changed: dict[int, Change] = field(default_factory=dict)
    #: Handoffs that something was heard of, with their leads, and what is to be kept of that.
    heard: dict[int, tuple[Lead, Handoff]] = field(default_factory=dict)
    events: list[HandoffEvent] = field(default_factory=list)
    notices: list[ReviewItem] = field(default_factory=list)

    def take(self, lead: Lead, handoff: Handoff, told: Told, record: CrmRecord) -> None:
        """Write down what a record told."""
        self.notices += [self._unknown_word(name, word) for name, word in told.unknown]
        if told.owner == lead.owner == handoff.owner:
            told = replace(told, owner="")
        if told.stage == lead.stage:
            told = replace(told, stage=None, why="")
        if told.nothing:
            return
        # The first of a page says where the lead stood before.
        self.changed.setdefault(lead.id, Change(lead, lead.stage, reason_list(self.rows.config, lead, handoff)))
        handoff.contacted_at = told.contacted_at or handoff.contacted_at
        handoff.rating = told.rating if told.rating is not None else handoff.rating
        handoff.words = told.words or handoff.words
        self.heard[handoff.id] = lead, handoff
        if told.owner:
            self._given(handoff, told.owner, record)
            lead.owner = handoff.owner = told.owner
            self.counts["owners changed"] += 1
        self._say(lead, told, record)
        if told.stage:
            self._move(lead, handoff, told.stage, told.why, record)
        if told.reason and told.reason != handoff.reason and lead.stage in ENDS:
            # A reason that is said after the status has its effect, too.
            self.tx.scores.mark_due([lead.id], self.now)
        handoff.reason = told.reason or handoff.reason

    def touched(self, lead: Lead, handoff: Handoff, record: CrmRecord, at: datetime, who: str) -> None:
        """A person (`who`, an email; "" where it is not known) got in touch; the first time and every other."""
        body = {"kind": record.stage}
        key = f"touch:{self.name}:{record.id}"
        self.events.append(HandoffEvent(handoff.id, key, "touched", at, who or handoff.owner, body))
        self.heard[handoff.id] = lead, handoff

    def _given(self, handoff: Handoff, owner: str, record: CrmRecord) -> None:
        """A person gave it to somebody else, whose clocks begin then."""
        if handoff.owner == owner or handoff.state != "open":
            return
        at = record.modified_at or self.now
        body = {"from": handoff.owner, "to": owner}
        key = f"reassigned:{self.name}:{at.isoformat()}"
        self.events.append(HandoffEvent(handoff.id, key, "reassigned", at, self.name, body))

    def _say(self, lead: Lead, told: Told, record: CrmRecord) -> None:
        stamp = (self.name, (record.modified_at or self.now).isoformat())
        for name, value in told.fields.items():
            if value == "":
                lead.fields.pop(name, None)
                lead.said.pop(name, None)
            else:
                lead.fields[name], lead.said[name] = value, stamp

    def _move(self, lead: Lead, handoff: Handoff, to: Stage, why: str, record: CrmRecord) -> None:
        """A person moved the lead: recorded as it is, skips and steps back included."""
        at = record.modified_at or self.now
        version = lead.score.version if lead.score else ""
        total, grade = (lead.score.total, lead.score.grade) if lead.score else (0, "")
        self.transitions.append(
            Transition(lead.id, lead.flow, lead.stage, to, at, self.name, why, version, total, grade)
        )
        lead.stage, lead.stage_since = to, at
        if to in ACCEPTED and handoff.accepted_at is None:
            handoff.accepted_at = at
        if to != "rejected":
            handoff.reason = ""
        if to in ENDS:
            handoff.state, handoff.closed_at = "closed", at
            # What follows from it, and when the lead may come back, is found with the next scoring.
            self.tx.scores.mark_due([lead.id], self.now)
        elif handoff.state == "closed":
            self._open_again(lead, handoff)
            # What marketing said meanwhile is written with the next scoring.
            self.tx.scores.mark_due([lead.id], self.now)
        self.counts[to] += 1

    def _open_again(self, lead: Lead, handoff: Handoff) -> None:
        """One that is open stands for its stage: what waits to be given at the same stage is given by this."""
        for other in self.handoffs.get(lead.id, ()):
            if other is not handoff and other.stage == handoff.stage and other.state in NOT_YET_OUT:
                other.state, other.closed_at = "closed", self.now
        handoff.state, handoff.closed_at, handoff.back_at = "open", None, None

    def _unknown_word(self, name: str, word: str) -> ReviewItem:
        reason = sentences.UNKNOWN_WORD % {"word": word}
        key = f"{unknown_words(self.name)}{name}:{word}"
        return ReviewItem("notice", key, self.name, reason, name, connection=self.name, body={"word": word})

    def store(self) -> None:
        """Store it all, and tell marketing."""
        if self.notices:
            self.tx.reviews.put(list({item.key: item for item in self.notices}.values()), self.now)
        changes = list(self.changed.values())
        if self.heard:
            Answers(self.tx, self.rows.config, self.now).note(list(self.heard.values()), self.events)
            self.tx.handoffs.save(self._touched(changes))
        if not changes:
            return
        self.tx.intake.update_leads([change.lead for change in changes], self.now)
        leads = [change.lead for change in changes]
        follow_second(self.tx, self.rows.config, leads, self.handoffs, self.now)
        self.tx.scores.add_transitions(self.transitions)
        self.rows.guard.put(self.tx, tell(self.tx, self.rows, changes, self.now), self.now)
        self.tx.reviews.put(self.rows.take_unsent(), self.now)
        self.counts["leads with news"] += len(changes)
        self._announce(changes)

    def _announce(self, changes: Sequence[Change]) -> None:
        """Tell who listens to the stages that these leads reached."""
        config, leads = self.rows.config, {change.lead.id: change.lead for change in changes}
        moved = ((leads[one.lead_id], one.to, one.at, one.why) for one in self.transitions if one.lead_id in leads)
        announce(self.tx, config, of_stages(moved, config.notices), self.now)

    def _touched(self, changes: Sequence[Change]) -> list[Handoff]:
        """Handoffs of these leads, the closed ones first: of a lead and stage one may be open."""
        found = {one.id: one for change in changes for one in self.handoffs.get(change.lead.id, ())}
        found |= {handoff.id: handoff for _, handoff in self.heard.values()}
        return sorted(found.values(), key=lambda one: one.state != "closed")


def unknown_words(name: str) -> str:
    """How the keys of notices begin about words of a CRM that its mapping does not name."""
    return f"unknown:{name}:"
