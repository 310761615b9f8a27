"""What stops by itself: a run that would change too much at once, until a person has looked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector.cli.root import baton
from connector.daemon import Daemon
from connector.runs import guard
from connector.runs.release import release_flow, release_lead
from tests.line import Line

MINUTES = timedelta(minutes=5)
#: So few as no flow is stopped for, and a flow of four times as many.
FEW = 20
PEOPLE = 4 * FEW


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    """Everybody was handed over."""
    monkeypatch.setattr(guard, "AT_LEAST", FEW)
    line = Line(tmp_path)
    for number in range(PEOPLE):
        line.person(number)
        line.did(number, "demo_request")
    assert line.sync().failures == []
    assert len(line.handoffs("open")) == PEOPLE
    return line


def cities(line: Line) -> list[str]:
    return [thing.values["city"] for thing in line.crm.things("lead") if thing.values.get("city")]


def moves(line: Line, people: int, city: str = "Ulm") -> None:
    """So many people move."""
    for number in range(people):
        line.person(number, city=city)


def parked(line: Line) -> list[str]:
    with line.app.store.read() as tx:
        return [item.reason for item in tx.reviews.open("parked_flow")]


def test_a_run_that_would_change_more_than_its_share_parks_the_flow_and_writes_nothing(line: Line) -> None:
    moves(line, PEOPLE // 2)
    result = line.sync(MINUTES)
    assert result.counts["flows parked"] == 1
    assert cities(line) == []
    (reason,) = parked(line)
    assert f"of its {PEOPLE} leads in crm, more than 30% (changes_per_run)" in reason


def test_once_released_it_is_written_and_the_same_changes_do_not_park_it_again(line: Line) -> None:
    moves(line, PEOPLE // 2)
    line.sync(MINUTES)
    assert release_flow(line.app.runtime(), "b2b")
    line.sync(MINUTES)
    assert len(cities(line)) == PEOPLE // 2
    assert parked(line) == []


def test_what_is_less_than_the_share_or_than_a_hundred_goes_on(line: Line) -> None:
    moves(line, FEW)
    assert line.sync(MINUTES).counts["flows parked"] == 0
    assert len(cities(line)) == FEW


def test_an_admin_who_says_a_hundred_per_cent_is_never_stopped(line: Line) -> None:
    text = (line.folder / "config.toml").read_text("utf-8")
    line.reopen(text.replace('crm = "crm"\n', 'crm = "crm"\nchanges_per_run = "100 %"\n'))
    moves(line, PEOPLE)
    assert line.sync(MINUTES).counts["flows parked"] == 0
    assert len(cities(line)) == PEOPLE


def test_while_it_is_parked_nobody_new_is_handed_over_but_by_hand(line: Line) -> None:
    moves(line, PEOPLE // 2)
    line.person(PEOPLE)
    line.did(PEOPLE, "demo_request")
    line.person(PEOPLE + 1)
    line.did(PEOPLE + 1, "demo_request")
    line.sync(MINUTES)
    assert len(line.handoffs("open")) == PEOPLE
    assert release_lead(line.app.runtime(), line.app.rows, line.lead(PEOPLE).id, "ines")
    line.sync(MINUTES)
    assert len(line.crm.things("lead")) == PEOPLE + 1
    assert cities(line) == []


def test_a_parked_flow_that_is_taken_out_of_the_configuration_holds_back_what_it_held_back(line: Line) -> None:
    moves(line, PEOPLE // 2)
    line.sync(MINUTES)
    text = (line.folder / "config.toml").read_text("utf-8")
    line.reopen(text.replace("[flows.b2b", "[flows.other"))
    for _ in range(3):
        line.sync(MINUTES)
    assert cities(line) == []
    assert len(parked(line)) == 1
    line.app.close()
    config = str(line.folder / "config.toml")
    called = CliRunner().invoke(baton, ["--config", config, "release", "--flow", "b2b"], prog_name="baton")
    assert (called.exit_code, called.output) == (0, "b2b goes on\n")
    line.reopen((line.folder / "config.toml").read_text("utf-8"))
    line.sync(MINUTES)
    assert len(cities(line)) == PEOPLE // 2


def test_the_newest_values_are_those_that_go_out_after_the_release(line: Line) -> None:
    moves(line, PEOPLE // 2)
    line.sync(MINUTES)
    moves(line, PEOPLE // 2, city="Bonn")
    line.sync(MINUTES)
    release_flow(line.app.runtime(), "b2b")
    line.sync(MINUTES)
    assert set(cities(line)) == {"Bonn"}


def test_the_log_says_once_why_a_flow_is_parked_and_once_that_it_goes_on(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    def told() -> list[str]:
        return [record.getMessage() for record in caplog.records if record.getMessage().startswith("flow b2b")]

    daemon = Daemon(lambda: line.app)
    with caplog.at_level("INFO", "baton.daemon"):
        moves(line, PEOPLE // 2)
        for _ in range(2):
            line.now += MINUTES
            daemon.tick()
        assert [said.partition(" one run")[0] for said in told()] == ["flow b2b: parked:"]
        release_flow(line.app.runtime(), "b2b")
        line.now += MINUTES
        daemon.tick()
        assert told()[1:] == ["flow b2b: goes on"]


def test_scores_that_fade_for_everybody_at_once_park_nothing(line: Line) -> None:
    scores = [thing.values["score.total"] for thing in line.crm.things("lead")]
    assert line.sync(timedelta(days=60)).counts["flows parked"] == 0
    assert [thing.values["score.total"] for thing in line.crm.things("lead")] != scores
