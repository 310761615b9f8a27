"""The whole line between two platforms in memory, on a real store, under a clock that a test moves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters._world import World
from adapters.memory import MemorySource
from connector.app import App, open_app
from connector.config import load
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.outbox import OutboxRow
from connector.model.ports import ReviewItem
from connector.runs.sync import Result, sync

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)

CONFIG = """\
version = 1
timezone = "Europe/Berlin"
region = "DE"
database = "{database}"

[connections.portal]
type = "memory"
page_size = {page_size}
{portal_settings}
[connections.crm]
type = "{crm}"
{crm_settings}

[teams.sales]
members = [{{ email = "lena@northwind.example" }}, {{ email = "tom@northwind.example" }}]

[flows.b2b]
sources = ["portal"]
crm = "crm"
mode = "{mode}"
{flow}
[flows.b2b.routing]
order = [{{ to = "sales" }}]
"""

ANA = {
    "id": "1", "email": "ana@firm.example", "name.given": "Ana", "name.family": "Weber", "job_title": "Director IT",
    "company.name": "Firm GmbH", "company.employees": "600", "country": "Germany",
}  # fmt: skip


class Line:
    """One configuration in `folder`, opened; `now` is the time that everything sees."""

    def __init__(
        self,
        folder: Path,
        *,
        database: str = "baton.db",
        crm: str = "memory",
        crm_settings: str = "",
        mode: str = "live",
        flow: str = "",
        portal_settings: str = "",
        page_size: int = 1000,
    ) -> None:
        self.folder, self.now = folder, START
        text = CONFIG.format(
            database=database, crm=crm, crm_settings=crm_settings, mode=mode, flow=flow,
            portal_settings=portal_settings, page_size=page_size,
        )  # fmt: skip
        (folder / "config.toml").write_text(text, "utf-8")
        self.app: App = open_app(load(folder / "config.toml"), lambda: self.now)

    def reopen(self, text: str) -> None:
        """Go on under another config.toml."""
        self.app.close()
        (self.folder / "config.toml").write_text(text, "utf-8")
        self.app = open_app(load(self.folder / "config.toml"), lambda: self.now)

    @property
    def portal(self) -> World:
        """The marketing platform's state."""
        source = self.app.source("portal")
        assert isinstance(source, MemorySource)
        return source.world

    @property
    def crm(self) -> World:
        """The CRM's state."""
        return self.app.crm("crm").world  # type: ignore[attr-defined,no-any-return]

    def person(self, number: int, **changes: Any) -> None:
        """A person like Ana appears or changes in the portal."""
        person = {**ANA, "id": str(number), "email": f"ana{number}@firm.example"}
        self.portal.put("contacts", str(number), {**person, **changes}, self.now)

    def did(self, number: int, event: str, at: datetime | None = None, **columns: Any) -> None:
        """A person does something."""
        moment = at or self.now - timedelta(hours=1)
        name = f"{number}-{event}-{moment.isoformat()}"
        row: Mapping[str, Any] = {"id": name, "person": str(number), "event": event, "at": moment.isoformat()}
        self.portal.put("activities", name, {**row, **columns}, self.now)

    def sync(self, after: timedelta = timedelta()) -> Result:
        """Move the clock and run the line once."""
        self.now += after
        return sync(self.app.runtime(), self.app.rows)

    def lead(self, number: int) -> Lead:
        """The lead that a person of the portal is."""
        with self.app.store.read() as tx:
            link = tx.intake.links("portal", "contact", [str(number)])[str(number)]
            return tx.intake.leads([link.lead_id])[link.lead_id]

    def handoffs(self, state: str) -> list[Handoff]:
        """Handoffs in a state."""
        with self.app.store.read() as tx:
            return tx.handoffs.in_state("b2b", state)  # type: ignore[arg-type]

    def outbox(self, *states: str) -> list[OutboxRow]:
        """Rows of the outbox."""
        with self.app.store.read() as tx:
            return tx.outbox.rows(states=states, limit=10_000)

    def waiting_for_people(self, kind: Any = None) -> list[ReviewItem]:
        """What was set aside."""
        with self.app.store.read() as tx:
            return tx.reviews.open(kind)

    def crm_counts(self) -> dict[str, int]:
        """Live objects in the CRM by kind."""
        found: dict[str, int] = {}
        for thing in self.crm.things():
            found[thing.object] = found.get(thing.object, 0) + 1
        return found
