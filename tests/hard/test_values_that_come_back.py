"""Values of ours that come back, and people who set the same: what is promised of each (docs/line.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.runs.deliver import deliver
from connector.runs.pull import pull
from connector.runs.sync import work
from tests.pair import MINUTES, SECRETS, Pair, pair, reasons

LENA = "lena@northwind.example"


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path, **reasons()) as running:
        yield running


def city(line: Pair, lead: str) -> str:
    return str(line.org.record(lead)["City"])


def moves(line: Pair, contact: str, to: str) -> None:
    """Marketing edits the contact, and the line runs."""
    line.clock.move(60)
    line.acts("change", id=contact, properties={"city": to})
    assert line.sync(MINUTES).failures == []


def writes(line: Pair, lead: str, to: str, by: str) -> None:
    """Somebody writes to the lead, and the line runs twice."""
    line.clock.move(60)
    line.org.edit(lead, {"City": to}, by=by)
    for _ in range(2):
        assert line.sync(MINUTES).failures == []


def test_there_and_back_again_the_value_in_between_is_the_old_one(line: Pair) -> None:
    contact, lead = line.given(city="Bonn")
    for to in ("Ulm", "Bonn"):
        moves(line, contact, to)
    assert city(line, lead) == "Bonn"
    writes(line, lead, "Ulm", "baton@northwind.example")
    assert city(line, lead) == "Bonn", "A, B, A: B is an older value of ours"
    # Our newest value is an echo, whoever wrote it.
    deeds = len(line.salesforce.ledger.deeds())
    writes(line, lead, "Bonn", LENA)
    assert [deed for deed in line.salesforce.ledger.deeds()[deeds:] if "City" in deed.fields] == []


def test_a_person_who_sets_an_older_value_of_ours_is_taken_for_a_late_write(line: Pair) -> None:
    contact, lead = line.given(city="Bonn")
    moves(line, contact, "Ulm")
    writes(line, lead, "Bonn", LENA)
    assert city(line, lead) == "Ulm"
    # Any other value of theirs stays, and stays when marketing has another one.
    writes(line, lead, "Köln", LENA)
    moves(line, contact, "Mainz")
    assert city(line, lead) == "Köln"


def test_a_value_that_we_wanted_and_never_sent_is_a_persons_where_they_write_it(line: Pair) -> None:
    contact, lead = line.given(city="Bonn")
    # Two changes before anything goes out: what is wanted of Ulm is taken back before it ever leaves.
    runtime, rows = line.app.runtime(), line.app.rows()
    for to in ("Ulm", "Mainz"):
        line.clock.move(60)
        line.acts("change", id=contact, properties={"city": to})
        line.clock.move(MINUTES.total_seconds())
        pull(runtime, "hubspot", rows, Counter())
        assert work(runtime, rows, Counter()) == []
    deliver(runtime, "salesforce", Counter())
    assert city(line, lead) == "Mainz"
    assert [row.attempts for row in line.outbox("superseded") if row.values.get("City") == "Ulm"] == [0]
    writes(line, lead, "Ulm", LENA)
    assert city(line, lead) == "Ulm"
