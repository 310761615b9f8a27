"""When time alone will make a difference to a score: across a line that a gate or grade draws, or worth writing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heappop, heapreplace

from connector.steps.conditions.condition import Site
from connector.steps.scoring.rule import Move
from connector.steps.scoring.totals import Totals

_SCOPES = ("fit", "engagement", "intent", "rest", "total")
_FAR = 10**9

#: The scopes that a group's points count in; `rest` is what the number of a grade is made from.
_COUNTED_IN = {
    "fit": ("fit", "total"),
    "engagement": ("engagement", "rest", "total"),
    "intent": ("intent", "rest", "total"),
}


@dataclass(frozen=True, slots=True)
class Lines:
    """The points at which something changes, by scope and ascending: a line is crossed between n - 1 and n.

    `step` is the difference of the total that is worth writing. `touched` are, by group, the scopes
    that its points count in and that have lines.
    """

    by_scope: Mapping[str, tuple[int, ...]]
    step: int
    touched: Mapping[str, tuple[str, ...]]

    def first_crossed(self, moves: list[Move], points: Mapping[str, int], slack: Mapping[str, int]) -> datetime | None:
        """When the first line may be crossed or the step be reached; never too late, None for never.

        `points` are those of every scope, `slack` by group what its cap takes away: what is lost
        is taken from there first. Gains and losses are counted apart, so that none hides another.
        Uses up `moves`.
        """
        down, up = self._margins(points)
        left = dict(slack)
        heapify(moves)
        while moves:
            at, number, group, change, ages, since, step = moves[0]
            if step + 1 < len(ages):
                heapreplace(moves, (since + ages[step + 1], number, group, change, ages, since, step + 1))
            else:
                heappop(moves)
            margins = up
            if change < 0:
                margins, change = down, -change
                if group in left:
                    absorbed = min(left[group], change)
                    left[group] -= absorbed
                    change -= absorbed
            for scope in self.touched[group]:
                margins[scope] -= change
                if margins[scope] <= 0:
                    return at
        return None

    def _margins(self, points: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
        """How many points each scope has to lose, and to gain, to cross its next line."""
        down, up = {}, {}
        for scope, lines in self.by_scope.items():
            value = points[scope]
            place = bisect_right(lines, value)
            down[scope] = value - lines[place - 1] + 1 if place else _FAR
            up[scope] = lines[place] - value if place < len(lines) else _FAR
        down["total"] = min(down["total"], self.step)
        up["total"] = min(up["total"], self.step)
        return down, up


def lines_of(sites: Iterable[Site], totals: Totals, step: int | None) -> Lines:
    """The lines that gates and conditions ask about, and those of the grade."""
    found: Mapping[str, set[int]] = {scope: set() for scope in _SCOPES}
    for site in sites:
        if site.what == "score":
            found[site.name].add(site.wanted + (site.operator in ("above", "at_most")))
    found["fit"].update(threshold for threshold, _ in totals.letters.steps)
    found["rest"].update(threshold for threshold, _ in totals.numbers.steps)
    lines = {scope: tuple(sorted(found[scope])) for scope in _SCOPES if found[scope] or scope == "total"}
    touched = {group: tuple(scope for scope in scopes if scope in lines) for group, scopes in _COUNTED_IN.items()}
    return Lines(lines, step or _FAR, touched)


NO_LINES = Lines({"total": ()}, _FAR, dict.fromkeys(_COUNTED_IN, ("total",)))
