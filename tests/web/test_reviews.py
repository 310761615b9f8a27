"""The reviewer's queue: release, return, what a second press does, and whose it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.model.handoff import Handoff
from connector.model.logins import User
from tests.line import Line
from tests.web.desk import ADMIN, LENA, Desk

KARL = User("karl@northwind.example", "Karl", ("reviewer",))
NADJA = User("nadja@northwind.example", "Nadja", ("reviewer",))
GATES = """
[flows.b2b.gates]
mql = { activity = "demo_request", within = "30 days" }
review = { by = "karl@northwind.example", within = "2 hours" }
"""
SAID = re.compile(r'<p class="said" role="status">(.*?)</p>', re.DOTALL)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path, crm="desk", mode="review", flow=GATES)
    for number in (1, 2):
        made.person(number)
        made.did(number, "demo_request")
    made.sync()
    yield made
    made.app.close()


def press(desk: Desk, handoff: Handoff, act: str, status: int = 303, **fields: str) -> str:
    to = desk.act(f"/reviews/{handoff.id}/{act}", "/reviews", status=status, **fields)
    found = SAID.search(desk.get(to)) if to else None
    return found[1] if found else ""


def test_it_shows_what_waits_with_brief_and_deadline(line: Line) -> None:
    page = Desk(line.app, KARL).get("/reviews")
    assert page.count("Asked for a demo") >= 2
    assert "release or return in 2 hours" in page
    assert "Firm GmbH" in page
    line.now += timedelta(hours=3)
    assert "overdue since 1 hour" in Desk(line.app, KARL).get("/reviews")


def test_release_hands_it_over(line: Line) -> None:
    desk, (one, other) = Desk(line.app, KARL), line.handoffs("review")
    assert "it goes to lena@northwind.example" in press(desk, one, "release")
    (given,) = line.handoffs("open")
    assert (given.id, given.released_by) == (one.id, KARL.email)
    assert "does not wait for review any more" in press(desk, one, "release")
    assert [handoff.id for handoff in line.handoffs("review")] == [other.id]


def test_a_rep_can_answer_at_once_what_was_released(line: Line) -> None:
    press(Desk(line.app, KARL), line.handoffs("review")[0], "release")
    (given,) = line.handoffs("open")
    rep, page = Desk(line.app, LENA), f"/leads/{given.lead_id}"
    rep.act(f"{page}/accept", page, handoff=given.id)
    with line.app.store.read() as tx:
        assert tx.handoffs.by_ids([given.id])[given.id].accepted_at == line.now


def test_return_needs_a_reason_and_rejects(line: Line) -> None:
    desk, (one, _) = Desk(line.app, KARL), line.handoffs("review")
    assert "choose a reason" in press(desk, one, "return", reason="no-such")
    assert "Returned to marketing" in press(desk, one, "return", reason="competitor", words="a rival")
    with line.app.store.read() as tx:
        done = tx.handoffs.by_ids([one.id])[one.id]
        lead = tx.intake.leads([one.lead_id])[one.lead_id]
    assert (done.state, done.reason, done.words, lead.stage) == ("closed", "competitor", "a rival", "rejected")
    assert "does not wait" in press(desk, one, "return", reason="competitor")


def test_what_is_another_reviewers_is_not_there(line: Line) -> None:
    (one, _), desk = line.handoffs("review"), Desk(line.app, NADJA)
    assert "Nothing waits to be released." in desk.get("/reviews")
    desk.user = KARL
    desk.get("/reviews")
    token = re.search(r'name="token" value="([^"]+)"', desk.get("/reviews"))
    assert token is not None
    desk.user = NADJA
    for act in ("release", "return"):
        answer = desk.browser.post(f"/reviews/{one.id}/{act}", data={"token": token[1], "reason": "competitor"})
        assert answer.status_code == 404
    assert len(line.handoffs("review")) == 2


def test_a_rep_has_no_reviews_and_an_admin_has_all(line: Line) -> None:
    Desk(line.app, LENA).get("/reviews", 403)
    assert Desk(line.app, ADMIN).get("/reviews").count("/release") == 2


def test_it_is_the_same_in_japanese(line: Line) -> None:
    desk, (one, _) = Desk(line.app, replace(KARL, language="ja")), line.handoffs("review")
    assert "様" in desk.get("/reviews")
    press(desk, one, "release")
    assert line.handoffs("open")[0].id == one.id
