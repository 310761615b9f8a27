"""What happened to handoffs, and whose clock is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import orjson

from connector.model.handoff import Handoff, HandoffEvent, HandoffEventKind
from connector.model.times import micros, moment
from state import handoffs
from state.engine import Session, chunks

COLUMNS = "handoff_id, key, kind, at, who, body, noted_at, id"
ADD = (
    "INSERT INTO handoff_events (handoff_id, key, kind, at, who, body, noted_at, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (handoff_id, key) DO NOTHING"
)
KNOWN = "SELECT handoff_id, key FROM handoff_events WHERE handoff_id = ANY(?)"
OF_HANDOFFS = f"SELECT {COLUMNS} FROM handoff_events WHERE handoff_id = ANY(?) ORDER BY handoff_id, at, id"  # noqa: S608
SINCE = f"SELECT {COLUMNS} FROM handoff_events WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608
DUE = handoffs.SELECT + "WHERE next_at IS NOT NULL AND next_at <= ? ORDER BY next_at, id LIMIT ?"


class HandoffEventsOfStore:
    """The port `HandoffEvents`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, events: Sequence[HandoffEvent], now: datetime) -> list[HandoffEvent]:
        new = self._unknown(events)
        if not new:
            return []
        first = self._session.new_ids("handoff_events", len(new))
        kept = [replace(event, id=row_id, noted_at=now) for row_id, event in enumerate(new, first)]
        self._session.many(ADD, [_row(event) for event in kept])
        return kept

    def _unknown(self, events: Sequence[HandoffEvent]) -> list[HandoffEvent]:
        """Those that are not stored, each key once."""
        ids = list({event.handoff_id for event in events})
        known = {(row[0], row[1]) for chunk in chunks(ids) for row in self._session.rows(KNOWN, chunk)}
        found = {(event.handoff_id, event.key): event for event in reversed(events)}
        return [found[place] for place in reversed(found) if place not in known]

    def of_handoffs(self, handoff_ids: Sequence[int]) -> dict[int, list[HandoffEvent]]:
        found: dict[int, list[HandoffEvent]] = {}
        for chunk in chunks(handoff_ids):
            for row in self._session.rows(OF_HANDOFFS, chunk):
                found.setdefault(row[0], []).append(_read(row))
        return found

    def since(self, after_id: int, limit: int = 500) -> list[HandoffEvent]:
        return list(map(_read, self._session.rows(SINCE, after_id, limit)))

    def due(self, now: datetime, limit: int) -> list[Handoff]:
        return [handoffs.read(row) for row in self._session.rows(DUE, micros(now), limit)]


def _row(event: HandoffEvent) -> tuple[Any, ...]:
    noted = micros(event.noted_at or event.at)
    body = orjson.dumps(dict(event.body)).decode() if event.body else ""
    return event.handoff_id, event.key, event.kind, micros(event.at), event.who, body, noted, event.id


def _read(row: tuple[Any, ...]) -> HandoffEvent:
    handoff_id, key, kind, at, who, body, noted_at, row_id = row
    told = orjson.loads(body) if body else {}
    return HandoffEvent(
        handoff_id, key, cast("HandoffEventKind", kind), moment(at), who, told, moment(noted_at), row_id
    )  # fmt: skip
