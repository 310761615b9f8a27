"""Find in the mirror who leads are in a CRM, and ask the CRM itself about those whom the mirror does not know.

A look-up is a read: it is made outside any transaction, before a handoff is opened, and what it
gives goes into the mirror. Whom nobody is there for yet is not asked about again at every pass.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from connector.model.adapter import CrmCapabilities, ReadableCrm
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord, Wanted
from connector.model.ports import Mirror, Transaction
from connector.runs.bring_back import Follower
from connector.runs.forgotten import left_of
from connector.runs.read_in import is_read_in
from connector.runs.respect import PEOPLE
from connector.runs.rows import Rows, our_key
from connector.runs.runtime import Runtime
from connector.steps.matching import Around, Keys, Match, account_by_domain, keys_of, match, normalised

#: For so long a lead that was looked up, and could not be handed over, is not looked up again: as long as it may
#: take until what came into the CRM meanwhile is read back.
FRESH = timedelta(minutes=10)
#: How many leads that wait are looked at together, so that look-ups are full.
AHEAD = 1000


@dataclass(slots=True)
class Known:
    """What the mirror knows of some leads: who they are there, whose their accounts are, who may own anything."""

    matches: dict[int, Match] = field(default_factory=dict)
    accounts: dict[int, CrmRecord] = field(default_factory=dict)
    users: dict[str, CrmRecord] = field(default_factory=dict)

    def owner(self, record: CrmRecord | None) -> str:
        """The email of the record's owner, "" where that is no active person."""
        user = self.users.get(record.owner) if record else None
        return user.email if user and user.active and not user.gone else ""

    def account_owner(self, lead_id: int) -> str:
        """The email of the owner of the lead's account, "" where there is none."""
        return self.owner(self.accounts.get(lead_id))


def known(tx: Transaction, target: str, store_id: str, leads: Iterable[Lead], *, plain: bool = False) -> Known:
    """Match these leads with the mirror of `target`. `plain`: the CRM's leads are contacts there."""
    leads = list(leads)
    keys = keys_of_all(tx, target, store_id, leads)
    around = Around()
    candidates = gathered(tx.mirror, target, keys, around)
    found = Known()
    for lead in leads:
        if one := match(keys[lead.id], candidates[lead.id], around, plain=plain):
            found.matches[lead.id] = one
    _accounts(tx.mirror, target, keys, found)
    _users(tx.mirror, target, found)
    return found


def keys_of_all(tx: Transaction, target: str, store_id: str, leads: Sequence[Lead]) -> dict[int, Keys]:
    """The keys of leads, with the ids that another system left of them in this CRM."""
    links = tx.intake.links_of([lead.id for lead in leads], target)
    return {
        lead.id: keys_of(lead, our_key(store_id, lead.id), (link.external_id for link in links.get(lead.id, ())))
        for lead in leads
    }


def gathered(mirror: Mirror, target: str, keys: Mapping[int, Keys], around: Around) -> dict[int, list[CrmRecord]]:
    """Whoever has one of the keys, by lead; what they have become, and their accounts and deals, go into `around`."""
    by_key = mirror.find(target, "our_key", [one.our_key for one in keys.values()], PEOPLE)
    by_email = mirror.find(target, "email", _words(one.email for one in keys.values()), PEOPLE)
    by_phone = mirror.find(target, "phone", _words(number for one in keys.values() for number in one.phones), PEOPLE)
    linked = _by_ids(mirror, target, {id for one in keys.values() for id in one.linked})
    found: dict[int, list[CrmRecord]] = {}
    for lead_id, one in keys.items():
        mine = [*by_key.get(one.our_key, ()), *by_email.get(one.email, ())]
        mine += [record for number in one.phones for record in by_phone.get(number, ())]
        mine += [record for id in one.linked for record in linked.get(id, ())]
        found[lead_id] = list({(record.object, record.id): record for record in mine}.values())
    _follow(mirror, target, (record for records in found.values() for record in records), around)
    return found


def _words(words: Iterable[str]) -> list[str]:
    return sorted({word for word in words if word})


def _by_ids(mirror: Mirror, target: str, ids: Collection[str]) -> dict[str, list[CrmRecord]]:
    found: dict[str, list[CrmRecord]] = {}
    for object in PEOPLE if ids else ():
        for id, record in mirror.get(target, object, sorted(ids)).items():
            found.setdefault(id, []).append(record)
    return found


def _follow(mirror: Mirror, target: str, records: Iterable[CrmRecord], around: Around) -> None:
    """Bring in what records were merged into or converted to, then the accounts and open deals of the contacts."""
    fresh: dict[tuple[str, str], CrmRecord] = {(record.object, record.id): record for record in records}
    while fresh:
        around.people |= fresh
        wanted = {place for record in fresh.values() for place in _next(record)} - around.people.keys()
        fresh = {}
        for object in PEOPLE:
            ids = sorted(id for kind, id in wanted if kind == object)
            fresh |= {(object, id): record for id, record in mirror.get(target, object, ids).items()} if ids else {}
    contacts = [record for (object, _), record in around.people.items() if object == "contact"]
    accounts = _words(record.account for record in contacts)
    around.accounts |= mirror.get(target, "account", accounts) if accounts else {}
    for id, deals in mirror.find(target, "account", accounts, ("opportunity",)).items():
        around.deals["account", id] = deals
    for id, deals in mirror.find(target, "person", _words(one.id for one in contacts), ("opportunity",)).items():
        around.deals["person", id] = deals


def _next(record: CrmRecord) -> list[tuple[str, str]]:
    merged = [(record.object, record.merged_into)] if record.merged_into else []
    contact = record.converted_to.get("contact", "")
    return [*merged, ("contact", contact)] if contact else [*merged]


def _accounts(mirror: Mirror, target: str, keys: Mapping[int, Keys], found: Known) -> None:
    """The account of each lead: its contact's, else the one of its company's domain."""
    by_domain = mirror.find(target, "domain", _words(one.domain for one in keys.values()), ("account",))
    for lead_id, one in keys.items():
        there = found.matches.get(lead_id)
        account = (there.account if there else None) or account_by_domain(one.domain, by_domain)
        if account is not None:
            found.accounts[lead_id] = account


def _users(mirror: Mirror, target: str, found: Known) -> None:
    records = [record for one in found.matches.values() for record in (one.record, one.person)]
    owners = _words(record.owner for record in [*records, *found.accounts.values()])
    found.users = mirror.get(target, "user", owners) if owners else {}


@dataclass(slots=True)
class LookUps:
    """Look-ups in one CRM, for the handoffs of one flow that are about to be opened."""

    runtime: Runtime
    target: str
    crm: ReadableCrm
    rows: Rows
    counts: Counter[str]
    asked: dict[int, datetime] = field(default_factory=dict)
    _sure: set[int] = field(default_factory=set)

    def load(self) -> None:
        """Who was looked up a short while ago, and could not be handed over."""
        with self.runtime.store.read() as tx:
            said = json.loads(tx.admin.meta(self._name) or "{}")
        since = self.runtime.clock() - FRESH
        times = {int(lead_id): datetime.fromisoformat(at) for lead_id, at in said.items()}
        self.asked = {lead_id: at for lead_id, at in times.items() if at > since}

    @property
    def _name(self) -> str:
        return f"looked_up:{self.target}"

    def ask(self, waiting: Sequence[Handoff], first: int) -> None:
        """Look up those of `waiting` who are not known, until all of the `first` are; full batches at a time."""
        most = self.crm.capabilities.look_up_batch
        with self.runtime.store.read() as tx:
            unknown = self.unknown(tx, waiting)
        urgent = {handoff.lead_id for handoff in waiting[:first]}
        while not urgent.isdisjoint(unknown) and not self.runtime.stop.is_set():
            self._ask({lead_id: unknown.pop(lead_id) for lead_id in list(unknown)[:most]})

    def unknown(self, tx: Transaction, waiting: Sequence[Handoff]) -> dict[int, Wanted]:
        """Whom to ask about, in the order in which they wait: not written to yet, and not in the mirror."""
        ids = [one.lead_id for one in waiting if one.lead_id not in self.asked and one.lead_id not in self._sure]
        written = tx.outbox.receipts(self.target, "lead", [our_key(self.rows.store_id, lead_id) for lead_id in ids])
        leads = tx.intake.leads([lead_id for lead_id in ids if our_key(self.rows.store_id, lead_id) not in written])
        keys = keys_of_all(tx, self.target, self.rows.store_id, list(leads.values()))
        around = Around()
        candidates = gathered(tx.mirror, self.target, keys, around)
        nobody = [lead_id for lead_id in ids if lead_id in keys and can_be_asked(keys[lead_id])]
        nobody = [lead_id for lead_id in nobody if match(keys[lead_id], candidates[lead_id], around) is None]
        self._sure |= set(ids) - set(nobody)
        return {lead_id: wanted(keys[lead_id]) for lead_id in nobody}

    def _ask(self, batch: Mapping[int, Wanted]) -> None:
        records = self.crm.look_up(list(batch.values()))
        region, now = self.runtime.config.region, self.runtime.clock()
        with self.runtime.store.write() as tx:
            seen = left_of(tx, self.target, [normalised(record, region) for record in records], self.counts)
            pairs = tx.mirror.put(self.target, seen, now)
            # What the mirror knows from here is no news to the next reading any more.
            Follower(tx, self.rows, self.target, now, self.counts).run(pairs)
        self.asked |= dict.fromkeys(batch, now)
        self.counts["looked up"] += len(batch)

    def remember(self, tx: Transaction, handoffs: Sequence[Handoff]) -> None:
        """Keep who was looked up and still waits; whoever of `handoffs` was opened is forgotten."""
        for handoff in handoffs:
            if handoff.state == "open":
                self.asked.pop(handoff.lead_id, None)
        kept = {str(lead_id): at.isoformat() for lead_id, at in self.asked.items()}
        said = json.dumps(kept) if kept else ""
        if tx.admin.meta(self._name) != said:
            tx.admin.set_meta(self._name, said)


def wanted(keys: Keys) -> Wanted:
    """What a CRM is asked by."""
    return Wanted(keys.email, keys.phones[0] if keys.phones and keys.family else "")


def can_be_asked(keys: Keys) -> bool:
    """Whether a CRM can be asked about someone: an email, or a phone number with a family name to compare."""
    return bool(keys.email or (keys.phones and keys.family))


def waits_for_read_in(tx: Transaction, target: str, capabilities: CrmCapabilities) -> bool:
    """Whether the CRM can be read and has not been yet: nobody knows who is there."""
    return bool(capabilities.streams) and not is_read_in(tx, target)


def look_ups(runtime: Runtime, target: str, rows: Rows, counts: Counter[str]) -> LookUps:
    """The look-ups in a CRM. Raises what making its adapter raises."""
    found = LookUps(runtime, target, cast(ReadableCrm, runtime.crm(target)), rows, counts)
    found.load()
    return found
