"""Leads on their way to a rep, and the ledger of turns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from connector.model.handoff import Handoff, HandoffState, Turn
from connector.model.times import micros, micros_or_none, moment, moment_or_none
from state.engine import Session, chunks

ADD = (
    "INSERT INTO handoffs (lead_id, flow, stage, state, decided_at, version, hot, total, grade, owner, team, "
    "routed_by, opened_at, due_at, released_by, brief, target, record, accepted_at, contacted_at, closed_at, reason, "
    "rating, accept_due_at, review_due_at, next_at, back_at, acted_at, worked, reviewer, words, roster, previous_id, "
    "id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SAVE = (
    "UPDATE handoffs SET lead_id = ?, flow = ?, stage = ?, state = ?, decided_at = ?, version = ?, hot = ?, "
    "total = ?, grade = ?, owner = ?, team = ?, routed_by = ?, opened_at = ?, due_at = ?, released_by = ?, brief = ?, "
    "target = ?, record = ?, accepted_at = ?, contacted_at = ?, closed_at = ?, reason = ?, rating = ?, "
    "accept_due_at = ?, review_due_at = ?, next_at = ?, back_at = ?, acted_at = ?, worked = ?, reviewer = ?, "
    "words = ?, roster = ?, previous_id = ? WHERE id = ?"
)
SELECT = (
    "SELECT lead_id, flow, stage, state, decided_at, version, hot, total, grade, owner, team, routed_by, opened_at, "
    "due_at, released_by, brief, target, record, accepted_at, contacted_at, closed_at, reason, rating, accept_due_at, "
    "review_due_at, next_at, back_at, acted_at, worked, reviewer, words, roster, previous_id, id FROM handoffs "
)
OF_LEADS = SELECT + "WHERE lead_id = ANY(?) ORDER BY id"
BY_IDS = SELECT + "WHERE id = ANY(?)"
BEST_FIRST = SELECT + "WHERE flow = ? AND state = ? ORDER BY hot DESC, total DESC, decided_at, id LIMIT ?"
OF_OWNERS = SELECT + "WHERE owner = ANY(?) AND state = 'open' ORDER BY opened_at DESC, id DESC LIMIT ?"
IN_HAND = (
    "SELECT h.owner, count(*) FROM handoffs h JOIN standings s ON s.lead_id = h.lead_id WHERE h.state = 'open' "
    "AND s.stage IN ('mql', 'sal') AND s.merged_into = 0 GROUP BY h.owner"
)
TURNS = (
    "SELECT handoff_id, team, email, at, rule, given, weights, id FROM turns WHERE team = ? ORDER BY id DESC LIMIT ?"
)
ADD_TURN = "INSERT INTO turns (id, handoff_id, team, email, at, rule, given, weights) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


class HandoffsOfStore:
    """The port `Handoffs`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, handoffs: Sequence[Handoff]) -> None:
        """Raises ConstraintError where the lead has one at this stage that is not closed."""
        if not handoffs:
            return
        first = self._session.new_ids("handoffs", len(handoffs))
        self._session.many(ADD, [(*_row(handoff), row_id) for row_id, handoff in enumerate(handoffs, first)])
        for row_id, handoff in enumerate(handoffs, first):
            handoff.id = row_id

    def save(self, handoffs: Sequence[Handoff]) -> None:
        self._session.many(SAVE, [(*_row(handoff), handoff.id) for handoff in handoffs])

    def of_leads(self, lead_ids: Sequence[int]) -> dict[int, list[Handoff]]:
        found: dict[int, list[Handoff]] = {}
        for chunk in chunks(lead_ids):
            for row in self._session.rows(OF_LEADS, chunk):
                found.setdefault(row[0], []).append(read(row))
        return found

    def by_ids(self, ids: Sequence[int]) -> dict[int, Handoff]:
        return {row[-1]: read(row) for chunk in chunks(ids) for row in self._session.rows(BY_IDS, chunk)}

    def in_state(self, flow: str, state: HandoffState, limit: int = 1000) -> list[Handoff]:
        return [read(row) for row in self._session.rows(BEST_FIRST, flow, state, limit)]

    def in_hand(self, owners: Sequence[str], limit: int) -> list[Handoff]:
        return [read(row) for row in self._session.rows(OF_OWNERS, list(owners), limit)] if owners else []

    def opened_since(self, flow: str, since: datetime) -> int:
        text = "SELECT count(*) FROM handoffs WHERE flow = ? AND opened_at >= ? AND previous_id = 0"
        return int(self._session.value(text, flow, micros(since)))

    def open_by_owner(self) -> dict[str, int]:
        return dict(self._session.rows(IN_HAND))

    def add_turns(self, turns: Sequence[Turn]) -> None:
        if not turns:
            return
        first = self._session.new_ids("turns", len(turns))
        rows = [
            (row_id, turn.handoff_id, turn.team, turn.email, micros(turn.at), turn.rule, turn.given, turn.weights)
            for row_id, turn in enumerate(turns, first)
        ]
        self._session.many(ADD_TURN, rows)

    def turns(self, team: str, limit: int = 100) -> list[Turn]:
        return [
            Turn(handoff_id, team, email, moment(at), rule, given, weights, row_id)
            for handoff_id, team, email, at, rule, given, weights, row_id in self._session.rows(TURNS, team, limit)
        ]

    def turn_counts(self, team: str) -> dict[str, int]:
        return dict(self._session.rows("SELECT email, count(*) FROM turns WHERE team = ? GROUP BY email", team))

    def counts(self) -> dict[tuple[str, str], int]:
        found = self._session.rows("SELECT flow, state, count(*) FROM handoffs GROUP BY flow, state")
        return {(flow, state): count for flow, state, count in found}


def _row(handoff: Handoff) -> tuple[Any, ...]:
    """All columns but the id, in the order of ADD, SAVE and SELECT."""
    return (
        handoff.lead_id,
        handoff.flow,
        handoff.stage,
        handoff.state,
        micros(handoff.decided_at),
        handoff.version,
        int(handoff.hot),
        handoff.total,
        handoff.grade,
        handoff.owner,
        handoff.team,
        handoff.routed_by,
        micros_or_none(handoff.opened_at),
        micros_or_none(handoff.due_at),
        handoff.released_by,
        handoff.brief,
        handoff.target,
        handoff.record,
        micros_or_none(handoff.accepted_at),
        micros_or_none(handoff.contacted_at),
        micros_or_none(handoff.closed_at),
        handoff.reason,
        handoff.rating,
        micros_or_none(handoff.accept_due_at),
        micros_or_none(handoff.review_due_at),
        micros_or_none(handoff.next_at),
        micros_or_none(handoff.back_at),
        micros_or_none(handoff.acted_at),
        handoff.worked,
        handoff.reviewer,
        handoff.words,
        handoff.roster,
        handoff.previous_id,
    )


def read(row: tuple[Any, ...]) -> Handoff:
    """A handoff from the columns of SELECT."""
    (
        lead_id, flow, stage, state, decided_at, version, hot, total, grade, owner, team, routed_by, opened_at,
        due_at, released_by, brief, target, record, accepted_at, contacted_at, closed_at, reason, rating,
        accept_due_at, review_due_at, next_at, back_at, acted_at, worked, reviewer, words, roster, previous_id, row_id,
    ) = row  # fmt: skip
    return Handoff(
        lead_id, flow, stage, cast("HandoffState", state), moment(decided_at), version, bool(hot), total, grade,
        owner, team, routed_by, moment_or_none(opened_at), moment_or_none(due_at), released_by, brief,
        target, record, moment_or_none(accepted_at), moment_or_none(contacted_at), moment_or_none(closed_at), reason,
        rating, moment_or_none(accept_due_at), moment_or_none(review_due_at), moment_or_none(next_at),
        moment_or_none(back_at), moment_or_none(acted_at), worked, reviewer, words, roster, previous_id, row_id,
    )  # fmt: skip
