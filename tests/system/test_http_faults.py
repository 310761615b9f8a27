"""What a client makes of everything that can go wrong on the way to a platform, over real sockets."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from connector.model.errors import AuthError, ConfigError, RetryableError
from connector.model.http import Answer, ErrorRule, ErrorTable, Request
from connector.model.outbox import NotExecuted, Unknown
from tests.servers.clients import TOKEN, World, plain_api
from tests.servers.raw import CLOSE, RESET, Asked, RawServer, Step, said, turns

GET = Request("GET", "/things", reads=True)
POST = Request("POST", "/things", json={"name": "x"})
FINE: list[Step] = [said(200, {"id": "1"})]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.store.close()


#: What the server does, by name; each leaves open whether the call had its effect.
BREAKS: dict[str, list[Step]] = {
    "reset": [RESET],
    "closed without a word": [CLOSE],
    "cut in its status line": [b"HTTP/1.1 2", CLOSE],
    "cut in its headers": [b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n", CLOSE],
    "cut in a header": [b"HTTP/1.1 200 OK\r\ncontent-le", CLOSE],
    "cut after its length": [b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n", CLOSE],
    "cut in its body": [b'HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{"id":', CLOSE],
    "cut in a chunk": [b'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n{"id":', CLOSE],
    "cut between chunks": [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n", CLOSE],
    "without length, cut": [b'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"id":', CLOSE],
    "without length, empty": [b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", CLOSE],
    "HTML": [said(200, b"<html>Maintenance</html>", content_type="text/html")],
    "wrong JSON": [said(200, b'{"id": 1')],
    "not a number in JSON": [said(200, b'{"id": NaN}')],
    "packed and broken": [said(200, b"no gzip", content_encoding="gzip")],
    "500": [said(500, {"message": "oops"})],
    "503 as HTML": [said(503, b"<html>", content_type="text/html")],
    "403 as HTML": [said(403, b"<html>", content_type="text/html")],
    "no HTTP": [b"SSH-2.0-OpenSSH_9.6\r\n", CLOSE],
}


@pytest.mark.parametrize("steps", BREAKS.values(), ids=BREAKS.keys())
def test_a_write_without_a_whole_answer_is_unknown_and_made_once(world: World, steps: list[Step]) -> None:
    with RawServer(turns(steps)) as server:
        outcome = world.client(plain_api(server.url)).send(POST)
    assert isinstance(outcome, Unknown)
    assert len(server.asked) == 1
    assert TOKEN not in outcome.reason


@pytest.mark.parametrize("steps", BREAKS.values(), ids=BREAKS.keys())
def test_a_read_without_a_whole_answer_is_made_again(world: World, steps: list[Step]) -> None:
    with RawServer(turns(steps, steps, FINE)) as server:
        answer = world.client(plain_api(server.url)).read(GET)
    assert answer.json() == {"id": "1"}
    assert len(server.asked) == 3
    assert world.waits == [1.0, 2.0]


def test_a_read_that_never_succeeds_is_used_up_after_five_tries(world: World) -> None:
    with RawServer(turns([said(500)])) as server, pytest.raises(RetryableError, match="the platform fails") as caught:
        world.client(plain_api(server.url)).read(GET)
    assert len(server.asked) == 5
    assert world.waits == [1.0, 2.0, 4.0, 8.0]
    assert caught.value.retry_after is None


def test_nothing_was_executed_where_nobody_listens(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = world.client(plain_api(f"http://127.0.0.1:{port}")).send(POST)
    assert isinstance(outcome, NotExecuted)
    assert outcome.reason == "no connection to 127.0.0.1 (ConnectionRefusedError)"


def test_nothing_was_executed_where_the_name_is_not_known(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    outcome = world.client(plain_api("https://api.nowhere.example")).send(POST)
    assert outcome == NotExecuted("no connection to api.nowhere.example (gaierror)")


def test_nothing_was_executed_where_the_connection_does_not_come_about(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object, **__: object) -> None:
        raise TimeoutError

    monkeypatch.setattr("urllib3.util.connection.create_connection", slow)
    outcome = world.client(plain_api("https://api.nowhere.example")).send(POST)
    assert isinstance(outcome, NotExecuted)


def test_a_connection_kept_open_and_reset_meanwhile_leaves_a_write_unknown_and_a_read_is_made_again(
    world: World,
) -> None:
    with RawServer(turns(FINE, [RESET], FINE, [RESET], FINE)) as server:
        client = world.client(plain_api(server.url))
        client.read(GET)
        assert isinstance(client.send(POST), Unknown)
        client.read(GET)
        assert client.read(GET).json() == {"id": "1"}
    assert server.connections == 3
    assert [asked.method for asked in server.asked] == ["GET", "POST", "GET", "GET", "GET"]


def test_a_connection_that_was_closed_while_it_rested_is_made_anew(world: World) -> None:
    with RawServer(turns([*FINE, CLOSE])) as server:
        client = world.client(plain_api(server.url))
        client.read(GET)
        time.sleep(0.02)
        assert isinstance(client.send(POST), Answer)
    assert server.connections == 2


def dripping(drop: bytes) -> list[Step]:
    return [step for _ in range(60) for step in (drop, 0.03)]


DRIPS: dict[str, list[Step]] = {
    "body": [b"HTTP/1.1 200 OK\r\ncontent-length: 60\r\n\r\n", *dripping(b" ")],
    "headers": [b"HTTP/1.1 200 OK\r\n", *dripping(b"x-a: 1\r\n")],
    "nothing": [2.0],
}


@pytest.mark.parametrize("steps", DRIPS.values(), ids=DRIPS.keys())
def test_the_deadline_is_of_the_whole_call(world: World, steps: list[Step]) -> None:
    with RawServer(turns(steps)) as server:
        client = world.client(plain_api(server.url, deadline=0.6))
        began = time.monotonic()
        outcome = client.send(POST)
        took = time.monotonic() - began
    assert outcome == Unknown("no complete answer from 127.0.0.1 (TimeoutError)")
    assert 0.5 < took < 1.7


def test_a_connection_serves_again_after_an_earlier_deadline(world: World) -> None:
    with RawServer(turns(FINE)) as server:
        client = world.client(plain_api(server.url, deadline=0.5))
        client.read(GET)
        time.sleep(0.55)
        assert client.read(GET).json() == {"id": "1"}
    assert server.connections == 1


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({"retry_after": "3"}, [3.0]),
        ({"retry_after": "0.5"}, [0.5]),
        ({"retry_after": "Mon, 07 Dec 2026 08:00:07 GMT"}, [7.0]),
        ({"retry_after": "Mon, 07 Dec 2026 09:00:02 GMT", "date": "Mon, 07 Dec 2026 09:00:00 GMT"}, [2.0]),
        ({"x_ratelimit_reset": "1796630409", "date": "Mon, 07 Dec 2026 08:00:00 GMT"}, [9.0]),
        ({"x_ratelimit_reset": "9"}, [1.0]),
        ({"retry_after": "soon"}, [1.0]),
        ({"retry_after": "nan"}, [1.0]),
        ({}, [1.0]),
    ],
)
def test_a_read_waits_as_the_platform_asks(world: World, headers: dict[str, str], waits: list[float]) -> None:
    with RawServer(turns([said(429, {}, **headers)], FINE)) as server:
        world.client(plain_api(server.url)).read(GET)
    assert world.waits == waits


def test_a_write_that_is_to_wait_was_not_executed(world: World) -> None:
    with RawServer(turns([said(429, {}, retry_after="7")])) as server:
        assert world.client(plain_api(server.url)).send(POST) == NotExecuted("the platform asks to wait (429)", 7.0)
    assert len(server.asked) == 1


def test_a_read_does_not_wait_for_an_hour(world: World) -> None:
    late = format_datetime(world.now + timedelta(hours=1), usegmt=True)
    with RawServer(turns([said(429, {}, retry_after=late)])) as server, pytest.raises(RetryableError) as caught:
        world.client(plain_api(server.url)).read(GET)
    assert caught.value.retry_after == 3600.0
    assert world.waits == []


def test_a_signal_ends_the_wait(world: World) -> None:
    world.stopping = True
    with RawServer(turns([said(429, {}, retry_after="3")])) as server, pytest.raises(RetryableError, match="stopped"):
        world.client(plain_api(server.url)).read(GET)
    assert len(server.asked) == 1


def test_a_redirect_is_not_followed_and_the_secret_stays(world: World) -> None:
    with RawServer(turns(FINE)) as other:
        away = f"http://127.0.0.1:{other.port}/login?next=abc"
        with RawServer(turns([said(307, None, location=away)])) as server:
            client = world.client(plain_api(server.url))
            with pytest.raises(ConfigError, match="where nothing is sent") as caught:
                client.read(GET)
            assert isinstance(client.send(POST), Unknown)
    assert other.asked == []
    assert "redirected to 127.0.0.1," in str(caught.value)
    assert "login" not in str(caught.value)


def test_an_address_of_another_host_is_not_called(world: World) -> None:
    with RawServer(turns(FINE)) as server, RawServer(turns(FINE)) as other:
        client = world.client(plain_api(server.url))
        assert client.read(Request("GET", f"{server.url}/next?page=2", reads=True)).status == 200
        with pytest.raises(ConfigError, match="an address of another host"):
            client.read(Request("GET", f"{other.url}/next", reads=True))
    assert (server.asked[0].path, other.asked) == ("/next?page=2", [])


def test_only_this_machine_is_called_without_tls(world: World) -> None:
    with pytest.raises(ConfigError, match=r"api\.example\.com must be called by https"):
        world.client(plain_api("http://api.example.com")).read(GET)


def test_a_refusal_is_an_answer_for_the_adapter_that_writes(world: World) -> None:
    with RawServer(turns([said(400, {"message": "no such field"})])) as server:
        outcome = world.client(plain_api(server.url)).send(POST)
    assert isinstance(outcome, Answer)
    assert (outcome.status, outcome.json()) == (400, {"message": "no such field"})


def test_a_read_that_is_refused_says_what_where_and_why_and_no_address(world: World) -> None:
    table = ErrorTable(read=lambda body: (body["code"], body["message"], ""))
    refusal = said(400, {"code": "BAD", "message": "no field colour of ana@example.com"})
    with RawServer(turns([refusal])) as server, pytest.raises(ConfigError) as caught:
        world.client(plain_api(server.url, errors=table)).read(GET)
    assert str(caught.value) == "crm: the platform refused GET /things (400 BAD no field colour of [email])"


def test_a_status_that_is_expected_is_an_answer(world: World) -> None:
    with RawServer(turns([said(404, {})])) as server:
        client = world.client(plain_api(server.url))
        assert client.read(Request("GET", "/things/9", reads=True, expected=(404,))).status == 404


def test_no_body_is_an_answer_where_the_status_says_so(world: World) -> None:
    with RawServer(turns([b"HTTP/1.1 204 No Content\r\n\r\n"], [said(200)])) as server:
        client = world.client(plain_api(server.url))
        assert isinstance(client.send(POST), Answer)
        assert isinstance(client.send(POST), Answer)


TABLE = ErrorTable(
    rules=(
        ErrorRule(403, "not_executed", "LIMIT"),
        ErrorRule(403, "config", "SCOPES"),
        ErrorRule(200, "not_executed", "606"),
        ErrorRule(409, "config"),
        ErrorRule(502, "not_executed"),
    ),
    read=lambda body: (body.get("code", ""), "", ""),
)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (said(403, {"code": "LIMIT"}), NotExecuted),
        (said(403, {"code": "SCOPES"}), Answer),
        (said(403, {"code": "OTHER"}), Answer),
        (said(200, {"code": "606"}), NotExecuted),
        (said(200, {"code": ""}), Answer),
        (said(502, b"<html>"), NotExecuted),
        (said(409, {}), Answer),
        (said(409, b"<html>Blocked</html>", content_type="text/html"), Unknown),
        (said(408, {}), Unknown),
        (said(423, []), Answer),
    ],
)
def test_the_platforms_own_table_comes_first(world: World, reply: bytes, outcome: type) -> None:
    with RawServer(turns([reply])) as server:
        assert isinstance(world.client(plain_api(server.url, errors=TABLE)).send(POST), outcome)


PAGED = ErrorTable(
    rules=(ErrorRule(400, "not_executed", "NOT_RUN"), ErrorRule(403, "config")),
    page=lambda page: "NOT_RUN" if b"not run" in page else "GONE" if b"of ours" in page else "",
)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (said(400, b"<html>not run</html>"), NotExecuted),
        (said(403, b"<html>of ours</html>"), Answer),
        (said(404, b"<html>of ours</html>"), Answer),
        (said(404, b"<html>nginx</html>"), Unknown),
        (said(400, b"<html>nginx</html>"), Unknown),
        (said(403, b"<html>nginx</html>"), Unknown),
        (said(200, b"<html>of ours</html>"), Unknown),
    ],
)
def test_a_platform_that_says_errors_as_pages_is_told_from_what_stands_between(
    world: World, reply: bytes, outcome: type
) -> None:
    with RawServer(turns([reply])) as server:
        assert isinstance(world.client(plain_api(server.url, errors=PAGED)).send(POST), outcome)


def test_a_token_that_stands_still_and_is_refused_parks_the_connection(world: World) -> None:
    with RawServer(turns([said(401, {})])) as server:
        client = world.client(plain_api(server.url))
        with pytest.raises(AuthError, match="baton auth set crm") as caught:
            client.read(GET)
        with pytest.raises(AuthError, match="baton auth set crm"):
            client.send(POST)
    assert TOKEN not in str(caught.value)


def test_a_token_replaced_by_an_admin_is_used_at_once(world: World) -> None:
    def script(asked: Asked) -> list[Step]:
        fresh = asked.headers["authorization"] == "Bearer fresh-token"
        return [said(200, {}) if fresh else said(401, {})]

    with RawServer(script) as server:
        client = world.client(plain_api(server.url))
        with pytest.raises(AuthError):
            client.read(GET)
        world.secrets.set("crm", "fresh-token")
        assert isinstance(client.send(POST), Answer)


@pytest.mark.parametrize("secret", ["with space", "line\nbreak", "ümlaut"])
def test_a_secret_that_no_header_can_hold_is_told_without_being_shown(world: World, secret: str) -> None:
    world.secrets.set("crm", secret)
    with pytest.raises(AuthError, match="the secret cannot be sent") as caught:
        world.client(plain_api("https://api.example.com")).read(GET)
    assert secret not in str(caught.value)


def test_words_are_sent_as_they_are_meant(world: World) -> None:
    with RawServer(turns(FINE)) as server:
        client = world.client(plain_api(server.url))
        client.read(Request("GET", "/a b/ü", {"q": "x = 'é' & y"}, reads=True))
        client.send(Request("PATCH", "/form", form={"a": "1 2"}, headers={"X-Own": "yes"}))
    first, second = server.asked
    assert first.path == "/a%20b/%C3%BC?q=x%20%3D%20%27%C3%A9%27%20%26%20y"
    assert (second.body, second.headers["x-own"]) == (b"a=1%202", "yes")
    assert second.headers["content-type"] == "application/x-www-form-urlencoded"
    assert first.headers["authorization"] == f"Bearer {TOKEN}"


def test_cookies_are_not_kept(world: World) -> None:
    with RawServer(turns([said(200, {}, set_cookie="session=1")])) as server:
        client = world.client(plain_api(server.url))
        client.read(GET)
        client.read(GET)
    assert "cookie" not in server.asked[1].headers
