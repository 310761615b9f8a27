"""Goals as the configuration had them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connector.model.goals import GoalVersion
from connector.model.times import micros, moment
from state.engine import Session

#: The latest row of each goal.
LATEST = "SELECT goal, body FROM goal_versions WHERE id IN (SELECT max(id) FROM goal_versions GROUP BY goal)"
ADD = "INSERT INTO goal_versions (id, goal, at, body) VALUES (?, ?, ?, ?)"
VERSIONS = "SELECT goal, at, body FROM goal_versions WHERE goal = ? OR ? = '' ORDER BY id"


class GoalsOfStore:
    """The port `Goals`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, bodies: Mapping[str, str], at: datetime) -> list[str]:
        kept = {str(goal): str(body) for goal, body in self._session.rows(LATEST)}
        wanted = {**bodies, **{goal: "" for goal in kept if goal not in bodies}}
        changed = {goal: body for goal, body in wanted.items() if kept.get(goal, "") != body}
        if changed:
            first = self._session.new_ids("goal_versions", len(changed))
            rows = [(row_id, goal, micros(at), body) for row_id, (goal, body) in enumerate(changed.items(), first)]
            self._session.many(ADD, rows)
        return list(changed)

    def versions(self, goal: str = "") -> list[GoalVersion]:
        return [GoalVersion(name, moment(at), body) for name, at, body in self._session.rows(VERSIONS, goal, goal)]
