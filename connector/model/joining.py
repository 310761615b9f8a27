"""Two leads that may be one person, and two that were made one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

#: `open`: a person is asked. `same`, `different`: a person said so. `ended`: the question is there no more, since one
#: of the two was merged, forgotten, or is alike no longer.
PairState = Literal["open", "same", "different", "ended"]
#: Who made two leads one: `matching` (they are surely alike), a `person`, or a merge in one of the systems.
How = Literal["matching", "person", "marketing", "crm"]


@dataclass(slots=True)
class Pair:
    """Two leads of ours that may be one person: `one` is the lower number.

    `points` and `band` (`sure`, `perhaps`) are of the last comparison, `findings` what agrees and differs, as plain
    values (field, level, points): what the two leads hold is not kept a second time. `decided_by` is the address or the
    login of whoever decided.
    """

    one: int
    other: int
    points: int
    band: str
    findings: list[tuple[str, str, int]] = field(default_factory=list)
    state: PairState = "open"
    note: str = ""
    decided_by: str = ""
    first_at: datetime | None = None
    decided_at: datetime | None = None
    id: int = 0

    @property
    def one_other(self) -> tuple[int, int]:
        """The two leads, by which a pair is known."""
        return self.one, self.other


@dataclass(slots=True)
class Joining:
    """Two leads made one, with all that is needed to take it back.

    `by` is the connection that merged them, the person who decided, or "" for matching. `before` holds as JSON-ready
    values what the two leads and their belongings were (runs/joining.py writes and reads it).
    """

    winner: int
    loser: int
    how: How
    by: str
    at: datetime
    before: dict[str, Any] = field(default_factory=dict)
    undone_at: datetime | None = None
    undone_by: str = ""
    id: int = 0
