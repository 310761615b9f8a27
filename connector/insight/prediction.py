"""How a count or a sum will stand at the end of a span, with an interval: arithmetic by the standard library alone.

Events come at a rate that differs from span to span, as a gamma distribution says; what comes of a rate is a Poisson
count. Together that is a negative binomial. What the past says of the rate counts as much as one span at the most,
so that what has been seen of this one soon weighs more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist, fmean, pvariance

from connector.insight.intervals import quantile, wilson

#: Of 80 %: one of ten ends below it, one of ten above.
LOW, HIGH = 0.1, 0.9
Z = NormalDist().inv_cdf(HIGH)
#: So many spans make a past; without one, so many working days of this span must be over.
SPANS, DAYS = 4, 5.0
#: Of fewer nothing is said: shares, lengths, what a deal is worth.
FEW = 10
#: Below it, the chance that nothing comes is no number of the machine any more.
_SMALLEST = -600.0
#: What is nothing, as money and as a count.
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Prediction:
    """The middle of what may be at the end, and where four of five such spans end."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ToCome:
    """What is still to come: a negative binomial by its mean and its shape."""

    mean: float
    shape: float

    @property
    def variance(self) -> float:
        """Of the count."""
        return self.mean + self.mean * self.mean / self.shape


def to_come(count: int, over: float, left: float, past: Sequence[tuple[int, float]]) -> ToCome | None:
    """What `left` working days will bring, by the `count` of those that are `over` and by (count, days) of past spans.

    None where there are too few of either.
    """
    past = [one for one in past if one[1] > 0]
    if len(past) >= SPANS:
        shape, days = _rate(past)
    elif over >= DAYS:
        # Jeffreys' prior of a Poisson rate.
        shape, days = 0.5, 0.0
    else:
        return None
    return ToCome(left * (shape + count) / (days + over), shape + count)


def _rate(past: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """A gamma distribution of the daily rate: how many events in how many days it is worth."""
    days = sum(span for _, span in past)
    daily = sum(count for count, _ in past) / days
    usual = days / len(past)
    if not daily:
        return 0.5, usual
    whole = daily * usual
    spread = sum((count - daily * span) ** 2 / (daily * span) for count, span in past) / (len(past) - 1)
    shape = max(0.5, min(whole, whole / (spread - 1) if spread > 1 else whole))
    return shape, shape / daily


def of_count(count: int, coming: ToCome) -> Prediction:
    """The count at the end."""
    low, middle, high = (count + _quantile(coming, share) for share in (LOW, 0.5, HIGH))
    return Prediction(middle, low, high)


def of_sum(total: float, coming: ToCome, amounts: Sequence[float]) -> Prediction | None:
    """The sum at the end, where each of those to come is worth what others were; None of too few `amounts`."""
    if len(amounts) < FEW:
        return None
    mean = fmean(amounts)
    if coming.mean * mean < _NOTHING:
        return Prediction(total, total, total)
    variance = coming.mean * pvariance(amounts, mean) + mean * mean * coming.variance
    low, middle, high = (total + _gamma(coming.mean * mean, variance, share) for share in (LOW, 0.5, HIGH))
    return Prediction(middle, low, high)


def of_share(hits: int, of: int) -> Prediction | None:
    """A share, and where that of all like them may lie (Wilson); None of too few."""
    return None if of < FEW else Prediction(hits / of, *wilson(hits, of, Z))


def of_median(lengths: Sequence[float]) -> Prediction | None:
    """The median, and between which of the lengths that of all like them may lie; None of too few."""
    if len(lengths) < FEW:
        return None
    found, half = sorted(lengths), Z * sqrt(len(lengths)) / 2
    low, high = int(len(found) / 2 - half), min(int(len(found) / 2 + half), len(found) - 1)
    return Prediction(quantile(found, 0.5), found[max(low, 0)], found[high])


def _quantile(coming: ToCome, share: float) -> int:
    """The least count that is not exceeded with this chance."""
    if coming.mean < _NOTHING:
        return 0
    more = coming.mean / (coming.mean + coming.shape)
    none = coming.shape * log(1 - more)
    if none < _SMALLEST:
        return round(_gamma(coming.mean, coming.variance, share))
    count, chance = 0, exp(none)
    below = chance
    # The sum of what is left out of the machine's numbers could keep it from ever coming to the share.
    while below < share and chance > 0:
        chance *= more * (coming.shape + count) / (count + 1)
        count, below = count + 1, below + chance
    return count


def _gamma(mean: float, variance: float, share: float) -> float:
    """The quantile of a gamma distribution, as Wilson and Hilferty approach it (PNAS 17, 1931)."""
    part = variance / (9 * mean * mean)
    return float(mean * max(0.0, 1 - part + NormalDist().inv_cdf(share) * sqrt(part)) ** 3)
