"""`baton state`, as an admin types it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.system.conftest import Shop


def test_a_copy_is_made_and_put_back(shop: Shop) -> None:
    assert shop.baton("sync").exit_code == 0
    copy = shop.folder / "copy.bak"
    made = shop.baton("state", "backup", str(copy))
    assert made.exit_code == 0, made.output
    assert "4 leads" in made.stdout
    assert "proved" in made.stdout
    again = shop.baton("state", "backup", str(copy))
    assert (again.exit_code, "there is a file of that name" in again.stderr) == (6, True)
    assert shop.told("state", "backup", "--force", str(copy))["rows"]["leads"] == 4
    back = shop.baton("state", "restore", str(copy))
    assert back.exit_code == 0, back.output
    assert "what was there is kept as" in back.stdout
    assert "0 writes that had not gone out are looked up first" in back.stdout
    info = shop.told("state", "info")
    assert (info["restores"], info["rows"]["leads"], info["leases"]) == (1, 4, [])
    assert shop.baton("sync").exit_code == 0
    assert shop.told("state", "restored") == {"looked_up_first": 0, "restores": 2}


def test_what_cannot_be_done_is_one_line_and_an_exit_code(shop: Shop) -> None:
    assert shop.baton("state", "backup", "copy.bak").exit_code == 6
    shop.baton("sync")
    refused = shop.baton("state", "restore", str(shop.folder / "config.toml"))
    assert (refused.exit_code, refused.stderr.count("\n")) == (6, 1)
    with closing(sqlite3.connect(shop.folder / "baton.db")) as connection:
        connection.execute("INSERT INTO leases VALUES ('pull:other', 'elsewhere/1:2:3:4', 1, 9000000000000000)")
        connection.commit()
    for command in (("restored",), ("restore", str(shop.folder / "copy.bak"))):
        refused = shop.baton("state", *command)
        assert refused.exit_code == 6, refused.output


def test_schemas_forward_and_back(shop: Shop) -> None:
    shop.baton("sync")
    with closing(sqlite3.connect(shop.folder / "baton.db")) as connection:
        connection.execute("UPDATE handoffs SET reason = 'not now'")
        connection.commit()
    assert shop.baton("state", "migrate").stdout.startswith("the schema is ")
    asked = shop.baton("state", "migrate", "--to", "0001")
    assert (asked.exit_code, "say --yes" in asked.stderr, "what sales said of handoffs" in asked.stderr) == (
        2,
        True,
        True,
    )
    assert "nothing was changed" in shop.baton("state", "migrate", "--to", "0001", "--dry-run").stdout
    assert shop.baton("state", "migrate", "--to", "0001", "--yes").exit_code == 0
    assert shop.told("state", "info")["schema"] == "0001"
    assert shop.baton("state", "migrate").stdout.startswith("schema 0001 to ")
    assert shop.told("state", "info")["rows"]["handoffs"] == 1
    assert shop.baton("state", "migrate", "--to", "0042").exit_code == 6


def test_postgresql_is_pointed_to_its_own_tools(shop: Shop) -> None:
    shop.edit("config.toml", "version  = 1\n", 'version  = 1\ndatabase = "postgresql://baton@db.example:6432/leads"\n')
    kept = shop.baton("state", "backup", "copy.bak")
    assert kept.exit_code == 2
    said = "pg_dump --format=custom --no-owner --file=baton.dump 'postgresql://baton@db.example:6432/leads'"
    assert said in kept.stderr
    put = shop.baton("state", "restore", "copy.bak")
    assert "pg_restore --clean --if-exists" in put.stderr
    assert "baton state restored" in put.stderr
