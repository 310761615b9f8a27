"""Links that open one page for one person, for a while: signed, so that nobody can make another of one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

#: What these signatures are good for, and no other of the same key.
SALT = "baton.link.lead"


class Link(NamedTuple):
    """To whom a link was sent, and which lead it shows."""

    email: str
    lead_id: int


class Links:
    """Makes and reads the links of one desk. `key` signs them."""

    def __init__(self, key: str) -> None:
        from itsdangerous import URLSafeSerializer

        self._serializer = URLSafeSerializer(key, salt=SALT)

    def token(self, link: Link, now: datetime, lasts: timedelta) -> str:
        """What stands in the address."""
        until = int((now + lasts).timestamp())
        return str(self._serializer.dumps([link.email, link.lead_id, until]))

    def read(self, token: str, now: datetime) -> Link | None:
        """What a token opens; None where it is not ours, or its time is over."""
        from itsdangerous import BadData

        try:
            email, lead_id, until = self._serializer.loads(token)
        except (BadData, ValueError, TypeError):
            return None
        return Link(str(email), int(lead_id)) if now.timestamp() < int(until) else None
