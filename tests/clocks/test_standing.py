"""`baton status` shows whose handoffs are overdue, and whose are due soon."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import time_machine
from click.testing import CliRunner

from connector.cli.root import baton
from connector.cli.status_clocks import clocks
from tests.clocks.test_following import LENA, TOM, made, touch
from tests.line import START
from tests.stages.ground import Desk

HOUR = timedelta(hours=1)


def standing(desk: Desk) -> dict[str, tuple[int, int, int]]:
    with desk.app.store.read() as tx:
        found = clocks(tx, desk.app.runtime(), desk.now)
    return {one["owner"]: (one["running"], one["soon"], one["overdue"]) for one in found}


def test_each_owner_has_a_line_while_something_is_to_be_done(tmp_path: Path) -> None:
    desk = made(tmp_path)
    for number in (1, 2, 3):
        desk.person(number)
        desk.did(number, "demo_request")
    desk.sync()
    mine = [desk.given(number)[0].owner for number in (1, 2, 3)]
    of_lena, of_tom = mine.count(LENA), mine.count(TOM)
    # First contact is due today, acceptance on Monday.
    assert standing(desk) == {LENA: (2 * of_lena, of_lena, 0), TOM: (2 * of_tom, of_tom, 0)}
    with desk.app.store.read() as tx:
        assert {one["next_due"] for one in clocks(tx, desk.app.runtime(), desk.now)} == {START + 4 * HOUR}
    for number in (1, 2, 3):
        if desk.given(number)[0].owner == TOM:
            touch(desk, number)
            desk.crm.edit(desk.record(number).crm_id, {"stage": "sal"}, desk.now)
    desk.sync(5 * HOUR)
    assert standing(desk) == {LENA: (2 * of_lena, 0, of_lena)}
    text = (tmp_path / "config.toml").read_text("utf-8")
    desk.reopen(text.replace('mode = "live"', 'mode = "observe"'))
    assert standing(desk) == {}
    desk.app.close()


def test_the_command_says_it_in_words(tmp_path: Path) -> None:
    desk = made(tmp_path)
    desk.asks()
    desk.sync(5 * HOUR)
    desk.app.close()
    with time_machine.travel(desk.now, tick=False):
        said = CliRunner().invoke(baton, ["--config", str(tmp_path / "config.toml"), "status"])
    assert said.exit_code == 0, said.output
    lines = [" ".join(line.split()) for line in said.output.splitlines()]
    assert "to do overdue due within a day next" in lines
    # It is Friday; acceptance is due on Monday.
    assert any(line.startswith(f"{LENA} 2 1 0 Mon 23 Nov 09:00") for line in lines)
    assert any("overdue 1" in line for line in lines)
    # Notices go to no connection, and wait for nobody to name one.
    assert not any("in the configuration no more" in line for line in lines)
