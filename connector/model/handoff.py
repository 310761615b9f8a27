"""A lead given to a rep at a stage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

HandoffState = Literal[
    "observed",  # the flow only observes: decided, nothing written outside
    "before_start",  # over the line before the flow's `start`: a score, but no handoff
    "review",  # a person must release it first
    "waiting",  # free to go; waits for its turn (handoffs_per_day, best first) or for routing
    "nobody",  # routed, and nobody was there
    "suppressed",  # the person is out of every way in which a rep could reach them
    "open",  # given to an owner; its writes are in the outbox
    "closed",  # rejected, won, lost, withdrawn before it was given to anyone
]
#: What `released_by` says where a plan was applied.
BY_PLAN = "plan"
#: A handoff in one of these states has not reached the CRM: the lead may still fall back.
NOT_YET_OUT: frozenset[HandoffState] = frozenset(
    {"observed", "before_start", "review", "waiting", "nobody", "suppressed"}
)
HANDOFF_STATES: tuple[HandoffState, ...] = get_args(HandoffState)


@dataclass(slots=True)
class Handoff:
    """One handoff. At most one that is not closed exists per lead and stage.

    `routed_by` says in words which rule and whose turn; `due_at` is when first contact is
    due (UTC); `released_by` names the person who freed it from review, or BY_PLAN.
    `target` is the connection it was given to, `record` the record there that it hangs on where
    that was there before us (`contact:003…`, `opportunity:006…`), "" for a lead of our own.
    What came back: when it was accepted, first contacted and closed, the reason and the rating.
    """

    lead_id: int
    flow: str
    stage: str
    state: HandoffState
    decided_at: datetime
    version: str
    hot: bool = False
    total: int = 0
    grade: str = ""
    owner: str = ""
    team: str = ""
    routed_by: str = ""
    opened_at: datetime | None = None
    due_at: datetime | None = None
    released_by: str = ""
    brief: str = ""
    target: str = ""
    record: str = ""
    accepted_at: datetime | None = None
    contacted_at: datetime | None = None
    closed_at: datetime | None = None
    reason: str = ""
    rating: int | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of the routing ledger: who got which handoff, and the weights it was decided on.

    `given` counts the team's turns before this one. `weights` is the ring as it stood then,
    `email=weight:owed` joined by blanks, where weight 0 is a member who was not available and
    `owed` (in turns) is left out where it is nought: with it, the same choice can be made again
    by hand, and the next line follows from it.
    """

    handoff_id: int
    team: str
    email: str
    at: datetime
    rule: str
    given: int
    weights: str
    id: int = 0
