"""One goal in one span: how far it is, where it will end, and what state it is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isinf
from typing import Literal

from connector.insight.deals import Deal
from connector.insight.goal_rows import SECOND, Events, Pair
from connector.insight.intervals import quantile
from connector.insight.prediction import FEW, Prediction, of_count, of_median, of_share, of_sum, to_come
from connector.model.goals import Goal
from connector.model.ports.funnel import Timed

State = Literal["reached", "missed", "ahead", "on track", "behind", "not enough data", "not begun"]
#: By what a forecast was made.
Method = Literal["", "this span and those before", "this span", "old enough", "so far"]


@dataclass(frozen=True, slots=True)
class Window:
    """A span in microseconds, `now` in it or not; its working days that are `over` and `left`; the days that spans
    before it had, with their bounds, the latest first."""

    begin: int
    end: int
    now: int
    over: float
    left: float
    past: Sequence[tuple[int, int, float]] = ()

    @property
    def until(self) -> int:
        """Up to when anything can have happened."""
        return max(self.begin, min(self.end, self.now + 1))

    @property
    def is_over(self) -> bool:
        """Whether it is."""
        return self.now >= self.end


@dataclass(frozen=True, slots=True)
class Figures:
    """`value` is None of too few; `hits` of `of` are behind a share, `of` behind a median.

    `no_rate` are won deals whose currency has no rate, `no_amount` those that name no amount. `old_after_days` is the
    age from which on a lead counts for the forecast of a rate.
    """

    value: float | None
    state: State
    hits: int | None = None
    of: int | None = None
    forecast: Prediction | None = None
    method: Method = ""
    no_rate: int = 0
    no_amount: int = 0
    old_after_days: float | None = None


def figures(goal: Goal, target: float, events: Events, window: Window) -> Figures:
    """By what the goal measures."""
    if goal.measure == "count":
        return _count(goal, target, events, window)
    if goal.measure == "amount":
        return _amount(goal, target, events, window)
    if goal.measure == "rate":
        return _rate(goal, target, events, window)
    return _share(goal, target, events, window) if goal.measure == "share" else _median(goal, target, events, window)


def _past(events: Events, window: Window) -> list[tuple[int, float]]:
    return [(events.count(begin, end), days) for begin, end, days in window.past]


def _count(goal: Goal, target: float, events: Events, window: Window) -> Figures:
    done = events.count(window.begin, window.until)
    past = _past(events, window)
    coming = None if window.is_over else to_come(done, window.over, window.left, past)
    forecast = of_count(done, coming) if coming else None
    return Figures(done, of_sums(goal, target, done, forecast, window), forecast=forecast, method=_method(coming, past))


def _amount(goal: Goal, target: float, events: Events, window: Window) -> Figures:
    deals: list[Deal] = events.rows  # type: ignore[assignment]
    here = deals[events.within(window.begin, window.until)]
    done = sum(one.worth for one in here if one.worth is not None)
    worth = [one for one in deals if one.worth is not None and one.at < window.until]
    valued = Events([one.at for one in worth], worth)
    past = _past(valued, window)
    count = valued.count(window.begin, window.until)
    coming = None if window.is_over else to_come(count, window.over, window.left, past)
    forecast = of_sum(done, coming, [one.worth for one in worth if one.worth is not None]) if coming else None
    return Figures(
        done, of_sums(goal, target, done, forecast, window), forecast=forecast, of=len(here),
        method=_method(forecast, past), no_rate=sum(one.has_amount and one.worth is None for one in here),
        no_amount=sum(not one.has_amount for one in here),
    )  # fmt: skip


def _method(made: object, past: Sequence[tuple[int, float]]) -> Method:
    from connector.insight.prediction import SPANS

    return "" if made is None else "this span and those before" if len(past) >= SPANS else "this span"


def _rate(goal: Goal, target: float, events: Events, window: Window) -> Figures:
    pairs: list[Pair] = events.rows  # type: ignore[assignment]
    here = pairs[events.within(window.begin, window.until)]
    hits = sum(_came(one, window) for one in here)
    value = hits / len(here) if len(here) >= FEW else None
    if len(events.lengths) < FEW:
        return Figures(value, "not enough data", hits, len(here))
    late = quantile(events.lengths, 0.9)
    old = [one for one in here if one.begin + late <= window.now]
    forecast = of_share(sum(_came(one, window) for one in old), len(old))
    final = window.is_over and len(old) == len(here)
    state = of_values(goal, target, value, forecast, final=final)
    if window.is_over and value is not None and (value >= target) and not goal.at_most:
        # Nobody is to be added any more, and who came on came on.
        state = "reached"
    days = late / (86_400 * SECOND)
    return Figures(
        value, state, hits, len(here), None if final else forecast, "old enough" if forecast and not final else "",
        old_after_days=round(days, 1),
    )  # fmt: skip


def _came(one: Pair, window: Window) -> bool:
    return one.end is not None and one.end <= window.now


def _share(goal: Goal, target: float, events: Events, window: Window) -> Figures:
    """Of the handoffs whose clock is decided: done, or due."""
    rows: list[Timed] = events.rows  # type: ignore[assignment]
    clocks = [_clock(goal, one, window.now) for one in rows[events.within(window.begin, window.until)]]
    decided = [(due, done) for due, done in clocks if due is not None and (done is not None or due < window.now)]
    hits = sum(done is not None and done <= due for due, done in decided)
    found = of_share(hits, len(decided))
    open_yet = any(due is not None and done is None and due >= window.now for due, done in clocks)
    final = window.is_over and not open_yet
    state = of_values(goal, target, found.value if found else None, found, final=final)
    return Figures(
        found.value if found else None, state, hits, len(decided), None if final else found,
        "so far" if found and not final else "",
    )  # fmt: skip


def _clock(goal: Goal, one: Timed, now: int) -> tuple[int | None, int | None]:
    due, done = (one.due, one.contacted) if goal.of[0] == "contacted in time" else (one.accept_due, one.accepted)
    return due, done if done is not None and done <= now else None


def _median(goal: Goal, target: float, events: Events, window: Window) -> Figures:
    """Of the handoffs that were answered; one that was not, and is overdue, took longer than any of them."""
    rows: list[Timed] = events.rows  # type: ignore[assignment]
    lengths = list[float]()
    for one in rows[events.within(window.begin, window.until)]:
        if one.contacted is not None and one.contacted <= window.now:
            took = one.worked if goal.unit == "working time" else (one.contacted - one.opened) / SECOND
            lengths += [float(took)] if took is not None and took >= 0 else []
        elif one.due is not None and one.due < window.now:
            lengths.append(float("inf"))
    found = of_median(lengths)
    value = None if found is None or isinf(found.value) else found.value
    state = of_values(goal, target, found.value if found else None, found, final=window.is_over)
    shown = found if found and not window.is_over and not isinf(found.high) else None
    return Figures(value, state, None, len(lengths), shown, "so far" if shown else "")


def of_sums(goal: Goal, target: float, done: float, forecast: Prediction | None, window: Window) -> State:
    """The state of what only grows."""
    if window.now < window.begin:
        return "not begun"
    if goal.at_most:
        if done > target:
            return "missed"
        if window.is_over:
            return "reached"
    elif done >= target:
        return "reached"
    elif window.is_over:
        return "missed"
    return _ahead(goal, target, forecast) if forecast else "not enough data"


def of_values(goal: Goal, target: float, value: float | None, forecast: Prediction | None, *, final: bool) -> State:
    """The state of what may still go either way until it is final."""
    if final:
        if value is None:
            return "not enough data"
        return "reached" if _good(goal, target, value) else "missed"
    return _ahead(goal, target, forecast) if forecast else "not enough data"


def _good(goal: Goal, target: float, value: float) -> bool:
    return value <= target if goal.at_most else value >= target


def _ahead(goal: Goal, target: float, forecast: Prediction) -> State:
    """Ahead where the whole interval is good, behind where the middle of it is not."""
    if _good(goal, target, forecast.high if goal.at_most else forecast.low):
        return "ahead"
    return "on track" if _good(goal, target, forecast.value) else "behind"
