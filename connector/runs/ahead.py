"""Reading ahead: the next page is fetched while the last one is stored."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, Full, Queue
from typing import Generic, TypeVar

T = TypeVar("T")

#: Seconds between two looks whether anybody still wants what was read.
LOOK = 0.2


class _End:
    """What a reader leaves behind its last item: the fault that ended it, or None."""

    def __init__(self, fault: BaseException | None) -> None:
        self.fault = fault


class _Reader(Generic[T]):
    """Fills a queue from iterators, each in a thread of its own."""

    def __init__(self, sources: Sequence[Callable[[], Iterator[T]]], depth: int) -> None:
        self.queue: Queue[tuple[int, T | _End]] = Queue(depth)
        self.done = threading.Event()
        self.threads = [
            threading.Thread(target=self._read, args=(number, source), name=f"ahead-{number}", daemon=True)
            for number, source in enumerate(sources)
        ]

    def _read(self, number: int, source: Callable[[], Iterator[T]]) -> None:
        fault: BaseException | None = None
        try:
            for item in source():
                if not self._put(number, item):
                    return
        except BaseException as error:  # noqa: BLE001 - it is raised where the items are used
            fault = error
        self._put(number, _End(fault))

    def _put(self, number: int, item: T | _End) -> bool:
        """Wait for room; False where nobody wants any more."""
        while not self.done.is_set():
            try:
                self.queue.put((number, item), timeout=LOOK)
            except Full:
                continue
            return True
        return False

    def numbered(self) -> Generator[tuple[int, T], None, None]:
        """(number of the iterator, its next item), as they come."""
        for thread in self.threads:
            thread.start()
        left = len(self.threads)
        try:
            while left:
                number, item = self.queue.get()
                if not isinstance(item, _End):
                    yield number, item
                    continue
                left -= 1
                if item.fault is not None:
                    raise item.fault
        finally:
            self._leave()

    def _leave(self) -> None:
        """Let the threads end: what is still in the queue is of no use to anybody."""
        self.done.set()
        while any(thread.is_alive() for thread in self.threads):
            try:
                self.queue.get(timeout=LOOK / 10)
            except Empty:
                continue


def ahead(source: Callable[[], Iterator[T]], depth: int = 2) -> Generator[T, None, None]:
    """The items of one iterator, of which up to `depth` are fetched before they are asked for.

    What the iterator raises is raised after the items before it. An iterator that is left early
    is not asked again; a call that is on its way is waited for.
    """
    walk = _Reader([source], depth).numbered()
    try:
        for _, item in walk:
            yield item
    finally:
        walk.close()


@contextmanager
def read_ahead(source: Callable[[], Iterator[T]], depth: int) -> Iterator[Iterator[T]]:
    """As `ahead`, where `depth` is not 0; what was fetched and not used is let go of at the end."""
    if not depth:
        yield source()
        return
    items = ahead(source, depth)
    try:
        yield items
    finally:
        items.close()


def side_by_side(sources: Sequence[Callable[[], Iterator[T]]], depth: int = 2) -> Generator[tuple[int, T], None, None]:
    """(number, item) of several iterators read at once, each in its own order; together up to `depth` wait.

    Close it to leave early.
    """
    return _Reader(sources, depth).numbered()
