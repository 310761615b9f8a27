"""Copies of a store in a file: one moment of it, whole, while others write; put back only where that is right."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

import state
from connector.model.errors import StateError
from connector.model.lead import Lead, Link
from connector.model.outbox import OutboxRow
from connector.model.ports import Store, Transaction
from state import backup, open_store, restore
from state.restoring import Present

NOW = datetime(2026, 12, 7, 8, 30, tzinfo=UTC)


@pytest.fixture
def file(sqlite_template: Path, tmp_path: Path) -> Path:
    """A store's file with two leads."""
    path = tmp_path / "baton.db"
    shutil.copy(sqlite_template, path)
    store = open_store(path)
    add(store, 2)
    store.close()
    return path


def add(store: Store, count: int) -> None:
    with store.write() as tx:
        leads = [Lead(fields={"email": f"{place}@example.com"}) for place in range(count)]
        tx.intake.add_leads(leads, NOW)
        tx.intake.put_links([Link("portal", "contact", f"{lead.id}", lead.id) for lead in leads])
        rows = [OutboxRow("crm", "once", "task", f"t{one.id}", f"k{one.id}", {"x": "y" * 500}, one.id) for one in leads]
        tx.outbox.put(rows, NOW)


def leads_in(path: Path) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM leads").fetchone()[0])


def content(path: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return list(connection.iterdump())


def put_back(place: Path, copy: Path, follow: Any = None, ended: bool = False) -> Any:
    def nothing(tx: Transaction, present: Present) -> None:
        del tx, present

    return restore(str(place), copy, NOW, follow or nothing, lambda _owner: ended)


class TestBackup:
    def test_a_copy_is_the_store_of_that_moment_and_its_owners_alone(self, file: Path, tmp_path: Path) -> None:
        copy = tmp_path / "copy.bak"
        found = backup(file, copy)
        assert (found.rows["leads"], found.rows["links"], found.version) == (2, 2, state.current_version(file))
        assert found.total == sum(found.rows.values())
        assert copy.stat().st_mode & 0o777 == 0o600
        assert found.size == copy.stat().st_size
        assert sorted(one.name for one in tmp_path.iterdir()) == ["baton.db", "copy.bak"]
        store = open_store(copy, create=False)
        with store.read() as tx:
            assert tx.admin.store_id() == found.store_id
        store.close()

    def test_nothing_is_written_over_unasked(self, file: Path, tmp_path: Path) -> None:
        copy = tmp_path / "copy.bak"
        copy.write_text("mine")
        with pytest.raises(StateError, match="there is a file of that name"):
            backup(file, copy)
        assert copy.read_text() == "mine"
        assert backup(file, copy, replace=True).rows["leads"] == leads_in(copy) == 2
        with pytest.raises(StateError, match="this is the store itself"):
            backup(file, file, replace=True)

    def test_while_others_write_it_is_one_moment_and_nobody_waits(self, file: Path, tmp_path: Path) -> None:
        store, stop, written = open_store(file), threading.Event(), [0, 0]
        add(store, 1500)

        def write(place: int) -> None:
            while not stop.is_set():
                add(store, 40)
                written[place] += 1

        writers = [threading.Thread(target=write, args=(place,)) for place in range(2)]
        for writer in writers:
            writer.start()
        during = []
        try:
            for number in range(2):
                before = sum(written)
                found = backup(file, tmp_path / f"{number}.bak")
                during.append(sum(written) - before)
                assert found.rows["leads"] == found.rows["links"] == found.rows["outbox"] == found.rows["standings"]
                assert leads_in(tmp_path / f"{number}.bak") == found.rows["leads"]
        finally:
            stop.set()
            for writer in writers:
                writer.join()
            store.close()
        assert max(during) > 0
        assert leads_in(tmp_path / "0.bak") < leads_in(tmp_path / "1.bak") < leads_in(file)

    @pytest.mark.parametrize(
        ("made", "says"),
        [
            (lambda path: None, "there is no store yet"),
            (lambda path: path.touch(), "there is no store yet"),
            (lambda path: path.write_text("a text, and a long one at that " * 40), "file is not a database"),
            (
                lambda path: sqlite3.connect(path).executescript("CREATE TABLE users (id INT)").close(),
                "another program",
            ),
            (lambda path: path.mkdir(), "there is no store yet"),
        ],
    )
    def test_what_is_no_store_is_said_in_one_line(self, tmp_path: Path, made: Any, says: str) -> None:
        place = tmp_path / "other.db"
        made(place)
        before = sorted(tmp_path.iterdir())
        with pytest.raises(StateError, match=says) as error:
            backup(place, tmp_path / "copy.bak")
        assert "\n" not in str(error.value)
        assert sorted(tmp_path.iterdir()) == before

    def test_damage_is_found_before_the_copy_has_its_name(self, file: Path, tmp_path: Path) -> None:
        whole = bytearray(file.read_bytes())
        whole[4096 * 30 : 4096 * 30 + 2000] = b"\xff" * 2000
        file.write_bytes(whole)
        with pytest.raises(StateError):
            backup(file, tmp_path / "copy.bak")
        assert [one.name for one in tmp_path.iterdir() if "bak" in one.name] == []

    def test_a_disk_that_is_full_leaves_nothing(self, file: Path, tmp_path: Path) -> None:
        code = (
            "import resource, sys; from pathlib import Path; from connector.model.errors import StateError\n"
            "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
            "from state import backup\n"
            "try: backup(sys.argv[1], Path(sys.argv[2]))\n"
            "except StateError as error: print(error)"
        )
        root = Path(state.__file__).parents[1]
        run = subprocess.run(
            [sys.executable, "-c", code, str(file), str(tmp_path / "copy.bak")],
            cwd=root, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert run.stdout.count("\n") == 1, run.stdout
        assert sorted(one.name for one in tmp_path.iterdir()) == ["baton.db"]


class TestRestore:
    def test_the_copy_takes_the_stores_place_and_that_one_is_kept(self, file: Path, tmp_path: Path) -> None:
        copy = tmp_path / "copy.bak"
        backup(file, copy)
        store = open_store(file)
        add(store, 5)
        with store.write() as tx:
            tx.admin.set_meta("token:crm", "the newest")
        store.close()
        seen: list[Present] = []
        done = put_back(file, copy, lambda tx, present: seen.append(present))
        assert (leads_in(file), leads_in(Path(done.kept)), done.store.rows["leads"]) == (2, 7, 2)
        assert Path(done.kept).name == "baton.db.before-restore-20261207-083000"
        assert Path(done.kept).stat().st_mode & 0o777 == file.stat().st_mode & 0o777 == 0o600
        assert (seen[0].numbers["leads"], seen[0].restores, seen[0].empty) == (7, 0, False)
        store = open_store(file, create=False)
        with store.read() as tx:
            assert tx.admin.meta("token:crm") == "the newest"
        store.close()
        assert sorted(one.name for one in tmp_path.iterdir() if not one.name.endswith(("-wal", "-shm"))) == [
            "baton.db", Path(done.kept).name, "copy.bak",
        ]  # fmt: skip

    def test_what_follows_is_there_or_nothing_is(self, file: Path, tmp_path: Path) -> None:
        copy = tmp_path / "copy.bak"
        backup(file, copy)
        before = content(file)

        def fails(tx: Transaction, _present: Present) -> None:
            tx.admin.set_meta("word", "half")
            raise StateError("no")

        with pytest.raises(StateError, match="no"):
            put_back(file, copy, fails)
        assert content(file) == before
        assert {one.name for one in tmp_path.iterdir()} <= {"baton.db", "copy.bak", "baton.db-wal", "baton.db-shm"}

    @pytest.mark.parametrize("writing", [True, False])
    def test_a_store_that_somebody_has_open_is_left_alone(self, file: Path, tmp_path: Path, writing: bool) -> None:
        copy = tmp_path / "copy.bak"
        backup(file, copy)
        store = open_store(file)
        # Idle, between two jobs.
        with store.write() if writing else store.read() as tx:
            tx.admin.store_id()
        with pytest.raises(StateError, match="another process has it open: stop it first"):
            put_back(file, copy)
        store.close()
        assert put_back(file, copy).store.rows["leads"] == 2

    def test_who_holds_a_lease_is_named_unless_it_has_ended(self, file: Path, tmp_path: Path) -> None:
        copy = tmp_path / "copy.bak"
        backup(file, copy)
        store = open_store(file)
        with store.write() as tx:
            tx.leases.take("deliver:crm", "host/1:77:x:1", 120)
        store.close()
        with pytest.raises(StateError, match=r"host/1:77:x:1 is at work on it \(deliver:crm\)"):
            put_back(file, copy)
        assert put_back(file, copy, ended=True).kept

    def test_only_a_copy_of_this_store_is_taken(self, file: Path, tmp_path: Path) -> None:
        other = tmp_path / "other.db"
        open_store(other).close()
        before = content(file)
        with pytest.raises(StateError, match=r"this is the store .{6}, the present one is .{6}; nothing was changed"):
            put_back(file, other)
        assert content(file) == before
        # One that was just made, and has nothing in it, is in nobody's way.
        assert put_back(other, file).store.rows["leads"] == 2

    def test_into_an_empty_place_and_over_a_damaged_store(self, file: Path, tmp_path: Path) -> None:
        copy, new = tmp_path / "copy.bak", tmp_path / "new.db"
        backup(file, copy)
        assert put_back(new, copy).kept == ""
        assert (leads_in(new), new.stat().st_mode & 0o777) == (2, 0o600)
        file.write_bytes(b"damaged " * 1000)
        done = put_back(file, copy)
        assert Path(done.kept).read_bytes().startswith(b"damaged")
        assert leads_in(file) == 2

    @pytest.mark.parametrize(
        ("made", "says"),
        [
            (lambda path: None, "there is no such file"),
            (lambda path: path.mkdir(), "a folder, not a database"),
            (lambda path: path.touch(), "this is no copy of a store"),
            (lambda path: path.write_text("a text"), "this is no copy of a store"),
            (
                lambda path: sqlite3.connect(path).executescript("CREATE TABLE users (id INT)").close(),
                "another program",
            ),
            (lambda path: sqlite3.connect(path).executescript("VACUUM").close(), "this is no copy|there is no store"),
        ],
    )
    def test_what_is_no_copy_is_said_in_one_line(self, file: Path, tmp_path: Path, made: Any, says: str) -> None:
        given = tmp_path / "given"
        made(given)
        before = content(file)
        with pytest.raises(StateError, match=says) as error:
            put_back(file, given)
        assert str(given) in str(error.value)
        assert "\n" not in str(error.value)
        assert content(file) == before

    def test_a_copy_that_is_newer_or_damaged_is_not_put_back(self, file: Path, tmp_path: Path) -> None:
        newer, damaged = tmp_path / "newer.bak", tmp_path / "damaged.bak"
        backup(file, newer)
        with closing(sqlite3.connect(newer)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
            connection.commit()
        with pytest.raises(StateError, match=r"newer\.bak: made by a newer baton"):
            put_back(file, newer)
        backup(file, damaged)
        with closing(sqlite3.connect(damaged)) as connection:
            connection.execute("DELETE FROM leads WHERE id = 1")
            connection.commit()
        with pytest.raises(StateError, match=r"damaged\.bak: damaged: what is in it does not hold together"):
            put_back(file, damaged)
        assert leads_in(file) == 2

    def test_an_older_copy_is_migrated(self, file: Path, tmp_path: Path) -> None:
        copy = tmp_path / "copy.bak"
        backup(file, copy)
        assert state.migrate(copy, "0001") == "0001"
        assert put_back(file, copy).store.version == state.current_version(file)
        assert (leads_in(file), state.current_version(copy)) == (2, "0001")

    def test_a_raw_copy_with_its_log_is_a_copy_too(self, file: Path, tmp_path: Path) -> None:
        store = open_store(file)
        add(store, 3)
        shutil.copy(file, tmp_path / "raw.db")
        shutil.copy(f"{file}-wal", tmp_path / "raw.db-wal")
        store.close()
        assert put_back(tmp_path / "new.db", tmp_path / "raw.db").store.rows["leads"] == 5


@pytest.fixture
def locked(file: Path) -> Iterator[Path]:
    """A folder with a store in which nothing may be written; not by root either, who otherwise may."""
    folder = Path(mkdtemp())
    shutil.copy(file, folder / "baton.db")
    (folder / "baton.db").chmod(0o444)
    folder.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield folder
    if root:
        os.seteuid(0)
    folder.chmod(0o700)
    shutil.rmtree(folder)


def test_where_nothing_may_be_written_it_says_so(locked: Path) -> None:
    def writes() -> None:
        with open_store(locked / "baton.db").write() as tx:
            tx.admin.set_meta("word", "x")

    for does in (
        writes,
        lambda: open_store(locked / "new.db"),
        lambda: backup(locked / "baton.db", locked / "copy.bak"),
        lambda: put_back(locked / "new.db", locked / "baton.db"),
    ):
        with pytest.raises(StateError) as error:
            does()
        assert "\n" not in str(error.value)
        assert str(locked) in str(error.value)
    assert [one.name for one in locked.iterdir()] == ["baton.db"]
