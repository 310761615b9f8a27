"""A line between platforms that are served over HTTP, by a process of each scene's own.

The platforms stand in the memory of the process that furnished the world. A scene forks it: the copy serves the
platforms as they stood, whatever happens in other scenes. What came before the stretch is run while furnishing.
"""

from __future__ import annotations

import re
import shutil
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from connector.model.errors import AuthError, ConfigError
from connector.sandbox import clickup
from connector.sandbox.clickup import ClickUpServer, Workspace
from connector.sandbox.clock import Clock
from connector.sandbox.hubspot import CLIENT, TOKEN, HubSpotServer, Portal, furnish
from connector.sandbox.salesforce import Org, serve
from connector.sandbox.salesforce.oauth import ConnectedApp
from connector.selftest.books import Amiss, counted
from connector.selftest.left import left_in
from connector.selftest.points import watch
from connector.selftest.served import READS, Served, Waiting, served
from connector.selftest.unsynced import unsynced
from connector.selftest.world import Step, Verdict

if TYPE_CHECKING:
    from connector.app import App
    from connector.config import Config
    from connector.edge.secrets import Secrets
    from connector.model.adapter import Preparable
    from connector.runs.sync import Result
    from connector.sandbox.server import LocalServer

START = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
#: Seconds between two runs after the crash: longer than any request may still take effect, and be seen.
LATER = 20 * 60.0
#: Longer than any token lives.
HOURS = 3 * 3600.0
#: Runs after which a line must be quiet; the first finds what was left, the next take the second look.
RUNS = 6
SECRETS = {"hubspot": TOKEN, "hubspot-client": CLIENT[1], "salesforce": ConnectedApp().client_secret}

CONFIG = """\
version = 1
timezone = "Europe/Berlin"
region = "DE"
database = "baton.db"
{connections}
[teams.sales]
members = [{{ email = "lena@northwind.example" }}, {{ email = "tom@northwind.example" }}]

[flows.b2b]
{flow}
"""


@dataclass(slots=True)
class Platforms:
    """All platforms, whichever of them a world uses, and their one clock."""

    clock: Clock
    portal: Portal = field(init=False)
    org: Org = field(init=False)
    space: Workspace = field(init=False)
    connected: ConnectedApp = field(default_factory=ConnectedApp)

    def __post_init__(self) -> None:
        self.portal, self.org = Portal(self.clock), Org(self.clock)
        self.space = Workspace(self.clock)
        furnish(self.portal)
        clickup.furnish(self.space)

    def servers(self, names: tuple[str, ...]) -> dict[str, LocalServer]:
        """Servers of them, not started."""
        made: dict[str, LocalServer] = {}
        if "hubspot" in names:
            made["hubspot"] = HubSpotServer(self.portal)
        if "salesforce" in names:
            made["salesforce"] = serve(self.org, self.connected)
        if "clickup" in names:
            made["clickup"] = ClickUpServer(self.space)
        return made


class ServedWorld(ABC):
    """A world whose platforms are served. What one is made of is said by those derived from it."""

    name: str
    target: str
    #: The platforms that are served.
    platforms: ClassVar[tuple[str, ...]] = ("hubspot", "salesforce")
    #: As long as calls that only read change nothing.
    hears_all = True
    #: By their names in Baton.
    secrets: ClassVar[Mapping[str, str]] = SECRETS

    #: Calls after which the platforms are as they were before.
    reads: ClassVar[re.Pattern[str]] = READS

    #: When the platforms' clock stands, None for one that goes with the machine's.
    at: ClassVar[datetime | None] = START

    def __init__(self) -> None:
        self.held = Platforms(Clock(self.at))
        self.template = Path()
        self.expected: dict[str, int] = {}

    def files(self) -> dict[str, str]:
        """What lies beside config.toml, by name."""
        return {}

    @abstractmethod
    def config(self, urls: Mapping[str, str]) -> str:
        """The text of config.toml, for servers at these addresses."""

    @abstractmethod
    def fill(self) -> None:
        """Bring people into the platforms, before anything was read."""

    def before(self, sync: Callable[[], None]) -> None:  # noqa: B027 - in a first stretch nothing
        """What happened before the stretch: `sync` runs the line once."""

    def serving(self, servers: Mapping[str, LocalServer]) -> None:  # noqa: B027 - mostly nothing
        """What is peculiar to a scene's servers, before they start."""

    def secrets_of(self) -> dict[str, str]:
        """Secrets that a scene's admin has set anew: at another address, earlier grants are not used."""
        return {}

    @abstractmethod
    def tally(self, app: App, there: Served) -> dict[str, int]:
        """How many there are of each thing, by a name that says whose it is."""

    @abstractmethod
    def compare(self, app: App, there: Served) -> Amiss:
        """Where the platforms and the store do not agree."""

    def shown(self, tally: Mapping[str, int]) -> dict[str, int]:
        """The tally by kinds of things."""
        kinds: dict[str, int] = {}
        for name, count in tally.items():
            kind = name.partition(" of ")[0]
            kinds[kind] = kinds.get(kind, 0) + count
        return kinds

    # the world

    def furnish(self, folder: Path) -> None:
        """Fill the platforms, live through what was before the stretch, and see what comes of it undisturbed."""
        folder.mkdir(parents=True)
        self.held = Platforms(Clock(self.at))
        self.fill()
        for name, text in self.files().items():
            (folder / name).write_text(text, "utf-8")
        keep = _secrets(folder)
        for name, value in self.secrets.items():
            keep.set(name, value)
        self.template = folder
        self._live(folder)
        self.expected = self._undisturbed(folder.with_name(f"{folder.name}-undisturbed"))

    def _live(self, folder: Path) -> None:
        """Serve from this process; no thread is left of that."""
        others = set(threading.enumerate())
        servers = self.held.servers(self.platforms)
        for server in servers.values():
            server.start()
        self._urls = {name: server.url for name, server in servers.items()}
        self._config = self.read(folder, self._urls)
        app = opened(self._config, folder, self.held.clock.now)
        stop = Waiting(self.held.clock.move)
        try:
            prepare(app)
            self.before(lambda: must_succeed(_sync(app, stop)))
            # What was asked for before has ended: the scene's servers stand at other addresses.
            self.held.clock.move(HOURS)
            ask_for_fields(app)
        finally:
            app.close()
            for server in servers.values():
                server.stop()
            for thread in set(threading.enumerate()) - others:
                thread.join(5.0)

    def _undisturbed(self, folder: Path) -> dict[str, int]:
        """What there is at the end. This process has then imported and compiled what each child needs."""
        with self.scene(folder) as scene:
            must_succeed(scene.sync())
            scene.until_quiet()
            found = self.tally(scene.app(), scene.there)
            scene.close()
        shutil.rmtree(folder)
        return found

    @contextmanager
    def scene(self, folder: Path) -> Iterator[ServedScene]:
        """A copy of the store, and of the platforms."""
        shutil.copytree(self.template, folder)
        servers = self.held.servers(self.platforms)
        self.serving(servers)
        for name, value in self.secrets_of().items():
            _secrets(folder).set(name, value)
        with served(servers, self.reads) as there:
            yield ServedScene(self, folder, there, self.moved(folder, {name: there.url(name) for name in there.ports}))

    def read(self, folder: Path, urls: Mapping[str, str]) -> Config:
        """Write the configuration for servers at `urls`, and read it."""
        from connector.config import load

        (folder / "config.toml").write_text(self.config(urls), "utf-8")
        return load(folder / "config.toml")

    def moved(self, folder: Path, urls: Mapping[str, str]) -> Config:
        """Write the configuration for servers at `urls`; as if read there, which takes ten times as long."""
        (folder / "config.toml").write_text(self.config(urls), "utf-8")
        others = {self._urls[name]: url for name, url in urls.items()}
        at, known = folder / "config.toml", self._config
        connections = {
            name: replace(one, settings=_at(one.settings, others)) for name, one in known.connections.items()
        }
        files = tuple(folder / one.relative_to(known.root) for one in known.files)
        database = str(folder / Path(known.database).relative_to(known.root))
        return replace(known, root=folder, path=at, database=database, files=files, connections=connections)


@dataclass(slots=True)
class ServedScene:
    """One crash point's folder and servers."""

    world: ServedWorld
    folder: Path
    there: Served
    config: Config
    _app: App | None = None

    def app(self) -> App:
        """The line, opened once in a process."""
        if self._app is None:
            self._app = opened(self.config, self.folder, self.there.now)
        return self._app

    def run(self, step: Step) -> None:
        """One run of the whole line, in which each batch also tells how far it is."""
        unsynced()
        app, chosen = self.app(), without_reads(step)
        watch(app, chosen)
        with self.there.between_items(chosen):
            must_succeed(self.sync())

    def left(self) -> str:
        """The folder, and what the platforms have heard."""
        return left_in(self.folder, self.there.heard())

    def recover(self) -> bool:
        """Start again; whether an admin had to sign in anew."""
        unsynced()
        self.there.settle()
        self.there.look()
        return self.until_quiet()

    def sync(self) -> Result:
        """Run the line once."""
        return _sync(self.app(), Waiting(self.there.move))

    def until_quiet(self) -> bool:
        """Run after run until nothing is on its way; an admin signs in anew where that is asked for."""
        from connector.runs.deliver import UNFINISHED

        anew = False
        for number in range(RUNS):
            self.there.move(LATER)
            result = self.sync()
            if any(isinstance(error, AuthError) for _name, error in result.failures) and not anew:
                anew = self._sign_in_anew(result)
                continue
            must_succeed(result)
            with self.app().store.read() as tx:
                if number and not tx.outbox.rows(states=UNFINISHED, limit=1):
                    break
        return anew

    def _sign_in_anew(self, result: Result) -> bool:
        """Give each connection that was refused a new secret, if it was told by which command."""
        for name, error in result.failures:
            if not isinstance(error, AuthError) or f"baton auth set {name}" not in str(error):
                must_succeed(result)
            granted = self.there.ask(name, "POST", "edit", {"do": "grant"})
            _secrets(self.folder).set(name, granted["result"])
        self.close()
        return True

    def close(self) -> None:
        """Close the line; it is opened again when it is asked for."""
        if self._app is not None:
            self._app.close()
            self._app = None

    def judge(self) -> Verdict:
        """What both servers' books say."""
        found = self.world.compare(self.app(), self.there)
        tally = self.world.tally(self.app(), self.there)
        counted(self.world.expected, tally, found)
        found.other += self.there.errors()
        return Verdict(tuple(found.lost), tuple(found.double), tuple(found.other), shown=self.world.shown(tally))


def _at(settings: Any, others: Mapping[str, str]) -> Any:
    """An adapter's settings with other addresses for those that it has."""
    named = {name: others[value] for name, value in settings if isinstance(value, str) and value in others}
    return settings.model_copy(update=named)


def opened(config: Config, folder: Path, now: Callable[[], datetime]) -> App:
    """The configuration with the store and the secrets in `folder`."""
    from connector.app import App
    from state import open_store

    return App(config, open_store(config.database), _secrets(folder), now)


def _secrets(folder: Path) -> Secrets:
    from connector.edge.secrets import Secrets

    return Secrets(folder, "sealed", key_file=str(folder / "secrets.key"), environ={})


def prepare(app: App) -> None:
    """What `baton setup` does."""
    for name in app.config.connections:
        for make in (app.source, app.crm):
            try:
                role = make(name)
            except ConfigError:
                continue
            for step in cast("Preparable", role).setup() if hasattr(role, "setup") else ():
                if not step.there and step.act is not None:
                    step.act()


def _sync(app: App, stop: threading.Event) -> Result:
    from connector.runs.sync import sync

    return sync(app.runtime(stop=stop), app.rows)


def ask_for_fields(app: App) -> None:
    """Keep what the CRMs take as fresh as can be: no scene asks for all of it again."""
    from connector.runs.vocabulary import Words

    runtime = app.runtime()
    for name in sorted({flow.crm for flow in app.config.flows.values()} | set(app.config.connections)):
        try:
            crm = app.crm(name)
        except ConfigError:
            continue
        Words(runtime, name, crm).current()


def must_succeed(result: Result) -> None:
    """Raises RuntimeError for a run that failed."""
    if result.failures:
        raise RuntimeError("; ".join(f"{name}: {error}" for name, error in result.failures))


def without_reads(step: Step) -> Step:
    """`step` without calls that write nothing, but for the first of each route, when its answer is there.

    To die before a read, or at the second of a kind, is to die after the commit before it.
    """
    seen: set[str] = set()

    def chosen(name: str) -> None:
        when, _, what = name.partition(" ")
        if READS.match(what):
            route = re.sub(r"\?.*|/[^/]*\d[^/]*", "", what)
            if when == "before" or route in seen:
                return
            seen.add(route)
        step(name)

    return chosen
