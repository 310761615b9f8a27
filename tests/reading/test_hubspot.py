"""HubSpot read without gaps: one time of change, an ill index, tokens that end, pages that shift."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from adapters._hubspot.crm import HubSpotCrm
from adapters._hubspot.settings import HubSpotSettings
from connector.model.adapter import Context
from connector.model.errors import StreamError
from connector.model.http import Answer, Request
from connector.model.records import Page
from connector.sandbox.hubspot import add_contacts
from connector.sandbox.hubspot.search import CAP
from tests.hubspot import START, World, ids

MANY = CAP + 101
TOKEN_ENDED = (400, {"category": "VALIDATION_ERROR", "message": "the paging token has ended"})


def crm(world: World) -> HubSpotCrm:
    """The same portal, read as a CRM."""
    return HubSpotCrm(HubSpotSettings(), Context("hubspot", Path(), world.now, lambda _name: "", world.http))


def walked(crm: HubSpotCrm, stream: str, cursor: str = "") -> tuple[list[str], str]:
    found: list[str] = []
    for page in crm.changes(stream, cursor):
        found, cursor = [*found, *(record.id for record in page.records)], page.cursor
    return found, cursor


class Answers:
    """Changes answers on their way: `change(request, body)` gives the body that arrives."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
        call = world.http._call

        def changed(request: Request) -> Answer:
            answer = call(request)
            body = change(request, answer.json())
            return Answer(answer.status, answer.headers, orjson.dumps(body))

        monkeypatch.setattr(world.http, "_call", changed)


def test_more_than_ten_thousand_with_one_time_are_read() -> None:
    world = World(columns=frozenset({"email"}))
    world.http.watcher = None
    made = add_contacts(world.portal, MANY, tied=MANY, days=1)
    assert len({row.updated for row in world.portal.tables["contacts"].rows.values()}) == 1
    records, cursor = world.pull("contacts", '{"since":1}')
    assert ids(records) == [str(id) for id in made]
    assert world.pull("contacts", cursor)[0] == []


@pytest.mark.parametrize("role", ["source", "crm"])
def test_changes_that_come_into_sight_in_any_order_are_each_read(role: str) -> None:
    world = World(lag=60.0)
    world.portal.tables["contacts"].least_lag = 1.0
    made, reader = world.create(40), crm(world)
    world.later()
    cursor = (world.pull("contacts") if role == "source" else walked(reader, "contact"))[1]
    rng, told, changed = random.Random(7), [], []
    for turn in range(40):
        id = rng.choice(made)
        changed.append((id, str(turn)))
        world.do("change", id=id, properties={"city": str(turn)})
        world.clock.move(rng.choice([1, 5, 20]))
        if role == "source":
            records, cursor = world.pull("contacts", cursor)
            told += [(record.id, record.values["city"]) for record in records]
        else:
            pages = list(reader.changes("contact", cursor))
            cursor = pages[-1].cursor if pages else cursor
            told += [(record.id, "") for page in pages for record in page.records]
    world.later(120)
    last = dict(changed)
    if role == "source":
        told += [(record.id, record.values["city"]) for record in world.pull("contacts", cursor)[0]]
        assert {id: city for id, city in told if city} == last
    else:
        assert {id for id, _ in told} | set(walked(reader, "contact", cursor)[0]) >= last.keys()


def test_a_list_whose_token_has_ended_is_listed_anew_and_what_changed_since_comes_after_it() -> None:
    world = World()
    made = world.create(250)
    first = next(world.pages("contacts"))
    world.later(86_400)
    world.do("change", id=made[0], properties={"city": "Bonn"})
    _end_tokens(world)
    rest, cursor = world.pull("contacts", first.cursor)
    assert set(ids(rest)) == set(made)
    assert {record.id: record.values["city"] for record in rest}[made[0]] == "Bonn"
    assert world.pull("contacts", cursor)[0] == []


def test_a_list_of_archived_whose_token_has_ended_is_walked_anew() -> None:
    world = World()
    made = world.create(150)
    for id in made:
        world.do("archive", id=id)
    first = next(world.pages("archived"))
    _end_tokens(world)
    assert {*ids(first.records), *ids(world.pull("archived", first.cursor)[0])} == set(made)


@pytest.mark.parametrize(("stream", "count"), [("form_submissions", 70), ("events", 130)])
def test_deeds_whose_token_has_ended_are_read_anew(stream: str, count: int) -> None:
    world = World(streams=["contacts", stream])
    (one,) = world.create()
    for _ in range(count):
        world.clock.move(1)
        if stream == "events":
            world.do("visit", id=one)
        else:
            world.do("submit", id=one, form="Newsletter")
    world.later()
    pages = list(world.pages(stream))
    first = next(page for page in pages if page.records)
    _end_tokens(world)
    rest, _ = world.pull(stream, first.cursor)
    assert len({record.id for record in [*first.records, *rest]}) == count


def _end_tokens(world: World, times: int = 1) -> None:
    """The next pages that are asked for with a token have ended."""
    call, left = world.http._call, [TOKEN_ENDED] * times

    def ended(request: Request) -> Answer:
        if "after" in request.query and left:
            status, body = left.pop()
            return Answer(status, {}, orjson.dumps(body))
        return call(request)

    world.http._call = ended  # type: ignore[method-assign]


@pytest.mark.parametrize("stream", ["contacts", "archived"])
def test_tokens_that_end_again_and_again_are_left_to_the_next_pull(stream: str) -> None:
    world = World()
    for id in world.create(150):
        world.do("archive" if stream == "archived" else "change", id=id, properties={"city": "Ulm"})
    page = next(world.pages(stream))
    _end_tokens(world, 9)
    with pytest.raises(StreamError, match="cursor did not move"):
        list(world.pages(stream, page.cursor))


def test_a_search_that_answers_nothing_with_more_behind_it_is_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    made = world.create(450)
    before = next(world.pages("contacts", '{"since":1}'))
    blank = {"total": 450, "results": [], "paging": {"next": {"after": "200"}}}
    world.http.fails = [(200, blank)]
    with pytest.raises(StreamError):
        list(world.pages("contacts", before.cursor))
    rest, _ = world.pull("contacts", before.cursor)
    assert {*ids(before.records), *ids(rest)} == set(made)


def test_a_page_of_emails_with_nothing_on_it_and_more_behind_it_is_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(streams=["email_events"])
    (one,) = world.create()
    for _ in range(3):
        world.clock.move(1)
        world.do("email", id=one, type="OPEN")
    world.later()
    world.http.fails = [(200, {"hasMore": True, "offset": f"{1 << 60}-{n}", "events": []}) for n in (9, 8)]
    assert len(world.pull("email_events")[0]) == 3
    world.http.fails = [(200, {"hasMore": True, "offset": f"{1 << 60}-{n}", "events": []}) for n in range(99)]
    with pytest.raises(StreamError):
        list(world.pages("email_events"))


@pytest.mark.parametrize("lie", [lambda total: 0 if total < 900 else total, lambda total: total // 3])
def test_a_total_that_lies_leaves_nobody_out_of_the_first_load(lie: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(contacts_by_search=True)
    world.http.watcher = None
    made = add_contacts(world.portal, 2000, days=30)
    told = iter([2000])

    def change(request: Request, body: Any) -> Any:
        if "total" in body and (request.json or {}).get("limit") == 1:
            body["total"] = next(told, None) or lie(body["total"])
        return body

    Answers(world, monkeypatch, change)
    split = world.source.split("contacts", 4)
    assert split is not None
    found = [record for cursor in split.cursors for record in world.pull("contacts", cursor)[0]]
    assert ids(found) == [str(id) for id in made]


def _shifted(pages: Iterator[Page], between: Any) -> list[str]:
    """The ids of all pages; `between` happens behind the first."""
    found = [record.id for record in next(pages).records]
    between()
    return found + [record.id for page in pages for record in page.records]


@pytest.mark.parametrize("cursor", ["", '{"since":1}'])
def test_who_vanishes_or_changes_between_two_pages_costs_nobody_else(cursor: str) -> None:
    world = World()
    made = world.create(450)
    gone, moved = {made[3], made[50], made[250]}, made[310]

    def between() -> None:
        for id in gone:
            world.do("archive", id=id)
        world.clock.move(30)
        world.do("change", id=moved, properties={"city": "Ulm"})

    found = _shifted(world.pages("contacts", cursor), between)
    assert {*found} >= {*made} - gone
    assert moved in found


@pytest.mark.parametrize("stream", ["contact", "account", "opportunity", "task"])
@pytest.mark.parametrize("ahead", [600.0, -600.0])
def test_a_clock_that_differs_by_minutes_loses_nothing_of_a_crm(stream: str, ahead: float) -> None:
    world = World(ahead=ahead)
    object, values = {
        "contact": ("contacts", {}), "account": ("companies", {"name": "Firm"}),
        "opportunity": ("deals", {"dealname": "Deal", "dealstage": "contractsent", "pipeline": "default"}),
        "task": ("tasks", {"hs_task_status": "COMPLETED", "hs_timestamp": "2026-11-02T09:00:00Z"}),
    }[stream]  # fmt: skip
    reader = crm(world)
    _, cursor = walked(reader, stream)
    told, made = [], []
    for seconds in (400, 20, 700):
        world.later(seconds)
        made.append(world.do("create", object=object, properties=values)["id"])
        world.later(seconds)
        found, cursor = walked(reader, stream, cursor)
        told += found
    world.later(1200)
    assert {*told, *walked(reader, stream, cursor)[0]} == set(made)


@pytest.mark.parametrize("stream", ["contacts", "archived", "email_events", "events", "form_submissions"])
def test_a_clock_of_ours_that_is_behind_loses_nothing(stream: str) -> None:
    world = World(ahead=-600.0, streams=[stream])
    made = world.create(3)
    deeds = {
        "contacts": lambda id: world.do("change", id=id, properties={"city": "Bonn"}),
        "archived": lambda id: world.do("archive", id=id),
        "email_events": lambda id: world.do("email", id=id, type="OPEN"),
        "events": lambda id: world.do("visit", id=id),
        "form_submissions": lambda id: world.do("submit", id=id, form="Newsletter"),
    }
    _, cursor = world.pull(stream)
    told: list[str] = []
    for id in made:
        world.later(400)
        deeds[stream](id)
        world.later(400)
        records, cursor = world.pull(stream, cursor)
        told += [str(record.values.get("email") or record.values.get("contact") or record.id) for record in records]
    world.later(1200)
    records, _ = world.pull(stream, cursor)
    told += [str(record.values.get("email") or record.values.get("contact") or record.id) for record in records]
    expected = [f"p{number}@example.com" for number in range(3)]
    assert set(told) == set({"archived": made, "events": made}.get(stream, expected))


def test_what_the_index_learns_after_hours_is_in_the_sweep() -> None:
    world = World()
    reader = crm(world)
    world.create(2)
    cursor, theirs = world.pull("contacts")[1], walked(reader, "contact")[1]
    world.later()
    world.portal.search_lag = 7200.0
    (late,) = world.create(start=2)
    for _ in range(11):
        world.later()
        records, cursor = world.pull("contacts", cursor)
        found, theirs = walked(reader, "contact", theirs)
        assert (records, found) == ([], [])
    world.later(1200)
    since = START - timedelta(days=1)
    assert [record.id for page in reader.sweep("contact", "", since) for record in page.records].count(late) == 1
    assert late in ids(world.pull("contacts", window=_window(since, world.clock.now()))[0])


def _window(since: datetime, until: datetime) -> Any:
    from connector.model.records import Window

    return Window(since, until)
