"""Several worlds at once, each walked by a process of its own: while one is furnished, another is walked.

They are furnished by the process that starts the others: what it has imported and compiled for one, the next ones have.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from shutil import rmtree
from typing import Any, NoReturn

from connector.selftest import sayings
from connector.selftest.crash import Walk, furnished, point_of, said_of, walk_on
from connector.selftest.forking import imported
from connector.selftest.world import World

#: Worlds at once, at most: with two, the one is furnished and counted while the other is walked.
ABREAST = 2
_PIECE = 1 << 16


@dataclass(slots=True)
class _Running:
    """The process of one world: where it tells from, and what of that has come."""

    walk: Walk
    number: int
    process: int
    said: bytes = b""
    ended: bool = False
    progress: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Abreast:
    """Worlds that are walked side by side within `folder`; `heard` gets the number of the first that is not done."""

    worlds: Sequence[World]
    folder: Path
    heard: Callable[[int, int, int], None] = lambda _world, _done, _of: None
    sample: int | None = None
    only: int = 0
    _running: dict[int, _Running] = field(default_factory=dict)
    _done: dict[int, Walk] = field(default_factory=dict)

    def walks(self) -> list[Walk]:
        """All of them, in the order of the worlds. Raises RuntimeError in a process that has threads."""
        at_once = min(ABREAST, os.cpu_count() or 1, len(self.worlds))
        try:
            for number in range(len(self.worlds)):
                self._start(number, (os.cpu_count() or 1) // at_once + 1)
                while len(self._running) >= at_once:
                    self._hear()
            while self._running:
                self._hear()
        finally:
            self._stop()
        return [self._done[number] for number in range(len(self.worlds))]

    def _start(self, number: int, workers: int) -> None:
        world = self.worlds[number]
        found = self._done[number] = Walk(world.name, world.target)
        if not furnished(world, self._place(number), found):
            return
        hears, tells = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(hears)
            self._walk(number, found, workers, tells)
        os.close(tells)
        self._running[hears] = _Running(found, number, process)

    def _place(self, number: int) -> Path:
        return self.folder / str(number)

    def _walk(self, number: int, found: Walk, workers: int, tells: int) -> NoReturn:
        """A world's process; it does not return."""
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        there = set(sys.modules)

        def tell(said: dict[str, Any]) -> None:
            line = json.dumps(said).encode() + b"\n"
            while line:
                line = line[os.write(tells, line) :]

        try:
            walk_on(
                self.worlds[number], self._place(number), found, sample=self.sample, only=self.only, workers=workers,
                heard=lambda done, of: tell({"done": [done, of]}),
            )  # fmt: skip
            tell({"walk": _plain(found), "modules": sorted(set(sys.modules) - there)})
        finally:
            os._exit(0)

    def _hear(self) -> None:
        """Hear what is told, and see who has ended."""
        for pipe in select.select(list(self._running), [], [])[0]:
            one = self._running[pipe]
            piece = os.read(pipe, _PIECE)
            *lines, one.said = (one.said + piece).split(b"\n")
            for line in lines:
                self._take(one, json.loads(line))
            if not piece:
                self._close(pipe)

    def _take(self, one: _Running, said: dict[str, Any]) -> None:
        if "walk" in said:
            one.walk, one.ended = _walk_of(said["walk"]), True
            imported(said["modules"])
        else:
            one.progress = (said["done"][0], said["done"][1])
        first = min(self._running.values(), key=lambda other: other.number)
        self.heard(first.number, *first.progress)

    def _close(self, pipe: int) -> None:
        one = self._running.pop(pipe)
        os.close(pipe)
        os.waitpid(one.process, 0)
        if not one.ended:
            one.walk.problems.append(sayings.NO_WORKER)
        self._done[one.number] = one.walk
        rmtree(self._place(one.number), ignore_errors=True)

    def _stop(self) -> None:
        """End those that are not done."""
        for pipe, one in self._running.items():
            with suppress(ProcessLookupError):
                os.kill(one.process, signal.SIGTERM)
            os.waitpid(one.process, 0)
            os.close(pipe)


def _plain(walked: Walk) -> dict[str, Any]:
    """A walk as JSON says it."""
    said = {one.name: getattr(walked, one.name) for one in fields(walked)}
    return said | {"points": [said_of(point) for point in walked.points]}


def _walk_of(said: dict[str, Any]) -> Walk:
    points = [point_of(one) for one in said["points"]]
    return Walk(**{**said, "boundaries": tuple(said["boundaries"]), "points": points})
