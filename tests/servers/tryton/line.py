"""Baton between Tryton and Tryton: one account plays marketing and CRM, and the command line runs over it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click.testing
import pytest
from click.testing import CliRunner

from connector.app import open_app, utc_now
from connector.cli.root import baton
from connector.config import load
from connector.runs.sync import Result, sync
from tests.servers.tryton.world import Tryton

PROSPECTS = "Prospects"
#: An admin's lines over the shipped mapping: who follows this link wants to be called.
MAPPING = """\
[[activities]]
event = "email_click"
page  = "*/demo"
kind  = "demo_request"
"""
CONFIG = """\
version = 1
timezone = "Europe/Berlin"
region = "DE"
database = "baton.db"

[secrets]
backend = "environment"

[connections.tryton]
type = "tryton"
base_url = "{base_url}"
database = "{database}"
company = {company}
category = "{prospects}"
mapping = "tryton.toml"
{settings}
[teams.sales]
members = [{{ email = "lena@northwind.example" }}, {{ email = "tom@northwind.example" }}]

[flows.b2b]
sources = ["tryton"]
crm = "tryton"
mode = "live"
required = ["email"]

[flows.b2b.routing]
order = [{{ to = "sales" }}]
"""


class Line:
    """A configuration over an account, and `baton` as an admin runs it."""

    def __init__(self, tryton: Tryton, folder: Path, settings: str = "", mapping: str = "") -> None:
        self.tryton, self.folder = tryton, folder
        self.ahead = timedelta()
        text = CONFIG.format(
            base_url=tryton.base_url, database=tryton.database, company=tryton.company, prospects=PROSPECTS,
            settings=settings,
        )  # fmt: skip
        (folder / "config.toml").write_text(text, "utf-8")
        (folder / "tryton.toml").write_text(MAPPING + mapping, "utf-8")

    def run(self, *arguments: str) -> click.testing.Result:
        """A command, which has to succeed."""
        config = str(self.folder / "config.toml")
        result = CliRunner().invoke(baton, ["--config", config, *arguments], prog_name="baton")
        assert result.exit_code == 0, result.output
        return result

    def told(self, *arguments: str) -> Any:
        """What a command answers as JSON."""
        return json.loads(self.run(*arguments, "--output", "json").stdout)

    def sync(self, after: timedelta = timedelta()) -> Result:
        """Run the line once, this much later than it would be by Tryton's clock."""
        self.ahead += after
        app = open_app(load(self.folder / "config.toml"), lambda: utc_now() + self.ahead)
        try:
            result = sync(app.runtime(), app.rows)
            assert result.failures == []
            return result
        finally:
            app.close()

    def stages_there(self) -> dict[str, str]:
        """The stage that marketing sees at each party, by its name: the category that Baton put it into."""
        below = [["parent.name", "=", "Baton stage"]]
        names = {row["id"]: row["name"] for row in self.tryton.ledger("party.category", "name", domain=below)}
        parties = self.tryton.ledger("party.party", "name", "categories")
        return {row["name"]: names[one] for row in parties for one in row["categories"] if one in names}


@contextmanager
def line(tryton: Tryton, folder: Path, settings: str = "", mapping: str = "") -> Iterator[Line]:
    """A line whose secrets are in the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BATON_SECRET_TRYTON", tryton.key)
        patch.setenv("LC_ALL", "C.UTF-8")
        patch.setenv("NO_COLOR", "1")
        yield Line(tryton, folder, settings, mapping)
