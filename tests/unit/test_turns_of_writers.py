"""Writers of one process take turns, in the order in which they came."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from connector.model.errors import StateError
from state import open_store
from state.turns import Turns


def test_the_turn_goes_to_who_waits_longest() -> None:
    turns, told = Turns(), list[int]()
    assert turns.take(0)

    def writer(number: int) -> None:
        assert turns.take(10)
        told.append(number)
        turns.give()

    threads = []
    for number in range(5):
        threads.append(threading.Thread(target=writer, args=(number,)))
        threads[-1].start()
        while len(turns._waiting) <= number:
            pass
    turns.give()
    for thread in threads:
        thread.join(10)
    assert told == [0, 1, 2, 3, 4]
    assert turns.take(0)


def test_who_waited_in_vain_stands_in_nobodys_way() -> None:
    turns = Turns()
    assert turns.take(0)
    assert not turns.take(0.01)
    turns.give()
    assert turns.take(0)


def test_a_thread_that_writes_page_after_page_lets_others_write_between_its_pages(tmp_path: Path) -> None:
    store = open_store(tmp_path / "baton.db")
    stop, waits, turns_of_other = threading.Event(), threading.Event(), list[int]()
    pages = 0

    def busy() -> None:
        nonlocal pages
        while not stop.is_set():
            with store.write() as tx:
                pages += 1
                tx.admin.set_meta("page", str(pages))
                waits.wait(0.002)

    thread = threading.Thread(target=busy)
    thread.start()
    for _ in range(20):
        before = pages
        with store.write() as tx:
            tx.admin.set_meta("other", "1")
        turns_of_other.append(pages - before)
    stop.set()
    thread.join(10)
    assert max(turns_of_other) <= 3
    store.close()


def test_a_fault_in_a_transaction_gives_the_turn_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path / "baton.db")
    with pytest.raises(ZeroDivisionError), store.write():
        raise ZeroDivisionError
    monkeypatch.setattr("state.engine.BUSY_SECONDS", 0.01)
    with store.write() as tx:
        tx.admin.set_meta("word", "1")
        with pytest.raises(StateError), store.write():
            pass
    with store.write() as tx:
        assert tx.admin.meta("word") == "1"
    store.close()
