"""A plan is applied: that and only that; what it was judged on must still be so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.cli.progress import sentence
from connector.model import sentences
from connector.model.errors import ConfigError
from connector.model.follow_up import Absence
from connector.model.plans import Plan, PlannedField, PlannedRow
from connector.runs import guard
from connector.runs.absences import add_absence
from connector.runs.planning import applying
from connector.runs.planning.document import sealed, versions_of
from connector.runs.rows import our_key
from connector.runs.sync import sync
from connector.steps.routing.turns import broken
from tests.line import CONFIG, Line
from tests.plans.ground import FLOW, SETTINGS, STEP, applied, changed, kept, line_at, made, read, whys


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """Three people who are to be handed over, and read."""
    one = line_at(tmp_path)
    read(one)
    yield one
    one.app.close()


@pytest.fixture
def given(tmp_path: Path) -> Iterator[Line]:
    """Three people whom a rep has; by now their title is another one in marketing."""
    one = line_at(tmp_path)
    one.sync(STEP)
    changed(one, 3, job_title="CTO")
    yield one
    one.app.close()


def crm_id(line: Line, number: int) -> str:
    with line.app.store.read() as tx:
        key = our_key(tx.admin.store_id(), line.lead(number).id)
        return tx.outbox.receipts("crm", "lead", [key])[key].crm_id


def titles(line: Line) -> list[str]:
    return [str(one.values.get("job_title")) for one in line.crm.things("lead")]


def test_what_was_planned_is_written_and_the_next_run_has_nothing_left(line: Line) -> None:
    plan = made(line)
    line.now += timedelta(hours=2)
    done = applied(line, kept(line, plan))
    assert (done.planned, done.written, done.refused, done.failed) == (3, 3, [], [])
    for thing in line.crm.things("lead"):
        row = next(row for row in plan.rows if row.our_key == thing.our_key)
        moments = {"handoff.opened_at", "handoff.due_at", "handoff.brief"}
        said = {one.name: one.new for one in row.fields if one.name not in moments}
        assert {name: thing.values[name] for name in said} == said
    # Who was handed over two hours later has until then, too.
    assert {thing.values["handoff.opened_at"] for thing in line.crm.things("lead")} == {line.now.isoformat()}
    writes = len(line.crm.calls("write"))
    line.sync(STEP)
    assert len(line.crm.calls("write")) == writes
    assert line.crm_counts() == {"lead": 3, "task": 3, "note": 3}


def test_applied_again_it_does_nothing_twice(line: Line) -> None:
    document = kept(line, made(line))
    first = applied(line, document)
    effects = line.crm.effects()
    again = applied(line, document)
    assert (again.written, again.before, again.states) == (3, 3, first.states)
    assert line.crm.effects() == effects


def test_the_owner_of_the_plan_has_the_lead_and_the_turn_is_in_the_ledger(line: Line) -> None:
    plan, numbers = made(line), {number: line.lead(number).id for number in (1, 2, 3)}
    owners = {row.lead_id: row.owner for row in plan.rows}
    assert list(owners.values()) == ["lena@northwind.example", "tom@northwind.example", "lena@northwind.example"]
    # Tom has had a turn before: by the ring alone, the next two would be Lena's and Tom's.
    applied(line, kept(line, made(line, only=numbers[2])))
    assert whys(applied(line, kept(line, plan))) == {numbers[2]: sentences.NOT_RELEASED}
    assert {one.lead_id: one.owner for one in line.handoffs("open")} == owners
    with line.app.store.read() as tx:
        turns = tx.handoffs.turns("sales")
    lena, tom = "lena@northwind.example", "tom@northwind.example"
    assert [(one.rule, one.email, one.given) for one in turns] == [
        ("plan", lena, 2),
        ("plan", lena, 1),
        ("plan", tom, 0),
    ]
    assert turns[0].weights == f"{lena}=1 {tom}=1"
    assert {one.released_by for one in line.handoffs("open")} == {"plan"}


Act = Callable[[Line], Any]


def edited(line: Line, number: int, **values: Any) -> None:
    line.crm.edit(crm_id(line, number), values, line.now)


def told(line: Line, number: int, **values: Any) -> None:
    line.now += STEP
    line.person(number, job_title="CTO", **values)
    read(line)


CAUSES: dict[str, tuple[Act, str]] = {
    "the field was edited": (lambda one: edited(one, 2, job_title="Boss"), sentences.CHANGED_SINCE),
    "the record is gone": (lambda one: one.crm.remove(crm_id(one, 2)), sentences.CHANGED_SINCE),
    "the lead has another value": (lambda one: told(one, 2, city="Bonn"), sentences.LEAD_CHANGED),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_a_row_whose_basis_changed_is_refused_and_named_and_the_others_are_written(given: Line, cause: str) -> None:
    act, why = CAUSES[cause]
    document = kept(given, made(given))
    act(given)
    done = applied(given, document)
    assert whys(done) == {given.lead(2).id: why}
    assert (done.planned, done.written) == (3, 2)
    assert titles(given).count("CTO") == 2
    # Refused is refused, however often.
    assert whys(applied(given, document)) == {given.lead(2).id: why}


def test_another_field_of_the_record_is_no_reason_to_refuse(given: Line) -> None:
    document = kept(given, made(given))
    edited(given, 2, remark="called twice")
    assert applied(given, document).refused == []


def test_what_a_run_has_written_meanwhile_is_refused(given: Line) -> None:
    document = kept(given, made(given))
    given.sync()
    done = applied(given, document)
    assert (done.written, len(done.refused)) == (0, 3)
    assert titles(given) == ["CTO"] * 3


def test_who_was_handed_over_meanwhile_is_refused(line: Line) -> None:
    document = kept(line, made(line))
    line.sync()
    done = applied(line, document)
    assert set(whys(done).values()) == {sentences.NOT_RELEASED}
    assert line.crm_counts() == {"lead": 3, "task": 3, "note": 3}


def test_who_fell_below_the_line_meanwhile_is_refused(line: Line) -> None:
    document = kept(line, made(line))
    line.now += timedelta(days=400)
    assert set(whys(applied(line, document)).values()) == {sentences.NOT_RELEASED}
    assert line.crm_counts() == {}


def test_who_came_into_the_crm_meanwhile_is_refused(line: Line) -> None:
    document = kept(line, made(line))
    line.crm.make("lead", {"email": "ana2@firm.example"}, line.now)
    done = applied(line, document)
    assert list(whys(done)) == [line.lead(2).id]
    assert line.crm_counts()["lead"] == 3


def test_a_rep_who_has_left_the_team_is_given_nothing(line: Line) -> None:
    plan = made(line)
    document = kept(line, plan)
    text = (line.folder / "config.toml").read_text("utf-8").replace(', { email = "tom@northwind.example" }', "")
    line.reopen(text)
    done = applied(line, document)
    toms = {row.lead_id for row in plan.rows if row.owner == "tom@northwind.example"}
    assert whys(done) == dict.fromkeys(toms, "tom@northwind.example is not in the team any more")
    assert len(toms) == 1


def test_a_rep_who_is_no_active_user_any_more_is_given_nothing(tmp_path: Path) -> None:
    line = line_at(tmp_path)
    for name in ("lena", "tom"):
        line.crm.make("user", {"email": f"{name}@northwind.example", "active": True}, line.now, crm_id=name)
    read(line)
    plan = made(line)
    document = kept(line, plan)
    line.now += STEP
    line.crm.edit("tom", {"active": False}, line.now)
    toms = {row.lead_id for row in plan.rows if row.owner == "tom@northwind.example"}
    assert whys(applied(line, document)) == dict.fromkeys(
        toms, "tom@northwind.example is no active user of crm any more"
    )
    line.app.close()


# what is refused as a whole


def reopened(line: Line, **settings: Any) -> None:
    text = CONFIG.format(
        database="baton.db", crm="memory", crm_settings=SETTINGS, portal_settings="", page_size=1000,
        mode=settings.pop("mode", "live"), flow=settings.pop("flow", FLOW),
    )  # fmt: skip
    line.reopen(text)


def test_a_plan_of_another_store_or_one_that_was_changed_is_not_done(line: Line) -> None:
    document = kept(line, made(line))
    with pytest.raises(ConfigError, match="another store"):
        applied(line, {**document, "store": "zzzzzz"})
    for name, value in (("new", "Boss"), ("new", 10**30), ("new", "\ud800")):
        forged = kept(line, made(line))
        forged["rows"][0]["fields"][0][name] = value
        with pytest.raises(ConfigError, match="changed after it was made"):
            applied(line, forged)
    with pytest.raises(ConfigError, match="changed after it was made"):
        applied(line, {**document, "signature": "é"})
    others: tuple[Any, ...] = ([], "plan", {"kind": "dance"})
    for other in others:
        with pytest.raises(ConfigError, match="not a plan"):
            applied(line, other)
    assert line.outbox() == []


RULES = {
    "criteria:b2b": FLOW + '[flows.b2b.fit]\n"Large" = { points = 30, field = "company.employees", at_least = 300 }\n',
    "rules:b2b": FLOW + '[flows.b2b.fields]\njob_title = "never"\n',
}


@pytest.mark.parametrize("name", RULES)
def test_a_plan_made_under_other_rules_is_not_done_and_says_which(line: Line, name: str) -> None:
    document = kept(line, made(line))
    reopened(line, flow=RULES[name])
    with pytest.raises(ConfigError, match=name):
        applied(line, document)
    assert line.crm_counts() == {}


def test_a_plan_made_under_another_mapping_is_not_done_and_says_which(line: Line) -> None:
    document = kept(line, made(line))
    (line.folder / "own.toml").write_text('[write.lead]\nremark = "city"\n', "utf-8")
    reopened(line)
    text = (line.folder / "config.toml").read_text("utf-8")
    line.reopen(text.replace("[connections.crm]\n", '[connections.crm]\nmapping = "own.toml"\n'))
    with pytest.raises(ConfigError, match="mapping:crm"):
        applied(line, document)


def test_a_flow_that_observes_writes_nothing_whoever_applies_what(tmp_path: Path) -> None:
    line = line_at(tmp_path, mode="observe")
    line.sync(STEP)
    with pytest.raises(ConfigError, match="it is observe"):
        applied(line, kept(line, made(line, as_live=True)))
    line.app.close()


def test_a_plan_from_the_store_alone_is_not_done(line: Line) -> None:
    from connector.runs.planning import making
    from tests.plans.ground import words

    asked = making.Asked()
    plan = making.stored(line.app.runtime(), line.app.rows(), words(line), asked, lambda _name: [])
    with pytest.raises(ConfigError, match="--stored"):
        applied(line, kept(line, plan))


# beside it


def test_a_plan_releases_exactly_its_handoffs_of_a_flow_in_review(tmp_path: Path) -> None:
    line = line_at(tmp_path, mode="review")
    line.sync(STEP)
    only = line.lead(2).id
    done = applied(line, kept(line, made(line, as_live=True, only=only)))
    assert done.written == 1
    assert [one.lead_id for one in line.handoffs("open")] == [only]
    assert len(line.handoffs("review")) == 2
    line.sync(STEP)
    assert line.crm_counts() == {"lead": 1, "task": 1, "note": 1}
    line.app.close()


def test_what_waits_from_elsewhere_is_not_sent(given: Line) -> None:
    given.crm.fault("write", "throttled", times=1, retry_after=1)
    given.sync()
    assert len(given.outbox("waiting")) == 3
    given.now += STEP
    given.person(7)
    given.did(7, "demo_request")
    read(given)
    done = applied(given, kept(given, made(given)))
    assert done.states == {("crm", what, "done"): 1 for what in ("lead", "task", "note")}
    assert len(given.outbox("waiting")) == 3
    assert "CTO" not in titles(given)


def test_a_crm_that_takes_nothing_keeps_it_waiting_and_the_next_run_sends_it(line: Line) -> None:
    document = kept(line, made(line))
    line.crm.fault("write", "refused", times=1)
    done = applied(line, document)
    assert [name for name, _ in done.failed] == ["crm"]
    assert {state for *_, state in done.states} == {"waiting"}
    again = applied(line, document)
    assert {state for *_, state in again.states} == {"done"}
    assert line.crm_counts() == {"lead": 3, "task": 3, "note": 3}


def test_who_stops_it_while_it_is_sent_is_told_to_go_on(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    document, runtime = kept(line, made(line)), line.app.runtime()
    with monkeypatch.context() as for_now:
        for_now.setattr(applying, "deliver", lambda *_: runtime.stop.set())
        done = applying.apply_plan(runtime, document, line.app.rows)
    assert ({state for *_, state in done.states}, done.written, done.stopped) == ({"waiting"}, 3, True)
    runtime.stop.clear()
    again = applied(line, document)
    assert ({state for *_, state in again.states}, again.stopped) == ({"done"}, False)


def test_how_far_it_is_can_be_seen(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "LEADS", 2)
    seen = []
    runtime = line.app.runtime(progress=lambda what, counts: seen.append(sentence(what, counts, str)))
    applying.apply_plan(runtime, kept(line, made(line)), line.app.rows)
    assert [one for one in seen if one.startswith("applied")] == ["applied · leads 2", "applied · leads 3"]


def test_a_flow_that_is_parked_writes_what_a_person_has_looked_at(given: Line) -> None:
    from connector.model.ports import ReviewItem

    with given.app.store.write() as tx:
        tx.reviews.put([ReviewItem("parked_flow", "b2b", "b2b", "too much")], given.now)
    assert applied(given, kept(given, made(given))).written == 3
    assert titles(given) == ["CTO"] * 3


def test_many_changes_that_a_person_applied_park_no_flow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = line_at(tmp_path, 5, flow='changes_per_run = "1 %"\n')
    line.sync(STEP)
    monkeypatch.setattr(guard, "AT_LEAST", 2)
    changed(line, 5, job_title="CTO")
    document = kept(line, made(line))
    assert applied(line, document).written == 5
    assert line.waiting_for_people("parked_flow") == []
    assert set(titles(line)) == {"CTO"}
    line.app.close()


# a repair


def repair(line: Line, number: int, old: str, new: str) -> Any:
    store_id = line.app.rows().store_id
    lead = line.lead(number)
    row = PlannedRow(
        1, "update", "crm", "lead", our_key(store_id, lead.id), lead.id, lead.flow, crm_id(line, number),
        fields=(PlannedField("job_title", old, new),),
    )  # fmt: skip
    plan = Plan("repair", store_id, line.now, (row,), versions=versions_of(line.app.config))
    return sealed(line.app.runtime(), store_id, plan)


def test_a_repair_writes_what_it_says_where_what_was_found_still_stands(tmp_path: Path) -> None:
    line = line_at(tmp_path)
    line.sync(STEP)
    line.now += STEP
    edited(line, 2, job_title="Boss")
    done = applied(line, repair(line, 2, "Boss", "Director IT"))
    assert (done.written, done.states) == (1, {("crm", "lead", "done"): 1})
    assert titles(line) == ["Director IT"] * 3
    line.now += STEP
    edited(line, 2, job_title="Chief")
    done = applied(line, repair(line, 2, "Boss", "Director IT"))
    assert whys(done) == {line.lead(2).id: sentences.CHANGED_SINCE}
    line.app.close()


def test_a_run_after_it_leaves_all_as_the_plan_says(given: Line) -> None:
    applied(given, kept(given, made(given)))
    before = [thing.values for thing in given.crm.things("lead")]
    sync(given.app.runtime(), given.app.rows)
    assert [thing.values for thing in given.crm.things("lead")] == before


def test_a_deputy_of_the_plan_gets_the_leads_and_the_turns_are_theirs_who_are_away(line: Line) -> None:
    text = (line.folder / "config.toml").read_text("utf-8")
    line.reopen(text.replace("[teams.sales]", '[teams.sales]\nmanager = "petra@northwind.example"'))
    lena, tom, petra = (f"{name}@northwind.example" for name in ("lena", "tom", "petra"))
    add_absence(line.app.runtime(), Absence(lena, line.now, deputy=petra))
    plan = made(line)
    assert sorted(row.owner for row in plan.rows) == [petra, petra, tom]
    done = applied(line, kept(line, plan))
    assert (done.written, done.refused) == (3, [])
    with line.app.store.read() as tx:
        lines = tx.handoffs.turns("sales")[::-1]
    assert sorted(one.email for one in lines) == [lena, lena, tom]
    assert [broken(before, one) for before, one in zip([None, *lines], lines, strict=False)] == ["", "", ""]
