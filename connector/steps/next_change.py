"""When time alone will make a difference to a score: across a line that a gate or grade draws, or worth writing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heappop, heapreplace

from connector.steps.condition import Site
from connector.steps.rule import Move
from connector.steps.totals import Totals

_SCOPES = ("fit", "engagement", "intent", "rest", "total")
_FAR = 10**9

#: The scopes, by place, whose points change with a group's.
_TOUCHED = {"fit": (0, 4), "engagement": (1, 3, 4), "intent": (2, 3, 4)}
_PLACE = {"fit": 0, "engagement": 1, "intent": 2}


@dataclass(frozen=True, slots=True)
class Lines:
    """The points at which something changes, by scope and ascending: a line is crossed between n - 1 and n.

    `step` is the difference of the total that is worth writing.
    """

    by_scope: tuple[tuple[int, ...], ...]
    step: int

    def first_crossed(self, moves: list[Move], points: tuple[int, int, int], slack: Sequence[int]) -> datetime | None:
        """When the first line may be crossed or the step be reached; never too late, None for never.

        `points` are those of the groups, `slack` what caps take away from them: what is lost
        is taken from there first. Gains and losses are counted apart, so that none hides another.
        Uses up `moves`.
        """
        down, up = self._margins(points)
        left = list(slack)
        lost, gained = [0] * 5, [0] * 5
        heapify(moves)
        while moves:
            at, number, group, change, ages, since, step = moves[0]
            if step + 1 < len(ages):
                heapreplace(moves, (since + ages[step + 1], number, group, change, ages, since, step + 1))
            else:
                heappop(moves)
            if change < 0:
                place = _PLACE[group]
                absorbed = min(left[place], -change)
                left[place] -= absorbed
                sums, margins, change = lost, down, -change - absorbed
            else:
                sums, margins = gained, up
            for scope in _TOUCHED[group]:
                sums[scope] += change
                if sums[scope] >= margins[scope]:
                    return at
        return None

    def _margins(self, points: tuple[int, int, int]) -> tuple[list[int], list[int]]:
        """How many points each scope has to lose, and to gain, to cross its next line."""
        fit, engagement, intent = points
        rest = engagement + intent
        down, up = [], []
        for value, lines in zip((fit, engagement, intent, rest, fit + rest), self.by_scope, strict=True):
            place = bisect_right(lines, value)
            down.append(value - lines[place - 1] + 1 if place else _FAR)
            up.append(lines[place] - value if place < len(lines) else _FAR)
        down[4], up[4] = min(down[4], self.step), min(up[4], self.step)
        return down, up


def lines_of(sites: Iterable[Site], totals: Totals, step: int | None) -> Lines:
    """The lines that gates and conditions ask about, and those of the grade."""
    found: Mapping[str, set[int]] = {scope: set() for scope in _SCOPES}
    for site in sites:
        if site.what == "score":
            found[site.name].add(site.wanted + (site.operator in ("above", "at_most")))
    found["fit"].update(threshold for threshold, _ in totals.letters.steps)
    found["rest"].update(threshold for threshold, _ in totals.numbers.steps)
    return Lines(tuple(tuple(sorted(found[scope])) for scope in _SCOPES), step or _FAR)
