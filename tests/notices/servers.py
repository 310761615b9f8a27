"""A mail server and a web hook on loopback that take what they are told to, and keep it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event, Thread
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Postbox:
    """What was handed in. `answers` are given first, one a letter (`450 try later`); None cuts the line after DATA."""

    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    answers: list[str | None] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """The server's address, as a secret holds it."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer is None or answer.startswith("250"):
            raw = cast(bytes, envelope.original_content)
            self.letters.append(message_from_bytes(raw, policy=policy.default))
            self.recipients.append(list(envelope.rcpt_tos))
        if answer is None:
            cast(Any, server).transport.abort()
            return "250 OK"
        return answer

    def subjects(self) -> list[str]:
        """Subjects, in the order they came."""
        return [str(letter["Subject"]) for letter in self.letters]

    def to(self, email: str) -> list[EmailMessage]:
        """Letters to one person."""
        return [one for one, to in zip(self.letters, self.recipients, strict=True) if to == [email]]


@contextmanager
def mail_server(postbox: Postbox) -> Iterator[Postbox]:
    """A real SMTP server in a thread of its own."""
    loop, ready = asyncio.new_event_loop(), Event()
    servers: list[asyncio.Server] = []

    async def begin() -> None:
        servers.append(await loop.create_server(lambda: SMTP(postbox, loop=loop), "127.0.0.1", 0))
        postbox.port = servers[0].sockets[0].getsockname()[1]
        ready.set()

    async def end() -> None:
        servers[0].close()
        mine = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)
        loop.stop()

    loop.create_task(begin())
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    assert ready.wait(5)
    try:
        yield postbox
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop)
        thread.join(5)
        loop.close()
