"""What stands of a person's consent, told to every record that they have outside: before anything else in the queue.

Whatever a flow takes, holds back or has parked, and whatever became of a handoff, an opt-out goes out. Only where
every flow of a connection observes nothing is written; it is made up for once one does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from connector.config import Config
from connector.model.consent import Channel
from connector.model.fields import Value
from connector.model.lead import CONTACT, Lead
from connector.model.mirror import CrmRecord
from connector.model.outbox import CONSENT, LANES, OutboxRow, Receipt
from connector.model.ports import Transaction
from connector.runs.respect import PEOPLE, by_name
from connector.runs.rows import Rows, our_key
from connector.runs.tell import told_to
from connector.steps.consent import FIELDS, consent_names, has_left, is_out
from connector.steps.delivery import differing
from connector.steps.field_rules import alike, stale

#: The store's words for connections that were not told while they were only observed.
OWED = "consent:owed:"
#: Which channels the person reopened, by lead.
Reopened = Mapping[int, Collection[Channel]]
#: (connection, id there) of records.
Records = Collection[tuple[str, str]]


def is_observed(config: Config, name: str) -> bool:
    """Whether every flow that a connection has a part in observes only."""
    flows = [flow for flow in config.flows.values() if name in (*flow.sources, flow.crm)]
    return all(flow.mode == "observe" for flow in flows)


@dataclass(frozen=True, slots=True)
class Place:
    """A record of a lead outside. `there` is what the mirror has of it; `mine`: one that we write to anyway."""

    object: str
    our_key: str
    crm_id: str
    lead: Lead
    there: CrmRecord | None = None
    mine: bool = True


@dataclass(slots=True)
class Telling:
    """Puts the rows for some leads, within one transaction.

    `knows` are records that said so themselves, `again` those that say otherwise since they were told.
    """

    tx: Transaction
    rows: Rows
    now: datetime
    counts: Counter[str]
    reopened: Reopened = field(default_factory=dict)
    knows: Records = frozenset()
    again: Records = frozenset()
    waiting: Mapping[str, OutboxRow] = field(default_factory=dict)

    def run(self, leads: Sequence[Lead], only: str = "") -> None:
        """Tell every connection (`only` one, where given) what stands of these leads."""
        concerned = [lead for lead in leads if is_out(lead) or self.reopened.get(lead.id)]
        for name in (only,) if only else self.rows.config.connections:
            if not concerned or not self._is_used(name):
                continue
            made = list(self._rows_of(name, concerned))
            if made and is_observed(self.rows.config, name):
                self.tx.admin.set_meta(OWED + name, "1")
                self.counts["opt-outs not written: observed only"] += len(made)
            elif made:
                self.tx.outbox.put(made, self.now)
                self.counts["consent told"] += len(made)

    def _is_used(self, name: str) -> bool:
        return any(name in (*flow.sources, flow.crm) for flow in self.rows.config.flows.values())

    def _rows_of(self, name: str, leads: Sequence[Lead]) -> Iterator[OutboxRow]:
        places = {(one.object, one.our_key): one for one in self._places(name, leads)}
        receipts: dict[tuple[str, str], Receipt] = {}
        for object in {object for object, _ in places} | {CONSENT}:
            keys = [one.crm_id if object == CONSENT else key for (kind, key), one in places.items()
                    if object in (CONSENT, kind)]  # fmt: skip
            found = self.tx.outbox.receipts(name, object, list(dict.fromkeys(keys)))
            receipts |= {(object, key): receipt for key, receipt in found.items()}
        both = {*places, *((CONSENT, one.crm_id) for one in places.values())}
        self.waiting = self.tx.outbox.unfinished([_key(name, object, key) for object, key in sorted(both)])
        made: set[str] = set()
        for place in places.values():
            if (name, place.crm_id) in self.knows:
                continue
            receipt = receipts.get((place.object, place.our_key))
            for row in (self._fields(name, place, receipt), self._beside(name, place)):
                if row is not None and row.key not in made:
                    made.add(row.key)
                    told = self._believe(row, place, receipts.get((row.object, row.our_key)))
                    if row.key in self.waiting or told is None or differing(row.values, told):
                        yield row
        yield from self._creates(name, leads)

    # where

    def _places(self, name: str, leads: Sequence[Lead]) -> Iterator[Place]:
        objects, config = set(self.rows.objects_of(name)), self.rows.config
        by_id = {lead.id: lead for lead in leads}
        if any(name == flow.crm for flow in config.flows.values()):
            yield from self._in_crm(name, by_id, objects)
        if any(name in flow.sources for flow in config.flows.values()) and objects & {CONTACT, CONSENT}:
            for lead_id, links in self.tx.intake.links_of(list(by_id), name).items():
                yield from (Place(CONTACT, one.external_id, one.external_id, by_id[lead_id])
                            for one in links if told_to(one))  # fmt: skip

    def _in_crm(self, name: str, leads: Mapping[int, Lead], objects: Collection[str]) -> Iterator[Place]:
        """What we write to, and whoever else has a link to them, or their address."""
        keys = {our_key(self.rows.store_id, lead_id): lead for lead_id, lead in leads.items()}
        found: dict[str, Place] = {}
        for object in PEOPLE:
            for key, receipt in self.tx.outbox.receipts(name, object, list(keys)).items():
                if not receipt.gone and receipt.crm_id:
                    found[receipt.crm_id] = Place(object, key, receipt.crm_id, keys[key])
        records = self._records(name, leads, found)
        for place in found.values():
            yield replace(place, there=records.get(place.crm_id, (None, None))[0])
        for id, (record, lead) in records.items():
            if id not in found and lead is not None and (record.object in objects or CONSENT in objects):
                yield Place(record.object, id, id, lead, record, mine=False)

    def _records(
        self, name: str, leads: Mapping[int, Lead], known: Collection[str]
    ) -> dict[str, tuple[CrmRecord, Lead | None]]:
        """Live records of the mirror, and whose they are."""
        whose: dict[str, Lead] = {}
        for lead_id, links in self.tx.intake.links_of(list(leads), name).items():
            whose |= {one.external_id: leads[lead_id] for one in links if one.object in PEOPLE and not one.merged}
        by_address = {str(lead.fields["email"]): lead for lead in leads.values() if lead.fields.get("email")}
        found: dict[str, tuple[CrmRecord, Lead | None]] = {}
        for object in PEOPLE:
            there = self.tx.mirror.get(name, object, sorted({*whose, *known}))
            found |= {id: (one, whose.get(id)) for id, one in there.items()}
        for address, some in self.tx.mirror.find(name, "email", sorted(by_address), PEOPLE).items():
            found |= {one.id: (one, by_address[address]) for one in some if one.id not in found}
        return {
            id: (one, lead) for id, (one, lead) in found.items()
            if not one.gone and not one.merged_into and not one.converted_to
        }  # fmt: skip

    # what

    def _view(self, place: Place) -> dict[str, Value]:
        """What is to be said: what is closed, and what the person reopened.

        Whoever shares an address of a role shares its mail, and nothing else.
        """
        lead = place.lead
        shared = not place.mine and lead.fields.get("email_class") == "role"
        back = {FIELDS[channel] for channel in self.reopened.get(lead.id, ())}
        said: dict[str, Value] = {
            name: value for name in ((FIELDS["email"],) if shared else FIELDS.values())
            if (value := lead.fields.get(name)) is False or (value is True and name in back)
        }  # fmt: skip
        return said | {name: lead.fields[name] for name in ("consent.at", "consent.source") if name in lead.fields}

    def _fields(self, name: str, place: Place, receipt: Receipt | None) -> OutboxRow | None:
        """The row of the record itself, where the mapping writes fields for it and they say otherwise."""
        mapping = self.rows.config.connections[name].mapping
        origins = mapping.origins(place.object)
        if place.object not in self.rows.objects_of(name) or not (names := consent_names(origins)):
            return None
        values, unsent = mapping.to_platform(place.object, self._view(place), creating=False)
        self.rows.not_sent(name, [one for one in unsent if one[0] in names], place.object, place.lead.id)
        values = {field: value for field, value in values.items() if field in names}
        channels = [field for field in values if set(FIELDS.values()) & set(origins[field])]
        if not channels or (
            self._says_so(place, receipt, {one: values[one] for one in channels}) and not self._waits(name, place)
        ):
            return None
        return self._row(name, place.object, place.our_key, place, values)

    def _beside(self, name: str, place: Place) -> OutboxRow | None:
        """The row for a platform that keeps by address who wants no mail; there it cannot be reopened."""
        address = (place.there.email if place.there else "") or str(place.lead.fields.get("email") or "")
        if CONSENT not in self.rows.objects_of(name) or not address:
            return None
        waits = _key(name, CONSENT, place.crm_id) in self.waiting
        if has_left(place.lead):
            said = self.rows.config.connections[name].mapping.consents(place.there.values) if place.there else {}
            if said.get("consent.email") is False and not waits:
                return None
            return self._row(name, CONSENT, place.crm_id, place, {"email": address, "subscribed": False})
        if not {"email", "all"}.intersection(self.reopened.get(place.lead.id, ())):
            return None
        # What has not left yet does not leave any more; and what is said the next time is news.
        self.tx.outbox.forget_receipts(name, CONSENT, [place.crm_id])
        if waits:
            return self._row(name, CONSENT, place.crm_id, place, {"email": address})
        self.counts["cannot be reopened there"] += 1
        return None

    def _waits(self, name: str, place: Place) -> bool:
        return _key(name, place.object, place.our_key) in self.waiting

    def _says_so(self, place: Place, receipt: Receipt | None, values: Mapping[str, Any]) -> bool:
        """Whether the record says the same by itself: as it was told last, where it was not read since."""
        there = by_name(values, place.there.values) if place.there else {}
        if place.there and receipt and stale(place.there, receipt.at):
            there |= by_name(values, receipt.values)
        return all(name in there and alike(there[name], value) for name, value in values.items())

    def _row(self, name: str, object: str, key: str, place: Place, values: dict[str, Any]) -> OutboxRow:
        return OutboxRow(
            target=name, kind="state", object=object, our_key=key, key=_key(name, object, key), values=values,
            lead_id=place.lead.id if place.mine or object == CONSENT else 0, group=CONSENT, lane=LANES["consent"],
            crm_id=place.crm_id, run_id=self.rows.run_id,
        )  # fmt: skip

    def _believe(self, row: OutboxRow, place: Place, receipt: Receipt | None) -> Receipt | None:
        """What the record has said since it was told counts: what it holds no more is written again."""
        if receipt is None:
            return None
        there, values = place.there, receipt.values
        if there is not None and not stale(there, receipt.at) and row.object != CONSENT:
            seen = by_name(row.values, there.values)
            values = {**values, **{field: seen.get(field) for field in row.values if field in values}}
        elif (row.target, place.crm_id) in self.again:
            values = {field: value for field, value in values.items() if field not in row.values}
        if values == receipt.values:
            return receipt
        believed = replace(receipt, values=dict(values))
        self.tx.outbox.put_receipts([believed])
        return believed

    def _creates(self, name: str, leads: Iterable[Lead]) -> Iterator[OutboxRow]:
        """Creates that wait say it too, and go first."""
        keys = {f"{name}:lead:{our_key(self.rows.store_id, lead.id)}": lead for lead in leads}
        waiting = [keys[key] for key in self.tx.outbox.unfinished(list(keys))]
        given = self.tx.handoffs.of_leads([lead.id for lead in waiting]) if waiting else {}
        for lead in waiting:
            handoff = next((one for one in reversed(given.get(lead.id, ())) if one.state == "open"), None)
            key = our_key(self.rows.store_id, lead.id)
            if handoff is None or handoff.target != name or self.tx.outbox.receipts(name, "lead", [key]):
                continue
            for row in self.rows.refreshed(self.tx, [(lead, handoff)]):
                row.lane = LANES["consent"]
                yield row


def _key(name: str, object: str, key: str) -> str:
    return f"{name}:{object}:{key}:{CONSENT}"
