"""What every transaction promises, whatever is done in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connector.model.errors import StateError
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.outbox import OutboxRow
from connector.model.ports import Store
from state import engine, open_store
from state.engine import ConstraintError, Pool, Sqlite
from state.outbox import CLAIMABLE, LATE, UNKNOWN
from state.scores import COUNT_FEW, DUE_OF_FEW
from state.store import StoreOnSql

AddLeads = Callable[..., list[Lead]]


class TestTransactions:
    def test_everything_or_nothing(self, store: Store, now: datetime) -> None:
        def fail_half_way() -> None:
            with store.write() as tx:
                tx.intake.add_leads([Lead()], now)
                tx.ledgers.save_cursor("files", "contacts", "1", now)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail_half_way()
        with store.read() as tx:
            assert tx.reports.totals()["leads"] == 0
            assert tx.ledgers.cursor("files", "contacts") == ""

    def test_a_savepoint_undoes_its_part_only(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.ledgers.save_cursor("files", "contacts", "1", now)
            with suppress(ZeroDivisionError), tx.savepoint():
                tx.ledgers.save_cursor("files", "contacts", "2", now)
                raise ZeroDivisionError
            with tx.savepoint():
                tx.ledgers.save_cursor("files", "activities", "3", now)
        with store.read() as tx:
            assert tx.ledgers.cursor("files", "contacts") == "1"
            assert tx.ledgers.cursor("files", "activities") == "3"

    def test_a_broken_rule_within_a_savepoint_leaves_the_rest(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        (lead,) = add_leads(1)
        handoff = Handoff(lead.id, "b2b", "mql", "waiting", now, "v1", brief="ana@example.com")
        with store.write() as tx:
            tx.handoffs.add([handoff])
            with pytest.raises(ConstraintError) as caught, tx.savepoint():
                tx.handoffs.add([handoff])
            tx.admin.set_meta("still", "here")
        assert "ana@example.com" not in str(caught.value)
        with store.read() as tx:
            assert tx.admin.meta("still") == "here"

    def test_a_reader_cannot_write(self, store: Store) -> None:
        with pytest.raises(Exception, match=r"(?i)read-?only"), store.read() as tx:
            tx.admin.set_meta("a", "b")

    def test_a_reader_sees_one_snapshot(self, store: Store) -> None:
        with store.read() as reader:
            assert reader.admin.meta("word") == ""
            with store.write() as writer:
                writer.admin.set_meta("word", "new")
            assert reader.admin.meta("word") == ""
        with store.read() as reader:
            assert reader.admin.meta("word") == "new"

    def test_read_and_then_write_loses_no_update(self, place: str) -> None:
        def count_up(_: int) -> None:
            own = open_store(place)
            for _turn in range(100):
                with own.write() as tx:
                    tx.admin.set_meta("count", str(int(tx.admin.meta("count") or 0) + 1))
            own.close()

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(count_up, range(4)))
        store = open_store(place)
        with store.read() as tx:
            assert tx.admin.meta("count") == "400"
        store.close()

    def test_two_claimers_never_get_the_same_row(self, store: Store, now: datetime) -> None:
        rows = [OutboxRow("crm", "once", "task", f"t{n}", f"k{n}", {}) for n in range(120)]
        with store.write() as tx:
            tx.outbox.put(rows, now)

        def take(_: int) -> list[int]:
            mine: list[int] = []
            while True:
                with store.write() as tx:
                    claimed = tx.outbox.claim("crm", now, now + timedelta(minutes=1), 7)
                if not claimed:
                    return mine
                mine += [row.id for row in claimed]

        with ThreadPoolExecutor(4) as threads:
            taken = [row_id for mine in threads.map(take, range(4)) for row_id in mine]
        assert len(taken) == len(set(taken)) == 120


class TestSqlite:
    def test_a_store_that_stays_locked_is_told_in_one_line(
        self, sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "locked.db"
        path.write_bytes(sqlite_template.read_bytes())
        monkeypatch.setattr(engine, "BUSY_SECONDS", 0.01)
        one, two = open_store(path), open_store(path)
        with one.write(), pytest.raises(StateError, match="locked"), two.write():
            pass
        with two.write() as tx:
            tx.admin.set_meta("free", "again")
        one.close()
        two.close()

    def test_a_durable_commit_waits_for_the_disk(self, tmp_path: Path, sqlite_template: Path) -> None:
        path = tmp_path / "durable.db"
        path.write_bytes(sqlite_template.read_bytes())
        pool = Pool(Sqlite(str(path)))
        levels = []
        for durable in (True, False, True):
            with pool.transaction(writing=True, durable=durable) as session:
                levels.append(session.value("PRAGMA synchronous"))
                assert session.value("PRAGMA journal_mode") == "wal"
                assert session.value("PRAGMA foreign_keys") == 1
        pool.close()
        assert levels == [2, 1, 2]

    @pytest.mark.parametrize("text", [CLAIMABLE, LATE, UNKNOWN, COUNT_FEW, DUE_OF_FEW])
    def test_what_every_tick_asks_scans_no_table(self, sqlite_template: Path, text: str) -> None:
        pool = Pool(Sqlite(str(sqlite_template)))
        with pool.transaction(writing=False) as session:
            plan = [row[3] for row in session.rows("EXPLAIN QUERY PLAN " + text, *[1] * text.count("?"))]
        pool.close()
        # Walking a partial index is walking the few rows that it is about.
        assert not [step for step in plan if step.startswith("SCAN") and step != "SCAN few" and "INDEX" not in step]

    def test_a_store_is_used_by_any_thread(self, sqlite_template: Path, tmp_path: Path) -> None:
        path = tmp_path / "threads.db"
        path.write_bytes(sqlite_template.read_bytes())
        store = open_store(path)
        with store.write() as tx:
            tx.admin.set_meta("a", "b")

        def read(_: int) -> str:
            with store.read() as tx:
                return tx.admin.meta("a")

        with ThreadPoolExecutor(3) as threads:
            assert set(threads.map(read, range(12))) == {"b"}
        store.close()

    def test_closing_leaves_no_log_behind(self, sqlite_template: Path, tmp_path: Path) -> None:
        path = tmp_path / "closed.db"
        path.write_bytes(sqlite_template.read_bytes())
        store = open_store(path)
        with store.write() as tx:
            tx.admin.set_meta("a", "b")
        store.close()
        assert [one.name for one in tmp_path.iterdir()] == ["closed.db"]
        assert isinstance(store, StoreOnSql)
        assert sqlite3.connect(path).execute("SELECT count(*) FROM meta").fetchone()[0] > 0


def test_what_is_kept_of_a_transaction_that_is_over_can_do_nothing(store: Store) -> None:
    with store.write() as tx:
        tx.admin.set_meta("word", "said")
    # Its connection is somebody else's by now.
    with pytest.raises((StateError, sqlite3.ProgrammingError), match="closed"):
        tx.admin.meta("word")
    with store.read() as tx:
        assert tx.admin.meta("word") == "said"
