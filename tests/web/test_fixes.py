"""The fix queue: what lacks something, whose it is, where to mend it, and trying again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.model.logins import User
from connector.runs import desk_acts
from tests.line import Line
from tests.web.desk import ADMIN, LENA, Desk

PETRA = User("petra@northwind.example", "Petra", ("manager",))
OTTO = User("otto@northwind.example", "Otto", ("manager",))
SAID = re.compile(r'<p class="said" role="status">(.*?)</p>', re.DOTALL)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path, crm="desk", flow='mend_by = "petra@northwind.example"\n')
    made.person(1, country="")
    made.did(1, "demo_request")
    made.sync()
    yield made
    made.app.close()


def press(desk: Desk, path: str, **fields: Any) -> str:
    found = SAID.search(desk.get(desk.act(path, "/fixes", **fields)))
    return found[1] if found else ""


def test_it_says_what_is_lacking_whose_it_is_and_where_to_mend_it(line: Line) -> None:
    page = Desk(line.app, PETRA).get("/fixes")
    assert "over the line, but lacks: country" in page
    assert "for petra@northwind.example" in page
    assert "Mend it where it comes from:" in page
    assert "portal: contact 1" in page


def test_what_was_mended_is_handed_over_after_a_retry(line: Line) -> None:
    line.person(1, country="Germany")
    (item,) = line.waiting_for_people("missing_fields")
    desk = Desk(line.app, PETRA)
    assert "looked at again" in press(desk, f"/fixes/{item.id}/retry")
    line.sync(timedelta(minutes=1))
    assert len(line.handoffs("open")) == 1
    assert "Nothing waits to be mended." in desk.get("/fixes")


def test_what_is_done_already_is_said_to_be(line: Line) -> None:
    (item,) = line.waiting_for_people("missing_fields")
    desk = Desk(line.app, PETRA)
    desk.get("/fixes")
    page = desk.get("/fixes")
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    line.person(1, country="Germany")
    line.sync(timedelta(minutes=1))
    answer = desk.browser.post(f"/fixes/{item.id}/retry", data={"token": token[1]})
    assert "done already" in desk.get(answer.headers["location"])


def test_it_is_nobody_elses(line: Line) -> None:
    (item,) = line.waiting_for_people("missing_fields")
    desk = Desk(line.app, OTTO)
    assert "Nothing waits to be mended." in desk.get("/fixes")
    desk.user = PETRA
    token = re.search(r'name="token" value="([^"]+)"', desk.get("/fixes"))
    assert token is not None
    desk.user = OTTO
    assert desk.browser.post(f"/fixes/{item.id}/retry", data={"token": token[1]}).status_code == 404
    Desk(line.app, LENA).get("/fixes", 403)
    assert "country" in Desk(line.app, ADMIN).get("/fixes")


def test_wrong_data_is_mended_on_the_desk_and_the_lead_comes_back(line: Line) -> None:
    line.person(2)
    line.did(2, "demo_request")
    line.sync(timedelta(minutes=1))
    (handoff,) = line.handoffs("open")
    desk_acts.reject(line.app.runtime(), line.app.rows, handoff.id, handoff.owner, "wrong_data", "no such number")
    line.sync(timedelta(minutes=1))
    (item,) = [one for one in line.waiting_for_people("notice") if one.key.startswith("mend:")]
    desk = Desk(line.app, PETRA)
    assert 'name="field.phone"' in desk.get("/fixes")
    said = press(desk, f"/fixes/{item.id}/mend", **{"field.phone": "+49 30 901820"})
    assert "comes back" in said
    line.sync(timedelta(minutes=1))
    assert len(line.handoffs("open")) == 1
    assert line.lead(2).fields["phone"] == "+4930901820"
    assert "done already" in press(desk, f"/fixes/{item.id}/mend", **{"field.phone": "1"})


def test_a_write_that_was_refused_goes_out_again(tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    line = Line(folder)
    with line.app.store.read() as tx:
        key = f"{tx.admin.store_id()}-1"
    line.crm.poison(key, "the value is not allowed", "INVALID", "country")
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    (row,) = line.outbox("dead")
    desk = Desk(line.app, ADMIN)
    page = desk.get("/fixes?kind=dead")
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    assert "the value is not allowed" in page
    line.crm.cure(key)
    for number, said in ((row.id, "sent again"), (row.id, "done already"), (4711, "done already")):
        answer = desk.browser.post(f"/fixes/out/{number}/retry", data={"token": token[1]})
        assert said in desk.get(answer.headers["location"])
    line.sync(timedelta(minutes=1))
    assert line.crm_counts()["lead"] == 1
    line.app.close()


def test_the_list_can_be_narrowed(line: Line) -> None:
    desk = Desk(line.app, ADMIN)
    assert "country" in desk.get("/fixes?kind=missing_fields")
    assert "Nothing waits to be mended." in desk.get("/fixes?kind=dead")
    assert "Nothing waits to be mended." in desk.get("/fixes?kind=%3Cscript%3E")
