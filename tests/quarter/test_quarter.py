"""Two weeks of the quarter in every run, over both changes of the clock; the whole of it by the command line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connector.model.handoff import HandoffEvent
from tests.quarter.checking import Check
from tests.quarter.oracle import Turns, Wall
from tests.quarter.simulation import DAY, Quarter


@pytest.mark.parametrize("people", [25, pytest.param(45, marks=pytest.mark.servers)])
def test_every_deadline_reminder_escalation_and_turn_is_as_counted_out_by_the_minute(
    tmp_path: Path, people: int
) -> None:
    quarter = Quarter(tmp_path, people, 1, first=datetime(2026, 10, 21, tzinfo=UTC), days=14)
    quarter.run()
    check = Check(quarter)
    assert check.run() == []
    assert check.seen["events"] > 6 * people
    assert check.seen["turns"] > people
    assert check.seen["messages"] > 6 * people


def test_what_is_wrong_is_found(tmp_path: Path) -> None:
    """The check is no check that says yes to everything."""
    quarter = Quarter(tmp_path, 6, 2, days=3)
    quarter.run()
    with quarter.app.store.write() as tx:
        [first, *_] = tx.periods.handed_over(quarter.first, quarter.first + 9 * DAY)
        tx.handoff_events.add([HandoffEvent(first.id, "contact:remind:33", "reminded", first.decided_at)], quarter.now)
        [turn] = tx.handoffs.turns(first.team, 1)
        tx.handoffs.add_turns([replace(turn, rule="rule 1")] * 6)
    found = Check(quarter).run()
    assert [one for one in found if one.startswith(f"handoff {first.id}: contact:remind:33")]
    assert [one for one in found if one.startswith(f"{first.team}: turn")]
    assert [one for one in found if one.endswith("turns off their share")]


def test_the_slow_calculation_by_hand() -> None:
    friday = datetime(2026, 12, 4, 13, 0, tzinfo=UTC)
    wall = Wall(
        "Europe/Berlin", {0: ((540, 1080),), 4: ((540, 900),)}, lambda day: day == date(2026, 12, 7),
        friday - DAY, friday + 30 * DAY,
    )  # fmt: skip
    # Friday until 15:00 (14:00 UTC); Monday the 7th is free.
    assert wall.after(friday, 60) == datetime(2026, 12, 4, 14, tzinfo=UTC)
    assert wall.after(friday, 61) == datetime(2026, 12, 11, 8, 1, tzinfo=UTC)
    assert wall.days_later(friday, 1) == datetime(2026, 12, 11, 13, tzinfo=UTC)
    assert wall.between(friday, datetime(2026, 12, 11, 9, tzinfo=UTC)) == 120
    turns = Turns({"a": 2, "b": 1})
    order = []
    for _ in range(6):
        order.append(turns.next(["a", "b"]))
        turns.give(order[-1])
    assert (order.count("a"), order.count("b")) == (4, 2)
    assert turns.furthest() < 1
