"""All doors of all rooms: who they are for, that looking changes nothing, that nothing is done without a form."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.model.logins import ROLES, User
from connector.model.notices import LEAD_PAGE
from connector.web.room import Door
from connector.web.rooms.account import account
from connector.web.site import ROOMS
from connector.web.templating import _environment
from tests.line import Line
from tests.web.browsers import line_with
from tests.web.desk import Desk
from tests.web.stored import digest

DOORS = [(room, door) for room in (*ROOMS, account("a key")) for door in room.doors]
PART = re.compile(r"\{(\w+)(?::(\w+))?\}")
TEMPLATES = sorted(path.name for path in (Path(__file__).parents[2] / "connector/web/templates").glob("*.html"))


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """A line with leads that were handed over, one that waits, and one that is set aside."""
    made = line_with(tmp_path_factory.mktemp("desk"))
    for number in range(1, 4):
        made.person(number)
        made.did(number, "demo_request")
    made.person(4, email="not an address")
    made.sync()
    yield made
    made.app.close()


def paths(door: Door, line: Line) -> Iterator[str]:
    """Addresses of a door: with numbers that there are, and with some that there are not."""
    with line.app.store.read() as tx:
        leads = [handoff.lead_id for handoff in tx.handoffs.in_state("b2b", "open")]
    for number in {leads[0], 4711} if PART.search(door.path) else {0}:
        yield PART.sub(lambda found: str(number) if found[2] == "int" else "b2b", door.path)  # noqa: B023


def desk(line: Line, *roles: str, language: str = "en") -> Desk:
    return Desk(line.app, User("petra@northwind.example", "Petra", roles, language=language))  # type: ignore[arg-type]


def test_every_door_says_whom_it_is_for() -> None:
    assert all(door.roles and set(door.roles) <= set(ROLES) for _, door in DOORS)
    assert all(door.path.startswith("/") and not door.path.endswith("//") for _, door in DOORS)
    known = [(door.path, door.acts) for _, door in DOORS]
    assert len(known) == len(set(known))
    assert not [door.path for _, door in DOORS if door.acts and door.link]


def test_links_in_notices_lead_to_a_page() -> None:
    pages = [PART.sub("%d", door.path) for _, door in DOORS if not door.acts]
    assert LEAD_PAGE in pages


@pytest.mark.parametrize("language", ["en", "ja"])
def test_looking_at_any_page_changes_nothing(line: Line, language: str) -> None:
    browser, before = desk(line, "admin", language=language), digest(line)
    shown: set[str] = set()
    for room, door in DOORS:
        for path in () if door.acts or room.name == "account" else paths(door, line):
            answer = browser.browser.get(path)
            assert answer.status_code in (200, 404), (path, answer.status_code)
            html = answer.headers["content-type"].startswith("text/html") and answer.status_code == 200
            assert not html or f'<html lang="{language}"' in answer.text
            assert answer.status_code == 200 or not door.link, path
            shown.update([door.path] if answer.status_code == 200 else [])
    assert shown > {LEAD_PAGE.replace("%d", "{lead:int}"), "/", "/admin/trail"}
    assert digest(line) == before


def test_what_would_notice_a_page_that_writes(line: Line) -> None:
    before = digest(line)
    with line.app.store.write() as tx:
        tx.logins.seen("nobody", line.now)
        tx.admin.set_meta("a page", "wrote")
    assert digest(line) != before


def test_nothing_is_done_without_the_token_of_a_form(line: Line) -> None:
    browser, before = desk(line, "admin"), counted(line)
    browser.get("/")
    for room, door in DOORS:
        for path in paths(door, line) if door.acts and room.name != "account" else ():
            for fields in ({}, {"token": "x"}):
                assert browser.browser.post(path, data=fields).status_code == 403, path
            assert browser.browser.get(path).status_code in (405, 404, 200), path
    assert counted(line) == before


def counted(line: Line) -> dict[str, str]:
    """All rows but those of the trail, which says that somebody tried."""
    with sqlite3.connect(f"file:{line.folder / 'baton.db'}?mode=ro", uri=True) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        found = {
            name: repr(sorted(map(repr, database.execute(f'SELECT * FROM "{name}"'))))
            for (name,) in tables if name not in ("audit", "ids")
        }  # fmt: skip
    database.close()
    return found


def test_nobody_comes_in_by_a_role_that_a_door_does_not_name(line: Line) -> None:
    for role in ROLES:
        browser = desk(line, role)
        for room, door in DOORS:
            if door.acts or room.name == "account":
                continue
            # Whom a door lets in is decided before what is behind it is looked for.
            status = browser.browser.get(next(paths(door, line))).status_code
            assert (status == 403) == (role not in (*door.roles, "admin")), (role, door.path, status)


def test_who_is_not_signed_in_sees_no_page_at_all(line: Line) -> None:
    browser = Desk(line.app, user=None)
    for room, door in DOORS:
        for path in () if room.name == "account" else paths(door, line):
            answer = browser.browser.post(path) if door.acts else browser.browser.get(path)
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in"), path


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_template_can_be_read(language: str) -> None:
    for name in TEMPLATES:
        assert _environment(language).get_template(name).name == name
