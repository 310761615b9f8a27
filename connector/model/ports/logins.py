"""Who may see the desk: users, failed logins, and the trail of what was done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from connector.model.logins import Audited, User


class Logins(Protocol):
    """Users of the desk."""

    def user(self, email: str) -> User | None:
        """The user of this address, in whatever case it is written."""

    def users(self) -> list[User]:
        """All, by address; those that were disabled too."""

    def save(self, user: User, at: datetime) -> None:
        """Add or replace a user, by address."""

    def seen(self, email: str, at: datetime) -> None:
        """They signed in."""

    def attempted(self, keys: Sequence[str], at: datetime) -> None:
        """Count under each of `keys` (keyed digests): a login that was tried, a session that was ended."""

    def attempts(self, key: str, since: datetime) -> int:
        """How many were counted under this key since then."""

    def forget_attempts(self, before: datetime, keys: Sequence[str] = ()) -> int:
        """Drop what was counted before then, and all of `keys`; how many there were."""

    def record(self, entry: Audited) -> int:
        """Write down what is done; its number."""

    def amend(self, entry: Audited) -> None:
        """Write down how it ended, and about whom it was: `lead_id`, `handoff_id` and `body` of the entry `id`."""

    def prune(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` entries of the trail that were written before a time; returns how many went."""

    def trail(self, limit: int = 100, before: int = 0, lead_id: int | None = None) -> list[Audited]:
        """What was done, the newest first; before number `before` where given, of one lead where given."""
