"""Where a server's mail ends up: an SMTP server that keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

from aiosmtpd.controller import Controller

from tests.servers.tryton.process import free_port


@dataclass(slots=True)
class Mailbox:
    """The mail for everybody, oldest first."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep a mail, as aiosmtpd hands it over."""
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def since_now(self) -> Inbox:
        """Only what comes from now on."""
        return Inbox(self.mails, len(self.mails))


@dataclass(frozen=True, slots=True)
class Inbox:
    """The mail from a certain one on."""

    mails: Sequence[EmailMessage]
    first: int

    def to(self, address: str) -> list[EmailMessage]:
        """The mail to one address."""
        return [one for one in self.mails[self.first :] if address in str(one["To"])]


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = {"a": "href", "img": "src"}.get(tag, "")
        self.found += [(tag, value) for name, value in attrs if name == wanted and value]


def links(mail: EmailMessage) -> tuple[list[str], list[str]]:
    """Where the links of a mail lead, and where its pictures come from."""
    body = mail.get_body(("html",))
    parser = _Links()
    parser.feed(body.get_content() if body else "")
    return [url for tag, url in parser.found if tag == "a"], [url for tag, url in parser.found if tag == "img"]


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A mailbox that receives, at `port` of this machine."""
    box = Mailbox(free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
