"""The stages of a lead, and who may move it from one to the next.

Going backward is normal: a person in the CRM may move a lead anywhere, and that is recorded
as it is. The table holds for the moves that Baton makes by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

Stage = Literal["known", "warm", "mql", "sal", "sql", "opportunity", "won", "lost", "rejected"]
STAGES: tuple[Stage, ...] = get_args(Stage)

By = Literal["baton", "person", "crm"]

#: Moves that Baton may make itself: (from, to) -> the evidence it needs.
OWN_MOVES: dict[tuple[Stage, Stage], str] = {
    ("known", "mql"): "gate passed, all required fields there",
    ("warm", "mql"): "gate passed, all required fields there",
    ("known", "warm"): "in the nurture band",
    ("warm", "known"): "below the nurture band",
    ("mql", "known"): "before the handoff only: gate fails and total below mql_ends",
    ("mql", "warm"): "before the handoff only: gate fails and total below mql_ends",
    ("rejected", "known"): "recycled: back_after over and back_when holds",
    ("lost", "known"): "recycled: back_after over and back_when holds",
}

#: Stages that people decide; a score never overwrites them.
OF_PEOPLE: frozenset[Stage] = frozenset({"sal", "sql", "opportunity", "won", "lost", "rejected"})


def may_move(origin: Stage, to: Stage, by: By) -> bool:
    """Whether `by` may move a lead from `origin` to `to`; people and CRMs may always."""
    return by != "baton" or (origin, to) in OWN_MOVES


@dataclass(frozen=True, slots=True)
class Transition:
    """One move of one lead: an event that is kept for ever.

    `origin` is None for first sight. `why` is a short sentence or the gate's name; `version`
    the criteria version that decided; `total` and `grade` as they were then.
    """

    lead_id: int
    flow: str
    origin: Stage | None
    to: Stage
    at: datetime
    by: str
    why: str
    version: str = ""
    total: int = 0
    grade: str = ""
    id: int = 0
