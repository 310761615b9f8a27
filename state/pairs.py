"""Pairs of leads that may be one person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

import orjson

from connector.model.joining import Pair, PairState
from connector.model.times import micros, micros_or_none, moment, moment_or_none
from state.engine import Session, chunks

SELECT = (
    "SELECT id, lead_id, other_id, points, band, findings, state, note, decided_by, first_at, decided_at FROM pairs"
)
ADD = (
    "INSERT INTO pairs (id, lead_id, other_id, points, band, findings, state, first_at) "
    "VALUES (?, ?, ?, ?, ?, ?, 'open', ?)"
)
UPDATE = "UPDATE pairs SET points = ?, band = ?, findings = ?, state = ? WHERE id = ?"
SAVE = "UPDATE pairs SET state = ?, note = ?, decided_by = ?, decided_at = ? WHERE id = ?"
COUNTS = "SELECT state, count(*) FROM pairs GROUP BY state ORDER BY state"
#: What a person said stays said.
DECIDED = ("same", "different")


class PairsOfStore:
    """The port `Pairs`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, pairs: Sequence[Pair], now: datetime) -> int:
        known = {(one.one, one.other): one for one in self.of_leads(sorted({pair.one for pair in pairs}))}
        fresh = {pair.one_other: pair for pair in pairs if pair.one_other not in known}
        old = [(pair, known[pair.one_other]) for pair in pairs if pair.one_other in known]
        states: list[tuple[Any, ...]] = [
            (*_said(pair), was.state if was.state in DECIDED else "open", was.id) for pair, was in old
        ]
        self._session.many(UPDATE, states)
        if fresh:
            first = self._session.new_ids("pairs", len(fresh))
            rows = [
                (id, pair.one, pair.other, *_said(pair), micros(now)) for id, pair in enumerate(fresh.values(), first)
            ]
            self._session.many(ADD, rows)
        return len(fresh) + sum(was.state == "ended" for _, was in old)

    def of_leads(self, lead_ids: Sequence[int]) -> list[Pair]:
        found = {
            row[0]: _read(row)
            for chunk in chunks(lead_ids)
            for column in ("lead_id", "other_id")
            for row in self._session.rows(f"{SELECT} WHERE {column} = ANY(?)", chunk)
        }
        return [found[id] for id in sorted(found)]

    def open(self, limit: int = 100, after_id: int = 0) -> list[Pair]:
        asked = f"{SELECT} WHERE state = 'open' AND id > ? ORDER BY id LIMIT ?"
        return list(map(_read, self._session.rows(asked, after_id, limit)))

    def decided(self, limit: int = 100) -> list[Pair]:
        asked = f"{SELECT} WHERE state = ANY(?) ORDER BY decided_at DESC, id DESC LIMIT ?"
        return list(map(_read, self._session.rows(asked, list(DECIDED), limit)))

    def get(self, ids: Sequence[int]) -> list[Pair]:
        return [
            _read(row) for c in chunks(ids) for row in self._session.rows(f"{SELECT} WHERE id = ANY(?) ORDER BY id", c)
        ]

    def save(self, pairs: Sequence[Pair]) -> None:
        rows = [(one.state, one.note, one.decided_by, micros_or_none(one.decided_at), one.id) for one in pairs]
        self._session.many(SAVE, rows)

    def counts(self) -> dict[str, int]:
        return {state: int(count) for state, count in self._session.rows(COUNTS)}


def _said(pair: Pair) -> tuple[int, str, str]:
    return pair.points, pair.band, orjson.dumps(pair.findings).decode()


def _read(row: tuple[Any, ...]) -> Pair:
    id, one, other, points, band, findings, state, note, decided_by, first_at, decided_at = row
    told = [(str(field), str(level), int(given)) for field, level, given in orjson.loads(findings)] if findings else []
    return Pair(
        one, other, points, band, told, cast("PairState", state), note, decided_by, moment(first_at),
        moment_or_none(decided_at), id,
    )  # fmt: skip
