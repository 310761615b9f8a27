"""Whose a changed record of a CRM is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.model.lead import Link
from connector.model.mirror import CrmRecord
from connector.model.outbox import Receipt
from connector.model.ports import Transaction
from connector.runs.read_in import Pair
from connector.runs.respect import PEOPLE
from connector.runs.restore import ask_whether_set_back
from connector.runs.rows import Rows, our_key

#: The number of a lead, as it stands in our key.
_LEAD = re.compile(r"[1-9]\d{0,17}", re.ASCII)


@dataclass(slots=True)
class Owned:
    """A changed record that is of a lead of ours; `receipt` is that of what we write to, where it is that record."""

    lead_id: int
    before: CrmRecord | None
    after: CrmRecord
    receipt: Receipt | None = None


@dataclass(slots=True)
class Whose:
    """Finds the leads of the records of one CRM, by links, by receipts, and by our keys that records carry."""

    tx: Transaction
    rows: Rows
    name: str
    now: datetime

    def own_up_to(self, ended: Iterable[CrmRecord]) -> None:
        """Keep receipts of what we made, were never told of, and somebody has deleted or merged since.

        It is not made again. What somebody else has copied with our key is no matter: the one that is there counts.
        """
        keyed = {record.our_key: record for record in ended if record.object in PEOPLE}
        there = self.tx.mirror.find(self.name, "our_key", list(keyed), PEOPLE) if keyed else {}
        ids = self._by_our_key(record for key, record in keyed.items() if key not in there)
        self.tx.outbox.put_receipts([
            Receipt(self.name, record.object, key, record.id, {}, lead_id=ids[record.id], at=self.now)
            for key, record in keyed.items() if record.id in ids
        ])  # fmt: skip

    def owned(self, pairs: Sequence[Pair]) -> list[Owned]:
        """The changed records of leads, in the order of the records."""
        people, receipts = self._people(pairs)
        deals = [after.id for _, after in pairs if after.object == "opportunity"]
        linked = self.tx.intake.lead_ids(self.name, "opportunity", deals) if deals else {}
        found = []
        for before, after in pairs:
            lead_id = linked.get(after.id, 0) if after.object == "opportunity" else 0
            lead_id = lead_id or people.get(next(_itself(after), _person(before, after)), 0)
            if lead_id:
                found.append(Owned(lead_id, before, after, receipts.get(next(_itself(after), ""))))
        return found

    def _people(self, pairs: Sequence[Pair]) -> tuple[dict[str, int], dict[str, Receipt]]:
        """The leads and the receipts of the people whom these records are, or hang on, by their ids."""
        asked = sorted({id for pair in pairs for id in (_person(*pair), *_itself(pair[1])) if id})
        people: dict[str, int] = {}
        receipts: dict[str, Receipt] = {}
        for object in reversed(PEOPLE):
            # Where a CRM's leads are contacts, what was told to marketing has the same id.
            receipts |= self.tx.outbox.receipts_by_crm_id(self.name, object, asked)
            people |= self.tx.intake.lead_ids(self.name, object, asked)
        receipts |= self._by_own_key(after for _, after in pairs)
        receipts |= self._of_the_leads(receipts)
        people |= {id: receipt.lead_id for id, receipt in receipts.items() if receipt.lead_id}
        people |= self._by_our_key(after for _, after in pairs if after.our_key and after.id not in people)
        return people, receipts

    def _by_own_key(self, records: Iterable[CrmRecord]) -> dict[str, Receipt]:
        """Of several receipts of a record that of its own key, by id: a write to one merged into it is led on to it.

        Not of a lead that is another one by now: that one writes there.
        """
        keyed = {record.our_key: record for record in records if record.our_key and record.object in PEOPLE}
        found = self.tx.outbox.receipts(self.name, "lead", list(keyed)) if keyed else {}
        mine = [one for key, one in found.items() if one.crm_id == keyed[key].id and not one.gone]
        leads = self.tx.intake.leads(sorted({one.lead_id for one in mine})) if mine else {}
        return {one.crm_id: one for one in mine if one.lead_id in leads and not leads[one.lead_id].merged_into}

    def _of_the_leads(self, receipts: Mapping[str, Receipt]) -> dict[str, Receipt]:
        """Of several receipts of a record that by which its lead writes there, by id.

        What the other says was written for a lead that is one with this one by now, and is not kept up any more.
        """
        ids = {our_key(self.rows.store_id, one.lead_id): id for id, one in receipts.items() if one.lead_id}
        ids = {key: id for key, id in ids.items() if receipts[id].our_key != key}
        found = [self.tx.outbox.receipts(self.name, object, list(ids)) for object in PEOPLE] if ids else []
        return {ids[key]: one for told in found for key, one in told.items() if one.crm_id == ids[key]}

    def _by_our_key(self, records: Iterable[CrmRecord]) -> dict[str, int]:
        """Leads by the ids of records that we made and were not told so: what reps do there meanwhile is not lost.

        A copy that a person made of a record carries its key, too, and is nobody's.
        """
        begins = f"{self.rows.store_id}-"
        keyed = {record.our_key: record for record in records
                 if record.object in PEOPLE and record.our_key.startswith(begins)}  # fmt: skip
        if not keyed:
            return {}
        ask_whether_set_back(self.tx, self.name, self.rows.store_id, keyed.values())
        told = {key for object in PEOPLE for key in self.tx.outbox.receipts(self.name, object, list(keyed))}
        untold = {int(number): record for key, record in keyed.items()
                  if key not in told and _LEAD.fullmatch(number := key.removeprefix(begins))}  # fmt: skip
        ours = [(untold[id], id) for id in self.tx.intake.leads(sorted(untold))] if untold else []
        self.tx.intake.put_links([Link(self.name, record.object, record.id, id) for record, id in ours])
        return {record.id: id for record, id in ours}


def _itself(record: CrmRecord) -> Iterator[str]:
    return iter((record.id,) if record.object in PEOPLE else ())


def _person(before: CrmRecord | None, after: CrmRecord) -> str:
    """The person that a record hangs on; what was deleted does not say it any more."""
    return after.person or (before.person if before else "")
