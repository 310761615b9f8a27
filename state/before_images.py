"""What stood where a run wrote."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from connector.model.before_image import BeforeImage
from connector.model.ports import WritingRun
from connector.model.times import micros, micros_or_none, moment, moment_or_none
from state.engine import Session, chunks

PUT = (
    "INSERT INTO images (id, run_id, target, object, our_key, crm_id, lead_id, flow, written, before, created, at, "
    "undone_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SELECT = (
    "SELECT run_id, target, object, our_key, crm_id, written, before, created, at, lead_id, flow, undone_at, id "
    "FROM images WHERE "
)
UNDONE = SELECT + "target = ? AND object = ? AND our_key = ANY(?) AND undone_at IS NOT NULL ORDER BY id"
RUNS = (
    "SELECT i.run_id, r.kind, r.started_at, count(DISTINCT i.target || ' ' || i.object || ' ' || i.our_key), "
    "count(DISTINCT CASE WHEN i.undone_at IS NULL THEN NULL ELSE i.target || ' ' || i.object || ' ' || i.our_key END) "
    "FROM images i LEFT JOIN runs r ON r.id = i.run_id WHERE i.run_id > 0 AND i.target <> '' "
    "GROUP BY i.run_id, r.kind, r.started_at ORDER BY i.run_id DESC LIMIT ?"
)
OLD = "SELECT id FROM images WHERE at < ? AND undone_at IS NULL ORDER BY at LIMIT ?"


class ImagesOfStore:
    """The port `Images`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, images: Sequence[BeforeImage]) -> None:
        if images:
            first = self._session.new_ids("images", len(images))
            self._session.many(PUT, [_row(row_id, one) for row_id, one in enumerate(images, first)])

    def of_run(self, run_id: int, after_id: int = 0, limit: int = 500) -> list[BeforeImage]:
        asked = SELECT + "run_id = ? AND id > ? ORDER BY id LIMIT ?"
        return [_read(row) for row in self._session.rows(asked, run_id, after_id, limit)]

    def of_lead(self, lead_id: int, limit: int = 500) -> list[BeforeImage]:
        newest = self._session.rows(SELECT + "lead_id = ? ORDER BY id DESC LIMIT ?", lead_id, limit)
        return [_read(row) for row in reversed(list(newest))]

    def runs(self, limit: int = 20) -> list[WritingRun]:
        return [
            WritingRun(run_id, kind or "", moment_or_none(started), records, undone)
            for run_id, kind, started, records, undone in self._session.rows(RUNS, limit)
        ]

    def mark_undone(self, ids: Sequence[int], at: datetime | None) -> None:
        for chunk in chunks(ids):
            self._session.run("UPDATE images SET undone_at = ? WHERE id = ANY(?)", micros_or_none(at), chunk)

    def undone(self, target: str, object: str, our_keys: Sequence[str]) -> dict[str, list[BeforeImage]]:
        found: dict[str, list[BeforeImage]] = {}
        for chunk in chunks(our_keys):
            for one in map(_read, self._session.rows(UNDONE, target, object, chunk)):
                found.setdefault(one.our_key, []).append(one)
        return found

    def prune(self, before: datetime, limit: int) -> int:
        ids = [row_id for (row_id,) in self._session.rows(OLD, micros(before), limit)]
        return sum(self._session.run("DELETE FROM images WHERE id = ANY(?)", chunk) for chunk in chunks(ids))


def _row(row_id: int, one: BeforeImage) -> tuple[Any, ...]:
    written, before = orjson.dumps(dict(one.written)).decode(), orjson.dumps(dict(one.before)).decode()
    return (
        row_id, one.run_id, one.target, one.object, one.our_key, one.crm_id, one.lead_id or None, one.flow, written,
        before, int(one.created), micros(one.at), micros_or_none(one.undone_at),
    )  # fmt: skip


def _read(row: tuple[Any, ...]) -> BeforeImage:
    run_id, target, object, our_key, crm_id, written, before, created, at, lead_id, flow, undone_at, row_id = row
    return BeforeImage(
        run_id, target, object, our_key, crm_id, orjson.loads(written), orjson.loads(before), bool(created), moment(at),
        lead_id or 0, flow, moment_or_none(undone_at), row_id,
    )  # fmt: skip
