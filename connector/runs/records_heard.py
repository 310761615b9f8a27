"""What follows from the changed records of leads: what each tells is written down, and where its lead goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from connector.model import sentences
from connector.model.handoff import Handoff
from connector.model.lead import Lead, Link
from connector.model.mirror import CrmRecord, Mirrored
from connector.model.outbox import Receipt
from connector.model.ports import Transaction
from connector.runs.hearing import FieldsHeard
from connector.runs.merges import Places
from connector.runs.news import ENDS, News
from connector.runs.next_record import NextRecord, start_anew
from connector.runs.own_values import OwnValues
from connector.runs.person_told import PersonTold
from connector.runs.respect import PEOPLE
from connector.runs.rows import Rows, our_key
from connector.runs.whose import Owned
from connector.steps.feedback import (
    Told,
    is_news_of,
    of_form,
    of_lost_opportunity,
    of_opportunity,
    of_touch,
    touched_at,
)
from connector.steps.joining import BY_DEAL

#: What was said of a lead in a form.
FEEDBACK: Mirrored = "feedback"


@dataclass(slots=True)
class RecordsHeard:
    """Listens to the records of one page; `store` writes down what was said.

    `users` are the addresses of the CRM's people by their ids; `anew` are records that were somebody else's until now.
    """

    tx: Transaction
    rows: Rows
    name: str
    now: datetime
    counts: Counter[str]
    handoffs: dict[int, list[Handoff]]
    users: Mapping[str, str]
    anew: Places
    news: News = field(init=False)
    fields: FieldsHeard = field(init=False)
    people: PersonTold = field(init=False)
    next: NextRecord = field(init=False)

    def __post_init__(self) -> None:
        self.news = News(self.tx, self.rows, self.name, self.now, self.counts, self.handoffs)
        self.fields = FieldsHeard(self.tx, self.rows, self.name, self.now, self.counts)
        self.people = PersonTold(self.tx, self.rows, self.name, self.users, self.anew)
        self.next = NextRecord(self.tx, self.rows.store_id, self.name, self.now)

    def store(self) -> None:
        """Write it all down."""
        self.news.store()
        self.fields.store()

    def hear(self, lead: Lead, handoff: Handoff, one: Owned) -> None:
        """Take in what a record of a lead says by now, or that it is there no more."""
        after = one.after
        if after.gone:
            self._gone(lead, handoff, one)
        elif after.object in PEOPLE:
            self._person(lead, handoff, one)
        elif after.object == "opportunity":
            if is_news_of(after, one.before, lead, handoff.opened_at):
                self.news.take(lead, handoff, of_opportunity(after, lead), after)
        elif after.object == "task":
            self._task(lead, handoff, after)
        elif after.object == FEEDBACK:
            reading = self.rows.config.connections[self.name].mapping.stage
            self.news.take(lead, handoff, of_form(one.before, after, reading, lead, handoff.opened_at), after)

    def _task(self, lead: Lead, handoff: Handoff, after: CrmRecord) -> None:
        if (flow := self.rows.config.flows.get(handoff.flow)) is None:
            return
        said = after, handoff, flow.clock.touch, flow.clock.not_by, self.users
        if (at := touched_at(*said)) is not None:
            self.news.touched(lead, handoff, after, at, self.users.get(after.owner, ""))
        self.news.take(lead, handoff, of_touch(*said), after)

    # people

    def _person(self, lead: Lead, handoff: Handoff, one: Owned) -> None:
        if back := _is_back(one):
            # What comes back from the bin says again what it is.
            one = replace(one, before=None)
        if back and one.receipt and one.receipt.gone and not one.after.converted_to:
            receipt = self._came_back(lead, one.receipt)
            one = replace(one, receipt=receipt)
            if lead.stage not in BY_DEAL and not self.next.has_record(lead):
                # Of two that are one by now the other's record is back, and the own one is not: it goes on there.
                mine = replace(receipt, our_key=our_key(self.rows.store_id, lead.id), lead_id=lead.id)
                self.tx.outbox.put_receipts([mine])
                self._go_on_in(lead, handoff, receipt)
                return
        self.news.take(lead, handoff, self.people.told(lead, handoff, one, back), one.after)
        if one.receipt is not None and not one.receipt.gone and not one.after.converted_to:
            self._fields(lead, handoff, one.receipt, one)
        if one.after.converted_to and not (one.before and one.before.converted_to):
            self._converted(lead, one.after)
            self._read_before(lead, handoff, one.after)

    def _came_back(self, lead: Lead, receipt: Receipt) -> Receipt:
        """The receipt of a record that is there again."""
        receipt = replace(receipt, gone=False)
        self.tx.outbox.put_receipts([receipt])
        # What was said meanwhile is written with the next scoring.
        self.tx.scores.mark_due([lead.id], self.now)
        self.counts["back in the CRM"] += 1
        return receipt

    def _fields(self, lead: Lead, handoff: Handoff, receipt: Receipt, one: Owned) -> None:
        """Hear what the fields say; what is ours alone and was overwritten is written again."""
        own = OwnValues(self.tx, self.rows.config, self.name, self.now, self.rows.run_id)
        self.counts["fields written again"] += own.look(lead, receipt, one.after)
        if not handoff.record:
            self.fields.hear(lead, receipt, one.before, one.after)

    # what becomes of them

    def _converted(self, lead: Lead, after: CrmRecord) -> None:
        """Feedback follows what a lead was converted to; so does what is written from now on."""
        links = [
            Link(self.name, object, crm_id, lead.id)
            for object, crm_id in after.converted_to.items()
            if object in ("contact", "opportunity") and crm_id
        ]
        self.tx.intake.put_links(links)
        key, made = our_key(self.rows.store_id, lead.id), after.modified_at or self.now
        receipts = [Receipt(self.name, "lead", key, after.id, {}, lead_id=lead.id, at=self.now, gone=True)]
        if contact := after.converted_to.get("contact"):
            receipts.append(Receipt(self.name, "contact", key, contact, {}, lead_id=lead.id, at=made))
        self.tx.outbox.put_receipts(receipts)
        # What was on its way to the lead goes to what it became, with the next scoring.
        self.tx.scores.mark_due([lead.id], self.now)
        self.counts["converted"] += 1

    def _read_before(self, lead: Lead, handoff: Handoff, after: CrmRecord) -> None:
        """Hear the deal that a lead was converted to where it was read first: then nobody knew whose it is."""
        deal = after.converted_to.get("opportunity", "")
        found = self.tx.mirror.get(self.name, "opportunity", [deal]) if deal else {}
        for record in found.values():
            self.hear(lead, handoff, Owned(lead.id, None, record))

    def _gone(self, lead: Lead, handoff: Handoff, one: Owned) -> None:
        """What a person deleted is not made again, and nobody is asked about it any more."""
        if one.before is not None and one.before.gone:
            return
        if one.after.object == "opportunity":
            told = of_lost_opportunity(one.after, lead, sentences.DELETED_THERE)
            self.news.take(lead, handoff, told, one.after)
        # What a lead was converted to is what counts from then on.
        elif one.receipt is not None and not (one.before and one.before.converted_to):
            self._ended(lead, handoff, one.receipt, one.after)

    def _ended(self, lead: Lead, handoff: Handoff, receipt: Receipt, after: CrmRecord) -> None:
        """A lead whose record was deleted goes on in that of one that was merged into it, or is rejected."""
        self.tx.outbox.put_receipts([replace(receipt, gone=True)])
        self.counts["deleted in the CRM"] += 1
        if following := self.next.after(lead, receipt):
            self._go_on_in(lead, handoff, following)
        elif lead.stage not in ENDS and lead.stage != "opportunity" and not self.next.is_elsewhere(lead, receipt):
            self.news.take(lead, handoff, Told(stage="rejected", why=sentences.DELETED_THERE), after)

    def _go_on_in(self, lead: Lead, handoff: Handoff, following: Receipt) -> None:
        """What the record that is this lead's from now on says already is news, and counts in place of the other's."""
        start_anew(self.tx, self.rows.config, self.name, lead, self.now, following)
        mine = replace(following, our_key=our_key(self.rows.store_id, lead.id), lead_id=lead.id)
        for object in PEOPLE:
            for id, record in self.tx.mirror.get(self.name, object, [following.crm_id]).items():
                self.anew.add((object, id))
                self._person(lead, handoff, Owned(lead.id, None, record, mine))


def _is_back(one: Owned) -> bool:
    """Whether a record has come back from the bin: it was read as deleted, or a write was refused as being so."""
    if one.before is not None and one.before.gone:
        return True
    found_gone = one.receipt.at if one.receipt and one.receipt.gone and not one.after.converted_to else None
    said = one.after.modified_at
    return found_gone is not None and said is not None and said > found_gone
