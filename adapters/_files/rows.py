"""From lines to records: what CSV and JSONL have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from adapters._files.lines import Lines
from connector.model import sentences
from connector.model.records import Record, Rejected, Window

#: What of a rejected row is kept as text.
LONGEST_RAW = 10_000
UNUSABLE = re.compile("[\0\udc80-\udcff]")
_UNDECODED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Shape:
    """How rows become records: their id, their time, and the window they must lie in.

    `suspicious` asks to look at each row for characters that no text has.
    """

    id: tuple[str, ...] = ()
    separator: str = "-"
    time: str = ""
    read_time: Callable[[str], datetime | None] = lambda _text: None
    window: Window | None = None
    suspicious: bool = False

    def id_of(self, values: Mapping[str, Any]) -> str:
        """The id that a row's values give, "" where they give none."""
        parts = [_text(values.get(name)) for name in self.id]
        return self.separator.join(parts) if any(parts) else ""


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


@dataclass(slots=True)
class Batch:
    """Up to a page of a file: the line it goes up to, and the first line of its last row."""

    line: int
    last: int
    records: list[Record] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows it gives, those passed over not counted."""
        return len(self.records) + len(self.rejected)


class Rows(Protocol):
    """Reads one file's rows in batches."""

    lines: Lines

    def batch(self, limit: int) -> Batch | None:
        """The next rows, None at the end of the file."""


def unusable(text: str) -> str:
    """Why a row with characters that no text has cannot be used, "" where it can."""
    found = UNUSABLE.search(text)
    if found is None:
        return ""
    if _UNDECODED.match(found.group()):
        return sentences.FOREIGN_BYTE % {"byte": f"{ord(found.group()) - 0xDC00:#04x}"}
    return sentences.NUL


def timed(record: Record, shape: Shape) -> str:
    """Set the record's time; returns why it cannot be used in a window: `no time`, `passed over`, or ""."""
    text = _text(record.values.get(shape.time))
    record.modified_at = shape.read_time(text) if text else None
    if shape.window is None:
        return ""
    if record.modified_at is None:
        return (sentences.BAD_TIME_THERE if text else sentences.NO_TIME_THERE) % {"column": shape.time}
    return "" if shape.window.since <= record.modified_at < shape.window.until else "passed over"


def take(batch: Batch, record: Record, shape: Shape, raw: Callable[[], str]) -> None:
    """Put a record where it belongs: read, passed over, or rejected for its time."""
    why = timed(record, shape)
    if not why:
        batch.records.append(record)
    elif why != "passed over":
        batch.rejected.append(Rejected(record.where, why, printable(raw())))


def printable(text: str) -> str:
    """A row as text that can be stored: NUL and what could not be decoded become `?`."""
    return UNUSABLE.sub("?", text[:LONGEST_RAW]).rstrip("\r\n")
