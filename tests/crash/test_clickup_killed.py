"""ClickUp, which can only be searched: a sample of the moments at which a run is killed, and a fault that is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters import clickup as _adapter  # noqa: F401 - imported once, not in each child
from connector.runs import deliver
from connector.selftest.crash import walk
from connector.selftest.world import Verdict
from connector.selftest.worlds.clickup import FirstHandoffs
from tests.crash.test_served_worlds import blind, killed

MADE = r"after POST /v2/list/\d+/task"


def test_nothing_is_lost_and_nothing_double_where_keys_are_only_searched(tmp_path: Path) -> None:
    walked = walk(FirstHandoffs(), tmp_path / "walk", sample=4)
    assert walked.problems == []
    assert [(point.name, point.fault, point.verdict) for point in walked.points if not point.clean] == []
    assert len(walked.boundaries) > 60


def test_a_task_that_is_made_again_without_a_look_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = FirstHandoffs()
    world.furnish(tmp_path / "template")
    assert killed(world, tmp_path / "well", MADE) == Verdict()
    monkeypatch.setattr(deliver, "after_look", blind)
    assert killed(world, tmp_path / "blind", MADE).double
