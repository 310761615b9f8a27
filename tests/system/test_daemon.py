"""The daemon: what is due is asked of the store; a job that fails leaves the others alone."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.daemon import Daemon
from connector.jobs import Job, is_due
from connector.model.errors import StateError
from tests.line import START, Line

EVERYTHING = ["pull:portal", "rescore", "deliver:crm", "clocks", "deliver:notices"]


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path)
    made.person(1)
    made.did(1, "demo_request")
    yield made
    made.app.close()


def daemon_of(line: Line) -> Daemon:
    return Daemon(lambda: line.app)


def test_the_first_tick_runs_everything_and_hands_over(line: Line) -> None:
    assert daemon_of(line).tick() == EVERYTHING
    assert line.crm_counts() == {"lead": 1, "task": 1, "note": 1}


def test_nothing_is_due_again_until_its_time_has_come(line: Line) -> None:
    daemon = daemon_of(line)
    daemon.tick()
    line.now += timedelta(seconds=1)
    assert daemon.tick() == []
    line.now += timedelta(minutes=2)
    assert daemon.tick() == ["pull:portal", "deliver:crm", "deliver:notices"]


def test_a_restart_forgets_nothing(line: Line) -> None:
    daemon_of(line).tick()
    line.now += timedelta(seconds=5)
    assert daemon_of(line).tick() == []


def test_a_failing_job_is_logged_once_and_the_others_go_on(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    line.portal.fault("pull", "server_error", times=2)
    daemon = daemon_of(line)
    with caplog.at_level(logging.INFO, "baton.daemon"):
        assert daemon.tick() == EVERYTHING
        for _ in range(2):
            line.now += timedelta(minutes=3)
            daemon.tick()
    told = [record.getMessage() for record in caplog.records if record.getMessage().startswith("pull:portal")]
    assert sum("RetryableError" in text for text in told) == 1
    assert "pull:portal: works again" in told
    assert line.crm_counts()["lead"] == 1


def test_a_fault_of_our_own_in_one_job_leaves_the_others(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("connector.jobs.pull", broken)
    daemon = daemon_of(line)
    assert daemon.tick() == EVERYTHING
    assert daemon.failing == {"pull:portal"}


def test_who_waited_goes_on_while_the_source_is_down(tmp_path: Path) -> None:
    line = Line(tmp_path, flow="handoffs_per_day = 1")
    for number in (1, 2):
        line.person(number)
        line.did(number, "demo_request")
    daemon = daemon_of(line)
    daemon.tick()
    line.portal.fault("pull", "server_error", times=100)
    line.now += timedelta(days=1)
    daemon.tick()
    assert line.crm_counts()["lead"] == 2
    assert "pull:portal" in daemon.failing
    line.app.close()


def test_a_connection_that_refuses_us_is_left_alone_for_a_while(line: Line) -> None:
    line.crm.fault("write", "refused", times=2)
    daemon = daemon_of(line)
    for _ in range(20):
        daemon.tick()
        line.now += timedelta(seconds=10)
    assert len(line.crm.calls("write")) == 1
    for _ in range(60):
        daemon.tick()
        line.now += timedelta(seconds=10)
    assert line.crm_counts() == {"lead": 1, "task": 1, "note": 1}


def test_a_store_that_cannot_be_used_for_a_while_does_not_end_the_daemon(
    line: Line, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(**_: object) -> None:
        raise StateError("locked for long")

    daemon = daemon_of(line)
    with caplog.at_level(logging.INFO, "baton.daemon"):
        with monkeypatch.context() as patch:
            patch.setattr(line.app.store, "write", locked)
            for _ in range(2):
                daemon.guarded_tick()
        daemon.guarded_tick()
    told = [record.getMessage() for record in caplog.records if record.getMessage().startswith("store")]
    assert told == ["store: StateError: locked for long", "store: works again"]
    assert line.crm_counts() == {"lead": 1, "task": 1, "note": 1}


def test_what_only_waits_is_told_when_it_changes(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    line.crm.fault("write", "throttled", times=100)
    daemon = daemon_of(line)
    with caplog.at_level(logging.INFO, "baton.daemon"):
        for _ in range(6):
            daemon.tick()
            line.now += timedelta(minutes=20)
    told = [record.getMessage() for record in caplog.records if record.getMessage().startswith("deliver:crm")]
    assert len(line.crm.calls("write")) > 2
    assert told == ["deliver:crm: put off 1, lead: waiting 1"]


def test_delivered_writes_of_long_ago_are_forgotten_by_the_daily_job(
    line: Line, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.runs.retention.BATCH", 2)
    daemon = daemon_of(line)
    daemon.tick()
    for title in ("CTO", "CIO", "CEO", "Head of IT"):
        line.now += timedelta(hours=1)
        line.person(1, job_title=title)
        daemon.tick()
    assert len(line.outbox()) == 7
    line.now += timedelta(days=89)
    daemon.tick()
    assert len(line.outbox()) >= 7
    line.now += timedelta(days=2)
    with caplog.at_level(logging.INFO, "baton.daemon"):
        daemon.tick()
    assert {row.object for row in line.outbox()} == {"lead", "task", "note"}
    assert line.crm_counts() == {"lead": 1, "task": 1, "note": 1}
    assert any("old writes deleted" in record.getMessage() for record in caplog.records)


def test_stop_ends_between_jobs(line: Line) -> None:
    daemon = daemon_of(line)
    daemon.stop.set()
    daemon.tick()
    assert line.crm_counts() == {}


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, datetime(2026, 11, 20, 2, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 20, 2, 31, tzinfo=UTC), datetime(2026, 11, 20, 23, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 20, 2, 31, tzinfo=UTC), datetime(2026, 11, 21, 2, 30, tzinfo=UTC), True),
        (datetime(2026, 11, 18, 2, 31, tzinfo=UTC), datetime(2026, 11, 20, 2, 29, tzinfo=UTC), True),
    ],
)
def test_a_daily_job_is_due_once_a_day_at_its_local_time(
    line: Line, last: datetime | None, now: datetime, due: bool
) -> None:
    job = Job("rescore", lambda *_: None, daily="03:30")  # type: ignore[arg-type]
    assert is_due(job, last, now, line.app.config) is due


def test_time_alone_moves_a_score_at_the_daily_rescore(line: Line) -> None:
    daemon = daemon_of(line)
    daemon.tick()
    before = line.lead(1).score
    assert before is not None
    line.now = START + timedelta(days=40)
    assert "rescore" in daemon.tick()
    after = line.lead(1).score
    assert after is not None
    assert after.total < before.total
