"""Pages, goals and key results in ClickUp, where they differ from what every platform does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from connector.kit.contract.clock import START
from connector.model.adapter import PublishingCrm
from connector.model.outbox import Done, NotExecuted, Outcome, Refused, Unknown
from connector.model.publishing import Goal, PublishedPage, Target
from connector.sandbox.clickup import publishing
from connector.sandbox.clickup.publishing import Doc
from tests.contract.adapters.clickup_world import ClickUpCrmWorld

PAGE = PublishedPage("s1-criteria", "Criteria", "# Criteria\n\n50 points.")
GOAL = Goal("s1-goal", "Leads", START, "A month", ("lena@northwind.example",), (Target("MQL", 100, 12.4),))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ClickUpCrmWorld]:
    made = ClickUpCrmWorld(tmp_path)
    yield made
    made.close()


def crm(world: ClickUpCrmWorld) -> PublishingCrm:
    return cast(PublishingCrm, world.crm())


def deeds(world: ClickUpCrmWorld) -> list[tuple[str, str]]:
    return [(deed.did, deed.object) for deed in world.space.ledger.deeds()]


def done(outcome: Outcome) -> str:
    assert isinstance(outcome, Done), outcome
    return outcome.crm_id


def test_pages_go_into_the_oldest_doc_of_the_name(world: ClickUpCrmWorld) -> None:
    docs = {id: Doc(id, name, at, deleted=gone) for id, name, at, gone in (
        ("d1", "BATON", 5, False), ("d2", "Baton", 3, False), ("d3", "Baton", 1, True), ("d4", "Baton notes", 0, False),
    )}  # fmt: skip
    world.space.docs |= {f"x{n}": Doc(f"x{n}", "Minutes", 9) for n in range(120)} | docs
    done(crm(world).publish_page(PAGE))
    done(crm(world).publish_page(PAGE))
    assert [one["sub_title"] for one in docs["d2"].pages] == ["s1-criteria"]
    assert deeds(world) == [("create", "page")]


def test_a_doc_is_made_once_though_its_answer_was_lost(world: ClickUpCrmWorld) -> None:
    world.crm().check()
    world.lose_next_published()
    assert isinstance(crm(world).publish_page(PAGE), Unknown)
    done(crm(world).publish_page(PAGE))
    assert deeds(world) == [("create", "doc"), ("create", "page")]


def test_a_doc_that_the_list_does_not_have_yet_is_not_made_again(
    world: ClickUpCrmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Doc, "shown", lambda self: {"id": self.id, "name": "not yet", "date_created": 0})
    one = crm(world)
    done(one.publish_page(PAGE))
    done(one.publish_page(replace(PAGE, our_key="s1-playbook")))
    assert deeds(world) == [("create", "doc"), ("create", "page"), ("create", "page")]


def test_what_an_admin_must_mend_publishes_nothing(world: ClickUpCrmWorld) -> None:
    world.crm().check()
    assert world.server
    world.server.faults.add("status", match="GET /v3", code=403, body={"err": "No access", "ECODE": "ACCESS_1"})
    assert isinstance(crm(world).publish_page(PAGE), NotExecuted)


def test_a_page_below_another_one_is_found(world: ClickUpCrmWorld) -> None:
    id = done(crm(world).publish_page(PAGE))
    (doc,) = world.space.docs.values()
    doc.pages = [{**doc.pages[0], "id": "above", "sub_title": "theirs", "pages": doc.pages}]
    assert done(crm(world).publish_page(PAGE)) == id


def test_a_goal_has_owners_and_a_day_and_people_may_add_to_them(world: ClickUpCrmWorld) -> None:
    id = done(crm(world).put_goal(GOAL))
    held = world.space.goals[id]
    assert (held["due_date"], held["description"]) == (str(int(START.timestamp() * 1000)), "A month\n\ns1-goal")
    assert [one["id"] for one in held["owners"]] == [81002]
    assert [one["last_action"]["steps_current"] for one in held["key_results"]] == [12]
    held["owners"].append(world.space.users[81003].shown())
    done(crm(world).put_goal(replace(GOAL, owners=("petra@northwind.example",))))
    assert [one["id"] for one in held["owners"]] == [81002, 81003, 81004]
    assert deeds(world).count(("update", "key_result")) == 1


def test_who_is_no_member_owns_no_goal(world: ClickUpCrmWorld) -> None:
    outcome = crm(world).put_goal(replace(GOAL, owners=("nobody@northwind.example",)))
    assert isinstance(outcome, Refused)
    assert outcome.field == "assignees"
    assert world.space.goals == {}


def test_what_is_to_be_reached_cannot_be_changed_and_that_is_said(world: ClickUpCrmWorld) -> None:
    done(crm(world).put_goal(GOAL))
    outcome = crm(world).put_goal(replace(GOAL, targets=(Target("MQL", 200, 20), Target("Won", 5, 1))))
    assert isinstance(outcome, Refused)
    assert outcome.reason.endswith(": MQL")
    # The rest of it is brought up to date.
    assert world.goals() == [("Leads", {"MQL": 20, "Won": 1})]


def test_key_results_that_are_not_told_by_name_are_not_made_twice(
    world: ClickUpCrmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(crm(world).put_goal(GOAL))
    told = publishing._goal

    def goal(space: Any, id: str) -> Any:
        held = told(space, id)
        return {**held, "key_results": [one["id"] for one in held["key_results"]]}

    monkeypatch.setattr(publishing, "_goal", goal)
    assert isinstance(crm(world).put_goal(GOAL), Unknown)
    assert deeds(world).count(("create", "key_result")) == 1


@pytest.mark.parametrize("kind", ["html", "wrong_json"])
def test_an_answer_that_is_none_publishes_nothing_twice(world: ClickUpCrmWorld, kind: str) -> None:
    world.crm().check()
    assert world.server
    for match in ("GET /v3", "GET /v2/team/9008001/goal"):
        world.server.faults.add(kind, match=match, times=9)
    assert isinstance(crm(world).publish_page(PAGE), NotExecuted)
    assert isinstance(crm(world).put_goal(GOAL), NotExecuted)
    assert deeds(world) == []
