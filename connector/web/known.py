"""Browsers in which somebody has signed in before: what others try under their name keeps nobody waiting there."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

#: How long a browser is known after somebody last signed in there.
LASTS = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Known:
    """The cookie `name` of such browsers, signed with `key`; it lets nobody in. With `secure` it goes over https alone.

    It has a name only as a digest, beside a number of its own: one browser is known for one name, the latest.
    """

    key: str
    name: str
    secure: bool

    def browser(self, request: Request, digest: str) -> str:
        """The number of this browser, where it is known for the name of this digest; else ""."""
        try:
            number, of = self._signer.loads(request.cookies.get(self.name, ""), max_age=int(LASTS.total_seconds()))
        except (BadData, ValueError, TypeError):
            return ""
        return str(number) if of == digest else ""

    def remember(self, answer: Response, digest: str, browser: str) -> None:
        """Let this browser be known; `browser` is the number that it has already, or ""."""
        value = self._signer.dumps([browser or secrets.token_urlsafe(12), digest])
        answer.set_cookie(
            self.name,
            str(value),
            max_age=int(LASTS.total_seconds()),
            secure=self.secure,
            httponly=True,
            samesite="strict",
        )

    @property
    def _signer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.key, salt="known browser")
