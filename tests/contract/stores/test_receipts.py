"""The port `Receipts`: what the targets acknowledged; and which delivered rows may go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connector.model.lead import Lead
from connector.model.outbox import OutboxRow, Receipt, RowState, Settlement
from connector.model.ports import Store, Transaction
from state.engine import Pool, Sqlite
from state.outbox import listing
from state.receipts import BY_CRM_ID, DONE_VALUES

AddLeads = Callable[..., list[Lead]]
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def receipt(key: str = "k1", crm_id: str = "00Q1", **given: Any) -> Receipt:
    return replace(Receipt("crm", "lead", key, crm_id, {"a": 1, "b": 2}), **given)


def row(score: int, our_key: str = "k1", **given: Any) -> OutboxRow:
    return replace(OutboxRow("crm", "state", "lead", our_key, f"crm:lead:{our_key}", {"score": score}), **given)


def write(tx: Transaction, now: datetime, rows: list[OutboxRow], state: RowState = "done") -> None:
    """Put rows, claim what may be claimed, and settle it."""
    tx.outbox.put(rows, now)
    claims = tx.outbox.claim("crm", now, now + MINUTE, 100)
    tx.outbox.settle([Settlement(one, one.epoch, state) for one in claims], now)


class TestReceipts:
    def test_receipts_are_walked_through_by_key(self, store: Store) -> None:
        others = [replace(receipt("k2"), target="desk"), replace(receipt("k2"), object="task")]
        with store.write() as tx:
            tx.outbox.put_receipts([*(receipt(f"k{n}", f"00Q{n}") for n in (3, 1, 2)), *others])
            assert [one.our_key for one in tx.outbox.receipts_after("crm", "lead")] == ["k1", "k2", "k3"]
            assert [one.our_key for one in tx.outbox.receipts_after("crm", "lead", "k1", 1)] == ["k2"]
            assert [one.crm_id for one in tx.outbox.receipts_after("crm", "lead", "k2")] == ["00Q3"]
            assert tx.outbox.receipts_after("crm", "lead", "k3") == []

    def test_how_many_leads_of_a_flow_were_not_written_since(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        leads = add_leads(4)
        for lead, flow in zip(leads, ("b2b", "b2b", "b2b", "other"), strict=True):
            lead.flow = flow
        written = [now - DAY, now, None, now - DAY]
        with store.write() as tx:
            tx.intake.update_leads(leads, now)
            tx.outbox.put_receipts(
                [
                    receipt(f"k{lead.id}", f"00Q{lead.id}", lead_id=lead.id, at=at)
                    for lead, at in zip(leads, written, strict=True)
                ]
            )
            tx.outbox.put_receipts(
                [
                    receipt("k-task", "00T1", object="task", lead_id=leads[0].id, at=now - DAY),
                    receipt("k-contact", "0031", object="contact", lead_id=leads[0].id, at=now - DAY),
                    receipt("k-gone", "0032", object="contact", lead_id=leads[1].id, at=now - DAY, gone=True),
                ]
            )
            assert tx.outbox.not_written_since("crm", "b2b", now) == 2
            assert tx.outbox.not_written_since("crm", "b2b", now - DAY) == 1
            assert tx.outbox.not_written_since("crm", "b2b", None) == 3
            assert tx.outbox.not_written_since("crm", "nobody", None) == 0
            assert tx.outbox.not_written_since("portal", "b2b", None) == 0

    def test_by_the_targets_id(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        (lead,) = add_leads(1)
        one, two = receipt(at=now, lead_id=lead.id, revision="r1"), receipt("k2", "00Q2", at=now)
        others = [receipt("k3", "00Q1", object="task"), receipt("k4", "00Q1", target="desk"), receipt("k5", "")]
        with store.write() as tx:
            tx.outbox.put_receipts([one, two, *others])
            assert tx.outbox.receipts_by_crm_id("crm", "lead", ["00Q2", "00Q1", "00Q9", ""]) == {
                "00Q1": one,
                "00Q2": two,
            }

    def test_of_several_the_newest_that_is_not_gone(self, store: Store, now: datetime) -> None:
        old, new = receipt("k1", at=now), receipt("k2", at=now + DAY)
        gone = receipt("k3", at=now + 2 * DAY, gone=True)
        with store.write() as tx:
            tx.outbox.put_receipts([gone, new, old, receipt("k4")])
            assert tx.outbox.receipts_by_crm_id("crm", "lead", ["00Q1"]) == {"00Q1": new}
            tx.outbox.put_receipts([replace(one, gone=True) for one in (old, new, receipt("k4"))])
            assert tx.outbox.receipts_by_crm_id("crm", "lead", ["00Q1"]) == {"00Q1": gone}

    def test_of_several_that_of_the_lead_that_stands_for_the_other(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        winner, loser = add_leads(2)
        with store.write() as tx:
            mine, others = (replace(receipt(key), lead_id=one.id) for key, one in (("k1", winner), ("k2", loser)))
            tx.outbox.put_receipts([replace(mine, at=now), replace(others, at=now + DAY)])
            tx.intake.merge(loser.id, winner.id, now)
            assert tx.outbox.receipts_by_crm_id("crm", "lead", ["00Q1"])["00Q1"].our_key == "k1"
            # Also where only the other's was led on to the record that a person deletes.
            tx.outbox.put_receipts([replace(mine, gone=True)])
            assert tx.outbox.receipts_by_crm_id("crm", "lead", ["00Q1"])["00Q1"].our_key == "k1"

    def test_what_is_put_and_names_nothing_new_keeps_the_rest(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        (lead,) = add_leads(1)
        known = receipt(at=now, lead_id=lead.id)
        with store.write() as tx:
            tx.outbox.put_receipts([known])
            tx.outbox.put_receipts([Receipt("crm", "lead", "k1", "", {"b": 3, "c": 4}, gone=True)])
            assert tx.outbox.receipts("crm", "lead", ["k1"])["k1"] == replace(
                known, values={"a": 1, "b": 3, "c": 4}, gone=True
            )

    def test_what_has_no_id_yet_is_remembered_without_one(self, store: Store) -> None:
        with store.write() as tx:
            tx.outbox.put_receipts([receipt(crm_id=""), receipt("k2", "")])
            assert tx.outbox.receipts("crm", "lead", ["k1", "k2"]) == {
                "k1": receipt(crm_id=""), "k2": receipt("k2", ""),
            }  # fmt: skip

    def test_what_was_said_last_counts(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        one, two = (lead.id for lead in add_leads(2))
        last = receipt(revision="r2", at=now + DAY, lead_id=two)
        with store.write() as tx:
            tx.outbox.put_receipts([receipt(revision="r1", at=now, lead_id=one, gone=True)])
            tx.outbox.put_receipts([last])
            assert tx.outbox.receipts("crm", "lead", ["k1"]) == {"k1": last}

    def test_another_id_begins_anew(self, store: Store, now: datetime) -> None:
        moved = receipt(crm_id="00Q9", values={"c": 1}, at=now)
        with store.write() as tx:
            tx.outbox.put_receipts([receipt(at=now)])
            tx.outbox.put_receipts([moved])
            assert tx.outbox.receipts("crm", "lead", ["k1"]) == {"k1": moved}
            assert tx.outbox.receipts_by_crm_id("crm", "lead", ["00Q1"]) == {}

    def test_forgotten_receipts_are_gone(self, store: Store) -> None:
        with store.write() as tx:
            tx.outbox.put_receipts([receipt("k1"), receipt("k2"), receipt("k1", object="contact")])
            assert tx.outbox.forget_receipts("crm", "lead", ["k1", "k9"]) == 1
            assert list(tx.outbox.receipts("crm", "lead", ["k1", "k2"])) == ["k2"]
            assert list(tx.outbox.receipts("crm", "contact", ["k1"])) == ["k1"]


class TestDoneValues:
    def test_what_was_delivered_newest_first(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            for score in (1, 2, 3):
                write(tx, now, [row(score), row(score + 10, "k2")])
            write(tx, now, [row(4)], "dead")
            write(tx, now, [row(5, kind="once", key="crm:k1:once")])
            write(tx, now, [row(6, group="owner", key="crm:lead:k1:owner")])
            tx.outbox.put([row(7)], now)
            scores = [values["score"] for values in tx.outbox.done_values("crm", "lead", "k1")]
            assert scores == [6, 3, 2, 1]
            assert tx.outbox.done_values("crm", "lead", "k1", 2) == [{"score": 6}, {"score": 3}]
            assert tx.outbox.done_values("crm", "task", "k1") == []


class TestPrune:
    def test_the_newest_and_the_newest_delivered_of_each_key_stay(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            for score in (1, 2, 3):
                write(tx, now, [row(score)])
            write(tx, now, [row(9, "k2")])
            tx.outbox.put([row(4)], now)
            tx.outbox.put([row(5)], now)
            assert tx.outbox.prune(now + DAY, 100) == 3
            assert [(one.our_key, one.revision, one.state) for one in tx.outbox.rows()] == [
                ("k1", 3, "done"),
                ("k2", 1, "done"),
                ("k1", 5, "waiting"),
            ]
            assert tx.outbox.prune(now + DAY, 100) == 0
            tx.outbox.put([row(6)], now)
            assert tx.outbox.rows(states=["waiting"])[0].revision == 6

    def test_rows_that_come_after_still_find_what_they_wait_for(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            write(tx, now, [row(1)])
            write(tx, now, [row(2)])
            write(tx, now, [row(3)], "dead")
            tx.outbox.prune(now + DAY, 100)
            tx.outbox.put([OutboxRow("crm", "once", "task", "t1", "task", {}, after="crm:lead:k1")], now)
            assert [one.key for one in tx.outbox.claim("crm", now, now + MINUTE, 9)] == ["task"]

    def test_what_is_young_stays_and_the_oldest_go_first(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            for day in range(5):
                write(tx, now + day * DAY, [row(day)])
            assert tx.outbox.prune(now + 3 * DAY, 2) == 2
            assert [one.values["score"] for one in tx.outbox.rows()] == [2, 3, 4]
            assert tx.outbox.prune(now + 3 * DAY, 2) == 1
            assert tx.outbox.prune(now + 3 * DAY, 2) == 0

    def test_what_is_done_once_stays_for_ever(self, store: Store, now: datetime) -> None:
        once = [row(1, kind=kind, key=f"crm:{kind}") for kind in ("once", "verify")]
        with store.write() as tx:
            for one in once:
                write(tx, now, [one])
            write(tx, now, [row(1)], "dead")
            assert tx.outbox.prune(now + DAY, 100) == 0
            assert tx.outbox.put(once, now) == 0

    def test_of_old_notices_only_the_key_stays(self, store: Store, now: datetime) -> None:
        sent, waits = (
            OutboxRow("notices", "once", "notice", key, f"notices:{key}", {"text": "Ana"}) for key in ("a", "b")
        )
        with store.write() as tx:
            tx.outbox.put([sent], now)
            [claimed] = tx.outbox.claim("notices", now, now + MINUTE, 1)
            tx.outbox.settle([Settlement(claimed, claimed.epoch, "done")], now)
            tx.outbox.put([waits], now)
            assert tx.outbox.prune(now, 9) == 0
            assert tx.outbox.prune(now + DAY, 9) == 1
            assert tx.outbox.prune(now + DAY, 9) == 0
            assert tx.outbox.put([sent], now) == 0
            assert [one.values for one in tx.outbox.rows()] == [{}, {"text": "Ana"}]


def test_receipts_and_values_are_found_without_a_scan(sqlite_template: Path) -> None:
    pool = Pool(Sqlite(str(sqlite_template)))
    with pool.transaction(writing=False) as session:
        plans = [
            session.rows("EXPLAIN QUERY PLAN " + text, *["1"] * text.count("?"))[0][3]
            for text in (BY_CRM_ID, DONE_VALUES)
        ]
    pool.close()
    assert plans == [
        "SEARCH receipts USING INDEX ix_receipts_crm_id (crm_id=?)",
        "SEARCH outbox USING INDEX ix_outbox_done (target=? AND object=? AND our_key=?)",
    ]


def test_what_waits_for_a_person_is_found_among_what_is_not_over(sqlite_template: Path) -> None:
    pool = Pool(Sqlite(str(sqlite_template)))
    with pool.transaction(writing=False) as session:
        asked = [listing(0, ("dead", "parked"), ""), listing(0, ("waiting",), "crm"), listing(7, ("dead",), "crm")]
        plans = [session.rows("EXPLAIN QUERY PLAN " + text, *values, 200)[0][3] for text, values in asked]
    pool.close()
    assert [plan.partition("USING INDEX ")[2].split()[0] for plan in plans] == [
        "ix_outbox_unfinished", "ix_outbox_unfinished", "ix_outbox_lead_id",
    ]  # fmt: skip
