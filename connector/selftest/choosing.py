"""Which boundaries are walked: all places, and none of them twice where nothing has been written since another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

_BEFORE, _AFTER, _WITHIN = "before ", "after ", "item "


def evenly(count: int, sample: int) -> list[int]:
    """Numbers from 1 to `count`: `sample` of them evenly spread with the first and the last, or all there are."""
    if sample >= count:
        return list(range(1, count + 1))
    if sample == 1:
        return [(count + 1) // 2]
    return [1 + place * (count - 1) // (sample - 1) for place in range(sample)]


def places(names: Sequence[str]) -> list[int]:
    """Numbers from 1 on of the boundaries that leave something of their own behind, or are the first at their place.

    After a thing is done and before the next begins nothing is written: whoever is killed at the one leaves the same as
    whoever is killed at the other. Of two such, that is left out which is a place that was walked before.
    """
    walked: set[str] = set()
    left_out: set[int] = set()
    under_way = Counter[str]()
    for number, (name, following) in enumerate(pairwise([*names, ""]), 1):
        _go_on(under_way, name)
        if _same(name, following) and not under_way.total():
            if name in walked:
                left_out.add(number)
            elif following in walked:
                left_out.add(number + 1)
        if number not in left_out:
            walked.add(name)
    return [number for number in range(1, len(names) + 1) if number not in left_out]


def _same(name: str, following: str) -> bool:
    return name.startswith(_AFTER) and not name.startswith(_AFTER + _WITHIN) and following.startswith(_BEFORE)


def _go_on(under_way: Counter[str], name: str) -> None:
    """Keep what has begun and is not done: another thread may be just at that."""
    what = name.partition(" ")[2]
    if name.startswith(_BEFORE):
        under_way[what] += 1
    elif name.startswith(_AFTER) and under_way[what]:
        under_way[what] -= 1
