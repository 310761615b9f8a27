"""Read a stretch of time again, beside the daemon and without touching its cursor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from connector.model.errors import ConfigError
from connector.model.records import Window
from connector.runs.pull import pull
from connector.runs.rescore import keep_criteria
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime, recorded
from connector.runs.sync import Result, isolated, sources, work


def label(window: Window) -> str:
    """The name under which a backfill keeps its cursors; the same window goes on where it stopped."""
    return f"@{window.since.isoformat()}..{window.until.isoformat()}"


def backfill(runtime: Runtime, rows: Callable[[int], Rows], since: datetime, until: datetime, resume: bool) -> Result:
    """Read `since` <= t < `until` of every source that can be read by time.

    With `resume` it goes on where the same window stopped; without, it starts over. Raises
    ConfigError where no source can be read by bounds of time.
    """
    window, result = Window(since, until), Result()
    names = [name for name in sources(runtime) if runtime.source(name).capabilities.windows]
    if not names:
        raise ConfigError("no source can be read by bounds of time; for files, set time_column on the connection")
    with recorded(runtime, "backfill") as (run, counts):
        result.counts, result.run_id = counts, run.id
        built = rows(run.id)
        keep_criteria(runtime)
        if not resume:
            start_over(runtime, names, window)
        for name in names:
            isolated(
                runtime,
                result,
                name,
                lambda name=name: pull(runtime, name, built, counts, window, label(window)),  # type: ignore[misc]
            )
        result.failures += work(runtime, built, counts)
        run.result = result.failed or run.result
    return result


def start_over(runtime: Runtime, names: list[str], window: Window) -> None:
    """Forget how far an earlier backfill of the same window had come."""
    now = runtime.clock()
    with runtime.store.write() as tx:
        for name in names:
            for stream in runtime.source(name).capabilities.streams:
                tx.ledgers.save_cursor(name, f"{stream}{label(window)}", "", now)
