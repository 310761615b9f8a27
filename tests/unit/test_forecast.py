"""When what waits will be out, as far as limits allow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connector.insight.forecast import forecast, limits
from connector.model.http import Rate
from connector.model.outbox import LANES
from connector.model.ports import BudgetLine

NOW = datetime(2026, 12, 7, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NORMAL, HOT = LANES["normal"], LANES["hot"]


def line(used: int, limit: int = 100, since: datetime = NOW - HOUR, rate: str = "daily") -> BudgetLine:
    return BudgetLine("sf", rate, used, limit, since, DAY.total_seconds())


def out(rows: int, used: int, *, lane: int = NORMAL, batch: int = 10, **more: datetime) -> datetime:
    standing = limits([Rate("daily", 100, DAY.total_seconds())], [line(used)], NOW)
    (found,) = forecast({("lead", lane): rows}, {"lead": batch}, standing, NOW, **more)
    return found.at


@pytest.mark.parametrize(
    ("rows", "used", "at"),
    [
        (400, 50, NOW),  # 40 calls: up to the normal lane's 90
        (401, 50, NOW + 23 * HOUR),  # one call too many: the next window
        (400 + 900, 50, NOW + 23 * HOUR),
        (400 + 901, 50, NOW + 23 * HOUR + DAY),
        (1, 100, NOW + 23 * HOUR),
    ],
)
def test_what_does_not_fit_into_a_window_waits_for_the_next(rows: int, used: int, at: datetime) -> None:
    assert out(rows, used) == at


def test_an_urgent_lane_may_use_what_others_leave() -> None:
    assert out(100, 90) == NOW + 23 * HOUR
    assert out(100, 90, lane=HOT) == NOW


def test_nothing_is_out_before_a_parked_account_is_open() -> None:
    assert out(1, 0, parked_until=NOW + HOUR) == NOW + HOUR


def test_urgent_rows_go_first_and_the_others_after_them() -> None:
    standing = limits([Rate("daily", 100, DAY.total_seconds())], [line(0)], NOW)
    waiting = {("lead", HOT): 500, ("task", HOT): 1, ("lead", NORMAL): 400}
    hot, normal = forecast(waiting, {"lead": 10}, standing, NOW)
    assert (hot.rows, hot.calls, hot.at) == (501, 51, NOW)
    assert (normal.rows, normal.calls, normal.at) == (400, 40, NOW + 23 * HOUR)


def test_a_window_that_is_over_is_empty_and_one_never_counted_is_full() -> None:
    rates = [Rate("daily", 100, DAY.total_seconds()), Rate("burst", 5, 10.0), Rate("search", 1, 1.0, named=True)]
    daily, burst, search = limits(rates, [line(100, 200, NOW - DAY)], NOW)
    assert (daily.used, daily.limit, daily.until) == (0, 200, NOW + DAY)
    assert (burst.used, burst.limit) == (0, 5)
    # What calls name themselves is no limit of writes.
    (found,) = forecast({("lead", NORMAL): 4}, {}, [search], NOW)
    assert found.at == NOW
