"""What a person said about being contacted: events that are kept for ever, and what stands because of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

#: A way to reach somebody; `all` is every way.
Channel = Literal["email", "phone", "all"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)

#: How it was said: by the person themselves (a click, an answer in a form), as a value of a field, by mail that
#: came back, or by somebody who works here.
How = Literal["unsubscribe", "subscribe", "form", "field", "bounce", "person", "merge"]

#: What a person does themselves. Only this reopens a channel that was closed.
EXPLICIT: frozenset[How] = frozenset({"subscribe", "form", "person"})


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One word about one channel. `given`: they may be contacted that way; otherwise they may not.

    `at` is when it was said, as the source tells; `certain`: that time is of this very word, and not of the record
    that carries it (it may have been said earlier then). `source` is the connection that told, `scope` the
    subscription that it is about ("": the whole channel), of a bounce the address; `evidence` what it was read from:
    a field, the id of an activity, who said so. `recorded_at` is when we heard. Unique by lead, channel, scope, given,
    source, how and at.
    """

    lead_id: int
    channel: Channel
    given: bool
    at: datetime
    source: str
    how: How
    scope: str = ""
    certain: bool = True
    evidence: str = ""
    recorded_at: datetime | None = None
    id: int = 0
