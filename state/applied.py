"""How far plans were applied."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connector.model.times import micros
from state.engine import Session

PUT = (
    "INSERT INTO applied (plan, row, outcome, at) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (plan, row) DO UPDATE SET outcome = excluded.outcome, at = excluded.at"
)


class AppliedOfStore:
    """The port `Applied`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def note(self, plan: str, rows: Mapping[int, str], at: datetime) -> None:
        self._session.many(PUT, [(plan, number, outcome, micros(at)) for number, outcome in rows.items()])

    def of_plan(self, plan: str) -> dict[int, str]:
        return dict(self._session.rows("SELECT row, outcome FROM applied WHERE plan = ? ORDER BY row", plan))
