"""Review packs, meetings, and what was agreed in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson

from connector.model.follow_up import Agreement, Meeting, Pack
from connector.model.times import micros, micros_or_none, moment, moment_or_none
from state.engine import Session

PUT_PACK = (
    "INSERT INTO packs (kind, period, made_at, sent_at, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, period) "
    "DO UPDATE SET made_at = excluded.made_at, sent_at = excluded.sent_at, body = excluded.body"
)
PACKS = "SELECT kind, period, made_at, sent_at, body FROM packs WHERE kind = ? ORDER BY period DESC LIMIT ?"
ADD = "INSERT INTO meetings (id, kind, period, at, made_by, body) VALUES (?, ?, ?, ?, ?, ?)"
MEETINGS = "SELECT kind, period, at, made_by, body, id FROM meetings ORDER BY at DESC, id DESC LIMIT ?"
AGREE = (
    "INSERT INTO agreements (meeting_id, kind, text, owner, due_on, state, closed_at, note, id) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SAVE = (
    "UPDATE agreements SET meeting_id = ?, kind = ?, text = ?, owner = ?, due_on = ?, state = ?, closed_at = ?, "
    "note = ? WHERE id = ?"
)
AGREED = "SELECT meeting_id, kind, text, owner, due_on, state, closed_at, note, id FROM agreements "


class MeetingsOfStore:
    """The port `Meetings`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put_pack(self, pack: Pack) -> None:
        body = orjson.dumps(dict(pack.body)).decode()
        self._session.run(
            PUT_PACK, pack.kind, pack.period, micros(pack.made_at), micros_or_none(pack.sent_at), body
        )  # fmt: skip

    def packs(self, kind: str, limit: int = 10) -> list[Pack]:
        return [
            Pack(name, period, moment(made_at), moment_or_none(sent_at), orjson.loads(body))
            for name, period, made_at, sent_at, body in self._session.rows(PACKS, kind, limit)
        ]

    def add(self, meeting: Meeting) -> int:
        id = self._session.new_ids("meetings", 1)
        body = orjson.dumps(dict(meeting.body)).decode()
        self._session.run(ADD, id, meeting.kind, meeting.period, micros(meeting.at), meeting.by, body)
        return id

    def meetings(self, limit: int = 20) -> list[Meeting]:
        return [
            Meeting(kind, period, moment(at), by, orjson.loads(body), id)
            for kind, period, at, by, body, id in self._session.rows(MEETINGS, limit)
        ]

    def agree(self, agreements: Sequence[Agreement]) -> list[Agreement]:
        if not agreements:
            return []
        first = self._session.new_ids("agreements", len(agreements))
        kept = [replace(one, id=id) for id, one in enumerate(agreements, first)]
        self._session.many(AGREE, list(map(_row, kept)))
        return kept

    def save(self, agreement: Agreement) -> bool:
        return bool(self._session.run(SAVE, *_row(agreement)))

    def agreements(self, *, only_open: bool = False) -> list[Agreement]:
        which = "WHERE state = 'open' " if only_open else ""
        return list(map(_read, self._session.rows(f"{AGREED}{which}ORDER BY id")))


def _row(one: Agreement) -> tuple[Any, ...]:
    closed = micros_or_none(one.closed_at)
    return one.meeting_id, one.kind, one.text, one.owner, one.due_on, one.state, closed, one.note, one.id


def _read(row: tuple[Any, ...]) -> Agreement:
    meeting_id, kind, text, owner, due_on, state, closed_at, note, id = row
    return Agreement(meeting_id, kind, text, owner, due_on, state, moment_or_none(closed_at), note, id)
