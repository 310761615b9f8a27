"""What people are told by mail or chat: about handoffs, and about how the program itself does.

A notice is sent at least once or at most once, by what it is about: nobody can know whether a mail whose answer was
lost has arrived. What somebody must act on is sent again; what only reminds is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from connector.model.outbox import Outcome
from connector.model.stages import STAGES

#: The target of notices in the outbox; no connection may have this name.
TARGET = "notices"
#: The kind of their rows there.
NOTICE = "notice"

#: Where the desk shows a lead, by its number.
LEAD_PAGE = "/leads/%d"

#: What a notice can be about, beside a lead that reached a stage.
ABOUT = (
    "new",  # a lead was given to its owner
    "due",  # a reminder: a share of the agreed time is over
    "breached",  # the agreed time is over, or somebody was told of that and it was done after all
    "returned",  # a lead that was rejected is back
    "stalled",  # too long in one stage
    "review",  # a lead waits to be released
    "fix queue",  # something of a lead is to be mended
    "sync trouble",  # a connection fails, or works again
    "parked flow",  # a flow was stopped, or released
    "report",  # a review pack was made
    "criteria wait",  # changed criteria wait to be accepted
    "conversion dropped",  # fewer leads than usual go on to the next stage, or as many as usual again
    "slower",  # first contact takes longer than usual, or no longer
)
KINDS = (*ABOUT, *(stage for stage in STAGES if stage not in ABOUT))

#: Who hears of what where the configuration says nothing of it: whoever has to act.
SHIPPED: Mapping[str, tuple[str, ...]] = {
    "new": ("owner",),
    "due": ("owner",),
    "breached": ("owner", "manager"),
    "returned": ("owner",),
    "stalled": ("owner",),
    "review": ("owner",),
    "fix queue": ("owner",),
}
#: Sent at most once: the next reminder, or the breach, comes anyway.
AT_MOST_ONCE = frozenset({"due", "stalled", "report"})


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell people.

    `kind` says who hears of it ([notices]), `says` which text they read (steps/notices.py), `key` what happened: of
    one key each address hears once. `owner` is the email of whom it concerns: the rep, the reviewer, who mends.
    `values` fill the text: plain words, numbers, or moments (aware). Of owner and manager only those in `to` hear of
    it, where that is not empty.
    """

    kind: str
    says: str
    key: str
    at: datetime
    owner: str = ""
    team: str = ""
    flow: str = ""
    lead_id: int = 0
    hot: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """Something that goes with a message: `type` is a media type of text, such as `text/html`."""

    name: str
    type: str
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to one address: a subject of one line, a plain text of several. `id` is the same when sent again.

    `files` go with mail only.
    """

    to: str
    subject: str
    text: str
    id: str
    files: Sequence[File] = ()


class Notifier(Protocol):
    """Sends messages."""

    def send(self, message: Message) -> Outcome:
        """Send one message to `mail:<email>` or `secret:<name>`; never raises."""
