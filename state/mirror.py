"""What the CRMs have, as last read.

The keys that are searched are columns, the rest is JSON without what is empty. A digest of both
tells what says otherwise, so that a page read again costs neither parsing nor writing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from hashlib import blake2b
from operator import attrgetter
from typing import Any, cast

import orjson

from connector.model.mirror import CrmRecord, Mirrored, MirrorKey
from connector.model.times import micros, micros_or_none, moment_or_none
from state.engine import Session, chunks

COLUMNS = (
    "object, external_id, our_key, email, phone, domain, account, person, modified_at, modified_by, body FROM mirror "
    "WHERE connection = ? "
)
SELECT = "SELECT " + COLUMNS
GET = SELECT + "AND object = ? AND external_id = ANY(?)"
LISTING = SELECT + "AND object = ? AND external_id > ? AND live = 1 ORDER BY external_id LIMIT ?"
KNOWN = (
    "SELECT external_id, digest, modified_at, modified_by FROM mirror "
    "WHERE connection = ? AND object = ? AND external_id = ANY(?)"
)
PUT = (
    "INSERT INTO mirror (connection, object, external_id, our_key, email, phone, domain, account, person, live, "
    "modified_at, modified_by, digest, body, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (connection, object, external_id) DO UPDATE SET our_key = excluded.our_key, email = excluded.email, "
    "phone = excluded.phone, domain = excluded.domain, account = excluded.account, person = excluded.person, "
    "live = excluded.live, modified_at = excluded.modified_at, modified_by = excluded.modified_by, "
    "digest = excluded.digest, body = excluded.body, changed_at = excluded.changed_at"
)
COUNTS = "SELECT object, count(*) FROM mirror WHERE connection = ? AND live = 1 GROUP BY object"

KEYS = ("our_key", "email", "phone", "domain", "account", "person")
#: Said as the index's own condition, so that it serves.
FIND = {key: SELECT + f"AND {key} <> '' AND live = 1 AND {key} = ANY(?) " for key in KEYS}
#: The `|| ''` keeps the database from reading all of these objects by the table's key.
OF_OBJECTS = "AND object || '' = ANY(?)"
#: Said by columns, or (when, by whom) no part of what a record says.
APART = {"object", "id", "modified_at", "by", *KEYS}
REST = tuple(one.name for one in fields(CrmRecord) if one.name not in APART)
EMPTY = attrgetter(*REST)(CrmRecord("lead", ""))
_keys, _rest = attrgetter(*KEYS), attrgetter(*REST)

Key = tuple[str, str]


class MirrorOfStore:
    """The port `Mirror`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(
        self, connection: str, records: Sequence[CrmRecord], now: datetime
    ) -> list[tuple[CrmRecord | None, CrmRecord]]:
        newest = _newest(records)
        known = self._known(connection, newest)
        rows: list[tuple[Any, ...]] = []
        news: dict[Key, CrmRecord] = {}
        at = micros(now)
        for key, record in newest.items():
            modified, text = micros_or_none(record.modified_at), _body(record)
            digest = _digest(record, text)
            before = known.get(key, (None, None, ""))
            if _older(record, modified, before[1]) or before == (digest, modified, record.by):
                continue
            if before[0] != digest:
                news[key] = record
            rows.append(_row(connection, record, modified, digest, text, at))
        befores = self._records(connection, [key for key in news if key in known])
        self._session.many(PUT, rows)
        return [(befores.get(key), record) for key, record in news.items()]

    def _known(self, connection: str, keys: Iterable[Key]) -> dict[Key, tuple[int | None, int | None, str]]:
        """Digest, time and author of what is kept already."""
        return {
            (object_name, row[0]): (row[1], row[2], row[3])
            for object_name, ids in _by_object(keys).items()
            for chunk in chunks(ids)
            for row in self._session.rows(KNOWN, connection, object_name, chunk)
        }

    def _records(self, connection: str, keys: Iterable[Key]) -> dict[Key, CrmRecord]:
        return {
            (object_name, external_id): record
            for object_name, ids in _by_object(keys).items()
            for external_id, record in self.get(connection, cast("Mirrored", object_name), ids).items()
        }

    def get(self, connection: str, object: Mirrored, ids: Sequence[str]) -> dict[str, CrmRecord]:
        return {
            row[1]: _read(row) for chunk in chunks(ids) for row in self._session.rows(GET, connection, object, chunk)
        }

    def find(
        self, connection: str, by: MirrorKey, words: Sequence[str], objects: Sequence[Mirrored] = ()
    ) -> dict[str, list[CrmRecord]]:
        found: dict[str, list[CrmRecord]] = {}
        text = FIND[by] + (OF_OBJECTS if objects else "")
        wanted = [list(objects)] if objects else []
        for chunk in chunks(dict.fromkeys(words)):
            for row in self._session.rows(text, connection, chunk, *wanted):
                found.setdefault(row[2 + KEYS.index(by)], []).append(_read(row))
        for records in found.values():
            records.sort(key=attrgetter("id", "object"))
        return found

    def listing(self, connection: str, object: Mirrored, after_id: str = "", limit: int = 500) -> list[CrmRecord]:
        return [_read(row) for row in self._session.rows(LISTING, connection, object, after_id, limit)]

    def counts(self, connection: str) -> dict[str, int]:
        return dict(self._session.rows(COUNTS, connection))


def _by_object(keys: Iterable[Key]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for object_name, external_id in keys:
        found.setdefault(object_name, []).append(external_id)
    return found


def _newest(records: Iterable[CrmRecord]) -> dict[Key, CrmRecord]:
    """Of a record that comes twice, the newer; of two of one age, the later."""
    found: dict[Key, CrmRecord] = {}
    for record in records:
        key = (record.object, record.id)
        before = found.get(key)
        if before is None or not _older(record, micros_or_none(record.modified_at), micros_or_none(before.modified_at)):
            found[key] = record
    return found


def _older(record: CrmRecord, modified: int | None, known: int | None) -> bool:
    """Whether it was read before what is kept. A deletion or a merge counts whenever it is heard of."""
    if modified is None or known is None or record.gone or record.merged_into:
        return False
    return modified < known


def _body(record: CrmRecord) -> bytes:
    """What is no column and not empty, as JSON."""
    parts = {name: value for name, value, empty in zip(REST, _rest(record), EMPTY, strict=True) if value != empty}
    return orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)


def _digest(record: CrmRecord, body: bytes) -> int:
    text = "\x1f".join(_keys(record)).encode() + b"\x1f" + body
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") >> 1


def _row(
    connection: str, record: CrmRecord, modified: int | None, digest: int, body: bytes, at: int
) -> tuple[Any, ...]:
    """The parameters of PUT."""
    live = 0 if record.gone or record.merged_into else 1
    return (
        connection, record.object, record.id, *_keys(record), live, modified, record.by, digest, body.decode(), at,
    )  # fmt: skip


def _read(row: tuple[Any, ...]) -> CrmRecord:
    """A record from SELECT."""
    object_name, external_id, our_key, email, phone, domain, account, person, modified, by, text = row
    return CrmRecord(
        cast("Mirrored", object_name), external_id, moment_or_none(modified), our_key, email, phone,
        domain=domain, account=account, person=person, by=by, **orjson.loads(text),
    )  # fmt: skip
