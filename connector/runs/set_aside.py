"""Records and fields that could not be used: put aside under a key that says where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connector.model.ports import ReviewItem, Transaction
from connector.model.records import Record, Rejected


@dataclass(slots=True)
class SetAside:
    """Gathers what one page of one connection sets aside, and notices what has been mended.

    `open` holds the keys of items that are open, by `stream:where`: a record that is read from
    the same place without the fault has been mended.
    """

    connection: str
    open: dict[str, set[str]] = field(default_factory=dict)
    items: list[ReviewItem] = field(default_factory=list)

    def load(self, tx: Transaction) -> None:
        """Read which items of this connection are open."""
        after = 0
        while found := tx.reviews.open("set_aside", 1000, after):
            after = found[-1].id
            for item in found:
                if item.connection == self.connection:
                    self.open.setdefault(f"{item.body.get('stream')}:{item.where}", set()).add(item.key)

    def rejected(self, stream: str, rows: Iterable[Rejected]) -> None:
        """Rows that the adapter could not make records of."""
        for row in rows:
            body = {"stream": stream, "raw": row.raw[:2000]}
            self._add(stream, row.where, row.reason, "", body)

    def record(self, stream: str, record: Record, reason: str, name: str = "") -> None:
        """A record that the mapping could not use; with `name`, only that field of it."""
        body = {"stream": stream, "id": record.id, "values": dict(record.values)}
        self._add(stream, record.where or record.id, reason, name, body)

    def _add(self, stream: str, where: str, reason: str, name: str, body: Mapping[str, object]) -> None:
        key = f"{self.connection}:{stream}:{where}" + (f"#{name}" if name else "")
        self.items.append(
            ReviewItem("set_aside", key, where, reason, name, connection=self.connection, body=dict(body))
        )

    def mended(self, stream: str, records: Iterable[Record]) -> list[str]:
        """Keys of open items whose records were used this time without that fault."""
        if not self.open:
            return []
        still = {item.key for item in self.items}
        found: list[str] = []
        for record in records:
            keys = self.open.get(f"{stream}:{record.where or record.id}")
            if keys:
                found += [key for key in keys if key not in still]
                keys &= still
        return found

    def take(self) -> list[ReviewItem]:
        """The items gathered so far; the page after starts with none."""
        items, self.items = self.items, []
        return items
