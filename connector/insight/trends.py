"""What happened week by week or month by month: leads that came to each stage, and how far those of each span came."""

from __future__ import annotations

from bisect import bisect_right
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


def trends(what: Counted, spans: Spans, now: int) -> list[Trend]:
    """A row for each span. Times count as the definition of `what` has them."""
    stages = [WAY[place] for place in what.path]
    came = [dict.fromkeys(WAY, 0) for _ in spans.names]
    further = [dict.fromkeys(WAY, 0) for _ in spans.names]
    for row in what.times:
        for stage, at in zip(stages, row, strict=True):
            if at is not None and (place := spans.place(at)) is not None:
                came[place][stage] += 1
        if row and row[0] is not None and (place := spans.place(row[0])) is not None:
            for stage, at in zip(stages[1:], row[1:], strict=True):
                further[place][stage] += at is not None
    late = _late(what)
    ends = (*spans.begins[1:], spans.end)
    return [
        Trend(
            name, came[place], {stage: share(further[place][stage], came[place][stages[0]]) for stage in stages[1:]},
            late is not None and ends[place] + late > now,
        )
        for place, name in enumerate(spans.names)
    ]  # fmt: skip


def _late(what: Counted) -> float | None:
    """How long nine of ten of those who came through needed."""
    took = sorted(
        last - first
        for row in what.times
        if len(row) > 1 and (first := row[0]) is not None and (last := row[-1]) is not None and last >= first
    )
    return quantile(took, 0.9) if len(took) >= SMALL else None
