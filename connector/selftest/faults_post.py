"""Notices under faults: a mail server and a web hook on this machine, a share of what is sent there going wrong.

Some notices somebody must act on, some only remind. They are sent again and again, under a clock of its own, until
nothing waits; then what was taken is held against what was to be told. A web hook is believed when it answers with
200: kinds of faults that say so and have done nothing would be lost, by whatever sends to it.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from connector.model.notices import TARGET, Notice
from connector.sandbox.clock import Clock
from connector.sandbox.post import MAIL_FAULTS, PostServer
from connector.sandbox.proxy import HARMLESS, KINDS, Chance, Proxy
from connector.selftest.books import Amiss
from connector.selftest.worlds._team import CONFIG, HOOK
from connector.selftest.worlds._told import messages

if TYPE_CHECKING:
    from connector.app import App

START = datetime(2026, 12, 7, 9, 0, tzinfo=UTC)
REST = timedelta(minutes=5)
MOST_RUNS = 500
#: What happens to calls of a web hook: all but an answer of 200 by something else.
HOOK_FAULTS = tuple(
    name for name, kind in KINDS.items()
    if name not in HARMLESS and (kind.worked or kind.reply is None or kind.reply.status != 200)
)  # fmt: skip


@dataclass(slots=True)
class Posted:
    """What came of `told` notices: calls and faults by kind, what is amiss, and how many came more than once and may.

    `left` are reminders that may not have come, and were left at that.
    """

    told: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    amiss: Amiss = field(default_factory=Amiss)
    may_double: int = 0
    left: int = 0
    runs: int = 0

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, and nothing came twice that must not."""
        return not self.amiss.all


def post(folder: Path, notices: int, share: float, seed: int) -> Posted:
    """Send so many notices in an empty folder, a share (0 to 1) of all calls going wrong."""
    clock, found = Clock(START), Posted()
    with ExitStack() as stack:
        server = stack.enter_context(PostServer(clock=clock))
        proxy = stack.enter_context(Proxy(server.port, Chance(share, 2 * seed, HOOK_FAULTS)))
        server.chance = Chance(share, 2 * seed + 1, tuple(MAIL_FAULTS))
        app = _opened(folder, server.mail_url, proxy.url.replace("http:", "json:") + HOOK, clock)
        stack.callback(app.close)
        _announce(app, notices)
        while _waits(app) and found.runs < MOST_RUNS:
            found.runs += 1
            _send(app)
            clock.move(REST.total_seconds())
        found.calls.update({"mail": server.mails, "web hook": proxy.calls})
        found.faults = proxy.counts + server.counts
        _count(app, server, found)
    return found


def _opened(folder: Path, mail: str, hook: str, clock: Clock) -> App:
    from connector.app import App
    from connector.config import load
    from connector.edge.secrets import Secrets
    from state import open_store

    (folder / "config.toml").write_text(CONFIG, "utf-8")
    config = load(folder / "config.toml")
    environ = {"BATON_SECRET_MAIL_SERVER": mail, "BATON_SECRET_OPS": hook}
    secrets = Secrets(config.root, "environment", environ=environ)
    return App(config, open_store(config.database), secrets, clock.now)


def _announce(app: App, notices: int) -> None:
    """Each rep is reminded; rep, manager and hook hear of the breach."""
    from connector.runs.notices import announce

    now, told = app.clock(), list[Notice]()
    for number in range(-(-notices // 4)):
        owner = f"rep{number}@northwind.example"
        for kind in ("due", "breached"):
            values = {"due": now, "share": "50 %", "owner": owner}
            told.append(Notice(kind, f"contact {kind}", f"{number}:{kind}", now, owner, "sales", values=values))
    with app.store.write() as tx:
        announce(tx, app.config, told, now)


def _send(app: App) -> None:
    from connector.runs.send_notices import send_notices

    send_notices(app.runtime(), Counter())


def _waits(app: App) -> bool:
    with app.store.read() as tx:
        return bool(tx.outbox.rows(target=TARGET, states=("waiting", "in_flight", "unknown"), limit=1))


def _count(app: App, server: PostServer, found: Posted) -> None:
    again: list[str] = []
    with app.store.read() as tx:
        messages(tx, [asdict(one) for one in server.letters], found.amiss, again)
        found.told = len(tx.outbox.rows(target=TARGET, limit=10**6))
        found.left = len(tx.outbox.rows(target=TARGET, states=("dropped",), limit=10**6))
    found.amiss.other += server.errors
    found.may_double = len(again)
