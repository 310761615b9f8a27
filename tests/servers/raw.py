"""A server of bytes: it says what a test wrote, breaks off where the test says so, and notes what it was asked."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

#: One step of an answer: bytes to say, seconds to wait, or how to end.
RESET, CLOSE = "reset", "close"
Step = bytes | float | str


@dataclass(frozen=True)
class Asked:
    """One request as it came. `headers` have lower-case names."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Script = Callable[[Asked], Iterable[Step]]


def said(status: int, body: Any = None, **headers: str) -> bytes:
    """A whole answer; a body that is not bytes is sent as JSON."""
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    names = {"content-type": "application/json", "content-length": str(len(raw))}
    names |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in names.items())
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + raw


@dataclass
class RawServer:
    """Listens in threads; `script` answers. `connections` counts those that were made."""

    script: Script
    context: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    _open: list[socket.socket] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            # Whoever reads from it is woken: no thread outlives its test.
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            talk = self.context.wrap_socket(connection, server_side=True) if self.context else connection
            with talk, talk.makefile("rb") as file:
                while (asked := _request(file)) is not None:
                    self.asked.append(asked)
                    if not self._answer(talk, asked):
                        return
        except OSError:
            return

    def _answer(self, talk: socket.socket, asked: Asked) -> bool:
        """Follow the script; whether the connection stays open."""
        for step in self.script(asked):
            if isinstance(step, bytes):
                talk.sendall(step)
            elif isinstance(step, str):
                if step == RESET:
                    talk.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                else:
                    talk.shutdown(socket.SHUT_RDWR)
                return False
            else:
                time.sleep(step)
        return True


def _request(file: Any) -> Asked | None:
    first = file.readline().decode("latin-1").split()
    if len(first) < 2:
        return None
    headers = {}
    while (line := file.readline().strip()) != b"":
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    length = int(headers.get("content-length", 0))
    body = file.read(length)
    return Asked(first[0], first[1], headers, body) if len(body) == length else None


def turns(*answers: Iterable[Step]) -> Script:
    """The answers one after the other; the last one stays."""
    left = [list(answer) for answer in answers]

    def script(_asked: Asked) -> Iterable[Step]:
        return left.pop(0) if len(left) > 1 else left[0]

    return script
