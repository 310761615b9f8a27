"""Deleting what is older than it is to be kept, so many rows at a time that nobody waits for long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connector.model.times import micros, moment
from state import rolling_up, ways
from state.engine import Session, chunks

#: The store's words for from when on a table is complete, in microseconds.
COMPLETE = "complete:"
SOME = "SELECT id, at FROM activities WHERE id > ? ORDER BY id LIMIT ?"
REVIEWS = "SELECT id FROM reviews WHERE closed_at < ? ORDER BY id LIMIT ?"
RUNS = (
    "SELECT id FROM runs WHERE ended_at < ? AND NOT EXISTS (SELECT 1 FROM images WHERE images.run_id = runs.id) "
    "ORDER BY id LIMIT ?"
)
PLANS = "SELECT plan FROM applied GROUP BY plan HAVING max(at) < ? ORDER BY plan LIMIT 1"
TRANSITIONS = (
    "SELECT id FROM transitions old WHERE at < ? AND EXISTS (SELECT 1 FROM transitions later "
    "WHERE later.lead_id = old.lead_id AND later.id > old.id) ORDER BY id LIMIT ?"
)
LEADS = "SELECT DISTINCT lead_id FROM transitions WHERE id = ANY(?)"
# Who is still to come back comes back by its reason.
BRIEFS = (
    "SELECT id FROM handoffs WHERE state = 'closed' AND closed_at < ? AND (back_at IS NULL OR back_at < ?) "
    "AND (brief <> '' OR reason <> '' OR routed_by <> '' OR words <> '') ORDER BY id LIMIT ?"
)
# The others say what must not be done or told once more.
EVENTS = "DELETE FROM handoff_events WHERE handoff_id = ANY(?) AND kind IN ('reminded', 'touched', 'stalled')"
JOININGS = "SELECT id FROM joinings WHERE at < ? AND before <> '' ORDER BY id LIMIT ?"
SET = "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


class RetentionOfStore:
    """The port `Retention`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def activities(self, before: datetime, after_id: int, limit: int) -> tuple[list[int], int]:
        some = self._session.rows(SOME, after_id, limit)
        return [row_id for row_id, at in some if at < micros(before)], some[-1][0] if len(some) == limit else 0

    def drop_activities(self, ids: Sequence[int]) -> int:
        return sum(self._session.run("DELETE FROM activities WHERE id = ANY(?)", chunk) for chunk in chunks(ids))

    def reviews(self, before: datetime, limit: int) -> int:
        return self._delete("reviews", REVIEWS, before, limit)

    def runs(self, before: datetime, limit: int) -> int:
        return self._delete("runs", RUNS, before, limit)

    def plans(self, before: datetime, limit: int) -> int:
        gone = 0
        while gone < limit and (plan := self._session.value(PLANS, micros(before))) is not None:
            gone += self._session.run("DELETE FROM applied WHERE plan = ?", plan)
        return gone

    def transitions(self, before: datetime, limit: int) -> int:
        ids = [row_id for (row_id,) in self._session.rows(TRANSITIONS, micros(before), limit)]
        if not ids:
            return 0
        leads = [lead_id for (lead_id,) in self._session.rows(LEADS, ids)]
        gone = self._session.run("DELETE FROM transitions WHERE id = ANY(?)", ids)
        ways.remake(self._session, leads)
        return gone

    def briefs(self, before: datetime, limit: int) -> int:
        ids = [row_id for (row_id,) in self._session.rows(BRIEFS, micros(before), micros(before), limit)]
        self._session.run(EVENTS, ids)
        asked = "UPDATE handoffs SET brief = '', reason = '', routed_by = '', words = '' WHERE id = ANY(?)"
        return self._session.run(asked, ids) if ids else 0

    def joinings(self, before: datetime, limit: int) -> int:
        ids = [row_id for (row_id,) in self._session.rows(JOININGS, micros(before), limit)]
        return self._session.run("UPDATE joinings SET before = '' WHERE id = ANY(?)", ids) if ids else 0

    def complete_from(self) -> dict[str, datetime]:
        named = "SELECT name, value FROM meta WHERE substr(name, 1, ?) = ?"
        found = self._session.rows(named, len(COMPLETE), COMPLETE)
        return {name.removeprefix(COMPLETE): moment(int(value)) for name, value in found}

    def cut(self, table: str, before: datetime) -> None:
        known = self.complete_from().get(table)
        if known is None or known < before:
            if table == "activities":
                rolling_up.roll_up_all(self._session)
            self._session.run(SET, f"{COMPLETE}{table}", str(micros(before)))

    def _delete(self, table: str, asked: str, before: datetime, limit: int) -> int:
        ids = [row_id for (row_id,) in self._session.rows(asked, micros(before), limit)]
        return self._session.run(f"DELETE FROM {table} WHERE id = ANY(?)", ids) if ids else 0  # noqa: S608 - a constant
