"""Which criteria are in force and which wait, on every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from connector.model.ports import CriteriaVersion, Store, Waiting


class TestCriteriaInForce:
    def test_the_latest_version_of_each_flow_is_in_force(self, store: Store, now: datetime) -> None:
        one = CriteriaVersion("b2b", "v1", "points = 1", at=now)
        with store.write() as tx:
            assert (tx.criteria.versions(), tx.criteria.text("b2b")) == ({}, "")
            for version in (one, replace(one, version="v2", text="points = 2"), replace(one, flow="b2c"), one):
                tx.ledgers.add_criteria(version)
            assert tx.criteria.versions() == {"b2b": "v1", "b2c": "v1"}
            tx.ledgers.add_criteria(replace(one, version="v3", text="points = 3"))
            assert tx.criteria.versions() == {"b2b": "v3", "b2c": "v1"}
            assert tx.criteria.text("b2b") == "points = 3"

    def test_one_version_waits_in_a_flow(self, store: Store, now: datetime) -> None:
        first = Waiting("b2b", "v2", "v1", now, {"in": 70, "out": 3})
        other = Waiting("b2c", "v9", "v8", now)
        newer = replace(first, version="v3", since=now + timedelta(hours=1), body={"in": 80})
        with store.write() as tx:
            assert tx.criteria.waiting() == {}
            for one in (first, other, newer):
                tx.criteria.wait(one)
            assert tx.criteria.waiting() == {"b2b": newer, "b2c": other}
            assert tx.criteria.wait_no_longer("b2b")
            assert not tx.criteria.wait_no_longer("b2b")
            assert tx.criteria.waiting() == {"b2c": other}
