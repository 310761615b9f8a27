"""The playbook and the map say what the configuration says, all of it, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from connector.config import Config, load
from connector.locale import translator
from connector.reporting.document import Block, Bullets, Heading, Paragraph, Table, as_markdown, as_page
from connector.reporting.flow_map import drawing, lines, steps
from connector.reporting.playbook import playbook

CONFIG = """\
version = 1
timezone = "Europe/Berlin"
[connections.portal]
type = "memory"
[connections.crm]
type = "memory"
[teams.dach]
manager = "petra@northwind.example"
deputy = "karl@northwind.example"
members = [{ email = "lena@northwind.example", weight = 2 }, { email = "tom@northwind.example", open_at_most = 15 }]
hours = { Mon-Thu = "09:00-12:00, 13:00-17:30", Fri = "09:00-15:00" }
holidays = ["DE-BE", 2026-12-24]
[teams.ae]
manager = "petra@northwind.example"
members = [{ email = "karl@northwind.example" }]
[notices]
"won" = ["slack-sdr"]
"breached" = ["manager"]
[flows.b2b]
sources = ["portal"]
crm = "crm"
mode = "review"
takes = { field = "email_class", is_not = "free" }
handoffs_per_day = 60
[flows.b2b.conditions]
"big & <odd>" = { field = "company.employees", at_least = 5000 }
asked = { activity = "demo_request", within = "30 days" }
[flows.b2b.fit]
"A * b | c" = { points = -7, field = "job_level", is = "staff" }
[flows.b2b.gates]
mql = { any = ["asked", { all = ["big & <odd>", { score = "total", at_least = 50 }] }] }
review = { by = "petra@northwind.example", within = "4 working hours" }
sal = { by = "owner", within = "1 working day", asks = ["budget"] }
sql = { by = "owner", within = "10 working days", asks = ["conversation"], then = "ae" }
[flows.b2b.routing]
order = [{ when = { field = "country", in = ["DE"] }, to = "dach" }, { to = "ae" }]
nobody_there = { give_to = "karl@northwind.example", tell = "manager" }
[flows.b2b.clock]
contact = { hot = "15 working min", other = "3 working hours" }
breach = ["tell rep", { after = "1 working day", do = "reassign" }]
[flows.b2b.reasons]
too_small = { list = "Baton: small", back_after = "200 days" }
[flows.b2b.fields]
job_title = "newest"
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "config.toml").write_text(CONFIG, "utf-8")
    return load(tmp_path / "config.toml")


def plain(text: str) -> str:
    """Markdown as its reader sees it."""
    return re.sub(r"\\(.)", r"\1", text).replace("&lt;", "<")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_everything_that_the_configuration_says_stands_in_it(config: Config, language: str) -> None:
    text = plain(as_markdown(playbook(config, language)))
    for said in (
        "b2b", "portal", "A * b | c", "-7", "big & <odd>", "5,000", "60", "petra@northwind.example", "too small",
        "Baton: small", "200", "dach", "ae", "lena@northwind.example", "15", "13:00-17:30", "DE-BE", "2026",
        "Europe/Berlin", "slack-sdr", "karl@northwind.example", "80",
    ):  # fmt: skip
        assert said in text or said.replace(",", "") in text, said


def test_the_stages_say_who_decides_and_by_when(config: Config) -> None:
    tables = [block for block in playbook(config, "en") if isinstance(block, Table) and block.head[0] == "stage"]
    rows = {row[0]: row[1:] for row in tables[0].rows}
    assert rows["SAL"] == ("asked for: budget", "the owner", "1 working day")
    assert rows["SQL"] == ("asked for: conversation confirmed; then handed to ae", "the owner", "10 working days")
    assert rows["review"] == ("before it is handed over", "petra@northwind.example", "4 working hours")
    assert rows["MQL"][0] == "one of: asked, (all of: big & <odd>, total points at least 50)"


def test_a_page_is_whole_and_nothing_in_it_is_markup_of_others(config: Config) -> None:
    page = as_page(playbook(config, "en"), "en")
    assert "<odd>" not in page
    assert "&lt;odd&gt;" in page
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert not re.search(r'(?:src|href)="', page)
    assert page.count("<table>") == page.count("</table>") > 5


def test_the_map_draws_what_it_tells(config: Config) -> None:
    maps = [steps(config, flow, str) for flow in config.flows.values()]
    text = "\n".join(lines(maps))
    assert [step.title for step in maps[0].steps] == [
        "portal", "MQL", "Review", "Owner", "SAL", "SQL", "Opportunity, won or lost", "Marketing hears",
    ]  # fmt: skip
    assert "1. country is DE → dach (2 people)" in text or "1. country is one of DE → dach (2 people)" in text
    assert "too small: joins the list Baton: small, back after 200 days" in text
    assert "does not fit: comes back when: job title, company changed lately" in text
    drawn = ElementTree.fromstring(drawing(maps, "en"))
    said = " ".join("".join(one.itertext()) for one in drawn.iter("{http://www.w3.org/2000/svg}text"))
    assert "then handed to ae" in said
    assert "big & <odd>" in said


def test_the_map_is_drawn_in_japanese_within_its_boxes(config: Config) -> None:
    maps = [steps(config, flow, translator("ja")) for flow in config.flows.values()]
    assert ElementTree.fromstring(drawing(maps, "ja")).get("lang") == "ja"


def test_cells_and_texts_keep_to_their_places() -> None:
    blocks: list[Block] = [
        Heading("a*b", 1),
        Paragraph("x", quiet=True),
        Bullets(["1", "2"]),
        Table(("h",), [("a|b\nc",)]),
    ]
    assert as_markdown(blocks) == "# a\\*b\n\n*x*\n\n- 1\n- 2\n\n| h |\n| --- |\n| a\\|b<br>c |\n"


def test_the_map_promises_nothing_to_a_source_that_takes_nothing_back(tmp_path: Path) -> None:
    text = CONFIG.replace('type = "memory"', 'type = "files"\ncontacts = "contacts.csv"', 1)
    (tmp_path / "config.toml").write_text(text, "utf-8")
    config = load(tmp_path / "config.toml")
    titles = [step.title for step in steps(config, config.flows["b2b"], str).steps]
    assert titles[-1] == "Opportunity, won or lost"
