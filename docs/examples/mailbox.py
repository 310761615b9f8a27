"""A mail server on this machine that shows what it is given. It needs `aiosmtpd`: see docs/handoff.md."""

from __future__ import annotations

import time
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller

PORT = 8025


class Shows:
    """Prints each message as a person would read it."""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - their name
        """Take one message."""
        mail = message_from_bytes(envelope.content, policy=policy.default)
        body = mail.get_body(("plain",))
        text = body.get_content().strip() if body is not None else ""
        files = ", ".join(str(part.get_filename()) for part in mail.iter_attachments())
        print(f"To: {mail['To']}\nSubject: {mail['Subject']}\n\n{text}\n{files}\n{'-' * 60}\n", flush=True)  # noqa: T201
        return "250 taken"


if __name__ == "__main__":
    server = Controller(Shows(), hostname="127.0.0.1", port=PORT)
    server.start()
    print(f"listens at smtp://127.0.0.1:{PORT}, until Ctrl-C", flush=True)  # noqa: T201
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        server.stop()
