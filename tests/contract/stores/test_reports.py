"""The port `Reports`: rows for readers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from connector.model.activity import Activity
from connector.model.handoff import Handoff
from connector.model.lead import Lead, Link
from connector.model.outbox import OutboxRow, Settlement
from connector.model.ports import Store
from connector.model.score import Score
from connector.model.stages import Transition

AddLeads = Callable[..., list[Lead]]


class TestReports:
    def test_a_lead_is_found_by_id_email_or_external_id(self, store: Store, now: datetime) -> None:
        leads = [Lead(fields={"email": "ana@example.com"}), Lead(fields={"email": "info@example.com"}), Lead()]
        with store.write() as tx:
            tx.intake.add_leads(leads, now)
            one, two, three = (lead.id for lead in leads)
            tx.intake.put_links([Link("hubspot", "contact", "00Q17", three), Link("crm", "lead", "00Q17", three)])
            tx.intake.put_links([Link("hubspot", "contact", str(one), two)])
            assert tx.reports.find_leads(" Ana@Example.com ") == [one]
            assert tx.reports.find_leads("00Q17") == [three]
            assert tx.reports.find_leads(str(one)) == [one, two]
            assert tx.reports.find_leads(str(one), limit=1) == [one]
            assert tx.reports.find_leads("ana") == tx.reports.find_leads("9" * 40) == tx.reports.find_leads("²") == []

    def test_totals(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        one, _ = (lead.id for lead in add_leads(2))
        with store.write() as tx:
            tx.intake.put_links([Link("hubspot", "contact", "17", one)])
            tx.intake.add_activities([Activity("h", "1", "p", now, "visit", lead_id=one)])
            tx.intake.add_activities([Activity("h", "2", "q", now, "visit")])
            tx.scores.add_transitions([Transition(one, "b2b", None, "known", now, "baton", "first seen")])
            tx.handoffs.add([Handoff(one, "b2b", "mql", "waiting", now, "v1")])
        with store.read() as tx:
            assert tx.reports.totals() == {
                "leads": 2, "activities": 2, "waiting_activities": 1, "links": 1, "transitions": 1, "handoffs": 1,
            }  # fmt: skip

    def test_leads_by_stage(self, store: Store, now: datetime) -> None:
        def lead(flow: str, total: int) -> Lead:
            return Lead(flow=flow, stage="mql" if total > 50 else "known", score=Score(now, "v", 0, 0, total, total))

        leads = [lead("b2b", 60), lead("b2b", 10), lead("b2c", 99), lead("b2b", 60)]
        with store.write() as tx:
            tx.intake.add_leads(leads, now)
            assert tx.reports.stages() == {("b2b", "mql"): 2, ("b2b", "known"): 1, ("b2c", "mql"): 1}

    def test_links_of_a_lead(self, store: Store, add_leads: AddLeads) -> None:
        one, two = (lead.id for lead in add_leads(2))
        links = [Link("crm", "lead", "5", one, 3, "read-in"), Link("hubspot", "contact", "17", one)]
        with store.write() as tx:
            tx.intake.put_links([*links, Link("hubspot", "contact", "18", two)])
            assert tx.reports.links_of(one) == links

    def test_unmatched_activities_are_counted_by_name(self, store: Store) -> None:
        with store.write() as tx:
            tx.admin.count_unmatched("hubspot", {"Page seen": 2, "Poll": 5})
            tx.admin.count_unmatched("hubspot", {"Page seen": 7})
            tx.admin.count_unmatched("files", {})
            assert tx.reports.unmatched_activities() == [("hubspot", "Page seen", 9), ("hubspot", "Poll", 5)]
            assert tx.reports.unmatched_activities(1) == [("hubspot", "Page seen", 9)]

    def test_rows_that_wait_to_be_sent_are_counted_by_object_and_lane(self, store: Store, now: datetime) -> None:
        def row(target: str, object: str, key: str, lane: int = 3, after: str = "") -> OutboxRow:
            return OutboxRow(target, "once", object, key, key, {}, lane=lane, after=after)

        refused = [row("sf", "lead", "bad"), row("sf", "task", "after-bad", after="bad")]
        rest = [row("sf", "lead", "a"), row("sf", "lead", "b", 1), row("sf", "task", "t", after="a")]
        with store.write() as tx:
            tx.outbox.put(refused, now)
            (claimed,) = tx.outbox.claim("sf", now, now, 10)
            tx.outbox.settle([Settlement(claimed, claimed.epoch, "dead")], now)
            tx.outbox.put([*rest, row("hs", "l", "c")], now)
            found = tx.reports.waiting_rows()
        assert found == {("hs", "l", 3): 1, ("sf", "lead", 1): 1, ("sf", "lead", 3): 1, ("sf", "task", 3): 1}
