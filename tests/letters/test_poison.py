"""One record that the platform cannot take keeps nobody else waiting, and is told in the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.model.outbox import ALONE, OutboxRow
from tests.line import START, Line

MANY = 24
SETTLE = "settle = 10\nlag = 10\nmax_batch = 16"
STEP = timedelta(minutes=2)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path, crm_settings=SETTLE)
    yield made
    made.app.close()


def put_leads(line: Line, many: int, first: int = 1) -> None:
    rows = [
        OutboxRow("crm", "state", "lead", f"l{number}", f"crm:lead:l{number}", {"email": f"p{number}@firm.example"})
        for number in range(first, first + many)
    ]
    with line.app.store.write() as tx:
        tx.outbox.put(rows, line.now)


def written(line: Line) -> set[str]:
    return {thing.our_key for thing in line.crm.things("lead")}


def sizes(line: Line) -> list[int]:
    return [call.size for call in line.crm.calls("write")]


def test_a_record_that_breaks_its_request_ends_alone_while_the_others_are_out(line: Line) -> None:
    put_leads(line, MANY)
    line.crm.breaks("l5")
    line.sync()
    assert written(line) == {f"l{number}" for number in range(17, MANY + 1)}
    for _ in range(6):
        line.sync(STEP)
    assert written(line) == {f"l{number}" for number in range(1, MANY + 1)} - {"l5"}
    for number in range(40):
        put_leads(line, 1, 100 + number)
        line.sync(STEP)
    (dead,) = line.outbox("dead")
    assert (dead.our_key, dead.code) == ("l5", ALONE)
    assert "by itself" in dead.reason
    assert "server_error" in dead.reason
    assert line.outbox("waiting", "unknown", "parked") == []
    assert len({effect.our_key for effect in line.crm.effects("created")}) == len(line.crm.effects("created"))


def test_once_it_is_taken_it_goes_out_as_soon_as_a_person_says_so(line: Line) -> None:
    put_leads(line, 3)
    line.crm.breaks("l2")
    for number in range(40):
        put_leads(line, 1, 100 + number)
        line.sync(STEP)
    (dead,) = line.outbox("dead")
    line.crm.cure("l2")
    with line.app.store.write() as tx:
        tx.outbox.release([dead.id], "waiting", line.now)
    line.sync(STEP)
    assert "l2" in written(line)
    line.sync(STEP)
    assert line.outbox("dead", "waiting") == []


def test_others_are_not_kept_waiting_by_what_was_sent_before(line: Line) -> None:
    put_leads(line, MANY)
    line.crm.breaks("l1")
    line.sync()
    put_leads(line, 10, 500)
    line.sync(STEP)
    first = next(call for call in line.crm.calls("write") if call.at == line.now)
    assert (first.size, first.fault) == (10, "")


def test_a_platform_that_was_away_makes_nothing_a_dead_letter_and_costs_few_calls_afterwards(line: Line) -> None:
    put_leads(line, 32)
    line.crm.fault("write", "server_error", times=10_000)
    for _ in range(9):
        line.sync(STEP)
    assert line.outbox("dead", "done") == []
    with line.crm.together() as database:
        database.execute("delete from fault")
    before = len(line.crm.calls("write"))
    for _ in range(6):
        line.sync(timedelta(hours=1))
    assert len(written(line)) == 32
    assert line.outbox("dead", "waiting", "unknown") == []
    # Two batches of 16, and a few more while they grow.
    assert len(line.crm.calls("write")) - before < 12


def test_a_write_that_nobody_else_can_prove_is_tried_for_ever(line: Line) -> None:
    put_leads(line, 1)
    line.crm.breaks("l1")
    for _ in range(30):
        line.sync(timedelta(minutes=20))
    (row,) = line.outbox("waiting", "unknown")
    assert row.state in ("waiting", "unknown")
    assert len(line.crm.calls("write")) > 10
    assert line.now - START < timedelta(hours=11)


def test_a_record_that_cannot_be_looked_up_keeps_nobody_else_unknown(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_leads(line, 16)
    line.crm.fault("write", "done")
    line.sync()
    crm = line.app.crm("crm")
    whole = crm.find

    def find(items: Any) -> Any:
        if any(item.our_key == "l11" for item in items):
            raise ValueError("an answer that nobody understands")
        return whole(items)

    monkeypatch.setattr(crm, "find", find)
    line.sync(STEP)
    assert [(row.our_key, row.state) for row in line.outbox("unknown", "waiting", "dead")] == [("l11", "unknown")]
    monkeypatch.undo()
    line.sync(timedelta(hours=1))
    assert line.outbox("unknown", "waiting", "dead") == []
    assert len(line.crm.effects("created")) == 16


def test_a_platform_that_refuses_every_look_up_is_not_asked_row_by_row(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_leads(line, 16)
    line.crm.fault("write", "done")
    line.sync()
    asked: list[int] = []

    def find(items: Any) -> Any:
        asked.append(len(items))
        raise ValueError("no")

    monkeypatch.setattr(line.app.crm("crm"), "find", find)
    line.sync(STEP)
    assert len(asked) == 10
    assert len(line.outbox("unknown")) == 16
