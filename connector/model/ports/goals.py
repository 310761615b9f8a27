"""Goals as they were, so that a past span is judged by what was asked of it then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from connector.model.goals import GoalVersion


class Goals(Protocol):
    """The changes of goals."""

    def keep(self, bodies: Mapping[str, str], at: datetime) -> list[str]:
        """Keep each goal that is not as it was kept last, by name; one that is missing here was taken out.

        Returns the names of those that changed. With no goal ever kept and none given, nothing is written.
        """

    def versions(self, goal: str = "") -> list[GoalVersion]:
        """Each change, oldest first; of one goal, or of all."""
