"""What follows a handoff: what happened to it, who is away, what was told, what was agreed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from connector.model.follow_up import Absence, Agreement, Meeting, NoticeState, Pack, RosterVersion
from connector.model.handoff import Handoff, HandoffEvent


class HandoffEvents(Protocol):
    """What happened to handoffs and what was done about it, each once; and whose clock is due."""

    def add(self, events: Sequence[HandoffEvent], now: datetime) -> list[HandoffEvent]:
        """Keep those that are not known yet (by handoff and key), noted at `now`; returns these, with their ids."""

    def of_handoffs(self, handoff_ids: Sequence[int]) -> dict[int, list[HandoffEvent]]:
        """Events by handoff, by `at`, then in the order they were noted; handoffs without any are absent."""

    def since(self, after_id: int, limit: int = 500) -> list[HandoffEvent]:
        """Events behind `after_id`, in the order they were noted."""

    def due(self, now: datetime, limit: int) -> list[Handoff]:
        """Handoffs whose `next_at` has come, earliest first."""


class Rosters(Protocol):
    """Who is away, and the versions of teams and people."""

    def add_absence(self, absence: Absence, now: datetime) -> int:
        """Keep an absence; returns its id."""

    def end_absence(self, id: int, at: datetime) -> bool:
        """It ends at `at` (taken back, where that is before it starts); False where it is not known or has ended."""

    def absences(self, since: datetime, until: datetime | None = None) -> list[Absence]:
        """Absences that cover any time from `since` to `until` (None: for ever), by start; not those taken back."""

    def add_version(self, version: RosterVersion) -> bool:
        """Keep a version; False where it is known."""

    def versions(self) -> list[RosterVersion]:
        """Versions, newest first."""


class NoticeStates(Protocol):
    """How things stood when somebody was last told of them."""

    def get(self, keys: Sequence[str]) -> dict[str, NoticeState]:
        """States by key; keys that are not known are absent."""

    def put(self, states: Sequence[NoticeState]) -> None:
        """Keep these, over what was known."""

    def all(self, kind: str = "") -> list[NoticeState]:
        """All, or all of a kind, by key."""


class Meetings(Protocol):
    """Review packs, meetings, and what was agreed in them."""

    def put_pack(self, pack: Pack) -> None:
        """Keep a pack, over the one of that kind and period."""

    def packs(self, kind: str, limit: int = 10) -> list[Pack]:
        """Packs of a kind, newest period first."""

    def add(self, meeting: Meeting) -> int:
        """Keep a meeting; returns its id."""

    def meetings(self, limit: int = 20) -> list[Meeting]:
        """Meetings, newest first."""

    def agree(self, agreements: Sequence[Agreement]) -> list[Agreement]:
        """Keep what was agreed; returns it with ids."""

    def save(self, agreement: Agreement) -> bool:
        """Store everything about what was agreed; False where it is not known."""

    def agreements(self, *, only_open: bool = False) -> list[Agreement]:
        """What was agreed, oldest first."""
