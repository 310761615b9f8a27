"""Calls that may be made: taken from the account's limits in the store, a few at a time.

The store knows what all processes have taken. Writing to it for every call would cost more than
the call, so a few calls are taken at once where a limit is of seconds, kept for a moment, and
given back where they were not made.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic

from connector.model.http import Api, Rate, Usage
from connector.model.ports import Store

#: At most so many calls are taken at once, and never more than a tenth of a limit.
MOST_AT_ONCE = 10
#: Seconds for which calls taken are kept, at most.
KEPT_SECONDS = 5.0
#: What an answer says of a limit is written down so often, in seconds: it says so with every answer.
OBSERVED_EVERY = 5.0
DAY_SECONDS = 86_400.0
#: A limit of seconds that the platform counts over the last so many seconds, and not from one moment on.
ROLLING_SECONDS = 60.0
#: So many calls of others within such a limit are none: calls are counted a moment before they arrive.
FEW_OTHERS = 10


@dataclass(slots=True)
class _Taken:
    """Calls taken and not made yet: how many, for which limits, when, until when they are kept."""

    calls: int
    rates: Sequence[Rate]
    at: float
    until: float
    since: datetime


class Budget:
    """What one connection may call of its account. For several threads."""

    def __init__(
        self,
        store: Store,
        account: str,
        api: Api,
        daily_calls: int | None,
        clock: Callable[[], datetime],
        ticks: Callable[[], float] = monotonic,
    ) -> None:
        self._store, self._account, self._api = store, account, api
        self._rates = [*api.rates, *own_share(api.rates, daily_calls)]
        self._clock, self._ticks = clock, ticks
        self._lock = threading.Lock()
        self._taken: dict[tuple[int, str], _Taken] = {}
        self._observed: dict[str, float] = {}
        self._made: deque[float] = deque()

    def take(self, lane: int, rate: str = "") -> float:
        """Take one call: 0.0 where it may be made now, else the seconds to wait."""
        with self._lock:
            held = self._taken.get((lane, rate))
            if held is not None and held.calls and self._ticks() < held.until:
                held.calls -= 1
                wait = 0.0
            else:
                self._give_back(expired=True)
                wait = self._take_more(lane, rate)
            if not wait:
                self._made.append(self._ticks())
            return wait

    def park(self, seconds: float) -> None:
        """The platform asks to wait: nobody calls this account for so long."""
        with self._lock, self._store.write() as tx:
            tx.budgets.park(self._account, self._clock() + timedelta(seconds=seconds))
        with self._lock:
            self._give_back()

    def observe(self, headers: Mapping[str, str]) -> None:
        """What an answer's headers say of the limits."""
        now = self._ticks()
        known = {rate.name: rate for rate in self._api.rates}
        fresh = [
            self._of_others(usage, known[usage.name], now)
            for usage in self._api.limits(headers)
            if usage.name in known and now - self._observed.get(usage.name, -OBSERVED_EVERY) >= OBSERVED_EVERY
        ]
        if not fresh:
            return
        self._observed |= {usage.name: now for usage in fresh}
        with self._store.write() as tx:
            for usage in fresh:
                tx.budgets.observed(self._account, usage, known[usage.name], self._clock())

    def _of_others(self, usage: Usage, rate: Rate, now: float) -> Usage:
        """What is told of a rolling limit, without any use where that is the calls made here alone.

        Some of them belong to a window of ours that is over: counted again in the new one, they would halve it.
        """
        if rate.seconds > ROLLING_SECONDS:
            return usage
        with self._lock:
            while self._made and self._made[0] < now - ROLLING_SECONDS:
                self._made.popleft()
            mine = sum(at >= now - rate.seconds for at in self._made)
        return replace(usage, used=0) if usage.used - mine <= FEW_OTHERS else usage

    def close(self) -> None:
        """Give back what was taken and not made."""
        with self._lock:
            self._give_back()

    def _take_more(self, lane: int, name: str) -> float:
        rates = [rate for rate in self._rates if not rate.named or rate.name == name]
        many = _at_once(rates)
        with self._store.write() as tx:
            # Asked within: another writer may have been waited for.
            since = self._clock()
            wait = tx.budgets.take(self._account, rates, lane, many, since)
            if wait and many > 1:
                many = 1
                wait = tx.budgets.take(self._account, rates, lane, 1, since)
        if not wait and many > 1:
            now = self._ticks()
            self._taken[lane, name] = _Taken(many - 1, rates, now, now + _kept(rates), since)
        # For ever is no time to wait: limits change.
        return min(wait, DAY_SECONDS)

    def _give_back(self, *, expired: bool = False) -> None:
        """Give back what is kept, or only what was kept for long enough.

        A window that has ended since has forgotten these calls: its next one must not be credited with them.
        Nor must a limit whose standing the platform has told since: it does not know of calls that were not made.
        """
        now = self._ticks()
        unused = {key: held for key, held in self._taken.items() if held.calls and not (expired and now < held.until)}
        self._taken = {key: held for key, held in self._taken.items() if held.calls and key not in unused}
        if not unused:
            return
        with self._store.write() as tx:
            for held in unused.values():
                rates = [rate for rate in held.rates if self._counts_still(held, rate, now)]
                tx.budgets.give_back(self._account, rates, held.calls, held.since)

    def _counts_still(self, held: _Taken, rate: Rate, now: float) -> bool:
        return now - held.at < rate.seconds and self._observed.get(rate.name, held.at - 1) < held.at


def own_share(rates: Sequence[Rate], daily_calls: int | None) -> list[Rate]:
    """The admin's own limit of calls a day, beside the platform's."""
    if daily_calls is None:
        return []
    taken = {rate.name for rate in rates}
    return [Rate("day" if "day" not in taken else "daily_calls", daily_calls, DAY_SECONDS)]


def _at_once(rates: Sequence[Rate]) -> int:
    """How many calls are taken at once: few beside the tightest limit."""
    return max(1, min([MOST_AT_ONCE, *(rate.calls // 10 for rate in rates)]))


def _kept(rates: Sequence[Rate]) -> float:
    """How long they are kept: a fraction of the shortest window."""
    return min([KEPT_SECONDS, *(rate.seconds / 5 for rate in rates)])
