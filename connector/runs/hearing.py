"""What the people of a CRM say in the fields of a lead that was handed over: kept, and brought into force by the rules.

What stands there and is not what we wrote last is a person's word; a field that was filled, by them or by us, and is
blank is a clearing. Our own value that comes back says nothing of its own, nor does an older one, or one that is on its
way: those are late writes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connector.model.fields import Value
from connector.model.lead import Lead, Statement
from connector.model.mirror import CrmRecord
from connector.model.outbox import Receipt
from connector.model.ports import Transaction
from connector.runs.outgoing import BECOMES, sent_before
from connector.runs.own_values import ON_THEIR_WAY
from connector.runs.respect import PEOPLE, by_name
from connector.runs.rows import Rows, our_key
from connector.runs.terms import read_until, terms_of
from connector.runs.undecided import report
from connector.steps.consent import OF_CONSENT
from connector.steps.field_rules import alike, is_blank, stale
from connector.steps.identity import derive_again, is_known_by
from connector.steps.joining import took_from
from connector.steps.mapping.compiler import CompiledMapping
from connector.steps.mapping.reading_back import Heard
from connector.steps.sides import Settled, Terms, say, settle, statement


@dataclass(slots=True)
class FieldsHeard:
    """Listens to the records of one CRM; `store` writes down what was said."""

    tx: Transaction
    rows: Rows
    name: str
    now: datetime
    counts: Counter[str]
    heard: dict[int, tuple[Lead, Terms, Settled]] = field(default_factory=dict)

    def hear(self, lead: Lead, receipt: Receipt, before: CrmRecord | None, after: CrmRecord) -> None:
        """Take in what a record says by now; `before` is what it said when it was last read.

        Of several records of one lead its own speaks: that of a lead that was merged into it may say something else.
        """
        if receipt.our_key != our_key(self.rows.store_id, lead.id):
            return
        terms = terms_of(self.rows.config, lead.flow)
        if terms.crm != self.name or terms.crm in terms.sources or receipt.gone or stale(after, receipt.at):
            return
        said = self._said(lead, receipt, before, after)
        if not said:
            return
        for name, new in said.items():
            say(lead, self.name, name, new)
        settled = settle(lead, said, terms)
        if settled.changed:
            derive_again(lead)
        self.heard[lead.id] = (lead, terms, settled)
        self.counts["fields heard from the CRM"] += len(said)

    def store(self) -> None:
        """Keep the leads; what follows for both sides is written with their next scoring, which is due."""
        if not self.heard:
            return
        self.tx.intake.update_leads([lead for lead, _, _ in self.heard.values()], self.now)
        self.tx.scores.mark_due(self.heard, self.now)
        if unlike := [id for id, (_, _, settled) in self.heard.items() if is_known_by(settled.changed)]:
            self.tx.keys.wait(unlike)
        report(self.tx, self.heard.values(), self.now)

    def _said(self, lead: Lead, receipt: Receipt, before: CrmRecord | None, after: CrmRecord) -> dict[str, Statement]:
        """What is new, by canonical field; where two of their fields are filled from one of ours, a person's word."""
        mapping = self.rows.config.connections[self.name].mapping
        until = read_until(self.tx, self.name) if terms_of(self.rows.config, lead.flow).timed else ""
        look = _Look(self.tx, lead, receipt, before, after, self.now, until, mapping)
        if self.name in self.rows.in_store:
            look.nothing_is_late()
        copies: dict[str, Statement] = {}
        new: dict[str, Statement] = {}
        standing = set()
        brought = self._brought(lead, receipt)
        for one in mapping.heard(receipt.object, look.there, lead.fields):
            if one.field in OF_CONSENT:
                # That goes by its own ledger.
                continue
            known = statement(lead, self.name, one.field)
            if known is not None and known.at and known.value == one.value:
                standing.add(one.field)
            elif known is not None and known.at and look.is_as_before(one) and self._came_over(lead, one.field):
                # It is what another record of theirs says, and is written here.
                continue
            elif one.value is not None and (look.is_copy(one.name) or brought.get(one.field, ...) == one.value):
                if known is not None and known.at:
                    copies[one.field] = Statement(one.value)
            elif (found := look.statement(one, known)) is not None:
                new.setdefault(one.field, found)
        return {name: said for name, said in copies.items() if name not in standing} | new

    def _came_over(self, lead: Lead, name: str) -> bool:
        """Whether what the CRM says of a field came with a lead that is this one by now, from a record of its own."""
        joined = [
            one for one in self.tx.joinings.of_leads([lead.id]) if one.undone_at is None and one.winner == lead.id
        ]
        return any(took_from(one.before, self.name, name) for one in joined)

    def _brought(self, lead: Lead, receipt: Receipt) -> dict[str, Value | None]:
        """What a contact was made with, where it is what our lead was converted to: what we wrote to the lead."""
        if receipt.object != BECOMES:
            return {}
        was = self.tx.outbox.receipts(self.name, "lead", [receipt.our_key]).get(receipt.our_key)
        mapping = self.rows.config.connections[self.name].mapping
        return {one.field: one.value for one in mapping.heard("lead", was.values, lead.fields)} if was else {}


@dataclass(slots=True)
class _Look:
    """One record, held against what we wrote there and what it said before."""

    tx: Transaction
    lead: Lead
    receipt: Receipt
    before: CrmRecord | None
    after: CrmRecord
    now: datetime
    read_until: str
    mapping: CompiledMapping
    there: Mapping[str, Any] = field(init=False)
    _ours: list[Mapping[str, Any]] | None = None

    def __post_init__(self) -> None:
        self.there = {name.casefold(): value for name, value in self.after.values.items()}

    def nothing_is_late(self) -> None:
        """What we write there stands there at once: an older value of ours is a person's word, like any other."""
        self._ours = []

    def is_copy(self, name: str) -> bool:
        """Whether what stands in a field is what we wrote there last."""
        last, raw = by_name([name], self.receipt.values), self.there.get(name.casefold())
        if not last or is_blank(last[name]):
            return False
        return alike(raw, last[name]) or self.mapping.same(self.receipt.object, name, raw, last[name])

    def is_as_before(self, one: Heard) -> bool:
        """Whether a field said just that when it was last read."""
        return self.before is not None and not self._differs(one)

    def statement(self, one: Heard, known: Statement | None) -> Statement | None:
        """What a person says there; None where nobody does."""
        if one.value is None and not self._is_cleared(one, known):
            return None
        if self._is_late(one.name):
            return None
        at = _iso(self.after.modified_at or self.now)
        by, when = self.lead.said.get(one.field, ("", ""))
        in_force = statement(self.lead, by, one.field) if by else None
        if one.value is not None and in_force is not None and in_force.value == one.value:
            # The same as marketing says: as old as that.
            return Statement(one.value, in_force.at or when or at, in_force.since)
        return Statement(one.value, at, self._since(one, at))

    def _since(self, one: Heard, at: str) -> str:
        """The last moment at which the field is known to have said something else, "" for none."""
        if self.before is None or self.before.modified_at is None or not self._differs(one):
            return ""
        known = (_iso(self.before.modified_at), self.read_until)
        return max((moment for moment in known if moment <= at), default="")

    def _is_cleared(self, one: Heard, known: Statement | None) -> bool:
        """Whether a blank was filled before, by a person or by us; we may have read it before our write arrived.

        What a contact was made with by a conversion is nobody's word and not in its receipt: it was read there.
        """
        last = by_name([one.name], self.receipt.values)
        if (known is None or known.value is None) and (not last or is_blank(last[one.name])):
            return self._was_filled(one.name)
        if self.before is not None and self._differs(one):
            return True
        changed, written = self.after.modified_at, self.receipt.at
        return changed is not None and written is not None and changed > written

    def _was_filled(self, name: str) -> bool:
        """Whether there was anything when it was last read."""
        return not is_blank(by_name([name], self.before.values if self.before else {}).get(name))

    def _differs(self, one: Heard) -> bool:
        """Whether the field said something else when it was last read."""
        before = by_name([one.name], self.before.values if self.before else {})
        return bool(before) and not alike(before[one.name], self.there.get(one.name.casefold()))

    def _is_late(self, name: str) -> bool:
        """Whether we wrote that before, or have it on its way: a late write is nobody's word."""
        if self._ours is None:
            place = (self.receipt.object, self.receipt.our_key)
            rows = self.tx.outbox.rows(lead_id=self.lead.id, target=self.receipt.target, states=ON_THEIR_WAY)
            sent = [row.values for row in rows if (row.object, row.our_key) == place]
            self._ours = [*sent, *sent_before(self.tx, self.receipt.target, *place, self.lead.id)]
        raw = self.there.get(name.casefold())
        return any(name in values and alike(values[name], raw) for values in self._ours)


def note_copies(tx: Transaction, rows: Rows, leads: Iterable[tuple[Lead, Collection[str]]], terms: Terms) -> None:
    """Note for these fields of leads what we have put into the CRM: it stands there whatever marketing says next.

    What a person is known to have said there stays.
    """
    wanted = {our_key(rows.store_id, lead.id): (lead, names) for lead, names in leads}
    mapping = rows.config.connections[terms.crm].mapping
    for object in PEOPLE:
        for key, receipt in tx.outbox.receipts(terms.crm, object, list(wanted)).items():
            lead, names = wanted[key]
            for one in mapping.heard(object, receipt.values, lead.fields) if not receipt.gone else ():
                if one.field in names and one.value is not None and statement(lead, terms.crm, one.field) is None:
                    say(lead, terms.crm, one.field, Statement(one.value))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
