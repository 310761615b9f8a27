"""Which record of which platform is which lead."""

from __future__ import annotations

from collections.abc import Sequence

from connector.model.lead import Link
from state.engine import Session, chunks

LINKS = (
    "SELECT external_id, lead_id, digest, origin FROM links "
    "WHERE connection = ? AND object = ? AND external_id = ANY(?)"
)
# The digest -1 is `GONE`.
LEAD_IDS = (
    "SELECT external_id, lead_id FROM links "
    "WHERE connection = ? AND object = ? AND external_id = ANY(?) AND digest <> -1"
)
LINKS_OF = (
    "SELECT connection, object, external_id, lead_id, digest, origin FROM links "
    "WHERE lead_id = ANY(?) AND (? = '' OR connection = ?) ORDER BY lead_id, connection, object, external_id"
)
PUT_LINK = (
    "INSERT INTO links (connection, object, external_id, lead_id, digest, origin) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (connection, object, external_id) "
    "DO UPDATE SET lead_id = excluded.lead_id, digest = excluded.digest, origin = excluded.origin"
)


class LinksOfStore:
    """The port `Links`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def links(self, connection: str, object: str, external_ids: Sequence[str]) -> dict[str, Link]:
        found: dict[str, Link] = {}
        for chunk in chunks(external_ids):
            for external_id, lead_id, digest, origin in self._session.rows(LINKS, connection, object, chunk):
                found[external_id] = Link(connection, object, external_id, lead_id, digest, origin)
        return found

    def lead_ids(self, connection: str, object: str, external_ids: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for chunk in chunks(external_ids):
            found.update(self._session.rows(LEAD_IDS, connection, object, chunk))
        return found

    def links_of(self, lead_ids: Sequence[int], connection: str = "") -> dict[int, list[Link]]:
        found: dict[int, list[Link]] = {}
        for chunk in chunks(lead_ids):
            for row in self._session.rows(LINKS_OF, chunk, connection, connection):
                found.setdefault(row[3], []).append(Link(*row))
        return found

    def put_links(self, links: Sequence[Link]) -> None:
        self._session.many(
            PUT_LINK,
            [
                (link.connection, link.object, link.external_id, link.lead_id, link.digest, link.origin)
                for link in links
            ],
        )
