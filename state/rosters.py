"""Who is away, and the versions of teams and people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from connector.model.follow_up import Absence, RosterVersion
from connector.model.times import micros, micros_or_none, moment, moment_or_none
from state.engine import Session

ADD = (
    "INSERT INTO absences (id, email, from_at, until_at, deputy, note, made_by, recorded_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
END = "UPDATE absences SET ended_at = ? WHERE id = ? AND ended_at IS NULL AND (until_at IS NULL OR until_at > ?)"
COVERING = (
    "SELECT id, email, from_at, until_at, deputy, note, made_by, recorded_at, ended_at FROM absences "
    "WHERE (until_at IS NULL OR until_at > ?) AND (ended_at IS NULL OR (ended_at > ? AND ended_at > from_at)) "
)
BY_START = "ORDER BY from_at, id"
ADD_VERSION = "INSERT INTO rosters (version, body, at) VALUES (?, ?, ?) ON CONFLICT (version) DO NOTHING"


class RostersOfStore:
    """The port `Rosters`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add_absence(self, absence: Absence, now: datetime) -> int:
        id = self._session.new_ids("absences", 1)
        until = micros_or_none(absence.end)
        self._session.run(
            ADD, id, absence.email, micros(absence.start), until, absence.deputy, absence.note, absence.by, micros(now)
        )
        return id

    def end_absence(self, id: int, at: datetime) -> bool:
        return bool(self._session.run(END, micros(at), id, micros(at)))

    def absences(self, since: datetime, until: datetime | None = None) -> list[Absence]:
        at = micros(since)
        if until is None:
            return list(map(_read, self._session.rows(COVERING + BY_START, at, at)))
        return list(map(_read, self._session.rows(f"{COVERING} AND from_at < ? {BY_START}", at, at, micros(until))))

    def add_version(self, version: RosterVersion) -> bool:
        body = orjson.dumps(dict(version.body)).decode()
        return bool(self._session.run(ADD_VERSION, version.version, body, micros(version.at)))

    def versions(self) -> list[RosterVersion]:
        found = self._session.rows("SELECT version, body, at FROM rosters ORDER BY at DESC, version")
        return [RosterVersion(version, orjson.loads(body), moment(at)) for version, body, at in found]


def _read(row: tuple[Any, ...]) -> Absence:
    id, email, start, end, deputy, note, by, recorded_at, ended_at = row
    return Absence(
        email, moment(start), moment_or_none(end), deputy, note, by, moment(recorded_at), moment_or_none(ended_at), id
    )  # fmt: skip
