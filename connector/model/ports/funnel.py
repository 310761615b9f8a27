"""How leads went from stage to stage, as rows that a funnel is counted from. Writes nothing.

Times are whole microseconds since 1970 in UTC: a million of them are subtracted and sorted at once. Leads that
were merged into another one are left out: the other one is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple, Protocol, TypeVar

from connector.model.fields import Value

T = TypeVar("T")
#: The way that a funnel tells of, in its order (model/stages.py).
WAY: tuple[str, ...] = ("mql", "sal", "sql", "opportunity", "won")


class Way(NamedTuple):
    """When one lead first came to each stage of `WAY` in one flow; None where it never did.

    `stage` is where it stands now, "" where it stands in another flow, or nobody knows.
    """

    lead_id: int
    flow: str
    times: tuple[int | None, ...]
    stage: str
    owner: str


@dataclass(frozen=True, slots=True)
class Ways:
    """The same, column by column: counting goes over columns, and a row of its own costs more than to count it.

    `times` holds a column for each stage of `WAY`.
    """

    lead_ids: Sequence[int]
    flows: Sequence[str]
    times: Sequence[Sequence[int | None]]
    stages: Sequence[str]
    owners: Sequence[str]

    def __len__(self) -> int:
        return len(self.lead_ids)

    @staticmethod
    def of(rows: Iterable[Sequence[object]]) -> Ways:
        """Of rows of (lead, flow, a time for each stage of `WAY`, stage, owner)."""
        columns: list[Sequence[object]] = list(zip(*rows, strict=True)) or [()] * (len(WAY) + 4)
        return Ways(columns[0], columns[1], columns[2:-2], columns[-2], columns[-1])  # type: ignore[arg-type]

    def rows(self) -> list[Way]:
        """A row for each lead and flow."""
        return list(map(Way._make, zip(self.lead_ids, self.flows, zip(*self.times, strict=True), self.stages,
                                       self.owners, strict=True)))  # fmt: skip

    def at(self, places: Sequence[int]) -> Ways:
        """Those at some places, in that order."""
        return Ways(
            picked(self.lead_ids, places), picked(self.flows, places), [picked(one, places) for one in self.times],
            picked(self.stages, places), picked(self.owners, places),
        )  # fmt: skip


def picked(column: Sequence[T], places: Sequence[int]) -> list[T]:
    """What stands at some places of a column."""
    # With one place it would give the value itself, and with none it is an error.
    return list(itemgetter(*places)(column)) if len(places) > 1 else [column[place] for place in places]


class Answered(NamedTuple):
    """A handoff that was opened, and when the person was first contacted (None: not yet, or not known).

    `worked` are the seconds of working time until then, None where nobody counted them.
    """

    lead_id: int
    flow: str
    opened: int
    contacted: int | None
    worked: int | None = None


class Came(NamedTuple):
    """When one lead first came to a stage in one flow, and who owns it now."""

    lead_id: int
    flow: str
    at: int
    owner: str


class Timed(NamedTuple):
    """A handoff that was opened, with its clocks (None: no such clock, or not yet). `worked` are seconds of working
    time to the first contact."""

    lead_id: int
    flow: str
    owner: str
    team: str
    opened: int
    accept_due: int | None
    accepted: int | None
    due: int | None
    contacted: int | None
    worked: int | None


class Told(NamedTuple):
    """The first activity of a kind that a lead did."""

    lead_id: int
    at: int
    topic: str
    asset: str


class Funnel(Protocol):
    """Rows of a funnel. `flow` "" means all flows."""

    def ways(self, flow: str = "") -> list[Way]:
        """A row for each lead and flow that has come to any stage of `WAY`, in no order."""

    def columns(self, flow: str = "") -> Ways:
        """The same, column by column."""

    def moves(self, lead_ids: Sequence[int]) -> dict[tuple[int, str], list[tuple[str, int]]]:
        """Each (stage, when) of `WAY` that these leads came to, oldest first, by (lead, flow)."""

    def versions(self, flow: str = "") -> dict[tuple[int, str], str]:
        """The criteria version that first made each (lead, flow) an MQL; "" where a person did."""

    def answered(self, flow: str = "") -> list[Answered]:
        """Every handoff that was opened."""

    def came(self, stage: str) -> list[Came]:
        """A row for each lead and flow that has come to a stage, also to one that is not in `WAY`."""

    def timed(self, since: int) -> list[Timed]:
        """Every handoff that was opened at `since` or later (microseconds)."""

    def told(self, kind: str) -> list[Told]:
        """The first activity of a kind, of each lead that did any."""

    def values(self, names: Sequence[str], flow: str = "") -> dict[int, tuple[str, str, tuple[Value | None, ...]]]:
        """By lead: its present flow and owner, and its values of these fields (None where it has none)."""

    def values_of(self, lead_ids: Sequence[int], names: Sequence[str]) -> dict[int, tuple[Value | None, ...]]:
        """By lead: its values of these fields (None where it has none)."""
