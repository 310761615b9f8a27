"""The base of the local servers: faults that were ordered, a ledger of what came, a clock that moves."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from connector.sandbox.hubspot import TOKEN, HubSpotServer, Portal
from connector.sandbox.salesforce import Org, serve
from connector.sandbox.server import Call, Clock, Deed, LocalServer, Reply


def echo(call: Call) -> Reply:
    if call.path == "/broken":
        raise RuntimeError("on purpose")
    call.route, call.items = "/things/{id}", 3
    return Reply(201, {"path": call.path, "query": call.query, "said": call.json(), "agent": call.headers["x-agent"]})


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with LocalServer(echo, edit=lambda wish: {"did": wish["do"]}, look=lambda query: query) as running:
        yield running


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.headers["X-Agent"] = "test"
        yield session


def test_a_call_arrives_whole_and_is_in_the_ledger(server: LocalServer, session: requests.Session) -> None:
    answer = session.post(server.url + "/things/a%40b?x=1&x=2&y=", json={"a": "ä"}, timeout=30)
    assert answer.status_code == 201
    assert answer.json() == {
        "path": "/things/a%40b", "query": {"x": ["1", "2"], "y": [""]}, "said": {"a": "ä"}, "agent": "test",
    }  # fmt: skip
    (entry,) = server.ledger.calls("POST /things")
    assert (entry.status, entry.items, entry.fault) == (201, 3, "")
    assert server.ledger.items() == {"POST /things/{id}": 3}


def test_a_caller_that_dies_within_the_call_has_not_called(server: LocalServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as caller:
        caller.sendall(b'POST /things/1 HTTP/1.1\r\nHost: here\r\nContent-Length: 20\r\n\r\n{"a": ')
        caller.shutdown(socket.SHUT_WR)
        assert caller.recv(100) == b""
    assert (server.ledger.calls(), server.errors) == ([], [])


def test_watchers_see_calls_and_a_failing_application_is_noted(server: LocalServer, session: requests.Session) -> None:
    seen: list[tuple[str, int]] = []
    server.watchers.append(lambda call, reply: seen.append((call.path, reply.status)))
    session.get(server.url + "/things/1", timeout=30)
    assert session.get(server.url + "/broken", timeout=30).status_code == 500
    assert seen == [("/things/1", 201)]
    assert "on purpose" in server.errors[0]


@pytest.mark.parametrize(
    ("kind", "args", "status"),
    [("status", {"code": 429, "headers": {"Retry-After": "7"}}, 429), ("html", {}, 200), ("wrong_json", {}, 200)],
)
def test_a_fault_instead_of_the_work(
    server: LocalServer, session: requests.Session, kind: Any, args: dict[str, Any], status: int
) -> None:
    server.faults.add(kind, match="GET /things", after=1, **args)
    assert session.get(server.url + "/things/1", timeout=30).status_code == 201
    answer = session.get(server.url + "/things/2", timeout=30)
    assert answer.status_code == status
    assert b"path" not in answer.content
    assert answer.headers.get("Retry-After") == args.get("headers", {}).get("Retry-After")
    assert [(entry.status, entry.fault) for entry in server.ledger.calls()] == [(201, ""), (0, kind)]
    assert session.get(server.url + "/things/3", timeout=30).status_code == 201


@pytest.mark.parametrize(("kind", "did"), [("drop", 0), ("lost", 201), ("cut", 201)])
def test_a_connection_that_ends_too_early(server: LocalServer, session: requests.Session, kind: Any, did: int) -> None:
    server.faults.add(kind)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        session.get(server.url + "/things/1", timeout=30)
    assert [(entry.status, entry.fault) for entry in server.ledger.calls()] == [(did, kind)]


def test_a_reply_cut_inside_its_headers_looks_like_an_empty_success(
    server: LocalServer, session: requests.Session
) -> None:
    server.faults.add("cut_headers")
    assert session.get(server.url + "/things/1", timeout=30).content == b""


@pytest.mark.parametrize("kind", ["slow", "drip"])
def test_an_answer_that_takes_its_time_is_whole(server: LocalServer, session: requests.Session, kind: Any) -> None:
    server.faults.add(kind, seconds=0.03, pieces=3)
    answer = session.get(server.url + "/things/1", timeout=30)
    assert answer.json()["path"] == "/things/1"
    assert answer.elapsed.total_seconds() > 0.005


def test_another_process_orders_and_looks(server: LocalServer, session: requests.Session) -> None:
    control = server.url + "/_sandbox"
    session.post(control + "/faults", json={"kind": "status", "code": 503, "match": "/things"}, timeout=30)
    assert session.get(control + "/faults", timeout=30).json()[0]["code"] == 503
    assert session.get(server.url + "/things/1", timeout=30).status_code == 503
    server.ledger.did([Deed(1.0, "create", "contacts", "7")])
    ledger = session.get(control + "/ledger", timeout=30).json()
    assert ledger["counts"] == {"GET /things/1": 1}
    assert ledger["deeds"][0]["id"] == "7"
    assert session.delete(control + "/ledger", timeout=30).status_code == 200
    assert server.ledger.calls() == []
    assert session.post(control + "/edit", json={"do": "merge"}, timeout=30).json() == {"did": "merge"}
    assert session.get(control + "/state?object=contacts", timeout=30).json() == {"object": ["contacts"]}
    wrong = session.post(control + "/faults", json={"kind": "flood"}, timeout=30)
    assert wrong.status_code == 400
    assert "flood" in wrong.json()["message"]


def test_the_clock_is_stopped_moved_and_let_go() -> None:
    clock = Clock(datetime(2026, 3, 1, tzinfo=UTC))
    clock.move(86_400)
    assert clock.now() == datetime(2026, 3, 2, tzinfo=UTC)
    assert clock.order({"stop": "2026-04-01T00:00:00+00:00", "move": 60})["now"] == "2026-04-01T00:01:00+00:00"
    clock.go()
    assert 0 <= clock.seconds() - datetime(2026, 4, 1, 0, 1, tzinfo=UTC).timestamp() < 5


def test_a_batch_may_end_in_its_middle(session: requests.Session) -> None:
    done: list[int] = []

    def batch(call: Call) -> Reply:
        done.extend(call.each(call.json()))
        return Reply(200, done)

    def ends(numbers: list[int]) -> bool:
        done.clear()
        try:
            session.post(local.url + "/batch", json=numbers, timeout=30)
        except requests.ConnectionError:
            return True
        return False

    with LocalServer(batch) as local:
        local.faults.add("half")
        local.faults.add("half", items=1)
        local.faults.add("half")
        assert [(ends([1, 2, 3, 4]), list(done)), (ends([1, 2, 3, 4]), list(done))] == [(True, [1, 2]), (True, [1])]
        assert (ends([1]), done) == (True, [1])
        local.between = lambda call, number, of: done.append(100 * number + of)
        assert (ends([1, 2]), done) == (False, [1, 102, 2])
        assert [entry.fault for entry in local.ledger.calls()] == ["half", "half", "half", ""]
        assert local.errors == []


def test_half_a_batch_is_in_the_books_of_both_platforms(session: requests.Session) -> None:
    portal, org = Portal(), Org()
    with HubSpotServer(portal) as hubspot, serve(org) as salesforce:
        for server in (hubspot, salesforce):
            server.faults.add("half", match="objects")
        session.headers["Authorization"] = f"Bearer {TOKEN}"
        contacts = [{"properties": {"email": f"a{number}@firm.example"}} for number in range(3)]
        with pytest.raises(requests.ConnectionError):
            session.post(hubspot.url + "/crm/v3/objects/contacts/batch/create", json={"inputs": contacts}, timeout=30)
        assert [deed.did for deed in portal.ledger.deeds()] == ["create"]
        form = {
            "grant_type": "client_credentials",
            "client_id": "baton-sandbox",
            "client_secret": "baton-sandbox-secret",
        }
        signed = session.post(salesforce.url + "/services/oauth2/token", data=form, timeout=30).json()
        session.headers["Authorization"] = f"Bearer {signed['access_token']}"
        leads = [{"attributes": {"type": "Lead"}, "LastName": "Weber", "Company": str(number)} for number in range(4)]
        for whole, there in ((False, 2), (True, 2)):
            salesforce.faults.clear()
            salesforce.faults.add("half", match="composite")
            with pytest.raises(requests.ConnectionError):
                session.post(
                    salesforce.url + "/services/data/v62.0/composite/sobjects",
                    json={"allOrNone": whole, "records": leads}, timeout=30,
                )  # fmt: skip
            assert len(org.live("Lead")) == len(salesforce.ledger.deeds("create")) == there
