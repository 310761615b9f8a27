"""The port `Reviews`: what waits for a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from connector.model.lead import Lead
from connector.model.ports import ReviewItem, Store

AddLeads = Callable[..., list[Lead]]


def item(key: str, **given: object) -> ReviewItem:
    return ReviewItem(**{"kind": "set_aside", "key": key, "where": "leads.csv:3", "reason": "no date", **given})  # type: ignore[arg-type]


class TestReviews:
    def test_an_item_comes_back_as_it_was_stored(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        (lead,) = add_leads(1)
        one = item("k", field="at", lead_id=lead.id, connection="files", flow="b2b", body={"values": {"氏名": "山田"}})
        with store.write() as tx:
            tx.reviews.put([one], now)
            tx.reviews.put([], now)
            (found,) = tx.reviews.open()
        assert found == replace(one, first_at=now, last_at=now, id=found.id)

    def test_the_same_fault_again_is_one_item(self, store: Store, now: datetime) -> None:
        later = now + timedelta(hours=1)
        with store.write() as tx:
            tx.reviews.put([item("k"), item("k", reason="no date at all")], now)
            tx.reviews.put([item("k", where="leads.csv:4", body={"a": 1}), item("k", kind="notice")], later)
            (found,) = tx.reviews.open("set_aside")
        assert (found.seen, found.first_at, found.last_at) == (3, now, later)
        assert (found.where, found.reason, found.body) == ("leads.csv:4", "no date", {"a": 1})

    def test_a_closed_item_is_gone_and_may_open_again(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.reviews.put([item("a"), item("b"), item("a", kind="notice")], now)
            assert tx.reviews.close("set_aside", ["a", "x"], "mended", now) == 1
            assert tx.reviews.close("set_aside", ["a"], "mended", now) == 0
            assert tx.reviews.is_open("set_aside", ["a", "b", "x"]) == {"b"}
            tx.reviews.put([item("a")], now)
            assert [(one.kind, one.key, one.seen) for one in tx.reviews.open()] == [
                ("set_aside", "b", 1), ("notice", "a", 1), ("set_aside", "a", 1),
            ]  # fmt: skip

    def test_items_are_listed_in_pages_and_found_by_id(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.reviews.put([item(key) for key in "abc"] + [item("n", kind="notice")], now)
            ids = [one.id for one in tx.reviews.open()]
            assert [one.key for one in tx.reviews.open("set_aside", 2)] == ["a", "b"]
            assert [one.key for one in tx.reviews.open("set_aside", 2, after_id=ids[1])] == ["c"]
            assert [one.key for one in tx.reviews.open(limit=2, after_id=ids[1])] == ["c", "n"]
            tx.reviews.close("set_aside", ["a"], "dropped", now)
            assert [one.key for one in tx.reviews.get(ids[:2])] == ["b"]
            assert tx.reviews.counts() == {"set_aside": 2, "notice": 1}

    def test_what_is_open_about_a_lead(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        one, other = add_leads(2)
        with store.write() as tx:
            tx.reviews.put([item("a", lead_id=one.id), item("b", lead_id=other.id), item("c", lead_id=one.id)], now)
            tx.reviews.put([item("d")], now)
            assert [found.key for found in tx.reviews.of_lead(one.id)] == ["a", "c"]
            tx.reviews.close("set_aside", ["a"], "mended", now)
            assert [found.key for found in tx.reviews.of_lead(one.id)] == ["c"]
