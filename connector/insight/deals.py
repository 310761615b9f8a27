"""What was won, and what it is worth in the currency of sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from connector.model.fields import Value

#: The fields of a lead that tell of its opportunity.
DEAL = ("opportunity.id", "opportunity.amount", "opportunity.currency")


@dataclass(frozen=True, slots=True)
class Money:
    """The currency of sums, and what one of another is worth in it."""

    report_in: str
    rates: Mapping[str, float] = field(default_factory=dict)

    def worth(self, amount: Value | None, currency: Value | None) -> float | None:
        """An amount in the currency of sums; one that names no currency is taken to be in it. None without a rate."""
        rate = 1.0 if currency in (None, "", self.report_in) else self.rates.get(str(currency))
        return float(amount) * rate if isinstance(amount, int | float) and rate is not None else None


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal, when the first of its leads was won; `worth` is None where there is no amount, or no rate."""

    at: int
    worth: float | None
    has_amount: bool
    leads: tuple[int, ...] = ()


def deals(won: Iterable[tuple[int, int]], said: Mapping[int, tuple[Value | None, ...]], money: Money) -> list[Deal]:
    """Deals in the order of time, by (when, lead) and what each lead says in `DEAL`.

    One that several leads share is one deal: that of the first of them, which the others had a part in.
    """
    found: dict[object, Deal] = {}
    for at, lead in sorted(won):
        known, amount, currency = said.get(lead, (None, None, None))
        key = ("deal", known) if known else ("lead", lead)
        if key in found:
            found[key] = replace(found[key], leads=(*found[key].leads, lead))
        else:
            has_amount = isinstance(amount, int | float)
            found[key] = Deal(at, money.worth(amount, currency), has_amount, (lead,))
    return list(found.values())
