"""An admin's room: parked flows, criteria that wait, plans; each goes on by one button, and only once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector.cli.root import baton
from connector.model.ports import ReviewItem, Waiting
from tests.line import Line
from tests.web.desk import ADMIN, LENA, Desk


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path, crm="desk")
    made.person(1)
    made.did(1, "demo_request")
    made.sync()
    yield made
    made.app.close()


def parked(line: Line) -> bool:
    with line.app.store.read() as tx:
        return bool(tx.reviews.is_open("parked_flow", ["b2b"]))


def test_nothing_is_held_back_at_first_and_reps_do_not_see_it(line: Line) -> None:
    page = Desk(line.app).get("/admin")
    assert all(words in page for words in ("No flow is parked.", "None waits.", "No plan lies beside"))
    Desk(line.app, LENA).get("/admin", 403)


def test_a_parked_flow_goes_on_once_it_is_released(line: Line) -> None:
    with line.app.store.write() as tx:
        tx.reviews.put([ReviewItem("parked_flow", "b2b", "b2b", "it would change 900 of 1,000", flow="b2b")], line.now)
    desk = Desk(line.app)
    assert "it would change 900" in desk.get("/admin")
    desk.act("/admin/flows/b2b/release", "/admin")
    assert not parked(line)
    assert "The flow b2b goes on." in desk.get("/admin")
    desk.act("/admin/flows/b2b/release", "/team")
    assert "was not parked" in desk.get("/admin")


def test_criteria_that_wait_are_taken_as_they_were_shown(line: Line) -> None:
    text = (line.folder / "config.toml").read_text("utf-8")
    line.reopen(text + '[flows.b2b.fit]\n"Anybody" = { points = 40, field = "email", is_not = "x@y.example" }\n')
    version = line.app.config.flows["b2b"].criteria.version
    with line.app.store.write() as tx:
        before = tx.criteria.versions()["b2b"]
        tx.criteria.wait(Waiting("b2b", version, before, line.now, {"in": 70, "out": 2, "leads": 900, "over": 50}))
    desk = Desk(line.app)
    assert "of 900 leads 70 would come in, and 2 go out" in desk.get("/admin")
    desk.act("/admin/criteria/b2b/accept", "/admin", version="another")
    with line.app.store.read() as tx:
        assert tx.criteria.versions()["b2b"] == before
    desk.act("/admin/criteria/b2b/accept", "/admin", version=version, note="as agreed on Friday")
    with line.app.store.read() as tx:
        assert (tx.criteria.versions()["b2b"], tx.criteria.waiting()) == (version, {})
        newest = tx.ledgers.criteria("b2b")[0]
    assert (newest.author, newest.note) == (ADMIN.email, "as agreed on Friday")
    desk.act("/admin/criteria/b2b/accept", "/team", version=version)
    assert "do not wait any more" in desk.get("/admin")


def test_plans_beside_the_configuration_are_listed_and_others_are_not(line: Line) -> None:
    config = str(line.folder / "config.toml")
    assert (
        CliRunner().invoke(baton, ["--config", config, "plan", "-o", str(line.folder / "monday.json")]).exit_code == 0
    )
    (line.folder / "other.json").write_text('{"store": "another", "at": "2026-11-20T08:00:00+00:00"}', "utf-8")
    (line.folder / "broken.json").write_text("{", "utf-8")
    page = Desk(line.app).get("/admin")
    assert "baton apply monday.json" in page
    assert "other.json" not in page
    assert "broken.json" not in page
    rows = json.loads((line.folder / "monday.json").read_text("utf-8"))["rows"]
    assert f'<td class="number">{len(rows)}</td>' in page
