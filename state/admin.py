"""The store itself: its name, its stored words, the accounts it was made for."""

from __future__ import annotations

from collections.abc import Mapping

from state import renumbering
from state.engine import Session

SET = "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
METAS = "SELECT name, value FROM meta WHERE substr(name, 1, ?) = ? AND value <> '' ORDER BY name"
ADD_UNMATCHED = (
    "INSERT INTO unmatched (connection, event, events) VALUES (?, ?, ?) "
    "ON CONFLICT (connection, event) DO UPDATE SET events = unmatched.events + excluded.events"
)
BEGIN_AFTER = (
    "INSERT INTO ids (name, last) VALUES (?, ?) "
    "ON CONFLICT (name) DO UPDATE SET last = excluded.last WHERE excluded.last > ids.last"
)


class AdminOfStore:
    """The port `Admin`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def store_id(self) -> str:
        return self.meta("store_id")

    def meta(self, name: str) -> str:
        return self._session.value("SELECT value FROM meta WHERE name = ?", name) or ""

    def set_meta(self, name: str, value: str) -> None:
        self._session.run(SET, name, value)

    def metas(self, prefix: str) -> dict[str, str]:
        return dict(self._session.rows(METAS, len(prefix), prefix))

    def remember_account(self, connection: str, account: str) -> str:
        name = f"account:{connection}"
        self._session.run("INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING", name, account)
        return self.meta(name)

    def count_unmatched(self, connection: str, counts: Mapping[str, int]) -> None:
        self._session.many(ADD_UNMATCHED, [(connection, event, count) for event, count in sorted(counts.items())])

    def numbers(self) -> dict[str, int]:
        return dict(self._session.rows("SELECT name, last FROM ids"))

    def begin_numbers_after(self, table: str, last: int) -> None:
        self._session.run(BEGIN_AFTER, table, last)

    def renumber_lead(self, before: int, after: int) -> None:
        renumbering.lead(self._session, before, after)

    def renumber_handoff(self, before: int, after: int) -> None:
        renumbering.handoff(self._session, before, after)
