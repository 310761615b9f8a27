"""A small shop with two exported files and the desk, and the command line over it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

CONFIG = """\
version  = 1
language = "en"
timezone = "Europe/Berlin"
region   = "DE"

[secrets]
backend = "sealed"

[connections.export]
type       = "files"
contacts   = { files = "contacts.csv", id = "id", time_column = "changed" }
activities = { files = "activities.csv", id = "id", time_column = "at" }
mapping    = "mapping.toml"

[connections.desk]
type = "desk"

[teams.sales]
manager = "mona@shop.example"
members = [{ email = "lena@shop.example", weight = 2 }, { email = "tom@shop.example" }]
hours   = { Mon-Fri = "09:00-17:00" }

[flows.b2b]
sources  = ["export"]
crm      = "desk"
mode     = "live"
required = ["email", "company.name"]

[flows.b2b.routing]
order = [{ to = "sales" }]
"""

MAPPING = """\
[contact]
id          = "id"
modified_at = "changed"

[read]
"name.full"         = "name"
email               = "email"
"company.name"      = "company"
"company.employees" = { from = "size", as = "integer" }

[event]
id     = "id"
person = "contact"
at     = "at"
event  = "event"

[[activities]]
event = "demo"
kind  = "demo_request"
[[activities]]
event = "visit"
kind  = "visit"
"""

#: Ana and Cem asked for a demo; Cem lacks a company; row 4 has too few columns, Eve's size is no number.
CONTACTS = """\
id,name,email,company,size,changed
1,Ana Alba,ana@alba.example,Alba GmbH,500,2026-11-01T10:00:00Z
2,Bo Berg,bo@berg.example,Berg AG,20,2026-11-02T10:00:00Z
3,broken
4,Cem Celik,cem@celik.example,,50,2026-11-03T10:00:00Z
5,Eve Ek,eve@ek.example,Ek AB,many,2026-11-04T10:00:00Z
"""


@dataclass
class Shop:
    """The shop's folder, and `baton` over its configuration."""

    folder: Path

    def baton(self, *arguments: str, typed: str | None = None) -> Result:
        """Run a command over the shop's configuration."""
        from connector.cli.root import baton

        config = str(self.folder / "config.toml")
        return CliRunner().invoke(baton, ["--config", config, *arguments], input=typed, prog_name="baton")

    def told(self, *arguments: str) -> Any:
        """What a command answers as JSON."""
        return json.loads(self.baton(*arguments, "--output", "json").stdout)

    def write(self, name: str, text: str) -> None:
        """Replace one of its files."""
        (self.folder / name).write_text(text, "utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        """Change one of its files."""
        text = (self.folder / name).read_text("utf-8")
        assert old in text
        self.write(name, text.replace(old, new))


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The shop, whose people asked for their demos yesterday."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    made = Shop(tmp_path / "shop")
    made.folder.mkdir()
    made.write("config.toml", CONFIG)
    made.write("mapping.toml", MAPPING)
    made.write("contacts.csv", CONTACTS)
    made.write("activities.csv", activities())
    return made


def activities() -> str:
    """Two demo requests of yesterday, a visit, an event of no kind and one of nobody known."""
    from datetime import UTC, datetime, timedelta

    day = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%d")
    return (
        "id,contact,at,event\n"
        f"a1,1,{day}T09:00:00Z,demo\n"
        f"a2,4,{day}T09:30:00Z,demo\n"
        f"a3,2,{day}T10:00:00Z,visit\n"
        f"a4,2,{day}T11:00:00Z,quiz\n"
        f"a5,99,{day}T12:00:00Z,visit\n"
    )
