"""When a CRM took a write last: what tells a record that fails by itself from a platform that is away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from connector.model.outbox import ALONE, OutboxRow, Settlement
from connector.model.ports import Transaction

#: What a platform took so shortly before something else says that it was there then.
ABOUT = timedelta(minutes=1)
NEVER = datetime.min.replace(tzinfo=UTC)


def taken_name(target: str) -> str:
    """The store's word for when a CRM took a write last."""
    return f"taken:{target}"


class Taken:
    """Kept in the store only while something gets no answer there though it is sent alone."""

    def __init__(self, tx: Transaction, target: str) -> None:
        self.name = taken_name(target)
        kept = tx.admin.meta(self.name)
        self.wanted, self.at = bool(kept), datetime.fromisoformat(kept) if kept else NEVER
        self._kept = self.at

    def note(self, tx: Transaction, settlements: Sequence[Settlement], now: datetime) -> None:
        """Learn from the answers of a batch."""
        if any(one.state == "done" and one.row.kind != "verify" for one in settlements):
            self.at = now
        self.wanted = self.wanted or any(one.code.startswith(ALONE) for one in settlements)
        if self.wanted and self.at != self._kept:
            tx.admin.set_meta(self.name, self.at.isoformat())
            self._kept = self.at

    def beside(self, row: OutboxRow) -> bool:
        """Whether others were taken about when this row was sent, or since."""
        return row.sent_at is not None and self.at >= row.sent_at - ABOUT
