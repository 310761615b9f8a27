"""A person lets go what waits: a lead in review or behind the daily limit, a parked flow."""

from __future__ import annotations

from collections.abc import Callable

from connector.model.errors import ConfigError, Problem
from connector.model.handoff import Handoff
from connector.runs.hand_over import Opening
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime, recorded

#: Marks a text for the translators; it is translated where it is shown.
N_ = str

ONLY_OBSERVES = N_("it is observe: nothing of this flow is written outside")
#: States that a person can release a handoff from.
RELEASABLE = ("review", "waiting", "nobody", "observed", "before_start")


def release_lead(runtime: Runtime, rows: Callable[[int], Rows], lead_id: int, who: str) -> Handoff | None:
    """Hand one lead over now, whatever it waits for; None where nothing of it waits.

    It goes beyond the daily limit, and the day has one less for the others; a flow that is parked
    does not keep it back, since a person has looked. What waits in a flow that is gone from the
    config is judged anew with the next run. Raises ConfigError where the flow only observes.
    """
    now, flows = runtime.clock(), runtime.config.flows
    with recorded(runtime, "release") as (run, counts), runtime.store.write() as tx:
        of_lead = tx.handoffs.of_leads([lead_id]).get(lead_id, [])
        waiting = [one for one in of_lead if one.state in RELEASABLE and one.flow in flows]
        if not waiting:
            return None
        handoff = waiting[-1]
        flow = flows[handoff.flow]
        if flow.mode == "observe":
            raise ConfigError([Problem(("flows", flow.name, "mode"), ONLY_OBSERVES, allowed="review, live")])
        handoff.released_by = who
        Opening(tx, runtime.config, rows(run.id), flow, now, counts).run([handoff])
        return handoff


def release_flow(runtime: Runtime, flow: str) -> bool:
    """Let a parked flow go on; False where it was not parked."""
    with runtime.store.write() as tx:
        return bool(tx.reviews.close("parked_flow", [flow], "released", runtime.clock()))
