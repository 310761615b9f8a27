"""One page of contacts into the store: whose they are, what changed, what they did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b

import orjson

from connector.config import Connection
from connector.model import sentences
from connector.model.activity import Activity
from connector.model.errors import RecordError
from connector.model.lead import CONTACT, Lead, Link
from connector.model.mapped import Contact
from connector.model.ports import Transaction
from connector.model.records import Record
from connector.runs.assess import Assessor
from connector.runs.beside import as_one_of_several, beside_others, counter_name
from connector.runs.consent_page import Said, keep_activities, keep_adopted
from connector.runs.departed import Departed
from connector.runs.forgotten import Barred
from connector.runs.hearing import note_copies
from connector.runs.restore import is_restored
from connector.runs.set_aside import SetAside
from connector.runs.terms import needs_terms, read_until, terms_of
from connector.runs.told import told_otherwise
from connector.runs.undecided import report
from connector.steps.identity import (
    SHARED_BY_MANY,
    Assignment,
    absorb,
    assign,
    identifying_email,
    is_known_by,
    new_lead,
)
from connector.steps.normalise.values import derive
from connector.steps.sides import Settled, Terms, holds_there


def digest(record: Record, salt: bytes) -> int:
    """A 63-bit number of a record's values under one version of the mapping."""
    body = orjson.dumps(record.values, default=str, option=orjson.OPT_NON_STR_KEYS)
    return int.from_bytes(blake2b(body, digest_size=8, salt=salt).digest()) >> 1


def _address(contact: Contact) -> str:
    """The address that activities may name this person by, "" where there is none."""
    return "" if contact.flags.get("email") == sentences.NO_ADDRESS else str(contact.fields.get("email", ""))


def is_merged(links: Mapping[str, Link], id: str) -> bool:
    """Whether a record was merged into another one, as far as is known."""
    return id in links and links[id].merged


@dataclass(slots=True)
class ContactPage:
    """The contacts of one page that have something new, and the leads they belong to."""

    contacts: list[Contact]
    digests: dict[str, int]
    assignments: list[Assignment] = field(default_factory=list)
    known: dict[int, Lead] = field(default_factory=dict)
    fresh: list[Lead] = field(default_factory=list)
    #: Ids of contacts that are to be read whatever they say.
    anew: set[str] = field(default_factory=set)
    #: Ids of known leads that are to be compared anew.
    unlike: set[int] = field(default_factory=set)
    #: Ids of contacts whose lead has another record here.
    beside: set[str] = field(default_factory=set)

    def lead_of(self, one: Assignment) -> Lead:
        """The lead that an assignment means."""
        return self.known[one.lead_id] if one.lead_id else self.fresh[one.index]


@dataclass(slots=True)
class Contacts:
    """Stores pages of contacts of one connection.

    `score_now`: nothing these people did follows in this run, so that a contact is scored with
    its page; otherwise its lead is due, and is scored once, after the activities are in.
    """

    connection: Connection
    assessor: Assessor
    aside: SetAside
    now: datetime
    score_now: bool
    counts: Counter[str]
    salt: bytes = b""
    #: Whether each word is kept: several speak for marketing, or a rule asks when something was said.
    several: bool = False
    terms: dict[str, Terms] = field(default_factory=dict)
    read_until: str = ""
    #: Whether an older copy of the store was put back.
    put_back: bool = False

    #: Ids of records of this page that are gone or merged.
    leaving: set[str] = field(default_factory=set)
    #: What contacts say of consent; None where the mapping reads nothing of it.
    said: Said | None = None

    def __post_init__(self) -> None:
        self.said = Said(self.connection.name, self.now) if self.connection.mapping.reads_consent else None
        self.salt = bytes.fromhex(self.connection.mapping.version)[:16]
        self.several = needs_terms(self.assessor.rows.config)

    def store(self, tx: Transaction, records: Sequence[Record]) -> list[Record]:
        """Store a page's records; returns those that were used (not unchanged, not set aside)."""
        left = [record for record in records if record.gone or record.merged_into]
        departed = Departed(self.assessor.rows.config, self.connection.name, self.now, self.counts)
        if not left and not departed.waits(tx):
            return self._store(tx, records)
        self.leaving = {record.id for record in left}
        departed.before(tx, left)
        used = self._store(tx, [record for record in records if not (record.gone or record.merged_into)])
        departed.after(tx, left)
        self.leaving = set()
        return used

    def _store(self, tx: Transaction, records: Sequence[Record]) -> list[Record]:
        ids = list(map(self.connection.mapping.identify, records))
        links = tx.intake.links(self.connection.name, CONTACT, ids)
        used, page = self._map(records, ids, links)
        if page.contacts and tx.erased.any():
            self._leave_out(tx, page, links)
        if page.contacts and (back := [one for one in page.contacts if is_merged(links, one.external_id)]):
            Departed(self.assessor.rows.config, self.connection.name, self.now, self.counts).split(tx, links, back)
        if page.contacts:
            self._assign(tx, page, links)
            changed = self._leads(tx, page)
            self._links(tx, page)
            self._consent(tx, page, links)
            self._deeds(tx, page)
            self._score(tx, page, changed)
            gone = [links[id] for id in page.digests if id in links and links[id].digest < 0]
            if gone:
                Departed(self.assessor.rows.config, self.connection.name, self.now, self.counts).returned(tx, gone)
        return used

    def _map(
        self, records: Sequence[Record], ids: Sequence[str], links: Mapping[str, Link]
    ) -> tuple[list[Record], ContactPage]:
        used: list[Record] = []
        page = ContactPage([], {})
        to_contact, salt, now = self.connection.mapping.contact, self.salt, self.now
        for record, external_id in zip(records, ids, strict=True):
            link, number = links.get(external_id), digest(record, salt)
            if link is not None and not link.digest:
                page.anew.add(external_id)
            if link is not None and link.digest == number:
                self.counts["unchanged"] += 1
                continue
            try:
                contact = to_contact(record, now)
            except RecordError as error:
                self.aside.record("contacts", record, error.what)
                continue
            for name, reason in contact.aside:
                self.aside.record("contacts", record, reason, name)
            if link is None:
                contact.derived = derive(contact.fields)
            used.append(record)
            page.contacts.append(contact)
            page.digests[contact.external_id] = number
        return used, page

    def _leave_out(self, tx: Transaction, page: ContactPage, links: Mapping[str, Link]) -> None:
        """Who was forgotten and has not asked to come back is not stored."""
        page.contacts = Barred(tx, self.connection.name, self.counts).contacts(page.contacts, links)
        page.digests = {one.external_id: page.digests[one.external_id] for one in page.contacts}

    def _assign(self, tx: Transaction, page: ContactPage, links: Mapping[str, Link]) -> None:
        unlinked = [contact for contact in page.contacts if contact.external_id not in links]
        emails = [email for contact in unlinked if (email := identifying_email(contact))]
        sharing = tx.intake.by_email(emails, SHARED_BY_MANY + 1) if emails else {}
        asked = {lead_id for ids in sharing.values() for lead_id in ids if len(ids) <= SHARED_BY_MANY}
        asked |= {links[id].lead_id for id in page.digests if id in links}
        leads = tx.intake.leads(sorted(asked)) if asked else {}
        page.assignments = assign(page.contacts, links, sharing, leads)
        page.known = {one.lead_id: leads[one.lead_id] for one in page.assignments if one.lead_id}
        page.beside = beside_others(tx, self.connection.name, page.assignments, self.leaving)

    def _leads(self, tx: Transaction, page: ContactPage) -> set[int]:
        """Add new leads, update known ones; returns the ids of known leads that changed."""
        stamp, name = self.now.isoformat(), self.connection.name
        changed = set()
        if not self.put_back and any(lead.sides for lead in page.known.values()) and is_restored(tx):
            self.put_back, self.terms = True, {}
        self._note_copies(tx, page)
        self.read_until = read_until(tx, name) if self.several else ""
        found: list[tuple[Lead, Terms, Settled]] = []
        said: list[tuple[Contact, Settled]] = []
        for one in page.assignments:
            if made := one.index == len(page.fresh):
                page.fresh.append(new_lead(one.contact, name, stamp))
            if self.said is not None:
                self.said.take(one.contact, page.lead_of(one), made=made)
            if made:
                continue
            if one.index >= 0:
                self.counts["same person"] += 1
            if self._absorbed(page, one, found, said) and one.lead_id:
                changed.add(one.lead_id)
        if said:
            others = told_otherwise(tx, self.connection, said, page.anew)
            changed |= {page.lead_of(one).id for one in page.assignments if one.contact.external_id in others}
            report(tx, found, self.now)
        self._add(tx, page.fresh)
        if changed:
            tx.intake.update_leads([page.known[lead_id] for lead_id in sorted(changed)], self.now)
            self.counts["changed leads"] += len(changed)
        if page.unlike:
            tx.keys.wait(page.unlike)
        return changed

    def _absorbed(
        self,
        page: ContactPage,
        one: Assignment,
        found: list[tuple[Lead, Terms, Settled]],
        said: list[tuple[Contact, Settled]],
    ) -> bool:
        """Take over what a record says; whether anything is new. `found` gathers what was settled among several."""
        lead, contact = page.lead_of(one), one.contact
        name, stamp, settled = self.connection.name, self.now.isoformat(), Settled()
        if contact.external_id in page.beside:
            contact = as_one_of_several(contact, lead, name)
        if not self.several and not lead.sides:
            changed = absorb(lead, contact, name, stamp)
        else:
            terms = self._terms(lead.flow)
            changed = absorb(lead, contact, name, stamp, terms, settled, self.read_until if terms.timed else "")
            if lead.id:
                said.append((one.contact, settled))
            if lead.id and settled.anything:
                found.append((lead, terms, settled))
        if lead.id and is_known_by(changed):
            page.unlike.add(lead.id)
        return bool(changed) or settled.anything

    def _terms(self, flow: str) -> Terms:
        if flow not in self.terms:
            self.terms[flow] = replace(terms_of(self.assessor.rows.config, flow), put_back=self.put_back)
        return self.terms[flow]

    def _note_copies(self, tx: Transaction, page: ContactPage) -> None:
        """Note what stands in the CRM of those who are there, where it counts beside what their records say now."""
        by_flow: dict[str, list[tuple[Lead, Collection[str]]]] = {}
        for one in page.assignments:
            lead = page.known.get(one.lead_id)
            if lead is None or not lead.flow or lead.stage in ("known", "warm"):
                continue
            if names := holds_there(lead, one.contact, self._terms(lead.flow)):
                by_flow.setdefault(lead.flow, []).append((lead, names))
        for flow, leads in by_flow.items():
            note_copies(tx, self.assessor.rows, leads, self._terms(flow))

    def _add(self, tx: Transaction, fresh: list[Lead]) -> None:
        if fresh and self.score_now:
            self.assessor.new(tx, fresh)
        elif fresh:
            tx.intake.add_leads(fresh, self.now)
        self.counts["new leads"] += len(fresh)

    def _links(self, tx: Transaction, page: ContactPage) -> None:
        name, links = self.connection.name, []
        for one in page.assignments:
            contact, lead_id = one.contact, page.lead_of(one).id
            links.append(Link(name, CONTACT, contact.external_id, lead_id, page.digests[contact.external_id]))
            for elsewhere, their_id in contact.links.items():
                links.append(Link(elsewhere, CONTACT, their_id, lead_id, origin=name))
        tx.intake.put_links(links)

    def _consent(self, tx: Transaction, page: ContactPage, links: Mapping[str, Link]) -> None:
        said = self.said or Said(self.connection.name, self.now)
        people = (
            (one.contact, page.lead_of(one), bool(one.lead_id), one.contact.external_id in links)
            for one in page.assignments
        )
        said.keep(tx, self.assessor.rows, people, self.counts)

    def _deeds(self, tx: Transaction, page: ContactPage) -> None:
        """Activities that stand in columns, rises of counters, and those that waited for this person."""
        found: list[Activity] = []
        counted: dict[int, Lead] = {}
        for one in page.assignments:
            if one.contact.activities or one.contact.counters:
                lead = page.lead_of(one)
                found += [replace(activity, lead_id=lead.id) for activity in one.contact.activities]
                before = dict(lead.counters)
                found += self._rises(lead, one.contact, page.beside)
                if lead.counters != before:
                    counted[lead.id] = lead
        if counted:
            tx.intake.update_leads(list(counted.values()), self.now)
        found = self._told_by_one(tx, found)
        if found:
            self.counts["activities"] += tx.intake.add_activities(found)
        people = {one.contact.external_id: page.lead_of(one).id for one in page.assignments}
        for one in page.assignments:
            # Of several who share an address, the first is taken to have done what is told of the address.
            if address := _address(one.contact):
                people.setdefault(address, page.lead_of(one).id)
        adopted = tx.intake.adopt_activities(self.connection.name, people)
        touched = adopted | {one.lead_id for one in found}
        if touched:
            tx.scores.mark_due(touched, self.now)
            about = (tx, self.assessor.rows, self.connection.name)
            keep_activities(*about, found, self.now, self.counts)
            keep_adopted(*about, adopted, self.now, self.counts)

    def _told_by_one(self, tx: Transaction, found: Sequence[Activity]) -> list[Activity]:
        """Without what another record of the same lead has told: after a merge the winner's columns say it again."""
        name, ids = self.connection.name, sorted({one.lead_id for one in found})
        links = tx.intake.links_of(ids, name) if ids else {}
        several = [lead_id for lead_id, own in links.items() if sum(link.object == CONTACT for link in own) > 1]
        if not several:
            return list(found)
        known = {
            (lead_id, one.kind, one.at, one.source_id.removeprefix(one.person)): one.person
            for lead_id, told in tx.intake.activities(several).items()
            for one in told
            if one.connection == name
        }
        return [
            one
            for one in found
            if known.get((one.lead_id, one.kind, one.at, one.source_id.removeprefix(one.person)), one.person)
            == one.person
        ]

    def _rises(self, lead: Lead, contact: Contact, beside: Collection[str] = ()) -> list[Activity]:
        """One activity for each counter that rose since it was last read, dated by the record.

        What a counter holds when it is first read was done at some time before: it is no rise.
        """
        at = datetime.fromisoformat(contact.at) if contact.at else self.now
        rises = []
        for counter, (value, kind) in contact.counters.items():
            name = counter_name(self.connection.name, contact, counter, beside)
            if value > lead.counters.setdefault(name, value):
                source_id = f"{contact.external_id}:{counter}:{value}"
                rises.append(Activity(self.connection.name, source_id, contact.external_id, at, kind, lead_id=lead.id))
                lead.counters[name] = value
        return rises

    def _score(self, tx: Transaction, page: ContactPage, changed: set[int]) -> None:
        if not changed:
            return
        if self.score_now:
            ids = sorted(changed)
            self.assessor.known(tx, [page.known[lead_id] for lead_id in ids], tx.intake.activities(ids), ids)
        else:
            tx.scores.mark_due(changed, self.now)
