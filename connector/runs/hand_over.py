"""Give waiting handoffs to their owners: the best first, as many as the day allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time

from connector.config import Config, Flow
from connector.locale import translator
from connector.model.activity import Activity
from connector.model.handoff import Handoff, Turn
from connector.model.lead import Lead
from connector.model.outbox import OutboxRow
from connector.model.ports import Transaction
from connector.runs.assess import start_of
from connector.runs.handoff_rows import rows_of_handoff
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime
from connector.steps.facts import build
from connector.steps.routing.rules import route
from connector.steps.routing.turns import Ring, from_ledger
from connector.steps.telling.brief import brief

BATCH = 100
#: More handoffs than any flow has.
EVERY = 10**9


def hand_over(runtime: Runtime, rows: Rows, counts: Counter[str]) -> None:
    """Open what may be opened in every flow; counts `handed over`, `nobody there`, `for another day`."""
    for flow in runtime.config.flows.values():
        if flow.mode == "observe":
            continue
        with runtime.store.write() as tx:
            if tx.reviews.is_open("parked_flow", [flow.name]):
                counts["flows parked"] += 1
                continue
            begin_observed(tx, flow)
            try_again(tx, flow)
            if flow.mode == "review":
                hold(tx, flow)
            else:
                let_go(tx, flow)
        while not runtime.stop.is_set() and open_batch(runtime, rows, flow, counts):
            runtime.progress("handed over", counts)


def begin_observed(tx: Transaction, flow: Flow) -> None:
    """What a flow decided while it only observed goes out once it no longer does, from `start` on."""
    begin = datetime.combine(flow.start, time.min, flow.zone) if flow.start else None
    while observed := tx.handoffs.in_state(flow.name, "observed"):
        for handoff in observed:
            early = begin is not None and handoff.decided_at < begin
            handoff.state = "before_start" if early else "review" if flow.mode == "review" else "waiting"
            handoff.routed_by = start_of(flow) if early else ""
        tx.handoffs.save(observed)


def try_again(tx: Transaction, flow: Flow) -> None:
    """Where nobody was there, somebody may be by now: they are routed again with each pass."""
    stranded = tx.handoffs.in_state(flow.name, "nobody", EVERY)
    for handoff in stranded:
        handoff.state = "waiting"
    if stranded:
        tx.handoffs.save(stranded)


def hold(tx: Transaction, flow: Flow) -> None:
    """What waits since the flow was live, and nobody has released, goes before a person from now on."""
    held = [one for one in tx.handoffs.in_state(flow.name, "waiting", EVERY) if not one.released_by]
    for handoff in held:
        handoff.state = "review"
    if held:
        tx.handoffs.save(held)


def let_go(tx: Transaction, flow: Flow) -> None:
    """What was held for review goes out once its flow is live: nobody reviews it any more."""
    held = tx.handoffs.in_state(flow.name, "review", EVERY)
    for handoff in held:
        handoff.state = "waiting"
    if held:
        tx.handoffs.save(held)


def room_today(tx: Transaction, flow: Flow, now: datetime) -> int:
    """How many handoffs of `flow` may still be opened today, in the flow's time zone."""
    if flow.handoffs_per_day is None:
        return BATCH
    midnight = datetime.combine(now.astimezone(flow.zone).date(), time.min, flow.zone)
    opened = tx.handoffs.opened_since(flow.name, midnight.astimezone(UTC))
    return max(flow.handoffs_per_day - opened, 0)


def open_batch(runtime: Runtime, rows: Rows, flow: Flow, counts: Counter[str]) -> bool:
    """Open one batch in one transaction; whether another may follow."""
    now = runtime.clock()
    with runtime.store.write() as tx:
        room = room_today(tx, flow, now)
        waiting = tx.handoffs.in_state(flow.name, "waiting", BATCH)
        chosen = waiting[: min(room, BATCH)]
        if not chosen:
            counts["for another day"] += len(waiting)
            return False
        Opening(tx, runtime.config, rows, flow, now, counts).run(chosen)
    return True


def ring_of(tx: Transaction, team: str) -> Ring:
    """A team's ring as the ledger has it."""
    latest = tx.handoffs.turns(team, 1)
    return from_ledger(tx.handoffs.turn_counts(team), latest[0] if latest else None)


class Opening:
    """Routes and opens one batch of handoffs within one transaction."""

    def __init__(
        self, tx: Transaction, config: Config, rows: Rows, flow: Flow, now: datetime, counts: Counter[str]
    ) -> None:
        self.tx, self.config, self.rows, self.flow, self.now, self.counts = tx, config, rows, flow, now, counts
        self.translate = translator(flow.language)
        self.rings = {team: ring_of(tx, team) for team in config.teams}
        self.open_by_owner = tx.handoffs.open_by_owner()

    def run(self, handoffs: Sequence[Handoff]) -> None:
        """Open each; all is stored in a few statements at the end."""
        ids = [handoff.lead_id for handoff in handoffs]
        leads, activities = self.tx.intake.leads(ids), self.tx.intake.activities(ids)
        turns: list[Turn] = []
        out: list[OutboxRow] = []
        for handoff in handoffs:
            lead, deeds = leads[handoff.lead_id], activities.get(handoff.lead_id, [])
            turn = self._route(lead, deeds, handoff)
            if not handoff.owner:
                continue
            turns += [turn] if turn else []
            language = self.config.language_of(handoff.owner)
            handoff.brief = brief(
                lead, lead.score, deeds, handoff=handoff, language=language, translate=translator(language),
                now=self.now, zone=self.config.zone_of(handoff.owner),
            )  # fmt: skip
            out += rows_of_handoff(self.rows, lead, handoff)
        self.tx.handoffs.save(handoffs)
        self.tx.handoffs.add_turns(turns)
        # Only the standing: a lead that something came in for meanwhile stays due.
        self.tx.intake.update_leads([leads[one.lead_id] for one in handoffs if one.owner], self.now)
        self.tx.outbox.put(out, self.now)
        self.tx.reviews.put(self.rows.take_unsent(), self.now)

    def _route(self, lead: Lead, deeds: Sequence[Activity], handoff: Handoff) -> Turn | None:
        """Choose an owner and say so on lead and handoff; the turn, where there was one."""
        facts = build(lead, deeds, self.now)
        facts.score = lead.score
        routed = route(facts, self.flow.routing, self.config.roster, self.rings, self.open_by_owner, self.translate)
        handoff.routed_by = routed.words
        if not routed.owner:
            handoff.state = "nobody"
            self.counts["nobody there"] += 1
            return None
        handoff.state, handoff.owner, handoff.team = "open", routed.owner, routed.team
        handoff.opened_at, handoff.due_at = self.now, self._due(handoff)
        lead.owner = routed.owner
        self.counts["handed over"] += 1
        self.open_by_owner[routed.owner] = self.open_by_owner.get(routed.owner, 0) + 1
        if routed.turn is None or routed.ring is None:
            return None
        self.rings[routed.team] = routed.ring
        given, weights = routed.turn
        return Turn(handoff.id, routed.team, routed.owner, self.now, routed.rule, given, weights)

    def _due(self, handoff: Handoff) -> datetime | None:
        """When first contact is due, in raw hours: the clock runs nights and weekends too."""
        contact = self.flow.clock.contact
        duration = contact.hot if handoff.hot else contact.other
        return self.now + duration.delta if duration else None
