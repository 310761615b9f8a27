"""A number to reach, and what it was before it was changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Measure = Literal["count", "rate", "amount", "median", "share"]
#: What the number of each measure is in: leads, a share of 1, money, or seconds.
Unit = Literal["leads", "share", "money", "working time", "time"]
Per = Literal["week", "month", "quarter", "fiscal quarter", "year", "fiscal year"]
#: By what a goal may look at a part of the leads only.
PARTS = ("flow", "source", "campaign", "owner", "team", "segment")
#: Sizes of a company by its people, as the EU counts them (Recommendation 2003/361/EC): below how many, and the name.
SEGMENTS = ((10, "1-9"), (50, "10-49"), (250, "50-249"))
LARGE = "250+"
#: How many spans of one kind make one of another.
INSIDE: Mapping[str, Mapping[str, int]] = {
    "quarter": {"month": 3},
    "fiscal quarter": {"month": 3},
    "year": {"month": 12, "quarter": 4},
    "fiscal year": {"month": 12, "fiscal quarter": 4},
}


def times(per: str, above: str) -> int | None:
    """How many spans of one kind make one of the other; None where they do not fit."""
    return 1 if per == above else INSIDE.get(above, {}).get(per)


def segment_of(people: object) -> str | None:
    """The size of a company with so many people; None where that is no number of them."""
    if not isinstance(people, int | float) or people < 1:
        return None
    return next((name for below, name in SEGMENTS if people < below), LARGE)


@dataclass(frozen=True, slots=True)
class Goal:
    """A number to reach, or not to go beyond (`at_most`), in each `per`.

    `of` names what is measured: the stage of a count or an amount, the two stages of a rate, what is timed for a
    median, what is kept for a share. `target` and `benchmark` are in `unit`: leads, a share from 0 to 1, money in the
    currency of reports, seconds (of working hours, or of the clock that always runs). `where` holds, by one of
    `PARTS`, which values count; none: all. `under` names the goal that this one is a part of, "" for none. The goal
    holds from `begins` until `ends`, both included.
    """

    name: str
    measure: Measure
    of: tuple[str, ...]
    target: float
    unit: Unit
    per: Per
    owner: str
    at_most: bool = False
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    under: str = ""
    begins: date | None = None
    ends: date | None = None
    benchmark: float | None = None
    benchmark_from: str = ""


@dataclass(frozen=True, slots=True)
class GoalVersion:
    """A goal as the configuration had it from `at` (UTC) on: its table as JSON, "" where it was taken out."""

    goal: str
    at: datetime
    body: str
