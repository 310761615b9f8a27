"""Leads that stand still: noticed when the time of the next gate is over, once, and shown as long as it lasts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from connector.cli.root import baton
from connector.cli.status import gather
from tests.stages.ground import DAY, HOUR, REASONS, Desk

GATES = """\
[flows.b2b.gates]
mql = { activity = "demo_request", within = "30 days" }
sal = { within = "1 working day" }
sql = { within = "3 working days" }
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path, flow=GATES + REASONS)
    made.asks()
    made.says(stage="sal")
    return made


def shown(desk: Desk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = gather(desk.app, routing=False)["standing_still"]["stalled"]
    return found


def test_it_is_noticed_once_and_shown_until_it_moves(desk: Desk) -> None:
    # Friday, ten in the morning in Berlin, and three working days later.
    desk.sync(4 * DAY)
    (handoff,) = desk.given()
    assert (desk.events(handoff, "stalled"), shown(desk)) == ([], [])
    desk.sync(DAY + HOUR)
    (event,) = desk.events(handoff, "stalled")
    assert event.at == datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    (one,) = shown(desk)
    assert (one["lead"], one["stage"], one["due"]) == (desk.lead(1).id, "sal", event.at)
    for _ in range(3):
        desk.sync(DAY)
    assert len(desk.events(handoff, "stalled")) == 1
    desk.says(stage="sql")
    assert shown(desk) == []


def test_who_goes_on_in_time_is_not(desk: Desk) -> None:
    desk.says(stage="sql")
    desk.sync(30 * DAY)
    assert desk.events(desk.given()[0], "stalled") == []


def test_status_says_so(desk: Desk) -> None:
    desk.sync(20 * DAY)
    assert len(shown(desk)) == 1
    desk.app.close()
    config = str(desk.folder / "config.toml")
    # By the clock of this machine nothing may be over yet: the block is there all the same.
    told = json.loads(CliRunner().invoke(baton, ["--config", config, "status", "--output", "json"]).output)
    assert told["standing_still"]["reviews"] == []
    assert CliRunner().invoke(baton, ["--config", config, "status"]).exit_code == 0
