"""What is published beside the leads: a page that people read, and goals with what is counted towards them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

#: `money` in the target's `unit`, an ISO code; `share` from 0 to 100.
TargetKind = Literal["count", "money", "share"]


@dataclass(frozen=True, slots=True)
class Target:
    """A number that is to be reached: how far it is by now, from where, to where.

    Two targets of one goal differ by name. `note` says where `now` comes from.
    """

    name: str
    goal: float
    now: float = 0.0
    start: float = 0.0
    kind: TargetKind = "count"
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal with a day on which it is due. `our_key` is unique among goals; `owners` are addresses."""

    our_key: str
    name: str
    due_at: datetime
    text: str = ""
    owners: Sequence[str] = ()
    targets: Sequence[Target] = ()


@dataclass(frozen=True, slots=True)
class PublishedPage:
    """A page in Markdown. `our_key` is unique among pages."""

    our_key: str
    title: str
    markdown: str
