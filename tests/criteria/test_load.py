"""What changed criteria mean for those who do the work, what became of the leads, and whether history comes out."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from connector.cli.root import baton
from connector.cli.simulate_text import load
from connector.config import load as load_config
from connector.model.stages import Transition
from connector.runs.capacity import capacity, reps_of
from connector.runs.population import Question
from connector.runs.reproduced import reproduced
from connector.runs.simulate import Effect, Outcome, simulate
from connector.steps.qualification import GATE_PASSED
from tests.line import START, Line

FLOW = """
handoffs_per_day = 2
[flows.b2b.fit]
"Director" = {{ points = 15, field = "job_level", at_least = "director" }}
[flows.b2b.intent]
"Asked" = {{ points = 25, activity = "demo_request", half_life = "30 days" }}
[flows.b2b.gates]
mql = {{ score = "total", at_least = {gate} }}
mql_ends = {{ score = "total", below = 1 }}
"""
DAY = timedelta(days=1)


@pytest.fixture
def line(tmp_path: Path) -> Line:
    """Two directors who asked are with a rep, three clerks who asked are not; a rep has room for three."""
    made = Line(tmp_path, flow=FLOW.format(gate=40))
    text = (tmp_path / "config.toml").read_text("utf-8")
    made.reopen(text.replace('"lena@northwind.example" }', '"lena@northwind.example", open_at_most = 2 }')
                .replace('"tom@northwind.example" }', '"tom@northwind.example", open_at_most = 3 }'))  # fmt: skip
    for number in range(1, 6):
        made.person(number, job_title="Director IT" if number < 3 else "Clerk")
        made.did(number, "demo_request")
    made.sync()
    assert [made.lead(number).stage for number in range(1, 6)] == ["mql", "mql", "known", "known", "known"]
    return made


def edited(line: Line, gate: int) -> Path:
    path = line.folder / "edited.toml"
    text = (line.folder / "config.toml").read_text("utf-8")
    path.write_text(text.replace("at_least = 40", f"at_least = {gate}"), "utf-8")
    return path


def outcome(line: Line, gate: int) -> Outcome:
    flows = list(load_config(edited(line, gate)).flows.values())
    return simulate(line.app.store, Question(list(line.app.config.flows.values()), {"": flows}, line.now))


def run(line: Line, *words: str) -> Result:
    return CliRunner().invoke(
        baton, ["--config", str(line.folder / "config.toml"), "simulate", "--at", line.now.isoformat(), *words]
    )


def test_who_comes_in_is_held_against_days_and_open_leads(line: Line) -> None:
    found = outcome(line, 25)
    with line.app.store.read() as tx:
        room = capacity(tx, line.app.config, found.effects[0])
    ((flow,), (team,)) = room.flows, room.teams
    assert (flow.flow, flow.came, flow.hot, flow.per_day, flow.days) == ("b2b", 3, 0, 2, 2)
    # Five may be open, two are.
    assert (team.team, team.came, team.reps, team.room) == ("sales", 3, 2, 3)
    said = run(line, "--criteria", str(edited(line, 25))).output
    assert "b2b hands over 2 a day: who comes in takes 2 days of that" in said
    assert "sales: 3 for 2 people, who have room for 3 (open_at_most)" in said
    assert "first contact is due within 30 working min for 0 hot ones, 4 working hours for 3 others" in said


def test_a_team_that_has_too_little_room_or_no_limit_says_so(line: Line) -> None:
    text = (line.folder / "config.toml").read_text("utf-8")
    (line.folder / "config.toml").write_text(text.replace("open_at_most = 3", "open_at_most = 1"), "utf-8")
    assert "3 for 2 people, who have room for 1 only" in run(line, "--criteria", str(edited(line, 25))).output
    (line.folder / "config.toml").write_text(text.replace(", open_at_most = 3", ""), "utf-8")
    assert "3 for 2 people, with no limit" in run(line, "--criteria", str(edited(line, 25))).output


def test_days_say_how_many_were_and_would_be(line: Line) -> None:
    rows = [one.split() for one in run(line, "--criteria", str(edited(line, 25))).output.splitlines()]
    assert ["2026-11-20", "3", "0", "2", "5"] in rows
    assert ["known", "3", "0"] in rows


def test_what_became_of_those_who_would_go_out(line: Line) -> None:
    with line.app.store.write() as tx:
        lead = line.lead(1)
        (handoff,) = tx.handoffs.of_leads([lead.id])[lead.id]
        lead.stage, handoff.reason, handoff.state = "rejected", "wrong_fit", "closed"
        tx.intake.update_leads([lead], line.now)
        tx.handoffs.save([handoff])
        other = line.lead(2)
        other.stage = "won"
        tx.intake.update_leads([other], line.now)
    effect = outcome(line, 41).effects[0]
    assert effect.became == {("rejected", "wrong_fit"): 1, ("won", ""): 1}
    said = run(line, "--criteria", str(edited(line, 41))).output
    assert "became: rejected · does not fit" in said
    assert "became: won" in said
    swept = json.loads(run(line, "--sweep", "threshold=40..41:1", "--output", "json").output)["outcome"]["effects"]
    counts = [(one["label"], one["qualified"], one["accepted"], one["rejected"], one["won"]) for one in swept]
    assert counts == [("40", 2, 1, 1, 1), ("41", 0, 0, 0, 0)]


def test_the_load_of_a_rep_is_of_the_last_weeks(line: Line) -> None:
    assert reps_of(line.app.config, list(line.app.config.flows.values())) == 2
    line.now += 7 * DAY
    found = outcome(line, 20)
    assert (found.weeks, found.effects[0].lately) == (1.0, 5)
    assert load(found.effects[0], found.weeks, 2) == "2.5"
    assert load(Effect(""), 0.9, 2) == load(Effect(""), 4.0, 0) == "–"
    line.now += 100 * DAY
    # What was decided earlier is no load of today; who came in would have come when they asked.
    late = outcome(line, 40)
    assert (late.weeks, late.effects[0].qualified, late.effects[0].lately) == (13.0, 2, 0)


def test_history_comes_out_the_same_under_the_criteria_of_its_time(line: Line) -> None:
    def told() -> Any:
        found = reproduced(line.app.store, line.app.config)
        return found.decisions, found.same, found.differs, dict(found.why)

    assert told() == (2, 2, 0, {})
    # Other criteria decide by now: each decision is taken again under its own.
    world = line.portal
    line.reopen(edited(line, 10).read_text("utf-8"))
    line.app.source("portal").world = world  # type: ignore[attr-defined]
    line.sync(DAY)
    assert told() == (5, 5, 0, {})
    with line.app.store.write() as tx:
        lead, version = line.lead(1), line.app.config.flows["b2b"].criteria.version
        again = Transition(lead.id, "b2b", "known", "mql", START, "baton", GATE_PASSED, version, 99, "A1")
        tx.scores.add_transitions([again])
    found = reproduced(line.app.store, line.app.config)
    assert (found.same, found.differs) == (5, 1)
    assert [(one.lead_id, one.was, one.now) for one in found.examples] == [(lead.id, 99, 40)]
    said = run(line, "--sweep", "threshold=10..10:1").output
    assert "taken again under the criteria of their time: 5 of 6 decisions the same" in said
    assert f"lead:{lead.id} comes out otherwise" in said


def test_whoever_did_nothing_comes_in_on_the_day_they_were_known(line: Line) -> None:
    """A director without any deed, known since the ninth; and one who only visits much later."""
    line.now += DAY
    line.person(9, job_title="Director IT")
    line.person(10, job_title="Director IT")
    line.sync()
    known = line.now
    line.now += 5 * DAY
    line.did(10, "visit")
    line.sync(DAY)
    flips = {flip.lead_id: flip.day for flip in outcome(line, 15).effects[0].flips}
    assert (flips[line.lead(9).id], flips[line.lead(10).id]) == (known, known)
