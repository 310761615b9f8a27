"""A rehearsal sees the store, may write, leaves nothing, and in a store that is a file keeps nobody waiting."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from connector.model.errors import StateError
from connector.model.ports import Store
from state import open_store
from state.rehearsing import LEFT_BEHIND, PREFIX


def test_it_sees_what_was_committed_and_is_undone(store: Store) -> None:
    with store.write() as tx:
        tx.admin.set_meta("word", "kept")
    with store.rehearsal() as tx:
        assert tx.admin.meta("word") == "kept"
        tx.admin.set_meta("word", "tried")
        assert tx.admin.meta("word") == "tried"
    with store.read() as tx:
        assert tx.admin.meta("word") == "kept"


def test_what_goes_wrong_in_it_is_told_and_undone(store: Store) -> None:
    def fails() -> None:
        with store.rehearsal() as tx:
            tx.admin.set_meta("word", "tried")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails()
    with store.read() as tx:
        assert tx.admin.meta("word") == ""


def test_others_write_meanwhile_and_nothing_stays_beside_the_file(tmp_path: Path) -> None:
    store = open_store(tmp_path / "baton.db")
    with store.rehearsal() as tried:
        tried.admin.set_meta("word", "tried")
        with store.write() as tx:
            tx.admin.set_meta("other", "written")
        (folder,) = tmp_path.glob(f"{PREFIX}*")
        assert folder.stat().st_mode & 0o077 == 0
        assert tried.admin.meta("other") == ""
    assert list(tmp_path.glob(f"{PREFIX}*")) == []
    with store.read() as tx:
        assert (tx.admin.meta("word"), tx.admin.meta("other")) == ("", "written")
    store.close()


def test_what_a_killed_rehearsal_left_is_removed_by_a_later_one(tmp_path: Path) -> None:
    store = open_store(tmp_path / "baton.db")
    old, young = tmp_path / f"{PREFIX}old", tmp_path / f"{PREFIX}young"
    for folder in (old, young):
        folder.mkdir()
    long_ago = time.time() - LEFT_BEHIND - 60
    os.utime(old, (long_ago, long_ago))
    with store.rehearsal():
        pass
    assert (old.exists(), young.exists()) == (False, True)
    store.close()


def test_where_there_is_no_room_for_a_copy_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path / "baton.db")

    def full(**_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("state.rehearsing.mkdtemp", full)
    with pytest.raises(StateError, match="No space left"), store.rehearsal():
        pass
    store.close()
