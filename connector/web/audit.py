"""The trail of what was done on the desk: who, as what, about which lead, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from connector.model.logins import Audited
from connector.steps.telling.trail import BEGUN

if TYPE_CHECKING:
    from connector.app import App
    from connector.model.ports import Transaction
    from connector.web.room import Door, Room
    from connector.web.visit import Visit

#: Names that the parts of a path have where they are the number of a lead, or of a handoff.
LEAD, HANDOFF = ("lead", "lead_id"), ("handoff", "handoff_id")
DONE, FAILED = "done", "failed"


@dataclass
class Outcome:
    """How an act ended: `done`, `refused` (with a status), or `failed`."""

    word: str = FAILED
    status: int = 500

    def of(self, answer: Response) -> Response:
        """Take note of an answer."""
        self.status = answer.status_code
        self.word = DONE if self.status < 400 else "refused"
        return answer


@contextmanager
def keep(visit: Visit, room: Room, door: Door) -> Iterator[Outcome]:
    """Write an act down before anything is done, and how it ended after it.

    An act may be several transactions: whatever ends the program in between, none is done that the trail does not
    have. That which does what was asked for ends the entry, too (`Visit.done`): what still stands there as `begun` was
    not done.
    """
    entry, outcome = _begun(visit, room, door), Outcome()
    visit.done = lambda tx: _amend(tx, visit, entry, {"outcome": DONE})
    try:
        yield outcome
    except HTTPException as error:
        outcome.word, outcome.status = "refused", error.status_code
        raise
    finally:
        _ended(visit, entry, outcome)


def _begun(visit: Visit, room: Room, door: Door) -> Audited:
    action = f"{room.name}: {door.handler.__name__.replace('_', ' ')}"
    role = next((role for role in door.roles if role in visit.user.roles), "admin")
    with visit.app.store.write() as tx:
        lead_id, handoff_id = _about(tx, visit)
        about = (lead_id, handoff_id, {"outcome": BEGUN})
        entry = Audited(visit.app.clock(), visit.user.email, role, action, *about)
        return replace(entry, id=tx.logins.record(entry))


def _ended(visit: Visit, entry: Audited, outcome: Outcome) -> None:
    with visit.app.store.write() as tx:
        # What failed behind what was asked for has not undone it.
        word = DONE if outcome.word == FAILED and _is_done(tx, entry) else outcome.word
        _amend(tx, visit, entry, {"outcome": word, "status": outcome.status})


def _amend(tx: Transaction, visit: Visit, entry: Audited, ended: Mapping[str, Any]) -> None:
    lead_id, handoff_id = _about(tx, visit)
    tx.logins.amend(replace(entry, lead_id=lead_id, handoff_id=handoff_id, body={**ended, **visit.noted}))


def _is_done(tx: Transaction, entry: Audited) -> bool:
    return any(one.id == entry.id and one.body["outcome"] == DONE for one in tx.logins.trail(1, entry.id + 1))


def note(app: App, action: str, who: str = "", body: Mapping[str, Any] | None = None, role: str = "") -> None:
    """Write down what happened at the door: signing in, being refused."""
    with app.store.write() as tx:
        tx.logins.record(Audited(app.clock(), who, role, action, body=body or {}))


def _about(tx: Transaction, visit: Visit) -> tuple[int | None, int | None]:
    """The lead and the handoff that an act was about: what the room says, else the parts of the path.

    None for numbers of which there is none: somebody may have made them up.
    """
    lead_id = visit.about.get("lead") or _part(visit, LEAD)
    handoff_id = visit.about.get("handoff") or _part(visit, HANDOFF)
    handoff = tx.handoffs.by_ids([handoff_id]).get(handoff_id) if handoff_id else None
    if handoff is not None:
        return handoff.lead_id, handoff.id
    known = bool(lead_id) and lead_id in tx.intake.leads([lead_id])
    return (lead_id if known else None), None


def _part(visit: Visit, names: tuple[str, ...]) -> int:
    found = (visit.request.path_params.get(name) for name in names)
    return next((one for one in found if isinstance(one, int)), 0)
