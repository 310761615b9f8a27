"""The nurture band: who is warm joins a list, without a flicker, and whom nobody got in touch with another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.runs.untouched import untouched
from tests.stages.ground import DAY, HOUR, Desk

FLOW = """\
[flows.b2b.conditions]
some = { score = "total", at_least = 20 }
[flows.b2b.intent]
"Visited" = { points = 10, activity = "visit", each = true, half_life = "60 days" }
[flows.b2b.gates]
mql = { score = "total", at_least = 50 }
nurture = { when = "some", list = "warm", untouched = { after = "30 days", list = "quiet" } }
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path, flow=FLOW)
    made.person(1)
    made.sync()
    return made


def visits(desk: Desk, count: int) -> None:
    for number in range(count):
        desk.did(1, "visit", desk.now - HOUR * (number + 1))
    desk.sync()


def ids(desk: Desk) -> list[int]:
    with desk.app.store.read() as tx:
        return untouched(tx, "b2b")


def test_who_is_warm_joins_and_leaves_on_either_side(desk: Desk) -> None:
    assert not desk.listed("warm")
    visits(desk, 3)
    assert (desk.lead(1).stage, desk.listed("warm")) == ("warm", True)
    visits(desk, 5)
    assert (desk.lead(1).stage, desk.listed("warm")) == ("mql", False)


def test_below_the_band_it_leaves(desk: Desk) -> None:
    visits(desk, 2)
    assert desk.listed("warm")
    desk.sync(40 * DAY)
    assert (desk.lead(1).stage, desk.listed("warm")) == ("known", False)


def test_whom_nobody_got_in_touch_with_for_a_month_joins_a_list(desk: Desk) -> None:
    visits(desk, 4)
    desk.sync(29 * DAY)
    assert (ids(desk), desk.listed("quiet")) == ([], False)
    # By time alone: nothing else happens.
    desk.sync(2 * DAY)
    assert desk.lead(1).stage == "warm"
    assert (ids(desk), desk.listed("quiet")) == ([desk.lead(1).id], True)
    desk.sync(DAY)
    assert desk.listed("quiet")
    desk.did(1, "call")
    desk.sync(DAY)
    assert (ids(desk), desk.listed("quiet"), desk.listed("warm")) == ([], False, True)


def test_it_leaves_the_list_with_the_band(desk: Desk) -> None:
    visits(desk, 4)
    desk.sync(31 * DAY)
    assert desk.listed("quiet")
    visits(desk, 5)
    assert desk.lead(1).stage == "mql"
    assert (ids(desk), desk.listed("quiet"), desk.listed("warm")) == ([], False, False)


def test_a_list_is_not_told_twice(desk: Desk) -> None:
    visits(desk, 4)
    for _ in range(9):
        desk.sync(5 * DAY)
    told = [one.our_key for one in desk.portal.effects() if one.object == "membership"]
    assert sorted(told) == ["quiet:1", "warm:1"]


def test_of_an_import_nobody_is_untouched_at_once(desk: Desk) -> None:
    desk.person(2)
    desk.did(2, "visit", desk.now - 50 * DAY)
    for number in range(4):
        desk.did(2, "visit", desk.now - 49 * DAY + HOUR * number)
    desk.sync()
    assert desk.lead(2).stage == "warm"
    assert ids(desk) == []
