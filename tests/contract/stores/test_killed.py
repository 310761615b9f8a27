"""On PostgreSQL, too, a line that is killed at a boundary loses nothing and does nothing twice: a sample of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("points", [5, pytest.param(40, marks=pytest.mark.servers)])
def test_on_postgresql_too_nothing_is_lost_or_doubled(postgresql_place: str, points: int) -> None:
    command = [sys.executable, "-m", "tests.crashing", "postgresql", "--crash-points", str(points), "--output", "json"]
    environment = {**os.environ, "BATON_TEST_STORE": postgresql_place}
    answer = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment, timeout=300
    )  # fmt: skip
    document = json.loads(answer.stdout)
    (world,) = document["worlds"]
    assert (world["problems"], world["failing"]) == ([], [])
    assert (world["points"], document["lost"], document["double"], document["other"]) == (points, 0, 0, 0)
    assert world["boundaries"] > 60
