"""Records that people merged in a CRM: what was the loser's is the winner's, and no second one is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connector.config import Config
from connector.model.lead import Link
from connector.model.mirror import CrmRecord, Mirrored
from connector.model.outbox import Receipt
from connector.model.ports import Transaction
from connector.runs.joining import is_different, make_one
from connector.runs.next_record import start_anew
from connector.runs.read_in import Pair
from connector.runs.respect import PEOPLE
from connector.runs.rows import our_key
from connector.runs.take_apart import came_back, is_live
from connector.steps.identity import who_is_left

#: Records by (object, id).
Places = set[tuple[str, str]]


def with_predecessors(pairs: Sequence[Pair]) -> list[Pair]:
    """A record that a merge has made goes on where the one did whose key it has: what that one said was read before."""
    ended = {(before.our_key, after.merged_into): before for before, after in pairs if before and after.merged_into}
    return [
        (before or (ended.get((after.our_key, after.id)) if after.our_key else None), after) for before, after in pairs
    ]


def follow_merges(
    tx: Transaction, config: Config, name: str, pairs: Iterable[Pair], now: datetime
) -> tuple[int, Places]:  # fmt: skip
    """Let our leads follow the records that were merged.

    Returns how many of them were ours, and the winners that are ours only now: what they say is news.
    """
    merged = [_with_key(*pair) for pair in pairs if pair[1].merged_into and pair[1].object in PEOPLE]
    if not merged:
        return 0, set()
    merges = _Merges(tx, config, name, now, merged)
    return merges.run(), merges.winners


def _with_key(before: CrmRecord | None, after: CrmRecord) -> CrmRecord:
    """A record that was merged, with the key that it had, where the platform does not tell it any more."""
    return replace(after, our_key=before.our_key) if before and not after.our_key else after


def follow_splits(tx: Transaction, name: str, pairs: Iterable[Pair], now: datetime) -> int:
    """Let our leads be two again whose records were merged and are there as their own again; returns how many were."""
    parted = 0
    for before, after in pairs:
        if before is None or not before.merged_into or after.object not in PEOPLE or not is_live(after):
            continue
        ids = tx.intake.lead_ids(name, after.object, [after.id])
        receipts = tx.outbox.receipts_by_crm_id(name, after.object, [after.id])
        lead_id = receipts[after.id].lead_id if after.id in receipts else ids.get(after.id, 0)
        lead = tx.intake.leads([lead_id]).get(lead_id)
        if lead and came_back(tx, name, (after.object, after.id), lead.merged_into or lead.id, now):
            parted += 1
    return parted


@dataclass(slots=True)
class _Merges:
    tx: Transaction
    config: Config
    name: str
    now: datetime
    records: Sequence[CrmRecord]
    receipts: dict[str, Receipt] = field(default_factory=dict)
    lead_ids: dict[str, int] = field(default_factory=dict)
    winners: Places = field(default_factory=set)
    #: Leads that a write was led on for to a record with the key of another one: (the lead, the other one).
    led_on: list[tuple[int, int]] = field(default_factory=list)

    def run(self) -> int:
        into = {record.id: record.merged_into for record in self.records}
        ids = sorted({*into, *into.values()})
        for object in PEOPLE:
            self.lead_ids |= self.tx.intake.lead_ids(self.name, object, ids)
            self.receipts |= self.tx.outbox.receipts_by_crm_id(self.name, object, ids)
        self.lead_ids |= {id: receipt.lead_id for id, receipt in self.receipts.items() if receipt.lead_id}
        self._by_key(into)
        self._as_they_are_now()
        ours = [record for record in self.records if record.id in self.lead_ids]
        for record in ours:
            self._follow(record, who_is_left(record.merged_into, into))
        for loser, winner in self.led_on:
            self._one_lead(loser, winner)
        return len(ours)

    def _by_key(self, into: Mapping[str, str]) -> None:
        """Know records by our keys that they carry: a write may have been led on to the winner before we heard."""
        records = list(self.records)
        for object in PEOPLE:
            records += self.tx.mirror.get(self.name, object, sorted({*into, *into.values()})).values()
        keyed = {record.our_key: record.id for record in records if record.our_key}
        for object in PEOPLE if keyed else ():
            for key, receipt in self.tx.outbox.receipts(self.name, object, sorted(keyed)).items():
                id, told = keyed[key], self.lead_ids.get(keyed[key], 0)
                if id in into.values() and 0 not in (told, receipt.lead_id) and told != receipt.lead_id:
                    self.led_on.append((told, receipt.lead_id))
                self.receipts[id] = receipt
                self.lead_ids |= {id: receipt.lead_id} if receipt.lead_id else {}

    def _as_they_are_now(self) -> None:
        """Name for leads that were merged before, by marketing say, the one that stands for them."""
        leads = self.tx.intake.leads(sorted(set(self.lead_ids.values())))
        now = {lead.id: lead.merged_into for lead in leads.values() if lead.merged_into}
        self.lead_ids = {id: now.get(lead_id, lead_id) for id, lead_id in self.lead_ids.items()}

    def _follow(self, record: CrmRecord, winner: str) -> None:
        mine, theirs = self.lead_ids[record.id], self.lead_ids.get(winner, 0)
        receipt = self.receipts.get(record.id)
        written = [one for one in (receipt, self._own(mine, record, receipt)) if one]
        if theirs not in (0, mine) and self._one_lead(mine, theirs) != mine:
            moved = [replace(one, gone=True) for one in written]
        else:
            # What stands in the winner is theirs, but for what we wrote there for somebody who is the same lead by now.
            told = self.receipts.get(winner)
            wrote, at = (told.values, told.at) if told else ({}, None)
            moved = [replace(one, crm_id=winner, values=wrote, at=at, gone=False) for one in written]
            if receipt and receipt.crm_id != winner:
                self._starts_anew(mine, receipt, told)
            self.tx.intake.put_links([Link(self.name, record.object, winner, mine)])
            self.lead_ids[winner] = mine
            if not self._is_own(mine, record.object, winner) or self._spoke_beside(receipt, told):
                self.winners.add((record.object, winner))
            self._move_handoffs(mine, f"{record.object}:{record.id}", f"{record.object}:{winner}")
            self.tx.scores.mark_due([mine], self.now)
        self.tx.outbox.put_receipts(moved)

    def _own(self, lead_id: int, record: CrmRecord, receipt: Receipt | None) -> Receipt | None:
        """What says that a lead's own record is this one, where it was that of another, which it is one with, too."""
        key = our_key(self.tx.admin.store_id(), lead_id)
        if receipt is None or receipt.our_key == key:
            return None
        own = [self.tx.outbox.receipts(self.name, object, [key]).get(key) for object in PEOPLE]
        return next((one for one in own if one is not None and one.crm_id == record.id), None)

    def _one_lead(self, loser: int, winner: int) -> int:
        """Two leads of ours are one person; returns which of them stays: the winner's, or who alone is with a rep.

        Whom a person took apart stays apart, and has no record any more.
        """
        if is_different(self.tx, loser, winner):
            return winner
        joining = make_one(self.tx, self.config, winner, loser, "crm", self.name, self.now)
        stays = joining.winner if joining else winner
        for id, lead_id in self.lead_ids.items():
            self.lead_ids[id] = stays if lead_id in (loser, winner) else lead_id
        return stays

    def _is_own(self, lead_id: int, object: Mirrored, id: str) -> bool:
        """Whether a record is the one that was made of the lead: what it said before is known."""
        there = self.tx.mirror.get(self.name, object, [id]).get(id)
        return there is not None and there.our_key == our_key(self.tx.admin.store_id(), lead_id)

    def _spoke_beside(self, receipt: Receipt | None, told: Receipt | None) -> bool:
        """Whether a lead had two records: what the one that is left said before may have been followed by the other."""
        return receipt is not None and told is not None and receipt.our_key != told.our_key

    def _starts_anew(self, lead_id: int, receipt: Receipt, told: Receipt | None) -> None:
        """Of a lead whose own record is another one from now on, what that one says counts in its CRM."""
        lead = self.tx.intake.leads([lead_id]).get(lead_id)
        if lead and receipt.our_key == our_key(self.tx.admin.store_id(), lead_id):
            start_anew(self.tx, self.config, self.name, lead, self.now, told)

    def _move_handoffs(self, lead_id: int, was: str, to: str) -> None:
        moved = [one for one in self.tx.handoffs.of_leads([lead_id]).get(lead_id, ()) if one.record == was]
        for one in moved:
            one.record = to
        self.tx.handoffs.save(moved)
