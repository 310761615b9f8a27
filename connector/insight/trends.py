"""What happened week by week or month by month: leads that came to each stage, and how far those of each span came."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from connector.insight.funnel import SMALL, Counted, Share, share
from connector.insight.intervals import quantile
from connector.model.ports.funnel import WAY


@dataclass(frozen=True, slots=True)
class Spans:
    """Weeks or months that follow each other: names, the moments at which they begin, and the end of the last.

    `unfinished`: the last one is not over yet.
    """

    names: tuple[str, ...]
    begins: tuple[int, ...]
    end: int
    unfinished: bool = False

    @property
    def short(self) -> tuple[str, ...]:
        """Names for an axis: `W47` for `2026-W47`."""
        return tuple(name.rpartition("-")[2] if "W" in name else name for name in self.names)

    def over(self, values: Sequence[float | None]) -> list[float | None]:
        """Values with a gap for a last span that is not over: it would look like a fall."""
        return [*values[:-1], None] if self.unfinished and len(values) > 1 else list(values)

    def place(self, at: int) -> int | None:
        """The span that a moment lies in."""
        return bisect_right(self.begins, at) - 1 if self.names and self.begins[0] <= at < self.end else None


@dataclass(frozen=True, slots=True)
class Trend:
    """One span: leads that came to each stage in it, and of those who entered in it, who came further by now.

    `young`: nine of ten who come through need longer than has passed since its end.
    """

    name: str
    came: dict[str, int]
    further: dict[str, Share]
    young: bool


def trends(what: Counted, spans: Spans, now: int, late: float | None = None) -> list[Trend]:
    """A row for each span. Times count as the definition of `what` has them; `late` is what `nine_of_ten` says."""
    stages = [WAY[place] for place in what.path]
    begin, end = (spans.begins[0], spans.end) if spans.names else (0, 0)
    came, further = dict[str, list[int]](), dict[str, list[int]]()
    entries = what.columns[0] if what.columns else ()
    entered = [(row, at) for row, at in enumerate(entries) if at is not None and begin <= at < end]
    for stage, column in zip(stages, what.columns, strict=True):
        came[stage] = _by_span([at for at in column if at is not None and begin <= at < end], spans)
        further[stage] = _by_span([at for row, at in entered if column[row] is not None], spans)
    none = [0] * len(spans.names)
    ends = (*spans.begins[1:], spans.end)
    return [
        Trend(
            name,
            {stage: came.get(stage, none)[place] for stage in WAY},
            {stage: share(further[stage][place], came[stages[0]][place]) for stage in stages[1:]},
            late is not None and ends[place] + late > now,
        )
        for place, name in enumerate(spans.names)
    ]


def _by_span(times: list[int], spans: Spans) -> list[int]:
    """How many lie in each span; all lie in some."""
    times.sort()
    begins = [bisect_left(times, begin) for begin in spans.begins]
    return [later - first for first, later in zip(begins, (*begins[1:], len(times)), strict=True)]


def nine_of_ten(what: Counted) -> float | None:
    """How long nine of ten of those who came through needed; None of few."""
    if len(what.columns) < 2:
        return None
    pairs = zip(what.columns[0], what.columns[-1], strict=True)
    took = sorted([b - a for a, b in pairs if b is not None and a is not None and b >= a])
    return quantile(took, 0.9) if len(took) >= SMALL else None


def earliest(what: Counted) -> int | None:
    """The first time at any stage."""
    firsts = [min((at for at in column if at is not None), default=None) for column in what.columns]
    return min((at for at in firsts if at is not None), default=None)
