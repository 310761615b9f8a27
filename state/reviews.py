"""What waits for a person: set-aside records, missing fields, parked flows, notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

import orjson

from connector.model.ports import ReviewItem, ReviewKind
from connector.model.times import micros, moment
from state.engine import Session, chunks

PUT = (
    "INSERT INTO reviews (id, kind, key, place, reason, field, lead_id, connection, flow, body, seen, first_at, "
    "last_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (kind, key) WHERE closed_at IS NULL DO UPDATE SET seen = reviews.seen + excluded.seen, "
    "last_at = excluded.last_at, place = excluded.place, reason = excluded.reason, field = excluded.field, "
    "lead_id = excluded.lead_id, body = excluded.body"
)
CLOSE = "UPDATE reviews SET closed_at = ?, closed_how = ? WHERE kind = ? AND key = ANY(?) AND closed_at IS NULL"
SELECT = (
    "SELECT kind, key, place, reason, field, lead_id, connection, flow, body, seen, first_at, last_at, id "
    "FROM reviews WHERE closed_at IS NULL AND "
)
IS_OPEN = "SELECT key FROM reviews WHERE kind = ? AND key = ANY(?) AND closed_at IS NULL"


class ReviewsOfStore:
    """The port `Reviews`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, items: Sequence[ReviewItem], now: datetime) -> None:
        if not items:
            return
        at = micros(now)
        first = self._session.new_ids("reviews", len(items))
        self._session.many(PUT, [_row(row_id, item, at) for row_id, item in enumerate(items, first)])

    def close(self, kind: ReviewKind, keys: Sequence[str], how: str, now: datetime) -> int:
        at = micros(now)
        return sum(self._session.run(CLOSE, at, how, kind, chunk) for chunk in chunks(keys))

    def open(self, kind: ReviewKind | None = None, limit: int = 200, after_id: int = 0) -> list[ReviewItem]:
        rest = "id > ? ORDER BY id LIMIT ?"
        if kind is None:
            return [_read(row) for row in self._session.rows(SELECT + rest, after_id, limit)]
        return [_read(row) for row in self._session.rows(SELECT + "kind = ? AND " + rest, kind, after_id, limit)]

    def get(self, ids: Sequence[int]) -> list[ReviewItem]:
        return [_read(row) for row in self._session.rows(SELECT + "id = ANY(?) ORDER BY id", list(ids))]

    def of_lead(self, lead_id: int, limit: int = 200) -> list[ReviewItem]:
        return [_read(row) for row in self._session.rows(SELECT + "lead_id = ? ORDER BY id LIMIT ?", lead_id, limit)]

    def is_open(self, kind: ReviewKind, keys: Sequence[str]) -> set[str]:
        return {key for chunk in chunks(keys) for (key,) in self._session.rows(IS_OPEN, kind, chunk)}

    def counts(self) -> dict[str, int]:
        return dict(self._session.rows("SELECT kind, count(*) FROM reviews WHERE closed_at IS NULL GROUP BY kind"))


def _row(row_id: int, item: ReviewItem, at: int) -> tuple[Any, ...]:
    body = orjson.dumps(item.body).decode()
    return (
        row_id, item.kind, item.key, item.where, item.reason, item.field, item.lead_id or None, item.connection,
        item.flow, body, item.seen, at, at,
    )  # fmt: skip


def _read(row: tuple[Any, ...]) -> ReviewItem:
    kind, key, where, reason, field, lead_id, connection, flow, body, seen, first_at, last_at, row_id = row
    return ReviewItem(
        cast("ReviewKind", kind), key, where, reason, field, lead_id or 0, connection, flow, orjson.loads(body),
        seen, moment(first_at), moment(last_at), row_id,
    )  # fmt: skip
