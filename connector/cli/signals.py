"""Ctrl-C and SIGTERM end a run between two pages; a second Ctrl-C ends it at once, with nothing lost either."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connector.cli.session import Session


@dataclass
class Interruption:
    """Whether the reader asked for an end, and by which signal."""

    stop: threading.Event = field(default_factory=threading.Event)
    number: int = 0

    @property
    def exit_code(self) -> int:
        """130 after Ctrl-C, 143 after SIGTERM, 0 where nobody asked."""
        return 128 + self.number if self.number else 0


@contextmanager
def interruptible(session: Session, word: str = "") -> Iterator[Interruption]:
    """While inside, signals set `stop` in place of ending the process; `word` is said then."""
    asked = Interruption()

    def handle(number: int, _frame: FrameType | None) -> None:
        if asked.number:
            raise KeyboardInterrupt
        asked.number = number
        asked.stop.set()
        session.note("\n" + (word or session.translate("stopping after this page; nothing is lost")))

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
