"""Once a day, look for what came into sight too late to be read.

A walk reads what changed since the last one, and a while before that. A record that comes into sight later
than that with an older time of change (a transaction that took long, an index that was ill) is passed over. So
what changed of late is read once more, whole: each moment is swept when it is a day old or more. What is known
already changes nothing (docs/decisions/019-swept-by-window.md).

A sweep is part of the pull, or of the reading back, so that no two pages of one stream are stored by two at
once, an older page after a newer one. It reads some pages each time, and goes on with the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

import orjson

from connector.model.errors import ConfigError, RetryableError
from connector.model.ports import Transaction
from connector.model.records import Window
from connector.runs.follower import follower
from connector.runs.moments import daily_moment
from connector.runs.pull import reread
from connector.runs.read_in import is_read_in, read_back_again
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime

#: Pages of a stream that are swept with one pull: what is new does not wait for long.
PAGES = 50
#: How long ago a change may have been made when it comes into sight, to be found for certain.
REACH = timedelta(days=1)
#: What the names of a sweep's own cursors end in.
LABEL = "@sweep"
SWEPT, FOUND, PUT_OFF = "swept", "found by the sweep", "put off: sweep"


@dataclass(slots=True)
class Sweep:
    """A sweep that is under way: its window, and the streams that are swept already."""

    since: str
    until: str
    done: list[str] = field(default_factory=list)

    @property
    def window(self) -> Window:
        """Its bounds."""
        return Window(datetime.fromisoformat(self.since), datetime.fromisoformat(self.until))

    def keep(self, tx: Transaction, job: str) -> None:
        """Write down how far it has come."""
        tx.admin.set_meta(job, orjson.dumps(asdict(self)).decode())


def sweep_source(runtime: Runtime, name: str, rows: Rows, counts: Counter[str]) -> None:
    """Where a sweep of a source is due or under way, go on with it. To be called after a pull. Raises AuthError."""
    capabilities = runtime.source(name).capabilities
    if not capabilities.sweeps:
        return
    found: Counter[str] = Counter()

    def read(stream: str, window: Window) -> bool:
        return reread(runtime, name, rows, found, stream, window, LABEL, PAGES)

    with runtime.store.read() as tx:
        begun = [stream for stream in capabilities.streams if tx.ledgers.cursor(name, stream)]
    _pass(runtime, name, f"sweep:{name}", {stream: f"{stream}{LABEL}" for stream in begun}, read, counts)
    if found:
        counts[SWEPT] += sum(found[f"{stream} read"] for stream in begun)
        counts[FOUND] += sum(found[what] for what in ("new leads", "changed leads", "activities"))


def sweep_crm(runtime: Runtime, rows: Rows, name: str, counts: Counter[str]) -> None:
    """The same of a CRM, after it was read back."""
    streams = runtime.crm(name).capabilities.sweeps
    if not streams:
        return
    with runtime.store.read() as tx:
        whole = is_read_in(tx, name)
    if not whole:
        return
    follow, cursors = follower(runtime, rows, name, counts), {stream: f"read:{stream}{LABEL}" for stream in streams}

    def read(stream: str, window: Window) -> bool:
        found = SWEPT, FOUND
        return read_back_again(runtime, name, counts, follow, stream, window.since, cursors[stream], found, PAGES)

    _pass(runtime, name, f"sweep back:{name}", cursors, read, counts)


def _pass(
    runtime: Runtime, name: str, job: str, cursors: Mapping[str, str], read: Callable[[str, Window], bool],
    counts: Counter[str],
) -> None:  # fmt: skip
    """Sweep what may be swept with one pull; `cursors` are the names of the places by stream.

    What hinders it does not hinder the pull: it goes on with the next.
    """
    sweep = _under_way(runtime, job)
    if sweep is None:
        return
    try:
        for stream in [stream for stream in cursors if stream not in sweep.done]:
            if not read(stream, sweep.window):
                return
            sweep.done.append(stream)
            with runtime.store.write() as tx:
                sweep.keep(tx, job)
                tx.ledgers.save_cursor(name, cursors[stream], "", runtime.clock())
    except (ConfigError, RetryableError):
        counts[PUT_OFF] += 1
        return
    with runtime.store.write() as tx:
        tx.admin.set_meta(job, "")
        tx.ledgers.set_done(job, sweep.window.until)


def _under_way(runtime: Runtime, job: str) -> Sweep | None:
    """The sweep that was begun, else a new one where its time has come. The first has its time a day later."""
    now = runtime.clock()
    with runtime.store.read() as tx:
        kept, last = tx.admin.meta(job), tx.ledgers.last_done(job)
    if kept:
        return Sweep(**orjson.loads(kept))
    if last is not None and last >= daily_moment(runtime.config.schedule.sweep, now, runtime.config):
        return None
    with runtime.store.write() as tx:
        if last is None:
            tx.ledgers.set_done(job, now)
            return None
        sweep = Sweep((min(last, now - REACH) - REACH).isoformat(), now.isoformat())
        sweep.keep(tx, job)
    return sweep
