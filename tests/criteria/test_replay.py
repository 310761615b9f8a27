"""Decisions that are recorded are taken again out of what is stored, and come out the same; or it is said why not."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from connector.app import App, open_app
from connector.config import load
from connector.config.versions import earlier
from connector.model.activity import Activity
from connector.model.facts import Facts
from connector.model.joining import Joining
from connector.model.lead import Lead, Statement
from connector.runs.replay import replays
from connector.runs.sync import sync
from connector.sandbox import sample
from connector.steps.replaying import Decision, Kept, Replayed, replay
from tests.line import Line

NOW = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
FLOW = """
[flows.b2b.fit]
"Director" = {{ points = {director}, field = "job_level", at_least = "director" }}
[flows.b2b.intent]
"Asked" = {{ points = 25, activity = "demo_request", half_life = "30 days" }}
"Pricing" = {{ points = 10, activity = "pricing_view", each = true, up_to = 20, half_life = "14 days" }}
[flows.b2b.gates]
mql = {{ score = "total", at_least = 40 }}
mql_ends = {{ score = "total", below = 30 }}
nurture = {{ when = {{ score = "total", at_least = 20 }} }}
"""


def of(app: App, lead_id: int) -> list[Replayed]:
    with app.store.read() as tx:
        lead = tx.intake.leads([lead_id])[lead_id]
        return replays(tx, app.config, lead, tx.intake.activities([lead_id]).get(lead_id, []))


def everybody(app: App) -> list[Replayed]:
    with app.store.read() as tx:
        ids = tx.intake.lead_numbers(0, 10_000)
    return [one for lead_id in ids for one in of(app, lead_id)]


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path, flow=FLOW.format(director=15))


def one(line: Line, number: int = 1) -> Replayed:
    return of(line.app, line.lead(number).id)[-1]


def test_every_decision_about_the_sample_comes_out_as_it_is_recorded(tmp_path: Path) -> None:
    made, now = sample.write(tmp_path, now=NOW, people=120), [NOW]
    app = open_app(load(made.config), lambda: now[0])
    for _ in range(3):
        sync(app.runtime(), app.rows)
        now[0] += 6 * DAY
    found = everybody(app)
    app.close()
    assert Counter(one.result for one in found) == {"same": len(found)}
    assert {"gate mql passed", "in the nurture band", "below the nurture band"} == {one.decision.why for one in found}
    assert len(found) > 20


@pytest.mark.parametrize("seed", [2])
def test_nothing_differs_where_people_are_read_late_change_and_the_criteria_do_too(tmp_path: Path, seed: int) -> None:
    chance, line = Random(seed), Line(tmp_path, flow=FLOW.format(director=15))
    for day in range(14):
        for number in chance.sample(range(1, 25), 6):
            line.person(number, job_title=chance.choice(("Director IT", "Director IT", "Clerk")))
        for _ in range(12):
            ago = timedelta(hours=chance.choice((1, 2, 30, 100)), minutes=chance.randrange(60))
            line.did(chance.randrange(1, 25), chance.choice(("pricing_view", "demo_request", "visit")), line.now - ago)
        line.sync(DAY)
        if day == 7:
            text = (line.folder / "config.toml").read_text("utf-8")
            line.reopen(text.replace("points = 15", "points = 18"))
    found = everybody(line.app)
    results = Counter(one.result for one in found)
    assert results["differs"] == 0
    assert results["same"] > 15
    assert {one.decision.version for one in found if one.result == "same"} > {found[-1].decision.version}
    assert any(one.late for one in found)


def test_the_word_of_then_is_found_beside_the_one_in_force(line: Line) -> None:
    at = line.now
    known = {"email": "ana@firm.example", "name.family": "Weber", "company.name": "Firm", "country": "DE"}
    fields: dict[str, Any] = {**known, "job_title": "Clerk", "job_level": "staff"}
    then = {"portal": {"job_title": Statement("Director IT", (at - DAY).isoformat())}}
    said = dict.fromkeys(known, ("portal", (at - 9 * DAY).isoformat()))
    said["job_title"] = "crm", (at + DAY).isoformat()
    lead = Lead(fields, said, sides=then, id=1, flow="b2b")
    done = [Activity("portal", "1", "1", at - timedelta(hours=1), "demo_request")]
    flow = line.app.config.flows["b2b"]
    decision = Decision(at, "mql", "gate mql passed", "b2b", flow.criteria.version, 40, "")
    found = replay(decision, lead, done, flow, Kept())
    assert (found.result, found.older, found.total) == ("same", ("job_title",), 40)
    assert replay(decision, replace(lead, sides={}), done, flow, Kept()).doubts == (("overwritten", "job_title"),)
    lately = replace(lead, said={**said, "job_title": ("crm", at.isoformat())}, sides={}, changed_at=at + DAY)
    assert replay(decision, lately, done, flow, Kept()).doubts == (("read late", "job_title"),)
    joined = Joining(1, 2, "matching", "", at + DAY)
    apart = replace(lately, changed_at=at)
    assert replay(decision, apart, done, flow, Kept(joinings=[joined])).doubts == (("joined", "2"),)
    assert replay(decision, apart, done, flow, Kept()).result == "differs"


def test_it_is_the_version_of_then_that_decides(line: Line) -> None:
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    then = line.app.config.flows["b2b"].criteria
    text = (line.folder / "config.toml").read_text("utf-8")
    line.reopen(text.replace("points = 15", "points = 1"))
    line.sync(DAY)
    present = line.app.config.flows["b2b"]
    assert present.criteria.version != then.version
    assert earlier(line.app.config, present, then.text).criteria.version == then.version
    found = one(line)
    assert (found.result, found.decision.version, found.total) == ("same", then.version, 40)
    # Under the present criteria it would not have come out like that.
    assert present.criteria.rules[0].points == 1


def test_whom_a_version_took_and_what_it_required_is_read_out_of_its_text(tmp_path: Path) -> None:
    asks = 'takes = { field = "country", is = "DE" }\nrequired = ["email", "city"]\n'
    line = Line(tmp_path, flow=asks + FLOW.format(director=15))
    present = line.app.config.flows["b2b"]
    other = replace(present, takes=None, required=())
    then = earlier(line.app.config, other, present.criteria.text)
    assert then.takes is not None
    assert [then.takes.test(Facts(NOW, {"country": code})) for code in ("DE", "FR")] == [True, False]
    assert (then.required, then.criteria.version) == (("email", "city"), present.criteria.version)


def test_an_activity_that_was_read_late_is_left_out(line: Line) -> None:
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    line.did(1, "pricing_view", line.now - timedelta(hours=3))
    line.sync(timedelta(hours=1))
    found = one(line)
    assert (found.result, found.late, found.total) == ("same", 1, 40)


def test_a_field_that_was_said_anew_makes_it_unknown_and_not_different(line: Line) -> None:
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    line.person(1, job_title="Clerk")
    line.now += DAY
    line.person(1, job_title="Clerk")
    line.sync()
    found = one(line)
    assert (found.result, found.doubts) == ("unknown", (("overwritten", "job_title"),))
    assert "total" in found.differing


def test_what_was_recorded_otherwise_is_said_to_differ(line: Line) -> None:
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    with line.app.store.write() as tx:
        tx._session.run("UPDATE transitions SET total = 41")  # type: ignore[attr-defined]
    found = one(line)
    assert (found.result, found.differing, found.decision.total, found.total) == ("differs", ("total",), 41, 40)


def test_what_is_gone_is_named(line: Line) -> None:
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    with line.app.store.write() as tx:
        ids = [activity.id for activity in tx.intake.activities([line.lead(1).id])[line.lead(1).id]]
        tx.retention.cut("activities", line.now)
        tx.retention.drop_activities(ids)
    found = one(line)
    assert (found.result, found.doubts) == ("unknown", (("deleted", line.now.isoformat()),))


def test_a_version_or_a_flow_that_is_gone_is_named(line: Line) -> None:
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    version = line.app.config.flows["b2b"].criteria.version
    text: Any = (line.folder / "config.toml").read_text("utf-8")
    with line.app.store.write() as tx:
        tx._session.run("DELETE FROM criteria")  # type: ignore[attr-defined]
    line.reopen(text.replace("points = 15", "points = 1"))
    assert one(line).doubts == (("version", version),)
    line.reopen(text.replace("flows.b2b", "flows.other"))
    assert one(line).doubts == (("flow", "b2b"),)
