from __future__ import annotations

from datetime import datetime, timedelta

from connector.model.activity import Activity
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.ports import Store
from connector.model.ports.funnel import Answered, Told, Way
from connector.model.stages import Stage, Transition
from connector.model.times import micros

HOUR = timedelta(hours=1)


def came_to(lead: Lead, flow: str, stage: Stage, at: datetime, version: str = "") -> Transition:
    return Transition(lead.id, flow, "known", stage, at, "baton", "x", version)


def test_ways_hold_the_first_time_of_each_stage_by_lead_and_flow(store: Store, now: datetime) -> None:
    ana = Lead(stage="sal", flow="b2b", owner="lena@shop.example", fields={"source": "paid"})
    bo, lost = Lead(stage="known", flow="b2c"), Lead(stage="sal", flow="b2b")
    with store.write() as tx:
        tx.intake.add_leads([ana, bo, lost], now)
        tx.scores.add_transitions(
            [
                came_to(ana, "b2b", "mql", now + HOUR, "second"),
                came_to(ana, "b2b", "sal", now + 2 * HOUR),
                came_to(ana, "b2b", "rejected", now + 3 * HOUR),
                came_to(ana, "b2b", "mql", now, "first"),
                came_to(ana, "b2c", "mql", now, "other"),
                came_to(bo, "b2c", "warm", now),
                came_to(lost, "b2b", "mql", now),
            ]
        )
        tx.intake.merge(lost.id, ana.id, now)
    at = micros(now)
    hour = 3_600_000_000
    with store.read() as tx:
        first = Way(ana.id, "b2b", (at, at + 2 * hour, None, None, None), "sal", "lena@shop.example")
        other = Way(ana.id, "b2c", (at, None, None, None, None), "", "lena@shop.example")
        assert sorted(tx.funnel.ways()) == [first, other]
        assert tx.funnel.ways("b2c") == [other]
        assert tx.funnel.moves([ana.id, bo.id]) == {
            (ana.id, "b2b"): [("mql", at), ("mql", at + hour), ("sal", at + 2 * hour)],
            (ana.id, "b2c"): [("mql", at)],
        }
        assert tx.funnel.versions("b2b")[ana.id, "b2b"] == "first"
        assert tx.funnel.versions()[ana.id, "b2c"] == "other"


def test_values_answers_and_the_first_activity_of_a_kind(store: Store, now: datetime) -> None:
    ana, bo = Lead(flow="b2b", owner="o@x.example", fields={"source": "paid"}), Lead(flow="b2c")
    with store.write() as tx:
        tx.intake.add_leads([ana, bo], now)
        tx.intake.add_activities(
            [
                Activity("portal", "2", "a", now + HOUR, "deal", asset="later", lead_id=ana.id),
                Activity("portal", "1", "a", now, "deal", "shoes", "sooner", lead_id=ana.id),
                Activity("portal", "3", "b", now, "visit", lead_id=bo.id),
                Activity("portal", "4", "nobody known", now, "deal"),
            ]
        )
        tx.handoffs.add(
            [
                Handoff(ana.id, "b2b", "mql", "open", now, "v", opened_at=now, contacted_at=now + HOUR),
                Handoff(ana.id, "b2b", "sql", "waiting", now, "v"),
            ]
        )
    with store.read() as tx:
        assert tx.funnel.told("deal") == [Told(ana.id, micros(now), "shoes", "sooner")]
        assert tx.funnel.answered() == [Answered(ana.id, "b2b", micros(now), micros(now + HOUR))]
        assert tx.funnel.answered("b2c") == []
        assert tx.funnel.values(["source", "city"]) == {
            ana.id: ("b2b", "o@x.example", ("paid", None)),
            bo.id: ("b2c", "", (None, None)),
        }
        assert list(tx.funnel.values(["source"], "b2c")) == [bo.id]
