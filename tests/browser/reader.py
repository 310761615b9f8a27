"""Somebody in a browser, before the pages of a company."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, Response

from tests.browser.world import READER


@dataclass
class Reader:
    """Somebody in a browser. `language` is what the pages are expected in."""

    page: Page
    url: str
    language: str = "en"

    def go(self, path: str) -> Response:
        """Open a page."""
        answer = self.page.goto(self.url + path)
        assert answer is not None
        assert answer.ok, (path, answer.status)
        assert self.page.locator("html").get_attribute("lang") == self.language
        return answer

    def press(self, act: str, button: str = "", **fields: str) -> str:
        """Unfold and fill the first form that sends to `act`, press the button of a value; what is said then."""
        form = self.page.locator(f'form[action$="{act}"]').first
        for folded in form.locator("xpath=ancestor::details[not(@open)]/summary").all():
            folded.click()
        for name, value in fields.items():
            field = form.locator(f'[name="{name}"]').first
            if field.get_attribute("type") == "radio":
                form.locator(f'[name="{name}"][value="{value}"]').check()
            elif field.locator("option").count():
                field.select_option(value)
            else:
                field.fill(value)
        pressed = form.locator(f'button[value="{button}"]' if button else "button").first
        # What is not filled in as it must be is not sent.
        if form.evaluate("form => form.checkValidity()"):
            with self.page.expect_navigation():
                pressed.click()
        else:
            pressed.click()
        said = self.page.get_by_role("status")
        return said.inner_text() if said.count() else ""

    def sees(self, selector: str) -> int:
        """How many of these are on the page."""
        return self.page.locator(selector).count()


@contextmanager
def reader(browser: Browser, url: str, who: str, language: str = "en", **how: Any) -> Iterator[Reader]:
    """A browser of `who`, in a context of its own (`how`: see playwright's `new_context`)."""
    context = browser.new_context(extra_http_headers={READER: f"{who} {language}"}, **how)
    context.set_default_timeout(10_000)
    yield Reader(context.new_page(), url, language)
    context.close()
