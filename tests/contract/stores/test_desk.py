"""The port `Desk`: records of the built-in CRM."""

from __future__ import annotations

from datetime import datetime

from connector.model.ports import Store


class TestDesk:
    def test_a_record_is_made_once_by_our_key(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            desk_id, revision = tx.desk.put("lead", "b-1", "", {"name": "山田", "score": 5}, now)
            assert revision == 1
            assert tx.desk.put("lead", "b-1", "", {"score": 7}, now) == (desk_id, 2)
            assert tx.desk.get("lead", "b-1") == (desk_id, {"name": "山田", "score": 7})

    def test_objects_do_not_mix(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            lead, _ = tx.desk.put("lead", "b-1", "", {"a": 1}, now)
            task, _ = tx.desk.put("task", "b-1", lead, {"b": 2}, now)
            assert lead != task
            assert tx.desk.get("task", "b-1") == (task, {"b": 2})
            assert tx.desk.get("note", "b-1") is None

    def test_a_listing_goes_on_after_an_id(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            ids = [tx.desk.put("lead", key, "", {"key": key}, now)[0] for key in ("b", "a", "c")]
            tx.desk.put("task", "t", ids[0], {}, now)
            listed = tx.desk.listing("lead", limit=2)
            assert listed == [(ids[0], "b", {"key": "b"}), (ids[1], "a", {"key": "a"})]
            assert tx.desk.listing("lead", after=int(ids[1])) == [(ids[2], "c", {"key": "c"})]

    def test_changes_come_in_their_order_each_record_once(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            first, second = (tx.desk.put("lead", key, "", {"key": key}, now)[0] for key in ("a", "b"))
            tx.desk.put("task", "t", first, {}, now)
            told = tx.desk.changed("lead", 0, 10)
            assert [one.id for one in told] == [first, second]
            tx.desk.put("lead", "a", "", {"score": 7}, now)
            later = tx.desk.changed("lead", told[-1].seq, 10)
            assert [(one.id, one.our_key, one.values) for one in later] == [(first, "a", {"key": "a", "score": 7})]
            assert [one.id for one in tx.desk.changed("lead", 0, 1)] == [second]
            assert tx.desk.changed("lead", later[-1].seq, 10) == []

    def test_a_record_is_told_whole(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            lead, _ = tx.desk.put("lead", "b-1", "", {"a": 1}, now)
            tx.desk.put("task", "t", lead, {}, now)
            task = tx.desk.record("task", "t")
            assert task is not None
            assert (task.parent_id, task.changed_at, task.object) == (lead, now, "task")
            assert tx.desk.record("lead", "t") is None
