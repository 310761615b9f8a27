"""Local servers in a process of their own, and what is asked of them from outside.

The process is a copy of the one that filled the platforms: it costs a fork, has the platforms as they stood at that
moment, and ends with the block. A line that runs in another process may listen to how far the servers are within a
batch, and whoever dies at that has half a batch done.
"""

from __future__ import annotations

import contextlib
import gc
import http.client
import json
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NoReturn
from urllib.parse import urlencode

from connector.sandbox.ledger import Deed
from connector.sandbox.server import LocalServer
from connector.sandbox.wire import Call, HalfDone, Reply
from connector.selftest.left import Heard
from connector.selftest.world import Step

#: Seconds after which a server does not answer at all.
LONGEST = 60.0
_GO_ON, _READY = b".", b"+"
#: Calls that write nothing, whatever their method is.
READS = re.compile(r"(GET |.*/search\b|.*/batch/read\b|POST /services/data/[^?]*/composite/sobjects/\w+\b)")
#: No call at all.
NONE = re.compile(r"(?!)")


class Served:
    """The servers from outside: what they hold, what people do there, faults, and the one clock of them all."""

    def __init__(self, ports: Mapping[str, int], batches: int) -> None:
        self.ports = ports
        self._batches = batches
        self._first = next(iter(ports))
        self._now = datetime.fromisoformat(self.ask(self._first, "GET", "clock")["now"])

    def url(self, server: str) -> str:
        """The address of a server, without a slash at the end."""
        return f"http://127.0.0.1:{self.ports[server]}"

    def ask(self, server: str, method: str, what: str, wish: Any = None) -> Any:
        """One call to `/_sandbox/`, on a connection of its own. Raises ValueError for what the server refuses."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[server], timeout=LONGEST)
        try:
            body = None if wish is None else json.dumps(wish)
            connection.request(method, f"/_sandbox/{what}", body, {"Connection": "close"})
            answer = connection.getresponse()
            said = json.loads(answer.read() or b"null")
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise ValueError(f"{server} {what}: {said}")
        return said

    def now(self) -> datetime:
        """The time in the servers, which stands still but for `move`."""
        return self._now

    def move(self, seconds: float) -> None:
        """Put the clock on."""
        self._now = datetime.fromisoformat(self.ask(self._first, "POST", "clock", {"move": seconds})["now"])

    def look(self) -> None:
        """Take over the time that another process has moved on."""
        self.move(0)

    def hubspot(self, do: str, **wish: Any) -> Any:
        """What somebody does in HubSpot."""
        return self.ask("hubspot", "POST", "edit", {"do": do, **wish})

    def salesforce(self, act: str, **wish: Any) -> Any:
        """What somebody does in Salesforce."""
        return self.ask("salesforce", "POST", "edit", {"act": act, **wish})["result"]

    def fault(self, server: str, kind: str, **wish: Any) -> None:
        """Order a fault."""
        self.ask(server, "POST", "faults", {"kind": kind, **wish})

    def clear_faults(self) -> None:
        """Forget those that nobody met."""
        for server in self.ports:
            self.ask(server, "DELETE", "faults")

    def state(self, server: str, **query: str) -> Any:
        """What a platform holds."""
        return self.ask(server, "GET", f"state?{urlencode(query)}")

    def records(self, object: str) -> list[Mapping[str, Any]]:
        """Live records of Salesforce."""
        return [one for one in self.state("salesforce", object=object) if not one["IsDeleted"]]

    def deeds(self) -> list[Deed]:
        """What was done to records through the servers."""
        told = [deed for server in self.ports for deed in self.ask(server, "GET", "ledger?route=none")["deeds"]]
        return [Deed(**{**deed, "fields": tuple(deed["fields"])}) for deed in told]

    def errors(self) -> list[str]:
        """What the servers themselves failed in."""
        return [error for server in self.ports for error in self.state(server, errors="1")]

    def heard(self) -> str:
        """What the servers were asked to write, in one word; of a process that has died, all that arrived."""
        self.settle()
        said: str = self.state(self._first, heard="1")
        return said

    @contextmanager
    def between_items(self, step: Step) -> Iterator[None]:
        """Let each batch tell `step` how far it is. Should this process die at that, the rest is not done."""
        with socket.create_connection(("127.0.0.1", self._batches), LONGEST) as line:
            line.settimeout(None)
            line.recv(1)
            thread = threading.Thread(target=_listen, args=(line, step), daemon=True)
            thread.start()
            try:
                yield
            finally:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
                thread.join()

    def settle(self) -> None:
        """Wait until a process that died within a batch is known to be dead."""
        with socket.create_connection(("127.0.0.1", self._batches), LONGEST) as line:
            line.recv(1)


def _listen(line: socket.socket, step: Step) -> None:
    with contextlib.suppress(OSError), line.makefile() as told:
        for name in told:
            step(name.strip())
            line.sendall(_GO_ON)


@contextmanager
def served(servers: Mapping[str, LocalServer], reads: re.Pattern[str] = READS) -> Iterator[Served]:
    """Serve `servers`, which were not started, in a process that ends with the block. They share one clock.

    `reads` are the calls after which a server is as it was before.
    """
    batches = _Batches(Heard(reads))
    waiting, ending = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(ending)
        _serve(servers, batches, waiting)
    os.close(waiting)
    batches.stop()
    for server in servers.values():
        server.stop()
    try:
        yield Served({name: server.port for name, server in servers.items()}, batches.port)
    finally:
        os.close(ending)
        os.waitpid(process, 0)


def _serve(servers: Mapping[str, LocalServer], batches: _Batches, waiting: int) -> NoReturn:
    """Serve until the other side of `waiting` is closed; this process ends here."""
    # It will not live long; looking through what it shares with its parent would copy all that.
    gc.disable()
    try:
        for server in servers.values():
            server.between = batches.between
            server.app = _noted(server.app, batches.heard)
            confess(server)
        _tell_heard(servers, batches.heard)
        for server in servers.values():
            server.start()
        threading.Thread(target=batches.listen, daemon=True).start()
        os.read(waiting, 1)
    finally:
        os._exit(0)


def confess(server: LocalServer) -> None:
    """Let the server's own failures be looked at: `/_sandbox/state?errors=1`."""
    look = server.look
    assert look is not None  # noqa: S101 - both platforms can be looked at
    server.look = lambda query: list(server.errors) if "errors" in query else look(query)


def _noted(app: Callable[[Call], Reply], heard: Heard) -> Callable[[Call], Reply]:
    """An application whose calls are noted, those too that end in the middle."""

    def answer(call: Call) -> Reply:
        try:
            return app(call)
        finally:
            heard.note(call.method, call.path, call.body)

    return answer


def _tell_heard(servers: Mapping[str, LocalServer], heard: Heard) -> None:
    """Let what was heard be looked at: `/_sandbox/state?heard=1`, once nobody else is connected."""
    first = next(iter(servers.values()))
    look = first.look
    assert look is not None  # noqa: S101 - it confesses
    everywhere = list(servers.values())

    def looked(query: dict[str, list[str]]) -> Any:
        return heard.all(lambda: sum(one.callers() for one in everywhere)) if "heard" in query else look(query)

    first.look = looked


class _Batches:
    """Tells one listener after the other how far a batch is, and hears whether it still lives."""

    def __init__(self, heard: Heard) -> None:
        self.heard = heard
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._lock = threading.Lock()
        self._line: socket.socket | None = None
        self._heard = threading.Event()

    def stop(self) -> None:
        """Close this process's hold of the port."""
        self._socket.close()

    def listen(self) -> None:
        """Take one listener after the other, each until it has hung up."""
        while True:
            line, _ = self._socket.accept()
            with line, contextlib.suppress(OSError):
                self._line = line
                line.sendall(_READY)
                while line.recv(1):
                    self._heard.set()
            self._line = None
            self._heard.set()

    def between(self, call: Call, done: int, of: int) -> None:
        """Raises HalfDone where the listener dies of it."""
        self.heard.between(call.path, done)
        with self._lock:
            line = self._line
            if line is None:
                return
            self._heard.clear()
            try:
                line.sendall(f"after item {done} of {of} of {call.method} {call.path}\n".encode())
            except OSError:
                raise HalfDone from None
            self._heard.wait()
            if self._line is not line:
                raise HalfDone


class Waiting(threading.Event):
    """An event whose `wait` moves the clock on: a platform's limits cost no real time."""

    def __init__(self, move: Callable[[float], None]) -> None:
        super().__init__()
        self._move = move

    def wait(self, timeout: float | None = None) -> bool:
        """Let so many seconds go by."""
        self._move(timeout or 0.0)
        return self.is_set()
