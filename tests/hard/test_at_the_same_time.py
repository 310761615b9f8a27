"""Several runs on one lead at once: one handoff, one task, whoever comes first."""

from __future__ import annotations

import fcntl
import os
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.daemon import Daemon
from connector.model.errors import RetryableError
from connector.runs.backfill import backfill
from connector.runs.sync import Result, sync
from tests.line import START, Line

PEOPLE = 6
FILES = {"portal_settings": 'file = "portal.world"'}
CRMS = {
    "unique key": 'file = "crm.world"\nmax_batch = 2\nwriters = 3',
    "only searched": 'file = "crm.world"\nmax_batch = 2\nwriters = 3\nunique_key = "none"\nfind = "search"\nlag = 20',
}
#: Two flows of one source, one team and one CRM: who moves to another country goes over from one to the other.
TWO_FLOWS = """\
takes = { field = "country", is = "DE" }
[flows.second]
sources = ["portal"]
crm = "crm"
mode = "live"
[flows.second.routing]
order = [{ to = "sales" }]
"""
Act = Callable[[Line], Any]


def synced(line: Line) -> Result:
    return sync(line.app.runtime(), line.app.rows)


def only_the_portal(line: Line) -> Result:
    return sync(line.app.runtime(), line.app.rows, ["portal"])


def backfilled(line: Line) -> Result:
    return backfill(line.app.runtime(), line.app.rows, START - timedelta(days=2), START + timedelta(hours=1), True)


def ticked(line: Line) -> None:
    daemon = Daemon(lambda: line.app)
    daemon.begin()
    daemon.wait()


ACTS: tuple[Act, ...] = (synced, only_the_portal, backfilled, ticked, synced)


def opened(folder: Path, crm: str) -> Line:
    # One after the other: a line that is opened writes its configuration, and nobody reads half of one.
    with (folder / "opening").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return Line(folder, crm_settings=CRMS[crm], page_size=2, flow=TWO_FLOWS, **FILES)


@pytest.fixture(params=CRMS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    line = opened(tmp_path, request.param)
    for number in range(PEOPLE):
        line.person(number, country="Germany" if number % 2 else "Austria")
        line.did(number, "demo_request")
    close(line)
    (tmp_path / "crm").write_text(request.param, "utf-8")
    return tmp_path


def again(folder: Path) -> Line:
    return opened(folder, (folder / "crm").read_text("utf-8"))


def close(line: Line) -> None:
    for one in (line.app, line.portal, line.crm):
        one.close()


def in_threads(line: Line, acts: Sequence[Act]) -> list[BaseException]:
    """Do everything at once; what it raised."""
    together, raised = threading.Barrier(len(acts)), list[BaseException]()

    def do(act: Act) -> None:
        together.wait(10)
        try:
            result = act(line)
            raised.extend(error for _, error in result.failures) if isinstance(result, Result) else None
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test is told
            raised.append(error)

    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return raised


def one_of_each(folder: Path) -> None:
    """Whatever was left is done by the next run, and everybody is there once."""
    line = again(folder)
    for _ in range(3):
        assert line.sync(timedelta(minutes=5)).failures == []
    things = Counter((thing.object, thing.our_key) for thing in line.crm.things())
    assert {key: count for key, count in things.items() if count > 1} == {}
    assert line.crm_counts() == {"lead": PEOPLE, "task": PEOPLE, "note": PEOPLE}
    with line.app.store.read() as tx:
        handoffs = [one for flow in ("b2b", "second") for one in tx.handoffs.in_state(flow, "open")]
        turns = tx.handoffs.turns("sales", 100)
        assert sorted(tx.handoffs.turn_counts("sales").values()) == [PEOPLE // 2] * 2
    assert len({one.lead_id for one in handoffs}) == len(handoffs) == PEOPLE
    assert sorted(turn.handoff_id for turn in turns) == sorted(one.id for one in handoffs)
    assert {row.state for row in line.outbox()} == {"done"}
    close(line)


def test_flows_backfill_daemon_and_syncs_in_threads_of_one_process(folder: Path) -> None:
    line = again(folder)
    for error in in_threads(line, ACTS):
        assert isinstance(error, RetryableError), "who comes second is told that another is at it"
    close(line)
    one_of_each(folder)


def test_the_same_in_two_processes_with_threads_each(folder: Path) -> None:
    ready, go = os.pipe()
    children = [_child(folder, ready) for _ in range(2)]
    os.write(go, b"ab")
    for child in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    os.close(ready)
    os.close(go)
    one_of_each(folder)


def _child(folder: Path, ready: int) -> int:
    process = os.fork()
    if process:
        return process
    status = 70
    try:
        line = again(folder)
        os.read(ready, 1)
        raised = in_threads(line, ACTS)
        status = sum(not isinstance(error, RetryableError) for error in raised)
    except BaseException:  # noqa: BLE001 - whatever it is, the parent is told
        traceback.print_exc(file=sys.stderr)
    finally:
        sys.stderr.flush()
        os._exit(status)


def test_people_change_while_everything_runs_and_the_newest_is_there_in_the_end(folder: Path) -> None:
    line = again(folder)
    line.sync()
    for city in ("Bonn", "Ulm", "Mainz"):
        line.now += timedelta(minutes=10)
        for number in range(PEOPLE):
            line.person(number, city=city, country="Austria" if number % 2 else "Germany")
        in_threads(line, ACTS)
    close(line)
    one_of_each(folder)
    line = again(folder)
    assert {thing.values["city"] for thing in line.crm.things("lead")} == {"Mainz"}
    close(line)
