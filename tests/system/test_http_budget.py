"""The client's side of budgets: what is taken, kept, given back, observed and parked."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.edge.budget import Budget
from connector.edge.http import HttpClient
from connector.model.errors import RetryableError, StateError
from connector.model.http import Answer, Rate, Request, Usage
from connector.model.outbox import LANES, NotExecuted
from tests.servers.clients import World, plain_api
from tests.servers.raw import RawServer, said, turns

GET = Request("GET", "/things", reads=True)
POST = Request("POST", "/things", json={})
FINE = [said(200, {"id": "1"})]
BURST, DAILY, SEARCH = Rate("burst", 100, 10.0), Rate("daily", 1000, 86_400.0), Rate("search", 5, 1.0, named=True)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.store.close()


def used(world: World) -> dict[str, int]:
    with world.store.read() as tx:
        return {line.rate: line.used for line in tx.budgets.standing() if line.rate}


class Ticks:
    """A clock of seconds that a test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def budget(world: World, ticks: Ticks, *rates: Rate, daily_calls: int | None = None, **parts: Any) -> Budget:
    api = plain_api("https://x.example", rates=rates, **parts)
    return Budget(world.store, "crm:4711", api, daily_calls, lambda: world.now, ticks)


class Counting:
    """A store that counts its writes, and fails where it is told to."""

    def __init__(self, store: Any) -> None:
        self._store, self.writes, self.broken = store, 0, False

    def read(self) -> Any:
        return self._store.read()

    def write(self, *, durable: bool = False) -> Any:
        self.writes += 1
        if self.broken:
            raise StateError("locked")
        return self._store.write(durable=durable)


def test_a_few_calls_are_taken_at_once(world: World) -> None:
    store = Counting(world.store)
    api = plain_api("https://x.example", rates=(BURST, DAILY))
    one = Budget(store, "crm:4711", api, None, lambda: world.now, Ticks())  # type: ignore[arg-type]
    assert [one.take(LANES["normal"]) for _ in range(25)] == [0.0] * 25
    assert store.writes == 3
    assert used(world) == {"burst": 30, "daily": 30}


def test_what_was_not_made_is_given_back_at_the_end(world: World) -> None:
    one = budget(world, Ticks(), BURST, DAILY)
    one.take(LANES["normal"])
    one.close()
    one.close()
    assert used(world) == {"burst": 1, "daily": 1}


def test_what_was_kept_for_too_long_is_given_back_to_the_windows_that_still_run(world: World) -> None:
    ticks = Ticks()
    one = budget(world, ticks, BURST, DAILY)
    one.take(LANES["normal"])
    ticks.at, world.now = 11.0, world.now + timedelta(seconds=11)
    one.take(LANES["normal"])
    assert used(world) == {"burst": 10, "daily": 11}


def test_a_window_that_began_since_is_not_credited_with_calls_of_the_one_before(world: World) -> None:
    ticks = Ticks()
    one, other = budget(world, ticks, BURST), budget(world, ticks, BURST)
    other.take(LANES["normal"])
    ticks.at, world.now = 9.0, world.now + timedelta(seconds=9)
    one.take(LANES["normal"])
    ticks.at, world.now = 10.5, world.now + timedelta(seconds=1.5)
    other.take(LANES["normal"])
    one.close()
    assert used(world)["burst"] == 10


def test_a_named_limit_counts_beside_the_accounts_and_only_for_who_names_it(world: World) -> None:
    one = budget(world, Ticks(), BURST, SEARCH)
    waits = [one.take(LANES["hot"], "search") for _ in range(6)]
    assert waits[:5] == [0.0] * 5
    assert 0.0 < waits[5] <= 1.0
    assert one.take(LANES["hot"]) == 0.0
    assert used(world)["search"] == 5


def test_the_admins_own_limit_of_a_day_is_never_exceeded(world: World) -> None:
    one = budget(world, Ticks(), Rate("burst", 1000, 10.0), daily_calls=25)
    made = sum(one.take(LANES["hot"]) == 0.0 for _ in range(60))
    assert made == 25
    assert used(world)["day"] == 25


def test_a_less_urgent_lane_leaves_calls_to_the_urgent(world: World) -> None:
    one = budget(world, Ticks(), Rate("burst", 100, 10.0))
    backfill = sum(one.take(LANES["backfill"]) == 0.0 for _ in range(200))
    hot = sum(one.take(LANES["hot"]) == 0.0 for _ in range(200))
    assert backfill < 75
    assert backfill + hot == 100


def test_eight_threads_take_no_more_than_there_is(world: World) -> None:
    one, made = budget(world, Ticks(), Rate("burst", 200, 10.0)), []

    def work() -> None:
        made.append(sum(one.take(LANES["hot"]) == 0.0 for _ in range(50)))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 200


def test_two_clients_of_an_account_share_its_calls(world: World) -> None:
    one, other = (budget(world, Ticks(), Rate("burst", 40, 10.0)) for _ in range(2))
    made = sum(each.take(LANES["hot"]) == 0.0 for _ in range(40) for each in (one, other))
    one.close()
    other.close()
    assert made == 40


# --- the client -----------------------------------------------------------------------------------


def test_a_short_wait_is_waited_for(world: World) -> None:
    with RawServer(turns(FINE)) as server:
        client = world.client(plain_api(server.url, rates=(Rate("burst", 2, 10.0),)))
        for _ in range(3):
            assert client.read(Request("GET", "/things", reads=True, lane=LANES["hot"])).status == 200
        assert sum(world.waits) == pytest.approx(10.0)
    assert len(server.asked) == 3


def test_a_long_wait_is_left_to_a_later_run(world: World) -> None:
    with RawServer(turns(FINE)) as server:
        client = world.client(plain_api(server.url), daily_calls=1)
        hot = Request("GET", "/things", reads=True, lane=LANES["hot"])
        client.read(hot)
        with pytest.raises(RetryableError, match="no calls left just now") as caught:
            client.read(hot)
        outcome = client.send(POST)
    assert caught.value.retry_after == pytest.approx(86_400.0)
    assert isinstance(outcome, NotExecuted)
    assert outcome.retry_after == pytest.approx(86_400.0)
    assert world.waits == []
    assert len(server.asked) == 1


def test_who_is_told_to_wait_parks_the_account_for_everybody(world: World) -> None:
    with RawServer(turns([said(429, {}, retry_after="300")], FINE)) as server:
        api = plain_api(server.url, rates=(BURST,))
        one, other = (world.client(api, budget_of="crm:4711") for _ in range(2))
        assert isinstance(one.send(POST), NotExecuted)
        with pytest.raises(RetryableError) as caught:
            other.read(GET)
        assert caught.value.retry_after == pytest.approx(300.0)
        assert isinstance(world.client(api, budget_of="crm:9999").send(POST), Answer)
        world.now += timedelta(seconds=301)
        assert other.read(GET).status == 200
    assert len(server.asked) == 3


def test_a_wait_for_searches_leaves_the_other_calls_alone(world: World) -> None:
    search = Request("POST", "/search", json={}, reads=True, rate="search")
    with RawServer(turns([said(429, {}, retry_after="1")], FINE, FINE, [said(429, {}, retry_after="9")])) as server:
        api = plain_api(server.url, rates=(BURST, SEARCH))
        one, other = (world.client(api, budget_of="crm:4711") for _ in range(2))
        one.read(search)
        assert isinstance(other.send(POST), Answer)
        assert world.waits == [1.0]
        assert isinstance(one.send(replace(search, reads=False)), NotExecuted)
        assert isinstance(world.client(api, budget_of="crm:4711").send(POST), NotExecuted)
    assert len(server.asked) == 4


def test_what_the_platform_says_was_used_counts(world: World) -> None:
    def limits(headers: Mapping[str, str]) -> list[Usage]:
        spent, limit = headers["x-usage"].split("/")
        return [Usage("daily", int(spent), int(limit)), Usage("unheard of", 1, 2)]

    with RawServer(turns([said(200, {}, x_usage="999/1000")])) as server:
        client = world.client(plain_api(server.url, rates=(DAILY,), limits=limits), budget_of="crm:4711")
        client.read(GET)
        client.close()
    assert used(world)["daily"] >= 999


def rolling(headers: Mapping[str, str]) -> list[Usage]:
    return [Usage("burst", int(headers["used"]), 100)]


def test_our_own_calls_of_the_window_before_do_not_count_in_the_new_one(world: World) -> None:
    ticks = Ticks()
    one = budget(world, ticks, BURST, limits=rolling)
    for second in range(10):
        ticks.at, world.now = ticks.at + 1.0, world.now + timedelta(seconds=1)
        for _ in range(8):
            assert one.take(LANES["normal"]) == 0.0
        one.observe({"used": str((second + 1) * 8)})
    ticks.at, world.now = ticks.at + 1.0, world.now + timedelta(seconds=1)
    one.take(LANES["normal"])
    one.observe({"used": "73"})
    assert used(world)["burst"] <= 10


def test_the_calls_of_others_count_in_a_window_of_seconds_too(world: World) -> None:
    one = budget(world, Ticks(), BURST, limits=rolling)
    one.take(LANES["normal"])
    one.observe({"used": "73"})
    assert used(world)["burst"] == 73


def test_an_answer_counts_even_where_the_store_cannot_be_written_meanwhile(world: World) -> None:
    store = Counting(world.store)

    def breaking(_headers: Mapping[str, str]) -> list[Usage]:
        store.broken = True
        return [Usage("daily", 1, 2)]

    with RawServer(turns(FINE)) as server:
        api = plain_api(server.url, rates=(DAILY,), limits=breaking)
        client = HttpClient("crm", api, world.outside(store=store))
        assert isinstance(client.send(POST), Answer)
        client.close()
    assert store.writes == 3


def test_a_write_that_the_store_could_not_count_was_not_executed(world: World) -> None:
    store = Counting(world.store)
    store.broken = True
    with RawServer(turns(FINE)) as server:
        client = HttpClient("crm", plain_api(server.url, rates=(DAILY,)), world.outside(store=store))
        assert client.send(POST) == NotExecuted("locked")
    assert server.asked == []


def test_odd_headers_do_not_undo_an_answer(world: World) -> None:
    def odd(headers: Mapping[str, str]) -> list[Usage]:
        return [Usage("daily", int(headers["x-usage"]), 1000)]

    with RawServer(turns([said(200, {}, x_usage="many")], FINE)) as server:
        client = world.client(plain_api(server.url, rates=(DAILY,), limits=odd))
        assert isinstance(client.send(POST), Answer)
        assert isinstance(client.send(POST), Answer)
