"""What was done on the desk: by whom, as what, about which lead, and how it ended."""

from __future__ import annotations

from starlette.responses import Response

from connector.steps.telling.trail import outcome
from connector.steps.telling.words import N_
from connector.web.room import Room
from connector.web.visit import Visit

ROOM = Room("trail")
#: Entries of a page; the trail is read by its key, from the newest or from before a number.
AT_ONCE = 100


@ROOM.page("/admin/trail", roles=("admin",), link=N_("Trail"))
def trail(visit: Visit) -> Response:
    """The newest entries, or those before the number `before`; about the lead `lead` where one is named."""
    before, lead_id = number(visit, "before"), number(visit, "lead")
    with visit.app.store.read() as tx:
        entries = tx.logins.trail(AT_ONCE + 1, before, lead_id or None)
    more = entries[AT_ONCE - 1].id if len(entries) > AT_ONCE else 0
    return visit.page(
        "trail.html", title=visit.translate(N_("Trail")), entries=entries[:AT_ONCE], more=more, lead_id=lead_id,
        zone=visit.app.config.zone_of(visit.user.email), outcome=lambda one: outcome(one, visit.words.now),
    )  # fmt: skip


def number(visit: Visit, name: str) -> int:
    """A number of ours in the address; 0 where there is none, or where it is none that a store can have."""
    said = visit.query.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else 0
