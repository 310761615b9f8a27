"""What a time line is made of: dated entries, each of one sort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.steps.telling.words import N_

#: The sorts of entries, in words.
KINDS: Mapping[str, str] = {
    "first_seen": N_("first seen"),
    "activity": N_("what they did"),
    "stage": N_("stages"),
    "handoff": N_("handoff"),
    "follow_up": N_("follow-up"),
    "answer": N_("what sales says"),
    "write": N_("written outside"),
    "consent": N_("consent"),
    "joining": N_("who is who"),
    "trouble": N_("trouble"),
    "due": N_("still to come"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened, or is still to come.

    `kind` is a key of KINDS, `what` a line in words, `more` lines that go below it, `values` the same for a program,
    `sources` the rows it comes from (`activity:hubspot:17`, `handoff:5`), `count` how many are told in one.
    """

    at: datetime
    kind: str
    what: str
    more: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    count: int = 1
