"""A changed mapping or rule applies to what was written before, as a plan that a person applies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.model.plans import PlannedField
from connector.runs import guard
from connector.runs.outdated import outdated
from tests.line import Line
from tests.plans.ground import STEP, actions, applied, kept, line_at, made


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """Three people whom a rep has; by now the mapping writes one more field."""
    one = line_at(tmp_path)
    one.sync(STEP)
    one.now += STEP
    write_also(one)
    yield one
    one.app.close()


def write_also(line: Line, text: str = '[write.lead]\nremark = "company.name"\n') -> None:
    (line.folder / "own.toml").write_text(text, "utf-8")
    said = (line.folder / "config.toml").read_text("utf-8")
    line.reopen(said.replace("[connections.crm]\n", '[connections.crm]\nmapping = "own.toml"\n'))


def still_outdated(line: Line) -> list[tuple[str, str]]:
    with line.app.store.read() as tx:
        return [(one.flow, one.target) for one in outdated(tx, line.app.config)]


def remarks(line: Line) -> list[object]:
    return [one.values.get("remark") for one in line.crm.things("lead")]


def test_a_run_alone_writes_nothing_anew_and_a_plan_shows_all_whose_record_differs(line: Line) -> None:
    line.sync(STEP)
    assert remarks(line) == [None] * 3
    assert still_outdated(line) == [("b2b", "crm")]
    plan = made(line)
    assert (actions(plan), plan.covers) == ({"update": 3}, ("b2b:crm",))
    assert {row.fields for row in plan.rows} == {(PlannedField("remark", None, "Firm GmbH"),)}


def test_applied_it_is_as_the_mapping_says_and_nothing_is_outdated(line: Line) -> None:
    assert applied(line, kept(line, made(line))).written == 3
    assert remarks(line) == ["Firm GmbH"] * 3
    assert still_outdated(line) == []
    assert actions(made(line)) == {"skip": 3}


def test_what_a_person_filled_there_since_keeps_it_outdated(line: Line) -> None:
    document = kept(line, made(line))
    line.crm.edit(next(one.crm_id for one in line.crm.things("lead")), {"remark": "called"}, line.now)
    assert len(applied(line, document).refused) == 1
    assert sorted(map(str, remarks(line))) == ["Firm GmbH", "Firm GmbH", "called"]
    assert still_outdated(line) == [("b2b", "crm")]


def test_where_nothing_differs_it_counts_as_applied_too(tmp_path: Path) -> None:
    one = line_at(tmp_path)
    one.sync(STEP)
    one.now += STEP
    write_also(one, '[write.lead]\nremark = "city"\n')
    plan = made(one)
    assert (actions(plan), plan.covers) == ({"skip": 3}, ("b2b:crm",))
    applied(one, kept(one, plan))
    assert still_outdated(one) == []
    one.app.close()


def test_a_plan_of_one_lead_does_not_count_for_all(line: Line) -> None:
    plan = made(line, only=line.lead(1).id)
    assert plan.covers == ()
    applied(line, kept(line, plan))
    assert still_outdated(line) == [("b2b", "crm")]


def test_a_changed_rule_is_planned_and_parks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "AT_LEAST", 1)
    one = line_at(tmp_path, flow='changes_per_run = "1 %"\n')
    one.sync(STEP)
    one.now += STEP
    for thing in one.crm.things("lead"):
        one.crm.edit(thing.crm_id, {"job_title": "Boss"}, one.now)
    one.sync(STEP)
    one.sync(STEP)
    text = (one.folder / "config.toml").read_text("utf-8")
    rule = '[flows.b2b.fields]\njob_title = "always_marketing"\n[flows.b2b.routing]'
    one.reopen(text.replace("[flows.b2b.routing]", rule))
    plan = made(one)
    assert actions(plan) == {"update": 3}
    assert all(PlannedField("job_title", "Boss", "Director IT") in row.fields for row in plan.rows)
    assert applied(one, kept(one, plan)).written == 3
    assert {thing.values["job_title"] for thing in one.crm.things("lead")} == {"Director IT"}
    assert one.waiting_for_people("parked_flow") == []
    assert still_outdated(one) == []
    one.app.close()
