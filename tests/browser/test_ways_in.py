"""The ways into the desk in a real browser: the link that the command prints, and a name with a password."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from connector.web import passwords
from connector.web.by_login import ByLogin
from connector.web.rooms.account import account
from connector.web.site import ROOMS, site
from tests.browser.served import served
from tests.browser.world import USERS
from tests.line import Line

PASSWORD = "a long word for Lena"
BASE = "https://baton.northwind.example"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path, crm="desk")
    made.person(1)
    made.did(1, "demo_request")
    made.sync()
    yield made
    made.app.close()


def test_the_link_that_the_command_prints_lets_one_browser_in(line: Line, browser: Browser, page: Page) -> None:
    command = [sys.executable, "-m", "connector.cli", "--config", str(line.folder / "config.toml"), "desk"]
    with subprocess.Popen(
        [*command, "--port", "0", "--as", "lena@northwind.example"],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as desk:  # fmt: skip
        try:
            assert desk.stdout is not None
            link = next(found[0] for each in desk.stdout if (found := re.search(r"http://\S+", each)))
            page.goto(link)
            page.locator('a[href="/inbox"]').first.click()
            page.locator(".line .name a").click()
            page.locator('form[action$="/accept"] button').click()
            expect(page.get_by_role("status")).to_have_text("Accepted.")
            other = browser.new_context().new_page()
            answer = other.goto(link)
            assert answer is not None
            assert answer.status == 403
            other.context.close()
        finally:
            desk.terminate()


@contextmanager
def by_password(line: Line) -> Iterator[str]:
    """The desk where Lena has a password; its address."""
    with line.app.store.write() as tx:
        tx.logins.save(replace(USERS["lena"], password=passwords.hashed(PASSWORD)), line.now)
    door = ByLogin(lambda: line.app, "a key of the tests")
    rooms = (*ROOMS, account(door.key))
    with served(site(door.current, door.identify, key=door.key, rooms=rooms, entrance=door.routes())) as url:
        yield url


def sign_in(page: Page, password: str) -> None:
    page.locator("#email").fill(USERS["lena"].email)
    page.locator("#password").fill(password)
    page.locator("main button").click()


def test_a_name_and_a_password_let_in_until_one_signs_out(line: Line, page: Page) -> None:
    with by_password(line) as url:
        page.goto(f"{url}/inbox")
        assert page.url == f"{url}/sign-in"
        sign_in(page, "a long word for Tom")
        expect(page.get_by_role("alert")).to_have_count(1)
        sign_in(page, PASSWORD)
        page.wait_for_url(f"{url}/inbox")
        expect(page.locator(".line")).to_have_count(1)
        page.locator('form[action="/sign-out"] button').click()
        page.wait_for_url(f"{url}/sign-in")
        page.goto(f"{url}/inbox")
        assert page.url == f"{url}/sign-in"


def test_the_ways_in_can_be_read_by_everybody(line: Line, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATON_SECRET_DESK_KEY", "a key of the tests, long enough to be one")
    text = (line.folder / "config.toml").read_text("utf-8")
    text = text.replace("version = 1", 'version = 1\nsecrets = { backend = "environment" }', 1)
    line.reopen(f'{text}\n[desk]\nbase_url = "{BASE}"\nsign_in = "logins"\n')
    link = line.app.link(USERS["lena"].email, line.lead(1).id).removeprefix(BASE)
    context = browser.new_context(bypass_csp=True, viewport={"width": 320, "height": 640})
    page = context.new_page()
    with by_password(line) as url:
        for path in (link, f"{link}x", "/sign-in"):
            page.goto(url + path)
            assert not faults(page), path
        sign_in(page, "a long word for Tom")
        expect(page.get_by_role("alert")).to_have_count(1)
        assert not faults(page), "a wrong password"
        sign_in(page, PASSWORD)
        page.wait_for_url(f"{url}/")
        page.goto(f"{url}/password")
        page.locator("#old").fill("another one")
        page.locator("#new").fill("a longer word for Lena")
        page.locator('form[action="/password"] button').click()
        expect(page.get_by_role("alert")).to_have_count(1)
        assert not faults(page), "the password"
        page.locator('form[action="/sign-out-everywhere"] button').click()
        page.wait_for_url(f"{url}/sign-in")
    context.close()


def faults(page: Page) -> list[object]:
    """What keeps somebody from reading a page in light or in the dark; and whether it is wider than a small phone."""
    found: list[object] = []
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        violations = Axe().run(page).response["violations"]
        grave = [one for one in violations if one["impact"] in ("serious", "critical")]
        found += [(scheme, one["id"], [node["target"] for node in one["nodes"]][:3]) for one in grave]
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found + ["wider than the window"] * (wider > 0)
