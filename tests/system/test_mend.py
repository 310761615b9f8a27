"""What was set aside is listed, mended, tried again or dropped; a backfill reads a stretch of time again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.app import open_app
from connector.config import load
from connector.model.errors import ConfigError
from connector.model.records import Page, Window
from connector.runs.backfill import backfill
from connector.runs.mend import drop, retry
from tests.line import START, Line


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path)
    yield made
    made.app.close()


def test_an_event_without_a_person_is_set_aside_with_its_place_and_reason(line: Line) -> None:
    line.portal.put("activities", "e1", {"id": "e1", "event": "visit", "at": START.isoformat()}, START)
    result = line.sync()
    (item,) = line.waiting_for_people("set_aside")
    assert (item.where, item.connection) == ("e1", "portal")
    assert result.counts["set aside"] == 1
    assert result.counts["activities read"] == 1


def test_the_same_fault_seen_again_is_one_item(line: Line) -> None:
    for _ in range(2):
        line.portal.put("activities", "e1", {"id": "e1", "event": "visit", "at": START.isoformat()}, START)
        line.sync()
    (item,) = line.waiting_for_people("set_aside")
    assert item.seen == 2


def test_what_was_mended_at_the_source_closes_itself(line: Line) -> None:
    line.portal.put("activities", "e1", {"id": "e1", "event": "visit", "at": START.isoformat()}, START)
    line.sync()
    line.portal.put("activities", "e1", {"id": "e1", "person": "1", "event": "visit", "at": START.isoformat()}, START)
    result = line.sync()
    assert line.waiting_for_people("set_aside") == []
    assert result.counts["mended"] == 1


def test_a_field_that_cannot_be_used_is_set_aside_and_mended_apart(line: Line) -> None:
    line.person(1, **{"consent.at": "soon"})
    line.sync()
    (item,) = line.waiting_for_people("set_aside")
    assert item.field == "consent.at"
    assert "consent.at" not in line.lead(1).fields
    line.person(1, **{"consent.at": "2026-11-01T10:00:00+01:00"})
    line.sync()
    assert line.waiting_for_people("set_aside") == []
    assert line.lead(1).fields["consent.at"] == "2026-11-01T09:00:00+00:00"


def test_a_set_aside_record_is_tried_again_under_the_mapping_of_today(line: Line) -> None:
    line.portal.put("activities", "e1", {"id": "e1", "wer": "1", "event": "visit", "at": START.isoformat()}, START)
    line.person(1)
    line.sync()
    items = line.waiting_for_people("set_aside")
    assert retry(line.app.runtime(), line.app.rows, items)["set aside"] == 1
    line.app.close()
    (line.folder / "portal.toml").write_text('[event]\nperson = "wer"\n', "utf-8")
    config = line.folder / "config.toml"
    text = config.read_text("utf-8").replace("[connections.portal]", '[connections.portal]\nmapping = "portal.toml"')
    config.write_text(text, "utf-8")
    line.app = open_app(load(config), lambda: line.now)
    assert retry(line.app.runtime(), line.app.rows, line.waiting_for_people("set_aside"))["mended"] == 1
    assert line.waiting_for_people("set_aside") == []


def test_dropped_items_are_closed_and_nothing_else_happens(line: Line) -> None:
    line.portal.put("activities", "e1", {"id": "e1", "event": "visit", "at": START.isoformat()}, START)
    line.sync()
    assert drop(line.app.runtime(), line.waiting_for_people("set_aside")) == 1
    assert line.waiting_for_people("set_aside") == []


def test_a_backfill_reads_only_its_stretch_and_leaves_the_cursor_of_the_daemon(line: Line) -> None:
    line.now = START - timedelta(days=30)
    line.person(1)
    line.now = START
    line.person(2)
    result = backfill(
        line.app.runtime(), line.app.rows, START - timedelta(days=31), START - timedelta(days=29), resume=False
    )
    assert result.counts["new leads"] == 1
    with line.app.store.read() as tx:
        assert tx.ledgers.cursor("portal", "contacts") == ""
    assert line.sync().counts["new leads"] == 1


def test_a_backfill_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    line = Line(tmp_path, page_size=2)
    for number in range(6):
        line.person(number)
    runtime = line.app.runtime()
    runtime.progress = lambda _what, _counts: runtime.stop.set()
    window = (START - timedelta(days=1), START + timedelta(days=1))
    assert backfill(runtime, line.app.rows, *window, resume=False).counts["new leads"] == 2
    line.app.stop.clear()
    rest = backfill(line.app.runtime(), line.app.rows, *window, resume=True)
    assert rest.counts["new leads"] == 4
    again = backfill(line.app.runtime(), line.app.rows, *window, resume=False)
    assert (again.counts["new leads"], again.counts["unchanged"]) == (0, 6)
    line.app.close()


def test_a_cursor_that_does_not_move_stops_the_run_and_says_so(tmp_path: Path) -> None:
    line = Line(tmp_path, portal_settings="cursor_stuck = true", page_size=1)
    for number in range(3):
        line.person(number)
    line.now += timedelta(minutes=1)
    ((connection, error),) = line.sync().failures
    assert connection == "portal"
    assert "cursor did not move" in str(error)
    line.app.close()


def test_a_record_that_the_store_cannot_take_costs_that_record(line: Line) -> None:
    line.person(1)
    line.portal.put("contacts", "2", {"id": "2", "email": "b@firm.example", "city": "half a pair: \ud800"}, START)
    line.person(3)
    result = line.sync()
    assert result.counts["new leads"] == 2
    (item,) = line.waiting_for_people("set_aside")
    assert item.where == "2"


def test_one_stream_that_must_be_mended_does_not_keep_the_other_from_being_read(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = line.app.source("portal")
    whole = source.pull

    def pull(stream: str, cursor: str, window: Window | None = None) -> Iterator[Page]:
        yield from whole(stream, cursor, window)
        if stream == "contacts":
            raise ConfigError("contacts2.csv: no such file")

    monkeypatch.setattr(source, "pull", pull)
    line.person(1)
    line.did(1, "demo_request")
    ((connection, error),) = line.sync().failures
    assert (connection, str(error)) == ("portal", "config.toml:6: connections.portal: contacts2.csv: no such file")
    assert line.lead(1).stage == "mql"
