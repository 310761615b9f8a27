"""A lead given to a rep at a stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

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
    What came back: when it was accepted, first contacted and closed, the reason, the rep's `words`
    about it and the rating. `worked` are the seconds of working time from `opened_at` to the first contact.

    `acted_at` is the lead's own act that it stands on (UTC), `accept_due_at` by when it is to be accepted,
    `reviewer` and `review_due_at` who releases it before and by when, `back_at` when a rejected lead may come
    back, `next_at` when a clock next has something to do about it (None: never). `roster` is the version of the
    roster it was routed by, `previous_id` the handoff before it (from one team to the next).
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
    accept_due_at: datetime | None = None
    review_due_at: datetime | None = None
    next_at: datetime | None = None
    back_at: datetime | None = None
    acted_at: datetime | None = None
    worked: int | None = None
    reviewer: str = ""
    words: str = ""
    roster: str = ""
    previous_id: int = 0
    id: int = 0


#: What may happen to a handoff, or be done about it.
HandoffEventKind = Literal[
    "opened",  # given to an owner
    "reminded",  # a share of the time of a clock is over
    "breached",  # the time is over
    "told",  # rep or manager were told of a breach
    "reassigned",  # given to another owner
    "accepted",  # by a person
    "touched",  # a call, mail or meeting by a person
    "contacted",  # the first of these
    "asked",  # the rep was asked to rate the lead
    "rated",  # quality, 1 to 5
    "rejected",  # by a person, with a reason
    "mending",  # its data is to be mended before it comes back
    "mended",  # somebody said that it is
    "returned",  # a rejected lead is back
    "stalled",  # too long in one stage
    "released",  # from review
    "withdrawn",  # before anybody had it
    "closed",
]


@dataclass(frozen=True, slots=True)
class HandoffEvent:
    """Something that happened to a handoff, or was done about it; kept once, by `key`.

    `key` says what by its cause: `contact:remind:50`, `contact:breach`, `contact:do:0`, `touch:<connection>:<id>`.
    `at` is when it happened or was due (UTC), `noted_at` when the store heard of it. `who` is an email, a connection
    or "". `body` is JSON-ready and names no lead.
    """

    handoff_id: int
    key: str
    kind: HandoffEventKind
    at: datetime
    who: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    noted_at: datetime | None = None
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
