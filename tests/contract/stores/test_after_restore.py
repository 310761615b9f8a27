"""What a store must be able to do after it was put back: numbers, leases, rows that are looked up first; migrating."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

import state
from connector.model.activity import Activity
from connector.model.before_image import BeforeImage
from connector.model.consent import ConsentEvent
from connector.model.errors import StateError
from connector.model.handoff import Handoff, HandoffEvent
from connector.model.lead import Lead, Link
from connector.model.outbox import OutboxRow, Receipt
from connector.model.ports import ReviewItem, Store
from connector.model.stages import Transition
from connector.runs.restore import IN_KEYS, SetBackError, after_restore, given_before, is_restored, refuse_if_set_back
from state.store import HEAD

Add = Callable[..., list[Lead]]


def once(number: int, lead_id: int, **more: Any) -> OutboxRow:
    return OutboxRow("crm", "once", "task", f"t{number}", f"crm:t{number}", {"subject": "x"}, lead_id, **more)


class TestNumbers:
    def test_they_jump_beyond_all_that_can_have_been_given(self, store: Store, add_leads: Add, now: datetime) -> None:
        add_leads(3)
        with store.write() as tx:
            assert not is_restored(tx)
            done = after_restore(tx, now, {"leads": 50, "handoffs": 7})
            assert (done.restores, is_restored(tx), given_before(tx, "leads")) == (1, True, 50)
            given = tx.admin.numbers()
        (lead,) = add_leads(1)
        assert lead.id == given["leads"] + 1 > 400_000_000_000
        # The same copy once more, on a disk that has nothing else: never the same numbers.
        with store.write() as tx:
            after_restore(tx, now + timedelta(minutes=1))
            assert all(tx.admin.numbers()[name] > given[name] + 900_000 for name in IN_KEYS)
            after_restore(tx, now - timedelta(days=9999))
            assert tx.admin.meta("epoch") == "3"

    def test_a_lead_gets_its_number_back_with_all_that_is_about_it(
        self, store: Store, add_leads: Add, now: datetime
    ) -> None:
        lost, other = add_leads(2)
        with store.write() as tx:
            tx.intake.put_links([Link("portal", "contact", "a", lost.id)])
            tx.intake.add_activities([Activity("portal", "1", "a", now, "visit", lead_id=lost.id)])
            tx.scores.add_transitions([Transition(lost.id, "b2b", None, "mql", now, "baton", "why")])
            tx.handoffs.add([Handoff(lost.id, "b2b", "mql", "waiting", now, "v")])
            tx.outbox.put([once(1, lost.id)], now)
            tx.outbox.put_receipts([Receipt("crm", "lead", "k", "00Q", {}, lead_id=lost.id)])
            tx.reviews.put([ReviewItem("notice", "n", "here", "why", lead_id=lost.id)], now)
            tx.consents.add([ConsentEvent(lost.id, "email", False, now, "portal", "unsubscribe")], now)
            tx.images.add([BeforeImage(1, "crm", "lead", "k", "00Q", {}, {}, False, now, lost.id)])
            tx.admin.renumber_lead(lost.id, 700)
            (handoff,) = tx.handoffs.of_leads([700])[700]
            over = HandoffEvent(handoff.id, "review:breach", "breached", now, "petra@northwind.example", {"to": "x"})
            [event] = tx.handoff_events.add([over], now)
            tx.admin.renumber_handoff(handoff.id, 81)
        with store.read() as tx:
            assert tx.intake.lead_numbers() == [other.id, 700]
            assert tx.intake.by_email(["lead0@example.com"]) == {"lead0@example.com": [700]}
            assert [one.external_id for one in tx.intake.links_of([700])[700]] == ["a"]
            assert (tx.intake.lifetime([700]), len(tx.intake.activities([700])[700])) == ({700: {"visit": 1}}, 1)
            assert [move.to for move in tx.scores.transitions(700)] == ["mql"]
            assert [one.id for one in tx.handoffs.of_leads([700])[700]] == [81]
            assert tx.handoff_events.of_handoffs([81, handoff.id]) == {81: [replace(event, handoff_id=81)]}
            assert [row.lead_id for row in tx.outbox.rows()] == [700]
            assert tx.outbox.receipts("crm", "lead", ["k"])["k"].lead_id == 700
            assert [item.lead_id for item in tx.reviews.open()] == [700]
            assert len(tx.consents.of_leads([700])[700]) == 1
            assert [one.lead_id for one in tx.images.of_run(1)] == [700]


class TestLeases:
    def test_nobody_holds_any_and_who_thinks_so_has_lost_it(self, store: Store) -> None:
        with store.write() as tx:
            epoch = tx.leases.take("read:crm", "me", 60)
            tx.leases.end_all()
            assert tx.leases.holders() == []
            assert epoch is not None
            assert not tx.leases.renew("read:crm", "me", epoch, 60)
            assert tx.leases.take("read:crm", "other", 60)


class TestLookingFirst:
    def test_what_waits_of_these_leads_and_creates_is_unknown(
        self, store: Store, add_leads: Add, now: datetime
    ) -> None:
        one, other = add_leads(2)
        with store.write() as tx:
            tx.outbox.put_receipts([Receipt("crm", "task", "t3", "00T3", {}, lead_id=one.id)])
            rows = [once(1, one.id), once(2, one.id), once(3, one.id), once(4, other.id), once(5, one.id, crm_id="9")]
            tx.outbox.put(rows, now)
            assert tx.outbox.look_first([one.id], now, {"crm:t2": "00T2"}) == 2
            assert {row.our_key: (row.state, row.crm_id) for row in tx.outbox.rows()} == {
                "t1": ("unknown", ""), "t2": ("unknown", "00T2"), "t3": ("waiting", ""), "t4": ("waiting", ""),
                "t5": ("waiting", "9"),
            }  # fmt: skip
            assert [row.our_key for row in tx.outbox.claim_unknown("crm", now, 9)] == ["t1", "t2"]


class TestSetBack:
    def test_it_stands_until_what_follows_was_done(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.admin.set_meta("set_back", "crm")
            tx.admin.set_meta("read_in:crm", "then")
        with store.read() as tx, pytest.raises(SetBackError, match="crm has records of this store"):
            refuse_if_set_back(tx)
        with store.write() as tx:
            after_restore(tx, now)
            refuse_if_set_back(tx)
            assert tx.admin.meta("read_in:crm") == ""


class TestPlans:
    def test_what_going_back_loses_is_counted_before(self, store: Store, place: str, add_leads: Add) -> None:
        winner, loser = add_leads(2)
        with store.write() as tx:
            tx.intake.merge(loser.id, winner.id, winner.created_at)  # type: ignore[arg-type]
        plan = state.migration(place, "0001")
        lost = {"merges of leads: the lead merged away is a lead of its own again": 1}
        assert (plan.found, plan.wanted, plan.lost) == (HEAD, "0001", lost)
        assert state.migration(place).lost == {}
        with pytest.raises(StateError, match="there is no schema 0042"):
            state.migration(place, "0042")

    def test_a_store_is_looked_at_without_being_changed(self, store: Store, place: str, add_leads: Add) -> None:
        add_leads(2)
        with store.write() as tx:
            tx.leases.take("pull:portal", "me", 60)
        found, holders = state.look(place)
        assert (found.version, found.rows["leads"], found.restores) == (HEAD, 2, 0)
        assert found.size > 0
        assert [(name, owner) for name, owner, _until in holders] == [("pull:portal", "me")]


def test_credentials_that_are_wrong_are_one_line_without_them(postgresql_place: str) -> None:
    host = postgresql_place.partition("?")[2]
    for url in (f"postgresql://nobody:hunter2@/none?{host}", "postgresql://u:hunter2@127.0.0.1:1/none"):
        with pytest.raises(StateError, match="the PostgreSQL database: ") as error:
            state.open_store(url)
        assert "hunter2" not in str(error.value)
        assert "\n" not in str(error.value)
