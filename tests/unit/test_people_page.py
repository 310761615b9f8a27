"""What docs/admin/people.md says of its rules is what comes of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.config import Config, load
from connector.model.activity import Activity
from connector.model.facts import Facts
from connector.model.roster import Roster
from connector.steps.routing.rules import route

PAGE = Path(__file__).parents[2] / "docs" / "admin" / "people.md"
NOW = datetime(2026, 12, 7, 8, tzinfo=UTC)
BLOCKS = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
ROWS = re.findall(r"^\| ([^|]+) \| (\d) \| (`.+?) \| (\S+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
REST = """
[connections.exports]
type = "files"
contacts = "contacts.csv"
[connections.desk]
type = "desk"
[flows.b2b]
sources = ["exports"]
crm = "desk"
"""


def loaded(folder: Path, block: str) -> Config:
    (folder / "lists").mkdir()
    (folder / "lists" / "competitors.txt").write_text("rival.example\n", "utf-8")
    rest = REST if "[flows.b2b.routing]" in block else REST + '[flows.b2b.routing]\norder = [{ to = "sdr-dach" }]\n'
    (folder / "config.toml").write_text(block + rest, "utf-8")
    return load(folder / "config.toml")


def facts(told: str) -> Facts:
    """A lead with these values."""
    values: dict[str, Any] = dict(re.findall(r"`([\w. ]+)` = ([^,]+)", told))
    owner, deed = values.pop("account owner", ""), values.pop("activity", "")
    values |= {name: int(value) for name, value in values.items() if name == "company.employees"}
    done: Mapping[str, list[Activity]] = {}
    if deed:
        kind, topic = deed.split()
        done = {kind: [Activity("exports", "1", "1", NOW - timedelta(days=1), kind, topic)]}
    return Facts(NOW, values, done, account_owner=owner)


@pytest.mark.parametrize(("by", "rule", "told", "to"), ROWS, ids=[row[0] for row in ROWS])
def test_each_rule_takes_whom_the_page_says(tmp_path: Path, by: str, rule: str, told: str, to: str) -> None:
    config = loaded(tmp_path, BLOCKS[1])
    roster = Roster({name: team.members for name, team in config.teams.items()})
    found = route(facts(told), config.flows["b2b"].routing, roster, {}, {})
    assert (found.rule, found.team or found.owner) == (f"rule {rule}", to), by


def test_every_rule_of_the_page_has_a_row() -> None:
    assert {int(row[1]) for row in ROWS} == set(range(1, BLOCKS[1].count("to = ") - BLOCKS[1].count("give_to = ") + 1))


def test_the_first_block_says_what_the_page_says_of_it(tmp_path: Path) -> None:
    config = loaded(tmp_path, BLOCKS[0])
    assert config.deputy_of("lena@northwind.example") == "tom@northwind.example"
    assert config.deputy_of("petra@northwind.example") == "karl@northwind.example"
    assert config.address_at("desk", "tom@northwind.example") == "t.berg@northwind.example"
    assert config.teams["support-apac"].hours[0] == ((time(22), time(6)),)
    assert config.people["tom@northwind.example"].hours == dict.fromkeys(range(3), ((time(7), time(15, 30)),))
