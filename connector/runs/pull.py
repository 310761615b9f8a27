"""Read a source: stream after stream, page by page, the beginning of a stream in parts where that is faster.

A page is fetched while the last one is stored, as far ahead as the source allows. Only a stored
page moves a cursor: what was fetched and not stored, because of a stop or a crash, is fetched again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import cast

import orjson

from connector.config import Connection
from connector.model import sentences
from connector.model.adapter import DivisibleSource, Source
from connector.model.errors import ConfigError, Problem, StreamError
from connector.model.ports import ReviewItem, Transaction
from connector.model.records import Page, Window
from connector.runs.ahead import read_ahead, side_by_side
from connector.runs.assess import Assessor
from connector.runs.consent import begin_empty
from connector.runs.intake import Intake, store_page
from connector.runs.restore import refuse_if_set_back
from connector.runs.rows import Rows
from connector.runs.runtime import Lease, Runtime, leased
from connector.runs.terms import note_read

#: How long before somebody asks to be contacted their record may have changed last.
BEFORE_ASKING = timedelta(days=1)
#: Pages of all parts together that may wait to be stored, beside the one that each part holds.
WAITING_PAGES = 2


def pull(
    runtime: Runtime, name: str, rows: Rows, counts: Counter[str], window: Window | None = None, label: str = ""
) -> None:
    """Read everything new of connection `name` into the store.

    With `window` it is a backfill under `label`, with cursors of its own. Raises AuthError,
    ConfigError, RetryableError; a StreamError (a cursor that does not move) once the other streams are read.
    """
    connection = runtime.config.connections[name]
    source, now = runtime.source(name), runtime.clock()
    streams = source.capabilities.streams
    intake = _intake(runtime, name, rows, counts)
    with leased(runtime, f"pull:{name}{label}") as lease:
        with lease.write() as tx:
            refuse_if_set_back(tx)
            intake.aside.load(tx)
            begin_empty(tx)
            if window is None:
                forget_cursors(tx, connection, streams, now)
        reading = Reading(runtime, intake, source, lease)
        problems: list[Problem] = []
        stands: list[StreamError] = []
        for stream in streams:
            try:
                if window is not None or reading.beginning(stream):
                    reading.stream(stream, window, f"{stream}{label}")
            except ConfigError as error:
                # What an admin must mend in one stream does not keep the others from being read.
                problems += error.problems
            except StreamError as error:
                stands.append(error)
        if intake.back and source.capabilities.sweeps:
            reading.those_who_are_back()
    if problems:
        raise ConfigError(problems)
    if stands:
        raise StreamError("; ".join(map(str, stands)))
    if window is None and not runtime.stop.is_set():
        note_read(runtime, name, now)


def reread(
    runtime: Runtime, name: str, rows: Rows, counts: Counter[str], stream: str, window: Window, label: str, most: int
) -> bool:
    """Read up to `most` pages of a window of one stream, on from where it stopped; whether that was the rest.

    Under the lease of the pull: no page of it is stored after a younger one. Raises as `pull` does.
    """
    intake = _intake(runtime, name, rows, counts)
    with leased(runtime, f"pull:{name}") as lease:
        with lease.write() as tx:
            refuse_if_set_back(tx)
            intake.aside.load(tx)
        return Reading(runtime, intake, runtime.source(name), lease).stream(stream, window, f"{stream}{label}", most)


def _intake(runtime: Runtime, name: str, rows: Rows, counts: Counter[str]) -> Intake:
    connection, capabilities, now = runtime.config.connections[name], runtime.source(name).capabilities, runtime.clock()
    score_now = capabilities.streams == ("contacts",) and not connection.mapping.contacts_tell_deeds
    assessor = Assessor(list(runtime.config.flows.values()), rows, now, counts)
    return Intake(connection, assessor, now, score_now, counts, capabilities.contact_streams)


@dataclass(slots=True)
class Reading:
    """Reads the streams of one source until nothing is new or a stop is asked for."""

    runtime: Runtime
    intake: Intake
    source: Source
    lease: Lease

    @property
    def name(self) -> str:
        """The connection."""
        return self.intake.connection.name

    def stream(self, stream: str, window: Window | None, cursor_name: str, most: int = 0) -> bool:
        """Read one stream from its cursor on, no more than `most` pages (0: all); whether to its end."""
        if self.runtime.stop.is_set():
            return False
        with self.runtime.store.read() as tx:
            cursor = tx.ledgers.cursor(self.name, cursor_name)
        depth = self.source.capabilities.read_ahead
        with read_ahead(lambda: self.source.pull(stream, cursor, window), depth) as pages:
            before = cursor
            for number, page in enumerate(pages, 1):
                self._take(page, before, cursor_name)
                before = page.cursor
                if self.runtime.stop.is_set() or number == most:
                    return False
        return True

    def those_who_are_back(self) -> None:
        """Read again what changed since people who were forgotten have asked to be contacted: they are new leads."""
        window = Window(min(self.intake.back) - BEFORE_ASKING, self.runtime.clock())
        for stream in self.intake.contact_streams:
            name = f"{stream}@back"
            if stream in self.source.capabilities.streams and self.stream(stream, window, name):
                with self.lease.write() as tx:
                    tx.ledgers.save_cursor(self.name, name, "", self.runtime.clock())

    def beginning(self, stream: str) -> bool:
        """Read the beginning of a stream in parts, side by side; False where a stop came before its end.

        Each part has a cursor of its own (`contacts#3`), which is stored with its pages. Does
        nothing for a stream that was begun otherwise, or whose source does not divide it.
        """
        if self.runtime.stop.is_set():
            return False
        parts = self._parts(stream)
        if parts is None:
            return True
        with self.runtime.store.read() as tx:
            before = {part: tx.ledgers.cursor(self.name, part_name(stream, part)) for part in parts.open}
        order = list(parts.open)
        walks = [partial(self._part, stream, before[part]) for part in order]
        with closing(side_by_side(walks, WAITING_PAGES)) as pages:
            for number, page in pages:
                part = order[number]
                if page is None:
                    self._end(stream, parts, part)
                    continue
                self._take(page, before[part], part_name(stream, part))
                before[part] = page.cursor
                if self.runtime.stop.is_set():
                    return False
        return True

    def _part(self, stream: str, cursor: str) -> Iterator[Page | None]:
        """The pages of a part, and None behind the last one."""
        yield from self.source.pull(stream, cursor)
        yield None

    def _take(self, page: Page, before: str, cursor_name: str) -> None:
        """Store one page, and tell what it says."""
        if page.records and page.cursor == before:
            raise StreamError(f"{self.name}: {page.stream}: {sentences.CURSOR_STANDS}")
        if page.emptied:
            # First, for it is told once: a page that is stored is not read again.
            park(self.runtime, self.name, page.stream)
        store_page(self.lease.write, self.intake, page, cursor_name)
        for note in page.notes:
            self.runtime.note(f"{self.name}: {note}")
        self.runtime.progress(f"{self.name}: {page.stream}", self.intake.counts)

    def _parts(self, stream: str) -> Parts | None:
        """The parts that are still to be read: those begun before, or new ones for a stream that was never read."""
        capabilities = self.source.capabilities
        with self.runtime.store.read() as tx:
            kept, cursor = tx.admin.meta(parts_key(self.name, stream)), tx.ledgers.cursor(self.name, stream)
        if kept:
            return Parts(**orjson.loads(kept))
        if cursor or capabilities.parts < 2:
            return None
        split = cast(DivisibleSource, self.source).split(stream, capabilities.parts)
        if split is None:
            return None
        parts = Parts(list(range(len(split.cursors))), split.following)
        with self.lease.write() as tx:
            for part, begin in enumerate(split.cursors):
                tx.ledgers.save_cursor(self.name, part_name(stream, part), begin, self.runtime.clock())
            parts.keep(tx, self.name, stream)
        return parts

    def _end(self, stream: str, parts: Parts, part: int) -> None:
        """A part is read; with the last of them the stream goes on where its beginning ends."""
        now = self.runtime.clock()
        parts.open.remove(part)
        with self.lease.write() as tx:
            tx.ledgers.save_cursor(self.name, part_name(stream, part), "", now)
            if not parts.open:
                tx.ledgers.save_cursor(self.name, stream, parts.following, now)
            parts.keep(tx, self.name, stream)


@dataclass(slots=True)
class Parts:
    """The parts of a stream's beginning that are still to be read, and the stream's cursor after them."""

    open: list[int] = field(default_factory=list)
    following: str = ""

    def keep(self, tx: Transaction, connection: str, stream: str) -> None:
        """Write down what is left to be read."""
        tx.admin.set_meta(parts_key(connection, stream), orjson.dumps(asdict(self)).decode() if self.open else "")


def parts_key(connection: str, stream: str) -> str:
    """The store's word for what is left of a stream's beginning."""
    return f"parts:{connection}:{stream}"


def part_name(stream: str, part: int) -> str:
    """The name under which a part's cursor is kept."""
    return f"{stream}#{part}"


def park(runtime: Runtime, name: str, stream: str) -> None:
    """A source that had records and has none now: its flows hand nothing over until a person looked."""
    flows = [flow for flow in runtime.config.flows.values() if name in flow.sources]
    reason = f"{name}: {sentences.EMPTIED % {'stream': stream}}"
    with runtime.store.write() as tx:
        items = [ReviewItem("parked_flow", flow.name, flow.name, reason, flow=flow.name) for flow in flows]
        tx.reviews.put(items, runtime.clock())
    runtime.note(reason)


def forget_cursors(tx: Transaction, connection: Connection, streams: tuple[str, ...], now: datetime) -> None:
    """A changed mapping is applied to what was read before: everything is read once more."""
    key = f"mapping:{connection.name}"
    if tx.admin.meta(key) not in ("", connection.mapping.version):
        for stream in streams:
            tx.ledgers.save_cursor(connection.name, stream, "", now)
            tx.admin.set_meta(parts_key(connection.name, stream), "")
    tx.admin.set_meta(key, connection.mapping.version)
