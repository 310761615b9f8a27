"""What people said about being contacted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any, cast

from connector.model.consent import Channel, ConsentEvent, How
from connector.model.times import micros, moment
from state.engine import Session, chunks

PUT = (
    "INSERT INTO consents (id, lead_id, channel, scope, given, at, certain, source, how, evidence, recorded_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
OF_LEADS = (
    "SELECT lead_id, channel, given, at, source, how, scope, certain, evidence, recorded_at, id "
    "FROM consents WHERE lead_id = ANY(?) ORDER BY lead_id, at, id"
)


class ConsentsOfStore:
    """The port `Consents`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, events: Sequence[ConsentEvent], now: datetime) -> list[ConsentEvent]:
        known = {_said(one) for some in self.of_leads(sorted({one.lead_id for one in events})).values() for one in some}
        fresh = [one for said, one in {_said(one): one for one in events}.items() if said not in known]
        if not fresh:
            return []
        first = self._session.new_ids("consents", len(fresh))
        kept = [replace(one, id=row_id, recorded_at=now) for row_id, one in enumerate(fresh, first)]
        self._session.many(PUT, list(map(_row, kept)))
        return kept

    def of_leads(self, lead_ids: Sequence[int]) -> dict[int, list[ConsentEvent]]:
        rows = [row for chunk in chunks(lead_ids) for row in self._session.rows(OF_LEADS, chunk)]
        return {lead_id: list(map(_read, some)) for lead_id, some in groupby(rows, key=lambda row: int(row[0]))}


def _said(event: ConsentEvent) -> tuple[Any, ...]:
    return (event.lead_id, event.channel, event.scope, event.given, event.source, event.how, event.at)


def _row(one: ConsentEvent) -> tuple[Any, ...]:
    return (
        one.id, one.lead_id, one.channel, one.scope, int(one.given), micros(one.at), int(one.certain), one.source,
        one.how, one.evidence, micros(cast("datetime", one.recorded_at)),
    )  # fmt: skip


def _read(row: tuple[Any, ...]) -> ConsentEvent:
    lead_id, channel, given, at, source, how, scope, certain, evidence, recorded_at, row_id = row
    return ConsentEvent(
        lead_id, cast("Channel", channel), bool(given), moment(at), source, cast("How", how), scope, bool(certain),
        evidence, moment(recorded_at), row_id,
    )  # fmt: skip
