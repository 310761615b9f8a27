"""A store goes back to an older schema and forward again: what that lost is made anew, and the line goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import state
from connector.app import open_app
from connector.config import load
from tests.line import Line

MINUTES = timedelta(minutes=10)
CRM = 'crm_streams = ["user", "account", "contact", "lead", "task"]\nreports_deletes = true\nlook_up_batch = 50\n'
CLOCK = """
[flows.b2b.clock]
contact = { hot = "2 hours", other = "1 day" }
"""
#: What is counted of a store before and after; none of it is gone for good where a schema was older for a while.
COUNTED = {
    "in the mirror": "SELECT count(*) FROM mirror WHERE live = 1",
    "to be compared with, in the CRM": "SELECT count(*) FROM record_keys",
    "to be compared with": "SELECT count(DISTINCT lead_id) FROM lead_keys",
    "in a company": "SELECT count(*) FROM company_people",
    "on their way": "SELECT count(*) FROM ways",
    "out": "SELECT count(DISTINCT lead_id) FROM consents WHERE given = 0",
    "with a clock that runs": "SELECT count(*) FROM handoffs WHERE next_at IS NOT NULL",
}


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path, crm_settings=CRM, flow=CLOCK)
    made.crm.make("lead", {"email": "bo@other.example", "name.family": "Berg", "name.given": "Bo"}, made.now)
    for number in (1, 2, 3):
        made.person(number, **{"consent.email": "no"} if number == 3 else {})
    made.did(1, "demo_request")
    made.did(2, "demo_request")
    for _ in range(3):
        assert made.sync(MINUTES).failures == []
    yield made
    made.app.close()


def counted(line: Line) -> dict[str, int]:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(line.folder / "baton.db")) as database:
        return {what: database.execute(sql).fetchone()[0] for what, sql in COUNTED.items()}


def reopened(line: Line) -> None:
    line.app = open_app(load(line.folder / "config.toml"), lambda: line.now)


@pytest.mark.parametrize("version", ["0001", "0003"])
def test_what_an_older_schema_cannot_hold_is_made_anew(line: Line, version: str) -> None:
    before, things = counted(line), line.crm_counts()
    assert all(before.values()), before
    line.app.close()
    assert state.migrate(line.folder / "baton.db", version) == version
    reopened(line)
    for _ in range(3):
        assert line.sync(MINUTES).failures == []
    assert counted(line) == before
    assert line.crm_counts() == things
