"""The time of a local server: the machine's, until somebody moves or stops it."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any


class Clock:
    """A clock that can be moved on and stopped. Times are aware, in UTC."""

    def __init__(self, at: datetime | None = None) -> None:
        """`at` stops the clock there; without it the clock goes with the machine's."""
        self._lock = threading.Lock()
        self._stopped = at
        self._ahead = timedelta()

    def now(self) -> datetime:
        """What the clock shows."""
        return self._stopped or datetime.now(UTC) + self._ahead

    def seconds(self) -> float:
        """The same in seconds since 1970."""
        stopped = self._stopped
        return stopped.timestamp() if stopped else time.time() + self._ahead.total_seconds()

    def move(self, seconds: float) -> None:
        """Put the clock on by so many seconds, whether it goes or stands."""
        with self._lock:
            if self._stopped is not None:
                self._stopped += timedelta(seconds=seconds)
            else:
                self._ahead += timedelta(seconds=seconds)

    def stop(self, at: datetime | None = None) -> None:
        """Stop the clock, at `at` or where it is."""
        with self._lock:
            self._stopped = at or self.now()

    def go(self) -> None:
        """Let a stopped clock go on from where it stands."""
        with self._lock:
            if self._stopped is not None:
                self._ahead = self._stopped - datetime.now(UTC)
                self._stopped = None

    def order(self, wish: dict[str, Any]) -> dict[str, Any]:
        """What another process wishes: {"move": seconds}, {"stop": true or an ISO time}, {"go": true}."""
        if "stop" in wish:
            self.stop(None if wish["stop"] is True else datetime.fromisoformat(wish["stop"]))
        if "move" in wish:
            self.move(float(wish["move"]))
        if wish.get("go"):
            self.go()
        return {"now": self.now().isoformat(), "stopped": self._stopped is not None}
