"""Winding the clocks of handoffs: by when each is due, and when there is next something to do about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from connector.config import Config, Flow
from connector.config.calendars import calendar_of
from connector.model.errors import BatonError
from connector.model.handoff import Handoff, HandoffEvent
from connector.model.lead import Lead
from connector.model.ports import Transaction
from connector.runs.runtime import Runtime
from connector.steps.clocks import CLOCKS, Agreed, ClockName, Due, agree, begun, look, timers
from connector.steps.working_time import Calendar


def agreed_of(flow: Flow) -> Agreed:
    """The agreed times of a flow: of its gates that people decide, and of its clock."""
    gates, clock = flow.criteria.people_gates, flow.clock
    sal, sql = gates.get("sal"), gates.get("sql")
    return Agreed(
        accept=sal.within if sal else None,
        contact=clock.contact.other,
        contact_hot=clock.contact.hot,
        stages={"sal": sql.within} if sql and sql.within else {},
        remind=clock.remind,
        breach=clock.breach,
    )


#: The gate that the end of a clock is the passing of.
_GATES: Mapping[ClockName, str] = {"accept": "sal", "stage": "sql"}


def who_answers(config: Config, handoff: Handoff, clock: ClockName) -> str:
    """Whom a clock waits for: whoever decides the gate (`by`), else the owner."""
    flow = config.flows.get(handoff.flow)
    gate = flow.criteria.people_gates.get(_GATES.get(clock, "")) if flow else None
    if gate is None or gate.by == "owner":
        return handoff.owner
    team = config.teams.get(handoff.team)
    return (team.manager if team else "") or handoff.owner if gate.by == "manager" else gate.by.lower()


def hours_of(config: Config, handoff: Handoff) -> Calendar:
    """The working hours that count for a handoff: its owner's, in the team that it was given to."""
    return calendar_of(config, handoff.owner, handoff.team)


def begin(config: Config, handoff: Handoff) -> None:
    """Set the times of a handoff that is just being given to its first owner, at `opened_at`; nothing is stored."""
    flow = config.flows.get(handoff.flow)
    if flow is None or handoff.opened_at is None:
        return
    agreed, hours = agreed_of(flow), hours_of(config, handoff)
    agree(handoff, agreed, hours, handoff.opened_at)
    handoff.next_at = look(
        timers(handoff, "mql", None, agreed, hours, ()), agreed, hours, (), handoff.opened_at
    ).next_at


def wind(tx: Transaction, config: Config, handoffs: Sequence[Handoff], now: datetime) -> dict[int, list[HandoffEvent]]:
    """Set `next_at` of handoffs from the state they are in, and by when they are due where that is not said yet.

    Where they were given to another owner at `now`, their times begin again then. The events that say so are to be
    added before, and the handoffs saved after. Returns the events by handoff.
    """
    events = tx.handoff_events.of_handoffs([one.id for one in handoffs])
    leads = tx.intake.leads(sorted({one.lead_id for one in handoffs}))
    for handoff in handoffs:
        wind_one(config, handoff, leads.get(handoff.lead_id), events.get(handoff.id, ()), now)
    return events


def wind_one(
    config: Config, handoff: Handoff, lead: Lead | None, events: Sequence[HandoffEvent], now: datetime, *,
    anew: bool = False,
) -> None:  # fmt: skip
    """As `wind`, of one whose lead and events are known. `anew`: another has it since the last event `reassigned`."""
    flow = config.flows.get(handoff.flow)
    if flow is None or handoff.state != "open":
        handoff.next_at = None
        return
    since, _ = begun(handoff, events)
    if since is not None and (anew or since >= now or handoff.due_at is handoff.accept_due_at is None):
        agree(handoff, agreed_of(flow), hours_of(config, handoff), since)
    due = due_of(config, flow, handoff, lead, events, now)
    handoff.next_at = now if due.told or due.silent else due.next_at


def due_of(
    config: Config, flow: Flow, handoff: Handoff, lead: Lead | None, events: Sequence[HandoffEvent], now: datetime,
    heard: Collection[ClockName] = CLOCKS,
) -> Due:  # fmt: skip
    """What is due of a handoff: nothing where its flow only observes, or its lead is gone or became another one.

    Of clocks that are not `heard` nothing is.
    """
    if lead is None or lead.merged_into or flow.mode == "observe":
        return Due()
    agreed, hours = agreed_of(flow), hours_of(config, handoff)
    running = timers(handoff, lead.stage, lead.stage_since, agreed, hours, events)
    return look((one for one in running if one.clock in heard), agreed, hours, {one.key for one in events}, now)


def clocks_heard(runtime: Runtime) -> dict[str, frozenset[ClockName]]:
    """By flow the clocks that an answer can stop: where a CRM is not read back, nobody is known to have answered."""
    found = {}
    for flow in runtime.config.flows.values():
        try:
            streams = runtime.crm(flow.crm).capabilities.streams
        except BatonError:
            # What it tells is not known just now; it was asked before.
            found[flow.name] = CLOCKS
            continue
        read = (
            frozenset[ClockName](("accept", "stage")) if {"lead", "contact"} & set(streams) else frozenset[ClockName]()
        )
        found[flow.name] = read | {"contact"} if "task" in streams else read
    return found
