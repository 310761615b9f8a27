"""Every page of reps, reviewers and menders: in both languages, whole, and with nothing of a form's left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from connector.model.joining import Pair
from connector.runs import desk_acts
from connector.steps.alike import compare, person
from tests.line import Line
from tests.web.desk import ADMIN, Desk

VOID = {"meta", "link", "input", "br"}


class Reading(HTMLParser):
    """What a page is made of; raises AssertionError where a tag is closed that is not the last one opened."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.fields: list[tuple[str, bool]] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        assert not {"style", "onclick"} & said.keys()
        self.ids += [one for name, one in attrs if name == "id" and one]
        self.labelled |= {said["for"] or ""} if tag == "label" and "for" in said else set()
        if tag in ("select", "textarea", "input") and said.get("type") not in ("hidden", "radio"):
            self.fields.append((said.get("id") or "", "label" in self.open))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    folder: Path = tmp_path_factory.mktemp("rooms")
    made = Line(folder, crm="desk", flow='required = ["email", "country"]\n')
    for number in (1, 2, 3, 4):
        made.person(number, country="" if number == 4 else "Germany")
        made.did(number, "demo_request")
    made.sync()
    first, *_ = made.handoffs("open")
    about = made.app.runtime(), made.app.rows, first.id, first.owner
    desk_acts.accept(*about, {"budget": "20 k", "fit_confirmed": True})
    desk_acts.touch(*about, "call", "a1", "spoke")
    found = compare(person(made.lead(1).fields), person(made.lead(2).fields), made.app.config.identity.person)
    findings = [(one.field, one.level, one.points) for one in found.findings]
    with made.app.store.write() as tx:
        tx.pairs.put([Pair(1, 2, found.points, "perhaps", findings)], made.now)
    made.now += timedelta(hours=1)
    yield made
    made.app.close()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(
    "path", ["/inbox", "/leads/1", "/leads/2", "/leads/1/why", "/reviews", "/fixes", "/duplicates", "/duplicates/1"]
)
def test_it_is_whole(line: Line, path: str, language: str) -> None:
    page = Desk(line.app, replace(ADMIN, language=language, email="lena@northwind.example")).get(path)
    assert f'<html lang="{language}">' in page
    read = Reading(page)
    assert read.headings[0] == 1
    assert read.headings.count(1) == 1
    assert all(later <= before + 1 for before, later in zip(read.headings, read.headings[1:], strict=False))
    assert len(read.ids) == len(set(read.ids))
    assert [id for id, within in read.fields if id not in read.labelled and not within] == []


def test_a_page_changes_nothing(line: Line) -> None:
    with line.app.store.read() as tx:
        before = tx.admin.numbers(), tx.handoffs.counts(), tx.reviews.counts()
    desk = Desk(line.app)
    for path in ("/inbox", "/leads/1", "/leads/1/why", "/reviews", "/fixes", "/duplicates", "/duplicates/1"):
        desk.get(path)
    with line.app.store.read() as tx:
        assert (tx.admin.numbers(), tx.handoffs.counts(), tx.reviews.counts()) == before
    for act in ("accept", "reject", "touch", "rate", "deal", "pass", "qualify", "answer"):
        assert desk.browser.get(f"/leads/1/{act}").status_code == 405
