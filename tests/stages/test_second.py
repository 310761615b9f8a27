"""The second handoff: who says SQL hands the lead to the next team, once, with what was found out."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.model.handoff import Handoff
from tests.stages.ground import DAY, HOUR, MINUTE, REASONS, Desk

GATES = """\
[flows.b2b.gates]
mql = { activity = "demo_request", within = "30 days" }
sal = { within = "1 working day", asks = ["budget", "timing", "fit"] }
sql = { within = "10 working days", asks = ["conversation"], then = "ae" }
"""
TEAM = '[teams.ae]\nmanager = "petra@northwind.example"\nmembers = [{ email = "karl@northwind.example" }]\n'
CRM_MAPPING = '[write.lead]\nbudget = "budget"\nconversation = "conversation"\n'
KARL = "karl@northwind.example"


def made(folder: Path, *, mode: str = "live") -> Desk:
    """Two teams, and a lead that the first has."""
    (folder / "crm.toml").write_text(CRM_MAPPING, "utf-8")
    desk = Desk(folder, flow=GATES + REASONS, mode=mode, crm='mapping = "crm.toml"\n' + TEAM)
    desk.asks()
    return desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return made(tmp_path)


def open_ones(desk: Desk) -> list[Handoff]:
    return [one for one in desk.given() if one.state == "open"]


def test_the_next_team_has_it_with_a_task_of_its_own(desk: Desk) -> None:
    (first,) = desk.given()
    desk.says(stage="sal")
    assert len(desk.given()) == 1
    desk.says(stage="sql")
    before, second = desk.given()
    assert (before.state, before.owner, before.accepted_at is not None) == ("closed", first.owner, True)
    assert (second.state, second.stage, second.team, second.owner) == ("open", "sql", "ae", KARL)
    assert second.previous_id == first.id
    assert (desk.lead(1).owner, desk.record().values["owner"]) == (KARL, KARL)
    assert sorted(one.values["owner"] for one in desk.crm.things("task")) == sorted([first.owner, KARL])
    assert desk.crm_counts()["lead"] == 1
    assert desk.lead(1).stage == "sql"
    # It was accepted before; first contact is agreed anew.
    assert (second.accept_due_at, second.due_at is not None) == (None, True)


def test_nothing_comes_twice(desk: Desk) -> None:
    desk.says(stage="sql")
    desk.says(stage="sal")
    desk.says(stage="sql")
    for _ in range(3):
        desk.sync(DAY)
    assert [one.state for one in desk.given()] == ["closed", "open"]
    assert desk.crm_counts()["task"] == 2
    assert desk.outbox("dead", "parked", "waiting", "unknown") == []


def test_what_was_found_out_stands_in_the_brief(desk: Desk) -> None:
    desk.says(budget="20,000 EUR", conversation="true", stage="sal")
    desk.says(stage="sql")
    lead = desk.lead(1)
    assert (lead.fields["budget"], lead.fields["conversation"]) == ("20,000 EUR", True)
    _, second = desk.given()
    assert "20,000 EUR" in second.brief
    assert desk.given()[0].owner in second.brief


def test_while_nobody_of_the_team_is_there_the_first_keeps_it(desk: Desk) -> None:
    from connector.model.follow_up import Absence

    with desk.app.store.write() as tx:
        tx.rosters.add_absence(Absence(KARL, desk.now - DAY, desk.now + 3 * DAY), desk.now)
    desk.says(stage="sql")
    first, second = desk.given()
    assert (first.state, second.state, desk.lead(1).owner) == ("open", "nobody", first.owner)
    # Marketing hears of an owner all the time.
    assert set(desk.told("baton_owner")) == {first.owner}
    desk.sync(4 * DAY)
    assert [(one.state, one.owner) for one in desk.given()][1] == ("open", KARL)
    assert desk.told("baton_owner")[-1] == KARL


def test_who_is_rejected_meanwhile_is_not_handed_on(desk: Desk) -> None:
    from connector.model.follow_up import Absence

    with desk.app.store.write() as tx:
        tx.rosters.add_absence(Absence(KARL, desk.now - DAY, desk.now + 3 * DAY), desk.now)
    desk.says(stage="sql")
    desk.says(stage="rejected", reason="competitor")
    assert [one.state for one in desk.given()] == ["closed", "closed"]
    desk.sync(5 * DAY)
    assert open_ones(desk) == []


def test_what_the_next_team_says_is_about_theirs(desk: Desk) -> None:
    desk.says(stage="sql")
    desk.says(stage="rejected", reason="not_now")
    first, second = desk.given()
    assert (first.reason, second.reason, second.state) == ("", "not_now", "closed")
    # Back again, it begins with the first team.
    desk.sync(91 * DAY)
    desk.did(1, "demo_request")
    desk.did(1, "visit")
    desk.sync(HOUR)
    desk.sync(HOUR)
    (again,) = open_ones(desk)
    assert (again.stage, again.previous_id) == ("mql", 0)


def test_a_flow_under_review_hands_on_without_another_review(tmp_path: Path) -> None:
    from connector.runs.release import release_lead

    desk = made(tmp_path, mode="review")
    release_lead(desk.app.runtime(), desk.app.rows, desk.lead(1).id, "petra")
    desk.sync(MINUTE)
    desk.says(stage="sql")
    assert [one.state for one in desk.given()] == ["closed", "open"]


def test_killed_before_it_goes_out_it_goes_out_once(desk: Desk) -> None:
    # Read back and written down, and nothing else done.
    from connector.runs.bring_back import bring_back
    from connector.runs.runtime import recorded

    desk.now += HOUR
    desk.crm.edit(desk.record().crm_id, {"stage": "sql"}, desk.now)
    runtime = desk.app.runtime()
    with recorded(runtime, "sync") as (run, counts):
        bring_back(runtime, desk.app.rows(run.id), "crm", counts)
    assert [one.state for one in desk.given()] == ["open", "waiting"]
    desk.reopen((desk.folder / "config.toml").read_text("utf-8"))
    desk.sync(MINUTE)
    desk.sync(MINUTE)
    assert [one.state for one in desk.given()] == ["closed", "open"]
    assert desk.crm_counts()["task"] == 2


def test_the_limit_of_the_day_holds_nobody_back_from_the_next_team(desk: Desk) -> None:
    text = (desk.folder / "config.toml").read_text("utf-8")
    desk.reopen(text.replace('mode = "live"', 'mode = "live"\nhandoffs_per_day = 1'))
    desk.asks(2)
    assert desk.given(2)[0].state == "waiting"
    desk.says(stage="sql")
    assert [one.state for one in desk.given()] == ["closed", "open"]
    assert desk.given(2)[0].state == "waiting"
