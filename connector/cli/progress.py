"""Progress of long work: one moving line on a terminal, a plain line every few seconds in a log."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from connector.locale.stored import retell

if TYPE_CHECKING:
    from connector.cli.session import Session

#: Seconds between two lines in a log.
EVERY = 5.0

#: Marks a text for the translators; it is translated where it is shown.
N_ = str

#: The words with which runs name what they are at.
STEPS = (N_("contacts"), N_("activities"), N_("compared"), N_("scored"), N_("handed over"), N_("delivered"))


def figures(counts: Counter[str]) -> list[tuple[str, int]]:
    """What is worth seeing while it counts: (message, number) of what is not nought."""
    read = sum(number for what, number in counts.items() if what.endswith(" read"))
    done = sum(number for what, number in counts.items() if what.endswith(": done"))
    cleared = sum(number for what, number in counts.items() if what.startswith("cleared: "))
    shown = [
        (N_("read %(n)s"), read),
        (N_("new %(n)s"), counts["new leads"]),
        (N_("set aside %(n)s"), counts["set aside"]),
        (N_("same person %(n)s"), counts["same person"]),
        (N_("scored %(n)s"), counts["scored"]),
        (N_("handed over %(n)s"), counts["handed over"]),
        (N_("reminded %(n)s"), counts["reminded"]),
        (N_("overdue %(n)s"), counts["overdue"]),
        (N_("given to another %(n)s"), counts["given to another"]),
        (N_("delivered %(n)s"), done),
        (N_("cleared %(n)s"), cleared),
        (N_("leads %(n)s"), counts["gone through"]),
        (N_("published %(n)s"), counts["published: made"] + counts["published: updated"]),
    ]
    return [(what, number) for what, number in shown if number]


def sentence(what: str, counts: Counter[str], translate: Callable[[str], str]) -> str:
    """One line: what it is at, and how far."""
    connection, _, step = what.rpartition(": ")
    place = f"{connection}: {translate(step)}" if connection else translate(step)
    numbers = [translate(message) % {"n": f"{number:,}"} for message, number in figures(counts)]
    return " · ".join([place, *numbers])


class Lines:
    """For a log: at most one line every `EVERY` seconds."""

    def __init__(
        self, translate: Callable[[str], str], stream: TextIO, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.translate, self.stream, self.clock = translate, stream, clock
        self.last = clock()

    def __call__(self, what: str, counts: Counter[str]) -> None:
        """After a page."""
        now = self.clock()
        if now - self.last >= EVERY:
            self.last = now
            self.note(sentence(what, counts, self.translate))

    def note(self, text: str) -> None:
        """A word about how it went."""
        print(retell(text, self.translate), file=self.stream, flush=True)


class Spinner:
    """For a terminal: one line that moves."""

    def __init__(self, translate: Callable[[str], str], status: Any) -> None:
        self.translate, self.status = translate, status

    def __call__(self, what: str, counts: Counter[str]) -> None:
        """After a page."""
        from rich.text import Text

        self.status.update(Text(sentence(what, counts, self.translate)))

    def note(self, text: str) -> None:
        """A word above the moving line."""
        self.status.console.print(retell(text, self.translate), markup=False, highlight=False)


@contextmanager
def progress(session: Session) -> Iterator[Lines | Spinner]:
    """What a runtime's `progress` and `note` are to be, while inside."""
    if not sys.stderr.isatty():
        yield Lines(session.translate, sys.stderr)
        return
    from rich.console import Console

    with Console(stderr=True).status(session.translate("starting")) as status:
        yield Spinner(session.translate, status)
