"""What a person goes back to: words about consent, what stood before a write, plans that were applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connector.model.before_image import BeforeImage
from connector.model.consent import ConsentEvent


class Consents(Protocol):
    """What people said about being contacted (model/consent.py): only added to, but for what is forgotten."""

    def add(self, events: Sequence[ConsentEvent], now: datetime) -> list[ConsentEvent]:
        """Keep those that are not known yet, recorded at `now`; returns these, with their ids."""

    def of_leads(self, lead_ids: Sequence[int]) -> dict[int, list[ConsentEvent]]:
        """Events by lead, in the order in which they were said; leads without any are absent."""


@dataclass(frozen=True, slots=True)
class WritingRun:
    """A run that wrote something outside: how many records, and how many of them were taken back since."""

    id: int
    kind: str
    started_at: datetime | None
    records: int
    undone: int


class Images(Protocol):
    """What stood where a run wrote (model/before_image.py)."""

    def add(self, images: Sequence[BeforeImage]) -> None:
        """Keep images."""

    def of_run(self, run_id: int, after_id: int = 0, limit: int = 500) -> list[BeforeImage]:
        """A run's images behind `after_id`, in the order in which they were written."""

    def of_lead(self, lead_id: int, limit: int = 500) -> list[BeforeImage]:
        """The newest images of what was written about a lead, in the order in which they were written."""

    def runs(self, limit: int = 20) -> list[WritingRun]:
        """The latest runs that have images, newest first."""

    def mark_undone(self, ids: Sequence[int], at: datetime | None) -> None:
        """These were taken back at `at`; None: they count as written again."""

    def undone(self, target: str, object: str, our_keys: Sequence[str]) -> dict[str, list[BeforeImage]]:
        """Images that were taken back, by our key, oldest first; keys without any are absent."""

    def prune(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` images written before a time, but for those that were taken back; returns how many."""


class Applied(Protocol):
    """How far plans were applied, so that one that was interrupted goes on."""

    def note(self, plan: str, rows: Mapping[int, str], at: datetime) -> None:
        """Rows of a plan, by their number, are done with: the word says how."""

    def of_plan(self, plan: str) -> dict[int, str]:
        """What became of the rows of a plan, by their number."""
