"""What follows a handoff beside the lead itself: who is away, what was told, what was agreed in meetings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away from `start` until `end` (UTC, exclusive; None: until further notice).

    `deputy` (an email, "" for none) takes what would have been theirs. `ended_at`: taken back, or ended early.
    """

    email: str
    start: datetime
    end: datetime | None = None
    deputy: str = ""
    note: str = ""
    by: str = ""
    recorded_at: datetime | None = None
    ended_at: datetime | None = None
    id: int = 0

    def covers(self, at: datetime) -> bool:
        """Whether they are away at `at`."""
        ends = [one for one in (self.end, self.ended_at) if one is not None]
        return self.start <= at and (not ends or at < min(ends))


@dataclass(frozen=True, slots=True)
class RosterVersion:
    """Teams and people as the configuration had them, by hash; `body` is JSON-ready."""

    version: str
    body: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class NoticeState:
    """Something that is told once a change, and recovers: a connection in trouble, a parked flow.

    `key` says what (`sync:hubspot`, `parked:b2b`), `state` how it stands (`failing`, `well`, ...), `told_at` when
    that was told last.
    """

    key: str
    kind: str
    state: str
    since: datetime
    told_at: datetime | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pack:
    """A review pack: `kind` is weekly, monthly or quarterly, `period` its span (`2026-W47`, `2026-11`, `2026-Q4`).

    `body` holds its numbers and the ids of leads that are shown as examples; no name and no address.
    """

    kind: str
    period: str
    made_at: datetime
    sent_at: datetime | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A review that was held about a period."""

    kind: str
    period: str
    at: datetime
    by: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a meeting decided, or who does what by when (`due_on` is a date, ISO)."""

    meeting_id: int
    kind: Literal["decision", "action"]
    text: str
    owner: str = ""
    due_on: str = ""
    state: Literal["open", "done", "dropped"] = "open"
    closed_at: datetime | None = None
    note: str = ""
    id: int = 0
