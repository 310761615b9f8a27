"""The limits of an account: calls in ten seconds, in a day, and searches in a second.

Sources: https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines and the changelog entry
"Increasing our API limits" (190 per ten seconds, 650,000 a day on Professional); five searches a second is in the
search guide. A search's answer carries no limit headers, and a 429 no Retry-After unless that is switched on.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from connector.sandbox.hubspot.errors import rate_limited
from connector.sandbox.wire import Reply


@dataclass(slots=True)
class Limits:
    """0 switches a limit off. `retry_after` is the header's value in seconds, "" for none."""

    ten_secondly: int = 190
    daily: int = 650_000
    searches_per_second: int = 5
    retry_after: str = ""
    used_today: int = 0
    _day: int = 0
    _calls: deque[float] = field(default_factory=deque)
    _searches: deque[float] = field(default_factory=deque)

    def generous(self) -> None:
        """No limit at all, for benchmarks."""
        self.ten_secondly = self.daily = self.searches_per_second = 0

    def take(self, now: float, *, search: bool) -> Reply | None:
        """Count a call; the refusal where it is one too many (a refused call does not count)."""
        self._roll(now)
        if self.daily and self.used_today >= self.daily:
            return self._refuse("DAILY")
        if self.ten_secondly and len(self._calls) >= self.ten_secondly:
            return self._refuse("TEN_SECONDLY_ROLLING")
        if search and self.searches_per_second and len(self._searches) >= self.searches_per_second:
            return self._refuse("SECONDLY")
        self.used_today += 1
        if self.ten_secondly:
            self._calls.append(now)
        if search and self.searches_per_second:
            self._searches.append(now)
        return None

    def headers(self) -> dict[str, str]:
        """What an answer says of them."""
        return {
            "X-HubSpot-RateLimit-Daily": str(self.daily or 1_000_000_000),
            "X-HubSpot-RateLimit-Daily-Remaining": str((self.daily or 1_000_000_000) - self.used_today),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Max": str(self.ten_secondly or 1_000_000),
            "X-HubSpot-RateLimit-Remaining": str((self.ten_secondly or 1_000_000) - len(self._calls)),
        }

    def _roll(self, now: float) -> None:
        for times, span in ((self._calls, 10.0), (self._searches, 1.0)):
            while times and (times[0] <= now - span or times[0] > now):
                times.popleft()
        if int(now // 86_400) != self._day:
            self._day, self.used_today = int(now // 86_400), 0

    def _refuse(self, policy: str) -> Reply:
        retry = {"Retry-After": self.retry_after} if self.retry_after else {}
        return rate_limited(policy, {**self.headers(), **retry})
