"""Both platforms in memory, and the journal of what is changed in the CRM."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from adapters import memory
from connector.app import open_app
from connector.config import Config, load
from state import open_store
from tests.line import CONFIG, START
from tests.machine.process import REPS, Change, Process

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
job_title     = "job_title"
city          = "city"
"""
#: Who wins the two fields that both sides fill.
FIELDS = """\
[flows.b2b.fields]
job_title = "{rule}"
city      = "{rule}"
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


@cache
def configured(crm: str, mode: str, line_at: int, extra_word: bool, rule: str) -> Config:
    """A configuration, read once for all plays: reading it takes longer than a run."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "crm.toml").write_text(CRM_MAPPING % (', nurturing = "rejected"' if extra_word else ""), "utf-8")
        (folder / "portal.toml").write_text(PORTAL_MAPPING, "utf-8")
        text = CONFIG.format(
            database="baton.db", crm="memory", crm_settings=CRM + CRMS[crm], mode=mode,
            flow=FLOW % line_at + (FIELDS.format(rule=rule) if rule else ""),
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


@dataclass
class Ground(Process):
    """Both platforms in memory; `kind` is a name in `CRMS`."""

    at: datetime = START
    _read: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "baton.db").write_bytes(empty_store())
        self.reopen()
        for rep in REPS:
            self.crm.make("user", {"email": rep}, self.now, crm_id=f"U-{rep.partition('@')[0]}")
        _keep_journal(self)

    @property
    def now(self) -> datetime:
        return self.at

    def move(self, time: timedelta) -> None:
        self.at += time

    def open(self) -> None:
        loaded = configured(self.kind, self.mode, self.line_at, self.extra_word, self.rule)
        config = replace(loaded, root=self.folder, database=str(self.folder / "baton.db"))
        self.app = open_app(config, lambda: self.now)
        self.portal = self.app.source("portal").world  # type: ignore[attr-defined]
        self.crm = self.app.crm("crm").world  # type: ignore[attr-defined]
        self.portal.watch = self.crm.watch = self._boundary

    def close(self) -> None:
        self.app.close()
        for key in [key for key in memory._worlds if str(self.folder) in key]:
            memory._worlds.pop(key).close()

    def effects(self) -> int:
        return len(self.crm.effects()) + len(self.portal.effects())

    def passed(self, what: str) -> None:
        if what == "write:begin":
            with self.app.store.read() as tx:
                self._read = {kind: int(tx.ledgers.cursor("crm", f"read:{kind}") or 0) for kind in ("lead", "contact")}


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

    world.change = changed
