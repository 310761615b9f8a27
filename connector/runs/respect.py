"""Leave out of what is written to a lead in a CRM what is a person's there, by the rules of its flow; and the owner."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from connector.config import Config
from connector.model.fields import OWN_FIELDS
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord, Mirrored
from connector.model.outbox import OutboxRow, Receipt
from connector.model.ports import Transaction
from connector.runs.held import hold_back
from connector.runs.restore import is_restored
from connector.runs.terms import terms_of
from connector.steps.consent import OF_CONSENT
from connector.steps.field_rules import CLOCKS_DIFFER, alike, is_blank, own_names, owner_names, sendable, stale
from connector.steps.sides import Terms, crm_side, decided, marketing_side
from connector.steps.who_wins import Side, decide

#: What our leads may be among the CRM's records.
PEOPLE: tuple[Mirrored, ...] = ("lead", "contact")


def by_name(names: Iterable[str], values: Mapping[str, object]) -> dict[str, object]:
    """Values by our spelling of their names: platforms do not tell capitals apart."""
    folded = {name.casefold(): value for name, value in values.items()}
    return {name: folded[name.casefold()] for name in names if name.casefold() in folded}


def fight_key(target: str, object: str, our_key: str, name: str) -> str:
    """The key of the notice that a field of one record is left alone, since somebody else keeps changing it."""
    return f"fight:{target}:{object}.{name}:{our_key}"


def left_alone(tx: Transaction, target: str, object: str, fields: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the fields (our key of the record, name) that are left alone."""
    keys = {fight_key(target, object, our_key, name): (our_key, name) for our_key, name in fields}
    return {keys[key] for key in tx.reviews.is_open("notice", list(keys))}


def origin_of(origins: Sequence[str], lead: Lead) -> str:
    """Of the canonical fields that one of theirs is filled from, the one that it shows; "" where it is a template."""
    return next(
        (name for name in origins if lead.fields.get(name) not in (None, "", [])), origins[0] if origins else ""
    )


def insisted(config: Config, lead: Lead, target: str, object: str) -> frozenset[str]:
    """Their names of fields of which marketing's value is written again, whatever a person says there."""
    terms = replace(terms_of(config, lead.flow), crm=target)
    names = {name for name, rule in terms.rules.items() if rule == "always_marketing"}
    if not names:
        return frozenset()
    origins = config.connections[target].mapping.origins(object)
    ruled = {name: origin_of(of, lead) for name, of in origins.items() if names.intersection(of)}
    return frozenset(name for name, of in ruled.items() if of in names and decided(lead, of, terms).of == "marketing")


def respected(
    tx: Transaction, config: Config, made: Sequence[OutboxRow], leads: Mapping[int, Lead] | None = None
) -> list[OutboxRow]:
    """The rows, without what is not ours to write in the people that they are about.

    As far as the mirror has the record; else what we wrote there last is what stands there. An owner who is no
    active person is replaced. What two writers fought about is left alone, and so is what was taken back. Once the
    store was put back, what stands there as we would write it counts as ours: it was written since the copy was made,
    and is written again for the sake of the receipt. `leads` are those of the rows, where they are at hand.
    """
    people = [row for row in made if row.kind == "state" and row.object in PEOPLE]
    for target, object in sorted({(row.target, row.object) for row in people}):
        mine = [row for row in people if (row.target, row.object) == (target, object)]
        _Respect(tx, config, target, object, leads).rows(mine)
    hold_back(tx, people)
    return list(made)


@dataclass(slots=True)
class _Respect:
    """Looks through rows of one kind for one CRM."""

    tx: Transaction
    config: Config
    target: str
    object: str
    leads: Mapping[int, Lead] | None
    origins: Mapping[str, tuple[str, ...]] = field(init=False)
    own: frozenset[str] = field(init=False)
    owner: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.origins = self.config.connections[self.target].mapping.origins(self.object)
        self.own, self.owner = own_names(self.origins), owner_names(self.origins)

    def rows(self, mine: Sequence[OutboxRow]) -> None:
        """Narrow the values of each."""
        tx = self.tx
        receipts = tx.outbox.receipts(self.target, self.object, [row.our_key for row in mine])
        records = _records(tx, self.target, {receipt.crm_id for receipt in receipts.values()})
        owners = sorted({record.owner for record in records.values() if record.owner})
        users = tx.mirror.get(self.target, "user", owners) if owners else {}
        restored = bool(records) and is_restored(tx)
        leads = self._leads(mine, receipts, records)
        hidden: list[Receipt] = []
        for row in mine:
            receipt = receipts.get(row.our_key)
            if receipt is None:
                self._create(row)
                continue
            record, lead = records.get(receipt.crm_id), leads.get(row.lead_id)
            one = _Standing(self, row, receipt, record, lead, same_is_ours=restored)
            if record is None and lead is None:
                continue
            user = users.get(record.owner) if record else None
            keep_owner = record is None or (user is not None and user.active and not user.gone)
            kept = one.allowed()
            if record is None or not keep_owner:
                kept = {**{name: row.values[name] for name in self.owner & row.values.keys()}, **kept}
            row.values = kept
            hidden += one.hidden()
        if hidden:
            tx.outbox.put_receipts(hidden)
        self._leave_alone(mine, leads)

    def _create(self, row: OutboxRow) -> None:
        """What is never to travel is not in the create either."""
        rules = terms_of(self.config, row.flow).rules
        if "never" in rules.values():
            row.values = {
                name: value
                for name, value in row.values.items()
                if not (of := self.origins.get(name)) or any(rules.get(one) != "never" for one in of)
            }

    def _leads(
        self, mine: Sequence[OutboxRow], receipts: Mapping[str, Receipt], records: Mapping[str, CrmRecord]
    ) -> Mapping[int, Lead]:
        """The leads of rows that would change more than what is Baton's own."""
        wanted = set()
        for row in mine:
            receipt = receipts.get(row.our_key)
            record = records.get(receipt.crm_id) if receipt else None
            there = by_name(row.values, record.values) if record else {}
            said = receipt.values if receipt else {}
            for name, value in row.values.items() if receipt else ():
                if name not in self.own and not (
                    alike(value, said.get(name)) and (record is None or alike(there.get(name), said.get(name)))
                ):
                    wanted.add(row.lead_id)
                    break
        if not wanted:
            return {}
        at_hand = self.leads or {}
        more = self.tx.intake.leads(sorted(wanted - at_hand.keys()))
        return {**more, **{lead_id: at_hand[lead_id] for lead_id in wanted & at_hand.keys()}}

    def _leave_alone(self, mine: Sequence[OutboxRow], leads: Mapping[int, Lead]) -> None:
        """Take out what two writers fought about."""
        written = set()
        for row in mine:
            lead = leads.get(row.lead_id)
            ours = self.own | (insisted(self.config, lead, self.target, self.object) if lead else frozenset())
            written |= {(row.our_key, name) for name in ours & row.values.keys()}
        fought = left_alone(self.tx, self.target, self.object, written) if written else set()
        for row in mine if fought else ():
            row.values = {name: value for name, value in row.values.items() if (row.our_key, name) not in fought}


@dataclass(slots=True)
class _Standing:
    """One row, held against what stands in its record."""

    of: _Respect
    row: OutboxRow
    receipt: Receipt
    record: CrmRecord | None
    lead: Lead | None
    same_is_ours: bool
    there: Mapping[str, Any] = field(init=False)
    terms: Terms = field(init=False)

    def __post_init__(self) -> None:
        said = dict(self.receipt.values)
        self.there = by_name(self.of.origins, self.record.values) if self.record else said
        if self.record and stale(self.record, self.receipt.at):
            self.there = {**self.there, **said}
        elif self.record:
            self.there = {**self.there, **self._read_before(self.record, said)}
        self.terms = replace(terms_of(self.of.config, self.row.flow), crm=self.row.target)

    def _read_before(self, record: CrmRecord, said: Mapping[str, Any]) -> dict[str, Any]:
        """What we wrote last where the record, read at about that time, still has what we wrote before that."""
        written, read = self.receipt.at, record.modified_at
        if written is None or read is None or read > written + CLOCKS_DIFFER:
            return {}
        names = [name for name in self.row.values if name in said and not alike(self.there.get(name), said[name])]
        if not names:
            return {}
        before = self.of.tx.outbox.done_values(self.row.target, self.row.object, self.row.our_key)
        return {
            name: said[name] for name in names
            if any(name in one and alike(one[name], self.there.get(name)) for one in before)
        }  # fmt: skip

    def allowed(self) -> dict[str, Any]:
        """The values that may be written, without the owner."""
        values = {name: value for name, value in self.row.values.items() if name not in self.of.owner}
        own = set(self.of.own)
        if self.same_is_ours:
            own |= {name for name, value in values.items() if alike(self.there.get(name), value)}
        kept = sendable(values, own, self.receipt.values, self.there)
        if self.lead is None:
            return kept
        ruled = {name: of for name in values if name not in own and (of := self._field(name))}
        return {
            name: value
            for name, value in values.items()
            if (self._by_rule(self.lead, ruled[name], name, value) if name in ruled else name in kept)
        }

    def hidden(self) -> list[Receipt]:
        """The receipt as of what stands there, where what we wrote last would hide that it differs."""
        if self.record is None or self.lead is None:
            return []
        values = {
            name: self.there.get(name)
            for name, value in self.row.values.items()
            if self._field(name) and name not in self.of.own
            if alike(value, self.receipt.values.get(name)) and not alike(value, self.there.get(name))
            if not self._same(name, self.there.get(name), value)
        }
        return [replace(self.receipt, values=values)] if values else []

    def _field(self, name: str) -> str:
        """The canonical field that one of theirs shows, "" where no rule is about it."""
        of = origin_of(self.of.origins.get(name, ()), self.lead) if self.lead else ""
        return "" if of in OWN_FIELDS or of in OF_CONSENT else of

    def _is_said_elsewhere(self, lead: Lead, of: str, crm: Side) -> bool:
        """Whether people say what is in force in another record of this person; what stands in this one is our copy."""
        if crm.silent or crm.value is None or self.terms.rule(of) in ("never", "fill_blank"):
            return False
        return decided(lead, of, self.terms).of == "crm"

    def _same(self, name: str, raw: Any, last: Any) -> bool:
        """Whether a platform only writes in its own way what we wrote there last."""
        mapping = self.of.config.connections[self.of.target].mapping
        return not is_blank(raw) and not is_blank(last) and mapping.same(self.of.object, name, raw, last)

    def _by_rule(self, lead: Lead, of: str, name: str, value: Any) -> bool:
        """Whether the field's rule has this value written over what stands there."""
        raw, last = self.there.get(name), self.receipt.values.get(name)
        copied = name in self.receipt.values and (alike(raw, last) or self._same(name, raw, last))
        if self.record is not None and not copied and alike(raw, value):
            return False
        crm = crm_side(lead, of, self.terms)
        if is_blank(raw):
            crm = crm if crm.cleared else Side()
        elif copied and self._is_said_elsewhere(lead, of, crm):
            return True
        elif copied:
            crm = Side(raw, ours=True)
        elif crm.silent or crm.value is None:
            # Nobody has heard it as yet: somebody's, of whatever age.
            crm = Side(raw)
        decision = decide(self.terms.rule(of), marketing_side(lead, of, self.terms)[1], crm)
        return not decision.undecidable and (decision.crm != "leave" or (copied and alike(raw, value)))


def _records(tx: Transaction, target: str, ids: Collection[str]) -> dict[str, CrmRecord]:
    """Those that are there: of one in the bin nothing says that its fields were emptied."""
    found: dict[str, CrmRecord] = {}
    for object in PEOPLE if ids else ():
        told = tx.mirror.get(target, object, sorted(ids))
        found |= {id: record for id, record in told.items() if not record.gone}
    return found
