"""A copy of the store is put back while the world has gone on: nothing twice, nobody overwritten, nothing lost."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.app import has_ended, open_app
from connector.config import load
from connector.daemon import Daemon
from connector.model.errors import RetryableError, StateError
from connector.runs.deliver import deliver
from connector.runs.hand_over import hand_over
from connector.runs.pull import pull
from connector.runs.release import release_lead
from connector.runs.restore import after_restore
from state import backup, restore
from tests.line import Line

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SETTINGS = (
    'unique_key = "{key}"\nfind = "{find}"\nlag = {lag}\nsettle = 20.0\nmerge_redirect = true\nreports_deletes = true\n'
    'crm_streams = ["user", "account", "contact", "lead", "opportunity"]\nlook_up_batch = 50\nkey_field = "baton_id"'
)
WORLDS = {
    "unique key": SETTINGS.format(key="field", find="consistent", lag=0.0),
    "search only": SETTINGS.format(key="none", find="search", lag=40.0),
}


@pytest.fixture(params=list(WORLDS))
def line(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Line]:
    """Some leads are handed over, one waits in the store, and a copy was made."""
    one = Line(tmp_path, crm_settings=WORLDS[request.param], flow="handoffs_per_day = 4")
    for member in ("lena", "tom"):
        one.crm.make("user", {"email": f"{member}@northwind.example", "active": True}, one.now)
    for number in range(1, 7):
        one.person(number)
        one.did(number, "demo_request")
    one.sync()
    assert one.crm_counts()["task"] == 4
    yield one
    one.app.close()


def put_back(line: Line, copy: Path) -> None:
    """Stop, put the copy back, start again."""
    line.app.close()
    restore(
        str(line.folder / "baton.db"), copy, line.now,
        lambda tx, present: after_restore(tx, line.now, present.numbers, present.restores), has_ended,
    )  # fmt: skip
    line.app = open_app(load(line.folder / "config.toml"), lambda: line.now)


def once_each(line: Line) -> None:
    """What the CRM has: of each person one lead with one task and one note."""
    leads = line.crm.things("lead")
    emails = Counter(one.values["email"] for one in leads)
    assert [email for email, count in emails.items() if count > 1] == []
    for kind in ("task", "note"):
        hangs = Counter(one.parent_id for one in line.crm.things(kind))
        assert hangs == Counter(one.crm_id for one in leads), kind
    assert line.outbox("dead", "parked", "in_flight", "unknown", "waiting") == []


def test_whoever_was_handed_over_since_is_known_again(line: Line) -> None:
    copy = line.folder / "copy.bak"
    made = backup(str(line.folder / "baton.db"), copy)
    assert made.rows["leads"] == 6
    for number in range(7, 17):
        line.person(number)
        line.did(number, "demo_request")
    for _ in range(5):
        line.sync(timedelta(days=1))
    once_each(line)
    assert len(line.crm.things("lead")) == 16
    before = {one.values["email"]: one for one in line.crm.things("lead")}
    tasks = {one.our_key for one in line.crm.things("task")}
    line.now += HOUR
    line.crm.edit(before["ana9@firm.example"].crm_id, {"phone": "+4930999999", "job_title": "Her own words"}, line.now)
    line.crm.edit(before["ana10@firm.example"].crm_id, {"stage": "rejected"}, line.now)

    put_back(line, copy)
    line.person(90, email="zoe@other.example", **{"name.given": "Zoe", "name.family": "New"})
    line.did(90, "demo_request")
    for _ in range(7):
        result = line.sync(timedelta(days=1))
        assert result.failures == []
    once_each(line)
    leads = {one.values["email"]: one for one in line.crm.things("lead")}
    assert len(leads) == 17
    for email, one in before.items():
        assert leads[email].crm_id == one.crm_id
        assert leads[email].our_key == one.our_key
        assert leads[email].values["owner"] == one.values["owner"]
    assert leads["ana9@firm.example"].values["job_title"] == "Her own words"
    assert tasks < {one.our_key for one in line.crm.things("task")}
    with line.app.store.read() as tx:
        store = tx.admin.store_id()
        assert tx.admin.meta("epoch") == "1"
    handed = [*line.handoffs("open"), *line.handoffs("closed")]
    assert {f"{store}-{one.lead_id}" for one in handed} == {one.our_key for one in leads.values()}
    assert [one.lead_id for one in handed if one.lead_id > 100] == [line.lead(90).id]
    assert {f"{store}:handoff-{one.id}:task:1" for one in handed} == {one.our_key for one in line.crm.things("task")}
    assert (line.lead(10).stage, [one.lead_id for one in line.handoffs("closed")]) == ("rejected", [line.lead(10).id])
    assert line.lead(90).id > 1_000_000
    with line.app.store.read() as tx:
        turns = list(tx.handoffs.turn_counts("sales").values())
    assert max(turns) - min(turns) <= 1


def test_whoever_was_released_since_and_is_released_again_has_one_task(line: Line) -> None:
    copy = line.folder / "copy.bak"
    backup(str(line.folder / "baton.db"), copy)
    line.person(7)
    line.did(7, "demo_request")
    line.sync(MINUTE)
    for round in ("before", "after"):
        if round == "after":
            put_back(line, copy)
            line.sync(MINUTE / 6)
            with pytest.raises(RetryableError):
                release_lead(line.app.runtime(), line.app.rows, line.lead(7).id, "ines")
            line.sync(5 * MINUTE)
        assert release_lead(line.app.runtime(), line.app.rows, line.lead(7).id, "ines")
        for _ in range(3):
            line.sync(5 * MINUTE)
    once_each(line)
    assert len(line.crm.things("lead")) == 5


def test_a_field_that_we_wrote_since_the_copy_is_still_ours(line: Line) -> None:
    copy = line.folder / "copy.bak"
    backup(str(line.folder / "baton.db"), copy)
    line.person(1, job_title="CIO")
    line.sync(HOUR)
    put_back(line, copy)
    line.sync(HOUR)
    line.person(1, job_title="CEO")
    line.sync(HOUR)
    assert (
        next(one for one in line.crm.things("lead") if one.values["email"] == "ana1@firm.example").values["job_title"]
        == "CEO"
    )


def test_a_copy_that_was_put_back_by_hand_is_noticed_before_anything_goes_out(line: Line) -> None:
    copy = line.folder / "copy.bak"
    backup(str(line.folder / "baton.db"), copy)
    for number in range(7, 10):
        line.person(number)
        line.did(number, "demo_request")
    for _ in range(3):
        line.sync(timedelta(days=1))
    line.app.close()
    shutil.copy(copy, line.folder / "baton.db")
    line.app = open_app(load(line.folder / "config.toml"), lambda: line.now)
    line.person(90, email="zoe@other.example", **{"name.given": "Zoe", "name.family": "New"})
    line.did(90, "demo_request")
    before = line.crm.effects()
    says = "crm has records of this store that the store itself does not know: an older copy of it was put back"
    for _ in range(2):
        with pytest.raises(StateError, match=says):
            line.sync(timedelta(days=1))
    runtime = line.app.runtime()
    for act in (
        lambda: deliver(runtime, "crm", Counter()),
        lambda: hand_over(runtime, line.app.rows(0), Counter()),
        lambda: pull(runtime, "portal", line.app.rows(0), Counter()),
    ):
        with pytest.raises(StateError, match=says):
            act()
    assert line.crm.effects() == before
    with line.app.store.write() as tx:
        after_restore(tx, line.now)
    for _ in range(5):
        assert line.sync(timedelta(days=1)).failures == []
    once_each(line)
    assert len(line.crm.things("lead")) == 10


def test_the_daemon_reads_the_crm_back_before_anything_else(line: Line) -> None:
    line.now += timedelta(days=1)
    daemon = Daemon(lambda: line.app)
    assert daemon.begin() == ["bring_back:crm"]
    daemon.wait()
    assert set(daemon.begin()) == {"pull:portal", "rescore", "deliver:crm", "clocks", "deliver:notices"}
    daemon.wait()
    line.now += timedelta(days=1)
    assert set(daemon.begin()) == {"bring_back:crm", "pull:portal", "rescore", "deliver:crm", "deliver:notices"}
    daemon.wait()
