"""How points fade: in whole steps, so that sums are exact and the next step is known to the second."""

from __future__ import annotations

from datetime import timedelta
from math import ceil, log2


def fading_ages(points: int, half_life: timedelta | None, within: timedelta | None) -> tuple[timedelta, ...]:
    """The ages at which `points` lose one more point, youngest first, whatever their sign.

    Points halve in every `half_life` and count rounded to a whole number: at the first age (in
    whole seconds) at which they come down to k - 1/2, they drop from k to k - 1. At the age of
    `within` all that is left is lost at once. With neither the table is empty: nothing fades.
    """
    whole = abs(points)
    ages = []
    if half_life is not None:
        seconds = half_life.total_seconds()
        ages = [timedelta(seconds=ceil(seconds * log2(whole / (k - 0.5)))) for k in range(whole, 0, -1)]
    if within is None:
        return tuple(ages)
    kept = [age for age in ages if age < within]
    return (*kept, *[within] * (whole - len(kept)))
