"""Pages fetched ahead, the beginning of a stream in parts, several batches on their way."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from connector.model.adapter import CrmCapabilities, SourceCapabilities
from connector.model.records import Page
from connector.runs.pull import parts_key
from connector.runs.runtime import Runtime
from tests.line import Line

PEOPLE = 40
DEEDS = 20


def filled(folder: Path, **settings: str) -> Line:
    """A portal with people, half of whom did something; pages of four."""
    line = Line(folder, page_size=4, **settings)
    for number in range(PEOPLE):
        line.person(number)
    for number in range(DEEDS):
        line.did(number, "page_view")
    return line


def totals(line: Line) -> tuple[int, int, int]:
    with line.app.store.read() as tx:
        found = tx.reports.totals()
    return found["leads"], found["activities"], found["waiting_activities"]


def cursor(line: Line, stream: str) -> str:
    with line.app.store.read() as tx:
        return tx.ledgers.cursor("portal", stream)


def stopped_after(line: Line, pages: int) -> Runtime:
    """A runtime that is told to stop once so many pages are stored."""
    stop, stored = threading.Event(), 0

    def progress(_what: str, _counts: object) -> None:
        nonlocal stored
        stored += 1
        if stored >= pages:
            stop.set()

    return line.app.runtime(progress=progress, stop=stop)


def sync_with(line: Line, runtime: Runtime) -> None:
    from connector.runs.sync import sync

    sync(runtime, line.app.rows)
    line.app.stop = threading.Event()


@pytest.mark.parametrize("ahead", [0, 1, 3])
def test_the_same_is_stored_however_far_ahead_is_read(tmp_path: Path, ahead: int) -> None:
    line = filled(tmp_path, portal_settings=f"read_ahead = {ahead}", crm_settings=f"read_ahead = {ahead}")
    assert line.sync().failures == []
    assert totals(line) == (PEOPLE, DEEDS, 0)
    line.app.close()


def test_a_stop_between_pages_leaves_the_cursor_at_the_last_page_that_was_stored(tmp_path: Path) -> None:
    line = filled(tmp_path, portal_settings="read_ahead = 3")
    sync_with(line, stopped_after(line, 3))
    assert cursor(line, "contacts") == "12"
    assert totals(line)[0] == 12
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead-")]
    counts = line.sync().counts
    assert counts["contacts read"] == PEOPLE - 12
    assert totals(line) == (PEOPLE, DEEDS, 0)
    line.app.close()


def test_what_failed_ahead_is_told_after_the_pages_before_it(tmp_path: Path) -> None:
    line = filled(tmp_path, portal_settings="read_ahead = 3")
    line.portal.fault("pull", "server_error", passes=5)
    ((name, error),) = line.sync().failures
    assert (name, type(error).__name__) == ("portal", "RetryableError")
    assert cursor(line, "contacts") == "20"
    assert line.sync().failures == []
    assert totals(line) == (PEOPLE, DEEDS, 0)
    line.app.close()


def test_a_fault_of_the_store_ends_the_reading_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from connector.model.errors import StateError

    line = filled(tmp_path, portal_settings="read_ahead = 1")

    def full(*_: object) -> None:
        raise StateError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("connector.runs.pull.store_page", full)
        with pytest.raises(StateError):
            line.sync()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead-")]
    assert line.sync().failures == []
    assert totals(line) == (PEOPLE, DEEDS, 0)
    line.app.close()


def test_a_beginning_in_parts_reads_everything_once(tmp_path: Path) -> None:
    line = filled(tmp_path, portal_settings="parts = 4")
    counts = line.sync().counts
    assert (counts["contacts read"], counts["new leads"]) == (PEOPLE, PEOPLE)
    assert totals(line) == (PEOPLE, DEEDS, 0)
    assert (cursor(line, "contacts"), cursor(line, "contacts#0")) == (str(PEOPLE), "")
    line.person(PEOPLE)
    assert line.sync(timedelta(minutes=5)).counts["contacts read"] == 1
    line.app.close()


def test_parts_are_read_at_the_same_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = filled(tmp_path, portal_settings="parts = 4\nstreams = ['contacts']")
    source = line.app.source("portal")
    together, read = threading.Barrier(4, timeout=10), source._read  # type: ignore[attr-defined]
    begun: set[str] = set()

    def waits(stream: str, after: int) -> object:
        thread = threading.current_thread()
        if thread is not threading.main_thread() and thread.name not in begun:
            begun.add(thread.name)
            together.wait()
        return read(stream, after)

    monkeypatch.setattr(source, "_read", waits)
    assert line.sync().failures == []
    assert totals(line)[0] == PEOPLE
    line.app.close()


@pytest.mark.parametrize("pages", [1, 2, 5, 9, 11])
def test_parts_go_on_where_they_were_stopped(tmp_path: Path, pages: int) -> None:
    line = filled(tmp_path, portal_settings="parts = 4")
    sync_with(line, stopped_after(line, pages))
    stored = totals(line)[0]
    assert 0 < stored < PEOPLE
    assert cursor(line, "contacts") == ""
    line.reopen((tmp_path / "config.toml").read_text("utf-8"))
    counts = line.sync().counts
    assert counts["contacts read"] == PEOPLE - stored
    assert totals(line) == (PEOPLE, DEEDS, 0)
    assert cursor(line, "contacts") == str(PEOPLE)
    with line.app.store.read() as tx:
        assert tx.admin.meta(parts_key("portal", "contacts")) == ""
    line.app.close()


def test_a_part_that_fails_costs_no_other_part_what_it_has(tmp_path: Path) -> None:
    line = filled(tmp_path, portal_settings="parts = 4")
    line.portal.fault("pull", "server_error", passes=6)
    assert [name for name, _ in line.sync().failures] == ["portal"]
    stored = totals(line)[0]
    counts = line.sync().counts
    assert counts["contacts read"] == PEOPLE - stored
    assert totals(line) == (PEOPLE, DEEDS, 0)
    line.app.close()


def test_a_stream_that_was_begun_from_one_end_is_not_divided_later(tmp_path: Path) -> None:
    line = filled(tmp_path)
    sync_with(line, stopped_after(line, 2))
    text = (tmp_path / "config.toml").read_text("utf-8")
    line.reopen(text.replace("page_size = 4", "page_size = 4\nparts = 4"))
    counts = line.sync().counts
    assert counts["contacts read"] == PEOPLE - 8
    assert totals(line) == (PEOPLE, DEEDS, 0)
    line.app.close()


def test_a_changed_mapping_begins_anew_in_the_middle_of_the_parts(tmp_path: Path) -> None:
    line = filled(tmp_path, portal_settings="parts = 4")
    sync_with(line, stopped_after(line, 5))
    with line.app.store.write() as tx:
        tx.admin.set_meta("mapping:portal", "another version")
    assert line.sync().counts["contacts read"] == PEOPLE
    assert totals(line) == (PEOPLE, DEEDS, 0)
    line.app.close()


def test_nothing_is_read_ahead_unless_it_is_declared() -> None:
    assert (SourceCapabilities().read_ahead, SourceCapabilities().parts) == (0, 0)
    assert (CrmCapabilities().read_ahead, CrmCapabilities().writers) == (0, 1)
    assert Page("contacts", [], "").cursor == ""
