"""What is due for scoring, the results, and the history of stages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from connector.model.lead import Lead
from connector.model.stages import Stage, Transition
from connector.model.times import micros, moment
from state import ways
from state.engine import Session, chunks
from state.leads import standing

MARK_DUE = (
    "UPDATE standings SET due_at = ? WHERE lead_id = ANY(?) AND (due_at IS NULL OR due_at > ?) AND merged_into = 0"
)
SAVE = (
    "UPDATE standings SET stage = ?, stage_since = ?, flow = ?, owner = ?, total = ?, grade = ?, due_at = ?, "
    "score = ? WHERE lead_id = ? AND merged_into = 0"
)
#: Up to this many due leads are taken from the index of due times and sorted; with more, walking
#: all leads in order of id is cheaper, since many of them are due.
FEW = 5000
COUNT_FEW = "SELECT count(*) FROM (SELECT 1 AS due FROM standings WHERE due_at <= ? LIMIT ?) AS few"
# The `+ 0` keeps either database from taking the other index.
DUE_OF_FEW = "SELECT lead_id FROM standings WHERE due_at <= ? AND lead_id + 0 > ? ORDER BY lead_id + 0 LIMIT ?"
DUE_OF_MANY = "SELECT lead_id FROM standings WHERE due_at + 0 <= ? AND lead_id > ? ORDER BY lead_id LIMIT ?"
ADD_TRANSITION = (
    "INSERT INTO transitions (id, lead_id, flow, origin, stage, at, moved_by, why, version, total, grade) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
TRANSITIONS = (
    "SELECT lead_id, flow, origin, stage, at, moved_by, why, version, total, grade, id FROM transitions "
    "WHERE lead_id = ANY(?) ORDER BY id"
)


class ScoresOfStore:
    """The port `Scores`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def mark_due(self, lead_ids: Iterable[int], at: datetime) -> None:
        due = micros(at)
        for chunk in chunks(lead_ids):
            self._session.run(MARK_DUE, due, chunk, due)

    def mark_all_due(self, at: datetime, flow: str = "") -> int:
        due = micros(at)
        later = "UPDATE standings SET due_at = ? WHERE (due_at IS NULL OR due_at > ?) AND merged_into = 0"
        if flow:
            self._session.run(later + " AND flow = ?", due, due, flow)
            return int(self._session.value("SELECT count(*) FROM standings WHERE flow = ?", flow))
        self._session.run(later, due, due)
        return int(self._session.value("SELECT count(*) FROM standings WHERE merged_into = 0"))

    def due(self, now: datetime, limit: int, after_id: int = 0) -> list[int]:
        until = micros(now)
        count = self._session.value(COUNT_FEW, until, FEW)
        if not count:
            return []
        text = DUE_OF_FEW if count < FEW else DUE_OF_MANY
        return [lead_id for (lead_id,) in self._session.rows(text, until, after_id, limit)]

    def due_among(self, lead_ids: Sequence[int], now: datetime) -> list[int]:
        asked = "SELECT lead_id FROM standings WHERE lead_id = ANY(?) AND due_at <= ?"
        return sorted(row[0] for chunk in chunks(lead_ids) for row in self._session.rows(asked, chunk, micros(now)))

    def save(self, leads: Sequence[Lead]) -> None:
        self._session.many(SAVE, [(*standing(lead), lead.id) for lead in leads])

    def add_transitions(self, transitions: Sequence[Transition]) -> None:
        if not transitions:
            return
        first = self._session.new_ids("transitions", len(transitions))
        self._session.many(ADD_TRANSITION, [_row(row_id, move) for row_id, move in enumerate(transitions, first)])
        ways.note(self._session, transitions)

    def transitions(self, lead_id: int) -> list[Transition]:
        return self.transitions_of([lead_id]).get(lead_id, [])

    def transitions_of(self, lead_ids: Sequence[int]) -> dict[int, list[Transition]]:
        found: dict[int, list[Transition]] = {}
        for chunk in chunks(lead_ids):
            for row in self._session.rows(TRANSITIONS, chunk):
                found.setdefault(row[0], []).append(_read(row))
        return found

    def count_due(self, now: datetime) -> int:
        return int(self._session.value("SELECT count(*) FROM standings WHERE due_at <= ?", micros(now)))


def _row(row_id: int, move: Transition) -> tuple[Any, ...]:
    at = micros(move.at)
    return (
        row_id, move.lead_id, move.flow, move.origin, move.to, at, move.by, move.why, move.version, move.total,
        move.grade,
    )  # fmt: skip


def _read(row: tuple[Any, ...]) -> Transition:
    lead_id, flow, origin, to, at, by, why, version, total, grade, row_id = row
    return Transition(
        lead_id, flow, cast("Stage | None", origin), cast("Stage", to), moment(at), by, why, version, total, grade,
        row_id,
    )  # fmt: skip
