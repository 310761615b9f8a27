"""A real browser before the real pages: Chromium, headless, over a server on loopback.

`BATON_BROWSER` names the Chromium to use; without it, one that is installed is taken, and without that these tests
are left out, visibly. Where the variable is set and the browser does not start, they fail.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

#: Chromium asks its makers for updates unless told; as root it has no sandbox of its own.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


def chromium() -> str:
    """The browser's path; skips the test where there is none."""
    found = os.environ.get("BATON_BROWSER") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("no Chromium here: install it (Debian: apt-get install chromium) or name it in BATON_BROWSER")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(params=["with scripts", "without scripts"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An empty page, in a context of its own; each test runs with and without JavaScript."""
    context = browser.new_context(java_script_enabled=request.param == "with scripts")
    yield context.new_page()
    context.close()
