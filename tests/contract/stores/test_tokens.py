"""Refresh tokens that are good for one use, shared by threads and processes through a store of each kind."""

from __future__ import annotations

import multiprocessing
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connector.edge.http import HttpClient, Outside
from connector.edge.secrets import Secrets
from connector.model.http import Api, RefreshToken, Request, TokenCall
from connector.model.ports import Store
from state import open_store
from tests.servers.granting import FIRST, Platform
from tests.servers.raw import RawServer

GET = Request("GET", "/things", reads=True)
THREADS, PROCESSES, READS = 8, 2, 2
KEY = "one key for all of them, long enough"


def client(store: Store, url: str, owner: str) -> HttpClient:
    """A client as a process makes it."""
    words = {"CRM": FIRST, "CRM_CLIENT": "client-secret", "STORE_KEY": KEY}
    secrets = Secrets(Path(), "environment", environ={f"BATON_SECRET_{name}": word for name, word in words.items()})
    outside = Outside(store, secrets, lambda: datetime.now(UTC), _soon, owner)
    return HttpClient("crm", Api(url, RefreshToken(TokenCall(f"{url}/token"), "app"), deadline=30.0), outside)


def _soon(seconds: float) -> bool:
    time.sleep(min(seconds, 0.005))
    return False


def _reads(place: str, url: str, number: int, start: Any, faults: Any) -> None:
    try:
        made = client(open_store(place), url, f"here:{number}:aa")
        start.wait()
        with ThreadPoolExecutor(THREADS) as threads:
            for done in [threads.submit(made.read, GET) for _ in range(THREADS * READS)]:
                done.result()
    except BaseException as error:  # noqa: BLE001 - told by the assertion of the parent
        faults.put(repr(error))


def test_one_grant_survives_eight_threads_in_two_processes(place: str) -> None:
    """Each call asks for a new token, since they end at once, and the refresh token changes each time."""
    platform = Platform(lifetime=0.000001, keeps=True)
    with RawServer(platform) as server:
        fork = multiprocessing.get_context("fork")
        start, faults = fork.Event(), fork.Queue()
        people = [
            fork.Process(target=_reads, args=(place, server.url, number, start, faults)) for number in range(PROCESSES)
        ]
        for one in people:
            one.start()
        start.set()
        for one in people:
            one.join(60)
        assert faults.empty(), faults.get()
    calls = THREADS * READS * PROCESSES
    used = [form["refresh_token"] for form in platform.forms]
    assert not platform.revoked
    assert platform.served == calls
    assert len(set(used)) == len(used) >= calls / 2


def test_a_token_that_is_refused_to_all_at_once_is_renewed_once(place: str) -> None:
    platform = Platform(keeps=True)
    with RawServer(platform) as server:
        stores = [open_store(place) for _ in range(PROCESSES)]
        clients = [client(store, server.url, f"here:{number}:aa") for number, store in enumerate(stores)]
        for one in clients:
            one.read(GET)
        platform.given.clear()
        platform.access = "ended early"
        barrier = threading.Barrier(THREADS * PROCESSES)

        def read(number: int) -> int:
            barrier.wait()
            return clients[number % PROCESSES].read(GET).status

        with ThreadPoolExecutor(THREADS * PROCESSES) as threads:
            assert set(threads.map(read, range(THREADS * PROCESSES))) == {200}
        for store in stores:
            store.close()
    assert [form["refresh_token"] for form in platform.forms] == [FIRST, "refresh-token-1"]
