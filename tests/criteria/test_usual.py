"""Drops and slow answers are told once, and that they have ended; a few leads are nobody's alarm."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from math import inf, sqrt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.insight.usual import ANSWER, STEPS, Step, above, response, steps
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.ports.funnel import Timed, Way
from connector.model.stages import Stage, Transition
from connector.model.times import micros
from connector.runs.sync import sync
from tests.line import Line

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
TIME = STEPS[0][2]


def ways(lately: tuple[int, int], usual: tuple[int, int]) -> list[Way]:
    """So many of so many accepted after a day, of the four weeks that have had the time and the twelve before."""
    found = []
    for begin, long, (hits, of) in (
        (NOW - TIME - 4 * WEEK, 4 * WEEK, lately),
        (NOW - TIME - 16 * WEEK, 12 * WEEK, usual),
    ):
        for number in range(of):
            at = begin + long * number / of
            found.append(
                Way(1, "b2b", (micros(at), micros(at + DAY) if number < hits else None, None, None, None), "", "")
            )
    return found


def dropped(lately: tuple[int, int], usual: tuple[int, int], *, stands: bool = False) -> bool | None:
    return steps("b2b", ways(lately, usual), NOW)[0].dropped(stands=stands)


def test_a_drop_is_told_where_chance_has_no_room() -> None:
    assert dropped((20, 60), (120, 180)) is True
    assert dropped((38, 60), (120, 180)) is False
    assert dropped((60, 60), (120, 180)) is False
    # It stands until it is gone, and is not taken back and told again at the edge.
    assert dropped((33, 60), (120, 180)) is False
    assert dropped((33, 60), (120, 180), stands=True) is True


def test_few_leads_say_nothing() -> None:
    assert dropped((0, 19), (120, 180)) is None
    assert dropped((0, 60), (39, 39)) is None
    assert dropped((0, 20), (40, 40)) is True


def test_whoever_has_not_had_the_time_does_not_count() -> None:
    young = [Way(1, "b2b", (micros(NOW - TIME), None, None, None, None), "", "") for _ in range(500)]
    [one, _] = steps("b2b", [*young, *ways((40, 60), (120, 180))], NOW)
    assert (one.hits, one.of, one.usual_hits, one.usual_of) == (40, 60, 120, 180)


def test_a_step_that_came_too_late_or_before_does_not_count() -> None:
    at = NOW - TIME - WEEK
    late = Way(1, "b2b", (micros(at), micros(at + TIME), None, None, None), "", "")
    before = Way(1, "b2b", (micros(at), micros(at - DAY), None, None, None), "", "")
    assert steps("b2b", [late, before], NOW)[0].hits == 0


def handoffs(lately: list[int | None], usual: list[int | None]) -> list[Timed]:
    """Handoffs by the hours until the first contact, None for none."""
    found = []
    for back, some in ((ANSWER + 2 * WEEK, lately), (ANSWER + 10 * WEEK, usual)):
        opened = micros(NOW - back)
        found += [
            Timed(
                1,
                "b2b",
                "",
                "",
                opened,
                None,
                None,
                None,
                opened + hours * 3_600_000_000 if hours is not None else None,
                None,
            )
            for hours in some
        ]
    return found


def slower(lately: list[int | None], usual: list[int | None], *, stands: bool = False) -> bool | None:
    return response("b2b", handoffs(lately, usual), NOW).slower(stands=stands)


def test_longer_answers_are_told_by_the_ranks() -> None:
    usual = [*range(1, 11)] * 8
    assert slower([*range(4, 14)] * 4, usual) is True
    assert slower([*range(1, 11)] * 4, usual) is False
    # Higher by all ranks, and by too little to matter.
    assert slower([10] * 400, [9] * 400) is False
    assert slower([10] * 400, [9] * 400, stands=True) is True
    assert slower([1] * 19, usual) is None


def test_a_handoff_without_a_contact_is_the_longest() -> None:
    usual = [*range(1, 11)] * 8
    assert slower([*[None] * 25, *range(1, 11), *range(1, 11)], usual) is True
    assert response("b2b", handoffs([None] * 30, usual), NOW).median == inf
    assert slower([2] * 30, [None] * 80) is None


def test_by_hand_the_ranks_of_two_samples() -> None:
    """1, 2, 4 and 3, 5, 5: ranks 1, 2, 4 and 3, 5.5, 5.5; U = 14 - 6 = 8, middle 4.5, one tie of two."""
    assert above([3, 5, 5], [1, 2, 4]) == pytest.approx(3.5 / sqrt(9 / 12 * (7 - 6 / 30)))
    assert above([], [1]) == above([2, 2], [2]) == 0.0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 9), max_size=30), st.lists(st.integers(0, 9), max_size=30))
def test_ranks_mirror(some: list[int], others: list[int]) -> None:
    assert above(sorted(some), sorted(others)) == pytest.approx(-above(sorted(others), sorted(some)))


def test_where_nothing_changes_an_alarm_is_rare() -> None:
    chance = random.Random(5)
    alarms = 0
    for _ in range(500):
        hits, usual = (sum(chance.random() < 0.4 for _ in range(of)) for of in (80, 240))
        alarms += bool(Step("b2b", "mql", "sal", 7, hits, 80, usual, 240).dropped(stands=False))
    assert alarms <= 7


CONFIG = """
[mail]
server = "mail"
sender = "baton@northwind.example"
[notices]
"conversion dropped" = ["ops"]
"slower" = ["ops"]
"""


class Store(Line):
    """A line whose leads are put into the store as if they had gone their way."""

    def came(self, at: datetime, count: int, accepted: int, hours: int) -> None:
        with self.app.store.write() as tx:
            for number in range(count):
                lead = Lead(stage="mql", flow="b2b")
                tx.intake.add_leads([lead], at)
                stages: list[tuple[Stage, datetime]] = [("mql", at)]
                stages += [("sal", at + DAY)] if number < accepted else []
                tx.scores.add_transitions(
                    [Transition(lead.id, "b2b", "known", stage, when, "baton", "x", "v") for stage, when in stages]
                )
                opened = Handoff(lead.id, "b2b", "mql", "closed", at, "v")
                opened.opened_at, opened.contacted_at = at, at + timedelta(hours=hours, minutes=number)
                tx.handoffs.add([opened])

    @property
    def told(self) -> list[Any]:
        return [row.values["subject"] for row in self.outbox() if row.target == "notices"]


def test_a_drop_and_slow_answers_are_told_once_and_so_is_their_end(tmp_path: Path) -> None:
    line = Store(tmp_path)
    line.reopen((tmp_path / "config.toml").read_text("utf-8") + CONFIG)
    for week in range(16, 4, -1):
        line.came(line.now - TIME - week * WEEK + DAY, 10, 7, 2)
    for week in range(4, 0, -1):
        line.came(line.now - TIME - week * WEEK + DAY, 10, 2, 9)
    for _ in range(3):
        line.sync(DAY)
    assert sorted(line.told) == ["b2b: fewer leads go from MQL to SAL", "b2b: first contact takes longer"]
    (row,) = [row for row in line.outbox() if "fewer" in str(row.values["subject"])]
    assert "8 / 40 (20%) went on to SAL within 7 days; in the twelve weeks before it was 84 / 120 (70%)" in str(
        row.values["text"]
    )
    for _ in range(6):
        line.now += WEEK
        line.came(line.now - TIME - DAY, 10, 8, 1)
    line.sync()
    assert sorted(line.told) == [
        "b2b: fewer leads go from MQL to SAL", "b2b: first contact takes as long as usual again",
        "b2b: first contact takes longer", "b2b: leads go from MQL to SAL as usual again",
    ]  # fmt: skip


def test_nobody_who_listens_costs_nothing(tmp_path: Path) -> None:
    line = Store(tmp_path)
    sync(line.app.runtime(), line.app.rows)
    with line.app.store.read() as tx:
        assert tx.ledgers.last_done("watch") is None
    assert Counter(line.told) == Counter()
