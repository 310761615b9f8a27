"""Rows that charts and tables are counted from.

They are grouped by who asks: SQLite would sort all of a span to count how many people saw an item, which takes four
times as long as a dictionary does.
"""

from __future__ import annotations

import orjson

from connector.model.ports.handing_over import Run
from connector.model.ports.looking import Handed
from connector.model.times import moment, moment_or_none
from state.engine import Session

#: A deal that was lost ends with a reason, too; the event of its end says that nobody gave the lead back.
LOST = "EXISTS (SELECT 1 FROM handoff_events WHERE handoff_id = handoffs.id AND kind = 'closed')"
HANDED = (
    "SELECT lead_id, flow, owner, team, opened_at, due_at, contacted_at, closed_at, "  # noqa: S608 - constants
    "CASE WHEN reason <> '' AND " + LOST + " THEN '' ELSE reason END, worked FROM handoffs WHERE "
)
OPENED = HANDED + "opened_at IS NOT NULL AND opened_at >= ? AND opened_at < ?"
REJECTED = (
    HANDED + "closed_at IS NOT NULL AND closed_at >= ? AND closed_at < ? AND reason <> '' AND opened_at IS NOT NULL "
    f"AND NOT {LOST}"
)
VIEWED = (
    "SELECT topic, asset, lead_id, at FROM activities WHERE at >= ? AND at < ? AND (asset <> '' OR topic <> '') "
    "AND lead_id IS NOT NULL"
)
LAST_RUNS = (
    "SELECT id, kind, connection, started_at, ended_at, result, counts FROM runs WHERE id IN ("
    "SELECT max(id) FROM runs GROUP BY kind, connection, CASE WHEN ended_at IS NULL THEN 0 ELSE 1 END) "
    "ORDER BY kind, connection, id"
)
OVERDUE = "SELECT count(*), min(due_at) FROM handoffs WHERE state = 'open' AND due_at < ? AND contacted_at IS NULL"


class LookingOfStore:
    """The port `Looking`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def handed(self, since: int, until: int) -> list[Handed]:
        return [Handed(*row) for row in self._session.rows(OPENED, since, until)]

    def rejected(self, since: int, until: int) -> list[Handed]:
        return [Handed(*row) for row in self._session.rows(REJECTED, since, until)]

    def viewed(self, since: int, until: int) -> list[tuple[str, str, int, int]]:
        return self._session.rows(VIEWED, since, until)

    def last_runs(self) -> list[Run]:
        return [
            Run(kind, moment(started), id, connection, moment_or_none(ended), result, orjson.loads(counts or "{}"))
            for id, kind, connection, started, ended, result, counts in self._session.rows(LAST_RUNS)
        ]

    def overdue(self, now: int) -> tuple[int, int | None]:
        [(count, first)] = self._session.rows(OVERDUE, now)
        return int(count), first
