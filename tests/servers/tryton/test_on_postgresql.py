"""What Tryton does on PostgreSQL alone: transactions in each other's way, that end late, and whose records tie."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.servers.tryton.line import PROSPECTS, Line, line
from tests.servers.tryton.people import DEMO, PRICING
from tests.servers.tryton.world import Tryton

pytestmark = pytest.mark.servers

Crowded = tuple[Tryton, str]
SOON = timedelta(minutes=30)
#: Written again whenever a lead's score moves.
SCORES = '[write.lead]\ncomment = "score.total"\n'
BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def prospects(tryton: Tryton, *codes: str) -> list[int]:
    """People who are entered in one transaction."""
    known = tryton.marketer.rpc.read("party.category", [["name", "=", PROSPECTS]], ["id"])
    category = known[0]["id"] if known else tryton.marketer.rpc.create("party.category", {"name": PROSPECTS})[0]
    rows = [
        {
            "name": f"Person {code}", "code": code, "categories": [["add", [category]]],
            "contact_mechanisms": [["create", [{"type": "email", "value": f"{code.lower()}@firm.example"}]]],
        }
        for code in codes
    ]  # fmt: skip
    return tryton.marketer.rpc.create("party.party", *rows)


@contextmanager
def held(url: str, statement: str, id: int) -> Iterator[psycopg.Connection[Any]]:
    """Another's transaction that holds a row, until it is committed or rolled back."""
    with psycopg.connect(url) as connection:
        connection.execute(statement, [id])
        yield connection


@contextmanager
def meanwhile(url: str, act: Callable[[], object]) -> Iterator[None]:
    """Something goes on until a row is free, and has ended when this ends."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - told below, in the test's own thread
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    with psycopg.connect(url, autocommit=True) as watch:
        while thread.is_alive() and watch.execute(BLOCKED).fetchone() != (1,):
            time.sleep(0.02)
    assert thread.is_alive(), failed
    yield
    thread.join()
    assert failed == []


def name(one: Line, code: str) -> str:
    """What Baton calls somebody."""
    return str(one.told("why", f"{code.lower()}@firm.example")["title"])


@pytest.fixture
def one(crowded: Crowded, tmp_path: Path) -> Iterator[Line]:
    with line(crowded[0], tmp_path, "page_size = 10\n", SCORES) as made:
        yield made


def test_records_of_one_transaction_tie_and_each_is_read(one: Line, crowded: Crowded) -> None:
    tryton, _ = crowded
    codes = [f"T{number}" for number in range(35)]
    ids = prospects(tryton, *codes)
    about = [["id", "in", ids]]
    assert len({row["last_modified_at"] for row in tryton.ledger("party.party", "last_modified_at", domain=about)}) == 1
    one.sync()
    assert [name(one, code) for code in codes] == [f"Person {code}" for code in codes]
    tryton.marketer.rpc.write("party.party", ids, name="Renamed Together")
    assert len({row["last_modified_at"] for row in tryton.ledger("party.party", "last_modified_at", domain=about)}) == 1
    one.sync()
    assert {name(one, code) for code in codes} == {"Renamed Together"}


def test_what_is_committed_late_is_read(one: Line, crowded: Crowded) -> None:
    tryton, url = crowded
    late, other = prospects(tryton, "L1", "L2")
    one.sync()

    def rename() -> None:
        tryton.marketer.rpc.write("party.party", [late], name="Late Riser")

    with held(url, "SELECT 1 FROM party_party WHERE id = %s FOR UPDATE", late) as holder, meanwhile(url, rename):
        tryton.admin.write("party.party", [other], name="Early Bird")
        one.sync()
        assert (name(one, "L1"), name(one, "L2")) == ("Person L1", "Early Bird")
        holder.rollback()
    # It comes with the time at which its transaction began: before what was read already.
    times = {row["id"]: row["last_modified_at"] for row in tryton.ledger("party.party", "last_modified_at")}
    assert times[late] < times[other]
    one.sync()
    assert (name(one, "L1"), name(one, "L2")) == ("Late Riser", "Early Bird")


def test_a_write_that_another_was_in_the_way_of_is_done_later(one: Line, crowded: Crowded) -> None:
    tryton, url = crowded
    prospects(tryton, "W1")
    one.sync()
    tryton.marketer.scenario("Winter", [["code", "=", "W1"]], title="Winter")
    tryton.marketer.send_scenarios()
    (mail,) = tryton.mails.to("w1@firm.example")
    tryton.recipient.click(mail, DEMO)
    one.sync()
    (lead,) = tryton.ledger("sale.opportunity", "comment")
    tryton.recipient.click(mail, PRICING)
    edit = "UPDATE sale_opportunity SET description = 'Ours' WHERE id = %s"
    with held(url, edit, lead["id"]) as holder, meanwhile(url, one.sync):
        holder.commit()
    (lost,) = tryton.ledger("sale.opportunity", "comment", "description")
    assert (lost["comment"], lost["description"]) == (lead["comment"], "Ours")
    assert "Unable to get RPC method" not in one.run("errors").stdout
    for _ in range(3):
        one.sync(SOON)
    (done,) = tryton.ledger("sale.opportunity", "comment", "description")
    score = one.told("why", "w1@firm.example")["score"]["total"]
    assert (int(done["comment"]), done["description"]) == (score, "Ours")
    assert score > int(lead["comment"])
