"""What is to be written outside, and what came of it: the protocol of writing in types.

Two kinds of rows write. A `state` row holds the values an object should have: of one (target,
object, our key, field group) only the newest unsent revision is kept. A `once` row does one
thing for one event (`sf:handoff-81:task:1`): its key has no revision in it, so that a lead
that moves between a crash and the restart does not get a second task. A `verify` row is a
second look in the same queue; it writes nothing outside.

The states of a row, and who moves it:

    waiting --claim--> in_flight --settle--> done | refused -> dead | not executed -> waiting
                           |
                           +--no usable answer, or the claim's deadline passed--> unknown
    unknown --resolve, not before resolve_at--> done (found: adopted) | waiting (absent: send again)
                                               | parked (cannot tell: a person decides)
    waiting --a newer revision--> superseded        dead --retry or a newer revision--> waiting
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

RowKind = Literal["state", "once", "verify"]
RowState = Literal["waiting", "in_flight", "unknown", "done", "dead", "parked", "superseded", "dropped"]
ROW_STATES: tuple[RowState, ...] = get_args(RowState)

#: The field group of rows that tell who may be contacted, and the object of platforms that keep that by address.
CONSENT = "consent"

#: Codes of refusals after which an object is not written any more: it is gone, or has become another.
ENDED = frozenset({"NOT_FOUND", "GONE", "CONVERTED"})

#: The code of a row that the platform gave no answer for while nothing else was in the request; behind a colon, how
#: often so far, while the platform took others.
ALONE = "FAILS_ALONE"

#: Lanes, most urgent first: a claim takes the lowest number first.
LANES = {"consent": 0, "hot": 1, "status": 2, "normal": 3, "backfill": 4}


def most_together(limit: int, resends: int, least: int = 1) -> int:
    """How many rows that were sent again so often may share a request of `limit`.

    Half as many each time, down to one, so that what one of them does to the others ends; but `least`, where the
    platform has just answered as many at once.
    """
    return min(limit, max(limit >> resends, least, 1))


@dataclass(slots=True)
class OutboxRow:
    """One row of the outbox.

    `object` is the kind of thing in the target (`lead`, `task`, `note`, `association`,
    `member`); `our_key` is the key that we choose for it, unique per (target, object), which
    the create request carries. `key` identifies the row: `once` rows by event, `state` rows by
    target, object, our key and field group. `after` is the key of a row that must have ended (be done, or
    dropped) first; `parent` the `our_key` of the object (of kind `parent_object`) that this one hangs on, whose
    CRM id the sender fills in from its receipt. `crm_id`, where given, addresses an object that was
    there before us. `attempts` counts claims; `resends` counts how often
    the row was sent again after an unknown: such a row leaves a `verify` row when it is done.
    The values of an `association` name what its parent is joined to by our key (`{"company": key}`),
    in whose place the sender puts the CRM id; those of a `membership` are `{"list": name, "contact": id,
    "member": bool}`.
    """

    target: str
    kind: RowKind
    object: str
    our_key: str
    key: str
    values: dict[str, Any]
    lead_id: int = 0
    group: str = ""
    lane: int = LANES["normal"]
    after: str = ""
    parent: str = ""
    parent_object: str = "lead"
    flow: str = ""
    run_id: int = 0
    id: int = 0
    revision: int = 0
    state: RowState = "waiting"
    attempts: int = 0
    resends: int = 0
    epoch: int = 0
    not_before: datetime | None = None
    sent_at: datetime | None = None
    deadline: datetime | None = None
    resolve_at: datetime | None = None
    crm_id: str = ""
    reason: str = ""
    code: str = ""
    field: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The platform did it and said so completely. `echo` are the values it now reports, if any."""

    crm_id: str
    revision: str = ""
    echo: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform understood and said no; sending the same again is pointless.

    `duplicate` marks a refusal because the object is there already: after an unknown that may
    be our own first attempt, so it is looked up before it is believed.
    """

    reason: str
    code: str = ""
    field: str = ""
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class NotExecuted:
    """Certainly nothing happened: no connection was made, 401, 429, or what its table lists."""

    reason: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything that is not a complete, recognised answer: time-out, reset, cut body, 5xx, HTML."""

    reason: str


Outcome = Done | Refused | NotExecuted | Unknown


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up by our key gave: the ids of live objects, oldest first, and their values."""

    crm_ids: tuple[str, ...] = ()
    values: tuple[dict[str, Any], ...] = ()
    reliable: bool = True
    """False where the platform could not tell (a search that failed): park, do not resend."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the target last acknowledged for one object: its id there and the values by field."""

    target: str
    object: str
    our_key: str
    crm_id: str
    values: dict[str, Any]
    revision: str = ""
    lead_id: int = 0
    at: datetime | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of one claim, applied only if the row still carries `epoch`.

    `state` is the row's next state. `receipt`, where given, is stored whatever the state;
    `not_before` goes with `waiting`, `resolve_at` with `unknown`. `resend` counts the row's
    `resends` up. `follow_up` rows (a `verify` after a resend, a `state` row after an old value
    came back) are put in the same transaction, once the row itself is settled.
    """

    row: OutboxRow
    epoch: int
    state: RowState
    reason: str = ""
    code: str = ""
    field: str = ""
    not_before: datetime | None = None
    resolve_at: datetime | None = None
    receipt: Receipt | None = None
    resend: bool = False
    follow_up: tuple[OutboxRow, ...] = ()
