"""Who was forgotten, as keyed digests."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from connector.model.ports import Erasure
from connector.model.times import micros, moment
from state.engine import Session, chunks

PUT = "INSERT INTO erased (digest, kind, at) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING"
KNOWN = "SELECT digest, kind, at FROM erased WHERE digest = ANY(?)"
#: Between the kind of a digest and whose it is, in one column.
OF = " "


class ErasedOfStore:
    """The port `Erased`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, digests: Mapping[str, str], at: datetime, person: str = "") -> None:
        self._session.many(PUT, [(digest, f"{kind}{OF}{person}", micros(at)) for digest, kind in digests.items()])

    def known(self, digests: Collection[str]) -> dict[str, Erasure]:
        found = [row for chunk in chunks(sorted(digests)) for row in self._session.rows(KNOWN, chunk)]
        return {digest: Erasure(kind.partition(OF)[2], moment(at)) for digest, kind, at in found}

    def forget(self, people: Collection[str]) -> int:
        asked = "DELETE FROM erased WHERE kind LIKE ?"
        return sum(self._session.run(asked, f"%{OF}{person}") for person in people if person)

    def any(self) -> bool:
        return bool(self._session.rows("SELECT 1 FROM erased LIMIT 1"))
