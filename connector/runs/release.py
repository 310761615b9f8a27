"""A person lets go what waits: a lead in review or behind the daily limit, a parked flow."""

from __future__ import annotations

from collections.abc import Callable

from connector.model.handoff import Handoff
from connector.runs.hand_over import Opening
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime, recorded

#: States that a person can release a handoff from.
RELEASABLE = ("review", "waiting", "nobody", "observed", "before_start")


def release_lead(runtime: Runtime, rows: Callable[[int], Rows], lead_id: int, who: str) -> Handoff | None:
    """Hand one lead over now, whatever it waits for; None where nothing of it waits."""
    now = runtime.clock()
    with recorded(runtime, "release") as (run, counts), runtime.store.write() as tx:
        waiting = [one for one in tx.handoffs.of_leads([lead_id]).get(lead_id, []) if one.state in RELEASABLE]
        if not waiting:
            return None
        handoff = waiting[-1]
        handoff.released_by = who
        flow = runtime.config.flows[handoff.flow]
        Opening(tx, runtime.config, rows(run.id), flow, now, counts).run([handoff])
        return handoff


def release_flow(runtime: Runtime, flow: str) -> bool:
    """Let a parked flow go on; False where it was not parked."""
    with runtime.store.write() as tx:
        return bool(tx.reviews.close("parked_flow", [flow], "released", runtime.clock()))
