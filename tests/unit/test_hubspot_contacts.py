"""Contacts of a portal: first by list, then by search; ties, lag, the cap, what is archived, merged, restored."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.model.errors import RetryableError
from connector.model.outbox import LANES
from connector.model.records import Window
from connector.sandbox.hubspot import add_contacts, search
from tests.hubspot import START, World, ids


def test_the_first_load_lists_every_contact_once() -> None:
    world = World()
    made = world.create(250)
    records, cursor = world.pull("contacts")
    assert ids(records) == sorted(made, key=int)
    assert records[0].values == {
        "city": None, "email": "p0@example.com", "firstname": None, "hs_email_optout": None, "lastname": None
    }  # fmt: skip
    assert world.http.calls[0].lane == LANES["backfill"]
    assert '"since"' in cursor


def test_a_quiet_pull_is_one_call_and_says_nothing() -> None:
    world = World()
    world.create(3)
    _, cursor = world.pull("contacts")
    for seconds in (1, 100, 100, 400, 3600):
        world.later(seconds)
        assert world.count(lambda: list(world.pages("contacts", cursor))) == 1
        assert list(world.pages("contacts", cursor)) == []


def test_what_changed_comes_by_search_and_nothing_else() -> None:
    world = World()
    made = world.create(5)
    _, cursor = world.pull("contacts")
    world.later()
    world.do("change", id=made[2], properties={"city": "Bonn"})
    world.later()
    records, cursor = world.pull("contacts", cursor)
    assert [(record.id, record.values["city"]) for record in records] == [(made[2], "Bonn")]
    assert world.http.calls[-1].rate == "search"
    world.later()
    assert world.pull("contacts", cursor)[0] == []


def test_a_first_load_that_breaks_off_goes_on_where_it_was() -> None:
    world = World()
    made = world.create(330)
    pages = world.pages("contacts")
    first = next(pages)
    rest, _ = world.pull("contacts", first.cursor)
    assert ids([*first.records, *rest]) == sorted(made, key=int)
    assert len(ids(rest)) == 230


def test_what_changes_while_the_list_is_read_is_not_missed() -> None:
    world = World()
    made = world.create(250)
    pages = world.pages("contacts")
    first = next(pages)
    assert made[0] in ids(first.records)
    world.later(120)
    world.do("change", id=made[0], properties={"city": "Bonn"})
    world.later(120)
    after = [record for page in pages for record in page.records if record.id == made[0]]
    assert [record.values["city"] for record in after] == ["Bonn"]


def test_more_with_one_time_than_a_search_gives_are_all_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "CAP", 400)
    world = World()
    found = add_contacts(world.portal, 1050, tied=1050, days=1)
    records, cursor = world.pull("contacts", '{"since":1}')
    assert ids(records) == [str(id) for id in found]
    assert len(world.http.calls) == 6
    assert world.pull("contacts", cursor)[0] == []


def test_a_search_that_breaks_off_within_a_tie_goes_on_with_the_next_id() -> None:
    world = World()
    found = add_contacts(world.portal, 450, tied=450, days=1)
    pages = world.pages("contacts", '{"since":1}')
    first = next(pages)
    rest, _ = world.pull("contacts", first.cursor)
    assert len(first.records) == 200
    assert ids([*first.records, *rest]) == [str(id) for id in found]


def test_a_change_that_the_index_learns_late_is_not_missed() -> None:
    world = World(lag=45.0)
    made = world.create(3)
    _, cursor = world.pull("contacts")
    world.later()
    _, cursor = world.pull("contacts", cursor)
    seen: list[str] = []
    world.do("change", id=made[0], properties={"city": "Bonn"})
    for _ in range(12):
        world.later(20)
        records, cursor = world.pull("contacts", cursor)
        seen += [record.id for record in records if record.values["city"] == "Bonn"]
    assert seen == [made[0]]


def test_a_server_that_heeds_no_filter_does_not_keep_us_for_ever() -> None:
    world = World()
    full = {"results": [{"id": str(n), "properties": {}, "updatedAt": "2026-11-02T09:00:00Z"} for n in range(1, 201)]}
    world.http.fails = [(200, full)] * 3
    with pytest.raises(RetryableError):
        list(world.pages("contacts", '{"since":1}'))


def test_half_an_answer_is_no_answer() -> None:
    world = World()
    world.http.fails = [(200, {"status": "error"})]
    with pytest.raises(RetryableError):
        list(world.pages("contacts"))


def test_a_window_holds_what_changed_in_it_and_can_be_resumed() -> None:
    world = World()
    early = world.create(3)
    world.later(3600)
    middle = world.create(230, start=3)
    world.later(3600)
    world.create(2, start=300)
    window = Window(START + timedelta(minutes=30), START + timedelta(minutes=90))
    records, cursor = world.pull("contacts", "", window)
    assert ids(records) == sorted(middle, key=int)
    assert not set(early) & set(ids(records))
    assert world.pull("contacts", cursor, window)[0] == []
    first = next(world.pages("contacts", "", window))
    rest, _ = world.pull("contacts", first.cursor, window)
    assert ids([*first.records, *rest]) == sorted(middle, key=int)
    assert {call.lane for call in world.http.calls} == {LANES["backfill"]}


def test_many_properties_are_read_apart_from_the_search() -> None:
    columns = frozenset({"email", *(f"a_property_with_a_rather_long_name_{n:03}" for n in range(100))})
    world = World(columns)
    made = world.create(120)
    records, cursor = world.pull("contacts")
    assert ids(records) == sorted(made, key=int)
    assert records[0].values["email"].endswith("@example.com")
    world.later()
    world.do("change", id=made[0], properties={"city": "Bonn"})
    world.later()
    records, _ = world.pull("contacts", cursor)
    assert [record.values["email"] for record in records] == ["p0@example.com"]


def test_the_company_of_a_contact_comes_with_it() -> None:
    world = World(frozenset({"email", "company.name", "company.numberofemployees"}))
    company = world.do("create", object="companies", properties={"name": "Nordlicht", "numberofemployees": "250"})["id"]
    with_one, without = world.create(2)
    world.do("change", id=with_one, properties={"associatedcompanyid": company})
    records = {record.id: record.values for record in world.pull("contacts")[0]}
    assert records[with_one] == {
        "email": "p0@example.com", "company.name": "Nordlicht", "company.numberofemployees": "250"
    }  # fmt: skip
    assert records[without]["company.name"] is None
    assert sum(call.path == "/crm/v3/objects/companies/batch/read" for call in world.http.calls) == 1


def test_a_merge_names_who_is_left_and_all_who_were_merged_before() -> None:
    world = World()
    one, two, three = world.create(3)
    _, cursor = world.pull("contacts")
    world.later()
    both = world.do("merge", id=one, loser=two)["id"]
    all = world.do("merge", id=three, loser=both)["id"]
    world.later()
    records, _ = world.pull("contacts", cursor)
    assert [(record.id, record.merged_into) for record in records] == [
        (all, ""), (three, all), (one, all), (two, all), (both, all)
    ]  # fmt: skip


def test_the_archived_are_told_once() -> None:
    world = World()
    made = world.create(4)
    _, cursor = world.pull("archived")
    world.do("archive", id=made[1])
    records, cursor = world.pull("archived", cursor)
    assert [(record.id, record.gone) for record in records] == [(made[1], True)]
    for _ in range(3):
        world.later(200)
        assert world.count(lambda: list(world.pages("archived", cursor))) == 1
        assert list(world.pages("archived", cursor)) == []
    world.do("archive", id=made[3])
    assert ids(world.pull("archived", cursor)[0]) == [made[3]]


def test_a_long_list_of_archived_is_walked_the_less_often() -> None:
    world = World()
    for id in world.create(250):
        world.do("archive", id=id)
    records, cursor = world.pull("archived")
    assert len(records) == 250
    world.later(60)
    assert world.count(lambda: list(world.pages("archived", cursor))) == 0
    world.later(120)
    assert world.count(lambda: list(world.pages("archived", cursor))) == 3
    assert world.pull("archived", cursor)[0] == []


def test_a_walk_of_the_archived_goes_on_where_it_broke_off() -> None:
    world = World()
    made = world.create(250)
    for id in made:
        world.do("archive", id=id)
    first = next(world.pages("archived"))
    rest, cursor = world.pull("archived", first.cursor)
    assert ids([*first.records, *rest]) == sorted(made, key=int)
    assert world.pull("archived", cursor)[0] == []


def test_a_portal_that_lost_all_contacts_says_so() -> None:
    world = World()
    for id in world.create(2):
        world.do("archive", id=id)
    pages = list(world.pages("archived"))
    assert [page.emptied for page in pages] == [False, True]
    assert list(world.pages("archived", pages[-1].cursor)) == []


def test_a_restored_contact_comes_back() -> None:
    world = World()
    (one,) = world.create(1)
    _, cursor = world.pull("contacts")
    world.do("archive", id=one)
    world.later()
    world.do("restore", id=one)
    world.later()
    assert ids(world.pull("contacts", cursor)[0]) == [one]


@pytest.mark.parametrize("stream", ["contacts", "archived", "email_events", "events", "form_submissions"])
def test_a_clock_of_ours_that_is_ahead_loses_nothing(stream: str) -> None:
    world = World(ahead=1800.0, streams=[stream])
    one, two, three = world.create(3)
    deeds = {
        "contacts": lambda id: world.do("change", id=id, properties={"city": "Bonn"}),
        "archived": lambda id: world.do("archive", id=id),
        "email_events": lambda id: world.do("email", id=id, type="OPEN"),
        "events": lambda id: world.do("visit", id=id),
        "form_submissions": lambda id: world.do("submit", id=id, form="Newsletter"),
    }
    _, cursor = world.pull(stream)
    told = []
    for id in (one, two, three):
        world.later(400)
        deeds[stream](id)
        world.later(400)
        records, cursor = world.pull(stream, cursor)
        told += [record.values.get("email") or record.values.get("contact") or record.id for record in records]
    expected = [f"p{number}@example.com" for number in range(3)]
    assert told == {"archived": [one, two, three], "events": [one, two, three]}.get(stream, expected)


def test_what_is_told_in_another_order_than_asked_for_is_not_believed() -> None:
    world = World()
    mixed = [{"id": str(n), "properties": {}, "updatedAt": "2026-11-02T09:00:00Z"} for n in (*range(2, 201), 1)]
    world.http.fails = [(200, {"results": mixed, "total": 300})]
    with pytest.raises(RetryableError):
        list(world.pages("contacts", '{"since":1}'))


def test_a_short_page_that_is_not_the_last_is_followed_by_the_next() -> None:
    world = World()
    made = world.create(150)
    short = [{"id": id, "properties": {}, "updatedAt": "2026-11-02T09:00:00Z"} for id in made[:100]]
    world.http.fails = [(200, {"results": short, "total": 150, "paging": {"next": {"after": "100"}}})]
    records, _ = world.pull("contacts", '{"since":1}')
    assert ids(records) == sorted(made, key=int)


def test_a_cursor_of_another_making_begins_anew() -> None:
    world = World()
    made = world.create(3)
    assert ids(world.pull("contacts", '{"page": 7}')[0]) == made


def test_a_very_long_list_of_archived_leaves_calls_to_others() -> None:
    world = World()
    for id in world.create(3):
        world.do("archive", id=id)
    now = int(START.timestamp() * 1000)
    cursor = f'{{"at": {now}, "since": {now}, "pages": 6000}}'
    for hours, calls in ((1, 0), (9, 0), (11, 2)):
        world.clock.stop(START)
        world.later(hours * 3600)
        assert world.count(lambda: list(world.pages("archived", cursor))) == calls
    world.clock.stop(START - timedelta(hours=1))
    assert world.count(lambda: list(world.pages("archived", cursor))) == 2


def companies(world: World) -> list[str]:
    first, second = (
        world.do("create", object="companies", properties={"name": name})["id"] for name in ("Nordlicht", "Suedwind")
    )
    for id, company in zip(world.create(3), (first, first, second), strict=True):
        world.do("change", id=id, properties={"associatedcompanyid": company})
    return [first, second]


def test_contacts_whose_company_changed_are_told_again() -> None:
    world = World(frozenset({"email", "company.name"}))
    first, _ = companies(world)
    _, cursor = world.pull("companies")
    world.later()
    assert world.count(lambda: list(world.pages("companies", cursor))) == 1
    assert list(world.pages("companies", cursor)) == []
    world.do("change", object="companies", id=first, properties={"name": "Nordlicht AG"})
    records, cursor = world.pull("companies", cursor)
    told = {record.values["email"]: record.values["company.name"] for record in records}
    assert told == {"p0@example.com": "Nordlicht AG", "p1@example.com": "Nordlicht AG"}
    assert world.pull("companies", cursor)[0] == []


def test_contacts_of_many_companies_go_on_where_they_broke_off() -> None:
    world = World(frozenset({"email", "company.name"}))
    _, cursor = world.pull("companies")
    world.later()
    firms = [
        world.do("create", object="companies", properties={"name": f"Firm {number}"})["id"] for number in range(130)
    ]
    made = world.create(520)
    for place, id in enumerate(made):
        world.do("change", id=id, properties={"associatedcompanyid": firms[place % 130]})
    found: list[str] = []
    for _ in range(20):
        page = next(world.pages("companies", cursor), None)
        if page is None:
            break
        found, cursor = found + ids(page.records), page.cursor
    assert sorted(found, key=int) == made
    assert {record.values["company.name"] for record in world.pull("companies")[0]} <= {f"Firm {n}" for n in range(130)}


def test_companies_are_asked_about_only_where_the_mapping_reads_them() -> None:
    assert "companies" not in World().source.capabilities.streams
    assert "companies" in World(frozenset({"email", "company.name"})).source.capabilities.streams
