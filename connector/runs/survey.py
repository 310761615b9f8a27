"""Look at what a stretch of time holds without storing any of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.model.errors import ConfigError, RecordError
from connector.model.lead import CONTACT
from connector.model.mapped import Unmatched
from connector.model.records import Page, Record, Window
from connector.runs.contacts import digest
from connector.runs.runtime import Runtime
from connector.runs.sync import sources


@dataclass(slots=True)
class Survey:
    """One stream: counts of `read`, `set aside`, and for contacts `new`, `changed`, `unchanged`."""

    connection: str
    stream: str
    counts: Counter[str] = field(default_factory=Counter)


def survey(runtime: Runtime, since: datetime, until: datetime) -> list[Survey]:
    """Read `since` <= t < `until` of every source that can be read by time, and only count.

    Raises ConfigError where no source can be read by time, and what the sources raise.
    """
    names = [name for name in sources(runtime) if runtime.source(name).capabilities.windows]
    if not names:
        raise ConfigError("no source can be read by bounds of time; for files, set time_column on the connection")
    window = Window(since, until)
    return [
        _stream(runtime, name, stream, window) for name in names for stream in runtime.source(name).capabilities.streams
    ]


def _stream(runtime: Runtime, name: str, stream: str, window: Window) -> Survey:
    one, total = Survey(name, stream), Counter[str]()
    for page in runtime.source(name).pull(stream, "", window):
        _count(runtime, one, page)
        total[f"{stream} read"] = one.counts["read"]
        runtime.progress(f"{name}: {stream}", total)
        if runtime.stop.is_set():
            break
    return one


def _count(runtime: Runtime, one: Survey, page: Page) -> None:
    one.counts["read"] += len(page.records) + len(page.rejected)
    one.counts["set aside"] += len(page.rejected)
    if one.stream == "contacts":
        _contacts(runtime, one, page.records)
    else:
        _activities(runtime, one, page.records)


def _contacts(runtime: Runtime, one: Survey, records: Sequence[Record]) -> None:
    mapping, now = runtime.config.connections[one.connection].mapping, runtime.clock()
    salt = bytes.fromhex(mapping.version)[:16]
    with runtime.store.read() as tx:
        links = tx.intake.links(one.connection, CONTACT, [record.id for record in records])
    for record in (record for record in records if not (record.gone or record.merged_into)):
        link = links.get(record.id)
        if link is not None and link.digest == digest(record, salt):
            one.counts["unchanged"] += 1
            continue
        try:
            mapping.contact(record, now)
        except RecordError:
            one.counts["set aside"] += 1
        else:
            one.counts["changed" if link is not None else "new"] += 1


def _activities(runtime: Runtime, one: Survey, records: Sequence[Record]) -> None:
    mapping, now = runtime.config.connections[one.connection].mapping, runtime.clock()
    for record in records:
        try:
            made = mapping.activity(record, now)
        except RecordError:
            one.counts["set aside"] += 1
        else:
            one.counts["of no kind" if isinstance(made, Unmatched) else "of a kind"] += 1
