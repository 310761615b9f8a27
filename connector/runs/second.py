"""The second handoff: once a person says that a lead is an SQL, the next team gets it, where the gate says so (`then`).

The first handoff stays until the second is opened, and for its times after that. There is one second handoff at a
time: it is made in the transaction in which the stage is read, and opened like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from connector.config import Config
from connector.model.handoff import NOT_YET_OUT, Handoff, HandoffEvent
from connector.model.lead import Lead
from connector.model.ports import Transaction
from connector.model.stages import Stage

#: The stage of the second handoff.
STAGE: Stage = "sql"
#: Stages in which somebody of the next team is to have the lead.
NEXT_TEAM: frozenset[Stage] = frozenset({"sql", "opportunity"})


def then_of(config: Config, lead: Lead) -> str:
    """The team that an SQL of the lead's flow is handed to, "" for none."""
    flow = config.flows.get(lead.flow)
    gate = flow.criteria.people_gates.get(STAGE) if flow else None
    return gate.then if gate else ""


def follow(
    tx: Transaction, config: Config, leads: Iterable[Lead], handoffs: Mapping[int, list[Handoff]], now: datetime
) -> None:  # fmt: skip
    """Make second handoffs for those who became SQL, and close those not given yet of who is none any more.

    `handoffs` are all of these leads, by lead, oldest first, and have been saved.
    """
    new: list[Handoff] = []
    for lead in leads:
        mine = handoffs.get(lead.id, [])
        waiting = [one for one in mine if one.stage == STAGE and one.state in NOT_YET_OUT]
        if waiting and lead.stage not in NEXT_TEAM:
            _withdraw(tx, waiting, now)
        elif lead.stage == STAGE and all(one.stage != STAGE or one.state == "closed" for one in mine):
            first = next((one for one in reversed(mine) if one.stage != STAGE and one.state == "open"), None)
            team = then_of(config, lead)
            new += [_second(config, lead, first, team, now)] if first and team else []
    if new:
        tx.handoffs.add(new)


def _second(config: Config, lead: Lead, first: Handoff, team: str, now: datetime) -> Handoff:
    score = lead.score
    return Handoff(
        lead_id=lead.id,
        flow=first.flow,
        stage=STAGE,
        state="observed" if config.flows[first.flow].mode == "observe" else "waiting",
        decided_at=now,
        version=score.version if score else first.version,
        hot=first.hot,
        total=score.total if score else first.total,
        grade=score.grade if score else first.grade,
        team=team,
        # Who had it has looked at it: nobody reviews it once more.
        released_by=first.owner,
        previous_id=first.id,
    )


def _withdraw(tx: Transaction, waiting: Iterable[Handoff], now: datetime) -> None:
    """Nobody of the next team has them."""
    ended = list(waiting)
    for handoff in ended:
        handoff.state, handoff.closed_at = "closed", now
    tx.handoffs.save(ended)
    tx.handoff_events.add([HandoffEvent(one.id, "withdrawn", "withdrawn", now) for one in ended], now)


def end_first(tx: Transaction, opened: Iterable[Handoff], now: datetime) -> None:
    """The handoffs before these, which are open now, have done what they were for."""
    seconds = {one.previous_id: one for one in opened if one.previous_id}
    before = [one for one in tx.handoffs.by_ids(list(seconds)).values() if one.state == "open"] if seconds else []
    for first in before:
        first.state, first.closed_at, first.next_at = "closed", now, None
    if before:
        tx.handoffs.save(before)
        events = [HandoffEvent(one.id, "passed on", "closed", now, body={"next": seconds[one.id].id}) for one in before]
        tx.handoff_events.add(events, now)
