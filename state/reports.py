"""Rows for readers; nothing here writes."""

from __future__ import annotations

from connector.model.lead import Link
from connector.model.ports import HeldUp
from connector.model.times import moment, moment_or_none
from state.engine import Session

TOTALS = {
    # Two indexes are quicker than the table. Who was forgotten has no standing.
    "leads": "SELECT (SELECT count(*) FROM standings) - (SELECT count(*) FROM standings WHERE merged_into <> 0)",
    "activities": "SELECT count(*) FROM activities",
    "waiting_activities": "SELECT count(*) FROM activities WHERE lead_id IS NULL",
    "links": "SELECT count(*) FROM links",
    "transitions": "SELECT count(*) FROM transitions",
    "handoffs": "SELECT count(*) FROM handoffs",
}
UNMATCHED = "SELECT connection, event, events FROM unmatched ORDER BY events DESC, connection, event LIMIT ?"
LINKS_OF = (
    "SELECT connection, object, external_id, lead_id, digest, origin FROM links WHERE lead_id = ? "
    "ORDER BY connection, object, external_id"
)
WAITING = (
    "SELECT target, object, lane, count(*) FROM outbox w WHERE state = 'waiting' AND NOT EXISTS "
    "(SELECT 1 FROM outbox b WHERE b.key = w.after_key AND b.state IN ('dead', 'parked', 'dropped')) "
    "GROUP BY target, object, lane ORDER BY target, object, lane"
)
HELD_UP = (
    "SELECT target, state, reason, behind, count(*), min(created_at), min(next_at), max(attempts) FROM ("
    "SELECT w.target, w.state, w.reason, w.attempts, w.created_at, "
    "CASE w.state WHEN 'waiting' THEN w.not_before WHEN 'unknown' THEN w.resolve_at ELSE w.deadline END AS next_at, "
    "CASE WHEN w.state = 'waiting' AND w.after_key <> '' AND EXISTS (SELECT 1 FROM outbox b WHERE b.key = w.after_key "
    "AND b.state IN ('dead', 'parked')) THEN 1 ELSE 0 END AS behind "
    "FROM outbox w WHERE w.state NOT IN ('done', 'superseded', 'dropped') "
    "AND w.state IN ('waiting', 'in_flight', 'unknown') AND w.kind <> 'verify') held "
    "WHERE state <> 'waiting' OR attempts > 0 OR behind = 1 "
    "GROUP BY target, state, reason, behind ORDER BY target, state, reason, behind"
)
BY_NUMBER = "SELECT lead_id FROM standings WHERE lead_id = ?"
BY_EMAIL = "SELECT id FROM leads WHERE email IS NOT NULL AND email = ANY(?) ORDER BY id LIMIT ?"
BY_EXTERNAL_ID = "SELECT DISTINCT lead_id FROM links WHERE external_id = ? ORDER BY lead_id LIMIT ?"


class ReportsOfStore:
    """The port `Reports`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find_leads(self, text: str, limit: int = 10) -> list[int]:
        wanted = text.strip()
        found: dict[int, None] = {}
        if wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
            found.update((row[0], None) for row in self._session.rows(BY_NUMBER, int(wanted)))
        found.update((row[0], None) for row in self._session.rows(BY_EMAIL, [wanted, wanted.lower()], limit))
        found.update((row[0], None) for row in self._session.rows(BY_EXTERNAL_ID, wanted, limit))
        return list(found)[:limit]

    def totals(self) -> dict[str, int]:
        return {name: int(self._session.value(text)) for name, text in TOTALS.items()}

    def stages(self) -> dict[tuple[str, str], int]:
        found = self._session.rows(
            "SELECT flow, stage, count(*) FROM standings WHERE merged_into = 0 GROUP BY flow, stage"
        )
        return {(flow, stage): count for flow, stage, count in found}

    def links_of(self, lead_id: int) -> list[Link]:
        return [Link(*row) for row in self._session.rows(LINKS_OF, lead_id)]

    def unmatched_activities(self, limit: int = 20) -> list[tuple[str, str, int]]:
        return [(connection, event, events) for connection, event, events in self._session.rows(UNMATCHED, limit)]

    def held_up(self) -> list[HeldUp]:
        return [
            HeldUp(target, state, reason, bool(behind), rows, moment(since), moment_or_none(next_at), tries)
            for target, state, reason, behind, rows, since, next_at, tries in self._session.rows(HELD_UP)
        ]

    def waiting_rows(self) -> dict[tuple[str, str, int], int]:
        return {(target, object, lane): count for target, object, lane, count in self._session.rows(WAITING)}
