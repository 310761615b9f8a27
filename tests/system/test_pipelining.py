"""Pages fetched ahead, the beginning of a stream in parts, several batches on their way."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from connector.model.adapter import CrmCapabilities, SourceCapabilities
from connector.model.outbox import LANES
from connector.model.records import Page
from connector.runs.deliver import Batch, Sender, deliver
from connector.runs.pull import parts_key
from connector.runs.runtime import Lease, Runtime
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


def asking(folder: Path, people: int, crm: str) -> Line:
    """People who asked for a demo, and so are handed over, a few rows to a call."""
    line = Line(folder, crm_settings=crm)
    for number in range(people):
        line.person(number)
        line.did(number, "demo_request")
    return line


def keys_sent(line: Line) -> Counter[str]:
    return Counter(thing.our_key for thing in line.crm.things())


def test_several_batches_are_on_their_way_at_once(tmp_path: Path) -> None:
    line = asking(tmp_path, 16, "max_batch = 4\nwriters = 4")
    together = threading.Barrier(4, timeout=10)
    begun: set[str] = set()

    def watch(step: str) -> None:
        thread = threading.current_thread().name
        if step == "write:begin" and thread not in begun and thread.startswith("send"):
            begun.add(thread)
            together.wait()

    line.crm.watch = watch
    assert line.sync().failures == []
    assert line.crm_counts() == {"lead": 16, "task": 16, "note": 16}
    assert set(keys_sent(line).values()) == {1}
    line.app.close()


@pytest.mark.parametrize("writers", [1, 4])
def test_what_is_sent_is_the_same_with_any_number_of_writers(tmp_path: Path, writers: int) -> None:
    line = asking(tmp_path, 30, f"max_batch = 4\nwriters = {writers}")
    counts = line.sync().counts
    assert (counts["lead: done"], counts["task: done"], counts["note: done"]) == (30, 30, 30)
    assert counts["owned by another process"] == 0
    parents = {thing.crm_id for thing in line.crm.things("lead")}
    assert {thing.parent_id for thing in line.crm.things("task")} == parents
    assert len(line.crm.calls("write")) <= 3 * 30 // 4 + 12
    line.app.close()


def test_a_refused_sign_in_stops_all_writers_and_gives_everything_back(tmp_path: Path) -> None:
    line = asking(tmp_path, 40, "max_batch = 4\nwriters = 4")
    line.crm.fault("write", "refused", passes=3, times=100)
    ((name, error),) = line.sync().failures
    assert (name, type(error).__name__) == ("crm", "AuthError")
    assert len(line.crm.calls("write")) <= 3 + 4 + 4
    with line.app.store.read() as tx:
        assert tx.outbox.rows(states=("in_flight", "unknown"), limit=10) == []
        assert tx.leases.holders() == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("send")]
    with line.crm.together() as database:
        database.execute("delete from fault")
    assert line.sync(timedelta(minutes=5)).failures == []
    assert line.crm_counts() == {"lead": 40, "task": 40, "note": 40}
    assert set(keys_sent(line).values()) == {1}
    line.app.close()


def test_the_hot_lane_goes_first_with_several_writers_too(tmp_path: Path) -> None:
    line = asking(tmp_path, 12, "max_batch = 2\nwriters = 4")
    line.crm.fault("write", "no_connection", times=100)
    line.sync()
    with line.app.store.write() as tx:
        rows = tx.outbox.rows(states=("waiting",), limit=1000)
    urgent = {row.id for row in rows if row.lane <= LANES["hot"]}
    assert urgent
    with line.crm.together() as database:
        database.execute("delete from fault")
    line.now += timedelta(minutes=10)
    claimed: list[int] = []
    claim = Sender.claim

    def noted(sender: Sender, lease: Lease) -> Batch | None:
        batch = claim(sender, lease)
        claimed.extend(row.lane for row in (batch.rows if batch else ()))
        return batch

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sender, "claim", noted)
        deliver(line.app.runtime(), "crm", Counter())
    # A row may come later than a less urgent one only because it waited for the row before it.
    assert claimed[:4] == sorted(claimed[:4])
    assert line.crm_counts() == {"lead": 12, "task": 12, "note": 12}
    line.app.close()


def test_answers_that_are_lost_are_looked_up_by_whoever_comes_next(tmp_path: Path) -> None:
    line = asking(tmp_path, 20, "max_batch = 4\nwriters = 4")
    line.crm.fault("write", "done", times=3)
    line.sync()
    for _ in range(3):
        line.sync(timedelta(minutes=10))
    assert line.crm_counts() == {"lead": 20, "task": 20, "note": 20}
    assert set(keys_sent(line).values()) == {1}
    line.app.close()


def test_a_stop_lets_what_is_on_its_way_arrive(tmp_path: Path) -> None:
    line = asking(tmp_path, 40, "max_batch = 4\nwriters = 4")
    runtime = line.app.runtime(stop=threading.Event())

    def watch(step: str) -> None:
        if step == "write:end":
            runtime.stop.set()

    line.crm.watch = watch
    sync_with(line, runtime)
    with line.app.store.read() as tx:
        assert tx.outbox.rows(states=("in_flight",), limit=10) == []
    line.crm.watch = lambda _: None
    assert line.sync(timedelta(minutes=5)).failures == []
    assert line.crm_counts() == {"lead": 40, "task": 40, "note": 40}
    line.app.close()
