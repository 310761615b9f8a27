"""The ways into the desk in a real browser: the link that the command prints, and a name with a password."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from connector.web import passwords
from connector.web.by_login import ByLogin
from connector.web.rooms.account import account
from connector.web.site import ROOMS, site
from tests.browser.served import served
from tests.browser.world import USERS
from tests.line import Line

PASSWORD = "a long word for Lena"


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
            assert page.get_by_role("status").inner_text() == "Accepted."
            other = browser.new_context().new_page()
            answer = other.goto(link)
            assert answer is not None
            assert answer.status == 403
            other.context.close()
        finally:
            desk.terminate()


def test_a_name_and_a_password_let_in_until_one_signs_out(line: Line, page: Page) -> None:
    with line.app.store.write() as tx:
        tx.logins.save(replace(USERS["lena"], password=passwords.hashed(PASSWORD)), line.now)
    door = ByLogin(lambda: line.app, "a key of the tests")
    rooms = (*ROOMS, account(door.key))
    with served(site(door.current, door.identify, key=door.key, rooms=rooms, entrance=door.routes())) as url:
        page.goto(f"{url}/inbox")
        assert page.url == f"{url}/sign-in"
        for password in ("a long word for Tom", PASSWORD):
            page.locator("#email").fill(USERS["lena"].email)
            page.locator("#password").fill(password)
            page.locator("main button").click()
        assert page.url == f"{url}/inbox"
        assert page.locator(".line").count() == 1
        page.locator('form[action="/sign-out"] button').click()
        page.goto(f"{url}/inbox")
        assert page.url == f"{url}/sign-in"
