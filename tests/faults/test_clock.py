"""The machine's clock is set, a day forward or an hour back, between runs and within one: nothing twice or for ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.daemon import Daemon
from connector.jobs import Job, is_due
from connector.model.http import Api, RefreshToken, Request, TokenCall
from state.engine import Sqlite
from tests.line import Line
from tests.servers.clients import World
from tests.servers.granting import FIRST, Platform
from tests.servers.raw import RawServer

JUMPS = {"a day forward": timedelta(days=1), "an hour back": -timedelta(hours=1)}
ONE_EACH = {"lead": 1, "task": 1, "note": 1}
#: What was under way when the clock was set: faults of the calls to the CRM.
UNDER_WAY: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
    "nothing": [],
    "an answer that was lost": [("write", "done", {})],
    "a request that came to nothing": [("write", "timeout", {})],
    "a wait that the CRM asked for": [("write", "throttled", {"retry_after": 300})],
    "a look-up that failed": [("write", "done", {}), ("find", "server_error", {})],
    "a task whose answer was lost": [("write", "done", {"passes": 1})],
}
CRMS = {"unique key": "", "only searched": 'unique_key = "none"\nfind = "search"\nsettle = 5\nlag = 20'}
#: What it takes without any jump, with the longest wait in between.
USUAL = timedelta(minutes=30)


@pytest.fixture(params=CRMS)
def line(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path, crm_settings=CRMS[request.param])
    made.person(1)
    made.did(1, "demo_request")
    yield made
    made.app.close()


def to_rest(line: Line) -> timedelta:
    """Run the line every five minutes until all is done; how long that took by the clock as it is now."""
    began = line.now
    while line.now - began < timedelta(hours=3):
        assert line.sync(timedelta(minutes=5)).failures == []
        states = {row.state for row in line.outbox()}
        if "done" in states and states <= {"done", "superseded"}:
            return line.now - began
    raise AssertionError([(row.object, row.state, row.not_before) for row in line.outbox()])


@pytest.mark.parametrize("under_way", UNDER_WAY)
@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_is_set_between_runs_makes_nothing_twice(line: Line, jump: str, under_way: str) -> None:
    for act, kind, more in UNDER_WAY[under_way]:
        line.crm.fault(act, kind, **more)  # type: ignore[arg-type]
    line.sync()
    line.now += JUMPS[jump]
    took = to_rest(line)
    assert line.crm_counts() == ONE_EACH
    assert took <= USUAL + max(-JUMPS[jump], timedelta())
    assert line.waiting_for_people() == []


@pytest.mark.parametrize("jump", JUMPS)
@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_clock_that_is_set_within_a_call_makes_nothing_twice(
    line: Line, jump: str, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm, made = line.app.crm("crm"), 0
    write = crm.write

    def meanwhile(items: Any) -> Any:
        nonlocal made
        made += 1
        outcomes = write(items)
        line.now += JUMPS[jump] if made == call else timedelta()
        return outcomes

    monkeypatch.setattr(crm, "write", meanwhile)
    line.sync()
    assert made >= call
    to_rest(line)
    assert line.crm_counts() == ONE_EACH


@pytest.mark.parametrize("jump", JUMPS)
def test_what_comes_after_the_jump_is_handed_over(line: Line, jump: str) -> None:
    line.sync()
    line.now += JUMPS[jump]
    line.person(2)
    line.did(2, "demo_request")
    line.person(1, city="Bonn")
    to_rest(line)
    assert line.crm_counts() == {"lead": 2, "task": 2, "note": 2}
    assert {thing.values.get("city") for thing in line.crm.things("lead")} == {"Bonn", None}


@pytest.mark.parametrize("jump", [86_400, -3_600])
def test_leases_go_by_the_stores_clock_and_end_with_it(
    tmp_path: Path, jump: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set forward, a lease is over and its holder stops; set back, only what a process elsewhere left stays longer."""
    line = Line(tmp_path)
    line.person(1)
    line.did(1, "demo_request")
    crm, jumped = line.app.crm("crm"), 0
    write, speak = crm.write, Sqlite.speak

    def spoken(sql: str) -> str:
        return speak(sql).replace("julianday('now')", f"(julianday('now') + {jumped / 86_400})")

    def meanwhile(items: Any) -> Any:
        nonlocal jumped
        outcomes = write(items)
        jumped, line.now = jump, line.now + timedelta(seconds=0 if jumped else jump)
        return outcomes

    monkeypatch.setattr(Sqlite, "speak", staticmethod(spoken))
    monkeypatch.setattr(crm, "write", meanwhile)
    first = line.sync()
    assert [str(error) for _, error in first.failures if "deliver" not in str(error)] == []
    to_rest(line)
    assert line.crm_counts() == ONE_EACH
    line.app.close()


def test_a_job_that_was_done_in_what_is_now_the_future_is_due(tmp_path: Path) -> None:
    line = Line(tmp_path)
    job = Job("pull:portal", lambda *_: None, every=120.0)  # type: ignore[arg-type]
    assert not is_due(job, line.now, line.now + timedelta(seconds=119), line.app.config)
    assert is_due(job, line.now, line.now - timedelta(seconds=1), line.app.config)
    daemon = Daemon(lambda: line.app)
    assert "pull:portal" in daemon.tick()
    line.now -= timedelta(hours=1)
    line.person(1)
    line.did(1, "demo_request")
    assert "pull:portal" in daemon.tick()
    assert line.crm_counts() == ONE_EACH
    line.now += timedelta(seconds=60)
    assert "pull:portal" not in daemon.tick()
    line.app.close()


@pytest.mark.parametrize("jump", JUMPS)
def test_a_token_that_ended_while_the_clock_was_set_costs_one_call_more(tmp_path: Path, jump: str) -> None:
    world, platform = World(tmp_path, token=FIRST), Platform()
    world.secrets.set("crm-client", "client-secret")
    with RawServer(platform) as server:
        sign_in = RefreshToken(TokenCall(f"{server.url}/token"), "app")
        client = world.client(Api(server.url, sign_in, deadline=2.0))
        asked = Request("GET", "/things", reads=True)
        client.read(asked)
        world.now += JUMPS[jump]
        platform.access = "ended"
        for _ in range(3):
            client.read(asked)
    assert len(platform.forms) == 2
    assert not platform.revoked
    world.store.close()
