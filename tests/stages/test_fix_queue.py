"""What lacks something stands in the fix queue with who is to complete it, who is told once."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from click.testing import CliRunner

from connector.cli.root import baton
from connector.model.outbox import OutboxRow
from connector.runs.planning import making
from connector.runs.pull import pull
from connector.steps.telling.words import Words
from tests.stages.ground import HOUR, Desk

PETRA = "petra@northwind.example"
MAIL = '[mail]\nserver = "mail-server"\nsender = "baton@northwind.example"\n'


def made(folder: Path, flow: str = f'mend_by = "{PETRA}"\n') -> Desk:
    return Desk(folder, flow=flow, crm=MAIL)


def told(desk: Desk) -> list[OutboxRow]:
    return [one for one in desk.outbox() if one.target == "notices" and one.values.get("about") == "fix queue"]


def test_whoever_completes_is_named_and_told_once(tmp_path: Path) -> None:
    desk = made(tmp_path)
    desk.person(1, country="")
    desk.did(1, "demo_request")
    for _ in range(3):
        desk.sync(HOUR)
        desk.did(1, "visit")
    (item,) = desk.waiting_for_people("missing_fields")
    assert (item.body["owner"], item.field) == (PETRA, "country")
    (notice,) = told(desk)
    assert notice.values["to"] == f"mail:{PETRA}"
    assert "Ana Weber" in notice.values["text"]
    desk.app.close()
    config = str(tmp_path / "config.toml")
    (one,) = json.loads(CliRunner().invoke(baton, ["--config", config, "errors", "--output", "json"]).output)["errors"]
    assert one["owner"] == PETRA
    assert f"to be mended by {PETRA}" in CliRunner().invoke(baton, ["--config", config, "errors"]).output


def test_it_is_the_managers_where_nobody_is_named(tmp_path: Path) -> None:
    desk = made(tmp_path, "")
    text = (tmp_path / "config.toml").read_text("utf-8")
    desk.reopen(text.replace("[teams.sales]\n", '[teams.sales]\nmanager = "karl@northwind.example"\n'))
    desk.person(1, country="")
    desk.did(1, "demo_request")
    desk.sync()
    (item,) = desk.waiting_for_people("missing_fields")
    assert item.body["owner"] == "karl@northwind.example"


def test_of_an_import_nobody_is_told_one_by_one(tmp_path: Path) -> None:
    desk = made(tmp_path)
    for number in range(1, 31):
        desk.person(number, country="")
        desk.did(number, "demo_request")
    desk.sync()
    assert len(desk.waiting_for_people("missing_fields")) == 30
    assert told(desk) == []


def test_whose_data_is_wrong_is_told_once_too(tmp_path: Path) -> None:
    desk = made(tmp_path)
    desk.asks()
    desk.says(stage="rejected", reason="wrong_data")
    for _ in range(3):
        desk.sync(HOUR)
    assert len(told(desk)) == 1


def test_a_plan_is_about_leads_and_not_about_who_is_told(tmp_path: Path) -> None:
    desk = made(tmp_path)
    desk.asks()
    desk.person(2, country="")
    desk.did(2, "demo_request")
    runtime, rows = desk.app.runtime(), desk.app.rows()
    pull(runtime, "portal", rows, Counter())
    words = Words("en", desk.app.config.zone, str, desk.now)
    plan = making.make(runtime, rows, words, making.Asked(), lambda _name: [])
    assert {row.target for row in plan.rows} == {"crm"}
    assert len([one for one in desk.outbox() if one.target == "notices"]) == 1
