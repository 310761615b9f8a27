"""The port `Ledgers`: runs, cursors, versions of criteria, jobs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from connector.model.ports import CriteriaVersion, Run, Store


class TestLedgers:
    def test_runs_are_recorded_newest_first(self, store: Store, now: datetime) -> None:
        first, second = Run("intake", now, connection="files"), Run("deliver", now)
        with store.write() as tx:
            tx.ledgers.start_run(first)
            tx.ledgers.start_run(second)
            first.ended_at, first.result, first.counts = now + timedelta(seconds=3), "done", {"leads": 12}
            tx.ledgers.end_run(first)
            assert tx.ledgers.runs() == [second, first]
            assert tx.ledgers.runs(1) == [second]

    def test_a_cursor_starts_empty_and_is_replaced(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            assert tx.ledgers.cursor("files", "contacts") == ""
            tx.ledgers.save_cursor("files", "contacts", "1", now)
            tx.ledgers.save_cursor("files", "contacts", "2", now)
            tx.ledgers.save_cursor("files", "activities", "9", now)
            assert tx.ledgers.cursor("files", "contacts") == "2"

    def test_a_version_is_kept_when_it_differs_from_the_latest(self, store: Store, now: datetime) -> None:
        one = CriteriaVersion("b2b", "v1", "points = 1", "ana", "first try", now)
        two = replace(one, version="v2", text="points = 2")
        with store.write() as tx:
            assert tx.ledgers.add_criteria(one)
            assert not tx.ledgers.add_criteria(one)
            assert tx.ledgers.add_criteria(two)
            assert tx.ledgers.add_criteria(one)
            assert tx.ledgers.add_criteria(replace(one, flow="b2c"))
            assert tx.ledgers.criteria("b2b") == [one, two, one]
            assert [version.flow for version in tx.ledgers.criteria()] == ["b2c", "b2b", "b2b", "b2b"]

    def test_a_version_without_a_time_gets_one(self, store: Store) -> None:
        with store.write() as tx:
            tx.ledgers.add_criteria(CriteriaVersion("b2b", "v1", ""))
            at = tx.ledgers.criteria("b2b")[0].at
        assert at is not None
        assert at.tzinfo is not None

    def test_a_note_is_about_the_latest_row_of_a_version(self, store: Store, now: datetime) -> None:
        one = CriteriaVersion("b2b", "v1", "points = 1", at=now)
        two = replace(one, version="v2")
        with store.write() as tx:
            for version in (one, two, one, replace(one, flow="b2c")):
                tx.ledgers.add_criteria(version)
            assert tx.ledgers.note_criteria("b2b", "v1", "ana", "too many students")
            assert not tx.ledgers.note_criteria("b2b", "v3", "ana", "nothing")
            noted = replace(one, author="ana", note="too many students")
            assert tx.ledgers.criteria("b2b") == [noted, two, one]
            assert tx.ledgers.criteria("b2c") == [replace(one, flow="b2c")]

    def test_jobs_remember_when_they_finished(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            assert tx.ledgers.last_done("intake:files") is None
            tx.ledgers.set_done("intake:files", now - timedelta(days=1))
            tx.ledgers.set_done("intake:files", now)
            assert tx.ledgers.last_done("intake:files") == now
