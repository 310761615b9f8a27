"""How things stood when somebody was last told of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from connector.model.follow_up import NoticeState
from connector.model.times import micros, micros_or_none, moment, moment_or_none
from state.engine import Session, chunks

SELECT = "SELECT key, kind, state, since, told_at, body FROM notice_states "
PUT = (
    "INSERT INTO notice_states (key, kind, state, since, told_at, body) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, state = excluded.state, since = excluded.since, "
    "told_at = excluded.told_at, body = excluded.body"
)


class NoticeStatesOfStore:
    """The port `NoticeStates`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, keys: Sequence[str]) -> dict[str, NoticeState]:
        rows = (row for chunk in chunks(keys) for row in self._session.rows(SELECT + "WHERE key = ANY(?)", chunk))
        return {row[0]: _read(row) for row in rows}

    def put(self, states: Sequence[NoticeState]) -> None:
        self._session.many(
            PUT,
            [
                (one.key, one.kind, one.state, micros(one.since), micros_or_none(one.told_at), _text(one))
                for one in states
            ],
        )

    def all(self, kind: str = "") -> list[NoticeState]:
        if kind:
            return list(map(_read, self._session.rows(SELECT + "WHERE kind = ? ORDER BY key", kind)))
        return list(map(_read, self._session.rows(SELECT + "ORDER BY key")))


def _text(one: NoticeState) -> str:
    return orjson.dumps(dict(one.body)).decode() if one.body else ""


def _read(row: tuple[Any, ...]) -> NoticeState:
    key, kind, state, since, told_at, body = row
    return NoticeState(key, kind, state, moment(since), moment_or_none(told_at), orjson.loads(body) if body else {})
