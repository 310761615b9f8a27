"""What the machine plays on: both platforms in memory, their journal, and a line that can be killed at any boundary."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from adapters import memory
from adapters._world import World
from connector.app import App, open_app
from connector.config import Config, load
from connector.model.errors import AuthError, ConfigError, RetryableError
from connector.model.ports import Transaction
from connector.runs.backfill import backfill
from connector.runs.bring_back import bring_back
from connector.runs.deliver import deliver
from connector.runs.pull import pull
from connector.runs.rescore import keep_criteria
from connector.runs.runtime import Runtime
from connector.runs.sync import sync, work
from state import open_store
from tests.line import CONFIG, START

#: A CRM that takes our key, and one that can only be searched: what was written is seen there `lag` seconds later.
CRMS = {
    "unique key": 'on_duplicate = "update"',
    "refuses": 'on_duplicate = "refuse"\nmerge_redirect = true\nbatch = "all_or_nothing"',
    "only searched": 'unique_key = "none"\nfind = "search"\nsettle = 10\nlag = 20\ncorrelate = "position"',
}
CRM = """\
mapping = "crm.toml"
crm_streams = ["user", "account", "lead", "contact", "opportunity", "task"]
objects = ["lead", "contact", "task", "note"]
reports_deletes = true
look_up_batch = 50
max_batch = 2
deadline = 30
"""
#: The status that Baton writes is one of theirs; a contact is written too once a lead was converted.
CRM_MAPPING = """\
[read.stage]
table = { mql = "mql", sal = "sal", sql = "sql", rejected = "rejected"%s }
[write.contact]
job_title     = "job_title"
"score.total" = "score.total"
"""
PORTAL = 'mapping = "portal.toml"\nobjects = ["contact", "membership"]\n'
PORTAL_MAPPING = """\
[write.contact]
stage         = "stage"
owner         = "owner"
reason        = "handoff.reason"
rating        = "handoff.rating"
outcome       = "outcome"
"score.total" = "score.total"
"""
FLOW = """\
write_score = "always"
[flows.b2b.fit]
"Director or above" = { points = 15, field = "job_level", at_least = "director" }
[flows.b2b.engagement]
"Webinar"           = { points = 10, activity = "webinar_attend", each = true, up_to = 20, within = "30 days" }
[flows.b2b.intent]
"Asked for a demo"  = { points = 25, activity = "demo_request" }
[flows.b2b.total]
at_most = { fit = 40, engagement = 40, intent = 40 }
letter  = { A = 15 }
number  = { 1 = 25, 2 = 10 }
[flows.b2b.gates]
mql     = { any = [{ activity = "demo_request" }, { score = "total", at_least = %d }] }
hot     = { activity = "demo_request" }
nurture = { when = { score = "total", at_least = 10 }, list = "Warm" }
[flows.b2b.reasons]
not_now = { list = "Later" }
"""
REPS = ("lena@northwind.example", "tom@northwind.example", "petra@northwind.example")
LEASE = timedelta(seconds=130)


@cache
def configured(crm: str, mode: str, line_at: int, extra_word: bool) -> Config:
    """A configuration, read once for all plays: reading it takes longer than a run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "crm.toml").write_text(CRM_MAPPING % (', nurturing = "rejected"' if extra_word else ""), "utf-8")
        (folder / "portal.toml").write_text(PORTAL_MAPPING, "utf-8")
        text = CONFIG.format(
            database="baton.db", crm="memory", crm_settings=CRM + CRMS[crm], mode=mode, flow=FLOW % line_at,
            portal_settings=PORTAL, page_size=3,
        )  # fmt: skip
        (folder / "config.toml").write_text(text, "utf-8")
        return load(folder / "config.toml")


@cache
def empty_store() -> bytes:
    """A store with nothing in it."""
    with tempfile.TemporaryDirectory() as name:
        open_store(Path(name) / "baton.db").close()
        return (Path(name) / "baton.db").read_bytes()


class KilledError(BaseException):
    """The process is no more: nothing it would do on its way out is done either."""


@dataclass(slots=True)
class Change:
    """One change of an object of the CRM: by whom, and what the object said before."""

    crm_id: str
    seq: int
    ours: bool
    values: dict[str, Any]
    before: dict[str, Any]
    #: Up to which place of the order of changes Baton had read when the request left; a late request has none.
    read: int | None = None


@dataclass
class Ground:
    """Both platforms and the line between them."""

    folder: Path
    crm_kind: str = "unique key"
    now: datetime = START
    mode: str = "live"
    line_at: int = 40
    extra_word: bool = False
    journal: list[Change] = field(default_factory=list)
    boundaries: int = 0
    _at: tuple[int, Callable[[], None]] | None = None
    _dead: bool = False
    _life: int = 0
    _gone: dict[str, bool] = field(default_factory=dict)
    _held_until: datetime | None = None
    _read: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "baton.db").write_bytes(empty_store())
        self.reopen()
        for rep in REPS:
            self.crm.make("user", {"email": rep}, self.now, crm_id=f"U-{rep.partition('@')[0]}")
        _keep_journal(self)

    # the process

    @property
    def owner(self) -> str:
        """The name of the process that lives now."""
        return f"life-{self._life}"

    def reopen(self, **changes: Any) -> None:
        """Begin anew, under a configuration that may say something else."""
        for name, value in changes.items():
            setattr(self, name, value)
        if self._life:
            self.app.close()
        self._life += 1
        self._dead, self._at = False, None
        loaded = configured(self.crm_kind, self.mode, self.line_at, self.extra_word)
        config = replace(loaded, root=self.folder, database=str(self.folder / "baton.db"))
        self.app: App = open_app(config, lambda: self.now)
        self.portal: World = self.app.source("portal").world  # type: ignore[attr-defined]
        self.crm: World = self.app.crm("crm").world  # type: ignore[attr-defined]
        self.portal.watch = self.crm.watch = self._boundary
        self._watch_store()

    def close(self) -> None:
        """Leave nothing behind."""
        self.app.close()
        for key in [key for key in memory._worlds if str(self.folder) in key]:
            memory._worlds.pop(key).close()

    def _watch_store(self) -> None:
        begin = self.app.store.write

        @contextmanager
        def write(**options: Any) -> Iterator[Transaction]:
            if self._dead:
                raise KilledError
            with begin(**options) as tx:
                yield tx
                self._boundary("before commit")
            self._boundary("after commit")

        def opened(**options: Any) -> AbstractContextManager[Transaction]:
            return write(**options)

        self.app.store.write = opened  # type: ignore[method-assign]

    def _boundary(self, what: str) -> None:
        if self._dead:
            raise KilledError
        self.boundaries += 1
        if what == "write:begin":
            self._read = self._read_up_to()
        if self._at is None:
            return
        left, act = self._at
        self._at = (left - 1, act)
        if left <= 0 and what != "before commit":
            self._at = None
            act()

    def _read_up_to(self) -> dict[str, int]:
        with self.app.store.read() as tx:
            return {kind: int(tx.ledgers.cursor("crm", f"read:{kind}") or 0) for kind in ("lead", "contact")}

    def _die(self) -> None:
        self._dead = True
        raise KilledError

    def _ended(self, owner: str) -> bool:
        return self._gone.get(owner, False)

    def runtime(self) -> Runtime:
        """What a run of the living process is handed."""
        return replace(self.app.runtime(), owner=self.owner, ended=self._ended)

    # runs

    def run(self, kind: str) -> str:
        """One run; returns what it failed with, "" for nothing."""
        runtime, rows, counts = self.runtime(), self.app.rows, Counter[str]()
        try:
            if kind == "sync":
                return "; ".join(str(error) for _, error in sync(runtime, rows).failures)
            if kind == "backfill":
                result = backfill(runtime, rows, self.now - timedelta(days=2), self.now, resume=False)
                return "; ".join(str(error) for _, error in result.failures)
            keep_criteria(runtime)
            if kind == "bring back":
                bring_back(runtime, rows(0), "crm", counts)
            elif kind == "pull":
                pull(runtime, "portal", rows(0), counts)
            elif kind == "work":
                return "; ".join(str(error) for _, error in work(runtime, rows(0), counts))
            else:
                deliver(runtime, kind.removeprefix("deliver "), counts)
        except (AuthError, RetryableError) as error:
            return str(error)
        except ConfigError as error:
            raise AssertionError(f"{kind}: {error}") from error
        return ""

    def killed(self, kind: str, boundary: int, known: bool) -> bool:
        """A run that is killed at a boundary, and a new process; whether it was. `known`: that it ended can be told."""
        died = False
        self._at = (boundary, self._die)
        try:
            self.run(kind)
        except KilledError:
            died = True
        self._at = None
        if died:
            self._gone[self.owner] = known
            self._held_until = self.now + LEASE
            self.reopen()
        return died

    def meanwhile(self, kind: str, boundary: int, act: Callable[[], None]) -> str:
        """A run in the middle of which something happens."""
        self._at = (boundary, act)
        failed = self.run(kind)
        left, self._at = self._at, None
        if left is not None:
            act()
        return failed

    def another(self, kind: str, expired: bool) -> None:
        """Another process runs; `expired`: the leases of the first one are over."""
        first = self._life
        if expired:
            self._release(self.owner)
        self._life += 1000
        try:
            self.run(kind)
        finally:
            self._life = first

    def passes(self, time: timedelta) -> None:
        """The clock goes on."""
        self.now += time
        if self._held_until is not None and self.now >= self._held_until:
            for owner in self._gone:
                self._release(owner)
            self._held_until = None

    def _release(self, whose: str) -> None:
        # Leases run by the database's own clock: they end by hand, as by time.
        with self.app.store.write() as tx:
            for name, owner, _ in tx.leases.holders():
                if owner == whose:
                    tx.leases.release(name, owner, tx.leases.take(name, owner, 0.0) or 0)

    def quiet(self) -> list[str]:
        """Faults end, time passes, and the line runs until nothing changes; what still fails."""
        self.crm.heal()
        self.portal.heal()
        self.passes(timedelta(hours=2))
        before, failed = None, ""
        for _ in range(12):
            failed = self.run("sync")
            with self.app.store.read() as tx:
                counts = tx.outbox.counts()
            state = (counts, len(self.crm.effects()), len(self.portal.effects()), failed)
            if state == before:
                break
            before = state
            self._release_parked()
            self.passes(timedelta(minutes=70))
        else:
            return [f"never quiet: {before}"]
        return [failed] if failed else []

    def _release_parked(self) -> None:
        """An admin looks at a source that was emptied, and frees its flow."""
        with self.app.store.write() as tx:
            if tx.reviews.is_open("parked_flow", ["b2b"]):
                tx.reviews.close("parked_flow", ["b2b"], "released", self.now)


def _keep_journal(ground: Ground) -> None:
    """Write down what changes in the CRM, by whom."""
    world, change = ground.crm, ground.crm.change

    def changed(crm_id: str, values: Any, at: datetime, *, ours: bool = False, late: bool = False) -> None:
        old = world.thing(crm_id)
        change(crm_id, values, at, ours=ours, late=late)
        new = world.thing(crm_id)
        if old is not None and new is not None:
            read = None if late else ground._read.get(old.object)
            ground.journal.append(Change(crm_id, new.seq, ours, dict(values), old.values, read))

    world.change = changed  # type: ignore[method-assign]
