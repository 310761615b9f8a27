"""Leads that were made one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

import orjson

from connector.model.joining import How, Joining
from connector.model.times import micros, moment, moment_or_none
from state.engine import Session, chunks

SELECT = "SELECT id, lead_id, loser_id, how, made_by, at, before, undone_at, undone_by FROM joinings"
ADD = (
    "INSERT INTO joinings (id, lead_id, loser_id, how, made_by, at, before, undone_by) VALUES (?, ?, ?, ?, ?, ?, ?, '')"
)


class JoiningsOfStore:
    """The port `Joinings`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, joining: Joining) -> int:
        id = self._session.new_ids("joinings", 1)
        before = orjson.dumps(joining.before).decode()
        self._session.run(
            ADD, id, joining.winner, joining.loser, joining.how, joining.by, micros(joining.at), before
        )  # fmt: skip
        return id

    def of_leads(self, lead_ids: Sequence[int]) -> list[Joining]:
        found = {
            row[0]: _read(row)
            for chunk in chunks(lead_ids)
            for column in ("lead_id", "loser_id")
            for row in self._session.rows(f"{SELECT} WHERE {column} = ANY(?)", chunk)
        }
        return [found[id] for id in sorted(found)]

    def get(self, id: int) -> Joining | None:
        found = self._session.rows(f"{SELECT} WHERE id = ?", id)
        return _read(found[0]) if found else None

    def latest(self, limit: int = 50) -> list[Joining]:
        return list(map(_read, self._session.rows(f"{SELECT} ORDER BY id DESC LIMIT ?", limit)))

    def undone(self, id: int, by: str, at: datetime) -> None:
        self._session.run("UPDATE joinings SET undone_at = ?, undone_by = ? WHERE id = ?", micros(at), by, id)


def _read(row: tuple[Any, ...]) -> Joining:
    id, winner, loser, how, by, at, before, undone_at, undone_by = row
    told = orjson.loads(before) if before else {}
    return Joining(winner, loser, cast("How", how), by, moment(at), told, moment_or_none(undone_at), undone_by, id)
