"""Who was forgotten, as keyed digests."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from state.engine import Session, chunks
from state.times import micros

PUT = "INSERT INTO erased (digest, kind, at) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING"


class ErasedOfStore:
    """The port `Erased`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, digests: Mapping[str, str], at: datetime) -> None:
        self._session.many(PUT, [(digest, kind, micros(at)) for digest, kind in digests.items()])

    def known(self, digests: Collection[str]) -> set[str]:
        asked = "SELECT digest FROM erased WHERE digest = ANY(?)"
        return {digest for chunk in chunks(sorted(digests)) for (digest,) in self._session.rows(asked, chunk)}

    def forget(self, digests: Collection[str]) -> int:
        asked = "DELETE FROM erased WHERE digest = ANY(?)"
        return sum(self._session.run(asked, chunk) for chunk in chunks(sorted(digests)))

    def any(self) -> bool:
        return bool(self._session.rows("SELECT 1 FROM erased LIMIT 1"))
