"""A person lets go what waits: a lead in review or behind the daily limit, a parked flow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection

from connector.model import sentences
from connector.model.errors import ConfigError, Problem, RetryableError
from connector.model.handoff import Handoff
from connector.model.ports import Transaction
from connector.runs.criteria import settle
from connector.runs.look_up import look_ups, waits_for_read_in
from connector.runs.opening import Opening
from connector.runs.regain import Regaining
from connector.runs.restore import has_settled
from connector.runs.review import released
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
    config is judged anew with the next run. Raises ConfigError where the flow only observes,
    RetryableError where its CRM was not read in yet, and what the CRM raises when it is asked.
    """
    now = runtime.clock()
    with recorded(runtime, "release") as (run, counts):
        # What was edited a moment ago is meant, unless it is to wait.
        settle(runtime)
        flows, built = runtime.config.flows, rows(run.id)
        known = _known_there(runtime, built, lead_id, counts)
        with runtime.store.write() as tx:
            waiting = _waiting(tx, lead_id, flows)
            if not waiting:
                return None
            handoff = waiting[-1]
            flow = flows[handoff.flow]
            if flow.crm not in known:
                return None
            regained = known[flow.crm]
            if not regained.take(tx, [handoff]):
                raise RetryableError(sentences.WAITS_FOR_READ_IN % {"connection": flow.crm})
            handoff.released_by = who
            released(tx, [handoff], who, now)
            Opening(tx, runtime.config, built, flow, now, counts, regained.crm.capabilities).run([handoff])
            regained.follow(tx, [handoff], now)
            runtime.done(tx)
            return handoff


def _waiting(tx: Transaction, lead_id: int, flows: Collection[str]) -> list[Handoff]:
    of_lead = tx.handoffs.of_leads([lead_id]).get(lead_id, [])
    return [one for one in of_lead if one.state in RELEASABLE and one.flow in flows]


def _known_there(runtime: Runtime, rows: Rows, lead_id: int, counts: Counter[str]) -> dict[str, Regaining]:
    """Ask the CRM whether the lead is there already; what it told after a restore, by the CRM's name.

    Raises RetryableError where that was not read in yet: nobody knows who is there.
    """
    with runtime.store.read() as tx:
        waiting = _waiting(tx, lead_id, runtime.config.flows)
    if not waiting:
        return {}
    flow = runtime.config.flows[waiting[-1].flow]
    if flow.mode == "observe":
        raise ConfigError([Problem(("flows", flow.name, "mode"), ONLY_OBSERVES, allowed="review, live")])
    finder = look_ups(runtime, flow.crm, rows, counts)
    capabilities = finder.crm.capabilities
    with runtime.store.read() as tx:
        if waits_for_read_in(tx, flow.crm, capabilities) or not has_settled(tx, capabilities, runtime.clock()):
            raise RetryableError(sentences.WAITS_FOR_READ_IN % {"connection": flow.crm})
    if capabilities.look_up_batch:
        # Someone may have come in by hand since it was asked last, and a person waits for this one alone.
        finder.asked.clear()
        finder.ask(waiting[-1:], 1)
    regained = Regaining(runtime, flow, rows, finder.crm, counts)
    regained.ask(1, waiting[-1:])
    return {flow.crm: regained}


def release_flow(runtime: Runtime, flow: str) -> bool:
    """Let a parked flow go on; False where it was not parked."""
    with runtime.store.write() as tx:
        closed = bool(tx.reviews.close("parked_flow", [flow], "released", runtime.clock()))
        if closed:
            runtime.done(tx)
        return closed
