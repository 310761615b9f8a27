"""A database with Tryton's modules and a furnished company in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.servers.tryton.furnish import furnish
from tests.servers.tryton.install import run
from tests.servers.tryton.process import SQLITE, Process
from tests.servers.tryton.rpc import Rpc

MODULES = (
    "ir", "res", "party", "company", "sale_opportunity", "marketing_automation", "marketing_email",
    "marketing_campaign", "web_user", "web_shortener",
)  # fmt: skip
ADMIN = "admin"
PASSWORD = "northwind-admin"
#: The database that others are copies of.
TEMPLATE = "template"


def furnished(programs: Path, folder: Path, uri: str = SQLITE, name: str = TEMPLATE) -> None:
    """Furnish a database: a new one in `folder` on SQLite, elsewhere one that is there and empty."""
    if uri == SQLITE:
        (folder / f"{name}.sqlite").touch()
    (folder / "password").write_text(PASSWORD, "utf-8")
    process = Process(programs, folder, uri)
    modules = ("--update", *MODULES, "--activate-dependencies", "--email", "admin@northwind.example")
    admin = programs / "trytond-admin"
    log = folder / "modules.log"
    run(admin, "-c", process.config, "-d", name, *modules, log=log, TRYTONPASSFILE=str(folder / "password"))
    with process as running:
        furnish(Rpc(running.opened(name), ADMIN, PASSWORD))
    if uri == SQLITE:
        _in_one_file(folder / f"{name}.sqlite")


def _in_one_file(database: Path) -> None:
    """What was written last still lies in a file beside it, which a copy would not have."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
