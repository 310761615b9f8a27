"""What differs between the store and one platform, of some records: judged as the line itself would go on.

What stands there is taken in as if it had just been read, in a transaction that is undone: so the rules of the
fields, who was heard when and what was taken back count here as they do there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from connector.model import sentences
from connector.model.handoff import Handoff
from connector.model.lead import CONTACT, Lead
from connector.model.mirror import CrmRecord
from connector.model.outbox import Found, Receipt
from connector.model.ports import Transaction
from connector.runs.follower import Follower
from connector.runs.live import Place
from connector.runs.mirrored import keep
from connector.runs.respect import PEOPLE, by_name
from connector.runs.rows import Rows, view
from connector.runs.runtime import Runtime
from connector.runs.undecided import undecided_key
from connector.steps.consent import consent_names
from connector.steps.field_rules import alike, is_blank, own_names, owner_names, score_names
from connector.steps.vocabulary import Vocabulary

DriftKind = Literal["missing", "stale", "conflict", "orphan", "duplicate", "owner", "consent"]
KINDS: tuple[DriftKind, ...] = ("missing", "stale", "conflict", "orphan", "duplicate", "owner", "consent")


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference. `field` is their name where it is about one field; `there` what it says, `ours` what we say."""

    kind: DriftKind
    target: str
    object: str
    id: str
    our_key: str
    lead_id: int
    why: str
    flow: str = ""
    field: str = ""
    there: Any = None
    ours: Any = None


class _LookedError(Exception):
    """What was taken in to look at it is undone."""


@dataclass(slots=True)
class Batch:
    """Some receipts of one kind in one platform, and what stands there; None where it could not tell.

    `accepted` is the platform's vocabulary, where it tells one.
    """

    runtime: Runtime
    rows: Rows
    target: str
    receipts: Sequence[Receipt]
    standing: Mapping[Place, Found | None]
    accepted: Vocabulary | None = None
    leads: dict[int, Lead] = field(default_factory=dict)
    handoffs: dict[int, Handoff] = field(default_factory=dict)

    def drifts(self) -> list[Drift]:
        """Everything that differs. What is on its way there is no difference."""
        found: list[Drift] = []
        try:
            with self.runtime.store.write() as tx, tx.savepoint():
                found += self._drifts(tx)
                raise _LookedError
        except _LookedError:
            return found

    def _drifts(self, tx: Transaction) -> Iterator[Drift]:
        self._load(tx)
        there = [one for one in self.receipts if (found := self._found(one)) and one.crm_id in found.crm_ids]
        yield from self._missing()
        keys = {f"{self.target}:{one.object}:{one.our_key}" for one in there}
        keys |= {f"{key}:undo" for key in keys}
        under_way = {(row.object, row.our_key) for row in tx.outbox.unfinished(sorted(keys)).values()}
        quiet = [one for one in there if (one.object, one.our_key) not in under_way]
        if self._is_told():
            yield from (one for receipt in quiet for one in self._told(receipt))
            return
        yield from self._people(tx, quiet)

    def _load(self, tx: Transaction) -> None:
        ids = sorted({one.lead_id for one in self.receipts if one.lead_id})
        self.leads = tx.intake.leads(ids)
        self.handoffs = {id: given[-1] for id, some in tx.handoffs.of_leads(ids).items()
                         if (given := [one for one in some if one.opened_at])}  # fmt: skip

    def _is_told(self) -> bool:
        """Whether these are contacts of marketing, which are told where their leads stand."""
        used = {flow.crm for flow in self.runtime.config.flows.values()}
        return self.target not in used and all(one.object == CONTACT for one in self.receipts)

    def _found(self, receipt: Receipt) -> Found | None:
        return self.standing.get((receipt.object, receipt.our_key))

    def _live(self, receipt: Receipt) -> dict[str, Any]:
        found = self._found(receipt)
        return found.values[0] if found and found.values else {}

    def _drift(self, kind: DriftKind, receipt: Receipt, why: str, **more: Any) -> Drift:
        lead = self.leads.get(receipt.lead_id)
        flow = lead.flow if lead else ""
        return Drift(
            kind, self.target, receipt.object, receipt.crm_id, receipt.our_key, receipt.lead_id, why, flow, **more
        )

    def _missing(self) -> Iterator[Drift]:
        for one in self.receipts:
            found = self._found(one)
            if found is not None and one.crm_id not in found.crm_ids:
                why = sentences.MERGED_THERE if found.crm_ids else sentences.MISSING_THERE
                yield self._drift("missing", one, why)

    def _told(self, receipt: Receipt) -> Iterator[Drift]:
        """Of marketing's contact, all that we told is ours."""
        live = by_name(receipt.values, self._live(receipt))
        for name, last in receipt.values.items():
            if self._differs(receipt, name, live.get(name), last):
                yield self._drift("stale", receipt, sentences.STALE_THERE, field=name, there=live.get(name), ours=last)

    def _differs(self, receipt: Receipt, name: str, there: Any, ours: Any) -> bool:
        """Whether a field holds something else; what others have set further on stays where it only goes forward."""
        further = self.accepted is not None and self.accepted.is_further(receipt.object, name, there, ours)
        return not further and not alike(there, ours)

    # people in a CRM

    def _people(self, tx: Transaction, receipts: Sequence[Receipt]) -> Iterator[Drift]:
        now = self.runtime.clock()
        before = self._records(tx, receipts)
        users = {user.id: user for user in self._users(tx, receipts)}
        for one in receipts:
            yield from self._owner(one, before.get(one.crm_id), users)
            yield from self._consent(one)
        seen = [self._seen(one, before.get(one.crm_id), now) for one in receipts]
        follower = Follower(tx, self.rows, self.target, now, Counter())
        follower.run(keep(tx, self.target, seen, now))
        ours = self._ours(tx, receipts)
        for one in receipts:
            undecided = self._undecided(tx, one)
            yield from undecided
            names = {drift.field for drift in undecided}
            yield from (drift for drift in self._stale(one, ours.get(one.our_key, {})) if drift.field not in names)

    def _records(self, tx: Transaction, receipts: Sequence[Receipt]) -> dict[str, CrmRecord]:
        found: dict[str, CrmRecord] = {}
        for object in PEOPLE:
            found |= tx.mirror.get(self.target, object, [one.crm_id for one in receipts])
        return found

    def _seen(self, receipt: Receipt, record: CrmRecord | None, now: datetime) -> CrmRecord:
        """The record as if it had just been read."""
        live = self._live(receipt)
        if record is None:
            capabilities = self.runtime.crm(self.target).capabilities
            object = "contact" if receipt.object == "contact" else capabilities.lead_is
            return CrmRecord(object, receipt.crm_id, now, receipt.our_key, values=dict(live))
        values = record.values | {name: live[name] for name in live}
        if values == record.values:
            return record
        return replace(record, modified_at=now, values=values)

    def _origins(self, receipt: Receipt) -> dict[str, tuple[str, ...]]:
        return self.runtime.config.connections[self.target].mapping.origins(receipt.object)

    def _ours(self, tx: Transaction, receipts: Sequence[Receipt]) -> dict[str, dict[str, Any]]:
        """By our key, what the line would have stand there: what a rep has in hand as it would be written now."""
        leads = tx.intake.leads([one.lead_id for one in receipts])
        in_hand = [(leads[id], handoff) for id, handoff in self.handoffs.items()
                   if id in leads and handoff.state == "open"]  # fmt: skip
        rows = self.rows.refreshed(tx, in_hand)
        self.rows.take_unsent()
        return {row.our_key: row.values for row in rows if row.target == self.target}

    def _stale(self, receipt: Receipt, ours: Mapping[str, Any]) -> Iterator[Drift]:
        origins = self._origins(receipt)
        own, apart = own_names(origins), owner_names(origins) | consent_names(origins)
        later = set(self.runtime.config.connections[self.target].mapping.written(receipt.object, later=True))
        expected = {name: value for name, value in receipt.values.items() if name in own & later}
        # A score is written once it has moved enough: until then, what was written stands.
        scores = score_names(origins) & expected.keys()
        expected |= {name: value for name, value in ours.items() if name not in scores}
        live = by_name(expected, self._live(receipt))
        for name, value in expected.items():
            if name not in apart and self._differs(receipt, name, live.get(name), value):
                yield self._drift("stale", receipt, sentences.STALE_THERE, field=name, there=live.get(name), ours=value)

    def _undecided(self, tx: Transaction, receipt: Receipt) -> list[Drift]:
        origins = self._origins(receipt)
        keys = {undecided_key(receipt.lead_id, of): name for name, some in origins.items() for of in some}
        live = by_name(origins, self._live(receipt))
        return [
            self._drift(
                "conflict", receipt, sentences.NOBODY_KNOWS_NEWER, field=keys[key], there=live.get(keys[key]),
                ours=receipt.values.get(keys[key]),
            )
            for key in sorted(tx.reviews.is_open("notice", list(keys)))
        ]  # fmt: skip

    # owners and consent

    def _owner_there(self, receipt: Receipt, record: CrmRecord | None) -> str:
        live = by_name(owner_names(self._origins(receipt)), self._live(receipt))
        said = next((str(value) for value in live.values() if value), "")
        return said or (record.owner if record else "")

    def _users(self, tx: Transaction, receipts: Sequence[Receipt]) -> Iterator[CrmRecord]:
        before = self._records(tx, receipts)
        said = sorted({self._owner_there(one, before.get(one.crm_id)) for one in receipts} - {""})
        yield from tx.mirror.get(self.target, "user", said).values()
        for word, users in tx.mirror.find(self.target, "email", [one.casefold() for one in said], ("user",)).items():
            yield from (replace(user, id=one) for user in users for one in said if one.casefold() == word)

    def _owner(self, receipt: Receipt, record: CrmRecord | None, users: Mapping[str, CrmRecord]) -> Iterator[Drift]:
        handoff = self.handoffs.get(receipt.lead_id)
        said = self._owner_there(receipt, record)
        if handoff is None or handoff.state != "open" or not said:
            return
        user = users.get(said)
        address = user.email if user else said if "@" in said else ""
        email = self.runtime.config.email_of(self.target, address)
        more = {"field": next(iter(owner_names(self._origins(receipt))), ""), "there": said, "ours": handoff.owner}
        if user is not None and (not user.active or user.gone):
            yield self._drift("owner", receipt, sentences.INACTIVE_OWNER_THERE, **more)
        elif email and email.casefold() != handoff.owner.casefold():
            yield self._drift("owner", receipt, sentences.OTHER_OWNER_THERE, **more)

    def _consent(self, receipt: Receipt) -> Iterator[Drift]:
        names = consent_names(self._origins(receipt))
        lead, handoff = self.leads.get(receipt.lead_id), self.handoffs.get(receipt.lead_id)
        if not names or lead is None or handoff is None:
            return
        mapping = self.runtime.config.connections[self.target].mapping
        ours, _ = mapping.to_platform(receipt.object, view(lead, handoff), creating=True)
        live = by_name(names, self._live(receipt))
        for name in sorted(names & live.keys() & ours.keys()):
            if not is_blank(ours[name]) and not is_blank(live[name]) and not alike(ours[name], live[name]):
                yield self._drift(
                    "consent", receipt, sentences.CONSENT_DIFFERS, field=name, there=live[name], ours=ours[name]
                )
