"""Every page of every room: for a screen reader, on a phone, in the dark, on paper; nothing from anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser

from connector.model.follow_up import Absence
from connector.runs.absences import add_absence
from connector.runs.release import release_lead
from connector.web.rooms.dashboard import PAGES
from connector.web.site import ROOMS
from tests.browser.reader import Reader, reader
from tests.browser.world import USERS, Company, alike, asks_for_a_demo, company, lacks_country, parked

LONG = {"name.family": "Wolfeschlegelsteinhausenbergerdorff", "company.name": "Donaudampfschifffahrtsgesellschaft " * 2}
#: The doors that show something, and where they are opened in this company.
SHOWN = {
    "/": "/",
    "/inbox": "/inbox?of=lena@northwind.example",
    "/leads/{lead:int}": "/leads/1",
    "/leads/{lead:int}/why": "/leads/1/why",
    "/reviews": "/reviews",
    "/fixes": "/fixes",
    "/duplicates": "/duplicates",
    "/duplicates/{pair:int}": "/duplicates/1",
    "/feedback": "/feedback",
    "/dashboard": "/dashboard",
    "/dashboard/{name}": "/dashboard/funnel?by=source",
    "/team": "/team",
    "/team/give-on": "/team/give-on?owner=lena@northwind.example",
    "/admin": "/admin",
    "/admin/trail": "/admin/trail",
}
FILES = {"/dashboard/{name}.csv", "/dashboard/{name}.json"}
SHEETS = [page.path for page in PAGES.values() if page.name not in ("", "funnel")]
WAYS = {
    "wide, light, English": ("en", {"viewport": {"width": 1200, "height": 900}, "color_scheme": "light"}),
    "phone, dark, Japanese": ("ja", {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"}),
}
#: Whether anything of the page lies outside of its window, or of a box that does not scroll.
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """Something in every room; lead 1 is in hand, with a name and a company that are long."""
    with company() as made:
        line = made.open(tmp_path_factory.mktemp("company"), "review")
        asks_for_a_demo(line, 1, 2, 3)
        line.person(1, **LONG)
        line.sync()
        for number in (1, 2):
            release_lead(line.app.runtime(), line.app.rows, line.lead(number).id, USERS["karl"].email)
        lacks_country(line, 4)
        alike(line, 5, 6)
        parked(line)
        add_absence(line.app.runtime(), Absence(USERS["tom"].email, line.now, line.now + timedelta(days=5)))
        yield made
        line.app.close()


@pytest.fixture(scope="module", params=WAYS)
def looking(browser: Browser, everything: Company, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """An admin, who sees every room."""
    language, how = WAYS[request.param]
    with reader(browser, everything.url, "anna", language, bypass_csp=True, **how) as made:
        yield made


def test_every_door_that_shows_something_is_opened_here() -> None:
    doors = {door.path for room in ROOMS for door in room.doors if not door.acts}
    assert doors == {*SHOWN, *FILES}


@pytest.mark.parametrize("path", [*SHOWN.values(), *SHEETS, "/sign-in", "/nowhere"])
def test_a_page_can_be_read_by_everybody(looking: Reader, path: str) -> None:
    looking.page.goto(looking.url + path)
    found = Axe().run(looking.page).response["violations"]
    grave = [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found
             if one["impact"] in ("serious", "critical")]  # fmt: skip
    assert not grave
    assert looking.page.evaluate(WIDER) <= 0


def test_nothing_is_asked_of_anybody_else_and_the_browser_refuses_nothing(
    browser: Browser, everything: Company
) -> None:
    with reader(browser, everything.url, "anna") as anna:
        asked: set[str] = set()
        said: list[str] = []
        anna.page.on("request", lambda request: asked.add(request.url))
        anna.page.on("console", lambda message: said.append(message.text))
        for path in (*SHOWN.values(), *SHEETS):
            anna.go(path)
        assert not said
        assert {url for url in asked if not url.startswith(f"{anna.url}/")} == set()
        assert any("/static/" in url for url in asked)


def test_the_keyboard_skips_to_the_content_and_is_seen(browser: Browser, everything: Company) -> None:
    with reader(browser, everything.url, "lena") as lena:
        lena.go("/inbox")
        lena.page.keyboard.press("Tab")
        skip = lena.page.locator(".skip")
        box = skip.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        lena.page.keyboard.press("Enter")
        lena.page.wait_for_url("**#main")
        lena.page.keyboard.press("Tab")
        assert lena.page.evaluate("document.activeElement.closest('main') !== null")
        assert lena.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("path", ["/inbox?of=lena@northwind.example", "/leads/1", "/team", "/dashboard"])
def test_on_paper_nothing_is_cut_and_nothing_is_to_be_pressed(browser: Browser, everything: Company, path: str) -> None:
    # A4 with margins of 15 mm, at 96 dots an inch.
    with reader(browser, everything.url, "anna", viewport={"width": 680, "height": 1000}) as anna:
        anna.go(path)
        anna.page.emulate_media(media="print")
        assert anna.page.evaluate(WIDER) <= 0
        assert not [one for one in anna.page.locator("button, nav, input, select").all() if one.is_visible()]
