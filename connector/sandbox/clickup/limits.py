"""The limit of a token: calls in a minute, told in three headers, and 429 above it.

Source: https://developer.clickup.com/docs/rate-limits (100 a minute on Free, Unlimited and Business; X-RateLimit-Limit,
-Remaining, and -Reset as Unix time). That a minute is counted from its first call on is taken for granted here.
"""

from __future__ import annotations

from dataclasses import dataclass

from connector.sandbox.clickup.errors import Refused

WINDOW = 60.0


@dataclass(slots=True)
class Limits:
    """`per_minute` 0 switches the limit off."""

    per_minute: int = 100
    used: int = 0
    began: float = 0.0

    def take(self, now: float) -> None:
        """Count a call. Raises Refused where it is one too many."""
        if not self.began <= now < self.began + WINDOW:
            self.began, self.used = now, 0
        if self.per_minute and self.used >= self.per_minute:
            raise Refused(429, "APP_002", "Rate limit reached", self.headers())
        self.used += 1

    def headers(self) -> dict[str, str]:
        """What an answer says of it."""
        most = self.per_minute or 1_000_000
        return {
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(most - self.used),
            "X-RateLimit-Reset": str(int(self.began + WINDOW)),
        }
