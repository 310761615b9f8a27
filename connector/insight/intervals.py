"""Shares with their intervals, and quantiles: the arithmetic behind reports, by the standard library alone.

Wilson's score interval for one share, Newcombe's hybrid of two of them for a difference (R. G. Newcombe, Statistics
in Medicine 17, 1998: his methods 3 and 10). Both hold for few and for none, where the textbook's interval does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

#: Of 95 %.
Z = NormalDist().inv_cdf(0.975)


def wilson(hits: int, of: int, z: float = Z) -> tuple[float, float]:
    """Between which shares `hits` of `of` may lie; (0, 1) of nothing."""
    if not of:
        return 0.0, 1.0
    share, spread = hits / of, z * z / of
    middle = (share + spread / 2) / (1 + spread)
    half = z * sqrt((share * (1 - share) + spread / 4) / of) / (1 + spread)
    return (max(0.0, middle - half) if hits else 0.0), (min(1.0, middle + half) if hits < of else 1.0)


def newcombe(hits: int, of: int, other_hits: int, other_of: int, z: float = Z) -> tuple[float, float]:
    """Between which values the first share less the second may lie; (-1, 1) where either is of nothing."""
    if not of or not other_of:
        return -1.0, 1.0
    one, two = hits / of, other_hits / other_of
    (low, high), (other_low, other_high) = wilson(hits, of, z), wilson(other_hits, other_of, z)
    difference = one - two
    return (
        difference - sqrt((one - low) ** 2 + (other_high - two) ** 2),
        difference + sqrt((high - one) ** 2 + (two - other_low) ** 2),
    )


def quantile(ascending: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie, between two neighbours in a straight line. Not of nothing."""
    place = (len(ascending) - 1) * share
    below = int(place)
    above = min(below + 1, len(ascending) - 1)
    return ascending[below] + (ascending[above] - ascending[below]) * (place - below)
