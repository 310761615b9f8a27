"""The page of what was done on the desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from connector.model.logins import ROLES, Audited
from connector.steps.telling import trail as words
from connector.web.rooms import trail
from connector.web.rooms.account import account
from connector.web.site import ROOMS
from tests.line import Line
from tests.web.desk import Desk

LENA = "lena@northwind.example"


def test_it_is_read_page_by_page_from_the_newest(desk_of: Callable[..., Line]) -> None:
    line = desk_of()
    with line.app.store.write() as tx:
        for number in range(trail.AT_ONCE + 5):
            tx.logins.record(Audited(line.now + timedelta(minutes=number), LENA, "rep", f"act {number:03}"))
    desk = Desk(line.app)
    first = desk.get("/admin/trail")
    assert f"act {trail.AT_ONCE + 4:03}" in first
    assert "act 004" not in first
    link = first.partition('rel="next" href="')[2].partition('"')[0]
    second = desk.get(link)
    assert [number for number in range(10) if f"act {number:03}" in second] == [0, 1, 2, 3, 4]
    assert 'rel="next"' not in second


def test_it_shows_what_was_done_about_one_lead(desk_of: Callable[..., Line]) -> None:
    line = desk_of()
    line.person(1)
    line.sync()
    lead_id = line.lead(1).id
    with line.app.store.write() as tx:
        tx.logins.record(Audited(line.now, LENA, "rep", "lead: accept", lead_id, None, {"outcome": "done"}))
        tx.logins.record(Audited(line.now, LENA, "rep", "account: sign out"))
    page = Desk(line.app).get(f"/admin/trail?lead={lead_id}")
    assert "lead: accept" in page
    assert "sign out" not in page


def test_an_address_that_says_no_number_is_the_first_page(desk_of: Callable[..., Line]) -> None:
    desk = Desk(desk_of().app)
    for asked in ("before=x", "before=-1", "before=" + "9" * 40, "lead=1%27--", "lead=٣"):
        assert "Nothing was done here yet." in desk.get(f"/admin/trail?{asked}")


def test_every_act_and_role_of_the_desk_has_words() -> None:
    rooms = (*ROOMS, account("x"))
    acts = {
        f"{room.name}: {door.handler.__name__.replace('_', ' ')}" for room in rooms for door in room.doors if door.acts
    }
    assert acts <= set(words.ACTS)
    assert set(ROLES) <= set(words.ROLES)
