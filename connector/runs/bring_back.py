"""Bring back what a CRM tells of the leads that were handed to it: stage, owner, reason, rating, outcome.

The same walk that keeps the mirror: a page, what follows from it and its cursor are one
transaction. What a record tells is decided in `steps.feedback`; here it is found out whose it
is, and written down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connector.config import Flow
from connector.model import sentences
from connector.model.handoff import Handoff
from connector.model.lead import Lead, Link
from connector.model.mirror import CrmRecord
from connector.model.outbox import Receipt
from connector.model.ports import ReviewItem, Transaction
from connector.model.stages import Stage, Transition
from connector.runs.read_in import Pair, read_back
from connector.runs.rows import Rows, our_key
from connector.runs.runtime import Runtime
from connector.runs.tell import Change, tell
from connector.steps.feedback import Told, of_opportunity, of_person, of_touch

PEOPLE = ("lead", "contact")
#: Stages that end a handoff.
ENDS: frozenset[Stage] = frozenset({"rejected", "won", "lost"})
#: Stages in which a rep has taken the lead.
ACCEPTED: frozenset[Stage] = frozenset({"sal", "sql", "opportunity", "won"})


def bring_back(runtime: Runtime, rows: Rows, name: str, counts: Counter[str]) -> None:
    """Read back everything new of the CRM `name`, and follow it.

    Raises AuthError, ConfigError, RetryableError.
    """

    def follow(tx: Transaction, pairs: Sequence[Pair]) -> None:
        Follower(tx, rows, name, runtime.clock(), counts).run(pairs)

    read_back(runtime, name, counts, follow)


@dataclass(slots=True)
class Follower:
    """Follows one page of changes within its transaction."""

    tx: Transaction
    rows: Rows
    name: str
    now: datetime
    counts: Counter[str]
    leads: dict[int, Lead] = field(default_factory=dict)
    handoffs: dict[int, list[Handoff]] = field(default_factory=dict)
    receipts: dict[tuple[str, str], Receipt] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    transitions: list[Transition] = field(default_factory=list)
    changed: dict[int, Change] = field(default_factory=dict)
    notices: list[ReviewItem] = field(default_factory=list)

    def run(self, pairs: Sequence[Pair]) -> None:
        """Follow every changed record that is of a lead of ours."""
        owned = self._owners(pairs)
        if not owned:
            return
        ids = sorted({lead_id for lead_id, _ in owned})
        self.leads, self.handoffs = self.tx.intake.leads(ids), self.tx.handoffs.of_leads(ids)
        self.users = self._users(after for _, (_, after) in owned)
        for lead_id, (before, after) in owned:
            lead = self.leads.get(lead_id)
            handoff = next((one for one in reversed(self.handoffs.get(lead_id, ())) if one.opened_at), None)
            if lead is not None and handoff is not None and handoff.target in ("", self.name):
                self._follow(lead, handoff, before, after)
        self._store()

    # whose it is

    def _owners(self, pairs: Sequence[Pair]) -> list[tuple[int, Pair]]:
        """The leads that changed records are of, in the order of the records."""
        people = {after.id: after for _, after in pairs if after.object in PEOPLE}
        asked = sorted({*people, *(after.person for _, after in pairs if after.person)})
        found: dict[str, int] = {}
        for object in PEOPLE:
            for crm_id, receipt in self.tx.outbox.receipts_by_crm_id(self.name, object, asked).items():
                self.receipts[object, crm_id] = receipt
                found.setdefault(crm_id, receipt.lead_id)
        for object in (*PEOPLE, "opportunity"):
            wanted = asked if object in PEOPLE else [after.id for _, after in pairs if after.object == object]
            for external_id, lead_id in self.tx.intake.lead_ids(self.name, object, wanted).items():
                found.setdefault(external_id, lead_id)
        return [(found[key], pair) for pair in pairs if (key := _key(pair[1], found)) in found]

    def _users(self, records: Iterable[CrmRecord]) -> dict[str, str]:
        ids = sorted({record.owner for record in records if record.owner})
        known = self.tx.mirror.get(self.name, "user", ids)
        return {user_id: user.email for user_id, user in known.items() if user.email}

    # what it tells

    def _follow(self, lead: Lead, handoff: Handoff, before: CrmRecord | None, after: CrmRecord) -> None:
        flow = self.rows.config.flows.get(handoff.flow)
        if after.merged_into:
            self._merged(lead, after)
        elif after.gone:
            self._gone(lead, handoff, after)
        elif after.object in PEOPLE:
            receipt = self.receipts.get((after.object, after.id))
            reading = self.rows.config.connections[self.name].mapping.stage
            told = of_person(before, after, reading, receipt.values if receipt else {}, self.users)
            self._take(lead, handoff, told, after)
            if after.converted_to and not (before and before.converted_to):
                self._converted(lead, after)
        elif after.object == "opportunity" and before_us(handoff, before, after):
            self._take(lead, handoff, of_opportunity(after, lead), after)
        elif after.object == "task" and flow is not None:
            told = of_touch(after, handoff, flow.clock.touch, flow.clock.not_by, self.users)
            self._take(lead, handoff, told, after)

    def _take(self, lead: Lead, handoff: Handoff, told: Told, record: CrmRecord) -> None:
        """Write down what a record told."""
        self.notices += [self._unknown_word(name, word) for name, word in told.unknown]
        if told.owner == lead.owner:
            told = replace(told, owner="")
        if told.stage == lead.stage:
            told = replace(told, stage=None, why="")
        if told.nothing:
            return
        was = lead.stage
        handoff.contacted_at = told.contacted_at or handoff.contacted_at
        handoff.reason = told.reason or handoff.reason
        handoff.rating = told.rating if told.rating is not None else handoff.rating
        if told.owner:
            lead.owner = handoff.owner = told.owner
            self.counts["owners changed"] += 1
        self._say(lead, told, record)
        if told.stage:
            self._move(lead, handoff, told.stage, told.why, record)
        self._mark(lead, handoff, was)

    def _say(self, lead: Lead, told: Told, record: CrmRecord) -> None:
        stamp = (self.name, (record.modified_at or self.now).isoformat())
        for name, value in told.fields.items():
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
        if to in ENDS:
            handoff.state, handoff.closed_at = "closed", at
        elif handoff.state == "closed":
            handoff.state, handoff.closed_at = "open", None
        self.counts[to] += 1

    def _mark(self, lead: Lead, handoff: Handoff, was: Stage) -> None:
        flow = self.rows.config.flows.get(lead.flow)
        first = self.changed.get(lead.id)
        self.changed[lead.id] = Change(lead, first.was if first else was, reason_list(flow, handoff))

    # records that end, or become others

    def _converted(self, lead: Lead, after: CrmRecord) -> None:
        """Feedback follows what a lead was converted to; so does what is written from now on."""
        links = [
            Link(self.name, object, crm_id, lead.id)
            for object, crm_id in after.converted_to.items()
            if object in ("contact", "opportunity") and crm_id
        ]
        self.tx.intake.put_links(links)
        key = our_key(self.rows.store_id, lead.id)
        receipts = [Receipt(self.name, "lead", key, after.id, {}, lead_id=lead.id, at=self.now, gone=True)]
        if contact := after.converted_to.get("contact"):
            receipts.append(Receipt(self.name, "contact", key, contact, {}, lead_id=lead.id, at=self.now))
        self.tx.outbox.put_receipts(receipts)
        self.counts["converted"] += 1

    def _merged(self, lead: Lead, after: CrmRecord) -> None:
        """A person merged two records: what was the loser's is the winner's, and no second one is made."""
        winner = self.tx.outbox.receipts_by_crm_id(self.name, after.object, [after.merged_into]).get(after.merged_into)
        receipt = self.receipts.get((after.object, after.id))
        self.counts["merged in the CRM"] += 1
        if winner is not None and winner.lead_id not in (0, lead.id):
            self.tx.intake.merge(lead.id, winner.lead_id, self.now)
            moved = [replace(receipt, gone=True)] if receipt else []
        else:
            moved = [replace(receipt, crm_id=after.merged_into)] if receipt else []
            self.tx.intake.put_links([Link(self.name, after.object, after.merged_into, lead.id)])
        self.tx.outbox.put_receipts(moved)

    def _gone(self, lead: Lead, handoff: Handoff, after: CrmRecord) -> None:
        """What a person deleted is not made again, and nobody is asked about it any more."""
        receipt = self.receipts.get((after.object, after.id))
        if receipt is None or receipt.gone:
            return
        self.tx.outbox.put_receipts([replace(receipt, gone=True)])
        was = lead.stage
        if was not in ENDS:
            self._move(lead, handoff, "rejected", sentences.DELETED_THERE, after)
        self.counts["deleted in the CRM"] += 1
        self._mark(lead, handoff, was)

    def _unknown_word(self, name: str, word: str) -> ReviewItem:
        reason = sentences.UNKNOWN_WORD % {"word": word}
        return ReviewItem("notice", f"unknown:{self.name}:{name}:{word}", self.name, reason, name, connection=self.name)

    def _store(self) -> None:
        changes = list(self.changed.values())
        if self.notices:
            self.tx.reviews.put(self.notices, self.now)
        if not changes:
            return
        self.tx.intake.update_leads([change.lead for change in changes], self.now)
        self.tx.handoffs.save([one for change in changes for one in self.handoffs[change.lead.id]])
        self.tx.scores.add_transitions(self.transitions)
        self.tx.outbox.put(tell(self.tx, self.rows, changes, self.now), self.now)
        self.tx.reviews.put(self.rows.take_unsent(), self.now)
        self.counts["leads with news"] += len(changes)


def _key(record: CrmRecord, found: dict[str, int]) -> str:
    """The id by which a record's lead is found: its own, or that of the person it hangs on."""
    return record.id if record.id in found else record.person


def before_us(handoff: Handoff, before: CrmRecord | None, after: CrmRecord) -> bool:
    """Whether an opportunity's change is news since the handoff: one that was there before tells by changing only."""
    if after.modified_at is None or handoff.opened_at is None or after.modified_at < handoff.opened_at:
        return False
    return before is not None or not handoff.record.startswith("opportunity:")


def reason_list(flow: Flow | None, handoff: Handoff) -> str:
    """The marketing list that the reason of a rejection leads to, "" for none."""
    reason = flow.reasons.get(handoff.reason) if flow else None
    return reason.list if reason else ""
