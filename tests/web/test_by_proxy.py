"""A user whom a web server names in a header: believed from it alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from connector.model.logins import User
from tests.line import Line
from tests.web.browsers import Browser

Make = Callable[..., Line]
BASE = "https://baton.northwind.example"
PROXY = f"""
[desk]
base_url = "{BASE}"
sign_in = "proxy"
[desk.proxy]
trusted = ["203.0.113.7"]
proof = "desk-proxy"
"""
LENA = {"X-Forwarded-Email": "Lena@northwind.example"}
PROOF = {"X-Baton-Proof": "the proof of the tests"}


def test_whom_the_web_server_names_is_who_asks(desk_of: Make) -> None:
    browser = Browser(desk_of(PROXY), base=BASE)
    assert "lena@northwind.example" in browser.get("/", **LENA, **PROOF).text
    assert browser.get("/probe/managers", **LENA, **PROOF).status_code == 403


@pytest.mark.parametrize(
    ("client", "headers"),
    [
        ("198.51.100.1", {**LENA, **PROOF}),
        ("203.0.113.7", LENA),
        ("203.0.113.7", {**LENA, "X-Baton-Proof": "a guess"}),
        ("203.0.113.7", {**LENA, "X-Baton-Proof": ""}),
        ("127.0.0.1", {**LENA, "X-Forwarded-For": "203.0.113.7", "X-Baton-Proof": ""}),
        ("", {**LENA, **PROOF}),
    ],
)
def test_the_header_of_anybody_else_is_refused_loudly(
    desk_of: Make, caplog: pytest.LogCaptureFixture, client: str, headers: dict[str, str]
) -> None:
    browser = Browser(desk_of(PROXY), base=BASE, client=client)
    answer = browser.get("/", **headers)
    assert answer.status_code == 400
    assert "lena" not in answer.text.lower()
    assert "is not the web server" in caplog.text
    assert browser.trail() == ["header of the web server refused"]


def test_many_refusals_do_not_fill_the_trail(desk_of: Make) -> None:
    browser = Browser(desk_of(PROXY), base=BASE, client="198.51.100.1")
    for _ in range(5):
        assert browser.get("/", **LENA).status_code == 400
    assert browser.trail() == ["header of the web server refused"]


def test_two_users_at_once_are_nobody(desk_of: Make) -> None:
    """A web server that adds its header and does not take out the browser's lets anybody be anybody."""
    browser = Browser(desk_of(PROXY), base=BASE)
    twice = [("X-Forwarded-Email", "petra@northwind.example"), ("X-Forwarded-Email", "lena@northwind.example")]
    assert browser.http.get("/", headers=[*twice, *PROOF.items()]).status_code == 400


def test_without_a_header_nobody_is_signed_in(desk_of: Make) -> None:
    browser = Browser(desk_of(PROXY), base=BASE)
    assert browser.get("/", **PROOF).headers["location"] == "/sign-in"
    assert browser.get("/sign-in", **PROOF).status_code == 403


def test_whoever_has_no_role_or_was_disabled_sees_nothing(desk_of: Make) -> None:
    line = desk_of(PROXY)
    browser = Browser(line, base=BASE)
    stranger = {"X-Forwarded-Email": "stranger@elsewhere.example"}
    assert browser.get("/", **stranger, **PROOF).headers["location"] == "/sign-in"
    with line.app.store.write() as tx:
        tx.logins.save(User("lena@northwind.example", disabled_at=line.now), line.now)
    assert browser.get("/", **LENA, **PROOF).headers["location"] == "/sign-in"


def test_a_header_is_no_user_where_names_and_passwords_are(desk_of: Make) -> None:
    browser = Browser(desk_of('\n[desk]\nsign_in = "logins"\n'))
    assert browser.get("/", **LENA, **PROOF).headers["location"] == "/sign-in"


def test_the_forms_of_one_user_do_not_do_for_another(desk_of: Make) -> None:
    """The cookie of a browser outlives whom the web server names for it."""
    browser = Browser(desk_of(PROXY), base=BASE)
    page = browser.get("/probe", **LENA, **PROOF)
    assert 'name="token"' in page.text
    tom = {"X-Forwarded-Email": "tom@northwind.example"}
    token = page.text.partition('name="token" value="')[2].partition('"')[0]
    assert browser.post("/probe/1/done", {"token": token}, **LENA, **PROOF).status_code == 303
    assert browser.post("/probe/1/done", {"token": token}, **tom, **PROOF).status_code == 403


def test_on_a_socket_whoever_calls_is_the_web_server(desk_of: Make) -> None:
    line = desk_of(f'\n[desk]\nbase_url = "{BASE}"\nsign_in = "proxy"\nsocket = "desk.sock"\n')
    assert "lena@northwind.example" in Browser(line, base=BASE, client="").get("/", **LENA).text
    # The same settings at a port would believe anybody.
    elsewhere = Browser(line, base=BASE, client="203.0.113.7")
    elsewhere.opened.desk = replace(line.app.config.desk, socket="")
    assert elsewhere.get("/", **LENA).status_code == 400
