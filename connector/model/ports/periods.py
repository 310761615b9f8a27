"""What happened in a span of time, for reports. Spans begin at `since` and end before `until` (UTC)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from connector.model.handoff import Handoff


class Periods(Protocol):
    """Rows of a period; writes nothing."""

    def new_leads(self, since: datetime, until: datetime) -> int:
        """How many leads came in."""

    def reached(self, since: datetime, until: datetime) -> dict[tuple[str, str], int]:
        """How many leads reached each (flow, stage), each lead once."""

    def handed_over(self, since: datetime, until: datetime) -> list[Handoff]:
        """Handoffs that were opened, oldest first."""

    def closed(self, since: datetime, until: datetime) -> list[Handoff]:
        """Handoffs that were closed after somebody had them, oldest first."""

    def open(self) -> list[Handoff]:
        """Handoffs that somebody has in hand, oldest first."""

    def filled(self, since: datetime, until: datetime, fields: Sequence[str], limit: int) -> tuple[int, dict[str, int]]:
        """Of the newest `limit` leads that came in: how many they are, and in how many each field has a value."""

    def did(self, since: datetime, until: datetime, kind: str) -> int:
        """How many activities of a kind there were."""
