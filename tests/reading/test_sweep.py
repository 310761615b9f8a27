"""The daily sweep: what came into sight too late is found, what is known changes nothing, the pull does not wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.daemon import Daemon
from connector.runs import pull, sweep
from tests.line import ANA, Line
from tests.pair import SECRETS, pair

HOUR = timedelta(hours=1)
READ_BACK = 'sweeps = true\ncrm_streams = ["user", "lead", "task"]\nlook_up_batch = 50\nreports_deletes = true\n'
CRM = READ_BACK + 'objects = ["lead", "task", "note"]\n'


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path, portal_settings="sweeps = true", crm_settings=CRM)
    for number in range(5):
        made.person(number)
        made.did(number, "pricing_view")
    made.did(0, "demo_request")
    made.sync()
    yield made
    made.app.close()


def late(line: Line, number: int, at: datetime) -> None:
    """Somebody whose record was made at a time that was read long ago."""
    person = {**ANA, "id": str(number), "email": f"ana{number}@firm.example"}
    line.portal.put("contacts", str(number), person, at, late=True)


def numbers(line: Line) -> list[int]:
    with line.app.store.read() as tx:
        return tx.intake.lead_numbers()


def night(line: Line) -> Counter[str]:
    """The next 03:00 in UTC: 04:00 in the line's zone, where sweeps are at 03:40."""
    ahead = (3 - line.now.hour) % 24 or 24
    result = line.sync(timedelta(hours=ahead))
    assert result.failures == []
    return result.counts


def test_who_was_committed_late_is_found_the_night_after_with_what_they_did(line: Line) -> None:
    line.sync(HOUR)
    late(line, 7, line.now - timedelta(minutes=40))
    row = {"id": "7-demo", "person": "7", "event": "demo_request", "at": line.now.isoformat()}
    line.portal.put("activities", "7-demo", row, line.now, late=True)
    for _ in range(3):
        assert line.sync(HOUR).counts["new leads"] == 0
    counts = line.sync(timedelta(hours=16)).counts
    assert counts[sweep.SWEPT] == 15
    assert counts[sweep.FOUND] == 2
    assert line.lead(7).id in numbers(line)
    assert line.crm_counts()["lead"] == 2
    assert night(line)[sweep.FOUND] == 0


def test_a_night_without_news_changes_nothing_and_is_few_calls(line: Line) -> None:
    night(line)
    line.sync(HOUR)
    before, effects = line.portal.calls("pull"), line.crm.effects()
    counts = night(line)
    assert counts[sweep.FOUND] == 0
    assert len(line.portal.calls("pull")) - len(before) == 4
    assert line.crm.effects() == effects
    assert line.sync(HOUR).counts[sweep.SWEPT] == 0


def test_what_a_rep_said_in_a_long_transaction_is_found_in_the_mirror(line: Line) -> None:
    (handoff,) = line.handoffs("open")
    lead = next(thing for thing in line.crm.things("lead"))
    line.sync(HOUR)
    line.crm.edit(lead.crm_id, {"stage": "sal"}, line.now - timedelta(minutes=40), late=True)
    line.sync(HOUR)
    assert line.lead(0).stage == "mql"
    assert night(line)[sweep.FOUND] >= 1
    assert line.lead(0).stage == "sal"
    assert handoff.lead_id == line.lead(0).id


def test_each_change_is_swept_when_it_is_a_day_old_and_longer_where_nobody_swept(line: Line) -> None:
    night(line)
    line.now += timedelta(days=9)
    late(line, 8, line.now - timedelta(days=8))
    late(line, 9, line.now - timedelta(days=12))
    assert line.sync().counts[sweep.FOUND] == 1
    assert line.lead(8).id in numbers(line)


def test_a_long_sweep_goes_on_with_the_next_pulls_and_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "PAGES", 1)
    line = Line(tmp_path, portal_settings="sweeps = true", page_size=3)
    for number in range(10):
        line.person(number)
    line.sync(HOUR)
    line.person(10)
    late(line, 11, line.now)
    swept = [night(line)[sweep.SWEPT]]
    line.reopen((tmp_path / "config.toml").read_text("utf-8"))
    while len(swept) < 12:
        if len(swept) < 4:
            line.person(20 + len(swept))
        swept.append(line.sync(timedelta(minutes=2)).counts[sweep.SWEPT])
        assert line.lead(min(19 + len(swept), 23)).id in numbers(line)
    assert swept[:4] == [3, 3, 3, 3]
    assert line.lead(11).id in numbers(line)
    with line.app.store.read() as tx:
        assert tx.admin.meta("sweep:portal") == ""
        assert tx.ledgers.cursor("portal", "contacts@sweep") == ""
    line.app.close()


def test_what_hinders_a_sweep_hinders_no_pull_and_is_made_up_for(line: Line) -> None:
    line.sync(HOUR)
    late(line, 7, line.now)
    line.portal.fault("pull", "throttled", passes=2)
    line.person(6)
    counts = night(line)
    assert (counts["new leads"], counts[sweep.PUT_OFF]) == (1, 1)
    assert line.sync(timedelta(minutes=2)).counts[sweep.FOUND] >= 1
    assert line.lead(7).id in numbers(line)


def test_nobody_else_stores_pages_of_a_source_while_it_is_swept(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    line.sync(HOUR)
    held: list[list[str]] = []

    def watched(*args: Any, **options: Any) -> Any:
        with line.app.store.read() as tx:
            held.append([name for name, _, _ in tx.leases.holders()])
        return store_page(*args, **options)

    store_page = pull.store_page  # type: ignore[attr-defined]
    monkeypatch.setattr(pull, "store_page", watched)
    night(line)
    assert held == [["pull:portal"]] * 2


def test_the_daemon_says_what_a_sweep_found(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    daemon = Daemon(lambda: line.app)
    daemon.tick()
    late(line, 7, line.now - timedelta(minutes=40))
    line.now += timedelta(hours=19)
    with caplog.at_level("INFO", "baton.daemon"):
        daemon.tick()
    (told,) = [text for record in caplog.records if (text := record.getMessage()).startswith("pull:portal")]
    assert "swept 12, found by the sweep 1" in told


def test_an_index_that_was_ill_and_a_long_transaction_between_the_local_platforms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path, at=datetime(2026, 12, 7, 20, 0, tzinfo=UTC)) as both:
        contact, lead = both.given()
        both.sync(timedelta(minutes=10))
        both.portal.search_lag = 7200.0
        unseen = both.person("late@other.example", company="Other AG")
        both.portal.search_lag = 0.0
        both.org.edit(lead, {"Status": "Working"}, by="lena@northwind.example", commits_after=5400)
        for hour in range(4):
            both.clock.move(3600)
            both.person(f"p{hour}@other.example")
            both.org.create("Lead", {"LastName": "Alba", "Company": "Acme"})
            both.sync()
        assert both.lead(contact).stage == "mql"
        with both.app.store.read() as tx:
            assert tx.intake.links("hubspot", "contact", [unseen]) == {}
        assert both.sync(timedelta(hours=3)).counts[sweep.FOUND] >= 2
        assert both.lead(contact).stage == "sal"
        assert both.lead(unseen).fields["email"] == "late@other.example"
        assert both.sync(HOUR).counts[sweep.SWEPT] == 0
