"""Everything a condition or a rule may look at, for one lead at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.model.activity import Activity
from connector.model.fields import Value
from connector.model.score import Score


@dataclass(slots=True)
class Facts:
    """The facts about one lead at `now` (aware, UTC).

    `activities` by kind, each list oldest first; none is later than `now`. `lifetime` counts
    by kind over all time (from the roll-up; kinds may be absent). `score` is set once computed, so
    that gates can look at it. `changed` maps a field to when its value last changed.
    `account_owner` is the email of the account's owner in the CRM, "" if unknown. `later` is when
    the first of the activities happens that were left out because they are later than `now`.
    """

    now: datetime
    fields: Mapping[str, Value]
    activities: Mapping[str, Sequence[Activity]] = field(default_factory=dict)
    lifetime: Mapping[str, int] = field(default_factory=dict)
    score: Score | None = None
    changed: Mapping[str, datetime] = field(default_factory=dict)
    account_owner: str = ""
    later: datetime | None = None
