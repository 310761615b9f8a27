"""A goal as text that is kept, and read again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from connector.model.goals import Goal
from connector.steps.kept_goals import body_of, goal_of

PLAIN = Goal("mqls", "count", ("mql",), 40, "leads", "month", "lena@x.example")
FULL = Goal(
    "größer", "median", ("contact",), 7200.5, "working time", "fiscal quarter", "lena@x.example", at_most=True,
    where={"flow": ("b2b", "b2c"), "team": ("sdr",)}, under="all", begins=date(2026, 1, 1), ends=date(2026, 12, 31),
    benchmark=3600.0, benchmark_from="a study, “2025”",
)  # fmt: skip


def test_the_text_of_a_goal_says_what_the_goal_says_and_nothing_else() -> None:
    """Kept texts are compared: another spelling would be a change that nobody made."""
    expected = '{"measure":"count","of":["mql"],"owner":"lena@x.example","per":"month","target":40,"unit":"leads"}'
    assert body_of(PLAIN) == expected
    full = body_of(FULL)
    assert '"begins":"2026-01-01"' in full
    assert '"where":{"flow":["b2b","b2c"],"team":["sdr"]}' in full
    assert "“2025”" in full
    assert "größer" not in full, "its name is kept beside"


@pytest.mark.parametrize(
    "goal",
    [PLAIN, FULL, replace(FULL, begins=None), replace(FULL, ends=None), replace(PLAIN, where={"flow": ("b2b",)})],
)
def test_a_kept_goal_is_read_as_it_was(goal: Goal) -> None:
    assert goal_of(goal.name, body_of(goal)) == goal
