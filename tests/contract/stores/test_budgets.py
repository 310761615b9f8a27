"""The port `Budgets`: calls that may be made, by account."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from math import inf
from pathlib import Path

import pytest

from connector.model.http import LANE_SHARE, Rate, Usage, open_to
from connector.model.outbox import LANES
from connector.model.ports import BudgetLine, Store, Transaction
from state import open_store

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
BURST = Rate("burst", 10, 10.0)
DAILY = Rate("daily", 100, 86_400.0)
HOT, NORMAL, BACKFILL = LANES["hot"], LANES["normal"], LANES["backfill"]


def take(tx: Transaction, now: datetime, calls: int = 1, lane: int = HOT, rates: Sequence[Rate] = (BURST,)) -> float:
    return tx.budgets.take("a", rates, lane, calls, now)


class TestLanes:
    def test_each_lane_has_a_share(self) -> None:
        assert LANE_SHARE.keys() == set(LANES.values())
        assert [open_to(lane, 100) for lane in sorted(LANE_SHARE)] == [100, 100, 95, 90, 70]

    def test_the_reserve_is_left_by_all_but_the_most_urgent(self) -> None:
        assert [open_to(lane, 100, 0.1) for lane in sorted(LANE_SHARE)] == [100, 100, 85, 80, 60]

    def test_a_small_limit_stops_no_lane_for_good(self) -> None:
        assert [open_to(BACKFILL, limit, 0.5) for limit in (0, 1, 2, 10)] == [0, 1, 1, 2]

    def test_a_lane_stops_where_the_more_urgent_go_on(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            assert take(tx, now, 7, BACKFILL) == 0
            assert take(tx, now, 1, BACKFILL) == 10
            assert take(tx, now, 2, NORMAL) == 0
            assert take(tx, now, 1, NORMAL) == 10
            assert take(tx, now, 1, HOT) == 0
            assert take(tx, now, 1, HOT) == 10


class TestTaking:
    def test_a_window_begins_with_its_first_call(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            assert take(tx, now, 6) == 0
            assert take(tx, now + 4 * SECOND, 4) == 0
            assert take(tx, now + 9 * SECOND) == 1
            assert take(tx, now + 10 * SECOND, 10) == 0
            assert take(tx, now + 15 * SECOND) == 5
            assert take(tx, now + 33 * SECOND, 10) == 0
            assert take(tx, now + 42 * SECOND) == 1

    def test_from_all_limits_or_from_none(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            assert take(tx, now, 10, rates=[BURST, DAILY]) == 0
            assert take(tx, now, 1, rates=[BURST, DAILY]) == 10
            assert [line.used for line in tx.budgets.standing()] == [10, 10]
            for hour in range(1, 10):
                assert take(tx, now + hour * HOUR, 10, rates=[BURST, DAILY]) == 0
            assert take(tx, now + 10 * HOUR, rates=[BURST, DAILY]) == 14 * 3600
            assert [line.used for line in tx.budgets.standing()] == [10, 100]

    def test_the_wait_is_until_every_window_in_the_way_is_over(self, store: Store, now: datetime) -> None:
        minute = Rate("minute", 10, 60.0)
        with store.write() as tx:
            assert take(tx, now, 10, rates=[BURST, minute]) == 0
            assert take(tx, now, rates=[BURST, minute]) == 60
            assert take(tx, now + 11 * SECOND, rates=[BURST, minute]) == 49
            assert take(tx, now + 11 * SECOND) == 0

    def test_more_calls_than_a_window_has_are_never_granted(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            assert take(tx, now, 11) == inf
            assert take(tx, now, 8, BACKFILL) == inf
            assert take(tx, now, 10) == 0

    def test_without_limits_everything_is_granted(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            assert take(tx, now, 1000, rates=[]) == 0
            assert tx.budgets.standing() == []

    def test_a_limit_named_twice_is_taken_from_once(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            assert take(tx, now, 10, rates=[BURST, BURST]) == 0

    def test_accounts_do_not_share(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            assert take(tx, now, 10) == 0
            assert tx.budgets.take("b", [BURST], HOT, 10, now) == 0

    def test_what_was_not_called_is_given_back(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            take(tx, now, 10)
            tx.budgets.give_back("a", [BURST, DAILY], 4, now)
            assert take(tx, now, 4) == 0
            assert take(tx, now) == 10
            tx.budgets.give_back("a", [BURST], 99, now)
            assert [line.used for line in tx.budgets.standing()] == [0]

    def test_calls_of_a_window_that_is_over_are_not_given_to_the_next(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            take(tx, now, 10)
            take(tx, now + 11 * SECOND, 10)
            tx.budgets.give_back("a", [BURST], 5, now)
            assert take(tx, now + 12 * SECOND) == 9


class TestParking:
    def test_nobody_calls_a_parked_account(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.budgets.park("a", now + 30 * SECOND)
            assert take(tx, now, lane=LANES["consent"]) == 30
            assert take(tx, now, rates=[]) == 30
            assert tx.budgets.take("b", [BURST], HOT, 1, now) == 0
            assert take(tx, now + 30 * SECOND) == 0

    def test_the_later_time_stands(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            for seconds in (5, 30, 10):
                tx.budgets.park("a", now + seconds * SECOND)
            assert take(tx, now) == 30
            tx.budgets.park("a", now + 60 * SECOND)
            assert take(tx, now) == 60

    def test_a_window_that_ends_later_is_waited_for_too(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            take(tx, now, 10)
            tx.budgets.park("a", now + 3 * SECOND)
            assert take(tx, now) == 10


class TestObserving:
    def test_what_the_platform_counts_is_never_counted_down(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            take(tx, now, 2)
            tx.budgets.observed("a", Usage("burst", 9, 10), BURST, now + SECOND)
            tx.budgets.observed("a", Usage("burst", 5, 10), BURST, now + SECOND)
            assert take(tx, now + SECOND) == 0
            assert take(tx, now + SECOND) == 9
            tx.budgets.observed("a", Usage("burst", 1, 10), BURST, now + 11 * SECOND)
            assert take(tx, now + 12 * SECOND, 9) == 0

    def test_its_limit_is_taken_over_and_kept(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.budgets.observed("a", Usage("burst", 0, 20), BURST, now)
            assert take(tx, now, 20) == 0
            assert take(tx, now + 11 * SECOND, 20) == 0
            tx.budgets.observed("a", Usage("burst", 0, 5), BURST, now + 22 * SECOND)
            assert take(tx, now + 22 * SECOND, 6) == inf
            tx.budgets.observed("a", Usage("burst", 0, 0), BURST, now + 22 * SECOND)
            assert take(tx, now + 22 * SECOND, 5) == 0

    def test_it_may_speak_first(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.budgets.observed("a", Usage("burst", 8, 10), BURST, now)
            assert take(tx, now, 3) == 10
            assert take(tx, now, 2) == 0

    def test_a_day_that_is_used_up_is_asked_about_now_and_then(self, store: Store, now: datetime) -> None:
        quarter = timedelta(minutes=15)
        with store.write() as tx:
            take(tx, now, rates=[DAILY])
            tx.budgets.observed("a", Usage("daily", 100, 100), DAILY, now + HOUR)
            assert take(tx, now + HOUR, rates=[DAILY]) == 900
            granted = [take(tx, now + HOUR + quarter, lane=BACKFILL, rates=[DAILY]) for _ in range(6)]
            assert granted == [0, 0, 0, 0, 0, 900]
            assert take(tx, now + HOUR + 2 * quarter, rates=[DAILY]) == 0
            tx.budgets.observed("a", Usage("daily", 100, 100), DAILY, now + HOUR + 2 * quarter)
            assert take(tx, now + HOUR + 2 * quarter + SECOND, rates=[DAILY]) == 899

    def test_a_day_that_began_anew_where_the_platform_counts_begins_here_too(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            take(tx, now, rates=[DAILY])
            tx.budgets.observed("a", Usage("daily", 100, 100), DAILY, now + HOUR)
            tx.budgets.observed("a", Usage("daily", 3, 100), DAILY, now + 2 * HOUR)
            assert take(tx, now + 2 * HOUR, 50, rates=[DAILY]) == 0
            (line,) = tx.budgets.standing()
        assert (line.used, line.since) == (53, now + 2 * HOUR)

    def test_calls_taken_and_not_made_do_not_add_up_over_a_day(self, store: Store, now: datetime) -> None:
        day = Rate("day", 15_000, 86_400.0)
        with store.write() as tx:
            take(tx, now, 400, rates=[day])
            tx.budgets.observed("a", Usage("day", 260, 15_000), day, now + HOUR)
            assert [line.used for line in tx.budgets.standing()] == [400]
            take(tx, now + HOUR, 100, rates=[day])
            tx.budgets.observed("a", Usage("day", 270, 15_000), day, now + HOUR)
            assert [(line.used, line.since) for line in tx.budgets.standing()] == [(270, now)]


class TestClock:
    def test_a_caller_that_is_a_little_late_does_not_stretch_a_window(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            assert take(tx, now + 3 * SECOND, 5) == 0
            assert take(tx, now, 5) == 0
            assert take(tx, now) == 13
            assert take(tx, now + 12 * SECOND) == 1

    def test_a_clock_that_was_set_back_stops_nobody_for_good(self, store: Store, now: datetime) -> None:
        back = now - 1000 * HOUR
        with store.write() as tx:
            take(tx, now - 4 * SECOND, 4, rates=[BURST, DAILY])
            take(tx, now, 6, rates=[BURST, DAILY])
            tx.budgets.park("a", now + 2 * SECOND)
            assert take(tx, back, rates=[BURST, DAILY]) == 6
            assert take(tx, back + 3 * SECOND, rates=[]) == 0
            assert take(tx, back + 6 * SECOND, 10, rates=[BURST, DAILY]) == 0
            (burst, daily) = (line for line in tx.budgets.standing() if line.rate)
            assert (burst.since, daily.since, daily.used) == (back + 6 * SECOND, back - 4 * SECOND, 20)


class TestStanding:
    def test_lines_by_account_and_limit(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            take(tx, now, 3, rates=[DAILY, BURST])
            tx.budgets.take("b", [BURST], HOT, 1, now)
            tx.budgets.observed("a", Usage("daily", 40, 200), DAILY, now)
            tx.budgets.park("a", now + HOUR)
            tx.budgets.park("c", now + HOUR)
        with store.read() as tx:
            a = [
                BudgetLine("a", "burst", 3, 10, now, 10.0, now + HOUR),
                BudgetLine("a", "daily", 40, 200, now, 86_400.0, now + HOUR),
            ]
            assert tx.budgets.standing("a") == a
            lines = tx.budgets.standing()
        assert lines[:3] == [*a, BudgetLine("b", "burst", 1, 10, now, 10.0)]
        assert [(line.account, line.rate, line.limit, line.parked_until) for line in lines[3:]] == [
            ("c", "", 0, now + HOUR)
        ]


GRAB = """
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from connector.model.http import Rate
from state import open_store

store, start = open_store(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
rates = [Rate("burst", 40, 10.0), Rate("daily", 90, 86400.0)]

def grab(lane):
    got = 0
    for _ in range(40):
        with store.write() as tx:
            got += tx.budgets.take("a", rates, lane, 1, start) == 0
    return got

with ThreadPoolExecutor(4) as threads:
    print(sum(threads.map(grab, [0, 1, 3, 4])))
store.close()
"""


@pytest.mark.parametrize("seconds", [0, 12])
def test_processes_and_threads_never_get_more_than_there_is(
    store: Store, place: str, now: datetime, seconds: int
) -> None:
    """Two processes of four threads each ask for far more than there is, in one window or in two."""
    starts = [now, now + seconds * SECOND]
    root = Path(__file__).parents[3]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", GRAB, place, start.isoformat()], stdout=subprocess.PIPE, text=True, cwd=root
        )
        for start in starts
    ]
    granted = sum(int(process.communicate()[0]) for process in processes)
    with store.read() as tx:
        used = {line.rate: line.used for line in tx.budgets.standing("a")}
    assert used["daily"] == granted <= 90
    # Whichever comes first, those who come late are asked to wait or find a window of their own.
    assert granted == 40 if not seconds else 40 <= granted <= 80


def test_threads_of_one_store_share_it(store: Store, now: datetime) -> None:
    def grab(_: int) -> int:
        got = 0
        for _ in range(5):
            with store.write() as tx:
                got += take(tx, now) == 0
        return got

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(grab, range(4))) == 10


def test_a_store_that_is_opened_again_still_knows(place: str, now: datetime) -> None:
    for expected in (0.0, 10.0):
        store = open_store(place)
        with store.write() as tx:
            assert take(tx, now, 10) == expected
        store.close()
