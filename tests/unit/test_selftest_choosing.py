"""Which boundaries are walked, and what is told of what a killed process has left behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.selftest.choosing import evenly, places
from connector.selftest.left import Heard, left_in
from connector.selftest.served import NONE, READS

LINE = ("before A", "after A", "before B", "after B", "before A", "after A", "before B", "after B")


class TestPlaces:
    def test_each_place_is_walked_and_a_neighbour_once_more_where_it_is_needed(self) -> None:
        assert places(LINE) == [1, 2, 3, 4, 7, 8]

    def test_what_another_thread_has_begun_may_be_done_in_between(self) -> None:
        busy = ("before C", *LINE, "after C")
        assert places(busy) == list(range(1, 11))

    def test_between_two_items_something_is_written(self) -> None:
        items = ("before P", "after item 1 of 2 of P", "after P") * 2
        assert places(items) == [1, 2, 3, 5, 6]

    @given(st.lists(st.sampled_from([f"{when} {what}" for when in ("before", "after") for what in "ABC"])))
    def test_no_place_is_left_out_and_no_two_neighbours(self, names: list[str]) -> None:
        walked = places(names)
        assert {names[number - 1] for number in walked} == set(names)
        assert all(later - earlier <= 2 for earlier, later in zip([0, *walked], [*walked, len(names) + 1], strict=True))

    @given(st.integers(1, 60), st.integers(1, 60))
    def test_a_sample_is_spread(self, count: int, sample: int) -> None:
        chosen = evenly(count, sample)
        assert len(chosen) == len(set(chosen)) == min(count, sample)
        assert sample == 1 or (chosen[0], chosen[-1]) == (1, count)


class TestLeft:
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(tmp_path / "baton.db", isolation_level=None)) as store:
            store.execute("PRAGMA journal_mode=WAL")
            store.execute("CREATE TABLE leases (name, owner, epoch, until_at)")
            store.execute("CREATE TABLE meta (name, value)")
            store.execute("INSERT INTO leases VALUES ('pull', 'one', 1, 99)")
            store.execute("INSERT INTO meta VALUES ('token:crm', 'sealed'), ('store_id', 'b1')")
            yield store

    def test_a_transaction_that_was_not_committed_leaves_nothing(
        self, store: sqlite3.Connection, tmp_path: Path
    ) -> None:
        before = left_in(tmp_path)
        store.execute("BEGIN IMMEDIATE")
        store.execute("INSERT INTO meta VALUES ('more', '1')")
        assert left_in(tmp_path) == before
        store.execute("COMMIT")
        assert left_in(tmp_path) != before

    def test_the_log_stays_for_whoever_comes_next(self, store: sqlite3.Connection, tmp_path: Path) -> None:
        log = (tmp_path / "baton.db-wal").read_bytes()
        store.execute("BEGIN")
        assert left_in(tmp_path) == left_in(tmp_path)
        assert (tmp_path / "baton.db-wal").read_bytes() == log != b""

    @pytest.mark.parametrize(
        ("statement", "told"),
        [
            ("UPDATE leases SET owner = 'two', until_at = 100", False),
            ("UPDATE leases SET until_at = 0", True),
            ("UPDATE leases SET epoch = 2", True),
            ("UPDATE meta SET value = 'other' WHERE name = 'token:crm'", False),
            ("UPDATE meta SET value = 'b2' WHERE name = 'store_id'", True),
            ("CREATE INDEX names ON meta (name)", True),
        ],
    )
    def test_what_chance_made_is_not_told(
        self, store: sqlite3.Connection, tmp_path: Path, statement: str, told: bool
    ) -> None:
        store.execute("PRAGMA wal_autocheckpoint=0")
        one, other = tmp_path / "one", tmp_path / "other"
        for folder, said in ((one, "SELECT 1; UPDATE meta SET name = name"), (other, statement)):
            folder.mkdir()
            with closing(sqlite3.connect(folder / "baton.db", isolation_level=None)) as copy:
                store.backup(copy)
                copy.execute(said.rpartition("; ")[2])
        assert (left_in(one) != left_in(other)) == told

    def test_files_are_told_but_the_admins_own(self, tmp_path: Path) -> None:
        (tmp_path / "leads.csv").write_text("a")
        before = left_in(tmp_path)
        (tmp_path / "config.toml").write_text("port")
        assert left_in(tmp_path) == before
        (tmp_path / "leads.csv").write_text("b")
        assert left_in(tmp_path) != before
        assert left_in(tmp_path, "heard") != left_in(tmp_path)

    def test_writes_are_heard_in_their_order_and_reads_where_they_count(self) -> None:
        def heard(*calls: str, reads: bool = True) -> str:
            one = Heard(READS if reads else NONE)
            for call in calls:
                one.note(call.partition(" ")[0], call.partition(" ")[2], b"body")
            return one.all(lambda: 1)

        assert heard("GET /a", "POST /b") == heard("POST /b") != heard("POST /c")
        assert heard("POST /b", "POST /c") != heard("POST /c", "POST /b")
        assert heard("GET /a", "POST /b", reads=False) != heard("POST /b", reads=False)
