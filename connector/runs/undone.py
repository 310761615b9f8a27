"""What taking a run back comes to: what is counted, what is left, what a target says now, the row that puts it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.model.adapter import Crm, FindItem
from connector.model.outbox import LANES, OutboxRow
from connector.runs.live import what_stands
from connector.runs.runtime import Runtime
from connector.steps.undoing import Verdict, Written, judge

#: The field group of what takes a run back: no respect is paid to whose field it is, it was ours to write.
GROUP = "undo"
BATCH = 100
#: What a handoff's own image is of, in Baton itself.
HANDOFF = "handoff"


@dataclass(frozen=True, slots=True)
class Left:
    """A record, or one field of it, that stays as it is, and why (an English sentence as the store keeps them)."""

    target: str
    object: str
    id: str
    lead_id: int
    why: str
    field: str = ""


@dataclass(slots=True)
class Undone:
    """What became of taking a run back. `by` is the run that did it, 0 where it was only tried.

    `records` get `fields` back; `closed` are handovers, `deleted` records; `withdrawn` rows had not gone out yet;
    `already` records were taken back before. `waiting` rows are to go out with the next run,
    `refused` ones stand in `baton errors`.
    """

    run_id: int
    by: int = 0
    records: int = 0
    fields: int = 0
    closed: int = 0
    deleted: int = 0
    withdrawn: int = 0
    already: int = 0
    waiting: int = 0
    refused: int = 0
    left: list[Left] = field(default_factory=list)


def undo_row(one: Written, values: dict[str, Any], run_id: int) -> OutboxRow:
    """The row that puts values back. It is of no flow: one that is parked keeps nothing back that mends it."""
    return OutboxRow(
        target=one.target, kind="state", object=one.object, our_key=one.our_key,
        key=f"{one.target}:{one.object}:{one.our_key}:{GROUP}", values=values, lead_id=one.lead_id, group=GROUP,
        lane=LANES["normal"], run_id=run_id, crm_id=one.crm_id,
    )  # fmt: skip


def left(one: Written, why: str, name: str = "") -> Left:
    """A record, or a field of it, that stays."""
    return Left(one.target, one.object, one.crm_id or one.our_key, one.lead_id, why, name)


class Asked:
    """What the records of one target say now."""

    def __init__(self, runtime: Runtime, target: str) -> None:
        self.runtime, self.target = runtime, target
        self.crm: Crm = runtime.crm(target)
        self.most = min(self.crm.capabilities.max_batch, BATCH)

    def verdicts(self, some: Sequence[Written]) -> list[Verdict]:
        """What of these may go back. Raises AuthError, ConfigError, RetryableError."""
        found = what_stands(self.runtime, self.target, [FindItem(one.object, one.our_key, one.crm_id) for one in some])
        return [judge(one, found.get((one.object, one.our_key))) for one in some]
