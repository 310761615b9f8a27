"""The books: runs, cursors, versions of criteria, what was done when."""

from __future__ import annotations

from datetime import datetime

import orjson

from connector.model.ports import CriteriaVersion, Run
from connector.model.times import micros, micros_or_none, moment, moment_or_none
from state.engine import Session

START = "INSERT INTO runs (id, kind, connection, started_at, ended_at, result, counts) VALUES (?, ?, ?, ?, ?, ?, ?)"
END = "UPDATE runs SET ended_at = ?, result = ?, counts = ? WHERE id = ?"
RUNS = "SELECT kind, started_at, id, connection, ended_at, result, counts FROM runs ORDER BY id DESC LIMIT ?"
SAVE_CURSOR = (
    "INSERT INTO cursors (connection, stream, position, changed_at) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (connection, stream) DO UPDATE SET position = excluded.position, changed_at = excluded.changed_at"
)
LATEST = "SELECT version FROM criteria WHERE flow = ? ORDER BY id DESC LIMIT 1"
ADD_CRITERIA = "INSERT INTO criteria (id, flow, version, body, author, note, at) VALUES (?, ?, ?, ?, ?, ?, ?)"
CRITERIA = "SELECT flow, version, body, author, note, at FROM criteria WHERE flow = ? OR ? = '' ORDER BY id DESC"
NOTE_CRITERIA = (
    "UPDATE criteria SET author = ?, note = ? WHERE id = (SELECT MAX(id) FROM criteria WHERE flow = ? AND version = ?)"
)
SET_DONE = "INSERT INTO jobs (name, done_at) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET done_at = excluded.done_at"


class LedgersOfStore:
    """The port `Ledgers`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def start_run(self, run: Run) -> None:
        run.id = self._session.new_ids("runs", 1)
        ended = micros_or_none(run.ended_at)
        counts = orjson.dumps(run.counts).decode()
        self._session.run(START, run.id, run.kind, run.connection, micros(run.started_at), ended, run.result, counts)

    def end_run(self, run: Run) -> None:
        counts = orjson.dumps(run.counts).decode()
        self._session.run(END, micros_or_none(run.ended_at), run.result, counts, run.id)

    def runs(self, limit: int = 20) -> list[Run]:
        return [
            Run(kind, moment(started), row_id, connection, moment_or_none(ended), result, orjson.loads(counts))
            for kind, started, row_id, connection, ended, result, counts in self._session.rows(RUNS, limit)
        ]

    def cursor(self, connection: str, stream: str) -> str:
        text = "SELECT position FROM cursors WHERE connection = ? AND stream = ?"
        return self._session.value(text, connection, stream) or ""

    def save_cursor(self, connection: str, stream: str, cursor: str, now: datetime) -> None:
        self._session.run(SAVE_CURSOR, connection, stream, cursor, micros(now))

    def add_criteria(self, version: CriteriaVersion) -> bool:
        """A version without a time gets the database's."""
        if self._session.value(LATEST, version.flow) == version.version:
            return False
        at = micros(version.at) if version.at else self._session.value("SELECT {now}")
        row_id = self._session.new_ids("criteria", 1)
        self._session.run(
            ADD_CRITERIA, row_id, version.flow, version.version, version.text, version.author, version.note, at
        )
        return True

    def criteria(self, flow: str = "") -> list[CriteriaVersion]:
        return [
            CriteriaVersion(flow, version, text, author, note, moment(at))
            for flow, version, text, author, note, at in self._session.rows(CRITERIA, flow, flow)
        ]

    def note_criteria(self, flow: str, version: str, author: str, note: str) -> bool:
        return self._session.run(NOTE_CRITERIA, author, note, flow, version) > 0

    def last_done(self, job: str) -> datetime | None:
        return moment_or_none(self._session.value("SELECT done_at FROM jobs WHERE name = ?", job))

    def set_done(self, job: str, at: datetime) -> None:
        self._session.run(SET_DONE, job, micros(at))
