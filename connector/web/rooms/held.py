"""What an admin is asked: flows that are parked, criteria and plans that wait, and how Baton is doing."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from connector.model.ports import ReviewItem, Transaction, Waiting
from connector.runs import criteria
from connector.runs.failing import failing
from connector.runs.faults import open_items
from connector.runs.release import release_flow
from connector.steps.telling.words import N_
from connector.web.plans import KeptPlan, plans
from connector.web.room import Room
from connector.web.visit import Visit

ROOM = Room("held")
HERE = "/admin"
RELEASED = N_("The flow %(flow)s goes on.")
NOT_PARKED = N_("The flow %(flow)s was not parked; nothing was changed.")
ACCEPTED = N_("The criteria of %(flow)s are in force.")
CHANGED = N_("These criteria do not wait any more, or were changed since; nothing was changed.")


@dataclass(frozen=True, slots=True)
class Held:
    """What waits for an admin. Of a plan, `done` says how many of its rows were done with."""

    parked: tuple[ReviewItem, ...]
    waiting: tuple[Waiting, ...]
    plans: tuple[tuple[KeptPlan, int], ...]
    fails: int
    counts: dict[str, int]
    stuck: int


@ROOM.page(HERE, roles=("admin",), link=N_("Held back"))
def held(visit: Visit) -> Response:
    """All of it, each with what lets it go on."""
    with visit.app.store.read() as tx:
        found = _held(visit, tx)
    return visit.page("held.html", title=visit.translate(N_("Held back")), held=found, retell=visit.words.retell)


def _held(visit: Visit, tx: Transaction) -> Held:
    kept = plans(visit.app.config.root, tx.admin.store_id())
    stuck = sum(count for (_, state), count in tx.outbox.counts().items() if state in ("dead", "parked"))
    return Held(
        tuple(open_items(tx, "parked_flow")),
        tuple(tx.criteria.waiting().values()),
        tuple((one, len(tx.applied.of_plan(one.id))) for one in kept),
        len(failing(tx)),
        tx.reviews.counts(),
        stuck,
    )


@ROOM.act("/admin/flows/{flow}/release", roles=("admin",))
def release(visit: Visit, flow: str) -> Response:
    """Let a parked flow go on: an admin has looked at what it is about to change."""
    released = release_flow(visit.runtime(), flow)
    visit.noted["flow"] = flow
    return visit.back(HERE, visit.words.say(RELEASED if released else NOT_PARKED, flow=flow))


@ROOM.act("/admin/criteria/{flow}/accept", roles=("admin",))
def accept(visit: Visit, flow: str) -> Response:
    """Take the criteria that were shown; others that wait by now are not taken."""
    done = _accept(visit, flow, visit.form.text("version"), visit.form.text("note")[:500])
    visit.noted["flow"] = flow
    return visit.back(HERE, visit.words.say(ACCEPTED, flow=flow) if done else visit.translate(CHANGED))


def _accept(visit: Visit, name: str, shown: str, note: str) -> bool:
    flow = visit.app.config.flows.get(name)
    with visit.app.store.write() as tx:
        waits = tx.criteria.waiting().get(name)
        if flow is None or waits is None:
            return False
        if not waits.version == shown == flow.as_written.criteria.version:
            return False
        taken = criteria.take(tx, flow.as_written, visit.app.clock(), visit.user.email, note)
        if taken:
            visit.done(tx)
        return taken
