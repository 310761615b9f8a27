"""How the clocks of handoffs stand: by owner, how many run, how many end soon, how many are over."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.config import Config, Flow
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.ports import Transaction
from connector.runs.clocks import agreed_of, hours_of
from connector.steps.clocks import ClockName, Timer, timers

#: What ends within this ends soon.
SOON = timedelta(hours=24)
#: Handoffs that are looked at together, and more than any flow has.
BATCH, EVERY = 500, 10**9


@dataclass(frozen=True, slots=True)
class Standing:
    """How the clocks of one owner stand: of `running` so many end `soon`, so many are `overdue`; the next to end.

    `oldest` is when the first of those that are over was due.
    """

    owner: str
    running: int = 0
    soon: int = 0
    overdue: int = 0
    next_due: datetime | None = None
    oldest: datetime | None = None


def running_clocks(
    tx: Transaction, config: Config, heard: Mapping[str, Collection[ClockName]]
) -> Iterator[tuple[Handoff, Timer]]:
    """The clocks of acceptance and contact that run, of flows that do more than observe; `heard` are those by flow."""
    for flow in config.flows.values():
        given = tx.handoffs.in_state(flow.name, "open", EVERY) if flow.mode != "observe" else []
        waited_for = [one for one in given if one.contacted_at is None or one.accepted_at is None]
        for start in range(0, len(waited_for), BATCH):
            some = waited_for[start : start + BATCH]
            leads = tx.intake.leads(sorted({one.lead_id for one in some}))
            for handoff in some:
                found = _of(config, flow, handoff, leads.get(handoff.lead_id))
                yield from ((one, timer) for one, timer in found if timer.clock in heard[flow.name])


def _of(config: Config, flow: Flow, handoff: Handoff, lead: Lead | None) -> Iterator[tuple[Handoff, Timer]]:
    if lead is None or lead.merged_into:
        return
    for timer in timers(handoff, lead.stage, lead.stage_since, agreed_of(flow), hours_of(config, handoff), ()):
        if timer.clock != "stage":
            yield handoff, timer


def by_owner(clocks: Iterable[tuple[Handoff, Timer]], now: datetime) -> list[Standing]:
    """One line for each owner, who is most overdue first."""
    found: dict[str, list[datetime]] = {}
    for handoff, timer in clocks:
        found.setdefault(handoff.owner, []).append(timer.due)
    return sorted(
        (_standing(owner, dues, now) for owner, dues in found.items()), key=lambda one: (-one.overdue, one.owner)
    )


def _standing(owner: str, dues: Sequence[datetime], now: datetime) -> Standing:
    ahead, over = [due for due in dues if due > now], [due for due in dues if due <= now]
    soon = sum(due <= now + SOON for due in ahead)
    return Standing(owner, len(dues), soon, len(over), min(ahead, default=None), min(over, default=None))
