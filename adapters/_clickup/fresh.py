"""Tasks that this process has just made, on which nothing hangs yet: nobody needs to look at them, at a call each."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

#: So long a task counts as just made: people have hardly begun with it.
FRESH = timedelta(minutes=30)


class Fresh:
    """Remembers them, and what was hung on them since. For several threads."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now, self._lock = now, threading.Lock()
        self._made: dict[str, datetime] = {}
        self._used: dict[str, set[str]] = {}

    def note(self, id: str) -> None:
        """A task was made."""
        with self._lock:
            for old in [one for one, at in self._made.items() if self._now() - at >= FRESH]:
                del self._made[old]
                self._used.pop(old, None)
            self._made[id] = self._now()

    def lacks(self, id: str, object: str) -> bool:
        """Whether the task is sure to have nothing of this kind."""
        with self._lock:
            at = self._made.get(id)
            return at is not None and self._now() - at < FRESH and object not in self._used.get(id, ())

    def use(self, id: str, object: str) -> None:
        """From now on it may have."""
        with self._lock:
            self._used.setdefault(id, set()).add(object)
