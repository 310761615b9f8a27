"""A runner that is stopped past its lease, while another takes over: it writes nothing down and sends nothing more."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from connector.daemon import Daemon
from tests.line import Line
from tests.stopping import WRITING, Clock, Shared, leases_are_over, nth, stopped, watched, written_down

FILES = {"portal_settings": 'file = "portal.world"'}
CRMS = {
    "unique key": 'file = "crm.world"',
    "only searched": 'file = "crm.world"\nunique_key = "none"\nfind = "search"\nsettle = 5\nlag = 20',
    "in step with the CRM": 'file = "crm.world"\nlook_up_batch = 5\ncrm_streams = ["user", "lead"]',
}
ONE_EACH = {"lead": 2, "task": 2, "note": 2}
LATER = timedelta(minutes=20)
PATIENCE = 60.0
#: Nobody takes over in the middle of a write to the store; and what has left already cannot be called back.
LEFT_OUT = (WRITING, "write:begin", "write:amid")


def opened(folder: Path, clock: Clock, crm: str) -> Shared:
    return Shared(folder, clock, crm_settings=CRMS[crm], page_size=2, **FILES)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A folder with two people to hand over, nothing read yet and everything closed."""
    folder = tmp_path / "template"
    folder.mkdir()
    line = opened(folder, Clock(), "unique key")
    for number in (1, 2):
        line.person(number)
        line.did(number, "demo_request")
    line.close()
    return folder


def steps_of(folder: Path, crm: str) -> list[str]:
    """What a run that nobody disturbs comes by."""
    line = opened(folder, Clock(), crm)
    found: list[str] = []
    watched(line, found.append)
    assert line.sync().failures == []
    line.close()
    return found


def quiet(line: Line) -> None:
    for _ in range(2):
        assert line.sync(LATER).failures == []


def all_is_well(line: Line) -> None:
    things = Counter((thing.object, thing.our_key) for thing in line.crm.things())
    assert {key: count for key, count in things.items() if count > 1} == {}
    assert line.crm_counts() == ONE_EACH
    assert {row.state for row in line.outbox()} == {"done"}
    with line.app.store.read() as tx:
        assert sorted(turn.email for turn in tx.handoffs.turns("sales")) == sorted(tx.handoffs.turn_counts("sales"))


def taken_over(folder: Path, crm: str, place: int) -> list[str]:
    """Stop a run at a place, let another do everything, and let the first go on: what has changed by that."""
    clock = Clock()
    with stopped(lambda: opened(folder, clock, crm), Line.sync, nth(place)) as child:
        line = opened(folder, clock, crm)
        leases_are_over(line.app.store)
        quiet(line)
        all_is_well(line)
        before, sent = written_down(line.app.store), line.crm.effects()
        child.goes_on()
    after = written_down(line.app.store)
    changed = [name for name in after if after[name] != before[name]]
    changed += ["the CRM"] if line.crm.effects() != sent else []
    line.close()
    return changed


@pytest.mark.parametrize(("crm", "first"), [(crm, first) for first, crm in enumerate(CRMS)])
@pytest.mark.parametrize("every", [8, pytest.param(1, marks=[pytest.mark.servers, pytest.mark.timeout(600)])])
def test_stopped_anywhere_and_awake_again_when_all_is_done_it_changes_nothing(
    template: Path, crm: str, first: int, every: int
) -> None:
    steps = steps_of(shutil.copytree(template, template.with_name("all")), crm)
    assert len(steps) > 40, "boundaries are counted, not guessed: the line has more than this"
    places = [place for place, what in enumerate(steps, 1) if what not in LEFT_OUT]
    changed = {}
    # Each kind of CRM has its own of them: a moment of a stretch stands for its neighbours; at night each is met.
    for place in places[first % every :: every]:
        folder = shutil.copytree(template, template.with_name(f"at-{place}"))
        if what := taken_over(folder, crm, place):
            changed[place, steps[place - 1]] = what
    assert changed == {}


def delivers_later(folder: Path, clock: Clock) -> Path:
    """The daemon has just looked at the outbox: what its first pull brings goes out with the next look, alone."""
    line = opened(folder, clock, "only searched")
    with line.app.store.write() as tx:
        tx.ledgers.set_done("deliver:crm", clock.now())
    line.close()
    return folder


def test_a_daemon_stopped_with_all_its_threads_sends_nothing_more(template: Path) -> None:
    clock, crm = Clock(), "only searched"
    folder = delivers_later(shutil.copytree(template, template.with_name("daemon")), clock)

    def daemon(line: Line) -> None:
        running = Daemon(lambda: line.app)
        for _ in range(2):
            running.begin()
            running.wait()
            line.now += timedelta(seconds=15)

    def claimed(what: str) -> bool:
        asked = "SELECT count(*) FROM outbox WHERE state = 'in_flight'"
        with closing(sqlite3.connect(folder / "baton.db")) as database:
            return what == "after commit" and database.execute(asked).fetchone() != (0,)

    with stopped(lambda: opened(folder, clock, crm), daemon, claimed) as child:
        assert child.at == "after commit"
        line = opened(folder, clock, crm)
        result = line.sync()
        assert [name for name, _ in result.failures] == ["crm"], "another process is at it"
        leases_are_over(line.app.store)
        quiet(line)
        all_is_well(line)
        sent = line.crm.effects()
        child.goes_on()
    assert line.crm.effects() == sent
    all_is_well(line)
    line.close()


def slow_call(line: Line, step: str) -> tuple[threading.Event, threading.Event]:
    """The first call of a kind hangs at its beginning or end: (it hangs, let it go)."""
    hangs, go = threading.Event(), threading.Event()

    def watch(what: str) -> None:
        if what == step and not hangs.is_set():
            hangs.set()
            assert go.wait(PATIENCE)

    line.crm.watch = line.portal.watch = watch
    return hangs, go


@pytest.mark.parametrize(("step", "job"), [("write:end", "deliver"), ("pull:end", "pull")])
def test_a_thread_of_the_daemon_whose_answer_drips_in_past_lease_and_deadline(
    template: Path, step: str, job: str
) -> None:
    clock = Clock()
    folder = delivers_later(shutil.copytree(template, template.with_name("drip")), clock)
    first = opened(folder, clock, "only searched")
    hangs, go = slow_call(first, step)
    running = Daemon(lambda: first.app)
    for _ in range(2):
        jobs = {name: thread for name in running.begin() for thread, _ in [running.running[name]]}
        for name, thread in jobs.items():
            while thread.is_alive() and not (hangs.wait(0.01) and name.startswith(job)):
                pass
        clock.set(clock.now() + timedelta(seconds=15))
    assert hangs.is_set()
    second = opened(folder, clock, "only searched")
    second_tries = second.sync()
    assert any("another process is at it" in str(error) for _, error in second_tries.failures)
    leases_are_over(second.app.store)
    quiet(second)
    all_is_well(second)
    before, sent = written_down(second.app.store), second.crm.effects()
    go.set()
    running.wait()
    assert written_down(second.app.store) == before
    assert second.crm.effects() == sent
    first.app.close()
    second.close()


def test_an_answer_that_drips_in_past_the_lease_still_counts_where_nobody_came_meanwhile(template: Path) -> None:
    clock = Clock()
    line = opened(shutil.copytree(template, template.with_name("alone")), clock, "only searched")

    def watch(what: str) -> None:
        if what == "pull:end":
            leases_are_over(line.app.store)
            clock.set(clock.now() + LATER)

    line.portal.watch = watch
    assert line.sync().failures == []
    assert line.crm_counts() == ONE_EACH
    line.close()
