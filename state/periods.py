"""What happened in a span of time, for reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import orjson

from connector.model.handoff import Handoff
from connector.model.times import micros
from state import handoffs
from state.engine import Session

NEW = "SELECT count(*) FROM leads WHERE created_at >= ? AND created_at < ?"
REACHED = (
    "SELECT flow, stage, count(DISTINCT lead_id) FROM transitions WHERE at >= ? AND at < ? GROUP BY flow, stage "
    "ORDER BY flow, stage"
)
OPENED = handoffs.SELECT + "WHERE opened_at >= ? AND opened_at < ? ORDER BY opened_at, id"
CLOSED = (
    handoffs.SELECT + "WHERE closed_at >= ? AND closed_at < ? AND opened_at IS NOT NULL ORDER BY closed_at, id"
)  # fmt: skip
OPEN = handoffs.SELECT + "WHERE state = 'open' ORDER BY opened_at, id"
BODIES = "SELECT body FROM leads WHERE created_at >= ? AND created_at < ? ORDER BY id DESC LIMIT ?"
DID = "SELECT count(*) FROM activities WHERE at >= ? AND at < ? AND kind = ?"


class PeriodsOfStore:
    """The port `Periods`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def new_leads(self, since: datetime, until: datetime) -> int:
        return int(self._session.value(NEW, micros(since), micros(until)))

    def reached(self, since: datetime, until: datetime) -> dict[tuple[str, str], int]:
        found = self._session.rows(REACHED, micros(since), micros(until))
        return {(flow, stage): count for flow, stage, count in found}

    def handed_over(self, since: datetime, until: datetime) -> list[Handoff]:
        return [handoffs.read(row) for row in self._session.rows(OPENED, micros(since), micros(until))]

    def closed(self, since: datetime, until: datetime) -> list[Handoff]:
        return [handoffs.read(row) for row in self._session.rows(CLOSED, micros(since), micros(until))]

    def open(self) -> list[Handoff]:
        return [handoffs.read(row) for row in self._session.rows(OPEN)]

    def filled(self, since: datetime, until: datetime, fields: Sequence[str], limit: int) -> tuple[int, dict[str, int]]:
        counts, leads = dict.fromkeys(fields, 0), 0
        for (body,) in self._session.rows(BODIES, micros(since), micros(until), limit):
            values = orjson.loads(body).get("fields", {})
            leads += bool(values)
            for name in fields:
                counts[name] += values.get(name) not in (None, "")
        return leads, counts

    def did(self, since: datetime, until: datetime, kind: str) -> int:
        return int(self._session.value(DID, micros(since), micros(until), kind))
