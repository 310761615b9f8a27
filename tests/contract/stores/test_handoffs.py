"""The port `Handoffs`: leads on their way to a rep, and the ledger of turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from connector.model.handoff import Handoff, Turn
from connector.model.lead import Lead
from connector.model.ports import Store
from state.engine import ConstraintError

AddLeads = Callable[..., list[Lead]]
DAY = timedelta(days=1)


def handoff(lead: Lead, now: datetime, **given: object) -> Handoff:
    return Handoff(**{"lead_id": lead.id, "flow": "b2b", "stage": "mql", "state": "waiting", "decided_at": now,
                      "version": "v1", **given})  # type: ignore[arg-type]  # fmt: skip


class TestHandoffs:
    def test_a_handoff_comes_back_as_it_was_stored(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        (lead,) = add_leads(1)
        one = handoff(
            lead, now, state="open", hot=True, total=70, grade="A1", owner="sam@example.com", team="west",
            routed_by="territory", opened_at=now, due_at=now + DAY, released_by="daily limit", brief="名前: 山田\n",
            target="salesforce", record="contact:003A", accepted_at=now, contacted_at=now + DAY,
            closed_at=now + 2 * DAY, reason="no budget", rating=3,
        )  # fmt: skip
        with store.write() as tx:
            tx.handoffs.add([one])
            assert tx.handoffs.of_leads([lead.id, lead.id + 1]) == {lead.id: [one]}
        assert one.id > 0

    def test_by_their_own_id(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        handoffs = [handoff(lead, now) for lead in add_leads(3)]
        with store.write() as tx:
            tx.handoffs.add(handoffs)
            one, _, three = handoffs
            assert tx.handoffs.by_ids([three.id, one.id, three.id + 1]) == {one.id: one, three.id: three}

    def test_what_owners_have_in_hand_is_told_the_latest_first(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        owners, leads = ("sam@example.com", "tom@example.com", "sam@example.com", "ida@example.com"), add_leads(5)
        given = [
            handoff(lead, now, state="open", owner=owner, opened_at=now + number * DAY)
            for number, (lead, owner) in enumerate(zip(leads, owners, strict=False))
        ]
        closed = handoff(leads[4], now, state="closed", owner="sam@example.com", opened_at=now)
        with store.write() as tx:
            tx.handoffs.add([*given, closed])
            assert tx.handoffs.in_hand(["sam@example.com", "tom@example.com"], 10) == [given[2], given[1], given[0]]
            assert tx.handoffs.in_hand(["sam@example.com"], 1) == [given[2]]
            assert tx.handoffs.in_hand([], 10) == tx.handoffs.in_hand(["nobody@example.com"], 10) == []

    def test_saving_stores_everything(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        (lead,) = add_leads(1)
        one = handoff(lead, now)
        with store.write() as tx:
            tx.handoffs.add([one])
            one.state, one.owner, one.opened_at, one.due_at = "open", "sam@example.com", now, now + DAY
            tx.handoffs.save([one])
            assert tx.handoffs.of_leads([lead.id])[lead.id] == [one]

    def test_one_that_is_not_closed_exists_per_lead_and_stage(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        (lead,) = add_leads(1)
        with store.write() as tx:
            tx.handoffs.add([handoff(lead, now), handoff(lead, now, stage="sql")])
        with pytest.raises(ConstraintError), store.write() as tx:
            tx.handoffs.add([handoff(lead, now)])
        with store.write() as tx:
            first = tx.handoffs.of_leads([lead.id])[lead.id][0]
            tx.handoffs.save([replace(first, state="closed")])
            tx.handoffs.add([handoff(lead, now)])
            assert [one.state for one in tx.handoffs.of_leads([lead.id])[lead.id]] == ["closed", "waiting", "waiting"]

    def test_the_best_come_first(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        a, b, c, d, e = add_leads(5)
        with store.write() as tx:
            tx.handoffs.add(
                [
                    handoff(a, now, total=60),
                    handoff(b, now - DAY, total=60),
                    handoff(c, now, total=10, hot=True),
                    handoff(d, now, total=90, flow="b2c"),
                    handoff(e, now, total=90, state="review"),
                ]
            )
            order = [one.lead_id for one in tx.handoffs.in_state("b2b", "waiting")]
            assert order == [c.id, b.id, a.id]
            assert [one.lead_id for one in tx.handoffs.in_state("b2b", "waiting", 1)] == [c.id]
            assert tx.handoffs.counts() == {("b2b", "waiting"): 3, ("b2b", "review"): 1, ("b2c", "waiting"): 1}

    def test_openings_and_open_ones_are_counted(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        a, b, c, d = add_leads(4, stage="mql")
        (taken,), (further,) = add_leads(1, stage="sal"), add_leads(1, stage="sql")
        opened = {"state": "open", "owner": "sam@example.com"}
        with store.write() as tx:
            tx.handoffs.add(
                [
                    handoff(a, now, opened_at=now, **opened),
                    handoff(b, now, opened_at=now - DAY, **opened),
                    handoff(c, now, opened_at=now, state="closed", owner="sam@example.com"),
                    handoff(d, now, opened_at=now, flow="b2c", state="open", owner="kim@example.com"),
                    handoff(taken, now, opened_at=now - 2 * DAY, state="open", owner="kim@example.com"),
                    handoff(further, now, opened_at=now - 2 * DAY, **opened),
                ]
            )
            assert tx.handoffs.opened_since("b2b", now) == 2
            assert tx.handoffs.opened_since("b2b", now - DAY) == 3
            assert tx.handoffs.open_by_owner() == {"sam@example.com": 2, "kim@example.com": 2}
            tx.intake.merge(b.id, a.id, now)
            assert tx.handoffs.open_by_owner()["sam@example.com"] == 1

    def test_turns_are_a_ledger(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        (lead,) = add_leads(1)
        one = handoff(lead, now)
        with store.write() as tx:
            tx.handoffs.add([one])
            west = [
                Turn(one.id, "west", email, now, "territory", place, "sam@example.com=2 kim@example.com=1")
                for place, email in enumerate(["sam@example.com", "kim@example.com", "sam@example.com"])
            ]
            tx.handoffs.add_turns([*west, replace(west[0], team="east")])
            tx.handoffs.add_turns([])
            found = tx.handoffs.turns("west", 2)
            assert [replace(turn, id=0) for turn in found] == [west[2], west[1]]
            assert tx.handoffs.turn_counts("west") == {"sam@example.com": 2, "kim@example.com": 1}
