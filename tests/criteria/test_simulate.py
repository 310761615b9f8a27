"""`baton simulate`: the population under changed criteria; unchanged ones give what is recorded, row for row."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from connector.app import App, open_app
from connector.cli.root import baton
from connector.config import load
from connector.config.thresholds import with_threshold
from connector.model.errors import ConfigError
from connector.runs.population import DECIDED, Question, Row, rows
from connector.runs.simulate import simulate
from connector.runs.sync import sync
from connector.sandbox import sample
from tests.line import START, Line

NOW = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)


def question(app: App, at: datetime, changed: Any = None, **more: Any) -> Question:
    flows = list(app.config.flows.values())
    return Question(flows, {"": changed or flows}, at, **more)


def test_unchanged_criteria_give_the_sample_as_it_is_recorded_row_for_row(tmp_path: Path) -> None:
    made = sample.write(tmp_path, now=NOW, people=100)
    app = open_app(load(made.config), lambda: NOW)
    sync(app.runtime(), app.rows)
    found: list[Row] = list(rows(app.store, question(app, NOW)))
    with app.store.read() as tx:
        leads = tx.intake.leads(tx.intake.lead_numbers(0, 1000))
    decided = {lead.id for lead in leads.values() if lead.stage in DECIDED}
    assert len(decided) > 5
    assert {row.lead.id for row in found if row.present.over} == decided
    for row in found:
        assert row.recorded == row.present.over == row.changed[0].over, row.lead.id
        if not row.recorded:
            score = row.lead.score
            assert score is not None
            assert row.present.score is not None
            assert (row.present.score.total, row.present.score.grade) == (score.total, score.grade)
    outcome = simulate(app.store, question(app, NOW))
    assert (outcome.otherwise, outcome.earlier, outcome.left_out) == (0, 0, Counter())
    assert (outcome.effects[0].came, outcome.effects[0].went, outcome.effects[0].flips) == (0, 0, [])
    # And a week later, when points have faded and nobody has looked since: who was decided about stays so.
    later = list(rows(app.store, question(app, NOW + timedelta(days=7))))
    assert {row.lead.id for row in later if row.recorded and row.present.over} == decided
    app.close()


FLOW = """
[flows.b2b.fit]
"Director" = {{ points = {director}, field = "job_level", at_least = "director" }}
[flows.b2b.intent]
"Asked" = {{ points = 25, activity = "demo_request", half_life = "30 days" }}
[flows.b2b.gates]
mql = {{ score = "total", at_least = {line} }}
mql_ends = {{ score = "total", below = {ends} }}
"""


def flow(director: int = 15, gate: int = 40, ends: int = 20) -> str:
    return FLOW.format(director=director, line=gate, ends=ends)


@pytest.fixture
def line(tmp_path: Path) -> Line:
    """Four people: 1 and 2 directors who asked, 3 a director who did not, 4 staff who asked."""
    made = Line(tmp_path, flow=flow())
    for number, title in ((1, "Director IT"), (2, "Director IT"), (3, "Director IT"), (4, "Clerk")):
        made.person(number, job_title=title)
    for number in (1, 2, 4):
        made.did(number, "demo_request")
    made.sync()
    assert [made.lead(number).stage for number in (1, 2, 3, 4)] == ["mql", "mql", "known", "known"]
    return made


def edited(line: Line, **changes: int) -> Path:
    text = (line.folder / "config.toml").read_text("utf-8").replace(flow(), flow(**changes))
    path = line.folder / "edited.toml"
    path.write_text(text, "utf-8")
    return path


def effect(line: Line, **changes: int) -> Any:
    config = load(edited(line, **changes))
    return simulate(line.app.store, question(line.app, line.now, list(config.flows.values()))).effects[0]


def test_a_lower_line_lets_in_and_says_why(line: Line) -> None:
    found = effect(line, gate=25)
    assert (found.qualified, found.came, found.went) == (3, 1, 0)
    (flip,) = found.flips
    assert (flip.lead_id, flip.way, flip.team, flip.before, flip.after) == (line.lead(4).id, "in", "sales", 25, 25)
    assert flip.rules == ()
    assert flip.day == line.now
    assert flip.shut is not None
    assert (flip.shut.passed, flip.shut.values["wanted"], flip.shut.seen) == (False, 40, "25")
    assert (found.by_team, found.by_stage) == ({("sales", "in"): 1}, {("known", "in"): 1})


def test_other_points_are_told_by_rule(line: Line) -> None:
    found = effect(line, director=40)
    (flip,) = found.flips
    assert (flip.lead_id, flip.before, flip.after) == (line.lead(3).id, 15, 40)
    assert [(one.rule, one.before, one.after) for one in flip.rules] == [("Director", 15, 40)]


def test_who_was_handed_over_goes_out_by_what_held_when_it_was_decided(line: Line) -> None:
    found = effect(line, gate=41)
    assert (found.qualified, found.came, found.went) == (0, 0, 2)
    owners = {line.lead(1).owner, line.lead(2).owner}
    assert {flip.rep for flip in found.flips} == owners
    assert found.by_team == {("sales", "out"): 2}
    assert found.by_stage == {("mql", "out"): 2}
    assert found.became == {("mql", ""): 2}
    assert {flip.shut.values["wanted"] for flip in found.flips if flip.shut} == {41}
    # By now the points have faded below the line of both: the decision counts, and nobody goes.
    line.now += timedelta(days=60)
    assert (effect(line).went, effect(line, gate=39).went, effect(line, gate=41).went) == (0, 0, 2)
    # What they did is by then older than anything that counts now, and counted when it was decided.
    line.now += timedelta(days=400)
    assert effect(line).qualified == 2


def test_who_only_waits_falls_back_as_the_line_would_have_it(tmp_path: Path) -> None:
    line = Line(tmp_path, mode="review", flow=flow())
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    assert line.lead(1).stage == "mql"
    line.now += timedelta(days=100)
    before = simulate(line.app.store, question(line.app, line.now))
    assert (before.qualified, before.present) == (1, 0)
    line.sync()
    assert line.lead(1).stage == "known"
    after = simulate(line.app.store, question(line.app, line.now))
    assert (after.qualified, after.present, after.otherwise) == (0, 0, 0)


def test_the_day_is_when_the_line_would_have_been_crossed(line: Line) -> None:
    line.person(5, job_title="Clerk")
    line.sync()
    line.did(5, "demo_request", at=line.now + timedelta(days=2))
    line.sync(after=timedelta(days=3))
    found = effect(line, gate=22)
    days = {flip.lead_id: flip.day for flip in found.flips}
    assert days[line.lead(5).id] == START + timedelta(days=2)
    assert days[line.lead(4).id] == START
    late = question(
        line.app, line.now, list(load(edited(line, gate=22)).flows.values()), since=START + timedelta(days=1)
    )
    assert [flip.lead_id for flip in simulate(line.app.store, late).effects[0].flips] == [line.lead(5).id]


def test_only_so_many_are_told_and_all_are_counted(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.runs.simulate.MOST_TOLD", 1)
    monkeypatch.setattr("connector.runs.population.BATCH", 1)
    found = effect(line, gate=10)
    assert (found.qualified, found.came, len(found.flips)) == (4, 2, 1)
    assert found.by_flow == {("b2b", "in"): 2}


def test_who_comes_in_is_told_against_what_goes_out_in_a_day(line: Line) -> None:
    text = edited(line, gate=10).read_text("utf-8")
    settings = (line.folder / "config.toml").read_text("utf-8")
    limited = settings.replace('crm = "crm"\n', 'crm = "crm"\nhandoffs_per_day = 1\n')
    (line.folder / "config.toml").write_text(limited, "utf-8")
    (line.folder / "edited.toml").write_text(text, "utf-8")
    done = run(line, "--criteria", str(line.folder / "edited.toml"), "--at", line.now.isoformat())
    assert "b2b hands over 1 a day: who comes in takes 2 days of that" in done.output


def test_earlier_moments_know_nothing_of_what_came_later(line: Line) -> None:
    before = simulate(line.app.store, question(line.app, START - timedelta(days=1)))
    assert (before.leads, before.present) == (0, 0)


def test_it_writes_nothing(line: Line) -> None:
    line.app.close()
    before = (line.folder / "baton.db").read_bytes()
    app = open_app(load(line.folder / "config.toml"), lambda: line.now)
    simulate(app.store, question(app, line.now, list(load(edited(line, gate=10)).flows.values())))
    with app.store.read() as tx:
        assert all(lead.stage in ("mql", "known") for lead in tx.intake.leads([1, 2, 3, 4]).values())
    app.close()
    assert (line.folder / "baton.db").read_bytes() == before


def test_fields_that_changed_since_are_counted_and_not_told_as_flips(line: Line) -> None:
    line.person(1, job_title="Clerk")
    line.sync(after=timedelta(minutes=5))
    found = simulate(line.app.store, question(line.app, line.now))
    assert (found.qualified, found.present, found.otherwise) == (2, 1, 1)
    assert found.effects[0].flips == []


def test_what_was_deleted_says_from_when_on_it_is_exact(line: Line) -> None:
    with line.app.store.write() as tx:
        tx.retention.cut("activities", START - timedelta(days=1))
    found = simulate(line.app.store, question(line.app, line.now))
    horizon = line.app.config.flows["b2b"].criteria.horizon
    assert horizon is not None
    assert (found.exact_from, found.before_exact) == (START - timedelta(days=1) + horizon, 2)
    told = run(line, "--sweep", "threshold=40..40", "--at", line.now.isoformat()).output
    assert "2 were made before" in told
    assert "fields count as they are today" in told


def test_a_threshold_is_tried_wherever_the_gate_asks_for_points(line: Line) -> None:
    own = line.app.config.flows["b2b"]
    assert with_threshold(line.app.config, own, 30).table["gates"]["mql"] == {"score": "total", "at_least": 30}
    assert own.table["gates"]["mql"]["at_least"] == 40
    same = with_threshold(line.app.config, own, 40)
    assert same.criteria.version == own.criteria.version
    text = (
        (line.folder / "config.toml")
        .read_text("utf-8")
        .replace('mql = { score = "total", at_least = 40 }', 'mql = { has = "email" }')
    )
    (line.folder / "other.toml").write_text(text, "utf-8")
    other = load(line.folder / "other.toml")
    with pytest.raises(ConfigError, match="no threshold"):
        with_threshold(other, other.flows["b2b"], 30)


def run(line: Line, *words: str) -> Result:
    return CliRunner().invoke(baton, ["--config", str(line.folder / "config.toml"), "simulate", *words])


def test_the_command_tells_flips_days_teams_and_how_far_it_is_exact(line: Line) -> None:
    at = line.now.isoformat()
    done = run(line, "--criteria", str(edited(line, gate=25)), "--at", at)
    assert done.exit_code == 0, done.output
    for words in ("4 leads; 2 are MQL or beyond, 2 by the criteria in force", "1 would come in, 0 would go out",
                  "ana4@firm.example", "25 -> 25", "sales", "2026-11-20", "all are kept"):  # fmt: skip
        assert words in done.output
    assert "present gate mql: 15 points short (25 of 40)" in done.output
    found = json.loads(run(line, "--criteria", str(edited(line, gate=25)), "--at", at, "--output", "json").output)
    assert found["outcome"]["effects"][0]["came"] == 1
    same = run(line, "--criteria", str(line.folder / "config.toml"), "--at", at)
    assert "b2b: the criteria are those in force" in same.output
    assert "0 would come in, 0 would go out" in same.output


def test_a_sweep_counts_for_each_threshold(line: Line) -> None:
    found = json.loads(
        run(line, "--sweep", "threshold=15..45:10", "--at", line.now.isoformat(), "--output", "json").output
    )
    counted = [(one["label"], one["qualified"], one["came"], one["went"]) for one in found["outcome"]["effects"]]
    assert counted == [("15", 4, 2, 0), ("25", 3, 1, 0), ("35", 2, 0, 0), ("45", 0, 0, 2)]
    shown = run(line, "--sweep", "threshold=15..45:10", "--at", line.now.isoformat()).output.splitlines()
    assert [row.split() for row in shown if row.strip().startswith("25")] == [
        ["25", "3", "1", "0", "0", "0", "0", "0", "–"]
    ]


@pytest.mark.parametrize(
    "words",
    [[], ["--sweep", "points=1..2"], ["--sweep", "threshold=70..30"], ["--sweep", "threshold=1..2", "--at", "soon"],
     ["--sweep", "threshold=1..2", "--flow", "b2c"], ["--sweep", "threshold=0..900:1"]],
)  # fmt: skip
def test_what_cannot_be_meant_is_told(line: Line, words: list[str]) -> None:
    done = run(line, *words)
    assert done.exit_code == 2
    assert done.output.startswith("error:")
