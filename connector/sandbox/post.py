"""A mail server and a web hook on this machine, which keep every message that they take.

Faults are ordered as from any local server. The mail server meets those for `DATA <address>`: `status` (answered with
`code`, and not taken), `drop` (closed without an answer, not taken) and `lost` (taken, and closed without an answer);
what nobody ordered meets `chance`, by the kinds of `MAIL_FAULTS`.
"""

from __future__ import annotations

import socketserver
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from email import message_from_bytes, policy
from typing import Any, Self

from connector.sandbox.clock import Clock
from connector.sandbox.faults import Fault
from connector.sandbox.proxy import Chance
from connector.sandbox.server import LocalServer
from connector.sandbox.wire import Call, Reply

__all__ = ["MAIL_FAULTS", "Letter", "PostServer"]

#: Seconds between two looks of the mail server whether to stop.
LOOK = 0.005
#: What chance does to a mail that is handed in, by the name it is counted under.
MAIL_FAULTS: Mapping[str, Fault] = {
    "450": Fault("status", args={"code": 450}),
    "mail: reset": Fault("drop"),
    "mail: reply lost": Fault("lost"),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that was taken: to an address or a hook's path. `id` is the Message-ID of a mail."""

    to: str
    id: str
    subject: str
    text: str


class PostServer(LocalServer):
    """The web hook, which takes JSON with `title` and `message` at any path, and a mail server beside it.

    `/_sandbox/state` answers all that was taken, in its order; with `mail`, the mail server's address. `mails` counts
    how many were handed in, `counts` what chance did to them.
    """

    def __init__(self, *, clock: Clock | None = None) -> None:
        super().__init__(self._hooked, clock=clock, look=self._looked)
        self.letters: list[Letter] = []
        self.chance: Chance | None = None
        self.mails = 0
        self.counts = Counter[str]()
        self._lock = threading.Lock()
        self._mail = _Mail(("127.0.0.1", 0), self)

    @property
    def mail_url(self) -> str:
        """The address of the mail server, as a secret holds it."""
        return f"smtp://127.0.0.1:{self.mail_port}"

    @property
    def mail_port(self) -> int:
        """The port of the mail server."""
        return int(self._mail.server_address[1])

    def start(self) -> Self:
        """Listen at both ports."""
        super().start()
        threading.Thread(target=self._mail.serve_forever, args=(LOOK,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Close both ports."""
        if self._thread is not None:
            self._mail.shutdown()
        self._mail.server_close()
        super().stop()

    def _looked(self, query: dict[str, list[str]]) -> Any:
        return self.mail_url if "mail" in query else [asdict(one) for one in self.letters]

    def _hooked(self, call: Call) -> Reply:
        said = call.json()
        self.letters.append(Letter(call.path, "", str(said["title"]), str(said["message"])))
        return Reply(body={})

    def delivered(self, to: list[str], data: bytes) -> str | None:
        """The answer to a mail that was handed in; None for none at all."""
        fault = self.faults.take("DATA", to[0]) or self._by_chance()
        if fault is not None and fault.kind == "status":
            return f"{fault.args.get('code', 450)} ordered"
        if fault is None or fault.kind == "lost":
            mail = message_from_bytes(data, policy=policy.default)
            body = mail.get_body(("plain",))
            text = str(body.get_content()) if body else ""
            subject, name = str(mail["Subject"] or ""), str(mail["Message-ID"] or "")
            self.letters += [Letter(one, name, subject, text.strip()) for one in to]
        return None if fault is not None else "250 taken"

    def _by_chance(self) -> Fault | None:
        with self._lock:
            self.mails += 1
            kind = self.chance.next() if self.chance else ""
            self.counts[kind] += bool(kind)
        return MAIL_FAULTS.get(kind)


class _Mail(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], owner: PostServer) -> None:
        self.owner = owner
        super().__init__(address, _Session)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is no fault of ours."""


class _Session(socketserver.StreamRequestHandler):
    """One session (RFC 5321), with as much of it as handing a mail in takes."""

    server: _Mail
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self._to: list[str] = []
        self._say("220 baton.sandbox")
        while line := self.rfile.readline():
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            answer = self._answer(verb.upper(), rest)
            if answer is None:
                return
            self._say(answer)
            if verb.upper() == "QUIT":
                return

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())

    def _answer(self, verb: str, rest: str) -> str | None:
        match verb:
            case "EHLO" | "HELO":
                return "250 baton.sandbox"
            case "RCPT":
                self._to.append(rest.partition("<")[2].partition(">")[0])
            case "DATA" if self._to:
                return self._taken()
            case "MAIL" | "RSET":
                self._to = []
            case "NOOP":
                pass
            case "QUIT":
                return "221 bye"
            case _:
                return "503 not now"
        return "250 OK"

    def _taken(self) -> str | None:
        self._say("354 go on")
        lines: list[bytes] = []
        while (line := self.rfile.readline()).rstrip(b"\r\n") != b".":
            if not line:
                return None
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        to, self._to = self._to, []
        return self.server.owner.delivered(to, b"".join(lines))
