"""Sending notices: mail by SMTP, everything else by apprise.

Mail is ours because apprise makes a new Message-ID for each try and does not tell a passing refusal (450) from a
lasting one (550); with a Message-ID of the notice a mail that comes twice is shown once by many mail programs.
Apprise answers true or false only, so whatever it could not send is unknown.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from connector.model import sentences
from connector.model.addresses import is_this_machine
from connector.model.errors import BatonError
from connector.model.notices import Message
from connector.model.outbox import Done, NotExecuted, Outcome, Refused, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

DEADLINE, LATER = 20.0, 60.0
_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(slots=True)
class Notify:
    """Sends to `mail:<email>` through the mail server, and to `secret:<name>` whatever address that secret holds.

    `server` is the name of the secret with the mail server's address (`smtp://USER:PASSWORD@HOST:587`), `sender`
    the address that mail comes from.
    """

    secret: Callable[[str], str]
    server: str = ""
    sender: str = ""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def send(self, message: Message) -> Outcome:
        """What became of a message; what goes wrong is told without the address."""
        way, _, to = message.to.partition(":")
        try:
            if way == "mail":
                if not self.server:
                    return Refused(sentences.NO_MAIL_SERVER)
                return self._mail(self.secret(self.server), to, message)
            address = self.secret(to)
        except BatonError as error:
            return NotExecuted(str(error))
        if address.startswith(("smtp://", "smtps://")):
            return self._mail(address, _recipient(address), message)
        return _by_apprise(address, message)

    def _mail(self, server: str, to: str, message: Message) -> Outcome:
        sender = self.sender or _recipient(server)
        if not to or not sender:
            return Refused(sentences.NO_MAIL_ADDRESS)
        try:
            with _connected(server) as smtp:
                return _handed_in(smtp, self._letter(to, sender, message))
        except smtplib.SMTPAuthenticationError:
            return NotExecuted(sentences.MAIL_SIGN_IN)
        except smtplib.SMTPServerDisconnected:
            return Unknown(sentences.NO_MAIL_ANSWER)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            return NotExecuted(sentences.NO_MAIL_CONNECTION % {"fault": type(error).__name__})

    def _letter(self, to: str, sender: str, message: Message) -> EmailMessage:
        letter = EmailMessage()
        letter["Subject"], letter["From"], letter["To"] = message.subject, sender, to
        letter["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2] or 'baton'}>"
        letter["Date"] = format_datetime(self.clock())
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.text + "\n")
        for file in message.files:
            letter.add_attachment(file.text, subtype=file.type.partition("/")[2], filename=file.name)
        return letter


def _recipient(address: str) -> str:
    """Whom an address of a mailbox names: smtp://USER:PASSWORD@HOST/lena@northwind.example."""
    return unquote(urlsplit(address).path.strip("/"))


@contextmanager
def _connected(address: str) -> Iterator[smtplib.SMTP]:
    """A session with a mail server, encrypted but on this machine. Raises OSError, SMTPException, ValueError."""
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    # Reading the machine's certificates takes longer than all the rest: only where they are asked for.
    smtp = (
        smtplib.SMTP_SSL(host, port, timeout=DEADLINE, context=ssl.create_default_context())
        if parts.scheme == "smtps"
        else smtplib.SMTP(host, port, timeout=DEADLINE)
    )
    try:
        if parts.scheme == "smtp" and not is_this_machine(host):
            smtp.starttls(context=ssl.create_default_context())
        if parts.username:
            smtp.login(unquote(parts.username), unquote(parts.password or ""))
        yield smtp
    finally:
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()


def _handed_in(smtp: smtplib.SMTP, letter: EmailMessage) -> Outcome:
    """Hand a letter in; a refusal from 500 on is for good (RFC 5321, 4.2.1)."""
    try:
        smtp.send_message(letter)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()), (0, b""))[0]
        return _refused(code)
    except smtplib.SMTPResponseException as error:
        return _refused(error.smtp_code)
    except smtplib.SMTPNotSupportedError:
        # Letters in the address that this server does not take: nothing was sent, and never will be.
        return Refused(sentences.NO_MAIL_ADDRESS)
    except (smtplib.SMTPException, OSError):
        return Unknown(sentences.NO_MAIL_ANSWER)
    return Done(letter["Message-ID"])


def _refused(code: int) -> Outcome:
    said = sentences.MAIL_REFUSED % {"code": code}
    # Of this mailbox; the server takes others.
    return Refused(said, str(code)) if code >= 500 else NotExecuted(said, LATER)


def _by_apprise(address: str, message: Message) -> Outcome:
    # They log addresses, which hold tokens.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    logging.getLogger("urllib3.connectionpool").setLevel(logging.WARNING)
    from apprise import Apprise, NotifyFormat, NotifyType

    way = Apprise()
    if not way.add(address):
        return Refused(sentences.NO_SUCH_SERVICE)
    try:
        sent = way.notify(
            body=message.text, title=message.subject, notify_type=NotifyType.INFO, body_format=NotifyFormat.TEXT
        )
    except Exception as error:  # noqa: BLE001 - any fault of a service's module leaves the effect unknown
        return Unknown(type(error).__name__)
    return Done(message.id) if sent else Unknown(sentences.NOT_TAKEN)
