"""How handoffs kept the time by which they were to be contacted, and how long the first contact took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from connector.insight.funnel import SMALL, Lengths, Share, share, spread
from connector.insight.intervals import quantile
from connector.model.ports.looking import Handed

#: In time, contacted late, never contacted although the time is over, not due yet, no such clock.
STATES = ("in_time", "late", "never", "open", "none")


@dataclass(frozen=True, slots=True)
class Kept:
    """Of `handed` handoffs. `kept` is the share in time, of those whose time is over or that were contacted.

    `worked_median` and `worked_p90` are seconds of working time to the first contact, None of few; `days` the same on
    the calendar.
    """

    handed: int
    in_time: int
    late: int
    never: int
    open: int
    kept: Share
    worked_median: float | None
    worked_p90: float | None
    days: Lengths


def state(one: Handed, now: int) -> str:
    """One of `STATES`, as the review pack has it: what was closed without a contact counts when its time is over."""
    if one.due is None:
        return "none"
    if one.contacted is not None:
        return "in_time" if one.contacted <= one.due else "late"
    return "never" if now > one.due else "open"


def kept(rows: Sequence[Handed], now: int) -> Kept:
    """What they come to."""
    found = Counter(state(one, now) for one in rows)
    over = found["in_time"] + found["late"] + found["never"]
    worked = sorted(one.worked for one in rows if one.worked is not None)
    median, p90 = (quantile(worked, part) if len(worked) >= SMALL else None for part in (0.5, 0.9))
    days = spread([one.contacted - one.opened for one in rows if one.contacted is not None])
    return Kept(
        len(rows), found["in_time"], found["late"], found["never"], found["open"], share(found["in_time"], over),
        median, p90, days,
    )  # fmt: skip


def by(rows: Iterable[Handed], key: Callable[[Handed], str]) -> dict[str, list[Handed]]:
    """Handoffs by what `key` says of each, the most first."""
    found: dict[str, list[Handed]] = {}
    for one in rows:
        found.setdefault(key(one), []).append(one)
    return dict(sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0])))
