"""What lies between Baton and a platform, and goes wrong: a TCP proxy before a local server.

It knows just enough of HTTP/1.1 to tell where a request and a reply end (a length, or the end of the connection), and
keeps connections open. Each call may be disturbed, as ordered or by a seeded share: the n-th call that arrives meets
the n-th decision. Calls to `/_sandbox/` pass as they are.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import IO, Any, Literal, Self

from connector.sandbox.faults import Fault, Faults
from connector.sandbox.server import SANDBOX
from connector.sandbox.wire import Reply

#: How the answer to a call breaks.
Break = Literal["", "late", "reset", "half", "lost", "head", "body", "drip"]
_PAGE = b"<!doctype html><html><title>Welcome</title><h1>Please sign in to the guest network</h1></html>"
#: Valid JSON that no call of these platforms is answered with.
_SHAPES: tuple[Any, ...] = ({"unexpected": True}, [], "ok", [None], {"results": "none", "records": "none"}, 7, {})


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One kind of fault: whether the server is asked (`worked`), how the answer breaks, or what is said instead."""

    worked: bool
    breaks: Break = ""
    reply: Reply | None = None


def _instead(status: int, body: Any = None, *, worked: bool = False, **headers: str) -> Disturbance:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Disturbance(worked, reply=Reply(status, body, told))


def _page(*, worked: bool) -> Disturbance:
    return _instead(200, _PAGE, worked=worked, Content_Type="text/html")


#: Every kind of fault, by the name it is counted under.
KINDS: Mapping[str, Disturbance] = {
    "latency": Disturbance(True, "late"),
    "reset": Disturbance(False, "reset"),
    "reset within the request": Disturbance(False, "half"),
    "reply lost": Disturbance(True, "lost"),
    "cut in the header": Disturbance(True, "head"),
    "cut in the body": Disturbance(True, "body"),
    "drip": Disturbance(True, "drip"),
    "429": _instead(429, {}),
    "429 with Retry-After": _instead(429, {}, Retry_After="5"),
    "502": _instead(502, b"<html>Bad gateway</html>", Content_Type="text/html"),
    "503": _instead(503, {}),
    "504": _instead(504, b"", Content_Type="text/html"),
    "500 after the work": _instead(500, {}, worked=True),
    "HTML": _page(worked=False),
    "HTML after the work": _page(worked=True),
    "wrong JSON": _instead(200, _SHAPES),
    "wrong JSON after the work": _instead(200, _SHAPES, worked=True),
    "empty": _instead(200),
    "empty after the work": _instead(200, worked=True),
}
#: Kinds that leave the call's answer as it is.
HARMLESS = ("latency", "drip")
#: So many calls in a row meet the same: what answers so does so for a while.
BURSTS: Mapping[str, int] = {"502": 3, "503": 3, "504": 2, "429": 2}


@dataclass(slots=True)
class Chance:
    """A share (0 to 1) of all calls that is disturbed, bursts counted call by call; the same for the same seed.

    It is kept to: what chance has left out is made up for.
    """

    share: float
    seed: int = 0
    kinds: tuple[str, ...] = tuple(kind for kind in KINDS if kind not in HARMLESS)
    _random: Random = field(init=False)
    _again: list[str] = field(default_factory=list)
    _calls: int = 0
    _met: int = 0

    def __post_init__(self) -> None:
        self._random = Random(self.seed)  # noqa: S311 - chance, no secret

    def next(self) -> str:
        """The kind that the next call meets, "" for none."""
        self._calls += 1
        if not self._again and self._random.random() < self._begins():
            kind = self._random.choice(self.kinds)
            self._again = [kind] * BURSTS.get(kind, 1)
        self._met += bool(self._again)
        return self._again.pop() if self._again else ""

    def _begins(self) -> float:
        """The chance that a fault begins now, and of bursts of their average length the share of calls is as wanted."""
        if self.share >= 1:
            return 1.0
        length = sum(BURSTS.get(kind, 1) for kind in self.kinds) / len(self.kinds)
        usual = self.share / (self.share + length * (1 - self.share))
        return usual * (1.5 if self._met < self.share * self._calls else 0.5)


class Proxy:
    """Listens at a port of this machine before the server at `server`.

    `faults` takes orders (`add(kind, match=..., times=..., after=...)`; for `latency` and `drip` also `seconds`, for
    `429 with Retry-After` the same as what it says, for `wrong JSON` the `body`); what nobody ordered meets `chance`.
    `calls` counts all calls, `counts` what was done to them.
    """

    def __init__(self, server: int, chance: Chance | None = None) -> None:
        self.server, self.chance = server, chance
        self.faults = Faults(KINDS)
        self.calls = 0
        self.counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self._port = 0

    @property
    def port(self) -> int:
        """The port it listens at: the same after a stop."""
        return self._port

    @property
    def url(self) -> str:
        """The address to call, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> Self:
        """Listen."""
        listener = self._listener = socket.create_server(("127.0.0.1", self._port), backlog=128)
        self._port = listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Close the port, so that connections are refused, and end those that there are."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def disturbed(self) -> int:
        """How many calls were not answered as the server would have."""
        return self.counts.total() - sum(self.counts[kind] for kind in HARMLESS)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with self._lock:
            self._open.add(client)
        try:
            with contextlib.suppress(OSError), _Server(self.server) as server, client.makefile("rb") as asked:
                while (request := _message(asked)) is not None and self._pass(request, client, server):
                    pass
        finally:
            with self._lock:
                self._open.discard(client)
            _close(client)

    def _pass(self, request: _Message, client: socket.socket, server: _Server) -> bool:
        """Pass one call on, disturbed or not; whether the connection stays open."""
        fault = self._fault(request)
        kind = KINDS[fault.kind] if fault is not None else Disturbance(True)
        seconds = float(fault.args.get("seconds", 0.005)) if fault is not None else 0.0
        if kind.breaks == "half":
            server.half(request)
        if kind.breaks in ("reset", "half"):
            _reset(client)
            return False
        if kind.breaks == "late":
            time.sleep(seconds)
        answer = server.ask(request) if kind.worked else b""
        if answer is None:
            return False
        if kind.reply is not None and fault is not None:
            answer = self._instead(kind.reply, fault)
        return _say(client, answer, kind.breaks, seconds)

    def _fault(self, request: _Message) -> Fault | None:
        method, path, *_ = request.first.split(" ")
        if path.startswith(SANDBOX):
            return None
        with self._lock:
            self.calls += 1
            fault = self.faults.take(method, path)
            if fault is None and self.chance is not None and (drawn := self.chance.next()):
                fault = Fault(drawn)
            if fault is not None:
                self.counts[fault.kind] += 1
        return fault

    def _instead(self, reply: Reply, fault: Fault) -> bytes:
        body, headers = reply.body, dict(reply.headers)
        if body is _SHAPES:
            body = fault.args.get("body", _SHAPES[self.counts[fault.kind] % len(_SHAPES)])
        if "Retry-After" in headers and "seconds" in fault.args:
            headers["Retry-After"] = str(fault.args["seconds"])
        told = Reply(reply.status, body, headers)
        data = told.data()
        return told.head(len(data)) + data


@dataclass(frozen=True, slots=True)
class _Message:
    """A request or a reply: its first line, and all of its bytes, of which the first `head` are not its body."""

    first: str
    data: bytes
    head: int


def _message(file: IO[bytes], *, reply: bool = False) -> _Message | None:
    """The next message; None where the other side has closed before its end."""
    lines: list[bytes] = []
    while not lines or lines[-1] not in (b"\r\n", b"\n", b""):
        lines.append(file.readline())
    if lines[-1] == b"":
        return None
    named = {name.strip().lower(): told.strip() for name, _, told in (line.partition(b":") for line in lines[1:])}
    head, first = b"".join(lines), lines[0].decode("latin-1").strip()
    if reply and b"content-length" not in named:
        body = b"" if first.split(" ")[1] in ("204", "304") else file.read()
        return _Message(first, head + body, len(head))
    length = int(named.get(b"content-length", b"0"))
    body = file.read(length)
    return _Message(first, head + body, len(head)) if len(body) == length else None


class _Server:
    """The connection to the server behind, made with the first call."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
        if self._socket is not None:
            _close(self._socket)
        self._socket = self._file = None

    def ask(self, request: _Message) -> bytes | None:
        """Its reply; None where there is none. It is asked once: a request is never made twice here."""
        sock, file = self._connected()
        sock.sendall(request.data)
        reply = _message(file, reply=True)
        return None if reply is None else reply.data

    def half(self, request: _Message) -> None:
        """Half of a request's body, and the end of the connection."""
        sock, _ = self._connected()
        body = len(request.data) - request.head
        sock.sendall(request.data[: request.head + body // 2 if body else 0])
        self.__exit__()

    def _connected(self) -> tuple[socket.socket, IO[bytes]]:
        if self._socket is None or self._file is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._file = self._socket.makefile("rb")
        return self._socket, self._file


def _say(client: socket.socket, answer: bytes, breaks: Break, seconds: float) -> bool:
    """Say an answer as it is to be heard; whether the connection stays open."""
    head = answer.find(b"\r\n\r\n") + 4
    if breaks == "drip":
        for piece in _pieces(answer, 5):
            client.sendall(piece)
            time.sleep(seconds / 5)
        return True
    kept = {"lost": 0, "head": head // 2, "body": head + max(len(answer) - head, 0) // 2}.get(breaks, len(answer))
    client.sendall(answer[:kept])
    return kept == len(answer) and breaks in ("", "late")


def _pieces(data: bytes, count: int) -> list[bytes]:
    size = max(1, -(-len(data) // count))
    return [data[at : at + size] for at in range(0, len(data), size)]


def _reset(client: socket.socket) -> None:
    """The next close tells the other side that the connection is broken, not that it has ended."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _close(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.close()
