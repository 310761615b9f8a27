"""Serving: where it listens, under which configuration, how slow connections and the whole command end."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.responses import PlainTextResponse

from connector.app import App
from connector.cli.run import Current
from connector.config.types import Desk
from connector.web import serve, slow
from connector.web.limits import HEADERS, Limits
from connector.web.trouble import Trouble
from tests.line import Line

Make = Callable[..., Line]


class TestInForce:
    def test_an_edit_is_used_and_a_bad_one_is_not(self, desk_of: Make) -> None:
        line = desk_of()
        path = line.folder / "config.toml"
        current = Current(path)
        in_force = serve.InForce(current.app)
        current.leave = in_force.leave
        first, text = in_force(), path.read_text("utf-8")
        path.write_text(text.replace("version = 1", 'version = 1\nlanguage = "ja"'), "utf-8")
        second = in_force()
        path.write_text("nonsense", "utf-8")
        assert (first.config.language, second.config.language) == ("en", "ja")
        assert in_force() is second
        with first.store.read() as tx:
            assert tx.logins.users() == []
        in_force.close()
        current.close()

    def test_what_is_not_in_force_any_more_is_closed_once_no_request_can_need_it(self) -> None:
        class Left:
            closed = False

            def close(self) -> None:
                self.closed = True

        left, now = Left(), [0.0]
        in_force = serve.InForce(lambda: cast("App", None), lambda: now[0])
        in_force.leave(cast("App", left))
        now[0] = serve.LEFT - 1
        in_force()
        assert not left.closed
        now[0] = serve.LEFT
        in_force()
        assert left.closed


class TestListening:
    def test_a_port_that_somebody_has_is_not_shared(self, tmp_path: Path) -> None:
        with serve.listening(Desk(port=0), tmp_path) as own:
            own.listen()
            taken = Desk(port=own.getsockname()[1])
            with pytest.raises(OSError, match="in use"), serve.listening(taken, tmp_path):
                pass

    def test_a_socket_is_for_its_owner_and_group_and_goes_with_the_desk(self, tmp_path: Path) -> None:
        desk = Desk(socket="run/desk.sock")
        for _ in range(2):
            with serve.listening(desk, tmp_path):
                mode = stat.S_IMODE((tmp_path / desk.socket).stat().st_mode)
                assert mode == 0o660
            assert not (tmp_path / desk.socket).exists()

    def test_a_browser_is_told_an_address_that_it_can_use(self, tmp_path: Path) -> None:
        with serve.listening(Desk(host="0.0.0.0", port=0), tmp_path) as own:
            assert serve.address(Desk(host="0.0.0.0"), own) == f"http://127.0.0.1:{own.getsockname()[1]}"
            assert serve.address(Desk(base_url="https://baton.example"), own) == "https://baton.example"

    def test_names_are_this_machines_and_the_one_that_people_know(self) -> None:
        names = serve.hosts(Desk(host="10.1.2.3", base_url="https://Baton.northwind.example:8443"))
        assert names[3:] == ["10.1.2.3", "baton.northwind.example"]
        assert serve.hosts(Desk(host="0.0.0.0")) == names[:3]

    def test_two_desks_on_one_machine_do_not_sign_each_other_out(self) -> None:
        assert serve.cookie(Desk(), 8377) != serve.cookie(Desk(), 8378)


async def answering(scope: Any, receive: Any, send: Any) -> None:
    """An application that answers."""
    await PlainTextResponse("hello")(scope, receive, send)


hello = Trouble(Limits(answering))


@contextmanager
def served(tmp_path: Path) -> Iterator[int]:
    """`hello` at a port."""
    ready, stop = threading.Event(), threading.Event()
    with serve.listening(Desk(port=0), tmp_path) as own:
        port = own.getsockname()[1]
        thread = threading.Thread(target=serve.serve, args=(hello, own, ready.set, stop))
        thread.start()
        assert ready.wait(30)
        try:
            yield port
        finally:
            stop.set()
            thread.join()


def test_an_end_that_was_asked_for_before_it_began_is_heard(tmp_path: Path) -> None:
    asked = threading.Event()
    with serve.listening(Desk(port=0), tmp_path) as own:
        serve.serve(hello, own, asked.set, asked)


class TestSlow:
    def test_who_says_nothing_or_half_of_it_is_hung_up_on(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(slow.Patient, "seconds", 0.05)
        with served(tmp_path) as port:
            for said in (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: "):
                with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                    connection.sendall(said)
                    assert connection.recv(100) == b""
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                assert connection.recv(1000).startswith(b"HTTP/1.1 200")
                # A further request on the same connection has its deadline, too.
                connection.sendall(b"GET / HTTP/1.1\r\nX-A: ")
                assert connection.recv(1000) in (b"", b"hello")

    def test_headers_larger_than_any_browser_sends_are_refused(self, tmp_path: Path) -> None:
        with served(tmp_path) as port:
            for length, status in ((1000, 200), (HEADERS + 1, 431)):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                with closing(connection):
                    connection.request("GET", "/", headers={"Cookie": "x" * length})
                    with connection.getresponse() as answer:
                        assert answer.status == status
                        answer.read()


def test_the_command_serves_until_it_is_told_to_end(desk_of: Make) -> None:
    line = desk_of()
    line.app.close()
    arguments = [sys.executable, "-m", "connector.cli", "--config", str(line.folder / "config.toml"), "desk"]
    process = subprocess.Popen(
        [*arguments, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "LANG": "C.UTF-8", "NO_COLOR": "1"},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)(/enter\?key=\S+)", process.stdout.readline())
        assert found is not None
        connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=30)
        connection.request("GET", found[2])
        answer = connection.getresponse()
        answer.read()
        cookie = str(answer.headers["set-cookie"]).partition(";")[0]
        assert answer.status == 303
        assert answer.headers["server"] is None
        connection.request("GET", "/", headers={"Cookie": cookie})
        page = connection.getresponse()
        assert (page.status, b"Baton" in page.read()) == (200, True)
        connection.close()
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert found[2].rpartition("=")[2] not in said
    assert "GET /enter 303" in said
    assert "Traceback" not in said


def test_where_it_must_not_listen_it_does_not(desk_of: Make) -> None:
    from click.testing import CliRunner

    from connector.cli.root import baton

    line = desk_of()
    config = ["--config", str(line.folder / "config.toml")]
    for host in ("0.0.0.0", "10.1.2.3", "::"):
        answer = CliRunner().invoke(baton, [*config, "desk", "--host", host])
        assert answer.exit_code == 2
        assert "beyond this machine" in answer.output
    answer = CliRunner().invoke(baton, [*config, "desk", "--as", "lenna@northwind.example"])
    assert "did you mean lena@northwind.example?" in answer.output
    with serve.listening(replace(Desk(), port=0), line.folder) as own:
        own.listen()
        answer = CliRunner().invoke(baton, [*config, "desk", "--port", str(own.getsockname()[1])])
    assert answer.exit_code == 2
    assert "cannot listen there" in answer.output
