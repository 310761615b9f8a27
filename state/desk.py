"""Where the built-in desk keeps its records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from connector.model.adapter import DeskRecord
from connector.model.times import micros, moment
from state.engine import Session

FIND = "SELECT id, body, parent_id, revision FROM desk WHERE object = ? AND our_key = ?"
ADD = (
    "INSERT INTO desk (id, object, our_key, parent_id, body, revision, created_at, changed_at, seq) "
    "VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?)"
)
UPDATE = "UPDATE desk SET parent_id = ?, body = ?, revision = ?, changed_at = ?, seq = ? WHERE id = ?"
RECORD = "SELECT id, our_key, parent_id, body, changed_at, seq FROM desk WHERE object = ? AND "
ONE, CHANGED = RECORD + "our_key = ?", RECORD + "seq > ? ORDER BY seq LIMIT ?"
LISTING = "SELECT id, our_key, body FROM desk WHERE object = ? AND id > ? ORDER BY id LIMIT ?"


class DeskOfStore:
    """The port `Desk`. An update changes the fields it names and leaves the others."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(
        self, object: str, our_key: str, parent_id: str, values: Mapping[str, Any], at: datetime
    ) -> tuple[str, int]:
        now = micros(at)
        found = self._session.rows(FIND, object, our_key)
        if not found:
            row_id = self._session.new_ids("desk", 1)
            body = orjson.dumps(dict(values)).decode()
            self._session.run(ADD, row_id, object, our_key, parent_id, body, now, now, row_id)
            return str(row_id), 1
        row_id, text, parent, revision = found[0]
        body = orjson.dumps(orjson.loads(text) | dict(values)).decode()
        # Keys are given in the order of their transactions: the newest is the last change, too.
        seq = self._session.new_ids("desk", 1)
        self._session.run(UPDATE, parent_id or parent, body, revision + 1, now, seq, row_id)
        return str(row_id), revision + 1

    def get(self, object: str, our_key: str) -> tuple[str, dict[str, Any]] | None:
        found = self._session.rows(FIND, object, our_key)
        return (str(found[0][0]), orjson.loads(found[0][1])) if found else None

    def listing(self, object: str, after: int = 0, limit: int = 100) -> list[tuple[str, str, dict[str, Any]]]:
        rows = self._session.rows(LISTING, object, after, limit)
        return [(str(row_id), our_key, orjson.loads(text)) for row_id, our_key, text in rows]

    def record(self, object: str, our_key: str) -> DeskRecord | None:
        found = self._session.rows(ONE, object, our_key)
        return _record(object, found[0]) if found else None

    def changed(self, object: str, after: int, limit: int) -> list[DeskRecord]:
        return [_record(object, row) for row in self._session.rows(CHANGED, object, after, limit)]


def _record(object: str, row: tuple[Any, ...]) -> DeskRecord:
    row_id, our_key, parent_id, text, changed_at, seq = row
    return DeskRecord(object, str(row_id), our_key, parent_id, orjson.loads(text), moment(changed_at), seq)
