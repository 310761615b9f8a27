"""The port `Outbox`: what waits, who may send it, what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from connector.model.lead import Lead
from connector.model.outbox import LANES, OutboxRow, Receipt, RowState, Settlement
from connector.model.ports import ReviewItem, Store, Transaction

AddLeads = Callable[..., list[Lead]]
MINUTE = timedelta(minutes=1)


def state_row(our_key: str = "l1", score: int = 1, group: str = "", **given: Any) -> OutboxRow:
    key = f"crm:lead:{our_key}:{group}"
    return replace(OutboxRow("crm", "state", "lead", our_key, key, {"score": score}, group=group), **given)


def once_row(number: int = 1, **given: Any) -> OutboxRow:
    key = f"crm:handoff-{number}:task:1"
    return replace(OutboxRow("crm", "once", "task", f"t{number}", key, {"title": "Call"}), **given)


def claim(tx: Transaction, now: datetime, limit: int = 10, target: str = "crm") -> list[OutboxRow]:
    return tx.outbox.claim(target, now, now + MINUTE, limit)


def end(rows: Sequence[OutboxRow], state: RowState, **given: Any) -> list[Settlement]:
    return [Settlement(row, row.epoch, state, **given) for row in rows]


def sent_again(tx: Transaction, now: datetime, limit: int, times: int = 1) -> None:
    """All that waits was sent so often, looked up, and not found."""
    for _ in range(times):
        rows = []
        while found := claim(tx, now, limit):
            rows += found
        tx.outbox.settle(end(rows, "waiting", resend=True), now)


def receipt(row: OutboxRow, crm_id: str, values: dict[str, Any] | None = None) -> Receipt:
    return Receipt(row.target, row.object, row.our_key, crm_id, row.values if values is None else values)


def states(tx: Transaction) -> list[tuple[str, str, int]]:
    return [(row.key, row.state, row.revision) for row in tx.outbox.rows()]


class TestPut:
    def test_a_row_comes_back_as_it_was_put(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        (lead,) = add_leads(1)
        row = OutboxRow(
            "crm", "once", "task", "t1", "k1", {"title": "電話", "due": 3}, lead.id, "g", 1, "k0", "l1", "contact",
            "b2b", 7, not_before=now + MINUTE, crm_id="003A",
        )  # fmt: skip
        with store.write() as tx:
            assert tx.outbox.put([row], now) == 1
            assert tx.outbox.put([], now) == 0
            (found,) = tx.outbox.rows()
        assert found == replace(row, id=found.id, created_at=now)

    @pytest.mark.parametrize("kind", ["once", "verify"])
    @pytest.mark.parametrize("ended", ["done", "dead", "dropped", "waiting"])
    def test_a_row_that_is_not_a_state_is_put_once_for_ever(
        self, store: Store, now: datetime, kind: Any, ended: Any
    ) -> None:
        with store.write() as tx:
            assert tx.outbox.put([once_row(kind=kind), once_row(kind=kind)], now) == 1
            tx.outbox.settle(end(claim(tx, now), "dead" if ended == "dropped" else ended), now)
            if ended == "dropped":
                tx.outbox.release([tx.outbox.rows()[0].id], "dropped", now)
            assert tx.outbox.put([once_row(kind=kind, values={"title": "Again"})], now) == 0
            (row,) = tx.outbox.rows()
        assert (row.state, row.values) == (ended, {"title": "Call"})

    def test_a_newer_revision_takes_the_place_of_one_that_waits(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            assert tx.outbox.put([state_row(score=1)], now) == 1
            assert tx.outbox.put([state_row(score=2)], now) == 1
            assert [row.revision for row in claim(tx, now)] == [2]
            assert [row.state for row in tx.outbox.rows()] == ["superseded", "in_flight"]

    def test_going_back_to_an_earlier_value_is_a_revision_of_its_own(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([state_row(score=1)], now)
            tx.outbox.settle(end(claim(tx, now), "done"), now)
            assert tx.outbox.put([state_row(score=score) for score in (2, 1)], now) == 1
            (row,) = claim(tx, now)
            assert (row.revision, row.values) == (3, {"score": 1})
            assert [one.state for one in tx.outbox.rows()] == ["done", "superseded", "in_flight"]

    def test_field_groups_do_not_supersede_each_other(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            assert tx.outbox.put([state_row(group="score"), state_row(group="owner")], now) == 2
            assert tx.outbox.counts() == {("crm", "waiting"): 2}

    @pytest.mark.parametrize("held", ["in_flight", "unknown", "parked"])
    def test_what_is_on_its_way_stays_and_the_new_one_waits_behind(
        self, store: Store, now: datetime, held: Any
    ) -> None:
        with store.write() as tx:
            tx.outbox.put([state_row(score=1)], now)
            sent = claim(tx, now)
            if held != "in_flight":
                tx.outbox.settle(end(sent, held), now)
            assert tx.outbox.put([state_row(score=2)], now) == 1
            assert claim(tx, now) == []
            assert [row.state for row in tx.outbox.rows()] == [held, "waiting"]

    def test_a_newer_revision_clears_a_dead_one(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([state_row(score=1)], now)
            tx.outbox.settle(end(claim(tx, now), "dead", reason="no such field"), now)
            assert tx.outbox.put([state_row(score=2)], now) == 1
            assert [row.state for row in tx.outbox.rows()] == ["superseded", "waiting"]

    def test_urgency_and_resends_pass_on_to_the_newer_revision(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([state_row(score=1, lane=LANES["consent"])], now)
            tx.outbox.settle(end(claim(tx, now), "unknown"), now)
            (row,) = tx.outbox.claim_unknown("crm", now, 10)
            tx.outbox.settle([Settlement(row, row.epoch, "waiting", resend=True)], now)
            tx.outbox.put([state_row(score=2, lane=LANES["backfill"])], now)
            (row,) = claim(tx, now)
        assert (row.revision, row.lane, row.resends) == (2, LANES["consent"], 1)


class TestClaim:
    def test_a_claim_counts_attempt_and_epoch(self, store: Store, now: datetime) -> None:
        with store.write(durable=True) as tx:
            tx.outbox.put([once_row()], now)
            (row,) = claim(tx, now)
        assert (row.state, row.attempts, row.epoch, row.sent_at, row.deadline) == ("in_flight", 1, 1, now, now + MINUTE)
        with store.read() as tx:
            assert tx.outbox.rows() == [row]

    def test_the_most_urgent_lane_first_then_the_oldest(self, store: Store, now: datetime) -> None:
        lanes = ["backfill", "normal", "hot", "normal", "consent"]
        with store.write() as tx:
            tx.outbox.put([once_row(number, lane=LANES[lane]) for number, lane in enumerate(lanes)], now)
            assert [row.our_key for row in claim(tx, now, 3)] == ["t4", "t2", "t1"]
            assert [row.our_key for row in claim(tx, now, 3)] == ["t3", "t0"]

    def test_only_rows_of_the_target(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row(1), once_row(2, target="desk")], now)
            assert [row.our_key for row in claim(tx, now)] == ["t1"]

    def test_not_before_its_time(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row()], now)
            (row,) = claim(tx, now)
            tx.outbox.settle(end([row], "waiting", reason="429", not_before=now + MINUTE), now)
            assert claim(tx, now) == []
            (again,) = claim(tx, now + MINUTE)
        assert (again.attempts, again.epoch, again.not_before, again.reason) == (2, 2, None, "429")

    def test_not_before_the_row_it_needs_is_done(self, store: Store, now: datetime) -> None:
        lead = state_row()
        with store.write() as tx:
            tx.outbox.put([once_row(after=lead.key), once_row(2, after="never put"), lead], now)
            first = claim(tx, now)
            assert [row.object for row in first] == ["lead"]
            assert claim(tx, now) == []
            tx.outbox.settle(end(first, "done"), now)
            tx.outbox.put([state_row(score=2)], now)
            assert [row.our_key for row in claim(tx, now)] == ["t1"]
            assert [row.our_key for row in claim(tx, now)] == ["l1"]

    def test_a_batch_is_of_one_kind_that_of_whoever_waited_longest(self, store: Store, now: datetime) -> None:
        leads = [state_row(f"l{number}") for number in range(3)]
        tasks = [once_row(number) for number in range(3)]
        with store.write() as tx:
            for pair in zip(tasks, leads, strict=True):
                tx.outbox.put(pair, now)
            found = [[row.our_key for row in claim(tx, now, limit=2)] for _ in range(4)]
        assert found == [["t0", "t1"], ["l0", "l1"], ["t2"], ["l2"]]

    def test_what_hangs_on_a_row_that_was_dropped_is_free_unless_a_newer_one_waits(
        self, store: Store, now: datetime
    ) -> None:
        lead = state_row()
        with store.write() as tx:
            tx.outbox.put([once_row(after=lead.key), lead], now)
            tx.outbox.settle(end(claim(tx, now), "dropped"), now)
            tx.outbox.put([state_row(score=2)], now)
            newer = claim(tx, now)
            assert [row.object for row in newer] == ["lead"]
            tx.outbox.settle(end(newer, "dropped"), now)
            assert [row.our_key for row in claim(tx, now)] == ["t1"]

    def test_one_row_of_an_object_at_a_time(self, store: Store, now: datetime) -> None:
        groups = [state_row(group=group) for group in ("a", "b")]
        with store.write() as tx:
            tx.outbox.put([*groups, state_row("l2")], now)
            first = claim(tx, now)
            assert [(row.our_key, row.group) for row in first] == [("l1", "a"), ("l2", "")]
            assert claim(tx, now) == []
            tx.outbox.settle(end(first, "done"), now)
            assert [row.group for row in claim(tx, now)] == ["b"]

    def test_many_rows_of_one_object_do_not_hide_the_next(self, store: Store, now: datetime) -> None:
        many = [state_row(group=str(number)) for number in range(7)]
        with store.write() as tx:
            tx.outbox.put([*many, state_row("l2"), state_row("l3")], now)
            assert [row.our_key for row in claim(tx, now, 2)] == ["l1", "l2"]

    def test_what_was_sent_again_comes_in_halves_behind_the_rest_of_its_lane(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row(number) for number in range(8)], now)
            sent_again(tx, now, 8)
            tx.outbox.put([once_row(8), once_row(9, lane=LANES["backfill"])], now)
            sizes = [[row.our_key for row in claim(tx, now, 8)] for _ in range(4)]
        assert sizes == [["t8", "t9"], ["t0", "t1", "t2", "t3"], ["t4", "t5", "t6", "t7"], []]

    def test_what_was_sent_often_goes_alone_and_first_where_it_is_more_urgent(
        self, store: Store, now: datetime
    ) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row(number, lane=LANES["hot"]) for number in range(3)], now)
            sent_again(tx, now, 8, times=3)
            tx.outbox.put([once_row(number) for number in range(3, 6)], now)
            sizes = [[row.our_key for row in claim(tx, now, 8)] for _ in range(4)]
        assert sizes == [["t0"], ["t1"], ["t2"], ["t3", "t4", "t5"]]

    def test_as_many_go_together_as_were_just_answered(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row(number) for number in range(6)], now)
            sent_again(tx, now, 8, times=5)
            assert [len(tx.outbox.claim("crm", now, now + MINUTE, 8, least)) for least in (1, 2, 8)] == [1, 2, 3]

    def test_rows_of_one_object_keep_their_order_though_the_first_was_sent_before(
        self, store: Store, now: datetime
    ) -> None:
        with store.write() as tx:
            tx.outbox.put([state_row(group="a")], now)
            sent_again(tx, now, 8)
            tx.outbox.put([state_row(group="b"), state_row("l2")], now)
            assert [(row.our_key, row.group) for row in claim(tx, now)] == [("l2", "")]
            assert [(row.our_key, row.group) for row in claim(tx, now)] == [("l1", "a")]

    def test_looks_are_claimed_like_writes(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row(1), once_row(2, kind="verify", not_before=now + MINUTE)], now)
            assert [row.kind for row in claim(tx, now)] == ["once"]
            assert [row.kind for row in claim(tx, now + MINUTE)] == ["verify"]


class TestSettle:
    def test_a_lost_claim_changes_nothing(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row()], now)
            (row,) = claim(tx, now)
            tx.outbox.sweep(now + MINUTE, {"crm": 0.0})
            (owned,) = tx.outbox.claim_unknown("crm", now + MINUTE, 10)
            late = Settlement(row, row.epoch, "done", receipt=receipt(row, "c1"), follow_up=(once_row(2),))
            assert tx.outbox.settle([late], now) == [late]
            assert tx.outbox.receipts("crm", "task", ["t1"]) == {}
            assert tx.outbox.rows() == [owned]
            assert tx.outbox.settle(end([owned], "done"), now) == []

    def test_a_claim_ends_once(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row()], now)
            rows = claim(tx, now)
            first, second = end(rows, "done") + end(rows, "dead")
            assert tx.outbox.settle([first, second], now) == [second]
            assert tx.outbox.settle([first], now) == [first]
            assert tx.outbox.counts() == {("crm", "done"): 1}

    def test_an_answer_after_the_deadline_counts_while_nobody_else_looks(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row()], now)
            rows = claim(tx, now)
            tx.outbox.sweep(now + MINUTE, {"crm": 60})
            assert tx.outbox.settle(end(rows, "done"), now) == []
            assert tx.outbox.counts() == {("crm", "done"): 1}

    def test_what_came_of_it_is_kept(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row(1), once_row(2)], now)
            one, two = claim(tx, now)
            refused = Settlement(one, one.epoch, "dead", "not a choice", "INVALID", "Status")
            unknown = Settlement(two, two.epoch, "unknown", "time-out", resolve_at=now + MINUTE)
            assert tx.outbox.settle([refused, unknown], now) == []
            first, second = tx.outbox.rows()
        assert (first.state, first.reason, first.code, first.field) == ("dead", "not a choice", "INVALID", "Status")
        assert (second.state, second.reason, second.resolve_at) == ("unknown", "time-out", now + MINUTE)

    def test_follow_ups_are_put_once_the_row_is_settled(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([state_row(score=1)], now)
            (row,) = claim(tx, now)
            again = Settlement(row, row.epoch, "done", follow_up=(state_row(score=2), once_row(1, kind="verify")))
            tx.outbox.settle([again], now)
            assert states(tx) == [
                (row.key, "done", 1), (once_row(1).key, "waiting", 0), (row.key, "waiting", 2),
            ]  # fmt: skip

    @pytest.mark.parametrize("ended", ["waiting", "dead"])
    def test_a_row_with_a_newer_one_behind_it_does_not_come_back(self, store: Store, now: datetime, ended: Any) -> None:
        with store.write() as tx:
            tx.outbox.put([state_row(score=1)], now)
            rows = claim(tx, now)
            tx.outbox.put([state_row(score=2)], now)
            assert tx.outbox.settle(end(rows, ended, reason="why", resend=True), now) == []
            old, new = tx.outbox.rows()
            assert (old.state, old.reason, new.state, new.resends) == ("superseded", "why", "waiting", 1)
            assert [row.revision for row in claim(tx, now)] == [2]


class TestParkedFlow:
    def claimed(self, tx: Transaction, now: datetime) -> set[tuple[str, str]]:
        found = set()
        while rows := claim(tx, now, 20):
            found |= {(row.object, row.our_key) for row in rows}
        return found

    def test_it_changes_nothing_that_is_there_until_a_person_has_looked(self, store: Store, now: datetime) -> None:
        receipts = [Receipt("crm", "lead", key, "00Q", {}) for key in ("there", "other flow", "urgent", "less urgent")]
        rows = [
            state_row("there", flow="b2b"), state_row("new", flow="b2b"), state_row("other flow", flow="b2c"),
            state_row("urgent", flow="b2b", lane=LANES["consent"]), state_row("no flow"),
            state_row("less urgent", flow="b2b", lane=LANES["hot"]),
            once_row(1, flow="b2b"), replace(once_row(2, flow="b2b"), our_key="there"),
            state_row("there", flow="b2b", object="contact", key="contact"),
        ]  # fmt: skip
        others = [Receipt("desk", "lead", "new", "1", {}), Receipt("crm", "task", "new", "1", {})]
        parked = ReviewItem("parked_flow", "b2b", "b2b", "half of them changed", flow="b2b")
        with store.write() as tx:
            tx.outbox.put_receipts([*receipts, *others])
            tx.outbox.put(rows, now)
            tx.reviews.put([parked, ReviewItem("notice", "b2c", "b2c", "")], now)
            assert self.claimed(tx, now) == {
                ("lead", "new"), ("lead", "other flow"), ("lead", "urgent"), ("lead", "no flow"), ("task", "t1"),
                ("task", "there"), ("contact", "there"),
            }  # fmt: skip
            tx.reviews.close("parked_flow", ["b2b"], "released", now)
            assert self.claimed(tx, now) == {("lead", "there"), ("lead", "less urgent")}


class TestReceipts:
    def test_a_receipt_is_stored_with_the_row(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        (lead,) = add_leads(1)
        with store.write() as tx:
            tx.outbox.put([state_row()], now)
            (row,) = claim(tx, now)
            given = Receipt("crm", "lead", "l1", "00Q1", {"score": 1, "名": None}, "r7", lead.id, now, gone=True)
            tx.outbox.settle([Settlement(row, row.epoch, "done", receipt=given)], now)
            assert tx.outbox.receipts("crm", "lead", ["l1", "l2"]) == {"l1": given}
            assert tx.outbox.receipts("desk", "lead", ["l1"]) == tx.outbox.receipts("crm", "task", ["l1"]) == {}
            assert tx.outbox.rows()[0].crm_id == "00Q1"

    def test_a_receipt_counts_whatever_the_state(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([state_row()], now)
            (row,) = claim(tx, now)
            tx.outbox.settle([Settlement(row, row.epoch, "waiting", receipt=receipt(row, "00Q1"))], now)
            assert tx.outbox.receipts("crm", "lead", ["l1"])["l1"].crm_id == "00Q1"

    def test_field_groups_add_up_to_what_the_object_holds(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            for values, crm_id in [({"a": 1, "b": 1}, "00Q1"), ({"b": 2}, ""), ({"c": 3}, "00Q1")]:
                tx.outbox.put([state_row(values=values)], now)
                (row,) = claim(tx, now)
                tx.outbox.settle([Settlement(row, row.epoch, "done", receipt=receipt(row, crm_id))], now)
            held = tx.outbox.receipts("crm", "lead", ["l1"])["l1"]
            assert (held.crm_id, held.values, held.at) == ("00Q1", {"a": 1, "b": 2, "c": 3}, now)

    def test_of_another_object_nothing_is_known_but_what_it_says(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            for values, crm_id in [({"a": 1}, "00Q1"), ({"b": 2}, "00Q2")]:
                tx.outbox.put([state_row(values=values)], now)
                (row,) = claim(tx, now)
                tx.outbox.settle([Settlement(row, row.epoch, "done", receipt=receipt(row, crm_id))], now)
            assert tx.outbox.receipts("crm", "lead", ["l1"])["l1"].values == {"b": 2}


class TestUnknown:
    def test_a_claim_past_its_deadline_becomes_unknown(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row(1), once_row(2, target="desk")], now)
            claim(tx, now)
            claim(tx, now, target="desk")
            assert tx.outbox.sweep(now, {"crm": 90}) == 0
            assert tx.outbox.sweep(now + MINUTE, {"crm": 90}) == 1
            assert tx.outbox.sweep(now + MINUTE, {"crm": 90}) == 0
            crm, desk = tx.outbox.rows()
        assert (crm.state, crm.resolve_at) == ("unknown", now + MINUTE + timedelta(seconds=90))
        # How long a request to the desk may still take effect is known to whoever sends to it.
        assert desk.state == "in_flight"

    def test_it_is_looked_up_when_its_time_has_come_under_a_new_epoch(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row(1), once_row(2)], now)
            tx.outbox.settle(end(claim(tx, now), "unknown", resolve_at=now + MINUTE), now)
            assert tx.outbox.claim_unknown("crm", now, 10) == []
            assert tx.outbox.claim_unknown("desk", now + MINUTE, 10) == []
            (row,) = tx.outbox.claim_unknown("crm", now + MINUTE, 1)
            assert (row.our_key, row.state, row.epoch, row.attempts) == ("t1", "unknown", 2, 1)

    def test_the_most_urgent_are_looked_up_first_then_the_oldest(self, store: Store, now: datetime) -> None:
        lanes = [LANES["backfill"], LANES["hot"], LANES["hot"], LANES["consent"]]
        with store.write() as tx:
            tx.outbox.put([once_row(number, lane=lane) for number, lane in enumerate(lanes)], now)
            tx.outbox.settle(end(claim(tx, now), "unknown"), now)
            assert [row.our_key for row in tx.outbox.claim_unknown("crm", now, 3)] == ["t3", "t1", "t2"]

    def test_sent_again_it_counts_a_resend(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row()], now)
            tx.outbox.settle(end(claim(tx, now), "unknown", resolve_at=now), now)
            tx.outbox.settle(end(tx.outbox.claim_unknown("crm", now, 10), "waiting", resend=True), now)
            (row,) = claim(tx, now)
        assert (row.attempts, row.resends) == (2, 1)


class TestReaders:
    def test_rows_are_chosen_by_lead_state_and_target(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        one, two = (lead.id for lead in add_leads(2))
        with store.write() as tx:
            tx.outbox.put([once_row(1, lead_id=one), once_row(2, lead_id=two), once_row(3, target="desk")], now)
            tx.outbox.settle(end(claim(tx, now, 1), "dead"), now)

            def keys(**chosen: Any) -> list[str]:
                return [row.our_key for row in tx.outbox.rows(**chosen)]

            assert keys() == ["t1", "t2", "t3"]
            assert keys(limit=2) == ["t1", "t2"]
            assert keys(lead_id=two) == ["t2"]
            assert keys(states=["dead", "parked"]) == ["t1"]
            assert keys(states=["waiting"], target="crm") == ["t2"]
            assert tx.outbox.counts() == {("crm", "dead"): 1, ("crm", "waiting"): 1, ("desk", "waiting"): 1}

    def test_the_newest_unfinished_row_of_each_key(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            keys = [state_row(name).key for name in ("l1", "l2", "l3")]
            assert tx.outbox.unfinished(keys) == {}
            tx.outbox.put([state_row("l1"), state_row("l2"), state_row("l3")], now)
            one, two, three = claim(tx, now)
            tx.outbox.put([once_row(1)], now)
            tx.outbox.settle(end([one], "done") + end([two], "parked") + end([three], "unknown"), now)
            tx.outbox.put([state_row("l2", score=2)], now)
            found = tx.outbox.unfinished([*keys, once_row(1).key, "never put"])
            assert {key: (row.state, row.revision) for key, row in found.items()} == {
                keys[1]: ("waiting", 2), keys[2]: ("unknown", 1),
            }  # fmt: skip
            assert list(tx.outbox.unfinished([keys[2]])) == [keys[2]]

    def test_ended_rows_are_told_among_others_and_only_where_asked_for(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        (lead,) = add_leads(1)
        with store.write() as tx:
            tx.outbox.put([once_row(number, lead_id=lead.id) for number in range(3)], now)
            one, two, _ = claim(tx, now, 3)
            tx.outbox.settle(end([one], "done") + end([two], "dead"), now)
            assert [row.our_key for row in tx.outbox.rows(states=["done", "dead"])] == ["t0", "t1"]
            assert [row.our_key for row in tx.outbox.rows(lead_id=lead.id, states=["dead"], target="crm")] == ["t1"]
            assert tx.outbox.rows(lead_id=lead.id, target="desk") == []

    def test_a_list_is_of_two_hundred_unless_asked_for_more(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row(number) for number in range(203)], now)
            assert len(tx.outbox.rows()) == 200
            assert len(tx.outbox.rows(limit=300)) == 203


class TestNarrow:
    def test_a_claimed_row_may_say_less_than_when_it_was_put(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([replace(state_row(), values={"score": 1, "title": "CTO"})], now)
            (row,) = claim(tx, now)
            row.values = {"score": 1}
            tx.outbox.narrow([row, replace(row, epoch=row.epoch + 1, values={})])
            assert tx.outbox.rows()[0].values == {"score": 1}
            tx.outbox.settle(end([row], "done"), now)
            assert tx.outbox.done_values("crm", "lead", "l1") == [{"score": 1}]
            tx.outbox.narrow([replace(row, values={})])
            assert tx.outbox.rows()[0].values == {"score": 1}


class TestRelease:
    def test_a_person_frees_or_drops_what_stopped(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row(number) for number in range(4)], now)
            rows = claim(tx, now, 3)
            tx.outbox.settle(end(rows[:2], "dead") + end(rows[2:], "parked"), now)
            ids = [row.id for row in tx.outbox.rows()]
            assert tx.outbox.release([ids[0], ids[3]], "dropped", now) == 1
            assert tx.outbox.release(ids, "waiting", now) == 2
            assert [row.state for row in tx.outbox.rows()] == ["dropped", "waiting", "waiting", "waiting"]
            assert [row.resends for row in tx.outbox.rows()] == [0, 0, 1, 0]

    def test_a_freed_row_with_a_newer_one_behind_it_makes_way(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([state_row(score=1)], now)
            (row,) = claim(tx, now)
            tx.outbox.settle(end([row], "parked"), now)
            tx.outbox.put([state_row(score=2)], now)
            assert tx.outbox.release([row.id], "waiting", now) == 1
            assert [one.state for one in tx.outbox.rows()] == ["superseded", "waiting"]
            assert [(one.revision, one.resends) for one in claim(tx, now)] == [(2, 1)]


class TestRestore:
    def test_every_undelivered_create_is_unknown(self, store: Store, now: datetime) -> None:
        rows = [state_row("known"), state_row("new"), once_row(1, after=state_row("new").key), once_row(2)]
        with store.write() as tx:
            tx.outbox.put(rows[:1], now)
            (known,) = claim(tx, now)
            tx.outbox.settle([Settlement(known, known.epoch, "done", receipt=receipt(known, "00Q1"))], now)
            tx.outbox.put([state_row("known", score=2), *rows[1:3]], now)
            sent = claim(tx, now, 2)
            tx.outbox.put(rows[3:], now)
            assert [row.our_key for row in sent] == ["known", "new"]
            assert tx.outbox.all_unknown(now) == 3
            assert {row.our_key: row.state for row in tx.outbox.rows() if row.state != "done"} == {
                "known": "in_flight", "new": "unknown", "t1": "unknown", "t2": "unknown",
            }  # fmt: skip
            assert tx.outbox.settle(end(sent[1:], "done"), now) == end(sent[1:], "done")
            assert tx.admin.meta("epoch") == "1"
            assert tx.outbox.all_unknown(now) == 0
            assert tx.admin.meta("epoch") == "2"

    def test_what_addresses_an_object_by_its_id_creates_nothing(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([state_row(crm_id="003A"), once_row(crm_id="003B")], now)
            assert tx.outbox.all_unknown(now) == 0
            assert {row.crm_id for _ in range(2) for row in claim(tx, now)} == {"003A", "003B"}

    def test_what_hangs_on_a_row_is_looked_up_after_it(self, store: Store, now: datetime) -> None:
        lead = state_row()
        with store.write() as tx:
            tx.outbox.put([once_row(1, after=lead.key, lane=LANES["hot"]), lead], now)
            assert tx.outbox.all_unknown(now) == 2
            first = tx.outbox.claim_unknown("crm", now, 10)
            assert [row.our_key for row in first] == ["l1"]
            tx.outbox.settle(end(first, "done"), now)
            assert [row.our_key for row in tx.outbox.claim_unknown("crm", now, 10)] == ["t1"]

    def test_of_several_rows_of_one_object_the_first_stands_for_all(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([state_row(group="a"), state_row(group="b")], now)
            assert tx.outbox.all_unknown(now) == 1
            assert [row.state for row in tx.outbox.rows()] == ["unknown", "waiting"]
            assert claim(tx, now) == []

    def test_what_may_be_on_its_way_stands_for_all_though_another_was_put_first(
        self, store: Store, now: datetime
    ) -> None:
        with store.write() as tx:
            tx.outbox.put([state_row(group="a", not_before=now + MINUTE), state_row(group="b")], now)
            assert [row.group for row in claim(tx, now)] == ["b"]
            assert tx.outbox.all_unknown(now) == 1
            assert [(row.group, row.state) for row in tx.outbox.rows()] == [("a", "waiting"), ("b", "unknown")]

    def test_only_what_waits_of_these_leads_is_looked_up_first(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        one, other = (lead.id for lead in add_leads(2))
        with store.write() as tx:
            tx.outbox.put([once_row(number, lead_id=one) for number in range(4)], now)
            done, dead, _ = claim(tx, now, 3)
            tx.outbox.settle(end([done], "done") + end([dead], "dead"), now)
            tx.outbox.put([once_row(4, lead_id=other), once_row(5, lead_id=one, kind="verify")], now)
            assert tx.outbox.look_first([one], now, {}) == 1
            assert [row.state for row in tx.outbox.rows()] == [
                "done", "dead", "in_flight", "unknown", "waiting", "waiting",
            ]  # fmt: skip

    @pytest.mark.parametrize("held", ["in_flight", "unknown", "parked"])
    def test_what_waits_behind_a_row_that_is_held_is_not_looked_up_itself(
        self, store: Store, now: datetime, add_leads: AddLeads, held: Any
    ) -> None:
        (lead,) = add_leads(1)
        with store.write() as tx:
            tx.outbox.put([state_row(group=group, lead_id=lead.id) for group in ("a", "b")], now)
            sent = claim(tx, now)
            tx.outbox.settle(end(sent, held) if held != "in_flight" else [], now)
            assert tx.outbox.look_first([lead.id], now, {}) == 0
            assert tx.outbox.all_unknown(now) == int(held == "in_flight")
            assert [row.state for row in tx.outbox.rows()] == [held.replace("in_flight", "unknown"), "waiting"]

    def test_a_look_up_is_simply_made_again(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row(1, kind="verify")], now)
            claim(tx, now)
            tx.outbox.put([once_row(2, our_key="t1")], now)
            assert tx.outbox.all_unknown(now) == 1
            assert [row.state for row in tx.outbox.rows()] == ["waiting", "unknown"]


class TestHeldUp:
    def test_what_waits_for_more_than_its_turn_is_told_by_reason(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row(number) for number in range(3)], now)
            tx.outbox.put([once_row(9, after=once_row(0).key)], now + MINUTE)
            assert tx.reports.held_up() == []
            one, *others = claim(tx, now)
            tx.outbox.settle(end([one], "dead", reason="no"), now)
            tx.outbox.settle(end(others, "waiting", reason="429", not_before=now + MINUTE), now)
            told = [(one.state, one.reason, one.behind, one.rows, one.tries) for one in tx.reports.held_up()]
            times = [(one.since, one.next_at) for one in tx.reports.held_up()]
        assert told == [("waiting", "", True, 1, 0), ("waiting", "429", False, 2, 1)]
        assert times == [(now + MINUTE, None), (now, now + MINUTE)]

    def test_what_is_to_be_looked_up_tells_when(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row()], now)
            tx.outbox.settle(end(claim(tx, now), "unknown", reason="500", resolve_at=now + MINUTE), now)
            (held,) = tx.reports.held_up()
        assert (held.state, held.next_at, held.target) == ("unknown", now + MINUTE, "crm")

    def test_what_a_run_has_not_sent_is_withdrawn(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        (lead,) = add_leads(1)
        with store.write() as tx:
            tx.outbox.put([state_row("l0", run_id=7), once_row(5, run_id=7)], now)
            sent = claim(tx, now, 1)
            tx.outbox.put([once_row(1, run_id=7, lead_id=lead.id), state_row("l2", run_id=8)], now)
            tx.outbox.put([once_row(2, run_id=7, kind="verify")], now)
            tx.outbox.put([state_row("l3", run_id=7, lane=LANES["consent"])], now)
            assert [row.our_key for row in tx.outbox.withdraw(7, lead.id, now)] == ["t1"]
            assert [row.our_key for row in sent] == ["t5"]
            assert [row.our_key for row in tx.outbox.withdraw(7, 0, now)] == ["l0"]
            assert tx.outbox.withdraw(7, 0, now) == []
            assert tx.outbox.settle(end(sent, "done"), now) == []
            assert {row.our_key for row in claim(tx, now)} <= {"l2", "l3", "t2"}

    def test_all_of_a_target_that_is_no_more_is_dropped_and_nobody_settles_it(
        self, store: Store, now: datetime
    ) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row(1), once_row(2), once_row(3, target="desk")], now)
            rows = claim(tx, now, 1)
            assert tx.outbox.abandon("crm", now) == 2
            assert tx.outbox.settle(end(rows, "done"), now) != []
            assert [row.state for row in tx.outbox.rows()] == ["dropped", "dropped", "waiting"]

    def test_what_ended_before_its_target_was_given_up_keeps_its_end(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([state_row(name, score=score) for name in ("l1", "l2", "l3") for score in (1, 2)], now)
            one, two, _ = claim(tx, now, 3)
            tx.outbox.settle(end([one], "done") + end([two], "dead"), now)
            assert tx.outbox.abandon("crm", now) == 2
            assert tx.outbox.abandon("crm", now) == 0
            assert {(row.our_key, row.state) for row in tx.outbox.rows()} == {
                (name, "superseded") for name in ("l1", "l2", "l3")
            } | {("l1", "done"), ("l2", "dropped"), ("l3", "dropped")}


class TestTogether:
    def test_many_at_once_are_each_settled_as_they_ended(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([state_row(f"l{number}") for number in range(4)], now)
            one, two, three, four = claim(tx, now)
            tx.outbox.put([state_row("l1", score=2)], now)
            later = now + MINUTE
            ends = [
                Settlement(one, one.epoch, "waiting", "429", "C1", "F1", not_before=later, resend=True),
                Settlement(two, two.epoch, "waiting", "429", "C2", "F2", not_before=later, resend=True),
                Settlement(three, three.epoch + 1, "done"),
                Settlement(four, four.epoch, "unknown", "500", resolve_at=later, receipt=receipt(four, "00Q4")),
            ]
            assert tx.outbox.settle(ends, now) == [ends[2]]
            rows = {(row.our_key, row.revision): row for row in tx.outbox.rows()}
        assert {place: (row.state, row.resends, row.crm_id) for place, row in rows.items()} == {
            ("l0", 1): ("waiting", 1, ""), ("l1", 1): ("superseded", 1, ""), ("l1", 2): ("waiting", 1, ""),
            ("l2", 1): ("in_flight", 0, ""), ("l3", 1): ("unknown", 0, "00Q4"),
        }  # fmt: skip
        told = rows["l0", 1]
        assert (told.reason, told.code, told.field, told.not_before) == ("429", "C1", "F1", later)
        assert (rows["l3", 1].resolve_at, rows["l3", 1].not_before) == (later, None)

    def test_a_follow_up_makes_way_for_what_waits_by_now(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row(1, kind="verify")], now)
            (look,) = claim(tx, now)
            tx.outbox.put([state_row("l1", score=5)], now)
            again = (state_row("l1", score=4), state_row("l2", score=4), once_row(2))
            assert tx.outbox.settle([Settlement(look, look.epoch, "done", follow_up=again)], now) == []
            assert [(row.our_key, row.state, row.values.get("score")) for row in tx.outbox.rows()] == [
                ("t1", "done", None), ("l1", "waiting", 5), ("t2", "waiting", None), ("l2", "waiting", 4),
            ]  # fmt: skip

    def test_of_one_key_given_twice_the_last_counts_with_the_most_urgent_lane(
        self, store: Store, now: datetime
    ) -> None:
        with store.write() as tx:
            rows = [
                state_row(score=1, lane=LANES["hot"]), once_row(1), state_row("l2", lane=LANES["backfill"]),
                state_row(score=2, lane=LANES["backfill"]),
            ]  # fmt: skip
            assert tx.outbox.put(rows, now) == 3
            assert [(row.our_key, row.state, row.revision, row.lane) for row in tx.outbox.rows()] == [
                ("t1", "waiting", 0, LANES["normal"]), ("l1", "superseded", 1, LANES["hot"]),
                ("l2", "waiting", 1, LANES["backfill"]), ("l1", "waiting", 2, LANES["hot"]),
            ]  # fmt: skip
            assert {row.created_at for row in tx.outbox.rows()} == {now}

    def test_a_claim_tells_all_that_it_wrote_down(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row(1), once_row(2, not_before=now)], now)
            rows = claim(tx, now)
            assert rows == tx.outbox.rows()
            assert {(row.deadline, row.not_before, row.epoch) for row in rows} == {(now + MINUTE, None, 1)}
            tx.outbox.sweep(now + MINUTE, {"crm": 0.5})
            (one, two) = tx.outbox.claim_unknown("crm", now + 2 * MINUTE, 5)
            assert [one, two] == tx.outbox.rows()
            assert one.resolve_at == now + MINUTE + timedelta(seconds=0.5)

    @pytest.mark.parametrize("given", ["dead", "parked"])
    @pytest.mark.parametrize("to", ["waiting", "dropped"])
    def test_what_is_freed_goes_out_at_once_and_counts_what_may_have_arrived(
        self, store: Store, now: datetime, given: Any, to: Any
    ) -> None:
        with store.write() as tx:
            tx.outbox.put([state_row("l1"), state_row("l2")], now)
            tx.outbox.settle(end(claim(tx, now), given, not_before=now + MINUTE), now)
            tx.outbox.put([state_row("l2", score=2)] if given == "parked" else [], now)
            ids = [row.id for row in tx.outbox.rows()]
            assert tx.outbox.release(ids, to, now) == 2
            one, two, *newer = tx.outbox.rows()
        again = int(given == "parked" and to == "waiting")
        assert (one.state, one.resends, one.not_before) == (to, again, None)
        assert (two.state, two.resends) == ("superseded" if again else to, again)
        assert [(row.state, row.resends) for row in newer] == ([("waiting", again)] if given == "parked" else [])

    def test_after_a_restore_objects_are_told_apart_by_target_kind_and_key(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        (lead,) = add_leads(1)
        places = [("crm", "task", "a"), ("crm", "task", "b"), ("crm", "note", "a"), ("desk", "task", "a")]
        rows = [
            once_row(number, target=target, object=kind, our_key=key, lead_id=lead.id)
            for number, (target, kind, key) in enumerate([*places, *places])
        ]
        later = now + MINUTE
        with store.write() as tx:
            tx.outbox.put(rows, now)
            assert tx.outbox.look_first([lead.id], later, {rows[0].key: "9", rows[4].key: "8"}) == 4
            found = [(row.state, row.resolve_at, row.crm_id, row.epoch) for row in tx.outbox.rows()]
            assert (
                found
                == [("unknown", later, "9" if number == 0 else "", 1) for number in range(4)]
                + [("waiting", None, "", 0)] * 4
            )
        with store.write() as tx:
            tx.outbox.abandon("crm", now)
            tx.outbox.abandon("desk", now)
            again = [replace(row, key=f"{row.key}:again", our_key=f"{row.our_key}2") for row in rows]
            tx.outbox.put(again, now)
            assert tx.outbox.all_unknown(later) == 4
            assert [row.state for row in tx.outbox.rows(states=["waiting", "unknown"])] == ["unknown"] * 4 + [
                "waiting"
            ] * 4

    def test_a_claim_never_takes_more_than_its_limit(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            rows = [once_row(0), once_row(1, object="note"), once_row(2), once_row(3), once_row(4)]
            tx.outbox.put(rows, now)
            assert [row.our_key for row in claim(tx, now, 2)] == ["t0", "t2"]
            assert {row.lead_id for row in tx.outbox.rows()} == {0}

    def test_claims_look_ahead_for_more_of_one_kind_but_not_for_ever(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tasks = [once_row(number) for number in range(1, 9)]
            tx.outbox.put([once_row(0), *(replace(one, object="note") for one in tasks[:3]), tasks[3]], now)
            assert [row.our_key for row in claim(tx, now, 2)] == ["t0", "t4"]
        with store.write() as tx:
            tx.outbox.put([once_row(10 + number, object="note") for number in range(9)], now)
            tx.outbox.put([once_row(30)], now)
            assert [row.our_key for row in claim(tx, now, 2)] == ["t1", "t2"]
            assert [row.our_key for row in claim(tx, now, 20)] == ["t3", *(f"t{10 + number}" for number in range(9))]
            assert [row.our_key for row in claim(tx, now, 20)] == ["t30"]

    def test_of_those_sent_again_one_kind_goes_with_as_few_as_the_most_doubtful_allows(
        self, store: Store, now: datetime
    ) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row(number) for number in range(4)], now)
            sent_again(tx, now, 8)
            tx.outbox.put([once_row(4, object="note")], now)
            sent_again(tx, now, 8)
            tx.outbox.put([once_row(5)], now)
            sent_again(tx, now, 8)
            # Of sixteen that fit, two that were sent three times may go together.
            resends = {row.our_key: row.resends for row in tx.outbox.rows()}
            assert resends == {"t0": 3, "t1": 3, "t2": 3, "t3": 3, "t4": 2, "t5": 1}
            assert [[row.our_key for row in claim(tx, now, 16)] for _ in range(4)] == [
                ["t0", "t1"], ["t2", "t3"], ["t4"], ["t5"],
            ]  # fmt: skip


class TestOfRuns:
    def test_only_what_these_runs_have_put_is_taken(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row(number, run_id=number) for number in (1, 2, 3)], now)
            assert [row.our_key for row in tx.outbox.claim("crm", now, now + MINUTE, 10, runs=(1, 3))] == ["t1", "t3"]
            assert [row.our_key for row in claim(tx, now)] == ["t2"]

    def test_a_flow_that_is_parked_does_not_keep_them_back(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            rows = [state_row("l1", flow="b2b", run_id=7), state_row("l2", flow="b2b", run_id=8)]
            tx.outbox.put_receipts([receipt(row, f"00Q-{row.our_key}", {}) for row in rows])
            tx.reviews.put([ReviewItem("parked_flow", "b2b", "b2b", "too much")], now)
            tx.outbox.put(rows, now)
            assert claim(tx, now) == []
            assert [row.our_key for row in tx.outbox.claim("crm", now, now + MINUTE, 10, runs=(8,))] == ["l2"]

    def test_they_are_counted_by_target_object_and_state(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.outbox.put([once_row(1, run_id=1), once_row(2, run_id=2), once_row(3, run_id=3)], now)
            tx.outbox.put([state_row(run_id=2)], now)
            tx.outbox.settle(end(tx.outbox.claim("crm", now, now + MINUTE, 1), "done"), now)
            assert tx.outbox.counts_of_runs([1, 2]) == {
                ("crm", "task", "done"): 1, ("crm", "task", "waiting"): 1, ("crm", "lead", "waiting"): 1,
            }  # fmt: skip
            assert tx.outbox.counts_of_runs([]) == {}
