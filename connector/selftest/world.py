"""What a walk over crash points asks of a world: a stretch of the line, who may kill it, and what the books say after.

A *world* is two platforms (or one and a store) and people in them, made once. A *scene* is that world for one
crash point: its own folder, its own store, its own servers, as the world stood when the stretch began. A
*boundary* is a moment at which a process may die and something has been written or is about to be: the scene
names each to `step` as it comes by, and one of these calls does not return.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

#: Is called at each boundary with its name, as `before commit` or `after POST /crm/v3/objects/notes/batch/create`.
Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the platforms' own books say, held against the store, once everything is quiet again.

    A sentence each: what is missing (a lead, task, note, association, member, turn), what is there twice, and
    whatever else does not agree (a row that is left, a lease that is held, a value that differs). `reported`
    are doubles that Baton itself has found and told a person, as is promised of a target that can only be
    searched, when a request arrives later than the target declares. `signed_in_anew` says whether an admin
    had to renew a secret. `shown` is what the books show was done, as `{"lead": 2, "task": 2}`: a world in which
    nothing was done proves nothing.
    """

    lost: tuple[str, ...] = ()
    double: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    reported: tuple[str, ...] = ()
    may_double: tuple[str, ...] = ()
    signed_in_anew: bool = False
    shown: Mapping[str, int] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing double, nothing else amiss."""
        return not (self.lost or self.double or self.other)


class Scene(Protocol):
    """A world for one crash point. `run` and `recover` are each called in a child process of their own."""

    def run(self, step: Step) -> None:
        """The stretch of the line; `step` may kill the process. Raises where it fails by itself."""

    def left(self) -> str:
        """What `run` left behind when it was killed, in one word: the same word, the same start. "": not to be told.

        Called in the process that made the scene, and changes nothing.
        """

    def recover(self) -> bool:
        """Start again, later, until it is quiet; whether an admin had to sign in anew."""

    def judge(self) -> Verdict:
        """Hold the books against the store (in the child that has recovered)."""


class World(Protocol):
    """`name` and `target` stand in the table: what is done, and how its target knows that something is there.

    `hears_all` says whether `step` is called for all that changes anything: where it is, nothing is written between the
    end of one act and the beginning of the next.
    """

    name: str
    target: str
    hears_all: bool

    def furnish(self, folder: Path) -> None:
        """Make the template in `folder`, once, in a parent process that runs no thread afterwards."""

    def scene(self, folder: Path) -> AbstractContextManager[Scene]:
        """The world in a folder that does not exist yet; what it started (a server's process) ends with the block."""
