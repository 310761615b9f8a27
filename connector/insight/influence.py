"""Influenced revenue: what won deals were touched by before there was an opportunity, and what they are worth.

A touch is an activity of one of the deal's leads, of their own doing, within so many days before the lead first came
to the stage of an opportunity (before it was won, where it never stood there). Each touched name has the whole amount
of the deal: it says what a deal met on its way, not what caused it, and the sums are more than the total.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.insight.deals import DEAL, Deal, Money, deals
from connector.model.activity import Activity
from connector.model.fields import Value
from connector.model.ports import Transaction
from connector.model.ports.funnel import WAY, Ways
from connector.model.times import DAY, micros, moment

#: By what touches are named.
BY = ("campaign", "content", "topic", "kind", "source")
#: Not the lead's own doing, done by sales, or by a machine (mail programs open mail by themselves).
NO_TOUCH = ("bounce", "unsubscribe", "email_open", "call", "meeting")
OPPORTUNITY, WON = WAY.index("opportunity"), WAY.index("won")


@dataclass(frozen=True, slots=True)
class Asked:
    """By what, and how long before; `since` (held) and `until` (left out) are of the day it was won."""

    by: str
    days: int
    flow: str = ""
    source: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Influence:
    """What deals that met one name are worth together. `deals` are those whose worth is known."""

    name: str
    deals: int
    amount: float


@dataclass(frozen=True, slots=True)
class Influenced:
    """Won deals: `deals` of known worth make up `amount`; the most first in `names`.

    `untouched` deals of known worth met nothing that has a name. `no_rate` and `no_amount` are left out of everything.
    `kept_from`: activities before it were deleted.
    """

    asked: Asked
    currency: str
    deals: int
    amount: float
    untouched: int
    untouched_amount: float
    no_rate: int
    no_amount: int
    names: list[Influence]
    kept_from: datetime | None


def influenced(tx: Transaction, asked: Asked, money: Money) -> Influenced:
    """Read and count. Nothing is written."""
    ways = tx.funnel.columns(asked.flow)
    before = dict(_before(ways, asked))
    said = tx.funnel.values_of(sorted(before), (*DEAL, "source"))
    if asked.source:
        before = {lead: times for lead, times in before.items() if said.get(lead, ("",))[-1] == asked.source}
    won = deals(((at, lead) for lead, (at, _) in before.items()), {lead: row[:3] for lead, row in said.items()}, money)
    valued = [one for one in won if one.worth is not None]
    touched = _touched(tx, valued, before, asked, said)
    untouched = [one.worth or 0 for one, names in zip(valued, touched, strict=True) if not names]
    return Influenced(
        asked, money.report_in, len(valued), sum(one.worth or 0 for one in valued), len(untouched), sum(untouched),
        sum(one.has_amount and one.worth is None for one in won), sum(not one.has_amount for one in won),
        _summed(valued, touched), tx.retention.complete_from().get("activities"),
    )  # fmt: skip


def _before(ways: Ways, asked: Asked) -> Iterator[tuple[int, tuple[int, int]]]:
    """By lead that was won in the span: when, and before when it must have been touched."""
    begin = micros(asked.since) if asked.since else 0
    end = micros(asked.until) if asked.until else 1 << 62
    for lead, made, at in zip(ways.lead_ids, ways.times[OPPORTUNITY], ways.times[WON], strict=True):
        if at is not None and begin <= at < end:
            yield lead, (at, min(made, at) if made is not None else at)


def _touched(
    tx: Transaction, won: Sequence[Deal], before: Mapping[int, tuple[int, int]], asked: Asked,
    said: Mapping[int, tuple[Value | None, ...]],
) -> list[set[str]]:  # fmt: skip
    """The names that each deal met."""
    leads = sorted({lead for one in won for lead in one.leads})
    if not leads:
        return []
    since = moment(max(0, min(before[lead][1] for lead in leads) - asked.days * DAY))
    done = tx.intake.activities(leads, since)
    return [
        {
            name
            for lead in one.leads
            for act in done.get(lead, ())
            if act.kind not in NO_TOUCH and 0 <= before[lead][1] - micros(act.at) <= asked.days * DAY
            if (name := _name(act, asked.by, said.get(lead, (None,))[-1]))
        }
        for one in won
    ]


def _name(act: Activity, by: str, source: Value | None) -> str:
    if by == "source":
        return str(source or "")
    return {"campaign": act.campaign, "content": act.asset, "topic": act.topic, "kind": act.kind}[by]


def _summed(won: Sequence[Deal], touched: Sequence[set[str]]) -> list[Influence]:
    sums: dict[str, tuple[int, float]] = {}
    for one, names in zip(won, touched, strict=True):
        for name in names:
            count, amount = sums.get(name, (0, 0.0))
            sums[name] = count + 1, amount + (one.worth or 0)
    found = [Influence(name, count, amount) for name, (count, amount) in sums.items()]
    return sorted(found, key=lambda one: (-one.amount, one.name))
