"""A platform in which people work and that can be read back, and walks over it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.kit.contract.case import unless
from connector.kit.contract.crm import CrmWorld
from connector.model.adapter import CrmCapabilities, ReadableCrm
from connector.model.mirror import CrmPage, CrmRecord


class ReadableWorld(CrmWorld):
    """A platform in which people work, too: `object` is a kind of the mirror's, `values` are in the contract's words.

    They are `email`, `phone`, `name`, `city`, and `account`, the id of one.
    """

    #: How many records a page has at most.
    page_size = 10

    def readable(self) -> ReadableCrm:
        """The adapter, made anew as a new process would."""
        raise AssertionError("streams = ()")

    def make(self, object: str, **values: str) -> str:
        """A person makes a record; returns its id."""
        raise AssertionError("streams = ()")

    def make_unseen(self, object: str, **values: str) -> str:
        """A person makes a record that nobody sees; time goes on, further than any overlap. Returns its id."""
        raise AssertionError("sweeps = (...)")

    def let_go(self) -> None:
        """It comes into sight, with the time at which it was made."""
        raise AssertionError("sweeps = (...)")

    def change(self, object: str, id: str, **values: str) -> None:
        """A person changes a record."""
        raise AssertionError("streams = ()")

    def remove_person(self, id: str) -> None:
        """A person deletes a lead or contact, whichever our leads are."""
        raise AssertionError("reports_deletes = True")

    def merge_people(self, loser: str, winner: str) -> str:
        """A person merges two of those; returns which is left: the winner, or a new one of both."""
        raise AssertionError("merge_redirect = True")

    def add_user(self, email: str) -> str:
        """Somebody joins; returns the id."""
        raise AssertionError('streams = (..., "user")')

    def deactivate(self, user: str) -> None:
        """Somebody leaves."""
        raise AssertionError('streams = (..., "user")')

    def finish(self, task: str) -> None:
        """A person does what a task says."""
        raise AssertionError('streams = (..., "task")')

    def calls(self) -> int:
        """How many calls the platform has had."""
        raise AssertionError("look_up_batch = 1 or more")


@dataclass(slots=True)
class Walked:
    """What a walk over all streams told, and where it stands."""

    pages: list[CrmPage] = field(default_factory=list)
    cursors: dict[str, str] = field(default_factory=dict)

    @property
    def records(self) -> list[CrmRecord]:
        return [record for page in self.pages for record in page.records]

    def last(self, id: str) -> CrmRecord:
        """What was told of a record last."""
        return next(record for record in reversed(self.records) if record.id == id)


def walk(world: ReadableWorld, cursors: Mapping[str, str] | None = None, only: str = "") -> Walked:
    """One walk over all streams, or over one only, as a new process would do it."""
    crm, walked = world.readable(), Walked(cursors=dict(cursors or {}))
    for stream in [only] if only else crm.capabilities.streams:
        for page in crm.changes(stream, walked.cursors.get(stream, "")):
            walked.pages.append(page)
            walked.cursors[stream] = page.cursor
    return walked


def wait(world: ReadableWorld) -> None:
    """Until every change is sure to be told."""
    world.clock.pass_by(world.declared().read_back_lag + 1)


def ids(pages: Iterable[CrmPage]) -> set[str]:
    return {record.id for page in pages for record in page.records}


def has_no(stream: str) -> Callable[[Any], Any]:
    def told(capabilities: CrmCapabilities) -> str:
        return f"streams = {json.dumps(capabilities.streams)}" if capabilities.streams else "streams = ()"

    return unless(told, lambda _, capabilities: stream not in capabilities.streams)


writes_no_task = unless(
    lambda told: f"objects = {json.dumps(told.objects)}", lambda _, told: "task" not in told.objects
)
readable = unless("streams = ()", lambda _, capabilities: not capabilities.streams)
sweepable = unless("sweeps = ()", lambda _, capabilities: not capabilities.sweeps)
