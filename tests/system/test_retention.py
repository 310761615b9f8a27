"""What is older than it is to be kept goes once a day; points and counts over all time stay as they were."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.cli.why import story_of
from connector.config import load
from connector.insight.text import render, to_json
from connector.insight.why import Story
from connector.model.durations import Duration
from connector.model.errors import ConfigError
from connector.runs import retention
from connector.runs.retention import retain
from connector.steps.telling.words import Words
from tests.line import CONFIG, Line

DAY = timedelta(days=1)


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path)


def kept(line: Line, number: int = 1) -> list[str]:
    with line.app.store.read() as tx:
        lead = line.lead(number)
        return [one.kind for one in tx.intake.activities([lead.id]).get(lead.id, [])]


def lifetime(line: Line) -> dict[str, int]:
    with line.app.store.read() as tx:
        lead = line.lead(1)
        return tx.intake.lifetime([lead.id]).get(lead.id, {})


def told(line: Line) -> list[str]:
    return list(story(line).timeline.gaps)


def story(line: Line) -> Story:
    return story_of(line.app, line.lead(1).id, Words("en", line.app.config.zone, str, line.now))


class TestActivities:
    def test_they_go_when_their_time_has_come_and_the_score_stays(self, line: Line) -> None:
        line.person(1)
        line.did(1, "pricing_view")
        line.did(1, "demo_request")
        line.sync()
        line.sync(DAY * 700)
        line.did(1, "visit")
        line.sync(DAY)
        before = line.lead(1).score
        assert sorted(kept(line)) == ["demo_request", "pricing_view", "visit"]
        assert told(line) == []
        # 25 months are 750 days; what was done on the 20th goes with the day after.
        assert line.sync(DAY * 48).counts["old activities deleted"] == 0
        result = line.sync(DAY * 2)
        assert result.counts["old activities deleted"] == 2
        assert kept(line) == ["visit"]
        assert lifetime(line) == {"pricing_view": 1, "demo_request": 1, "visit": 1}
        after = line.lead(1).score
        assert before is not None
        assert after is not None
        assert (after.total, after.grade) == (before.total, before.grade)
        (gap,) = told(line)
        assert gap == "activities before Sat 21 Nov 2026 were deleted: 2 of this lead, which still count"
        assert f"  {gap}" in render(story(line))
        assert to_json(story(line))["deleted"] == [gap]

    def test_a_whole_reading_does_not_bring_them_back(self, line: Line) -> None:
        line.person(1)
        line.did(1, "demo_request")
        line.sync()
        line.sync(DAY)
        line.sync(DAY * 800)
        assert kept(line) == []
        with line.app.store.write() as tx:
            for stream in ("contacts", "activities"):
                tx.ledgers.save_cursor("portal", stream, "", line.now)
        line.sync(timedelta(minutes=5))
        assert kept(line) == []
        assert lifetime(line) == {"demo_request": 1}

    def test_batches_and_a_stop_between_them(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(retention, "BATCH", 2)
        monkeypatch.setattr(retention, "WALK", 3)
        line.person(1)
        for hour in range(7):
            line.did(1, "visit", line.now - timedelta(hours=hour + 1))
        line.sync()
        line.now += DAY * 800
        runtime, counts = line.app.runtime(), Counter[str]()
        runtime.stop.set()
        retain(runtime, counts)
        assert len(kept(line)) == 7
        runtime.stop.clear()
        retain(runtime, counts)
        assert counts["old activities deleted"] == 7
        assert lifetime(line) == {"visit": 7}


class TestOthers:
    def test_traces_go_after_their_time(self, line: Line) -> None:
        line.sync()
        folder = line.folder / "traces"
        folder.mkdir()
        for name, days in (("old", 32), ("new", 1)):
            (folder / f"{name}.jsonl").write_text("{}\n")
            os.utime(folder / f"{name}.jsonl", times=((line.now - DAY * days).timestamp(),) * 2)
        assert line.sync(DAY).counts["old traces deleted"] == 1
        assert [file.name for file in folder.iterdir()] == ["new.jsonl"]

    def test_runs_that_are_a_year_old_go(self, line: Line) -> None:
        line.sync()
        line.sync(DAY * 400)
        with line.app.store.read() as tx:
            assert len(tx.ledgers.runs(100)) == 1
            assert set(tx.retention.complete_from()) == {"runs"}

    def test_decisions_are_kept_unless_said_otherwise(self, line: Line) -> None:
        line.person(1)
        line.did(1, "demo_request")
        line.sync()
        line.sync(DAY * 2000)
        with line.app.store.write() as tx:
            (moved,) = tx.scores.transitions(line.lead(1).id)
            tx.scores.add_transitions([replace(moved, origin="mql", to="sal", at=line.now)])
        text = (line.folder / "config.toml").read_text("utf-8")
        line.reopen(text.replace("version = 1", 'version = 1\nkeep = { decisions = "3 years" }'))
        line.sync(DAY)
        assert told(line)[-1].startswith("moves and briefs before ")
        with line.app.store.read() as tx:
            assert [one.to for one in tx.scores.transitions(line.lead(1).id)] == ["sal"]

    def test_always_is_always(self, line: Line) -> None:
        names = ("activities", "decisions", "outbox", "images", "reviews", "runs", "plans", "traces")
        always = ", ".join(f'{name} = "always"' for name in names)
        text = (line.folder / "config.toml").read_text("utf-8")
        line.reopen(text.replace("version = 1", f"version = 1\nkeep = {{ {always} }}"))
        line.person(1)
        line.did(1, "visit")
        line.sync()
        counts = line.sync(DAY * 3000).counts
        assert not [what for what in counts if "delet" in what and counts[what]]


def test_criteria_that_look_back_further_than_activities_are_kept_are_refused(tmp_path: Path) -> None:
    own = '[flows.b2b.intent]\n"Asked once" = { points = 5, activity = "demo_request", within = "90 days" }\n'
    text = CONFIG.format(
        database="baton.db", crm="memory", crm_settings="", mode="live", page_size=10, portal_settings="",
        flow="[flows.b2b.gates]\nmql = { score = \"total\", at_least = 5 }\n" + own,
    )  # fmt: skip
    file = tmp_path / "config.toml"
    file.write_text(text, "utf-8")
    assert load(file).keep.activities is not None
    for kept_for, fine in (("90 days", True), ("89 days", False)):
        file.write_text(text.replace("version = 1", f'version = 1\nkeep = {{ activities = "{kept_for}" }}'), "utf-8")
        if fine:
            load(file)
            continue
        with pytest.raises(ConfigError) as told:
            load(file)
        line = text.splitlines().index(own.splitlines()[1]) + 2
        assert f"config.toml:{line}" in str(told.value)
        assert "looks back 90 days" in str(told.value)


def test_where_nothing_is_said_activities_stay_as_long_as_criteria_look_back(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    rule = '[flows.b2b.intent]\n"Asked once" = { points = 5, activity = "demo_request", within = "900 days" }\n'
    text = CONFIG.format(
        database="baton.db", crm="memory", crm_settings="", mode="live", page_size=10, portal_settings="",
        flow='[flows.b2b.gates]\nmql = { score = "total", at_least = 5 }\n' + rule,
    )  # fmt: skip
    file.write_text(text, "utf-8")
    assert load(file).keep.activities == Duration(900 * 86_400)
    file.write_text(text.replace("900 days", "90 days"), "utf-8")
    assert load(file).keep.activities == Duration(750 * 86_400)
