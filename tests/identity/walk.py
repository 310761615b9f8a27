"""Two exports and the desk: what the page on who is who walks through, from files to a rep, by the command line."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from connector.app import App, open_app
from connector.cli.root import baton
from connector.config import load
from connector.model.activity import Activity
from connector.model.handoff import Handoff
from connector.model.joining import Pair
from connector.model.lead import Lead

CONFIG = """\
version  = 1
language = "en"
timezone = "Europe/Berlin"
region   = "DE"

[connections.web]                     # what the website's marketing tool exports
type       = "files"
contacts   = "web.csv"
activities = "deeds.csv"
mapping    = "walk.toml"

[connections.fair]                    # badges that were scanned at a fair
type     = "files"
contacts = "fair.csv"
mapping  = "walk.toml"

[connections.desk]
type = "desk"

[teams.sales]
members = [{ email = "lena@northwind.example" }]

[flows.b2b]
sources  = ["web", "fair"]
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
"name.given"    = "given"
"name.family"   = "family"
"name.reading"  = "reading"
email           = "email"
phone           = "phone"
mobile          = "mobile"
job_title       = "title"
"company.name"  = "company"
"consent.email" = "mail"

[event]
id     = "id"
person = "contact"
at     = "at"
event  = "event"

[[activities]]
event = "demo"
kind  = "demo_request"
[[activities]]
event = "whitepaper"
kind  = "download"
"""

PEOPLE = "id,given,family,reading,email,phone,mobile,title,company,mail,changed"
DEEDS = "id,contact,at,event"


class Walk:
    """The folder, and `baton` over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.write("config.toml", CONFIG)
        self.write("walk.toml", MAPPING)
        self.web()
        self.fair()
        self.did()

    def write(self, name: str, text: str) -> None:
        """Replace one of its files."""
        (self.folder / name).write_text(text, "utf-8")

    def web(self, *rows: str) -> None:
        """All people of the website's export."""
        self.write("web.csv", "\n".join((PEOPLE, *rows, "")))

    def fair(self, *rows: str) -> None:
        """All people of the fair's."""
        self.write("fair.csv", "\n".join((PEOPLE, *rows, "")))

    def did(self, *rows: str) -> None:
        """Everything that people of the website did."""
        self.write("deeds.csv", "\n".join((DEEDS, *rows, "")))

    def baton(self, *arguments: str, typed: str | None = None) -> Result:
        """Run a command."""
        config = str(self.folder / "config.toml")
        return CliRunner().invoke(baton, ["--config", config, *arguments], input=typed, prog_name="baton")

    def told(self, *arguments: str) -> Any:
        """What a command answers as JSON."""
        answer = self.baton(*arguments, "--output", "json")
        assert answer.exit_code == 0, answer.output
        return json.loads(answer.stdout)

    def text(self, *arguments: str) -> str:
        """What a command tells a reader, on one line."""
        answer = self.baton(*arguments)
        assert answer.exit_code == 0, answer.output
        return " ".join(answer.stdout.split())

    def sync(self) -> None:
        """Run the line once."""
        answer = self.baton("sync")
        assert answer.exit_code == 0, answer.output

    # what Baton has

    @cached_property
    def app(self) -> App:
        """The configuration, opened beside the commands."""
        return open_app(load(self.folder / "config.toml"))

    def close(self) -> None:
        """Close what was opened."""
        if "app" in vars(self):
            self.app.close()

    def lead_ids(self) -> dict[str, int]:
        """The lead of each record, by `connection:id`: who are one have one."""
        found: dict[str, int] = {}
        with self.app.store.read() as tx:
            for connection, prefix in (("web", ""), ("fair", "F")):
                links = tx.intake.links(connection, "contact", [f"{prefix}{number}" for number in range(1, 10)])
                found |= {f"{connection}:{id}": link.lead_id for id, link in links.items()}
        return found

    def lead(self, record: str) -> Lead:
        """The lead of a record, `connection:id`."""
        id = self.lead_ids()[record]
        with self.app.store.read() as tx:
            return tx.intake.leads([id])[id]

    def activities(self, record: str) -> list[Activity]:
        """What the lead of a record did."""
        id = self.lead_ids()[record]
        with self.app.store.read() as tx:
            return tx.intake.activities([id]).get(id, [])

    def handoffs(self, record: str) -> list[Handoff]:
        """All handoffs of the lead of a record."""
        id = self.lead_ids()[record]
        with self.app.store.read() as tx:
            return tx.handoffs.of_leads([id]).get(id, [])

    def pairs(self) -> list[Pair]:
        """Pairs that wait for a decision."""
        with self.app.store.read() as tx:
            return tx.pairs.open()

    def desk_leads(self) -> list[str]:
        """The addresses of the desk's leads."""
        with self.app.store.read() as tx:
            return [str(values.get("email")) for _, _, values in tx.desk.listing("lead")]
