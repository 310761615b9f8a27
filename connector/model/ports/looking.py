"""Rows that charts and tables are counted from, all of a span at once and none of a person. Writes nothing.

Times are whole microseconds since 1970 in UTC, as those of a funnel; a span begins at `since` and ends before `until`.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from connector.model.ports.handing_over import Run


class Handed(NamedTuple):
    """A handoff that was opened, and what became of it. `worked` are seconds of working time to the first contact.

    `reason` is why it was given back; "" where it was not, or where it ended with a deal that was lost.
    """

    lead_id: int
    flow: str
    owner: str
    team: str
    opened: int
    due: int | None
    contacted: int | None
    closed: int | None
    reason: str
    worked: int | None


class Looking(Protocol):
    """Rows of a span for readers."""

    def handed(self, since: int, until: int) -> list[Handed]:
        """Handoffs that were opened in the span, in no order."""

    def rejected(self, since: int, until: int) -> list[Handed]:
        """Handoffs that somebody had and gave back with a reason in the span, in no order."""

    def viewed(self, since: int, until: int) -> list[tuple[str, str, int, int]]:
        """Each (topic, asset, lead, when) of what leads did in the span with anything that has a name, in no order."""

    def last_runs(self) -> list[Run]:
        """The latest run of each kind and connection that has ended, and the one that goes on now."""

    def overdue(self, now: int) -> tuple[int, int | None]:
        """How many handoffs in hand are past due without a contact, and when the first of them was due."""
