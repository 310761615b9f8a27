"""Reading ahead."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from connector.runs.ahead import ahead, side_by_side


def counting(upto: int, seen: list[int]) -> Iterator[int]:
    for number in range(upto):
        seen.append(number)
        yield number


def test_everything_comes_in_order() -> None:
    assert list(ahead(lambda: iter(range(50)))) == list(range(50))


def test_the_next_item_is_read_while_the_last_one_is_used() -> None:
    begun = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        begun.set()
        yield 2

    walk = ahead(items)
    assert next(walk) == 1
    assert begun.wait(5)
    assert list(walk) == [2]


def test_no_more_than_the_depth_is_read_ahead() -> None:
    seen: list[int] = []
    walk = ahead(lambda: counting(100, seen), depth=2)
    next(walk)
    # One is used, two wait in the queue, one is held by the reader that waits for room.
    assert len(seen) <= 4
    walk.close()


def test_a_fault_comes_after_what_was_read_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    walk = ahead(items)
    assert next(walk) == 1
    with pytest.raises(ValueError, match="broken"):
        next(walk)


def test_who_leaves_early_leaves_no_thread_behind() -> None:
    walk = ahead(lambda: iter(range(10_000)))
    next(walk)
    walk.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead-")]


def test_several_are_read_at_once_each_in_its_order() -> None:
    barrier = threading.Barrier(3, timeout=30)

    def items(start: int) -> Iterator[int]:
        barrier.wait()
        yield from range(start, start + 20)

    found = list(side_by_side([lambda start=start: items(start) for start in (0, 100, 200)]))  # type: ignore[misc]
    assert len(found) == 60
    for number in range(3):
        assert [item for which, item in found if which == number] == list(range(number * 100, number * 100 + 20))


def test_one_that_fails_ends_all() -> None:
    def broken() -> Iterator[int]:
        raise OSError("gone")
        yield 0

    with pytest.raises(OSError, match="gone"):
        list(side_by_side([lambda: iter(range(5)), broken]))
