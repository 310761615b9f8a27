"""Pairs on the desk: side by side, one person, two people, and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.model.joining import Pair
from connector.model.logins import User
from connector.steps.alike import compare, person
from tests.line import Line
from tests.web.desk import LENA, Desk

MIA = User("mia@northwind.example", "Mia", ("marketing",))
SAID = re.compile(r'<p class="said" role="status">(.*?)</p>', re.DOTALL)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path, crm="desk")
    made.person(1, **{"name.given": "Jonathan", "name.family": "Meyer"})
    made.person(2, **{"name.given": "John", "name.family": "Meier<b>", "company.name": "Firma GmbH"})
    made.sync()
    one, other = made.lead(1), made.lead(2)
    found = compare(person(one.fields), person(other.fields), made.app.config.identity.person)
    findings = [(each.field, each.level, each.points) for each in found.findings]
    with made.app.store.write() as tx:
        tx.pairs.put([Pair(one.id, other.id, found.points, "perhaps", findings)], made.now)
    yield made
    made.app.close()


def pair(line: Line) -> Pair:
    with line.app.store.read() as tx:
        (found,) = tx.pairs.of_leads([line.lead(1).id])
    return found


def press(line: Line, desk: Desk, act: str, **fields: Any) -> str:
    page = f"/duplicates/{pair(line).id}"
    found = SAID.search(desk.get(desk.act(f"{page}/{act}", page, **fields)))
    return found[1] if found else ""


def test_they_are_listed_and_shown_side_by_side(line: Line) -> None:
    desk = Desk(line.app, MIA)
    listed = desk.get("/duplicates")
    assert "Jonathan" in listed
    assert "1 pairs may be one person" in listed
    page = desk.get(f"/duplicates/{pair(line).id}")
    for part in ("Meyer", "Meier&lt;b&gt;", "portal: contact 1", "differs", "together"):
        assert part in page
    assert "<b>" not in page.replace("<body>", "")


def test_the_same_makes_one_lead_of_them_and_is_taken_back(line: Line) -> None:
    desk = Desk(line.app, MIA)
    assert "one lead from now on" in press(line, desk, "same", note="one phone")
    assert (pair(line).state, pair(line).decided_by) == ("same", MIA.email)
    with line.app.store.read() as tx:
        merged = [lead.merged_into for lead in tx.intake.leads(list(pair(line).one_other)).values()]
    assert sorted(map(bool, merged)) == [False, True]
    assert "Taken back" in press(line, desk, "undo")
    with line.app.store.read() as tx:
        assert not any(lead.merged_into for lead in tx.intake.leads(list(pair(line).one_other)).values())
    assert pair(line).state == "open"


def test_two_people_stay_two(line: Line) -> None:
    desk = Desk(line.app, MIA)
    press(line, desk, "different", note="brothers")
    assert (pair(line).state, pair(line).note) == ("different", "brothers")
    assert "Decided last" in desk.get("/duplicates")


def test_what_is_decided_is_not_decided_again(line: Line) -> None:
    desk = Desk(line.app, MIA)
    page = desk.get(f"/duplicates/{pair(line).id}")
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    press(line, desk, "different")
    before = pair(line)
    answer = desk.browser.post(f"/duplicates/{before.id}/same", data={"token": token[1]})
    assert "decided by mia@northwind.example already (two people)" in desk.get(answer.headers["location"])
    assert pair(line) == before
    undone = [desk.browser.post(f"/duplicates/{before.id}/undo", data={"token": token[1]}) for _ in range(2)]
    assert "Nobody has decided" in desk.get(undone[-1].headers["location"])


def test_a_pair_that_is_none_is_not_found(line: Line) -> None:
    desk = Desk(line.app, MIA)
    desk.get("/duplicates/4711", 404)
    page = f"/duplicates/{pair(line).id}"
    desk.act("/duplicates/4711/same", page, status=404)
    assert "not of this pair" in press(line, desk, "same", keep="4711")
    assert pair(line).state == "open"


def test_reps_have_none(line: Line) -> None:
    Desk(line.app, LENA).get("/duplicates", 403)


def test_the_list_goes_on(line: Line) -> None:
    desk = Desk(line.app, MIA)
    assert "No pair waits" in desk.get(f"/duplicates?after={pair(line).id}")
    for after in ("x", "-1", "9" * 40):
        assert "Jonathan" in desk.get(f"/duplicates?after={after}")
