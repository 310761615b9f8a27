"""The proxy that goes wrong: what it does to a call, what reaches the server, and the same again under one seed."""

from __future__ import annotations

import http.client
from collections import Counter
from collections.abc import Iterator

import pytest

from connector.sandbox.proxy import BURSTS, HARMLESS, KINDS, Chance, Proxy
from connector.sandbox.server import LocalServer
from connector.sandbox.wire import Call, Reply

#: What the caller sees of each kind: a status, or the exception of the standard library's client.
SEEN: dict[str, int | type[Exception]] = {
    "latency": 200, "drip": 200, "reset": ConnectionResetError, "reset within the request": ConnectionResetError,
    "reply lost": http.client.RemoteDisconnected, "cut in the header": EOFError,
    "cut in the body": http.client.IncompleteRead, "429": 429, "429 with Retry-After": 429, "502": 502, "503": 503,
    "504": 504, "500 after the work": 500, "HTML": 200, "HTML after the work": 200, "wrong JSON": 200,
    "wrong JSON after the work": 200, "empty": 200, "empty after the work": 200,
}  # fmt: skip
FINE = b'{"id":"1","name":"Ana"}'


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with LocalServer(lambda _call: Reply(body=FINE)) as server:
        yield server


def asked(connection: http.client.HTTPConnection, path: str = "/things") -> tuple[int, bytes]:
    connection.request("POST", path, b'{"a": 1}')
    answer = connection.getresponse()
    if "Content-Length" not in answer.headers and answer.status != 204:
        # The standard library takes headers that break off for whole ones.
        raise EOFError
    return answer.status, answer.read()


def test_every_kind_is_seen_as_what_it_is(server: LocalServer) -> None:
    assert SEEN.keys() == KINDS.keys()
    with Proxy(server.port) as proxy:
        for kind, seen in SEEN.items():
            before = len(server.ledger.calls())
            proxy.faults.add(kind)
            connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=30)
            if isinstance(seen, int):
                status, body = asked(connection)
                assert (status, body == FINE) == (seen, kind in HARMLESS), kind
                # An answer that is whole leaves the connection as it was.
                assert asked(connection) == (200, FINE), kind
            else:
                with pytest.raises(seen):
                    asked(connection)
            connection.close()
            worked = len(server.ledger.calls()) - before - isinstance(seen, int)
            assert worked == KINDS[kind].worked, kind
        assert proxy.counts == dict.fromkeys(KINDS, 1)
        assert proxy.disturbed() == len(KINDS) - len(HARMLESS)


def test_orders_name_the_call_and_spare_the_first(server: LocalServer) -> None:
    with Proxy(server.port) as proxy:
        proxy.faults.add("503", match="POST /leads", after=1, times=2)
        connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=30)
        paths = ["/leads", "/tasks", "/leads", "/leads", "/leads"]
        assert [asked(connection, path)[0] for path in paths] == [200, 200, 503, 503, 200]
        assert (proxy.calls, proxy.counts) == (5, {"503": 2})
        connection.request("GET", "/_sandbox/clock")
        assert connection.getresponse().status == 200
        assert proxy.calls == 5
        connection.close()
    with pytest.raises(ValueError, match="no fault 'rain'"):
        proxy.faults.add("rain")


def test_a_port_that_is_closed_refuses_and_opens_again(server: LocalServer) -> None:
    with Proxy(server.port) as proxy:
        port = proxy.port
        proxy.stop()
        with pytest.raises(ConnectionRefusedError):
            asked(http.client.HTTPConnection("127.0.0.1", port, timeout=30))
        proxy.start()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        assert asked(connection) == (200, FINE)
        connection.close()


def test_an_answer_without_length_ends_with_the_connection() -> None:
    def empty(_call: Call) -> Reply:
        return Reply(204)

    with LocalServer(empty) as server, Proxy(server.port) as proxy:
        connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=30)
        assert [asked(connection) for _ in range(2)] == [(204, b"")] * 2
        connection.close()


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3, 0.7, 1.0])
def test_the_share_is_of_all_calls_and_the_same_for_the_same_seed(share: float) -> None:
    drawn, again, other = ([chance.next() for _ in range(20_000)] for chance in _chances(share))
    assert drawn == again
    assert share in (0.0, 1.0) or drawn != other
    faulty = sum(map(bool, drawn)) / len(drawn)
    assert faulty == pytest.approx(share, abs=0.002)
    if share:
        assert set(drawn) - {""} == set(KINDS) - set(HARMLESS)
        counts = Counter(drawn)
        for kind, length in BURSTS.items():
            assert counts[kind] == pytest.approx(length * counts["HTML"], rel=0.4)


def _chances(share: float) -> list[Chance]:
    return [Chance(share, 7), Chance(share, 7), Chance(share, 8)]
