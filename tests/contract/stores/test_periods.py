from __future__ import annotations

from datetime import datetime, timedelta

from connector.model.activity import Activity
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.ports import Store
from connector.model.stages import Transition

HOUR = timedelta(hours=1)


def test_a_period_holds_its_begin_and_not_its_end(store: Store, now: datetime) -> None:
    span = (now, now + HOUR)
    with store.write() as tx:
        for at, values in (
            (now - HOUR, {}),
            (now, {"email": "a@x.example", "city": ""}),
            (now + HOUR, {"city": "Bonn"}),
        ):
            lead = Lead(fields=dict(values))
            tx.intake.add_leads([lead], at)
            tx.scores.add_transitions([Transition(lead.id, "b2b", "known", "mql", at, "baton", "x")] * 2)
            tx.intake.add_activities([Activity("portal", f"{at}", "x", at, "bounce")])
            tx.handoffs.add(
                [
                    Handoff(lead.id, "b2b", "mql", "open", at, "v", opened_at=at),
                    Handoff(lead.id, "b2b", "sql", "closed", at, "v", opened_at=at - HOUR, closed_at=at),
                    Handoff(lead.id, "b2b", "sal", "closed", at, "v", closed_at=at),
                ]
            )
        assert tx.periods.new_leads(*span) == 1
        assert tx.periods.reached(*span) == {("b2b", "mql"): 1}
        assert [(one.stage, one.opened_at) for one in tx.periods.handed_over(*span)] == [("mql", now), ("sql", now)]
        assert [one.stage for one in tx.periods.closed(*span)] == ["sql"]
        assert len(tx.periods.open()) == 3
        assert tx.periods.filled(*span, ["email", "city", "phone"], 10) == (1, {"email": 1, "city": 0, "phone": 0})
        assert (tx.periods.did(*span, "bounce"), tx.periods.did(*span, "visit")) == (1, 0)
