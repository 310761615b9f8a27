"""Links in notices: what they open, for whom, how long, and that they change nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.edge.links import Link, Links
from connector.model.logins import User
from tests.line import Line
from tests.notices.servers import Postbox, mail_server
from tests.web.browsers import Browser, user
from tests.web.stored import digest

BASE = "https://baton.northwind.example"
DESK = f"""
[desk]
base_url = "{BASE}"
sign_in = "logins"
links = "2 days"
[mail]
server = "mail-server"
sender = "baton@northwind.example"
"""
LENA, TOM = "lena@northwind.example", "tom@northwind.example"
Make = Callable[..., Line]


@pytest.fixture
def postbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    with mail_server(Postbox()) as found:
        monkeypatch.setenv("BATON_SECRET_MAIL_SERVER", found.url)
        yield found


def handed_over(make: Make) -> tuple[Line, int]:
    """A line on which Lena was given a lead; its number."""
    line = make(DESK)
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    [handoff] = line.handoffs("open")
    assert handoff.owner == LENA
    return line, handoff.lead_id


def path(line: Line, email: str, lead_id: int) -> str:
    return line.app.link(email, lead_id).removeprefix(BASE)


def test_a_mail_has_a_link_that_opens_the_lead_without_signing_in(desk_of: Make, postbox: Postbox) -> None:
    line, _ = handed_over(desk_of)
    [letter] = postbox.to(LENA)
    found = re.search(rf"On the desk: {BASE}(/open/\S+)", letter.get_content())
    assert found is not None
    page = Browser(line, base=BASE).get(found[1])
    assert page.status_code == 200
    assert "Ana Weber" in page.text
    assert "First contact is due" in page.text
    assert '<form method="post"' not in page.text


def test_no_link_is_kept_with_the_notice(desk_of: Make, postbox: Postbox) -> None:
    line, _ = handed_over(desk_of)
    assert postbox.to(LENA)
    assert all("/open/" not in str(row.values) for row in line.outbox() if row.target == "notices")


def test_a_channel_is_told_an_address_where_one_signs_in(desk_of: Make) -> None:
    line, lead_id = handed_over(desk_of)
    assert line.app.link("", lead_id) == f"{BASE}/leads/{lead_id}"


def test_nobody_is_sent_to_a_desk_that_has_no_address(desk_of: Make) -> None:
    line = desk_of()
    assert line.app.link(LENA, 1) == ""


def test_opening_changes_nothing_however_often_it_is_done(desk_of: Make) -> None:
    line, lead_id = handed_over(desk_of)
    opened, before = path(line, LENA, lead_id), digest(line)
    for _ in range(3):
        scanner = Browser(line, base=BASE)
        assert scanner.get(opened).status_code == 200
        assert scanner.http.head(opened).status_code == 200
        assert scanner.get("/").headers["location"] == "/sign-in"
    assert scanner.post(opened).status_code == 405
    assert digest(line) == before


def test_a_link_opens_nothing_else(desk_of: Make) -> None:
    """Not the desk, not another lead, and not for long."""
    line, lead_id = handed_over(desk_of)
    browser = Browser(line, base=BASE)
    opened = path(line, LENA, lead_id)
    assert browser.get(opened).status_code == 200
    assert browser.get(f"/leads/{lead_id}").headers["location"] == "/sign-in"
    line.now += timedelta(days=2, seconds=-1)
    assert browser.get(opened).status_code == 200
    line.now += timedelta(seconds=1)
    assert browser.get(opened).status_code == 404


def test_a_link_that_was_made_up_or_changed_opens_nothing(desk_of: Make) -> None:
    line, lead_id = handed_over(desk_of)
    browser = Browser(line, base=BASE)
    right = path(line, LENA, lead_id).removeprefix("/open/")
    body, _, signature = right.partition(".")
    other_body = path(line, TOM, lead_id).removeprefix("/open/").partition(".")[0]
    link, lasts = Link(LENA, lead_id), timedelta(days=2)
    of_other_key = Links("another key").token(link, line.now, lasts)
    of_sessions = Links(line.app.desk_key("sessions")).token(link, line.now, lasts)
    forged = (
        f"{other_body}.{signature}", f"{body}.", body, f"{body}.{signature[:-2]}", f"{right}x", of_other_key,
        of_sessions, "x", ".", "%00", "a" * 3000,
    )  # fmt: skip
    for token in forged:
        assert browser.get(f"/open/{token}").status_code == 404, token
    assert browser.get(f"/open/{right}").status_code == 200


def test_a_link_shows_nothing_to_whoever_has_nothing_to_do_with_the_lead(desk_of: Make) -> None:
    """Somebody who had the lead before, who never had it, who was disabled, and a lead that is not there."""
    line, lead_id = handed_over(desk_of)
    browser = Browser(line, base=BASE)
    assert browser.get(path(line, TOM, lead_id)).status_code == 404
    assert browser.get(path(line, "stranger@elsewhere.example", lead_id)).status_code == 404
    assert browser.get(path(line, LENA, lead_id + 1)).status_code == 404
    assert browser.get(path(line, "petra@northwind.example", lead_id)).status_code == 200
    [handoff] = line.handoffs("open")
    with line.app.store.write() as tx:
        tx.handoffs.save([replace(handoff, owner=TOM)])
    assert browser.get(path(line, LENA, lead_id)).status_code == 404
    assert browser.get(path(line, TOM, lead_id)).status_code == 200
    with line.app.store.write() as tx:
        tx.logins.save(User(TOM, disabled_at=line.now), line.now)
    assert browser.get(path(line, TOM, lead_id)).status_code == 404


def test_a_link_that_was_sent_to_somebody_else_does_not_open_for_whoever_is_signed_in(desk_of: Make) -> None:
    line, lead_id = handed_over(desk_of)
    signed_in = Browser(line, base=BASE)
    user(line, TOM)
    user(line, LENA)
    assert signed_in.sign_in(TOM).status_code == 303
    assert signed_in.get(path(line, LENA, lead_id)).status_code == 404
    hers = Browser(line, base=BASE)
    assert hers.sign_in(LENA).status_code == 303
    assert hers.get(path(line, LENA, lead_id)).status_code == 200


def test_the_button_leads_to_the_lead_by_way_of_signing_in(desk_of: Make) -> None:
    line, lead_id = handed_over(desk_of)
    browser = Browser(line, base=BASE)
    page = browser.get(path(line, LENA, lead_id)).text
    to = re.search(r'<form method="get" action="([^"]+)"', page)
    assert to is not None
    assert browser.get(to[1]).headers["location"] == "/sign-in"


def test_a_script_in_a_name_is_text_there_too(desk_of: Make) -> None:
    line = desk_of(DESK)
    line.person(1, **{"name.given": "<script>alert(1)</script>", "company.name": '"><img src=x onerror=alert(2)>'})
    line.did(1, "demo_request")
    line.sync()
    page = Browser(line, base=BASE).get(path(line, LENA, line.lead(1).id)).text
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script" in page or "script" not in page
