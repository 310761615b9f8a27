"""Salesforce read without gaps: one time of change, pages that lead nowhere, pages that shift, clocks, late commits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connector.model.errors import StreamError
from connector.model.mirror import CrmPage
from tests.salesforce import START, World

MANY = 10_101


def ids(pages: list[CrmPage]) -> set[str]:
    return {record.id for page in pages for record in page.records}


def test_more_than_ten_thousand_with_one_time_are_read_on_after_any_page() -> None:
    world = World()
    world.http.described = False
    world.lead()
    (pattern,) = world.org.table("Lead")
    made = {world.org.insert("Lead", {}, pattern["OwnerId"]) for _ in range(MANY - 1)} | {pattern["Id"]}
    walk = world.again().changes("lead", "")
    pages = [next(walk) for _ in range(3)]
    rest = list(world.again().changes("lead", pages[-1].cursor))
    assert len(ids(rest)) == MANY - 6000
    assert ids(pages) | ids(rest) == made


def test_a_page_that_leads_to_itself_ends_the_walk_with_a_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.org.page_size = 10
    made = {world.lead() for _ in range(25)}
    pages = world.again().changes("lead", "")
    first = next(pages)
    same = {"totalSize": 25, "done": False, "records": []}
    call = world.http._call
    monkeypatch.setattr(world.http, "_call", lambda asked: _as(call(asked), {**same, "nextRecordsUrl": asked.path}))
    with pytest.raises(StreamError, match="cursor did not move"):
        list(pages)
    monkeypatch.undo()
    assert ids([first, *world.again().changes("lead", first.cursor)]) == made


def _as(answer: Any, body: Any) -> Any:
    import orjson

    return type(answer)(answer.status, answer.headers, orjson.dumps(body))


def test_a_page_without_rows_in_the_middle_is_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.org.page_size = 10
    made = {world.lead() for _ in range(25)}
    pages = world.again().changes("lead", "")
    found = [next(pages)]
    root, following = "/services/data/v62.0/", ""
    call = world.http._call

    def blank(asked: Any) -> Any:
        nonlocal following
        if asked.path.startswith(f"{root}query/") and not following:
            following = asked.path
            return _as(
                call(asked), {"totalSize": 25, "done": False, "records": [], "nextRecordsUrl": f"{root}query/x-1"}
            )
        return call(asked if asked.path != f"{root}query/x-1" else type(asked)("GET", following, reads=True))

    monkeypatch.setattr(world.http, "_call", blank)
    assert ids([*found, *pages]) == made
    assert following


@pytest.mark.parametrize("cursor", ["no cursor of ours", '{"place": 7}', "[1]", '{"at": "yesterday"}'])
def test_a_cursor_that_nobody_knows_begins_anew(cursor: str) -> None:
    world = World()
    made = {world.lead() for _ in range(3)}
    assert ids(list(world.again().changes("lead", cursor))) == made


def test_who_vanishes_or_changes_between_two_pages_costs_nobody_else() -> None:
    world = World()
    world.org.page_size = 10
    made = [world.lead() for _ in range(35)]
    pages = world.again().changes("lead", "")
    found = [next(pages)]
    world.clock.move(30)
    for place in (1, 4, 22):
        world.org.delete(made[place])
    world.org.edit(made[30], {"Status": "Working"})
    found += pages
    found += world.again().changes("lead", found[-1].cursor)
    assert ids(found) >= {*made} - {made[22]}
    assert [one.stage for page in found for one in page.records if one.id == made[30]][-1] == "Working"


def test_a_walk_that_breaks_off_goes_on_though_who_it_stopped_at_is_gone() -> None:
    world = World()
    world.org.page_size = 10
    made = [world.lead() for _ in range(35)]
    first = world.pages("lead")[0]
    world.clock.move(5)
    world.org.delete(first.records[-1].id)
    assert ids([first, *world.again().changes("lead", first.cursor)]) == {*made}


@pytest.mark.parametrize("stream", ["lead", "contact", "account", "opportunity", "deleted_lead"])
@pytest.mark.parametrize("ahead", [600.0, -600.0])
def test_a_clock_that_differs_by_minutes_loses_nothing(stream: str, ahead: float) -> None:
    world = World(ahead=ahead)
    make: dict[str, Any] = {
        "lead": world.lead, "contact": lambda: world.org.create("Contact", {"LastName": "Alba"}),
        "account": lambda: world.org.create("Account", {"Name": "Acme"}),
        "opportunity": lambda: world.org.create(
            "Opportunity", {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-12-01"}
        ),
        "deleted_lead": lambda: _deleted(world),
    }  # fmt: skip
    cursor, told, made = world.walk(stream)[1], set(), set()
    for seconds in (400, 20, 900):
        world.later(seconds)
        made.add(make[stream]())
        world.later(seconds)
        records, cursor = world.walk(stream, cursor)
        told |= {record.id for record in records}
    world.later(1200)
    assert told | {record.id for record in world.walk(stream, cursor)[0]} == made


def _deleted(world: World) -> str:
    id = world.lead()
    world.org.delete(id)
    return id


def test_who_is_back_from_the_bin_and_who_is_made_anew_are_told() -> None:
    world = World()
    id = world.lead(Email="ana@firm.example")
    cursor, gone = world.walk("lead")[1], world.walk("deleted_lead")[1]
    world.later()
    world.org.delete(id)
    world.later()
    assert [(one.id, one.gone) for one in world.walk("deleted_lead", gone)[0]] == [(id, True)]
    world.org.undelete(id)
    other = world.lead(Email="ana@firm.example")
    told = {one.id: one for one in world.walk("lead", cursor)[0]}
    assert (told[id].gone, told[other].email) == (False, "ana@firm.example")


def test_a_transaction_longer_than_the_overlap_is_in_the_sweep_alone() -> None:
    world = World()
    world.lead()
    late = world.org.create("Lead", {"LastName": "Late", "Company": "Acme"}, commits_after=3600)
    cursor = world.walk("lead")[1]
    for _ in range(4):
        world.later()
        world.lead()
        records, cursor = world.walk("lead", cursor)
        assert late not in {record.id for record in records}
    assert late not in {record.id for record in world.walk("lead", cursor)[0]}
    swept = list(world.again().sweep("lead", "", START - timedelta(days=1)))
    assert late in ids(swept)
    assert {call.lane for call in world.http.calls[-len(swept) :]} == {4}
