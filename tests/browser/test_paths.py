"""Each role's way through the desk, in a real browser: in English with scripts, in Japanese without.

There are no scripts, so that both must be the same.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from connector.model.logins import Audited
from tests.browser.reader import Reader
from tests.browser.world import READER, USERS, Company, alike, asks_for_a_demo, company, lacks_country, now, of, parked

WAYS = {"English, with scripts": ("en", True), "Japanese, without": ("ja", False)}
ComesIn = Callable[[str], Reader]


@pytest.fixture(scope="module")
def served() -> Iterator[Company]:
    with company() as made:
        yield made


@pytest.fixture(scope="module", params=WAYS)
def way(browser: Browser, request: pytest.FixtureRequest) -> Iterator[tuple[BrowserContext, str]]:
    """A window for all tests of a way, and its language: opening one takes longer than most paths."""
    language, scripts = WAYS[request.param]
    context = browser.new_context(java_script_enabled=scripts)
    context.set_default_timeout(10_000)
    yield context, language
    context.close()


@pytest.fixture
def comes_in(way: tuple[BrowserContext, str], served: Company) -> Iterator[ComesIn]:
    """Opens a page for somebody."""
    context, language = way

    def opened(who: str) -> Reader:
        page = context.new_page()
        page.set_extra_http_headers({READER: f"{who} {language}"})
        return Reader(page, served.url, language)

    yield opened
    for page in context.pages:
        page.close()
    context.clear_cookies()


@pytest.fixture
def live(served: Company, tmp_path: Path) -> Iterator[Company]:
    served.open(tmp_path)
    yield served
    served.line.app.close()


def trail(company: Company) -> list[Audited]:
    with company.line.app.store.read() as tx:
        return tx.logins.trail(10)


def test_a_rep_takes_a_lead(live: Company, comes_in: ComesIn) -> None:
    asks_for_a_demo(live.line, 1, 2)
    handoff, lena = of(live.line, "lena"), comes_in("lena")
    lena.go("/inbox")
    assert lena.sees(".line") == 1
    lena.page.locator(".line .name a").click()
    lena.page.wait_for_url(f"**/leads/{handoff.lead_id}")
    assert lena.press("/touch", kind="call", note="Rang; <b>calls</b> back")
    assert lena.page.locator("q").inner_text() == "Rang; <b>calls</b> back"
    assert lena.press("/accept", "", **{"answer.budget": "20 k", "answer.fit_confirmed": "yes"})
    assert "20 k" in lena.page.locator("#answered + dl").inner_text()
    assert not lena.sees('form[action$="/accept"]')
    assert lena.press("/rate", rating="4")
    assert lena.page.locator('[name="rating"][value="4"]').is_checked()
    done = now(live.line, handoff)
    assert (done.accepted_at, done.contacted_at, done.rating) == (live.line.now, live.line.now, 4)
    assert [one.action for one in trail(live)] == ["lead: rate", "lead: accept", "lead: touch"]


def test_a_rep_gives_a_lead_back(live: Company, comes_in: ComesIn) -> None:
    asks_for_a_demo(live.line, 1)
    handoff, lena = of(live.line, "lena"), comes_in("lena")
    lena.go(f"/leads/{handoff.lead_id}")
    lena.press("/reject")
    assert now(live.line, handoff).state == "open", "without a reason the browser itself sends nothing"
    assert lena.press("/reject", reason="competitor", words="works for a rival")
    lena.page.wait_for_url("**/inbox")
    done = now(live.line, handoff)
    assert (done.state, done.reason, done.words) == ("closed", "competitor", "works for a rival")


def test_a_rep_wins_a_lead(live: Company, comes_in: ComesIn) -> None:
    asks_for_a_demo(live.line, 1)
    handoff, lena = of(live.line, "lena"), comes_in("lena")
    lena.go(f"/leads/{handoff.lead_id}")
    lena.press("/accept")
    assert lena.press("/qualify", "", **{"answer.conversation": "yes"})
    assert lena.press("/deal", button="won", amount="12000", currency="EUR")
    assert live.line.lead(1).stage == "won"
    lena.page.locator(f'a[href="/leads/{handoff.lead_id}/why"]').click()
    assert lena.sees(".timeline > li") > 3


def test_a_reviewer_releases_one_and_returns_one(served: Company, comes_in: ComesIn, tmp_path: Path) -> None:
    line = served.open(tmp_path, "review")
    asks_for_a_demo(line, 1, 2)
    karl, (one, other) = comes_in("karl"), line.handoffs("review")
    karl.go("/reviews")
    assert karl.press(f"/{one.id}/release")
    assert now(line, one).state == "open"
    assert karl.press(f"/{other.id}/return", reason="competitor", words="a rival")
    assert (now(line, other).state, now(line, other).reason) == ("closed", "competitor")
    assert not karl.sees(".line")
    line.app.close()


def test_what_lacks_something_is_mended_and_tried_again(live: Company, comes_in: ComesIn) -> None:
    lacks_country(live.line, 1)
    petra = comes_in("petra")
    petra.go("/fixes")
    assert petra.sees(".line") == 1
    live.line.person(1)
    assert petra.press("/retry")
    live.line.sync(timedelta(minutes=1))
    assert len(live.line.handoffs("open")) == 1
    petra.go("/fixes?kind=missing_fields")
    assert not petra.sees(".line")


def test_two_leads_are_one_person_and_are_not(live: Company, comes_in: ComesIn) -> None:
    pair, mia = alike(live.line, 1, 2), comes_in("mia")

    def state() -> str:
        with live.line.app.store.read() as tx:
            return tx.pairs.of_leads([pair.one])[0].state

    mia.go("/duplicates")
    mia.page.locator(f'a[href="/duplicates/{pair.id}"]').click()
    assert mia.sees("table.beside tr.differs") >= 1
    for act, outcome in (("/same", "same"), ("/undo", "open"), ("/different", "different"), ("/undo", "open")):
        mia.go(f"/duplicates/{pair.id}")
        assert mia.press(act), act
        assert state() == outcome


def test_a_manager_writes_down_who_is_away_and_gives_their_leads_on(live: Company, comes_in: ComesIn) -> None:
    asks_for_a_demo(live.line, 1, 2)
    handoff, petra = of(live.line, "lena"), comes_in("petra")
    petra.go("/team")
    assert petra.press("/absences", email=USERS["lena"].email, deputy=USERS["tom"].email, until="2026-12-01")
    assert petra.sees('form[action$="/end"]') == 1
    petra.press("/team/give-on", owner=USERS["lena"].email, to=USERS["tom"].email)
    assert now(live.line, handoff).owner == USERS["lena"].email, "looking changes nothing"
    assert petra.press("/team/give-on")
    assert now(live.line, handoff).owner == USERS["tom"].email
    assert petra.press("/end")
    assert not petra.sees('form[action$="/end"]')


def test_marketing_reads_why_leads_came_back(live: Company, comes_in: ComesIn) -> None:
    asks_for_a_demo(live.line, 1)
    handoff, lena, mia = of(live.line, "lena"), comes_in("lena"), comes_in("mia")
    lena.go(f"/leads/{handoff.lead_id}")
    lena.press("/reject", reason="competitor", words="works for a rival")
    mia.go("/feedback")
    assert "works for a rival" in mia.page.locator("main").inner_text()


def test_an_admin_lets_a_flow_go_on_and_reads_who_did_what(live: Company, comes_in: ComesIn) -> None:
    parked(live.line)
    anna = comes_in("anna")
    anna.go("/admin")
    assert anna.press("/admin/flows/b2b/release")
    assert not anna.sees('form[action$="/release"]')
    anna.go("/admin/trail")
    assert "anna@northwind.example" in anna.page.locator("tbody tr").first.inner_text()


def test_a_dashboard_is_narrowed_and_taken_away(live: Company, comes_in: ComesIn) -> None:
    asks_for_a_demo(live.line, 1, 2)
    mia = comes_in("mia")
    mia.go("/dashboard")
    mia.page.locator("#period").select_option("30")
    mia.page.locator("form.filters button").click()
    mia.page.wait_for_url("**period=30**")
    assert mia.sees(".tiles li") >= 3
    assert mia.sees("table tbody tr") >= 3
    with mia.page.expect_download() as taking:
        mia.page.locator('a[href*=".csv"]').first.click()
    taken = list(csv.reader(io.StringIO(Path(taking.value.path()).read_text("utf-8-sig"))))
    assert len(taken) > 3
    assert taking.value.suggested_filename.endswith(".csv")


def test_without_a_role_for_it_a_room_is_not_there(live: Company, comes_in: ComesIn) -> None:
    asks_for_a_demo(live.line, 1, 2)
    theirs, lena = of(live.line, "tom"), comes_in("lena")
    lena.go("/")
    assert lena.sees("header nav li") == 1
    for path, status in (("/team", 403), ("/admin", 403), (f"/leads/{theirs.lead_id}", 404)):
        answer = lena.page.goto(lena.url + path)
        assert answer is not None
        assert answer.status == status
        assert lena.page.get_by_role("heading", level=1).count() == 1
