"""What a scoring rule is once compiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.model.facts import Facts
from connector.model.score import Contribution, Group
from connector.steps.conditions.condition import Uses

#: A change of points that time alone will make: when; a number of its own, so that moves of one
#: moment have an order; the group; the points. Then, where more will follow: the ages of all steps,
#: the moment they count from, and which step this is.
Move = tuple[datetime, int, Group, int, tuple[timedelta, ...], datetime, int]

#: What a rule gives, or None for nothing; appends the next moves that time alone will make.
Evaluate = Callable[[Facts, list[Move]], Contribution | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled rule.

    `most` and `least` bound what it can ever give (None: no bound). `needs_activity`: it gives
    nothing to a lead without activities.
    """

    name: str
    group: Group
    points: int
    up_to: int | None
    most: int | None
    least: int | None
    uses: Uses
    evaluate: Evaluate
    half_life: timedelta | None = None
    needs_activity: bool = False


def single_move(moves: list[Move], at: datetime, group: Group, points: int) -> None:
    """Append a move that nothing follows."""
    moves.append((at, len(moves), group, points, (), at, 0))
