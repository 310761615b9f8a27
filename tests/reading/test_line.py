"""Whatever the platform does between two pages: nothing is lost, nothing is there twice, the others go on."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.model.errors import StreamError
from connector.runs.read_in import is_read_in, read_back
from tests.line import Line

MINUTES = timedelta(minutes=2)
READ_BACK = 'crm_streams = ["user", "account", "lead", "task"]\nlook_up_batch = 50\nreports_deletes = true\n'


def leads(line: Line) -> list[int]:
    with line.app.store.read() as tx:
        return tx.intake.lead_numbers()


def deeds(line: Line, number: int) -> Counter[str]:
    lead = line.lead(number)
    with line.app.store.read() as tx:
        return Counter(one.kind for one in tx.intake.activities([lead.id]).get(lead.id, []))


def waiting(line: Line) -> int:
    """Activities whose people are not known."""
    with line.app.store.read() as tx:
        return tx.reports.totals()["waiting_activities"]


def test_a_stream_whose_cursor_stands_keeps_no_other_from_being_read(tmp_path: Path) -> None:
    settings = 'cursor_stuck = true\nstuck_streams = ["contacts"]\n'
    line = Line(tmp_path, portal_settings=settings, page_size=1)
    line.person(1)
    line.did(1, "demo_request")
    for known in (1, 2):
        result = line.sync(MINUTES)
        ((connection, error),) = result.failures
        assert (connection, str(error)) == (
            "portal", "portal: contacts: the cursor did not move after a page; stopped reading",
        )  # fmt: skip
        assert waiting(line) == known
        line.did(1, "pricing_view")
    line.app.close()


def test_a_stream_of_a_crm_whose_cursor_stands_keeps_no_other_from_being_read(tmp_path: Path) -> None:
    settings = READ_BACK + 'page_size = 1\ncursor_stuck = true\nstuck_streams = ["account"]\n'
    line = Line(tmp_path, crm_settings=settings)
    for number in range(2):
        line.crm.make("account", {"name": f"Firm {number}"}, line.now)
        line.crm.make("lead", {"email": f"p{number}@firm.example"}, line.now)
    with pytest.raises(StreamError, match="crm: account: the cursor did not move"):
        read_back(line.app.runtime(), "crm", Counter())
    with line.app.store.read() as tx:
        assert tx.mirror.counts("crm") == {"lead": 2}
        assert not is_read_in(tx, "crm")
    line.app.close()


@pytest.mark.parametrize("settings", ["pages_twice = true", "blank_pages = true\npages_twice = true"])
def test_pages_that_come_twice_and_pages_without_a_record(tmp_path: Path, settings: str) -> None:
    line = Line(tmp_path, portal_settings=settings, crm_settings=READ_BACK + settings, page_size=3)
    for number in range(8):
        line.person(number)
        line.did(number, "demo_request")
    line.crm.make("lead", {"email": "somebody@else.example"}, line.now)
    for _ in range(3):
        assert line.sync(MINUTES).failures == []
    assert len(leads(line)) == 8
    assert [deeds(line, number)["demo_request"] for number in range(8)] == [1] * 8
    assert line.crm_counts() == {"lead": 9, "task": 8, "note": 8}
    with line.app.store.read() as tx:
        assert is_read_in(tx, "crm")
        assert tx.mirror.counts("crm")["lead"] == 9
    line.app.close()


def test_a_cursor_that_the_platform_no_longer_knows_begins_anew_and_doubles_nothing(tmp_path: Path) -> None:
    line = Line(tmp_path, crm_settings=READ_BACK)
    for number in range(4):
        line.person(number)
        line.did(number, "demo_request")
    line.sync(MINUTES)
    before = line.crm.effects()
    with line.app.store.write() as tx:
        for stream in ("contacts", "activities"):
            tx.ledgers.save_cursor("portal", stream, "of an older platform", line.now)
        tx.ledgers.save_cursor("crm", "read:lead", "of an older platform", line.now)
    line.person(4)
    result = line.sync(MINUTES)
    assert result.failures == []
    assert (result.counts["unchanged"], result.counts["new leads"]) == (4, 1)
    assert result.counts["activities known already"] == 4
    assert line.crm.effects() == before
    line.app.close()


def test_who_is_made_anew_under_another_id_is_the_same_lead_and_is_not_handed_over_twice(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.person(1)
    line.did(1, "demo_request")
    line.sync(MINUTES)
    line.portal.delete("contacts", "1", line.now)
    line.sync(MINUTES)
    line.person(9, email="ana1@firm.example")
    line.did(9, "pricing_view")
    assert line.sync(MINUTES).failures == []
    assert leads(line) == [line.lead(9).id] == [line.lead(1).id]
    assert line.crm_counts() == {"lead": 1, "task": 1, "note": 1}
    line.portal.put("contacts", "1", {"id": "1", "email": "ana1@firm.example", "name.family": "Weber"}, line.now)
    assert line.sync(MINUTES).failures == []
    assert len(leads(line)) == 1
    assert line.crm_counts() == {"lead": 1, "task": 1, "note": 1}
    line.app.close()


@pytest.mark.parametrize("page", range(1, 5))
def test_no_cursor_is_beyond_what_was_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    line = Line(tmp_path, page_size=2, portal_settings="read_ahead = 2")
    for number in range(9):
        line.person(number)
    store = line.app.store
    write, writes = store.write, []

    def failing(**options: Any) -> Any:
        writes.append(1)
        if len(writes) == page + 4:
            raise OSError("the disk is gone")
        return write(**options)

    monkeypatch.setattr(store, "write", failing)
    with pytest.raises(OSError, match="disk"):
        line.sync(MINUTES)
    monkeypatch.undo()
    with line.app.store.read() as tx:
        stored = tx.ledgers.cursor("portal", "contacts")
        known = tx.intake.links("portal", "contact", [str(number) for number in range(9)])
    assert len(known) == int(stored or 0)
    line.now += timedelta(minutes=10)
    assert line.sync(MINUTES).failures == []
    assert len(leads(line)) == 9
    line.app.close()
