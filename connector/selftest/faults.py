"""The line under faults: HubSpot and Salesforce on this machine, a share of all calls between going wrong.

Both servers stand behind a proxy that disturbs calls by a seeded chance. The line is run again and again under a clock
of its own (a wait moves it and costs no time) until nothing is left to do; then the platforms' own books are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, cast

from connector.model.adapter import Preparable
from connector.sandbox.clock import Clock
from connector.sandbox.hubspot import CLIENT, HubSpotServer, Portal, add_contacts, furnish
from connector.sandbox.proxy import Chance, Proxy
from connector.sandbox.salesforce import Org, serve
from connector.sandbox.salesforce.oauth import ConnectedApp
from connector.selftest import sayings
from connector.selftest.books import EVERY, FLOW, Amiss, books, compare, handoffs_of, last_line, left_row
from connector.selftest.faults_post import Posted, post
from connector.selftest.served import Waiting

if TYPE_CHECKING:
    from connector.app import App
    from connector.model.outbox import OutboxRow
    from connector.model.ports import Transaction
    from connector.runs.sync import Result
    from connector.sandbox.server import LocalServer

START = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
#: How long the line rests between two runs, and after how many in a row that found nothing to do it is quiet.
REST, QUIET = timedelta(minutes=5), 3
#: Notices that are sent, at most: a mail takes longer than a lead.
MOST_NOTICES = 400
#: More runs than this are a line that does not come to rest.
MOST_RUNS = 500
CAMPAIGN = "Going live"
CONFIG = """\
version = 1
timezone = "Europe/Berlin"
region = "DE"
[secrets]
backend = "environment"
[connections.hubspot]
type = "hubspot"
account = "{portal}"
base_url = "{hubspot}"
sign_in = "refresh_token"
client_id = "{client}"
streams = ["contacts", "archived", "form_submissions", "email_events", "events"]
[connections.salesforce]
type = "salesforce"
login_url = "{salesforce}"
sign_in = "client_credentials"
client_id = "{app}"
campaign = "{campaign}"
[teams.sales]
members = [{{ email = "lena@northwind.example" }}, {{ email = "tom@northwind.example" }}]
[flows.b2b]
sources = ["hubspot"]
crm = "salesforce"
mode = "live"
[flows.b2b.conditions]
known = {{ field = "email", blank = false }}
[flows.b2b.fit]
"Manager or above" = {{ points = 10, field = "job_level", at_least = "manager" }}
[flows.b2b.gates]
mql = "known"
[flows.b2b.routing]
order = [{{ to = "sales" }}]
"""
#: Words of the servers that let Baton in; they are good for nothing else.
STORE_KEY = "c2VsZnRlc3Qtc2VsZnRlc3Qtc2VsZnRlc3Qtc2VsZnQ="


@dataclass(frozen=True, slots=True)
class Wish:
    """How many leads, the share of calls that goes wrong (0 to 1), its seed; `there`: the share of leads in the CRM."""

    leads: int = 5000
    share: float = 0.3
    seed: int = 1
    there: float = 0.1


@dataclass(slots=True)
class Told:
    """What came of it: calls and faults by kind, leads by what became of them, and the time it took, by both clocks.

    `dead` counts leads by the reason for which they wait for a person; `amiss` is what else the books say. `post`: what
    came of notices by mail and web hook.
    """

    leads: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    disturbed: int = 0
    delivered: int = 0
    dead: Counter[str] = field(default_factory=Counter)
    amiss: Amiss = field(default_factory=Amiss)
    runs: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    passed: timedelta = timedelta()
    seconds: float = 0.0
    post: Posted = field(default_factory=Posted)

    @property
    def clean(self) -> bool:
        """Whether every lead was delivered once, or waits for a person with a reason, and no notice was lost."""
        return (
            self.post.clean
            and not self.amiss.all
            and self.leads > 0
            and self.leads == self.delivered + self.dead.total()
        )


@dataclass(slots=True)
class Disturbed:
    """Both servers, the proxies before them, and the line between."""

    portal: Portal
    org: Org
    servers: dict[str, LocalServer]
    proxies: dict[str, Proxy]
    app: App
    clock: Clock

    @property
    def now(self) -> datetime:
        """What every clock shows."""
        return self.clock.now()

    def sync(self) -> Result:
        """Run the line once, after a rest."""
        from connector.runs.sync import sync

        self.clock.move(REST.total_seconds())
        return sync(self.app.runtime(), self.app.rows)

    def waits(self) -> int:
        """How many rows there is something to do about, but for those behind what a person must look at."""
        from connector.runs.deliver import UNFINISHED

        with self.app.store.read() as tx:
            behind = {row.id for row in stopped(tx)}
            return sum(row.id not in behind for row in tx.outbox.rows(states=UNFINISHED, limit=EVERY))


def stopped(tx: Transaction) -> list[OutboxRow]:
    """Rows that a person must look at, and those of the same leads that wait for them."""
    found = tx.outbox.rows(states=("dead", "parked"), limit=EVERY)
    leads = {row.lead_id for row in found}
    return found + [
        row for row in tx.outbox.rows(states=("waiting",), limit=EVERY) if row.after and row.lead_id in leads
    ]


Progress = Callable[[Told, int], None]


def unwatched(_told: Told, _left: int) -> None:
    """Nobody looks on."""


@contextmanager
def disturbed(wish: Wish, folder: Path) -> Iterator[Disturbed]:
    """The pair behind its proxies, which do nothing yet."""
    clock = Clock(START)
    portal, org = Portal(clock), Org(clock)
    furnish(portal)
    ids = add_contacts(portal, wish.leads, activities_each=2)
    org.create("Campaign", {"Name": CAMPAIGN, "IsActive": True})
    table = portal.tables["contacts"]
    org.seed([{"id": str(id), **table.properties(table.rows[id])} for id in ids], share=wish.there, seed=wish.seed)
    servers = {"hubspot": HubSpotServer(portal), "salesforce": serve(org)}
    with ExitStack() as stack:
        for server in servers.values():
            stack.enter_context(server)
        proxies = {name: stack.enter_context(Proxy(server.port)) for name, server in servers.items()}
        app = opened(folder, {name: proxy.url for name, proxy in proxies.items()}, portal, clock)
        stack.callback(app.close)
        yield Disturbed(portal, org, servers, proxies, app, clock)


def opened(folder: Path, urls: dict[str, str], portal: Portal, clock: Clock) -> App:
    """The line's configuration, opened, and what HubSpot must have made."""
    from connector.app import App
    from connector.config import load
    from connector.edge.secrets import Secrets
    from state import open_store

    connected = ConnectedApp()
    text = CONFIG.format(portal=portal.portal_id, client=CLIENT[0], app=connected.client_id, campaign=CAMPAIGN, **urls)
    (folder / "config.toml").write_text(text, "utf-8")
    config = load(folder / "config.toml")
    words = {"HUBSPOT": CLIENT[2], "HUBSPOT_CLIENT": CLIENT[1], "SALESFORCE": connected.client_secret}
    environ = {f"BATON_SECRET_{name}": word for name, word in {**words, "STORE_KEY": STORE_KEY}.items()}
    secrets = Secrets(config.root, "environment", environ=environ)
    app = App(config, open_store(config.database), secrets, clock.now, stop=Waiting(clock.move))
    for role in (app.source("hubspot"), app.crm("hubspot")):
        for step in cast(Preparable, role).setup():
            if not step.there and step.act is not None:
                step.act()
    return app


def run(wish: Wish, folder: Path, progress: Progress = unwatched) -> Told:
    """Run the line under faults in an empty folder. `progress(told so far, rows that wait)` after each run."""
    began = perf_counter()
    with disturbed(wish, folder) as pair:
        told = until_quiet(pair, wish, progress)
    apart = folder / "post"
    apart.mkdir()
    told.post = post(apart, min(wish.leads, MOST_NOTICES), wish.share, wish.seed)
    told.seconds = perf_counter() - began
    return told


def until_quiet(pair: Disturbed, wish: Wish, progress: Progress = unwatched) -> Told:
    """Disturb the pair's calls and run the line until it is quiet; what came of it."""
    told, quiet = Told(), 0
    for number, proxy in enumerate(pair.proxies.values()):
        proxy.calls, proxy.chance = 0, Chance(wish.share, wish.seed * 2 + number)
    while quiet < QUIET and told.runs < MOST_RUNS:
        result = pair.sync()
        told.runs += 1
        told.failures.update(f"{name}: {error}" for name, error in result.failures)
        left = pair.waits()
        quiet = 0 if left or result.failures else quiet + 1
        progress(told, left)
    told.passed = pair.now - START
    for name, proxy in pair.proxies.items():
        proxy.chance = None
        told.calls[name], told.disturbed = proxy.calls, told.disturbed + proxy.disturbed()
        told.faults += proxy.counts
    count(pair, told)
    return told


def count(pair: Disturbed, told: Told) -> None:
    """Hold the platforms' books against the store. What waits for a person is neither lost nor amiss."""
    found = books(pair.portal, pair.org)
    amiss = compare(pair.app.store, found, pair.now)
    with pair.app.store.read() as tx:
        store_id, out = tx.admin.store_id(), [one for one in handoffs_of(tx, FLOW) if one.opened_at]
        rows = stopped(tx)
    reasons = {row.lead_id: row.reason for row in rows if row.state != "waiting"}
    tasks = Counter(last_line(task) for task in found.tasks)
    waiting = [one for one in out if one.lead_id in reasons]
    told.leads = len(out)
    told.dead = Counter(reasons[one.lead_id] for one in waiting)
    told.delivered = sum(
        tasks[f"{store_id}:handoff-{one.id}:task:1"] == 1 and one.lead_id not in reasons for one in out
    )
    lost = {sayings.NO_TASK % {"id": one.id} for one in waiting}
    lost |= {sayings.NO_LEAD % {"id": one.id, "lead": one.lead_id} for one in waiting}
    told.amiss = Amiss([one for one in amiss.lost if one not in lost], amiss.double, _but(amiss.other, rows))
    told.amiss.other += [error for server in pair.servers.values() for error in server.errors]


def _but(sentences: Iterable[str], rows: Sequence[OutboxRow]) -> list[str]:
    """What the books say, but for what they say about these rows."""
    spared = Counter(map(left_row, rows))
    told = tuple(f"contact {row.our_key}: " for row in rows if row.object == "contact")
    found = []
    for sentence in sentences:
        if spared[sentence]:
            spared[sentence] -= 1
        elif not (told and sentence.startswith(told)):
            found.append(sentence)
    return found
