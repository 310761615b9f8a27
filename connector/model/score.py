"""A score, and what it is made of.

Points are whole numbers. The contributions of a score add up to its total exactly; where a
cap takes points away, the cap is a contribution of its own with negative points. Nobody changes
either once it is handed on; they are not frozen, because that costs a first run one part in forty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from connector.model.fields import Value

Group = Literal["fit", "engagement", "intent"]
GROUPS: tuple[Group, ...] = ("fit", "engagement", "intent")


@dataclass(slots=True)
class Contribution:
    """Points that one rule (or one cap) gave.

    `evidence` says on what: `field=value`, or `kind x count, latest ISO time`. `full` is what
    the rule would give undecayed; it equals `points` where nothing has faded or been capped.
    """

    rule: str
    group: Group
    points: int
    evidence: str = ""
    full: int = 0


@dataclass(slots=True)
class Score:
    """The score of one lead at one moment under one version of the criteria.

    `next_change` is the earliest later moment at which time alone could change a gate, the
    grade, or the total by more than the flow's `write_score`; None where it cannot. `account` is what was known of
    the lead's account when it was scored, in a flow that has accounts.
    """

    at: datetime
    version: str
    fit: int = 0
    engagement: int = 0
    intent: int = 0
    total: int = 0
    grade: str = ""
    contributions: tuple[Contribution, ...] = field(default=())
    next_change: datetime | None = None
    account: Mapping[str, Value] | None = None
