"""A HubSpot portal for tests of the adapter: the sandbox's, called without a socket in between.

Every call is noted, and held against the published descriptions where those are at hand.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson

from adapters._hubspot.settings import HubSpotSettings
from adapters._hubspot.source import HubSpotSource
from connector.model.adapter import Context
from connector.model.errors import AuthError, ConfigError, RetryableError
from connector.model.http import Answer, Http, Request
from connector.model.outbox import NotExecuted, Unknown
from connector.model.records import Page, Record, Window
from connector.sandbox.clock import Clock
from connector.sandbox.hubspot import TOKEN, Portal, furnish
from connector.sandbox.hubspot.edits import edit
from connector.sandbox.hubspot.routes import Application
from connector.sandbox.wire import Call
from tests.servers.descriptions import Watcher

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
COLUMNS = frozenset({"email", "firstname", "lastname", "hs_email_optout", "city"})
_SHARED = Path(os.environ.get("BATON_SHARED", ""))


def watcher() -> Watcher | None:
    """What holds calls against the published descriptions; None where those are not at hand."""
    return Watcher(_SHARED) if (_SHARED / "specs" / "hubspot").is_dir() else None


class PortalHttp(Http):
    """Calls a portal in this process. `calls` are those made, `fails` what the next ones meet (status, body)."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.application = Application(portal)
        self.calls: list[Request] = []
        self.fails: list[tuple[int, Any]] = []
        self.watcher = watcher()

    def read(self, request: Request) -> Answer:
        assert request.reads
        answer = self._call(request)
        if answer.status in (429, 503):
            raise RetryableError("the platform asks to wait", 1.0)
        if answer.status == 401:
            raise AuthError("hubspot", "refused", "baton auth set hubspot")
        if answer.status >= 400 and answer.status not in request.expected:
            raise ConfigError(f"{answer.status} {answer.body.decode()}")
        return answer

    def send(self, request: Request) -> Answer | NotExecuted | Unknown:
        assert not request.reads
        return self._call(request)

    def _call(self, request: Request) -> Answer:
        self.calls.append(request)
        assert len(orjson.dumps(request.json or {})) <= 3000 or not request.path.endswith("/search")
        if self.fails:
            status, body = self.fails.pop(0)
            return Answer(status, {}, orjson.dumps(body))
        query = {name: [value] for name, value in request.query.items()}
        assert len(urlencode(request.query)) < 8000
        body = orjson.dumps(request.json) if request.json is not None else b""
        headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}
        call = Call(request.method, request.path, query, headers, body)
        reply = self.application(call)
        if self.watcher:
            self.watcher(call, reply)
            assert not self.watcher.problems, self.watcher.problems
        return Answer(reply.status, {name.lower(): value for name, value in reply.headers.items()}, reply.data())


class World:
    """A portal, its clock, and a source that reads it, whose own clock is `ahead` by so many seconds."""

    def __init__(
        self, columns: frozenset[str] = COLUMNS, *, lag: float = 0.0, ahead: float = 0.0, **settings: Any
    ) -> None:
        self.clock = Clock(START)
        self.portal = Portal(self.clock, search_lag=lag)
        furnish(self.portal)
        # What a test counts are the calls, not how fast it makes them.
        self.portal.limits.ten_secondly = self.portal.limits.searches_per_second = self.portal.limits.daily = 0
        self.http = PortalHttp(self.portal)
        self.ahead = timedelta(seconds=ahead)
        context = Context("hubspot", Path(), self.now, lambda _name: TOKEN, self.http, columns)
        self.context = context
        self.source = HubSpotSource(HubSpotSettings(**settings), context)

    def now(self) -> datetime:
        """What our own clock shows."""
        return self.clock.now() + self.ahead

    def do(self, what: str, **wish: Any) -> Any:
        """What a person does in the portal."""
        return edit(self.portal, {"do": what, **wish})

    def create(self, count: int = 1, start: int = 0, **properties: str) -> list[str]:
        """Contacts made now; returns their ids."""
        return [
            self.do("create", properties={"email": f"p{number}@example.com", **properties})["id"]
            for number in range(start, start + count)
        ]

    def pages(self, stream: str, cursor: str = "", window: Window | None = None) -> Iterator[Page]:
        """Pages of one stream."""
        return self.source.pull(stream, cursor, window)

    def pull(self, stream: str, cursor: str = "", window: Window | None = None) -> tuple[list[Record], str]:
        """(records, cursor) of everything that a pull gives."""
        records: list[Record] = []
        for page in self.pages(stream, cursor, window):
            assert page.cursor != cursor
            records, cursor = records + page.records, page.cursor
        return records, cursor

    def later(self, seconds: float = 600.0) -> None:
        """Time goes on, further than any lag or overlap."""
        self.clock.move(seconds)

    def count(self, call: Any) -> int:
        """How many calls `call()` makes."""
        before = len(self.http.calls)
        call()
        return len(self.http.calls) - before


def ids(records: list[Record]) -> list[str]:
    """Their ids, sorted as numbers."""
    return sorted((record.id for record in records), key=lambda id: (len(id), id))
