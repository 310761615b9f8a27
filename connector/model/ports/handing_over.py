"""Leads on their way to a rep, and the books of runs and criteria."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connector.model.handoff import Handoff, HandoffState, Turn


class Handoffs(Protocol):
    """Leads on their way to a rep, and the ledger of turns."""

    def add(self, handoffs: Sequence[Handoff]) -> None:
        """Store new handoffs and set their `id`; one that is not closed exists per lead and stage."""

    def save(self, handoffs: Sequence[Handoff]) -> None:
        """Store everything about known handoffs."""

    def of_leads(self, lead_ids: Sequence[int]) -> dict[int, list[Handoff]]:
        """Handoffs by lead, oldest first."""

    def by_ids(self, ids: Sequence[int]) -> dict[int, Handoff]:
        """Handoffs by their own id; ids that are not known are absent."""

    def in_state(self, flow: str, state: HandoffState, limit: int = 1000) -> list[Handoff]:
        """Best first: hot, then points, then the longest waiting."""

    def in_hand(self, owners: Sequence[str], limit: int) -> list[Handoff]:
        """Open handoffs of these owners (emails), the latest opened first."""

    def opened_since(self, flow: str, since: datetime) -> int:
        """How many were opened at or after `since` (for `handoffs_per_day`); not those that went on to a next team."""

    def open_by_owner(self) -> dict[str, int]:
        """How many leads each owner (by email) has in hand: their handoff is open, and they are `mql` or `sal`."""

    def add_turns(self, turns: Sequence[Turn]) -> None:
        """Append to the ledger of turns."""

    def turns(self, team: str, limit: int = 100) -> list[Turn]:
        """The latest turns of a team, newest first."""

    def turn_counts(self, team: str) -> dict[str, int]:
        """Turns so far by email."""

    def counts(self) -> dict[tuple[str, str], int]:
        """Number of handoffs by (flow, state)."""


@dataclass(slots=True)
class Run:
    """One run of the program: what kind, when, how it ended, and what it counted."""

    kind: str
    started_at: datetime
    id: int = 0
    connection: str = ""
    ended_at: datetime | None = None
    result: str = ""
    counts: dict[str, int] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CriteriaVersion:
    """A flow's scoring, gates and routing rules at one time, by hash, with their text."""

    flow: str
    version: str
    text: str
    author: str = ""
    note: str = ""
    at: datetime | None = None


class Ledgers(Protocol):
    """The books: runs, cursors, criteria versions, what is due when."""

    def start_run(self, run: Run) -> None:
        """Record a run's beginning and set its `id`."""

    def end_run(self, run: Run) -> None:
        """Record its end, result and counts."""

    def runs(self, limit: int = 20) -> list[Run]:
        """The latest runs, newest first."""

    def cursor(self, connection: str, stream: str) -> str:
        """The stored cursor, "" at the beginning."""

    def save_cursor(self, connection: str, stream: str, cursor: str, now: datetime) -> None:
        """Store a cursor, in the transaction that stores its page."""

    def add_criteria(self, version: CriteriaVersion) -> bool:
        """Keep a version; False where the flow's latest version is this one already."""

    def criteria(self, flow: str = "") -> list[CriteriaVersion]:
        """Versions, newest first."""

    def note_criteria(self, flow: str, version: str, author: str, note: str) -> bool:
        """Set who says what about the flow's latest row of a version; False where there is none."""

    def last_done(self, job: str) -> datetime | None:
        """When a scheduled job last finished."""

    def set_done(self, job: str, at: datetime) -> None:
        """A scheduled job finished."""
