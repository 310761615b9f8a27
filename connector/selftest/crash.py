"""A world killed at boundary after boundary, each time in a copy of its own, and started again.

The boundaries are counted by a child that nobody kills, twice where all are walked; then each is walked to. The walk
tells also where it proves nothing: a child that lived past its boundary, boundaries that come and go, books
in which nothing was done.
"""

from __future__ import annotations

import gc
import json
import os
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from connector.selftest import sayings
from connector.selftest.choosing import evenly, places
from connector.selftest.forking import LONGEST, Counter, in_child, killed_at
from connector.selftest.world import Scene, Verdict, World

#: Numbers that a worker takes at once, at most: neighbours leave the same behind more often than others do.
NEIGHBOURS = 12
#: A share of the points: where more of them were not reached, or the counts differ by more, the walk proves little.
FEW = 0.05
_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Point:
    """One boundary: its number from 1, its name, and what came of being killed there.

    `fault` is what kept the walk from finding out; `reached` is False where the child came to its end before. `same_as`
    is the point that left the very same behind: what came of that one, comes of this.
    """

    number: int
    name: str
    verdict: Verdict = field(default_factory=Verdict)
    fault: str = ""
    reached: bool = True
    same_as: int = 0

    @property
    def clean(self) -> bool:
        """Killed, recovered, and nothing amiss."""
        return self.verdict.clean and not self.fault


@dataclass(slots=True)
class Walk:
    """What a world came to. `problems`: why the walk is no proof, a sentence each."""

    name: str
    target: str
    boundaries: tuple[str, ...] = ()
    shown: dict[str, int] = field(default_factory=dict)
    points: list[Point] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def killed(self) -> int:
        """How many children were killed at their boundary."""
        return sum(point.reached and not point.fault for point in self.points)

    @property
    def recovered(self) -> int:
        """How many different things they left behind: each of these was started from again."""
        return sum(not point.same_as for point in self.points)

    @property
    def clean(self) -> bool:
        """Everything was walked to as wished, and nothing was amiss anywhere."""
        return not self.problems and all(point.clean for point in self.points)


#: Is called after each point: how many are done, of how many.
Heard = Callable[[int, int], None]


def walk(
    world: World,
    folder: Path,
    *,
    sample: int | None = None,
    only: int = 0,
    workers: int = 0,
    heard: Heard = lambda _done, _of: None,
) -> Walk:
    """Walk all places of `world`, or `sample` of its boundaries, or the one with the number `only`.

    `folder` must not exist; it is there afterwards no more. Raises RuntimeError in a process that has threads.
    """
    found = Walk(world.name, world.target)
    try:
        if furnished(world, folder, found):
            walk_on(world, folder, found, sample=sample, only=only, workers=workers, heard=heard)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return found


def furnished(world: World, folder: Path, found: Walk) -> bool:
    """Furnish a world in a folder that does not exist yet; whether it could be."""
    began = time.monotonic()
    folder.mkdir(parents=True)
    try:
        world.furnish(folder / "template")
    except Exception as error:  # noqa: BLE001 - the other worlds are walked all the same
        found.problems.append(sayings.NOT_FURNISHED % {"fault": f"{type(error).__name__}: {error}"})
    found.seconds = time.monotonic() - began
    return not found.problems


def walk_on(
    world: World, folder: Path, found: Walk, *, sample: int | None, only: int, workers: int, heard: Heard
) -> None:
    """Count and walk the boundaries of a world that is furnished."""
    began = time.monotonic()
    _counted(world, folder, found, 2 if sample is None and not only else 1)
    if only > len(found.boundaries):
        found.problems.append(sayings.NO_SUCH_POINT % {"number": only, "count": len(found.boundaries)})
    elif found.boundaries:
        numbers = [only] if only else _chosen(world, found.boundaries, sample)
        found.points = _points(world, folder, found, numbers, workers or (os.cpu_count() or 1) + 1, heard)
        found.problems += _doubts(found)
    found.seconds += time.monotonic() - began


def _chosen(world: World, names: Sequence[str], sample: int | None) -> list[int]:
    if sample is None and world.hears_all:
        return places(names)
    return evenly(len(names), sample or len(names))


# --- counting


def _counted(world: World, folder: Path, found: Walk, times: int) -> None:
    """Count the boundaries, and see that without any crash all is well and something is done."""
    counts: list[tuple[str, ...]] = []
    for number in range(times):
        with world.scene(folder / f"counted-{number}") as scene:
            ended = in_child(lambda scene=scene: _count(scene))  # type: ignore[misc]
            if ended.fault:
                found.problems.append(sayings.ALL_THE_SAME % {"what": ended.fault})
                return
            counts.append(tuple(ended.said))
            if number:
                continue
            point = _judged(scene, 0, "no crash")
        if not point.clean:
            found.problems += [sayings.AMISS_ALL_THE_SAME % {"what": sentence} for sentence in sentences(point)]
            return
    found.boundaries, found.shown = min(counts, key=len), dict(point.verdict.shown)
    lengths = sorted(map(len, counts))
    if lengths[-1] - lengths[0] > FEW * lengths[-1]:
        found.problems.append(sayings.COME_AND_GO % {"fewest": lengths[0], "most": lengths[-1]})
    if not lengths[0]:
        found.problems.append(sayings.NO_POINTS)
    if not any(found.shown.values()):
        found.problems.append(sayings.NOTHING_DONE)


def _count(scene: Scene) -> list[str]:
    counter = Counter()
    scene.run(counter)
    return counter.names


# --- walking


def _points(world: World, folder: Path, found: Walk, numbers: Sequence[int], workers: int, heard: Heard) -> list[Point]:
    """The points by number, several at once."""
    done: dict[int, Point] = {}
    for told in _workers(world, folder, found.boundaries, numbers, min(workers, len(numbers))):
        done[told.number] = told
        heard(len(done), len(numbers))
    lost = (Point(number, "", fault=sayings.NO_WORKER) for number in numbers if number not in done)
    return sorted([*done.values(), *lost], key=lambda point: point.number)


def _workers(world: World, folder: Path, names: Sequence[str], numbers: Sequence[int], workers: int) -> Iterator[Point]:
    """Processes that take numbers from one pipe, neighbours together; yields the points as they come."""
    queue, wished = os.pipe()
    together = max(1, min(NEIGHBOURS, len(numbers) // (4 * workers)))
    # A child that is forked from here shares what is there as long as neither side touches it.
    gc.collect()
    gc.freeze()
    running: dict[int, int] = {}
    buffers: dict[int, bytes] = {}
    try:
        for _ in range(workers):
            hears, tells = os.pipe()
            worker = os.fork()
            if worker == 0:
                os.close(wished)
                _work(_Walker(world, folder, names), queue, together, tells)
            os.close(tells)
            running[hears], buffers[hears] = worker, b""
        os.close(queue)
        os.write(wished, b"".join(number.to_bytes(_TOKEN, "big") for number in numbers))
        os.close(wished)
        yield from _collected(list(running), buffers)
    finally:
        gc.unfreeze()
        for hears, worker in running.items():
            os.close(hears)
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGTERM)
            os.waitpid(worker, 0)


def _collected(pipes: list[int], buffers: dict[int, bytes]) -> Iterator[Point]:
    """Points, line by line, until every worker has closed its pipe or none has said anything for too long."""
    while pipes:
        ready, _, _ = select.select(pipes, [], [], 3 * LONGEST)
        if not ready:
            return
        for pipe in ready:
            piece = os.read(pipe, 1 << 16)
            *lines, buffers[pipe] = (buffers[pipe] + piece).split(b"\n")
            yield from (point_of(json.loads(line)) for line in lines)
            if not piece:
                pipes.remove(pipe)


def said_of(point: Point) -> dict[str, Any]:
    """A point as JSON says it."""
    return {one.name: getattr(point, one.name) for one in fields(point)} | {"verdict": _plain(point.verdict)}


def point_of(said: dict[str, Any]) -> Point:
    """A point that JSON has said."""
    return Point(**{**said, "verdict": _verdict(said["verdict"])})


def _plain(verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON says it."""
    return {one.name: getattr(verdict, one.name) for one in fields(verdict)} | {"shown": dict(verdict.shown)}


def _verdict(said: dict[str, Any]) -> Verdict:
    read: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    return Verdict(**read)


def _work(walker: _Walker, queue: int, together: int, tells: int) -> None:
    """A worker's life; it does not return."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        while tokens := os.read(queue, _TOKEN * together):
            for at in range(0, len(tokens), _TOKEN):
                point = walker.reach(int.from_bytes(tokens[at : at + _TOKEN], "big"))
                with os.fdopen(os.dup(tells), "w") as pipe:
                    pipe.write(json.dumps(said_of(point)) + "\n")
    finally:
        os._exit(0)


@dataclass(slots=True)
class _Walker:
    """Who walks to boundaries of a world; `left` are the points by what they left behind."""

    world: World
    folder: Path
    names: Sequence[str]
    left: dict[str, Point] = field(default_factory=dict)

    def reach(self, number: int) -> Point:
        """Walk to a boundary; where threads made fewer of them this time, to the last but a few that there are."""
        for at in range(number, max(0, number - int(FEW * len(self.names)) - 1), -1):
            point = self._walked(self.folder / f"at-{number}", at, self.names[at - 1])
            if point.reached:
                break
        return replace(point, number=number)

    def _walked(self, folder: Path, number: int, name: str) -> Point:
        """Kill, recover, judge."""
        try:
            with self.world.scene(folder) as scene:
                ended = killed_at(number, scene.run)
                if ended.fault:
                    return Point(number, name, fault=sayings.KILLED % {"boundary": name, "what": ended.fault})
                if not ended.killed:
                    return _judged(scene, number, name, reached=False)
                return self._known(scene, number, ended.at)
        except Exception as error:  # noqa: BLE001 - a scene that cannot be made is told as a point that was not walked
            return Point(number, name, fault=f"{type(error).__name__}: {error}")
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _known(self, scene: Scene, number: int, name: str) -> Point:
        """What comes of what was left behind; found out once."""
        left = scene.left()
        if same := self.left.get(left):
            return replace(same, number=number, name=name, same_as=same.number)
        point = _judged(scene, number, name)
        if left and not point.fault:
            self.left[left] = point
        return point


def _judged(scene: Scene, number: int, name: str, *, reached: bool = True) -> Point:
    """Recover and judge in one child."""

    def recovered() -> dict[str, Any]:
        anew = scene.recover()
        verdict = scene.judge()
        return _plain(replace(verdict, signed_in_anew=verdict.signed_in_anew or anew))

    ended = in_child(recovered)
    if ended.fault:
        return Point(number, name, fault=sayings.STARTED_AGAIN % {"what": ended.fault}, reached=reached)
    return Point(number, name, _verdict(ended.said), reached=reached)


def sentences(point: Point) -> list[str]:
    """What is amiss at a point."""
    verdict = point.verdict
    found = [point.fault] if point.fault else []
    kinds = ((sayings.LOST, verdict.lost), (sayings.DOUBLE, verdict.double), (sayings.OTHER, verdict.other))
    return found + [template % {"what": sentence} for template, said in kinds for sentence in said]


def _doubts(found: Walk) -> list[str]:
    """Why the points are no proof."""
    missed = [point.number for point in found.points if not point.reached]
    if missed and len(missed) > FEW * len(found.points):
        return [sayings.NOT_KILLED % {"missed": len(missed), "count": len(found.points), "number": missed[0]}]
    return []
