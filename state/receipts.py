"""What the targets acknowledged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import orjson

from connector.model.outbox import Receipt
from connector.model.times import micros, micros_or_none, moment_or_none
from state.engine import Session, chunks

SELECT = "SELECT target, object, our_key, crm_id, body, revision, lead_id, at, gone FROM receipts "
RECEIPTS = SELECT + "WHERE target = ? AND object = ? AND our_key = ANY(?)"
# Of several with one id the last row counts. The `|| ''` keeps the database from reading every receipt by its key.
BY_CRM_ID = (
    SELECT + "WHERE target || '' = ? AND object || '' = ? AND crm_id <> '' AND crm_id = ANY(?) "  # noqa: S608
    "ORDER BY coalesce((SELECT CASE WHEN s.merged_into = 0 THEN 1 ELSE 0 END FROM standings s "
    "WHERE s.lead_id = receipts.lead_id), 0), gone DESC, coalesce(at, 0), our_key"
)
PUT_RECEIPT = (
    "INSERT INTO receipts (target, object, our_key, crm_id, body, revision, lead_id, at, gone) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (target, object, our_key) DO UPDATE SET "
    "crm_id = excluded.crm_id, body = excluded.body, revision = excluded.revision, lead_id = excluded.lead_id, "
    "at = excluded.at, gone = excluded.gone"
)
AFTER = SELECT + "WHERE target = ? AND object = ? AND our_key > ? ORDER BY our_key LIMIT ?"
NOT_WRITTEN_SINCE = (
    "SELECT count(DISTINCT r.lead_id) FROM receipts r JOIN standings s ON s.lead_id = r.lead_id WHERE r.target = ? "
    "AND r.object IN ('lead', 'contact') AND r.gone = 0 AND s.flow = ? AND coalesce(r.at, 0) < ?"
)
FORGET = "DELETE FROM receipts WHERE target = ? AND object = ? AND our_key = ANY(?)"
DONE_VALUES = (
    "SELECT body FROM outbox WHERE target = ? AND object = ? AND our_key = ? AND state = 'done' AND kind = 'state' "
    "ORDER BY id DESC LIMIT ?"
)


class ReceiptsOfStore:
    """The port `Receipts`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def receipts(self, target: str, object: str, our_keys: Sequence[str]) -> dict[str, Receipt]:
        return {
            row[2]: _read(row)
            for chunk in chunks(our_keys)
            for row in self._session.rows(RECEIPTS, target, object, chunk)
        }

    def receipts_by_crm_id(self, target: str, object: str, crm_ids: Sequence[str]) -> dict[str, Receipt]:
        return {
            row[3]: _read(row)
            for chunk in chunks(crm_ids)
            for row in self._session.rows(BY_CRM_ID, target, object, chunk)
        }

    def receipts_after(self, target: str, object: str, our_key: str = "", limit: int = 500) -> list[Receipt]:
        return [_read(row) for row in self._session.rows(AFTER, target, object, our_key, limit)]

    def put_receipts(self, receipts: Sequence[Receipt]) -> None:
        self._store_receipts(receipts, None)

    def _store_receipts(self, receipts: Sequence[Receipt], now: datetime | None) -> None:
        known: dict[tuple[str, str, str], Receipt] = {}
        for (target, object_name), group in groupby(sorted(receipts, key=_place), key=lambda one: _place(one)[:2]):
            for our_key, receipt in self.receipts(target, object_name, [one.our_key for one in group]).items():
                known[target, object_name, our_key] = receipt
        self._session.many(PUT_RECEIPT, [_row(one, known.get(_place(one)), now) for one in receipts])

    def forget_receipts(self, target: str, object: str, our_keys: Sequence[str]) -> int:
        return sum(self._session.run(FORGET, target, object, chunk) for chunk in chunks(our_keys))

    def not_written_since(self, target: str, flow: str, at: datetime | None) -> int:
        before = micros(at) if at else (1 << 62)
        return int(self._session.rows(NOT_WRITTEN_SINCE, target, flow, before)[0][0])

    def done_values(self, target: str, object: str, our_key: str, limit: int = 20) -> list[dict[str, Any]]:
        found = self._session.rows(DONE_VALUES, target, object, our_key, limit)
        return [orjson.loads(text) for (text,) in found]


def _place(receipt: Receipt) -> tuple[str, str, str]:
    return (receipt.target, receipt.object, receipt.our_key)


def _read(row: tuple[Any, ...]) -> Receipt:
    """A receipt from SELECT."""
    target, object_name, our_key, crm_id, text, revision, lead_id, at, gone = row
    return Receipt(
        target, object_name, our_key, crm_id, orjson.loads(text), revision, lead_id or 0, moment_or_none(at), bool(gone)
    )


def _row(receipt: Receipt, before: Receipt | None, now: datetime | None) -> tuple[Any, ...]:
    """The parameters of PUT_RECEIPT.

    What the same object acknowledged before and is not named now stays: field groups are
    written one by one. Of another object (a merge's winner) nothing is known but what it says.
    """
    crm_id = receipt.crm_id or (before.crm_id if before else "")
    values = {**before.values, **receipt.values} if before and before.crm_id == crm_id else receipt.values
    lead_id = receipt.lead_id or (before.lead_id if before else 0)
    at = micros_or_none(receipt.at or now or (before.at if before else None))
    body = orjson.dumps(values).decode()
    return (
        receipt.target, receipt.object, receipt.our_key, crm_id, body, receipt.revision, lead_id or None, at,
        int(receipt.gone),
    )  # fmt: skip
