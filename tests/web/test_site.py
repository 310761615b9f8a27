"""The site as a whole: what every answer carries, who comes in, what an act must prove."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.web.protect import HEADERS
from connector.web.visit import Sent
from tests.line import Line
from tests.web.desk import Desk


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path)
    yield made
    made.app.close()


class TestSite:
    def test_every_answer_carries_what_browsers_keep_to(self, line: Line) -> None:
        desk = Desk(line.app)
        for path in ("/", "/static/baton.css", "/no-such-page"):
            sent = desk.browser.get(path).headers
            assert {name: sent[name] for name in HEADERS} == HEADERS

    def test_nobody_comes_in_who_is_not_signed_in(self, line: Line) -> None:
        desk = Desk(line.app, user=None)
        assert desk.browser.get("/").headers["location"] == "/sign-in"

    def test_the_first_page_greets_its_user(self, line: Line) -> None:
        assert "Petra" in Desk(line.app).get("/")

    def test_a_field_of_a_form_holds_what_every_store_can_keep(self) -> None:
        assert Sent({"note": " on \0holiday "}).text("note") == "on holiday"
