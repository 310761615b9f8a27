"""Making one lead of two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import get_args

import pytest

from connector.model.activity import Activity
from connector.model.handoff import Handoff, HandoffState
from connector.model.lead import Lead, Link
from connector.model.outbox import OutboxRow, Receipt
from connector.model.ports import Store, Transaction
from connector.model.score import Score
from state import intake

AddLeads = Callable[..., list[Lead]]
DAY = timedelta(days=1)


def event(number: int, at: datetime, lead_id: int, kind: str = "page_view", person: str = "p1") -> Activity:
    return Activity("hubspot", f"e{number}", person, at, kind, lead_id=lead_id)


def scored(now: datetime) -> Score:
    return Score(now, "v1", 1, 2, 3, 6, "B2", (), now + DAY)


def due(tx: Transaction, at: datetime) -> list[int]:
    return tx.scores.due(at, 100)


class TestMerge:
    def test_links_of_all_connections_move(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        loser, winner = add_leads(2)
        links = [Link("hubspot", "contact", "1", loser.id, 7), Link("crm", "lead", "00Q1", loser.id, origin="hubspot")]
        with store.write() as tx:
            tx.intake.put_links([*links, Link("hubspot", "contact", "2", winner.id)])
            tx.intake.merge(loser.id, winner.id, now)
            found = tx.intake.links_of([loser.id, winner.id])
        moved = [replace(link, lead_id=winner.id) for link in links[::-1]]
        assert found == {winner.id: [*moved, Link("hubspot", "contact", "2", winner.id)]}

    @pytest.mark.parametrize("backlog", [1, 3, 1000])
    def test_activities_and_their_counts_move(
        self, store: Store, now: datetime, add_leads: AddLeads, monkeypatch: pytest.MonkeyPatch, backlog: int
    ) -> None:
        """Whether all, some or none of them are in the daily roll-up."""
        monkeypatch.setattr(intake, "BACKLOG", backlog)
        loser, winner, other = add_leads(3)
        events = [event(number, now - number % 2 * DAY, lead.id) for number, lead in enumerate([loser, winner] * 3)]
        with store.write() as tx:
            for one in [*events, event(6, now, loser.id, "form"), event(7, now, other.id)]:
                tx.intake.add_activities([one])
            tx.intake.merge(loser.id, winner.id, now)
            both = [loser.id, winner.id, other.id]
            assert tx.intake.lifetime(both) == {winner.id: {"page_view": 6, "form": 1}, other.id: {"page_view": 1}}
            found = tx.intake.activities(both)
            tx.intake.add_activities([event(8, now, winner.id)])
            assert tx.intake.lifetime([winner.id]) == {winner.id: {"page_view": 7, "form": 1}}
        assert {lead_id: len(activities) for lead_id, activities in found.items()} == {winner.id: 7, other.id: 1}

    @pytest.mark.parametrize("backlog", [1, 3, 1000])
    def test_what_both_tell_by_a_column_is_kept_once(
        self, store: Store, now: datetime, add_leads: AddLeads, monkeypatch: pytest.MonkeyPatch, backlog: int
    ) -> None:
        monkeypatch.setattr(intake, "BACKLOG", backlog)
        loser, winner = add_leads(2)

        def met(person: str, at: datetime, lead_id: int) -> Activity:
            return Activity("hubspot", f"{person}:met:{at.isoformat()}", person, at, "meeting", lead_id=lead_id)

        told = [met("1", now, loser.id), met("1", now - DAY, loser.id), met("22", now, winner.id)]
        with store.write() as tx:
            for one in [*told, event(1, now, loser.id, "meeting", "1"), event(2, now, winner.id, "meeting", "22")]:
                tx.intake.add_activities([one])
            tx.intake.merge(loser.id, winner.id, now)
            found = tx.intake.activities([winner.id])[winner.id]
            assert tx.intake.lifetime([winner.id]) == {winner.id: {"meeting": 4}}
        assert sorted(one.source_id for one in found) == sorted(["e1", "e2", told[1].source_id, told[2].source_id])

    def test_what_waits_for_the_loser_comes_along(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        loser, winner = add_leads(2)
        waiting = [event(1, now, 0, person="1"), event(2, now, 0, person="2"), event(3, now, 0, person="3")]
        with store.write() as tx:
            tx.intake.add_activities(waiting)
            # The company 2 is not the contact 2.
            tx.intake.put_links([Link("hubspot", "contact", "1", loser.id), Link("hubspot", "company", "2", loser.id)])
            tx.intake.merge(loser.id, winner.id, now)
            assert [one.source_id for one in tx.intake.activities([winner.id])[winner.id]] == ["e1"]
            assert tx.intake.lifetime([winner.id]) == {winner.id: {"page_view": 1}}

    def test_the_winner_is_due_and_the_loser_never_again(self, store: Store, now: datetime) -> None:
        loser, winner = leads = [
            Lead(fields={"email": f"{name}@example.com"}, flow="b2b", score=scored(now)) for name in ("a", "b")
        ]
        with store.write() as tx:
            tx.intake.add_leads(leads, now)
            assert due(tx, now) == []
            tx.intake.merge(loser.id, winner.id, now)
            assert due(tx, now) == [winner.id]
            tx.scores.mark_due([loser.id, winner.id], now)
            assert tx.scores.mark_all_due(now) == 1
            assert tx.scores.mark_all_due(now, "b2b") == 1
            found = tx.intake.leads([loser.id, winner.id])
            tx.scores.save([replace(found[loser.id], flow="b2b", score=scored(now))])
            assert due(tx, now + 9 * DAY) == [winner.id]
            assert tx.scores.count_due(now + 9 * DAY) == 1
            assert tx.intake.leads([loser.id])[loser.id].flow == ""

    def test_the_loser_stays_and_says_so(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        loser, winner = add_leads(2, flow="b2b")
        later = now + DAY
        with store.write() as tx:
            tx.intake.merge(loser.id, winner.id, later)
            found = tx.intake.leads([loser.id, winner.id])
            assert found[loser.id] == replace(loser, merged_into=winner.id, flow="", changed_at=later)
            assert found[winner.id] == winner
            tx.intake.update_leads([replace(found[loser.id], owner="sam@example.com", flow="b2b")], later)
            again = tx.intake.leads([loser.id])[loser.id]
            assert (again.merged_into, again.flow, again.owner) == (winner.id, "", "")
            emails = [loser.fields["email"], winner.fields["email"]]
            assert tx.intake.by_email([str(email) for email in emails]) == {winner.fields["email"]: [winner.id]}
            assert tx.reports.totals()["leads"] == 1
            assert tx.reports.stages() == {("b2b", "known"): 1}
            assert tx.reports.find_leads(str(loser.id)) == [loser.id]

    def test_only_handoffs_that_nobody_was_given_are_closed(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        loser, winner = add_leads(2)
        states = get_args(HandoffState)
        handoffs = [
            Handoff(lead.id, "b2b", f"stage {state}", state, now, "v1") for lead in (loser, winner) for state in states
        ]
        with store.write() as tx:
            tx.handoffs.add(handoffs)
            tx.intake.merge(loser.id, winner.id, now + DAY)
            found = tx.handoffs.of_leads([loser.id, winner.id])
        assert found[winner.id] == handoffs[len(states) :]
        assert {one.state for one in found[loser.id]} == {"open", "closed"}
        assert [one for one in found[loser.id] if one.state == "open"] == [handoffs[states.index("open")]]
        assert [one.closed_at for one in found[loser.id]] == [
            None if state in ("open", "closed") else now + DAY for state in states
        ]

    def test_writes_and_receipts_stay_where_they_are(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        loser, winner = add_leads(2)
        row = OutboxRow("crm", "state", "lead", "k1", "crm:lead:k1", {}, loser.id)
        receipt = Receipt("crm", "lead", "k2", "00Q2", {"a": 1}, lead_id=loser.id, at=now)
        with store.write() as tx:
            tx.outbox.put([row], now)
            tx.outbox.put_receipts([receipt])
            tx.intake.merge(loser.id, winner.id, now)
            assert [one.our_key for one in tx.outbox.rows(lead_id=loser.id)] == ["k1"]
            assert tx.outbox.receipts("crm", "lead", ["k2"]) == {"k2": receipt}

    def test_merged_leads_are_followed_to_the_last_winner(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        first, second, third, fourth = (lead.id for lead in add_leads(4))
        with store.write() as tx:
            tx.intake.merge(first, second, now)
            tx.intake.merge(second, third, now)
            assert tx.intake.leads([first])[first].merged_into == third
            tx.intake.put_links([Link("hubspot", "contact", "4", fourth)])
            tx.intake.merge(fourth, first, now)
            assert tx.intake.links("hubspot", "contact", ["4"])["4"].lead_id == third
            found = tx.intake.leads([first, second, third, fourth])
            assert tx.intake.merged_into([first, third]) == {third: [first, second, fourth]}
        assert [found[one].merged_into for one in (first, second, third, fourth)] == [third, third, 0, third]

    @pytest.mark.parametrize("again", [False, True])
    def test_a_lead_is_not_merged_into_itself(
        self, store: Store, now: datetime, add_leads: AddLeads, again: bool
    ) -> None:
        one, other = (lead.id for lead in add_leads(2))
        with store.write() as tx:
            tx.intake.put_links([Link("hubspot", "contact", "1", one)])
            if again:
                tx.intake.merge(other, one, now)
            tx.intake.merge(one, other if again else one, now)
            assert tx.intake.leads([one])[one].merged_into == 0
            assert tx.intake.links_of([one]) == {one: [Link("hubspot", "contact", "1", one)]}
