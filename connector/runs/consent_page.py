"""What one page of a marketing source says of consent: fields of contacts, and what people did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.model.activity import Activity
from connector.model.consent import Channel, ConsentEvent
from connector.model.fields import Value
from connector.model.lead import CONTACT, Lead
from connector.model.mapped import Contact
from connector.model.ports import Transaction
from connector.runs.consent import ANY, Ledger
from connector.runs.consent_heard import told_by_us, unclaimed
from connector.runs.consent_rows import Telling
from connector.runs.rows import Rows
from connector.steps import consent as steps
from connector.steps.normalise.text import fold

CHANNELS = tuple(steps.CHANNEL_OF)
#: A person of a page: (contact, lead, whether the lead was known before, whether the record was).
Arrived = tuple[Contact, Lead, bool, bool]
#: The store's word for connections with activities that say something and wait for their person.
WAITING = "consent:waits:"


@dataclass(slots=True)
class Said:
    """What the contacts of one page say of consent, while they are stored. `connection` tells them."""

    connection: str
    now: datetime
    words: list[tuple[Contact, Lead, dict[str, Value]]] = field(default_factory=list)

    def take(self, contact: Contact, lead: Lead, *, made: bool) -> None:
        """Before a contact is taken over: what differs from what stands is a word, and no value to be taken over.

        `made`: the lead is made of this very contact, and what it says stands.
        """
        fields = contact.fields
        if made and fields.keys().isdisjoint(CHANNELS):
            return
        said = {name: fields[name] for name in CHANNELS if name in fields}
        if not said and not contact.blank:
            return
        stands = {name: lead.fields[name] for name in steps.CHANNEL_OF if name in lead.fields}
        if False in said.values() or (not made and any(name in stands and stands[name] != said[name] for name in said)):
            self.words.append((contact, lead, said))
        if made or (not said and not contact.blank) or (False not in said.values() and False not in stands.values()):
            return
        for name in steps.OF_CONSENT & contact.fields.keys():
            del contact.fields[name]
        contact.blank = tuple(name for name in contact.blank if name not in steps.OF_CONSENT)

    def keep(self, tx: Transaction, rows: Rows, arrived: Iterable[Arrived], counts: Counter[str]) -> None:
        """Keep what was said, once the page's leads are stored; `arrived` are all of its people.

        Whose record is new is told what stands, and may have left in a CRM long ago.
        """
        told, self.words = self.words, []
        if not told and not tx.admin.meta(ANY):
            return
        ledger = Ledger(tx, rows, self.now, counts)
        words = list(self._of_contacts(tx, rows, ledger, told))
        everyone = list(arrived)
        fresh = {lead.id: lead for _, lead, is_known, _ in everyone if not is_known}
        words += unclaimed(tx, rows, fresh, self.now)
        ledger.leads |= {one.lead_id: fresh[one.lead_id] for one in words if one.lead_id in fresh}
        ledger.keep(words)
        anew = {lead.id: lead for _, lead, _, is_linked in everyone if not is_linked and steps.is_out(lead)}
        Telling(tx, rows, self.now, counts, knows=frozenset(ledger.knows)).run(list(anew.values()))

    def _of_contacts(
        self, tx: Transaction, rows: Rows, ledger: Ledger, told: Sequence[tuple[Contact, Lead, dict[str, Value]]]
    ) -> Iterator[ConsentEvent]:
        ids = [contact.external_id for contact, _, _ in told]
        ours = told_by_us(tx, rows, self.connection, CONTACT, ids) if ids else {}
        for contact, lead, said in told:
            ledger.leads[lead.id] = lead
            place = (self.connection, contact.external_id)
            (ledger.knows if False in said.values() else ledger.again).add(place)
            at = min(datetime.fromisoformat(contact.at), self.now) if contact.at else self.now
            own = ours.get(contact.external_id, {})
            for one in steps.field_words(said, lead.id, self.connection, at, contact.external_id):
                if one.given or own.get(steps.FIELDS[one.channel]) is not False:
                    yield one


def keep_activities(
    tx: Transaction, rows: Rows, connection: str, activities: Iterable[Activity], now: datetime, counts: Counter[str]
) -> None:
    """Keep what activities say; of people who are not known, once they are."""
    questions = rows.config.connections[connection].mapping.consent_answers
    found = [one for one in activities if one.kind in steps.KINDS or (questions and _answers(one, questions))]
    if not found:
        return
    if any(not one.lead_id for one in found):
        tx.admin.set_meta(WAITING + connection, "1")
    ids = sorted({one.lead_id for one in found if one.lead_id})
    ledger = Ledger(tx, rows, now, counts, tx.intake.leads(ids) if ids else {})
    address = {id: str(lead.fields.get("email") or "") for id, lead in ledger.leads.items()}
    known = [one for one in found if one.lead_id]
    words = [steps.word_of(one, address.get(one.lead_id, "")) for one in known]
    words += [word for one in known for word in steps.answers_of(one, questions)]
    links = tx.intake.links_of(ids, connection) if ids else {}
    ledger.knows = {(connection, link.external_id) for some in links.values() for link in some}
    ledger.keep(word for word in words if word is not None)


def _answers(one: Activity, questions: Mapping[str, Channel]) -> bool:
    return any(fold(question) in questions for question in one.answers)


def keep_adopted(
    tx: Transaction, rows: Rows, connection: str, lead_ids: Iterable[int], now: datetime, counts: Counter[str]
) -> None:
    """The same for leads that activities have waited for."""
    ids = sorted(lead_ids)
    if ids and tx.admin.meta(WAITING + connection):
        # Questions of forms may be those of any kind.
        asked = rows.config.connections[connection].mapping.consent_answers
        found = tx.intake.activities(ids, kinds=None if asked else steps.KINDS)
        keep_activities(tx, rows, connection, (one for some in found.values() for one in some), now, counts)
