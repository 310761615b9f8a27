"""Whose turn it is to write, among the threads of one process."""

from __future__ import annotations

import threading
from collections import deque


class Turns:
    """Who of this process's threads writes next: first come, first served.

    SQLite lets those who wait look again now and then, and who has just written is there first: a
    thread that stores page after page would keep the others out for minutes.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    def take(self, seconds: float) -> bool:
        """Wait for the turn; False where it did not come within `seconds`."""
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=seconds):
            return True
        with self._lock:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
        # It was given at the last moment.
        return True

    def give(self) -> None:
        """The next one's turn."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
