"""Find in the mirror who leads are in a CRM, and ask the CRM itself about those whom the mirror does not know.

A look-up is a read: it is made outside any transaction, before a handoff is opened, and what it
gives goes into the mirror. Whom nobody is there for yet is not asked about again at every pass.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from connector.config.types import Identity
from connector.model.adapter import CrmCapabilities, ReadableCrm
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord, Wanted
from connector.model.ports import Mirror, Transaction
from connector.runs.follower import Follower
from connector.runs.forgotten import left_of
from connector.runs.gathering import accounts_of, compared, gathered, keys_of_all, words_of
from connector.runs.mirrored import keep
from connector.runs.read_in import is_read_in
from connector.runs.rows import Rows, our_key
from connector.runs.runtime import Runtime
from connector.steps.matching import Around, Keys, Match, match, normalised
from connector.steps.resembling import Perhaps

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
    #: Who may be in the CRM as well: nobody is linked for it.
    perhaps: dict[int, tuple[Perhaps, ...]] = field(default_factory=dict)
    #: What leads whom nobody there is are by their company: of a customer, or of a firm in an open deal.
    companies: dict[int, Match] = field(default_factory=dict)
    #: Accounts of which each may be the company's, so that none was taken.
    undecided: dict[int, tuple[CrmRecord, ...]] = field(default_factory=dict)
    #: The email of whom the CRM knows by an address.
    called: Callable[[str], str] = str

    def owner(self, record: CrmRecord | None) -> str:
        """The email of the record's owner, "" where that is no active person."""
        user = self.users.get(record.owner) if record else None
        return self.called(user.email) if user and user.active and not user.gone else ""

    def account_owner(self, lead_id: int) -> str:
        """The email of the owner of the lead's account, "" where there is none."""
        return self.owner(self.accounts.get(lead_id))


def known(
    tx: Transaction, target: str, store_id: str, leads: Iterable[Lead], identity: Identity, *, plain: bool = False,
    ours: Container[int] = (),
) -> Known:  # fmt: skip
    """Match these leads with the mirror of `target`. `plain`: the CRM's leads are contacts there.

    Those of `ours` are written to already: they are not compared with anybody.
    """
    leads = list(leads)
    keys = keys_of_all(tx, target, store_id, leads)
    around = Around()
    candidates = gathered(tx.mirror, target, keys, around)
    found = Known()
    for lead in leads:
        if one := match(keys[lead.id], candidates[lead.id], around, plain=plain):
            found.matches[lead.id] = one
    strangers = {lead.id: lead for lead in leads if lead.id not in found.matches and lead.id not in ours}
    alike, found.perhaps = compared(tx, target, strangers, keys, around, identity.person, plain=plain)
    found.matches |= alike
    joined = accounts_of(tx, target, leads, found.matches, identity.organisation)
    found.accounts, found.companies, found.undecided = joined.accounts, joined.companies, joined.undecided
    _users(tx.mirror, target, found)
    return found


def _users(mirror: Mirror, target: str, found: Known) -> None:
    matches = [*found.matches.values(), *found.companies.values()]
    records = [record for one in matches for record in (one.record, one.person)]
    owners = words_of(record.owner for record in [*records, *found.accounts.values()])
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
        plain = self.crm.capabilities.lead_is == "contact"
        nobody = [one for one in nobody if match(keys[one], candidates[one], around, plain=plain) is None]
        self._sure |= set(ids) - set(nobody)
        return {lead_id: wanted(keys[lead_id]) for lead_id in nobody}

    def _ask(self, batch: Mapping[int, Wanted]) -> None:
        records = self.crm.look_up(list(batch.values()))
        region, now = self.runtime.config.region, self.runtime.clock()
        with self.runtime.store.write() as tx:
            seen = left_of(tx, self.target, [normalised(record, region) for record in records], self.counts)
            pairs = keep(tx, self.target, seen, now)
            _also_called(tx, batch, seen, now)
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


def _also_called(tx: Transaction, batch: Mapping[int, Wanted], seen: Sequence[CrmRecord], now: datetime) -> None:
    """Who was found by a further address of a record is known by the record's first one from now on."""
    first = {other: record.email for record in seen for other in record.other_emails if record.email}
    found = {lead_id: first[one.email] for lead_id, one in batch.items() if one.email in first}
    leads = tx.intake.leads(list(found)) if found else {}
    for lead_id, lead in leads.items():
        lead.former = [*(one for one in lead.former if one != found[lead_id]), found[lead_id]]
    if leads:
        tx.intake.update_leads(list(leads.values()), now)


def wanted(keys: Keys) -> Wanted:
    """What a CRM is asked by."""
    return Wanted(keys.email, keys.phones[0] if keys.phones and keys.family else "")


def can_be_asked(keys: Keys) -> bool:
    """Whether a CRM can be asked about someone: an email, or a phone number with a family name to compare."""
    return bool(keys.email or (keys.phones and keys.family))


def waits_for_read_in(tx: Transaction, target: str, capabilities: CrmCapabilities) -> bool:
    """Whether the CRM can be read and has not been yet: nobody knows who is there.

    In one of our own there is nobody whom we did not put there.
    """
    return bool(capabilities.streams) and not capabilities.in_store and not is_read_in(tx, target)


def look_ups(runtime: Runtime, target: str, rows: Rows, counts: Counter[str]) -> LookUps:
    """The look-ups in a CRM. Raises what making its adapter raises."""
    found = LookUps(runtime, target, cast(ReadableCrm, runtime.crm(target)), rows, counts)
    found.load()
    return found
