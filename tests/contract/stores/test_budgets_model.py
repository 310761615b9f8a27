"""Whatever is asked in whatever order, the budgets grant what a slow reckoning grants."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model.http import Rate, Usage
from connector.model.outbox import LANES
from state import open_store

START = datetime(2026, 12, 7, tzinfo=UTC)
RATES = {"burst": Rate("burst", 8, 10.0, 0.2), "day": Rate("day", 30, 100.0)}
SHARES = {"consent": 1.0, "hot": 1.0, "status": 0.95, "normal": 0.9, "backfill": 0.7}

NAMES = st.sampled_from([("burst",), ("day",), ("burst", "day"), ()])
TAKE = st.tuples(st.just("take"), st.tuples(NAMES, st.sampled_from(sorted(SHARES)), st.integers(1, 4)))
WAIT = st.tuples(st.just("wait"), st.integers(0, 40))
BACK = st.tuples(st.just("back"), st.tuples(NAMES, st.integers(1, 3)))
PARK = st.tuples(st.just("park"), st.integers(0, 30))
SEEN = st.tuples(st.just("seen"), st.tuples(st.sampled_from(sorted(RATES)), st.integers(0, 40), st.integers(0, 40)))
SET_BACK = st.tuples(st.just("set_back"), st.integers(61, 5000))
STEPS = st.lists(st.one_of(TAKE, TAKE, TAKE, WAIT, WAIT, BACK, PARK, SEEN, SET_BACK), max_size=30)


@dataclass
class Reckoning:
    """Counts in plain seconds that nobody sets back: windows are (start, used)."""

    now: int = 0
    parked: int = 0
    limits: dict[str, int] = field(default_factory=lambda: {name: rate.calls for name, rate in RATES.items()})
    windows: dict[str, tuple[int, int]] = field(default_factory=dict)

    def used(self, name: str) -> int:
        start, used = self.windows.get(name, (-1000, 0))
        return used if self.now < start + RATES[name].seconds else 0

    def put(self, name: str, used: int) -> None:
        start = self.windows.get(name, (-1000, 0))[0]
        self.windows[name] = (start if self.now < start + RATES[name].seconds else self.now, used)

    def wait(self, names: tuple[str, ...], lane: str, calls: int) -> float:
        waits = [float(max(0, self.parked - self.now))]
        for name in names:
            share = SHARES[lane]
            most = round(self.limits[name] * (share if share == 1 else share - RATES[name].reserve), 6) // 1
            most = max(most, min(1, self.limits[name]))
            if calls > most:
                return inf
            if self.used(name) + calls > most:
                waits.append(self.windows[name][0] + RATES[name].seconds - self.now)
        return max(waits)


class Play:
    """The same steps on the store and in the reckoning; the store's clock may be set back."""

    def __init__(self, budgets: Any) -> None:
        self.budgets, self.model, self.offset = budgets, Reckoning(), 0

    @property
    def now(self) -> datetime:
        return START + timedelta(seconds=self.model.now - self.offset)

    def take(self, asked: tuple[tuple[str, ...], str, int]) -> None:
        names, lane, calls = asked
        expected = self.model.wait(names, lane, calls)
        got = self.budgets.take("a", [RATES[name] for name in names], LANES[lane], calls, self.now)
        assert got == expected
        if got == 0:
            for name in names:
                self.model.put(name, self.model.used(name) + calls)

    def wait(self, seconds: int) -> None:
        self.model.now += seconds

    def back(self, asked: tuple[tuple[str, ...], int]) -> None:
        names, calls = asked
        self.budgets.give_back("a", [RATES[name] for name in names], calls, self.now)
        for name in names:
            if self.model.used(name):
                self.model.put(name, max(0, self.model.used(name) - calls))

    def park(self, seconds: int) -> None:
        self.model.parked = max(self.model.parked, self.model.now + seconds)
        self.budgets.park("a", self.now + timedelta(seconds=seconds))

    def seen(self, said: tuple[str, int, int]) -> None:
        name, used, limit = said
        self.budgets.observed("a", Usage(name, used, limit), RATES[name], self.now)
        self.model.put(name, max(used, self.model.used(name)))
        self.model.limits[name] = limit or self.model.limits[name]

    def set_back(self, seconds: int) -> None:
        """Right after a call, so that what has passed since is known."""
        self.seen(("burst", 0, 0))
        self.seen(("day", 0, 0))
        self.offset += seconds
        self.seen(("burst", 0, 0))


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_the_budgets_are_what_the_reckoning_says(sqlite_template: Path, steps: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(shutil.copy(sqlite_template, folder))
        with store.write() as tx:
            play = Play(tx.budgets)
            for name, what in steps:
                getattr(play, name)(what)
            for line in tx.budgets.standing("a"):
                if line.rate and line.since + timedelta(seconds=line.seconds) > play.now:
                    assert line.used == play.model.used(line.rate)
        store.close()
