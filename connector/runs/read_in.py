"""Read a CRM into the mirror: everything the first time (the read-in), then what changed.

Before the read-in is over nothing is handed over to that CRM: it is not known yet who is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import cast

from connector.model import sentences
from connector.model.adapter import FindItem, InStoreCrm, ReadableCrm, SweepableCrm
from connector.model.errors import StreamError
from connector.model.mirror import CrmPage, CrmRecord, Mirrored
from connector.model.outbox import Found
from connector.model.ports import Transaction
from connector.runs.ahead import read_ahead
from connector.runs.forgotten import left_of
from connector.runs.mirrored import keep, make_keys
from connector.runs.respect import PEOPLE
from connector.runs.runtime import Lease, Runtime, leased
from connector.steps.consent import OF_CONSENT
from connector.steps.matching import normalised

#: A record as it was (None: not known before) and as it is.
Pair = tuple[CrmRecord | None, CrmRecord]
#: What follows from the changes of one page, in the page's own transaction. A record that says what it said
#: before, though it was changed, comes as a pair of itself.
Follow = Callable[[Transaction, Sequence[Pair]], None]


def nothing_follows(_tx: Transaction, _pairs: Sequence[Pair]) -> None:
    """Only the mirror is kept."""


def read_in_key(target: str) -> str:
    """The store's word that says when `target` was read in."""
    return f"read_in:{target}"


def is_read_in(tx: Transaction, target: str) -> bool:
    """Whether all of `target` has been read once."""
    return bool(tx.admin.meta(read_in_key(target)))


def read_back(runtime: Runtime, target: str, counts: Counter[str], follow: Follow = nothing_follows) -> None:
    """Walk the changes of every stream of `target`, page by page: mirror, what follows, and cursor as one.

    Does nothing for a CRM without streams. A stop is obeyed between two pages. Raises AuthError,
    ConfigError, RetryableError (another process reads); a StreamError (a cursor that does not move) once the other
    streams are read.
    """
    crm = runtime.crm(target)
    if not crm.capabilities.streams:
        return
    walk = _Walk(runtime, target, cast(ReadableCrm, crm), counts, follow)
    with leased(runtime, f"read:{target}") as lease:
        _forget_cursors(runtime, target, crm.capabilities.streams)
        make_keys(runtime, target, lease)
        ends = [walk.guarded(stream, lease) for stream in crm.capabilities.streams]
    if walk.stands:
        raise StreamError("; ".join(map(str, walk.stands)))
    if all(ends):
        _mark_read_in(runtime, target, counts)


def read_back_again(
    runtime: Runtime, target: str, counts: Counter[str], follow: Follow, stream: str, since: datetime,
    cursor_name: str, found: tuple[str, str], most: int,
) -> bool:  # fmt: skip
    """Sweep a stream of `target` from `since`, up to `most` pages on from where that stopped; whether to its end.

    What is as the mirror has it is passed over; `found` are the names of two counts: seen, and not known before.
    Raises as `read_back` does.
    """
    walk = _Walk(runtime, target, cast(ReadableCrm, runtime.crm(target)), counts, follow)
    with leased(runtime, f"read:{target}") as lease:
        return walk.again(stream, since, cursor_name, found, most, lease)


def is_silent(runtime: Runtime, target: str) -> bool:
    """Whether `target` lives in our store and nothing was changed there since it was read: that is told in one look."""
    crm = runtime.crm(target)
    if not crm.capabilities.in_store:
        return False
    with runtime.store.read() as tx:
        desk = cast(InStoreCrm, crm).within(tx.desk)
        cursors = ((stream, tx.ledgers.cursor(target, _cursor_name(stream))) for stream in crm.capabilities.streams)
        return is_read_in(tx, target) and not any(
            next(desk.changes(stream, cursor), None) for stream, cursor in cursors
        )


def read_records(
    tx: Transaction, target: str, records: Sequence[CrmRecord], follow: Follow, now: datetime, region: str,
    counts: Counter[str],
) -> None:  # fmt: skip
    """Take some records as a page of their own, which leaves the cursors where they are: read again, they are no news.

    `records` are as the CRM has them now.
    """
    if pairs := keep(tx, target, left_of(tx, target, [normalised(one, region) for one in records], counts), now):
        follow(tx, pairs)


def _cursor_name(stream: str) -> str:
    # A platform may be read as a source too, by streams of the same names.
    return f"read:{stream}"


def _forget_cursors(runtime: Runtime, target: str, streams: Sequence[str]) -> None:
    """Where the mapping names other fields than before, records are read once more, for their values."""
    mapping = runtime.config.connections[target].mapping
    names = {name for object in mapping.write_objects for name in mapping.written(object)}
    names |= {f"{field} = {column}" for field in OF_CONSENT for column in mapping.columns.get(field, ())}
    if stage := mapping.stage:
        names |= set(stage.fields)
    seen, key = blake2b(repr(sorted(names)).encode(), digest_size=8).hexdigest(), f"read_fields:{target}"
    with runtime.store.read() as tx:
        known = tx.admin.meta(key)
    if known == seen:
        return
    with runtime.store.write() as tx:
        for stream in streams:
            tx.ledgers.save_cursor(target, _cursor_name(stream), "", runtime.clock())
        tx.admin.set_meta(key, seen)


def _mark_read_in(runtime: Runtime, target: str, counts: Counter[str]) -> None:
    with runtime.store.read() as tx:
        if is_read_in(tx, target):
            return
    with runtime.store.write() as tx:
        tx.admin.set_meta(read_in_key(target), runtime.clock().isoformat())
    counts["read in"] += 1


class _Walk:
    """Walks the streams of one CRM."""

    def __init__(self, runtime: Runtime, target: str, crm: ReadableCrm, counts: Counter[str], follow: Follow) -> None:
        self.runtime, self.target, self.crm, self.counts, self.follow = runtime, target, crm, counts, follow
        self.region = runtime.config.region
        self.stands: list[StreamError] = []

    def guarded(self, name: str, lease: Lease) -> bool:
        """As `stream`; one that leads no further is noted in `stands`."""
        try:
            return self.stream(name, lease)
        except StreamError as error:
            self.stands.append(error)
            return False

    def stream(self, name: str, lease: Lease) -> bool:
        """Read one stream until nothing is new; False where a stop came before that."""
        if self.runtime.stop.is_set():
            return False
        with self.runtime.store.read() as tx:
            cursor = tx.ledgers.cursor(self.target, _cursor_name(name))
        with read_ahead(lambda: self._changes(name, cursor), self.crm.capabilities.read_ahead) as pages:
            before = cursor
            for page in pages:
                if page.records and page.cursor == before:
                    raise StreamError(f"{self.target}: {name}: {sentences.CURSOR_STANDS}")
                if page.unheard and not self._look_up_all(page.unheard, lease):
                    return False
                self._store(page, lease)
                for note in page.notes:
                    self.runtime.note(f"{self.target}: {note}")
                before = page.cursor
                self.runtime.progress(f"{self.target}: {name}", self.counts)
                if self.runtime.stop.is_set():
                    return False
        return True

    def _changes(self, stream: str, cursor: str) -> Iterator[CrmPage]:
        """What is new; of a CRM in our store each page in a transaction of its own, none of which waits for another."""
        if not self.crm.capabilities.in_store:
            yield from self.crm.changes(stream, cursor)
            return
        while True:
            with self.runtime.store.read() as tx:
                page = next(cast(InStoreCrm, self.crm).within(tx.desk).changes(stream, cursor), None)
            if page is None:
                return
            yield page
            cursor = page.cursor

    def again(
        self, stream: str, since: datetime, cursor_name: str, found: tuple[str, str], most: int, lease: Lease
    ) -> bool:
        """Sweep one stream."""
        with self.runtime.store.read() as tx:
            cursor = tx.ledgers.cursor(self.target, cursor_name)
        pages = cast(SweepableCrm, self.crm).sweep(stream, cursor, since)
        for number, page in enumerate(pages, 1):
            self._store_missed(page, cursor_name, found, lease)
            if self.runtime.stop.is_set() or number == most:
                return False
        return True

    def _store_missed(self, page: CrmPage, cursor_name: str, found: tuple[str, str], lease: Lease) -> None:
        """Of a swept page, what the mirror has not, or as of another time."""
        now, seen = self.runtime.clock(), [normalised(record, self.region) for record in page.records]
        with lease.write() as tx:
            records = _unheld(tx, self.target, left_of(tx, self.target, seen, self.counts))
            pairs = keep(tx, self.target, records, now)
            if told := [*pairs, *_touched(records, pairs)]:
                self.follow(tx, told)
            tx.ledgers.save_cursor(self.target, cursor_name, page.cursor, now)
        self.counts[found[0]] += len(seen)
        self.counts[found[1]] += len(told)

    def _look_up_all(self, object: Mirrored, lease: Lease) -> bool:
        """Look up every record of a kind that the mirror holds or that we made; False where a stop came before that.

        What is not there any more was deleted, and nobody told.
        """
        after = ""
        while not self.runtime.stop.is_set():
            with self.runtime.store.read() as tx:
                held = tx.mirror.listing(self.target, object, after, self.crm.capabilities.max_batch)
            if not held:
                return self._look_up_made(object, lease)
            after = held[-1].id
            self._look_up(held, lease)
        return False

    def _look_up_made(self, object: Mirrored, lease: Lease) -> bool:
        """The same for what we have made and have never read, even where a write has found that it is gone.

        Why it is gone, nobody has told then.
        """
        after, most = "", self.crm.capabilities.max_batch
        while not self.runtime.stop.is_set():
            with self.runtime.store.read() as tx:
                made = tx.outbox.receipts_after(self.target, object, after, most)
                ids = [one.crm_id for one in made if one.crm_id]
                held = tx.mirror.get(self.target, object, ids)
            if not made:
                return True
            after = made[-1].our_key
            if unread := [CrmRecord(object, id) for id in dict.fromkeys(ids) if id not in held]:
                self._look_up(unread, lease)
        return False

    def _look_up(self, held: Sequence[CrmRecord], lease: Lease) -> None:
        answers = self.crm.find([FindItem(one.object, "", one.id) for one in held])
        ended = [_ended(record, found) for record, found in zip(held, answers, strict=True)]
        self._follow([record for record in ended if record is not None], lease)

    def _follow(self, ended: Sequence[CrmRecord], lease: Lease) -> None:
        with lease.write() as tx:
            ended = left_of(tx, self.target, ended, self.counts)
            if pairs := keep(tx, self.target, ended, self.runtime.clock()):
                self.follow(tx, pairs)
        self.counts["found to be deleted"] += len(ended)

    def _store(self, page: CrmPage, lease: Lease) -> None:
        now = self.runtime.clock()
        records = [normalised(record, self.region) for record in page.records]
        with lease.write() as tx:
            records = left_of(tx, self.target, records, self.counts)
            pairs = keep(tx, self.target, records, now)
            if told := [*pairs, *_touched(records, pairs)]:
                self.follow(tx, told)
            tx.ledgers.save_cursor(self.target, _cursor_name(page.stream), page.cursor, now)
        self.counts[f"{page.stream} read back"] += len(pairs)


def _unheld(tx: Transaction, target: str, records: Sequence[CrmRecord]) -> list[CrmRecord]:
    """Those that the mirror has not, or as of another time, or as gone."""
    held: dict[tuple[str, str], CrmRecord] = {}
    for object in dict.fromkeys(one.object for one in records):
        ids = [one.id for one in records if one.object == object]
        held |= {(object, id): one for id, one in tx.mirror.get(target, object, ids).items() if not one.gone}
    return [
        one for one in records
        if not ((known := held.get((one.object, one.id))) and one.modified_at and known.modified_at == one.modified_at)
    ]  # fmt: skip


def _ended(record: CrmRecord, found: Found) -> CrmRecord | None:
    """The record as one that was deleted or merged, None where it is there, or where nobody can tell."""
    if not found.reliable or (found.crm_ids and found.crm_ids[0] == record.id):
        return None
    return CrmRecord(record.object, record.id, merged_into=found.crm_ids[0] if found.crm_ids else "", gone=True)


def _touched(records: Sequence[CrmRecord], pairs: Sequence[Pair]) -> list[Pair]:
    """People whose record was changed, and says what it said when it was last seen.

    Something of ours may have been written and overwritten in between.
    """
    news = {(after.object, after.id) for _, after in pairs}
    return [
        (one, one) for one in records
        if one.object in PEOPLE and not one.gone and not one.merged_into and (one.object, one.id) not in news
    ]  # fmt: skip
