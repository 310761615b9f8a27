"""ClickUp at both ends: one local workspace, one clock, one configuration: a form in, a pipeline out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connector.app import App, open_app
from connector.config import load
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.outbox import OutboxRow
from connector.model.ports import ReviewItem
from connector.runs.sync import Result, sync
from connector.sandbox.clickup import KEY, LEADS, REQUESTS, TOKEN, ClickUpServer, Workspace, edit, furnish
from connector.sandbox.clickup.workspace import Task
from connector.sandbox.clock import Clock
from tests.pair import Waiting
from tests.servers.clickup_description import watched

START = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
MINUTES = timedelta(minutes=5)
SECRETS = {"BATON_SECRET_CLICKUP": TOKEN, "BATON_SECRET_STORE_KEY": "bm9ydGh3aW5kLW5vcnRod2luZC1ub3J0aHdpbmQtMDE="}

CONFIG = """\
version = 1
timezone = "Asia/Tokyo"
region = "JP"
database = "baton.db"

[secrets]
backend = "environment"

[connections.clickup]
type = "clickup"
base_url = "{url}"
leads = "{leads}"
forms = ["{forms}"]
{settings}
[teams.sales]
members = [{{ email = "lena@northwind.example" }}, {{ email = "tom@northwind.example" }}]

[flows.b2b]
sources = ["clickup"]
crm = "clickup"
mode = "live"
{flow}
[flows.b2b.routing]
order = [{{ to = "sales" }}]
"""

ANA = {
    "First name": "Ana", "Last name": "Weber", "Email": "ana@firm.example", "Phone": "+4930901820",
    "Company": "Firm GmbH", "Job title": "Director IT", "Country": "Germany", "Employees": 600,
    "Timing": "This quarter", "What do you need": "Fewer lost leads",
}  # fmt: skip


class Both:
    """A workspace and an opened configuration. Every request is held against the description, where it is at hand."""

    def __init__(self, folder: Path, settings: str = "", flow: str = "") -> None:
        self.folder, self.clock = folder, Clock(START)
        self.space = Workspace(self.clock, search_lag=30)
        self.leads, self.requests = furnish(self.space)
        self.server = ClickUpServer(self.space)
        self.described = watched(self.server, os.environ.get("BATON_SHARED", ""))
        self.settings, self.flow = settings, flow

    def start(self) -> None:
        """Start the server and open the configuration."""
        self.server.start()
        self.reopen()

    def reopen(self) -> None:
        """As a new process would."""
        if hasattr(self, "app"):
            self.app.close()
        text = CONFIG.format(
            url=self.server.url, leads=self.leads.id, forms=self.requests.id, settings=self.settings, flow=self.flow
        )
        (self.folder / "config.toml").write_text(text, "utf-8")
        self.app: App = open_app(load(self.folder / "config.toml"), self.clock.now)
        self.app.stop = Waiting(self.clock)

    def stop(self) -> None:
        """Close everything."""
        self.app.close()
        self.server.stop()

    def sync(self, after: timedelta = MINUTES) -> Result:
        """Move the clock and run the line once."""
        self.clock.move(after.total_seconds())
        result = sync(self.app.runtime(), self.app.rows)
        assert result.failures == []
        return result

    # people

    def submits(self, **answers: Any) -> str:
        """Somebody like Ana sends the form; returns the task that it makes."""
        made = edit(self.space, {"do": "submit", "list": REQUESTS, "answers": {**ANA, **answers}})
        return str(made["id"])

    def acts(self, do: str, **wish: Any) -> Any:
        """What somebody does in ClickUp: see connector/sandbox/clickup/edits.py."""
        return edit(self.space, {"do": do, "list": LEADS, **wish})

    def says(self, task: Task, **changes: Any) -> None:
        """A rep changes a lead's task, and the line runs until that is read."""
        self.clock.move(60)
        self.acts("change", id=task.id, **changes)
        self.sync()

    # what Baton has, and what ClickUp has

    def lead(self, request: str) -> Lead:
        """The lead that a form's task is."""
        with self.app.store.read() as tx:
            link = tx.intake.links("clickup", "contact", [request])[request]
            return tx.intake.leads([link.lead_id])[link.lead_id]

    def handoff(self, request: str) -> Handoff:
        """The latest handoff of it."""
        lead = self.lead(request)
        with self.app.store.read() as tx:
            return tx.handoffs.of_leads([lead.id])[lead.id][-1]

    def tasks(self) -> list[Task]:
        """The leads' tasks, the oldest first."""
        found = [one for one in self.space.tasks.values() if one.home == self.leads.id and not one.parent]
        return sorted(found, key=lambda one: one.created)

    def task(self, request: str) -> Task:
        """The task that a form's task has become."""
        key = f"-{self.lead(request).id}"
        return next(one for one in self.tasks() if str(self.value(one, KEY)).endswith(key))

    def value(self, task: Task, name: str) -> Any:
        """What a task says in a custom field."""
        field = self.leads.field(name)
        assert field is not None, name
        return task.values.get(field.id, "")

    def calls(self, since: int = 0) -> list[str]:
        """The calls so far, as `METHOD route`."""
        return [f"{one.method} {one.route}" for one in self.space.ledger.calls()[since:]]

    def notices(self) -> list[ReviewItem]:
        """What waits for a person."""
        with self.app.store.read() as tx:
            return tx.reviews.open(None, 10_000)

    def outbox(self, *states: Any) -> list[OutboxRow]:
        """Rows of the outbox."""
        with self.app.store.read() as tx:
            return tx.outbox.rows(states=states, limit=100_000)


@contextmanager
def both(folder: Path, **more: str) -> Iterator[Both]:
    """A running pair; what the server itself failed in, or what does not fit the description, fails the test."""
    one = Both(folder, **more)
    one.start()
    try:
        yield one
        assert one.server.errors == []
        assert list(dict.fromkeys(one.described.problems)) == []
    finally:
        one.stop()
