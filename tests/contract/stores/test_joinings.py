"""Leads that were made one: what is kept of it, and giving each what was its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from connector.model.activity import Activity
from connector.model.joining import Joining, Pair
from connector.model.lead import Lead, Link
from connector.model.ports import Store
from state import intake

AddLeads = Callable[..., list[Lead]]
DAY = timedelta(days=1)


class TestKept:
    def test_a_joining_is_found_by_its_id_and_by_either_lead(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        one, other, third = add_leads(3)
        told = Joining(one.id, other.id, "marketing", "portal", now, {"winner": {"former": ["ä@x.example"]}})
        with store.write() as tx:
            first = tx.joinings.add(told)
            second = tx.joinings.add(Joining(third.id, one.id, "matching", "", now + DAY))
        with store.read() as tx:
            assert tx.joinings.get(first) == replace(told, id=first)
            assert [joining.id for joining in tx.joinings.of_leads([one.id])] == [first, second]
            assert [joining.id for joining in tx.joinings.of_leads([other.id, third.id])] == [first, second]
            assert [joining.id for joining in tx.joinings.latest(1)] == [second]
            assert tx.joinings.get(second + 1) is None

    def test_it_is_kept_that_it_was_taken_back(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        one, other = add_leads(2)
        with store.write() as tx:
            id = tx.joinings.add(Joining(one.id, other.id, "person", "lena", now))
            tx.joinings.undone(id, "tom", now + DAY)
            found = tx.joinings.get(id)
        assert found is not None
        assert (found.undone_at, found.undone_by) == (now + DAY, "tom")

    def test_what_leads_were_ends_and_that_they_were_one_stays(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        one, other = add_leads(2)
        with store.write() as tx:
            for at in (now, now + DAY):
                tx.joinings.add(Joining(one.id, other.id, "person", "lena", at, {"winner": {}}))
            assert tx.retention.joinings(now + DAY, 10) == 1
            assert tx.retention.joinings(now + DAY, 10) == 0
            newest, oldest = tx.joinings.latest()
        assert (newest.before, oldest.before, oldest.by) == ({"winner": {}}, {}, "lena")

    def test_decided_pairs_are_listed_the_latest_first(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        leads = add_leads(4)
        with store.write() as tx:
            tx.pairs.put([Pair(leads[0].id, one.id, 5, "perhaps") for one in leads[1:]], now)
            first, second, _ = tx.pairs.open()
            tx.pairs.save([
                replace(first, state="same", decided_by="lena", decided_at=now + DAY),
                replace(second, state="different", decided_by="tom", decided_at=now),
            ])  # fmt: skip
            assert [one.id for one in tx.pairs.decided()] == [first.id, second.id]
            assert [one.id for one in tx.pairs.decided(1)] == [first.id]


class TestSplit:
    @pytest.mark.parametrize("backlog", [1, 3, 1000])
    def test_links_activities_and_counts_go_back(
        self, store: Store, now: datetime, add_leads: AddLeads, monkeypatch: pytest.MonkeyPatch, backlog: int
    ) -> None:
        """Whether all, some or none of them are in the daily roll-up; what came since goes with its record."""
        monkeypatch.setattr(intake, "BACKLOG", backlog)
        loser, winner, before = add_leads(3)
        with store.write() as tx:
            tx.intake.put_links([Link("hubspot", "contact", str(one.id), one.id, 7) for one in (loser, winner)])
            tx.intake.merge(before.id, loser.id, now)
            for number, lead in enumerate([loser, winner, loser]):
                one = Activity("hubspot", f"e{number}", str(lead.id), now, "visit", lead_id=lead.id)
                tx.intake.add_activities([one])
            kept = tx.intake.merge(loser.id, winner.id, now)
            tx.intake.add_activities([Activity("hubspot", "e9", str(loser.id), now, "visit", lead_id=winner.id)])
            tx.intake.split(loser.id, winner.id, kept, now)
            ids = [loser.id, winner.id, before.id]
            assert tx.intake.lifetime(ids) == {loser.id: {"visit": 3}, winner.id: {"visit": 1}}
            assert {id: len(some) for id, some in tx.intake.activities(ids).items()} == {loser.id: 3, winner.id: 1}
            leads = tx.intake.leads(ids)
            links = tx.intake.links_of(ids)
            assert tx.keys.waiting(10) == [loser.id, winner.id]
            assert tx.scores.due(now, 10) == [loser.id, winner.id]
        assert [leads[id].merged_into for id in ids] == [0, 0, loser.id]
        assert {one.external_id: one.digest for some in links.values() for one in some} == {
            str(loser.id): 0, str(winner.id): 0,
        }  # fmt: skip
        assert [links[id][0].external_id for id in (loser.id, winner.id)] == [str(loser.id), str(winner.id)]

    def test_what_both_did_by_a_column_is_there_again(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        loser, winner = add_leads(2)
        told = [
            Activity("hubspot", f"{person}:met:1", person, now, "meeting", lead_id=lead.id)
            for person, lead in (("p1", loser), ("p2", winner))
        ]
        with store.write() as tx:
            tx.intake.add_activities(told)
            kept = tx.intake.merge(loser.id, winner.id, now)
            assert tx.intake.lifetime([loser.id, winner.id]) == {winner.id: {"meeting": 1}}
            tx.intake.split(loser.id, winner.id, kept, now)
            found = tx.intake.activities([loser.id, winner.id])
        assert {id: [one.source_id for one in some] for id, some in found.items()} == {
            loser.id: ["p1:met:1"], winner.id: ["p2:met:1"],
        }  # fmt: skip

    def test_a_merge_of_a_lead_into_itself_keeps_nothing(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        (one,) = add_leads(1)
        with store.write() as tx:
            assert tx.intake.merge(one.id, one.id, now) == {}
