"""Give waiting handoffs to their owners: the best first, as many as the day allows.

Whoever is in the CRM already is found there before anything is made (`there`): nobody comes twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time

from connector.config import Config, Flow
from connector.model import sentences
from connector.model.errors import AuthError, BatonError, ConfigError, RetryableError
from connector.model.handoff import Handoff
from connector.model.ports import Transaction
from connector.runs.before_start import start_of
from connector.runs.look_up import AHEAD, LookUps, look_ups, waits_for_read_in
from connector.runs.opening import Opening
from connector.runs.places import placed
from connector.runs.regain import Regaining
from connector.runs.restore import has_settled, refuse_if_set_back
from connector.runs.review import awaits, look_after
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime

BATCH = 100
#: More handoffs than any flow has.
EVERY = 10**9


#: What went wrong, by connection.
Failures = list[tuple[str, BatonError]]


def hand_over(runtime: Runtime, rows: Rows, counts: Counter[str], *, ask: bool = True) -> Failures:
    """Open what may be opened in every flow; counts `handed over`, `nobody there`, `for another day`.

    With `ask` the CRMs are asked about those whom nobody knows. A CRM that fails stops its own
    flows only, and is told with the others that failed.
    """
    failures: Failures = []
    for flow in runtime.config.flows.values():
        if flow.mode == "observe" or not _ready(runtime, flow, counts):
            continue
        try:
            open_flow(runtime, rows, flow, counts, ask=ask)
        except ConfigError as error:
            failures.append((flow.crm, ConfigError(placed(runtime.config, flow.crm, error))))
        except (AuthError, RetryableError) as error:
            failures.append((flow.crm, error))
    return failures


def _ready(runtime: Runtime, flow: Flow, counts: Counter[str]) -> bool:
    """Put the flow's handoffs where its mode wants them; whether any may be opened."""
    with runtime.store.write() as tx:
        refuse_if_set_back(tx)
        if tx.reviews.is_open("parked_flow", [flow.name]):
            counts["flows parked"] += 1
            return False
        begin_observed(tx, flow)
        try_again(tx, flow)
        if flow.mode == "review":
            hold(tx, flow)
            look_after(tx, runtime.config, flow, runtime.clock())
        else:
            let_go(tx, flow)
        return bool(tx.handoffs.in_state(flow.name, "waiting", 1))


def open_flow(runtime: Runtime, rows: Rows, flow: Flow, counts: Counter[str], *, ask: bool) -> None:
    """Open what may be opened in one flow, as soon as its CRM was read in.

    Raises what the CRM raises: AuthError, ConfigError, RetryableError.
    """
    finder = look_ups(runtime, flow.crm, rows, counts)
    regained = Regaining(runtime, flow, rows, finder.crm, counts)
    with runtime.store.read() as tx:
        read = not waits_for_read_in(tx, flow.crm, finder.crm.capabilities)
        if not read or not has_settled(tx, finder.crm.capabilities, runtime.clock()):
            waiting = len(tx.handoffs.in_state(flow.name, "waiting", EVERY))
            counts[sentences.WAITS_FOR_READ_IN % {"connection": flow.crm}] += waiting
            return
    while not runtime.stop.is_set() and open_batch(runtime, rows, flow, counts, finder, regained, ask=ask):
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
        awaits(tx, [flow.name])


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
        awaits(tx, [flow.name])


def let_go(tx: Transaction, flow: Flow) -> None:
    """What was held for review goes out once its flow is live: nobody reviews it any more."""
    held = tx.handoffs.in_state(flow.name, "review", EVERY)
    for handoff in held:
        handoff.state = "waiting"
    if held:
        tx.handoffs.save(held)


def room_today(tx: Transaction, flow: Flow, now: datetime, most: int = BATCH) -> int:
    """How many handoffs of `flow` may still be opened today, in the flow's time zone; `most` where it has no limit."""
    if flow.handoffs_per_day is None:
        return most
    midnight = datetime.combine(now.astimezone(flow.zone).date(), time.min, flow.zone)
    opened = tx.handoffs.opened_since(flow.name, midnight.astimezone(UTC))
    return max(flow.handoffs_per_day - opened, 0)


def open_batch(
    runtime: Runtime, rows: Rows, flow: Flow, counts: Counter[str], finder: LookUps, regained: Regaining, *, ask: bool
) -> bool:
    """Ask about those who are not known, then open one batch in one transaction; whether another may follow."""
    now, asked = runtime.clock(), ask and finder.crm.capabilities.look_up_batch > 0
    if asked:
        with runtime.store.read() as tx:
            room = room_today(tx, flow, now, AHEAD)
            ahead = tx.handoffs.in_state(flow.name, "waiting", min(room, AHEAD))
        finder.ask(ahead, BATCH)
        if runtime.stop.is_set():
            return False
    if ask:
        regained.ask(BATCH)
    with runtime.store.write() as tx:
        refuse_if_set_back(tx)
        room = room_today(tx, flow, now)
        waiting = tx.handoffs.in_state(flow.name, "waiting", BATCH)
        chosen = within_limit(compared(tx, runtime.config, waiting), room)
        if asked:
            # Who has come in since they were asked about waits for the next batch.
            unknown = finder.unknown(tx, chosen)
            chosen = [one for one in chosen if one.lead_id not in unknown]
        chosen = regained.take(tx, chosen)
        if not chosen:
            counts["for another day"] += tx.handoffs.counts()[flow.name, "waiting"] if waiting else 0
            return False
        Opening(tx, runtime.config, rows, flow, now, counts, finder.crm.capabilities).run(chosen)
        regained.follow(tx, chosen, now)
        if asked:
            finder.remember(tx, chosen)
    return True


def within_limit(waiting: Sequence[Handoff], room: int) -> list[Handoff]:
    """As many as the day has room for; what goes on to the next team was handed over before, and is not held back."""
    new = [one.id for one in waiting if not one.previous_id][:room]
    return [one for one in waiting if one.previous_id or one.id in new]


def compared(tx: Transaction, config: Config, waiting: list[Handoff]) -> list[Handoff]:
    """Without those of whom it is not known yet whether another lead is the same person."""
    if not waiting or not config.identity.compare:
        return waiting
    later = tx.keys.among([one.lead_id for one in waiting])
    return [one for one in waiting if one.lead_id not in later] if later else waiting
