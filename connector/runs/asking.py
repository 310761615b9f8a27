"""Look-ups of what is not known: one row that a platform cannot answer for does not keep the others from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connector.model.adapter import Crm
from connector.model.errors import AuthError, RetryableError
from connector.model.outbox import Found, OutboxRow
from connector.runs.outgoing import Receipts, find_item

#: So many refusals one after the other say that it is not about single rows.
MOST_REFUSED = 10


@dataclass(slots=True)
class Asking:
    """Asks one CRM, and in halves what it refuses as a whole."""

    crm: Crm
    receipts: Receipts
    refused: int = 0

    def ask(self, rows: Sequence[OutboxRow]) -> list[Found | None]:
        """One answer for each row, None where the platform gave none. AuthError passes through.

        A platform that is away is not asked again: that is about all of them.
        """
        if not rows or self.refused >= MOST_REFUSED:
            return [None] * len(rows)
        try:
            found = self.crm.find([find_item(row, self.receipts) for row in rows])
        except AuthError:
            raise
        except RetryableError:
            self.refused = MOST_REFUSED
            return [None] * len(rows)
        except Exception:  # noqa: BLE001 - any fault of an adapter leaves the question open
            self.refused += 1
            half = len(rows) // 2
            return [*self.ask(rows[:half]), *self.ask(rows[half:])] if half else [None]
        self.refused = 0
        return list(found)
