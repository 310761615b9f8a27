"""Killed at every boundary and started again: nothing lost, nothing twice.

A boundary is the moment before and after each commit of the store, and the beginning and the
end of each call to a platform (the platform has done the work, and nobody has heard of it). A
child process runs the line in a fresh folder and kills itself at boundary k; then the line runs
again under a later clock, and the platform's own books are compared with the store's.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.model.ports import Transaction
from tests.line import Line

PORTAL = 'file = "portal.world"'
#: A platform that takes our key and can be asked for it, and one that can only be searched, later.
CRMS = {
    "unique key": 'file = "crm.world"',
    "only searched": 'file = "crm.world"\nunique_key = "none"\nfind = "search"\nsettle = 5\nlag = 20',
}
PEOPLE = 2


def line_in(folder: Path, crm: str) -> Line:
    return Line(folder, portal_settings=PORTAL, crm_settings=CRMS[crm], page_size=2)


def template(folder: Path, crm: str) -> None:
    """A folder with people to hand over, and nothing read yet."""
    folder.mkdir()
    line = line_in(folder, crm)
    for number in range(PEOPLE):
        line.person(number)
        line.did(number, "demo_request")
    line.app.close()
    line.portal.close()
    line.crm.close()


def watched(line: Line, step: Callable[[str], None]) -> None:
    """Call `step` at every boundary of `line`."""
    begin = line.app.store.write

    @contextmanager
    def write(**options: Any) -> Iterator[Transaction]:
        with begin(**options) as tx:
            yield tx
            step("before commit")
        step("after commit")

    def opened(**options: Any) -> AbstractContextManager[Transaction]:
        return write(**options)

    line.app.store.write = opened  # type: ignore[method-assign]
    line.portal.watch = line.crm.watch = step


def run_until(folder: Path, crm: str, boundary: int) -> bool:
    """Run the line in a child that is killed at `boundary`; False where it came to its end before."""
    child = os.fork()
    if child == 0:
        passed = 0

        def step(_what: str) -> None:
            nonlocal passed
            passed += 1
            if passed == boundary:
                os.kill(os.getpid(), signal.SIGKILL)

        status = 70
        try:
            line = line_in(folder, crm)
            watched(line, step)
            status = 0 if not line.sync().failures else 1
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the child failed by itself"
    return os.WIFSIGNALED(status)


def recover(folder: Path, crm: str) -> Line:
    """Start again, later, until it is quiet."""
    line = line_in(folder, crm)
    # Leases run by the database's clock: the dead child's are given back by hand, as time would.
    with line.app.store.write() as tx:
        for name, owner, _ in tx.leases.holders():
            epoch = tx.leases.take(name, owner, 0.0)
            tx.leases.release(name, owner, epoch or 0)
    for _ in range(4):
        assert line.sync(timedelta(minutes=10)).failures == []
    return line


def problems_of(line: Line) -> list[str]:
    """What the platform's books say against the store's; empty where they agree."""
    found = []
    things = Counter((thing.object, thing.our_key) for thing in line.crm.things())
    found += [f"twice: {key}" for key, count in things.items() if count > 1]
    kinds = Counter(kind for kind, _ in things)
    found += [f"lost: {kind}" for kind in ("lead", "task", "note") if kinds[kind] != PEOPLE]
    leads = {thing.crm_id for thing in line.crm.things("lead")}
    found += [f"on no lead: {thing.our_key}" for thing in line.crm.things("task") if thing.parent_id not in leads]
    with line.app.store.read() as tx:
        totals, turns = tx.reports.totals(), tx.handoffs.turns("sales")
        left = tx.outbox.rows(states=("waiting", "in_flight", "unknown", "dead", "parked"))
    if (totals["leads"], totals["activities"], totals["handoffs"]) != (PEOPLE, PEOPLE, PEOPLE):
        found.append(f"the store holds {totals}")
    if len({turn.handoff_id for turn in turns}) != len(turns) or len(turns) != PEOPLE:
        found.append(f"turns: {len(turns)}")
    return found + [f"left: {row.kind} {row.state} {row.reason}" for row in left]


@pytest.mark.parametrize("crm", CRMS)
def test_nothing_is_lost_and_nothing_comes_twice_wherever_it_is_killed(tmp_path: Path, crm: str) -> None:
    template(tmp_path / "template", crm)
    boundary, killed = 0, True
    while killed:
        boundary += 1
        folder = tmp_path / f"at-{boundary}"
        shutil.copytree(tmp_path / "template", folder)
        killed = run_until(folder, crm, boundary)
        line = recover(folder, crm)
        assert problems_of(line) == [], f"killed at boundary {boundary}"
        line.app.close()
        line.portal.close()
        line.crm.close()
        shutil.rmtree(folder)
    assert boundary > 40, "boundaries are counted, not guessed: the line has more than this"
