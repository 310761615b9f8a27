"""What people did: emails that reached them, forms they sent in, events of the website. Compact, newest last."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from typing import NamedTuple


class Deed(NamedTuple):
    """One thing that happened at `at` (milliseconds). `who` and `kind` are what it is found by."""

    at: int
    number: int
    who: Hashable
    kind: str
    details: tuple[str, ...]


class Journal:
    """Deeds in the order of time, found by who, by kind, or by both; a page continues where the last one ended."""

    def __init__(self) -> None:
        self.count = 0
        self._all: list[Deed] = []
        self._by_who: dict[Hashable, list[Deed]] = defaultdict(list)
        self._dirty: set[int] = set()

    def add(self, at: int, who: Hashable, kind: str, details: tuple[str, ...]) -> Deed:
        """Note a deed; deeds may come in any order of time."""
        self.count += 1
        deed = Deed(at, self.count, who, kind, details)
        for held in (self._all, self._by_who[who]):
            if held and held[-1] > deed:
                self._dirty.add(id(held))
            held.append(deed)
        return deed

    def page(
        self,
        limit: int,
        *,
        low: int,
        high: int,
        who: Hashable = None,
        wanted: Callable[[Deed], bool] = lambda _: True,
        behind: str = "",
        falling: bool = True,
    ) -> tuple[list[Deed], str]:
        """Up to `limit` deeds between two times (both included) and the place to go on from, "" at the end."""
        found: list[Deed] = []
        for deed in self._walk(self._by_who.get(who, []) if who is not None else self._all, low, high, behind, falling):
            if wanted(deed):
                if len(found) == limit:
                    return found, f"{found[-1].at}-{found[-1].number}"
                found.append(deed)
        return found, ""

    def all(self) -> list[Deed]:
        """Every deed."""
        return self._all

    def move(self, loser: Hashable, winner: Hashable) -> None:
        """What the loser of a merge did is the winner's."""
        theirs = [deed._replace(who=winner) for deed in self._by_who.pop(loser, [])]
        numbers = {deed.number: deed for deed in theirs}
        self._all = [numbers.get(deed.number, deed) for deed in self._all] if theirs else self._all
        self._by_who[winner] = sorted([*self._by_who[winner], *theirs])

    def _walk(self, held: list[Deed], low: int, high: int, behind: str, falling: bool) -> Iterator[Deed]:
        if id(held) in self._dirty:
            held.sort()
            self._dirty.discard(id(held))
        start, end = bisect_left(held, (low,)), bisect_right(held, (high, 1 << 62))
        if behind:
            at, number = (int(part) for part in behind.split("-"))
            if falling:
                end = min(end, bisect_left(held, (at, number)))
            else:
                start = max(start, bisect_left(held, (at, number + 1)))
        places = range(end - 1, start - 1, -1) if falling else range(start, end)
        return (held[place] for place in places)
