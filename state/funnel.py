"""How leads went from stage to stage, for the funnel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from connector.model.fields import Value
from connector.model.ports.funnel import Answered, Came, Timed, Told, Way, Ways
from state.engine import Session, chunks
from state.ways import ON_THE_WAY

WAYS = (
    "SELECT ways.lead_id, ways.flow, mql, sal, sql, opportunity, won, "
    "CASE WHEN standings.flow = ways.flow THEN standings.stage ELSE '' END, standings.owner "
    "FROM ways JOIN standings ON standings.lead_id = ways.lead_id WHERE standings.merged_into = 0 {of}"
)
MOVES = (
    f"SELECT lead_id, flow, stage, at FROM transitions WHERE {ON_THE_WAY} AND lead_id = ANY(?) "  # noqa: S608 - of constants
    "ORDER BY lead_id, flow, at, id"
)
VERSIONS = "SELECT lead_id, flow, version FROM ways WHERE mql IS NOT NULL {of}"
ANSWERED = "SELECT lead_id, flow, opened_at, contacted_at, worked FROM handoffs WHERE opened_at IS NOT NULL {of}"
CAME = (
    "SELECT transitions.lead_id, transitions.flow, min(at), owner FROM transitions "
    "JOIN standings ON standings.lead_id = transitions.lead_id "
    "WHERE transitions.stage = ? AND merged_into = 0 GROUP BY transitions.lead_id, transitions.flow, owner"
)
TIMED = (
    "SELECT lead_id, flow, owner, team, opened_at, accept_due_at, accepted_at, due_at, contacted_at, worked "
    "FROM handoffs WHERE opened_at >= ?"
)
TOLD = (
    "SELECT activities.lead_id, at, topic, asset FROM activities "
    "JOIN standings ON standings.lead_id = activities.lead_id "
    "WHERE kind = ? AND merged_into = 0 ORDER BY at DESC, activities.id DESC"
)
VALUES = (
    "SELECT id, flow, owner, body FROM leads JOIN standings ON lead_id = id WHERE id > ? AND merged_into = 0 {of}"
    "ORDER BY id LIMIT ?"
)
VALUES_OF = "SELECT id, body FROM leads WHERE id = ANY(?)"
#: Bodies that are in memory at once.
BODIES = 5000


class FunnelOfStore:
    """The port `Funnel`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def ways(self, flow: str = "") -> list[Way]:
        return self.columns(flow).rows()

    def columns(self, flow: str = "") -> Ways:
        return Ways.of(self._of(WAYS, flow, "ways.flow"))

    def moves(self, lead_ids: Sequence[int]) -> dict[tuple[int, str], list[tuple[str, int]]]:
        found: dict[tuple[int, str], list[tuple[str, int]]] = {}
        for chunk in chunks(lead_ids):
            for lead_id, flow, stage, at in self._session.rows(MOVES, chunk):
                found.setdefault((lead_id, flow), []).append((stage, at))
        return found

    def versions(self, flow: str = "") -> dict[tuple[int, str], str]:
        return {(lead_id, of): version for lead_id, of, version in self._of(VERSIONS, flow)}

    def answered(self, flow: str = "") -> list[Answered]:
        return list(map(Answered._make, self._of(ANSWERED, flow)))

    def came(self, stage: str) -> list[Came]:
        return [Came(*row) for row in self._session.rows(CAME, stage)]

    def timed(self, since: int) -> list[Timed]:
        return [Timed(*row) for row in self._session.rows(TIMED, since)]

    def told(self, kind: str) -> list[Told]:
        # The latest come first: what is left for each lead is its first.
        return list({row[0]: Told(*row) for row in self._session.rows(TOLD, kind)}.values())

    def values(self, names: Sequence[str], flow: str = "") -> dict[int, tuple[str, str, tuple[Value | None, ...]]]:
        found: dict[int, tuple[str, str, tuple[Value | None, ...]]] = {}
        for lead_id, of, owner, body in self._bodies(flow):
            fields = orjson.loads(body).get("fields", {})
            found[lead_id] = of, owner, tuple(fields.get(name) for name in names)
        return found

    def values_of(self, lead_ids: Sequence[int], names: Sequence[str]) -> dict[int, tuple[Value | None, ...]]:
        found: dict[int, tuple[Value | None, ...]] = {}
        for chunk in chunks(lead_ids):
            for lead_id, body in self._session.rows(VALUES_OF, chunk):
                found[lead_id] = tuple(map(orjson.loads(body).get("fields", {}).get, names))
        return found

    def _bodies(self, flow: str) -> Iterator[tuple[int, str, str, str]]:
        text, given = VALUES.format(of="AND flow = ? " if flow else ""), (flow,) if flow else ()
        after = 0
        while rows := self._session.rows(text, after, *given, BODIES):
            yield from ((lead_id, of, owner, body) for lead_id, of, owner, body in rows)
            after = rows[-1][0]

    def _of(self, text: str, flow: str, column: str = "flow") -> list[tuple[Any, ...]]:
        return self._session.rows(text.format(of=f"AND {column} = ? " if flow else ""), *((flow,) if flow else ()))
