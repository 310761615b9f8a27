"""What a source adapter yields: pages of records as the platform calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Record:
    """One record of a stream, in the platform's own names and values.

    `where` is what a reader looks it up by: `leads.csv:12`, or the platform's id. `gone` marks
    a deletion the platform reported, `merged_into` the id that a merge left.
    """

    id: str
    values: Mapping[str, Any]
    where: str = ""
    modified_at: datetime | None = None
    gone: bool = False
    merged_into: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that could not be made a record: where it stands, why, and the row itself as text."""

    where: str
    reason: str
    raw: str = ""


@dataclass(slots=True)
class Page:
    """Records of one stream. `cursor` may be stored once these records are stored.

    `notes` are sentences for the reader about how it was read (`leads.csv: read as CP932`).
    `emptied`: the stream had records when it was last read and has none now; said once, by the
    page whose cursor knows it.
    """

    stream: str
    records: list[Record]
    cursor: str
    rejected: list[Rejected] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    emptied: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """A backfill's bounds on the time of activity or change: `since` <= t < `until`, aware, UTC."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Split:
    """The beginning of a stream in parts that are read side by side.

    `cursors` are where the parts begin, `following` is the stream's own cursor once all of them are read:
    it brings what came or changed since they were made.
    """

    cursors: tuple[str, ...]
    following: str
