"""What a page of the dashboard is made of, and what it is made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.config import Config
from connector.model.ports import Transaction
from connector.steps.telling.words import Words
from connector.web.asked import Asked
from connector.web.charts import Chart
from connector.web.tables import Grid


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the store: the question, and whose numbers the reader may see by name.

    `owners` are the reps that a reader may see one by one; None: all.
    """

    tx: Transaction
    config: Config
    asked: Asked
    words: Words
    now: datetime
    owners: frozenset[str] | None = None

    def may_see(self, owner: str) -> bool:
        """Whether the reader may see this rep's own numbers."""
        return self.owners is None or owner in self.owners


@dataclass(frozen=True, slots=True)
class Tile:
    """One number on top of a page: its name, the number in words, and a word about it."""

    name: str
    value: str
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A table under its heading, with the chart of it where there is one."""

    heading: str
    grid: Grid
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: what is counted how, numbers on top, parts, and what makes them doubtful."""

    about: str
    parts: Sequence[Part]
    tiles: Sequence[Tile] = ()
    doubts: Sequence[str] = ()
    slices: Sequence[tuple[str, str]] = field(default_factory=list)


#: Makes the sheet of one page.
Make = Callable[[Look], Sheet]
