"""Blocking keys of leads and of a CRM's records, and which leads wait for theirs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from connector.model.ports.identity import Place
from state.engine import Session, chunks

WAIT = "INSERT INTO to_match (lead_id) VALUES (?) ON CONFLICT DO NOTHING"
WAITING = "SELECT lead_id FROM to_match ORDER BY lead_id LIMIT ?"
AMONG = "SELECT lead_id FROM to_match WHERE lead_id = ANY(?)"
# Of each key first whether too many have it: what is asked costs the same, however many have a common one.
LEADS = (
    "SELECT k.key, k.lead_id FROM EACH(?) JOIN lead_keys k ON k.key = value WHERE NOT EXISTS "
    "(SELECT 1 FROM lead_keys f WHERE f.key = value LIMIT 1 OFFSET ?) ORDER BY k.key, k.lead_id"
)
RECORDS = (
    "SELECT k.key, k.object, k.external_id FROM EACH(?) JOIN record_keys k ON k.connection = ? AND k.key = value "
    "WHERE NOT EXISTS (SELECT 1 FROM record_keys f WHERE f.connection = ? AND f.key = value LIMIT 1 OFFSET ?) "
    "ORDER BY k.key, k.object, k.external_id"
)
DROP_RECORD = "DELETE FROM record_keys WHERE connection = ? AND object = ? AND external_id = ?"
ADD_RECORD = "INSERT INTO record_keys (connection, key, object, external_id) VALUES (?, ?, ?, ?)"


class KeysOfStore:
    """The port `Keys`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def wait(self, lead_ids: Collection[int]) -> None:
        wait(self._session, lead_ids)

    def waiting(self, limit: int) -> list[int]:
        return [lead_id for (lead_id,) in self._session.rows(WAITING, limit)]

    def count_waiting(self) -> int:
        return int(self._session.value("SELECT count(*) FROM to_match"))

    def among(self, lead_ids: Collection[int]) -> set[int]:
        return {row[0] for chunk in chunks(lead_ids) for row in self._session.rows(AMONG, chunk)}

    def put(self, keys: Mapping[int, Collection[int]]) -> None:
        self.drop(keys)
        rows = sorted((key, lead_id) for lead_id, own in keys.items() for key in set(own))
        self._session.many("INSERT INTO lead_keys (key, lead_id) VALUES (?, ?)", rows)

    def drop(self, lead_ids: Iterable[int]) -> None:
        """These leads have no keys and wait for none."""
        for chunk in chunks(lead_ids):
            self._session.run("DELETE FROM lead_keys WHERE lead_id = ANY(?)", chunk)
            self._session.run("DELETE FROM to_match WHERE lead_id = ANY(?)", chunk)

    def candidates(self, keys: Collection[int], at_most: int) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for chunk in chunks(sorted(set(keys))):
            for key, lead_id in self._session.rows(LEADS, chunk, at_most):
                found.setdefault(key, []).append(lead_id)
        return found

    def put_records(self, connection: str, keys: Mapping[Place, Collection[int]]) -> None:
        self._session.many(DROP_RECORD, [(connection, *place) for place in sorted(keys)])
        rows = sorted((connection, key, *place) for place, own in keys.items() for key in set(own))
        self._session.many(ADD_RECORD, rows)

    def records(self, connection: str, keys: Collection[int], at_most: int) -> dict[int, list[Place]]:
        found: dict[int, list[Place]] = {}
        for chunk in chunks(sorted(set(keys))):
            for key, *place in self._session.rows(RECORDS, chunk, connection, connection, at_most):
                found.setdefault(key, []).append((place[0], place[1]))
        return found


def wait(session: Session, lead_ids: Iterable[int]) -> None:
    """The keys of these leads are to be made."""
    session.many(WAIT, [(lead_id,) for lead_id in lead_ids])
