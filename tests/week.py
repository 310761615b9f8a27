"""A daemon whose hours pass in milliseconds: two local servers, one clock, its log and its status."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partialmethod
from pathlib import Path
from threading import Event
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from connector.cli.output import plain
from connector.cli.run import Current
from connector.cli.status import gather
from connector.daemon import Daemon
from connector.edge.budget import Budget
from connector.edge.logging import OURS, Plain
from connector.edge.secrets import Secrets
from connector.sandbox.clock import Clock
from connector.sandbox.hubspot import CLIENT
from connector.sandbox.salesforce import serve
from connector.sandbox.salesforce.api import Api
from tests.pair import CONFIG, Pair

BERLIN = ZoneInfo("Europe/Berlin")
HUBSPOT = 'sign_in = "refresh_token"\nclient_id = "local-client"\n'
#: Seconds of a call: longer than any answer of a local server takes, shorter than a slow one.
DEADLINE = 2.5


class Waiting(Event):
    """A stop for which waiting is moving the clock."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        if not self.is_set():
            self._clock.move(timeout or 0.0)
        return self.is_set()


class Lines(logging.Handler):
    """The lines of the log as the daemon writes them, at the time that the clock shows."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(Plain())
        self.clock = clock
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        record.created = self.clock.seconds()
        self.lines.append(self.format(record))


class Week(Pair):
    """The pair under a daemon. Secrets lie sealed, as on a server."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.secrets = Secrets(folder, "sealed")
        super().__init__(folder, hubspot=HUBSPOT, **settings)
        self.consumer = cast(Api, self.salesforce.app).sign_in.app
        self.secrets.set("hubspot", CLIENT[2])
        self.secrets.set("hubspot-client", CLIENT[1])
        self.secrets.set("salesforce", self.consumer.client_secret)
        self.log = Lines(self.clock)
        self.ran: list[tuple[datetime, str]] = []
        self._read = 0

    def reopen(self, **changes: str) -> None:
        """The daemon begins, under a configuration that may say something else."""
        if hasattr(self, "current"):
            self.current.close()
        self.edit(**changes)
        self.restart()

    def edit(self, **changes: str) -> None:
        """An admin saves the configuration."""
        self.settings |= changes
        text = CONFIG.replace('backend = "environment"', 'backend = "sealed"').format(
            portal=self.portal.portal_id,
            hubspot_url=self.hubspot.url,
            salesforce_url=self.salesforce.url,
            **self.settings,
        )
        (self.folder / "config.toml").write_text(text, "utf-8")

    def restart(self) -> None:
        """The daemon begins, with what it finds."""
        self.current = Current(self.folder / "config.toml", self.clock.now)
        self.daemon = Daemon(self.current.app, stop=Waiting(self.clock))
        self.app = self.current.app()

    def tick(self) -> list[str]:
        """One tick of the daemon; returns the jobs that ran."""
        begun = self.now
        ran = self.daemon.tick()
        self.ran += [(begun, job) for job in ran]
        self.app = self.current.app()
        return ran

    def goes_on(self, span: timedelta, step: timedelta = timedelta(hours=1)) -> None:
        """The daemon lives on for a while."""
        until = self.now + span
        while self.now < until:
            self.clock.move(min(step, until - self.now).total_seconds())
            self.tick()

    def until(self, day: int, hour: int, minute: int = 0, step: timedelta = timedelta(hours=3)) -> None:
        """The daemon lives on until this local time of March 2027."""
        moment = datetime(2027, 3, day, hour, minute, tzinfo=BERLIN)
        self.goes_on(moment - self.now, step)

    def troubles(self) -> list[str]:
        """What the log said of trouble and its end since the last call, without the times."""
        new = [line.split(maxsplit=2)[1:] for line in self.log.lines[self._read :]]
        self._read = len(self.log.lines)
        return [
            text for level, text in new if level != "info" or text.endswith("works again") or text.startswith("config")
        ]

    def goes_down(self) -> None:
        """Salesforce cannot be reached any more."""
        self.salesforce.stop()

    def comes_back(self) -> None:
        """Salesforce can be reached again, where it was."""
        port, watchers = self.salesforce.port, self.salesforce.watchers
        self.salesforce = serve(self.org, self.consumer, port=port)
        self.salesforce.watchers += watchers
        self.salesforce.start()

    def status(self) -> dict[str, Any]:
        """What `baton status --output json` says."""
        found: dict[str, Any] = json.loads(json.dumps(plain(gather(self.app, routing=False))))
        return found


@contextmanager
def week(folder: Path, patch: pytest.MonkeyPatch, **settings: Any) -> Iterator[Week]:
    """A running daemon over both servers; what the servers themselves failed in fails the test."""
    (folder / "credentials").mkdir()
    (folder / "credentials" / "baton-key").write_text("northwind-northwind-northwind-01", "utf-8")
    patch.setenv("CREDENTIALS_DIRECTORY", str(folder / "credentials"))
    patch.setattr("adapters._salesforce.api.CALL_SECONDS", DEADLINE)
    one = Week(folder, **settings)
    # What is kept of a budget for seconds is kept for those of the week's clock.
    patch.setattr(Budget, "__init__", partialmethod(Budget.__init__, ticks=one.clock.seconds))
    ours = logging.getLogger(OURS)
    level = ours.level
    # An attribute alone would leave what its loggers have decided before, and keep.
    ours.setLevel(logging.INFO)
    ours.addHandler(one.log)
    one.start()
    try:
        yield one
        assert one.hubspot.errors == []
        assert one.salesforce.errors == []
        assert one.described.problems == []
        assert list(dict.fromkeys(one.problems)) == []
    finally:
        ours.removeHandler(one.log)
        ours.setLevel(level)
        one.current.close()
        one.stop()
