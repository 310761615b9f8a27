"""ClickUp read without gaps: pages that are told by their number, whatever people do between two of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from adapters._clickup import walk as walking
from adapters._clickup.walk import PAGE, Walk
from connector.model.errors import StreamError
from connector.sandbox.clickup import tasks
from tests.contract.adapters.clickup_world import ClickUpCrmWorld

MANY = 2 * PAGE + 50


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ClickUpCrmWorld]:
    made = ClickUpCrmWorld(tmp_path)
    yield made
    made.close()


def walk(world: ClickUpCrmWorld) -> Walk:
    return Walk(world._http(), world._settings(), world.leads.id, lambda: int(world.clock().timestamp() * 1000))


@pytest.mark.parametrize("act", ["change", "remove"])
@pytest.mark.parametrize("apart", [0.0, 1.0])
def test_who_changes_or_vanishes_between_two_pages_costs_nobody_else(
    world: ClickUpCrmWorld, act: str, apart: float
) -> None:
    made = []
    for number in range(MANY):
        made.append(world.make("lead", name=f"P{number}"))
        world.clock.pass_by(apart)
    assert len({task.updated for task in world.space.tasks.values()}) == (MANY if apart else 1)
    world.clock.pass_by(600)
    found: list[str] = []
    ends: list[dict[str, Any]] = []
    for number, (page_of, following) in enumerate(walk(world).steps({})):
        ends.append(following)
        found += [str(one["id"]) for one in page_of]
        if number == 1:
            for id in found[3:6]:
                world._do(act, id=id, **({"fields": {"city": "Ulm"}} if act == "change" else {}))
    world.clock.pass_by(600)
    for page_of, _ in walk(world).steps(ends[-1]):
        found += [str(one["id"]) for one in page_of]
    assert {*made} - {*found} == set()


def test_pages_in_another_order_each_time_are_not_read_for_ever(
    world: ClickUpCrmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(MANY):
        world.make("lead", name=f"P{number}")
    monkeypatch.setattr(walking, "MOST_SHIFTS", 2)
    asked = count()
    monkeypatch.setitem(
        tasks._ORDERS, "updated", lambda task: (task.updated, (int(task.id, 36) * (next(asked) + 7)) % 101)
    )
    with pytest.raises(StreamError):
        list(walk(world).steps({}))
