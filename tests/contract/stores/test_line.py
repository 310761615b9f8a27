"""The line on every kind of store: nothing is lost and nothing comes twice, whatever the database."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.model.ports import Transaction
from state import open_store
from tests.line import Line
from tests.stopping import Clock, Shared, leases_are_over, stopped, written_down

FILES = {"portal_settings": 'file = "portal.world"', "crm_settings": 'file = "crm.world"'}
ONE_EACH = {"lead": 2, "task": 2, "note": 2}


def line_at(folder: Path, place: str) -> Line:
    return Line(folder, database=place, page_size=2, **FILES)


def people(line: Line) -> None:
    for number in (1, 2):
        line.person(number)
        line.did(number, "demo_request")


def test_a_lead_goes_the_whole_line_and_only_changes_follow(tmp_path: Path, place: str) -> None:
    line = line_at(tmp_path, place)
    people(line)
    assert line.sync().failures == []
    assert line.crm_counts() == ONE_EACH
    line.now += timedelta(hours=1)
    line.person(1, city="Bonn")
    assert line.sync().failures == []
    assert [effect.values for effect in line.crm.effects("updated")] == [{"city": "Bonn"}]
    line.crm.fault("write", "done")
    line.now += timedelta(hours=1)
    line.person(2, city="Ulm")
    for _ in range(3):
        line.sync(timedelta(minutes=5))
    assert line.crm_counts() == ONE_EACH
    assert {row.state for row in line.outbox()} == {"done"}
    line.app.close()


@pytest.mark.parametrize(
    "broken",
    [
        {"city": "a\x00b"},
        {"id": "a\x00b"},
        {"email": "a\x00b@firm.example"},
        {"name.given": "\ud800"},
        {"company.employees": "99999999999999999999999"},
    ],
)
def test_a_value_that_the_database_cannot_take_costs_that_record_only(
    tmp_path: Path, place: str, broken: dict[str, str]
) -> None:
    line = Line(tmp_path, database=place, page_size=2, portal_settings=FILES["portal_settings"], crm_settings="")
    people(line)
    line.person(3, **broken)
    line.did(3, "demo_request", topic="a\x00b", seconds=10**12)
    assert line.sync().failures == []
    assert line.crm_counts()["lead"] >= 2
    line.app.close()


def killed_at(line: Line, boundary: int) -> None:
    """Run the line, and die before commit number `boundary`."""
    begin, commits = line.app.store.write, 0

    @contextmanager
    def write(**options: Any) -> Iterator[Transaction]:
        nonlocal commits
        with begin(**options) as tx:
            yield tx
            commits += 1
            if commits == boundary:
                os.kill(os.getpid(), signal.SIGKILL)

    line.app.store.write = write  # type: ignore[method-assign]
    line.sync()


@pytest.mark.parametrize("boundary", [6, 10, 14, 18])
def test_killed_before_a_commit_and_started_again_it_hands_each_over_once(
    tmp_path: Path, place: str, boundary: int
) -> None:
    line = line_at(tmp_path, place)
    people(line)
    for one in (line.app, line.portal, line.crm):
        one.close()
    child = os.fork()
    if child == 0:
        try:
            killed_at(line_at(tmp_path, place), boundary)
        finally:
            os._exit(70)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the line has more commits than this"
    line = line_at(tmp_path, place)
    with line.app.store.write() as tx:
        for name, owner, _ in tx.leases.holders():
            tx.leases.release(name, owner, tx.leases.take(name, owner, 0.0) or 0)
    for _ in range(3):
        assert line.sync(timedelta(minutes=10)).failures == []
    assert line.crm_counts() == ONE_EACH
    assert {row.state for row in line.outbox()} == {"done"}
    line.app.close()


def test_stopped_after_a_claim_it_sends_nothing_once_another_has_taken_over(tmp_path: Path, place: str) -> None:
    clock, settings = Clock(), {"database": place, "page_size": 2, **FILES}
    searched = f'{FILES["crm_settings"]}\nunique_key = "none"\nfind = "search"\nsettle = 5\nlag = 20'

    def opened() -> Shared:
        return Shared(tmp_path, clock, **(settings | {"crm_settings": searched}))

    line = opened()
    people(line)
    line.close()

    def claimed(what: str) -> bool:
        return what == "after commit" and line_has(place, "in_flight")

    with stopped(opened, Line.sync, claimed) as child:
        assert child.at == "after commit"
        line = opened()
        leases_are_over(line.app.store)
        for _ in range(3):
            assert line.sync(timedelta(minutes=20)).failures == []
        before, sent = written_down(line.app.store), line.crm.effects()
        child.goes_on()
    assert (written_down(line.app.store), line.crm.effects()) == (before, sent)
    assert line.crm_counts() == ONE_EACH
    line.close()


def line_has(place: str, state: str) -> bool:
    """Whether a row of the outbox is in this state."""
    store = open_store(place)
    with store.read() as tx:
        found = tx.outbox.rows(states=(state,), limit=1)
    store.close()
    return bool(found)
