"""The changes of goals, on every store."""

from __future__ import annotations

from datetime import datetime, timedelta

from connector.model.goals import GoalVersion
from connector.model.ports import Store

HOUR = timedelta(hours=1)


def test_a_goal_is_kept_whenever_it_is_not_as_it_was(store: Store, now: datetime) -> None:
    with store.write() as tx:
        assert tx.goals.keep({}, now) == []
        assert tx.goals.keep({"Leads": "80", "Won": "5"}, now) == ["Leads", "Won"]
        assert tx.goals.keep({"Leads": "80", "Won": "5"}, now + HOUR) == []
        assert tx.goals.keep({"Leads": "100", "Won": "5"}, now + 2 * HOUR) == ["Leads"]
        assert tx.goals.keep({"Leads": "80"}, now + 3 * HOUR) == ["Leads", "Won"]
        assert tx.goals.keep({"Leads": "80"}, now + 4 * HOUR) == []
    with store.read() as tx:
        leads = [GoalVersion("Leads", now + n * HOUR, body) for n, body in ((0, "80"), (2, "100"), (3, "80"))]
        assert tx.goals.versions("Leads") == leads
        assert tx.goals.versions("Won") == [GoalVersion("Won", now, "5"), GoalVersion("Won", now + 3 * HOUR, "")]
        assert sorted(tx.goals.versions(), key=lambda one: (one.goal, one.at)) == [*leads, *tx.goals.versions("Won")]
