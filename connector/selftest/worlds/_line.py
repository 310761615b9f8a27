"""A whole line between a marketing platform in memory and a CRM, under a clock that stands still unless moved."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from connector.selftest.left import left_in
from connector.selftest.points import watch
from connector.selftest.unsynced import unsynced
from connector.selftest.world import Step, Verdict

if TYPE_CHECKING:
    from adapters._world import World as Platform
    from connector.app import App
    from connector.config import Config
    from connector.runs.sync import Result

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
#: Between two runs after the crash: longer than any settle, lag and wait that a target here declares.
LATER = timedelta(minutes=10)
#: Runs after which a line must be quiet; the first finds what was left, the next take the second look.
RUNS = 6

CONFIG = """\
version = 1
timezone = "Europe/Berlin"
region = "DE"
database = "baton.db"

[connections.portal]
type = "memory"
file = "portal.world"
page_size = 2
{portal}
[connections.crm]
{crm}

[teams.sales]
members = [{{ email = "lena@northwind.example" }}, {{ email = "tom@northwind.example" }}]

[flows.b2b]
sources = ["portal"]
crm = "crm"
mode = "live"

[flows.b2b.routing]
order = [{{ to = "sales" }}]
"""
PERSON = {
    "name.given": "Ana", "name.family": "Weber", "job_title": "Director IT", "company.name": "Firm GmbH",
    "company.employees": "600", "country": "Germany",
}  # fmt: skip


class Line:
    """A configuration, opened at `now`."""

    def __init__(self, config: Config, now: datetime) -> None:
        from connector.app import open_app

        self.now = now
        self.app: App = open_app(config, lambda: self.now)

    @property
    def portal(self) -> Platform:
        """What the marketing platform holds."""
        return cast("Platform", self.app.source("portal").world)  # type: ignore[attr-defined]

    @property
    def crm(self) -> Platform:
        """What a CRM in memory holds."""
        return cast("Platform", self.app.crm("crm").world)  # type: ignore[attr-defined]

    def person(self, number: int, **changes: Any) -> None:
        """Somebody appears or changes in marketing."""
        known = {"id": str(number), "email": f"ana{number}@firm.example"}
        self.portal.put("contacts", str(number), {**PERSON, **known, **changes}, self.now)

    def asks(self, number: int) -> None:
        """Somebody asks for a demo."""
        at, name = (self.now - timedelta(hours=1)).isoformat(), f"{number}-asks-{self.now.isoformat()}"
        event = {"id": name, "person": str(number), "event": "demo_request", "at": at}
        self.portal.put("activities", name, event, self.now)

    def sync(self, after: timedelta = timedelta()) -> Result:
        """Let time pass and run the line once."""
        from connector.runs.sync import sync

        self.now += after
        return sync(self.app.runtime(), self.app.rows)

    def unfinished(self) -> bool:
        """Whether something of the outbox is on its way."""
        from connector.runs.deliver import UNFINISHED

        with self.app.store.read() as tx:
            return bool(tx.outbox.rows(states=UNFINISHED, limit=1))

    def close(self) -> None:
        """Close the store and the platforms' files."""
        platforms = [role.world for role in (self.app.source("portal"), self.app.crm("crm")) if hasattr(role, "world")]
        self.app.close()
        for platform in platforms:
            platform.close()


#: Makes what is there before the stretch; judges a line that is quiet again.
Furnish = Callable[[Line], None]
Judge = Callable[[Line], Verdict]


@dataclass(slots=True)
class LineScene:
    """One crash point's store, and what the platforms hold."""

    config: Config
    began: datetime
    judged: Judge
    line: Line | None = None

    def run(self, step: Step) -> None:
        """One run of the whole line."""
        unsynced()
        line = Line(self.config, self.began)
        watch(line.app, step)
        _must_succeed(line.sync())

    def left(self) -> str:
        """What lies in the folder: all there is, unless the store lies on a server."""
        return "" if "://" in self.config.database else left_in(self.config.root)

    def recover(self) -> bool:
        """Run after run, ten minutes apart, until nothing is on its way."""
        unsynced()
        self.line = Line(self.config, self.began)
        for number in range(RUNS):
            _must_succeed(self.line.sync(LATER))
            if number and not self.line.unfinished():
                break
        return False

    def judge(self) -> Verdict:
        """What the books of the platforms and the store say."""
        return self.judged(self.line or Line(self.config, self.began))


def _must_succeed(result: Result) -> None:
    if result.failures:
        raise RuntimeError("; ".join(f"{name}: {error}" for name, error in result.failures))


@dataclass(kw_only=True)
class LineWorld:
    """A line with a CRM of some kind, furnished once and copied for every point.

    `crm` and `portal` are lines of their connections; `files` stand beside the configuration.
    """

    name: str
    target: str
    crm: str
    furnished: Furnish
    judged: Judge
    portal: str = ""
    hears_all: bool = True
    files: Mapping[str, str] = field(default_factory=dict)

    def furnish(self, folder: Path) -> None:
        """Write the configuration and make what is there before the stretch."""
        from connector.config import load

        folder.mkdir(parents=True)
        text = CONFIG.format(portal=self.portal, crm=self.crm)
        for name, content in {**self.files, "config.toml": text}.items():
            (folder / name).write_text(content, "utf-8")
        # Read once: reading it again in every child would take as long as all the rest.
        self.template, self.config = folder, load(folder / "config.toml")
        line = Line(self.in_folder(folder), START)
        self.furnished(line)
        self.now = line.now
        line.close()

    @contextmanager
    def scene(self, folder: Path) -> Iterator[LineScene]:
        """A copy of the template."""
        shutil.copytree(self.template, folder)
        yield LineScene(self.in_folder(folder), self.now, self.judged)

    def in_folder(self, folder: Path) -> Config:
        """The configuration as if it had been read there."""
        return replace(self.config, root=folder, path=folder / "config.toml", database=str(folder / "baton.db"))
