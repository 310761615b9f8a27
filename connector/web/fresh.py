"""Answers that were worked out a moment ago: a page, its files and a second reader ask for the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

#: What is older is worked out anew; and so many are kept.
FRESH, MOST = timedelta(seconds=30), 64


class Fresh:
    """Answers by what was asked, for many threads. Two who ask at once may both work it out."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[Hashable, tuple[datetime, Any]] = {}

    def get(self, key: Hashable, now: datetime, make: Callable[[], Any]) -> Any:
        """The answer to `key`, not older than `FRESH`."""
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and timedelta() <= now - kept[0] < FRESH:
            return kept[1]
        made = make()
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = now, made
            while len(self._kept) > MOST:
                del self._kept[next(iter(self._kept))]
        return made
