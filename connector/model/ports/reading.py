"""What waits for a person, and rows for readers."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from connector.model.lead import Link

ReviewKind = Literal["set_aside", "missing_fields", "parked_flow", "notice"]


@dataclass(slots=True)
class ReviewItem:
    """Something that waits for a person.

    `key` is unique among the open items of its kind: the same fault seen again is one item whose
    `seen` counts up. `body` holds what is needed to try again (for a set-aside record: the stream
    and its values). `where` is `file:line`, a platform's id, or a flow.
    """

    kind: ReviewKind
    key: str
    where: str
    reason: str
    field: str = ""
    lead_id: int = 0
    connection: str = ""
    flow: str = ""
    body: dict[str, Any] = dataclasses.field(default_factory=dict)
    seen: int = 1
    first_at: datetime | None = None
    last_at: datetime | None = None
    id: int = 0


class Reviews(Protocol):
    """Set-aside records, missing fields, parked flows: listed, mended, replayed, dropped."""

    def put(self, items: Sequence[ReviewItem], now: datetime) -> None:
        """Open items, or count up those open already (by kind and key)."""

    def close(self, kind: ReviewKind, keys: Sequence[str], how: str, now: datetime) -> int:
        """Close open items by key (`mended`, `dropped`, `released`); returns how many."""

    def open(self, kind: ReviewKind | None = None, limit: int = 200, after_id: int = 0) -> list[ReviewItem]:
        """Open items, oldest first."""

    def get(self, ids: Sequence[int]) -> list[ReviewItem]:
        """Open items by id."""

    def of_lead(self, lead_id: int, limit: int = 200) -> list[ReviewItem]:
        """Open items about a lead, oldest first."""

    def is_open(self, kind: ReviewKind, keys: Sequence[str]) -> set[str]:
        """Which of these keys are open."""

    def counts(self) -> dict[str, int]:
        """Open items by kind."""


@dataclass(frozen=True, slots=True)
class HeldUp:
    """Rows of the outbox of one target, state and reason that have not ended.

    `since` is when the oldest was put, `next_at` when the first of them is tried or looked up next (None: at once,
    or not before what it waits for). `behind`: they come after a row that only a person moves.
    """

    target: str
    state: str
    reason: str
    behind: bool
    rows: int
    since: datetime
    next_at: datetime | None
    tries: int


class Reports(Protocol):
    """Rows for readers; writes nothing."""

    def find_leads(self, text: str, limit: int = 10) -> list[int]:
        """Lead ids by our id (`17`), email or external id, exact."""

    def totals(self) -> dict[str, int]:
        """leads, activities, waiting_activities, links, transitions, handoffs."""

    def stages(self) -> dict[tuple[str, str], int]:
        """Number of leads by (flow, stage)."""

    def links_of(self, lead_id: int) -> list[Link]:
        """All links of a lead."""

    def unmatched_activities(self, limit: int = 20) -> list[tuple[str, str, int]]:
        """(connection, event as the platform names it, count) of what no mapping entry matched."""

    def waiting_rows(self) -> dict[tuple[str, str, int], int]:
        """Number of rows of the outbox that wait to be sent, by (target, object, lane).

        Not those that come after a row that was refused or that a person decides about.
        """

    def held_up(self) -> list[HeldUp]:
        """Rows that have not ended and wait for more than their turn: by target, state and reason.

        All but those that were refused or parked, which have a number each, and those that were never tried,
        unless they come after one of these.
        """
