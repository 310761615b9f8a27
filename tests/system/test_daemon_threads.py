"""A job that takes long keeps nobody waiting; stopping and editing end it between its pages."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from connector.app import App, open_app
from connector.config import load
from connector.daemon import Daemon
from tests.line import Line

PATIENCE = 60.0


@dataclass
class Slow:
    """A portal that keeps a pull waiting at its fourth call, until it is let go."""

    line: Line
    waits: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)
    calls: int = 0

    def watch(self, step: str) -> None:
        self.calls += step == "pull:begin"
        if step == "pull:begin" and self.calls == 4:
            self.waits.set()
            assert self.go.wait(PATIENCE)


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Slow]:
    """Page after page of one record: a contact, what she did, and then nothing for long."""
    line = Line(tmp_path, page_size=1)
    line.person(1)
    line.did(1, "demo_request")
    line.did(1, "page_view")
    line.did(1, "email_click")
    made = Slow(line)
    line.portal.watch = made.watch
    yield made
    made.go.set()
    line.app.close()


def in_time(daemon: Daemon, *names: str) -> None:
    """Wait for single jobs."""
    for name in names:
        daemon.running[name][0].join(PATIENCE)
        assert not daemon.running[name][0].is_alive()


def test_a_hot_lead_goes_out_while_a_pull_takes_hours(slow: Slow) -> None:
    line, daemon = slow.line, Daemon(lambda: slow.line.app)
    assert daemon.begin() == ["pull:portal", "rescore", "deliver:crm", "clocks", "deliver:notices"]
    assert slow.waits.wait(PATIENCE)
    in_time(daemon, "rescore", "deliver:crm", "clocks", "deliver:notices")
    assert daemon.begin() == ["work"]
    in_time(daemon, "work")
    line.now += timedelta(seconds=15)
    assert daemon.begin() == ["deliver:crm", "deliver:notices"]
    in_time(daemon, "deliver:crm", "deliver:notices")
    assert line.crm_counts() == {"lead": 1, "task": 1, "note": 1}
    assert daemon.running["pull:portal"][0].is_alive()
    slow.go.set()
    daemon.wait()
    assert line.crm_counts() == {"lead": 1, "task": 1, "note": 1}
    with line.app.store.read() as tx:
        assert tx.reports.totals()["activities"] == 3


def test_a_job_that_still_runs_is_not_begun_again(slow: Slow) -> None:
    line, daemon = slow.line, Daemon(lambda: slow.line.app)
    daemon.begin()
    assert slow.waits.wait(PATIENCE)
    for _ in range(5):
        line.now += timedelta(hours=1)
        assert "pull:portal" not in daemon.begin()
        in_time(daemon, "deliver:crm")
    slow.go.set()
    daemon.wait()
    assert "pull:portal" not in daemon.begin()
    line.now += timedelta(hours=1)
    assert "pull:portal" in daemon.begin()
    daemon.wait()


def test_a_signal_ends_a_long_job_after_its_page_and_it_goes_on_after_the_restart(slow: Slow) -> None:
    line, daemon = slow.line, Daemon(lambda: slow.line.app)
    daemon.begin()
    assert slow.waits.wait(PATIENCE)
    daemon._asked_to_stop(15, None)
    slow.go.set()
    daemon.wait()
    assert daemon.running == {}
    with line.app.store.read() as tx:
        assert tx.reports.totals()["activities"] < 3
        assert tx.leases.holders() == []
    again = Daemon(lambda: line.app)
    assert "pull:portal" in again.begin()
    again.wait()
    with line.app.store.read() as tx:
        assert tx.reports.totals()["activities"] == 3


def test_an_edit_ends_what_runs_under_the_old_configuration_and_closes_it_then(slow: Slow) -> None:
    old = slow.line.app
    closed: list[App] = []
    app = [old]
    daemon = Daemon(lambda: app[0])
    daemon.begin()
    assert slow.waits.wait(PATIENCE)
    fresh = open_app(load(slow.line.folder / "config.toml"), lambda: slow.line.now)
    app[0] = slow.line.app = fresh
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(App, "close", lambda app: closed.append(app))
        daemon.leave(old)
        daemon.begin()
        assert closed == []
        slow.go.set()
        daemon.wait()
        assert len(closed) == 1
        assert closed[0] is old
    assert "pull:portal" in daemon.begin()
    daemon.wait()
    with fresh.store.read() as tx:
        assert tx.reports.totals()["activities"] == 3
    old.close()


def test_a_job_that_fails_in_its_thread_is_told_and_tried_again(slow: Slow, caplog: pytest.LogCaptureFixture) -> None:
    line, daemon = slow.line, Daemon(lambda: slow.line.app)
    slow.go.set()
    line.portal.fault("pull", "server_error")
    with caplog.at_level(logging.INFO, "baton.daemon"):
        daemon.begin()
        daemon.wait()
        assert daemon.failing == {"pull:portal"}
        line.now += timedelta(hours=1)
        daemon.begin()
        daemon.wait()
    told = [record.getMessage() for record in caplog.records if record.getMessage().startswith("pull:portal")]
    assert [text.split(":")[2].strip() for text in told][:2] == ["RetryableError", "works again"]


def test_a_quiet_tick_begins_nothing(slow: Slow) -> None:
    line, daemon = slow.line, Daemon(lambda: slow.line.app)
    slow.go.set()
    daemon.begin()
    daemon.wait()
    line.now += timedelta(seconds=1)
    for _ in range(20):
        assert daemon.begin() == []
    assert daemon.running == {}
