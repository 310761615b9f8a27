"""What stood where a delivery wrote: kept with the receipt, so that a run can be taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.config import Config
from connector.model.adapter import CrmCapabilities
from connector.model.before_image import BeforeImage
from connector.model.mirror import CrmRecord
from connector.model.outbox import CONSENT, OutboxRow, Receipt, Settlement
from connector.model.ports import Transaction
from connector.runs.outgoing import Receipts
from connector.runs.respect import PEOPLE, by_name
from connector.steps.delivery import differing
from connector.steps.field_rules import alike


@dataclass(frozen=True, slots=True)
class Images:
    """Makes the images of what was delivered to one target."""

    config: Config
    target: str
    capabilities: CrmCapabilities

    def of(
        self, tx: Transaction, settlements: Sequence[Settlement], receipts: Receipts, now: datetime
    ) -> list[BeforeImage]:
        """One for each row that was written. `receipts` are those that were known before."""
        # Who may be contacted is what the person said: no run takes that back.
        ours = [one for one in settlements if one.row.kind in ("state", "once") and one.row.group != CONSENT]
        done = [one for one in ours if one.state == "done" and one.receipt]
        records = self._records(tx, done, receipts)
        return [
            made
            for one in done
            if (
                made := self._image(one.row, one.receipt, receipts.get((one.row.object, one.row.our_key)), records, now)
            )
        ]

    def _records(self, tx: Transaction, done: Sequence[Settlement], receipts: Receipts) -> Mapping[str, CrmRecord]:
        """What the mirror has of people who were there before; a first import asks for none."""
        if not self.capabilities.streams:
            return {}
        there = {
            one.receipt.crm_id
            for one in done
            if one.receipt and one.row.object in PEOPLE and not _creates(one.row, receipts.get(_place(one.row)))
        }
        found: dict[str, CrmRecord] = {}
        for object in PEOPLE if there else ():
            found |= tx.mirror.get(self.target, object, sorted(there))
        return found

    def _image(
        self, row: OutboxRow, receipt: Receipt | None, known: Receipt | None, records: Mapping[str, CrmRecord],
        now: datetime,
    ) -> BeforeImage | None:  # fmt: skip
        written = differing(row.values, known)
        created = _creates(row, known)
        if receipt is None or not (written or created):
            return None
        before = {} if created else self._before(row, written, known, records.get(receipt.crm_id))
        return BeforeImage(
            row.run_id, row.target, row.object, row.our_key, receipt.crm_id, written, before, created, now, row.lead_id,
            row.flow,
        )  # fmt: skip

    def _before(
        self, row: OutboxRow, written: Mapping[str, Any], known: Receipt | None, record: CrmRecord | None
    ) -> dict[str, Any]:
        """What stood there, as the mirror says it, where that is newer than our last write; else as we wrote it last.

        What the mirror has by now as it was written may be that very write, read back already.
        """
        before = {name: known.values[name] for name in written if name in known.values} if known else {}
        if record is None:
            return before
        late = _since(record, known.at if known else None)
        read_back = row.sent_at is not None and _since(record, row.sent_at)
        told = self._told(row.object, written, record)
        for name, value in told.items():
            if (late or name not in before) and not (read_back and alike(value, written[name])):
                before[name] = value
        return before

    def _told(self, object: str, names: Mapping[str, Any], record: CrmRecord) -> dict[str, Any]:
        """What a record says of those names that are read of it, None for nothing."""
        read = set(self.config.connections[self.target].mapping.written(object))
        there = by_name(names, record.values)
        told = {name: there.get(name) for name in names if name in read or name in there}
        if (key := self.capabilities.key_fields.get(object, "")) in names:
            told[key] = record.our_key or None
        return told


def _place(row: OutboxRow) -> tuple[str, str]:
    return row.object, row.our_key


def _creates(row: OutboxRow, known: Receipt | None) -> bool:
    return known is None and not row.crm_id


def _since(record: CrmRecord, at: datetime | None) -> bool:
    """Whether a record was changed at a time or later, as far as it says when."""
    return at is None or record.modified_at is None or record.modified_at >= at
