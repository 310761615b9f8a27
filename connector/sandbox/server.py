"""A platform's server on this machine: what the sandbox and the tests talk to instead of the vendor.

A local server is an application (`Callable[[Call], Reply]`) behind threads and real sockets, with a
ledger of what it received, faults that can be ordered, and a clock that can be moved. Another
process looks and acts over `/_sandbox/`: `ledger`, `faults`, `clock`, `state` (what the platform
holds) and `edit` (what a person does in it). Those calls are neither counted nor disturbed.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs

from connector.sandbox.clock import Clock
from connector.sandbox.faults import BEFORE_THE_WORK, Fault, Faults
from connector.sandbox.ledger import Deed, Entry, Ledger
from connector.sandbox.wire import Call, HalfDone, Reply

__all__ = ["Call", "Clock", "Deed", "Entry", "Faults", "Ledger", "LocalServer", "Reply"]

App = Callable[[Call], Reply]
Watcher = Callable[[Call, Reply], None]
Look = Callable[[dict[str, list[str]]], Any]
Edit = Callable[[dict[str, Any]], Any]
Between = Callable[[Call, int, int], None]

SANDBOX = "/_sandbox/"
_PAGE = b"<!doctype html><html><title>Bad gateway</title><h1>Bad gateway</h1></html>"


class LocalServer:
    """An application behind a port of this machine.

    `latency` (seconds) is added to every answer, as a distant platform would. `look` answers
    `/_sandbox/state` (given the query) and `edit` `/_sandbox/edit` (given the JSON body; a
    ValueError of it is told to the caller). `watchers` see every call that the application
    answered; `between` is told within each batch, after each item but the last, how many are done of
    how many, and may raise `HalfDone`. `errors` collects tracebacks of an application that failed: a
    test asserts it empty.
    """

    def __init__(
        self,
        app: App,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        latency: float = 0.0,
        clock: Clock | None = None,
        ledger: Ledger | None = None,
        look: Look | None = None,
        edit: Edit | None = None,
    ) -> None:
        self.app = app
        self.latency = latency
        self.clock = clock or Clock()
        self.ledger = ledger or Ledger()
        self.faults = Faults()
        self.look = look
        self.edit = edit
        self.watchers: list[Watcher] = []
        self.between: Between | None = None
        self.errors: list[str] = []
        self._http = _Http((host, port), self)
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port it listens at."""
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        """The address to call it at, without a slash at the end."""
        return f"http://{self._http.server_address[0]!s}:{self.port}"

    def callers(self) -> int:
        """How many connections are open."""
        return len(self._http.open)

    def start(self) -> Self:
        """Listen, in a thread of its own."""
        self._thread = threading.Thread(target=self._http.listen, daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the port and every connection."""
        if self._thread is not None:
            self._http.end()
            self._thread.join()
            self._thread = None
        self._http.server_close()
        self._http.hang_up()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def answer(self, call: Call) -> Reply:
        """The application's answer, watched; an application that fails answers 500. Raises HalfDone."""
        if self.between is not None:
            call.between = partial(self.between, call)
        try:
            reply = self.app(call)
        except HalfDone:
            raise
        except Exception:  # noqa: BLE001 - a fault of ours must reach the test, not end the connection
            self.errors.append(traceback.format_exc())
            return Reply(500, {"message": "the local server failed: see its errors"})
        for watcher in self.watchers:
            watcher(call, reply)
        return reply

    def enter(self, call: Call, status: int, fault: str) -> None:
        """Note the call in the ledger."""
        route = call.route or call.path
        self.ledger.enter(Entry(self.clock.seconds(), call.method, route, status, call.items, fault))

    def control(self, call: Call) -> Reply:
        """A call to /_sandbox/."""
        try:
            return Reply(body=self._controlled(call))
        except (ValueError, KeyError, TypeError) as error:
            return Reply(400, {"message": str(error)})

    def _controlled(self, call: Call) -> Any:
        what, wish = call.path.removeprefix(SANDBOX), call.json()
        match call.method, what:
            case "GET", "ledger":
                return self.ledger.asdict(call.first("route"))
            case "DELETE", "ledger":
                self.ledger.clear()
            case "GET", "faults":
                return self.faults.left()
            case "DELETE", "faults":
                self.faults.clear()
            case "POST", "faults":
                self.faults.add(**wish)
            case (("GET" | "POST"), "clock"):
                return self.clock.order(wish or {})
            case "GET", "state" if self.look is not None:
                return self.look(call.query)
            case "POST", "edit" if self.edit is not None:
                return self.edit(wish)
            case _:
                raise ValueError(f"no {call.method} {call.path} here")
        return {}


class _Http(ThreadingHTTPServer):
    """The listening socket; it knows its open connections, so that stopping ends them too."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], owner: LocalServer) -> None:
        self.owner = owner
        self.open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._ended = False
        super().__init__(address, _Handler)

    def listen(self) -> None:
        """Take connections until the end. Nothing is looked at meanwhile: whoever waits costs nothing."""
        while not self._ended:
            self.handle_request()

    def end(self) -> None:
        """Let `listen` end: one connection more wakes it."""
        self._ended = True
        with contextlib.suppress(OSError):
            socket.create_connection(self.socket.getsockname(), timeout=5.0).close()

    def verify_request(self, *_: Any) -> bool:
        """Nobody is answered after the end."""
        return not self._ended

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is no fault of ours, and standard error is not ours to write to."""

    def hang_up(self) -> None:
        """End every connection that is still open."""
        with self._lock:
            for connection in self.open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """One connection, kept alive."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Http

    def log_message(self, format: str, *args: Any) -> None:
        """Standard error stays silent: the ledger has it."""

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline:
            self.close_connection = True
        elif self.parse_request():
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:
                # Whoever called has died within the call: it was never made.
                self._close()
            else:
                self._serve(self._read(body))

    def _read(self, body: bytes) -> Call:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Call(self.command, path, parse_qs(query, keep_blank_values=True) if query else {}, headers, body)

    def _serve(self, call: Call) -> None:
        owner = self.server.owner
        if call.path.startswith(SANDBOX):
            self._say(owner.control(call))
            return
        fault = owner.faults.take(call.method, call.path)
        if owner.latency:
            time.sleep(owner.latency)
        if fault is not None and fault.kind in BEFORE_THE_WORK:
            owner.enter(call, 0, fault.kind)
            self._fail_before(fault)
            return
        if fault is not None and fault.kind == "half":
            call.between = partial(_end_after, fault.args.get("items"))
        try:
            reply = owner.answer(call)
        except HalfDone:
            owner.enter(call, 0, fault.kind if fault else "")
            self._close()
            return
        owner.enter(call, reply.status, fault.kind if fault else "")
        if fault is None:
            self._say(reply)
        else:
            self._fail_after(fault, reply)

    def _say(self, reply: Reply) -> None:
        data = reply.data()
        self.wfile.write(reply.head(len(data)) + data)

    def _fail_before(self, fault: Fault) -> None:
        args = fault.args
        if fault.kind == "drop":
            self._close()
        elif fault.kind == "html":
            self._say(Reply(200, args.get("body", _PAGE), {"Content-Type": "text/html"}))
        elif fault.kind == "wrong_json":
            self._say(Reply(200, args.get("body", {"unexpected": True})))
        else:
            self._say(Reply(int(args.get("code", 503)), args.get("body", {}), args.get("headers", {})))

    def _fail_after(self, fault: Fault, reply: Reply) -> None:
        data = reply.data()
        head = reply.head(len(data))
        seconds = float(fault.args.get("seconds", 0.05))
        if fault.kind == "slow":
            time.sleep(seconds)
            self.wfile.write(head + data)
        elif fault.kind == "drip":
            self._drip(head + data, seconds, int(fault.args.get("pieces", 5)))
        else:
            none = {"lost": b"", "half": b"", "cut_headers": head[: len(head) // 2]}
            kept = none.get(fault.kind, head + data[: len(data) // 2])
            self.wfile.write(kept)
            self._close()

    def _drip(self, data: bytes, seconds: float, pieces: int) -> None:
        size = max(1, -(-len(data) // pieces))
        for at in range(0, len(data), size):
            self.wfile.write(data[at : at + size])
            time.sleep(seconds / pieces)

    def _close(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


def _end_after(items: int | None, done: int, of: int) -> None:
    if done >= (of // 2 if items is None else items):
        raise HalfDone
