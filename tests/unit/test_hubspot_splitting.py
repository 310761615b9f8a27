"""The first load of HubSpot in parts: together they are the whole, each goes on where it broke off."""

from __future__ import annotations

import pytest

from connector.model.records import Split
from connector.sandbox.hubspot import add_contacts
from tests.hubspot import World, ids

DEEDS = {"email_events": "CLICK", "events": "e_visited_page"}


def parted(world: World, stream: str, parts: int = 4) -> Split:
    split = world.source.split(stream, parts)
    assert split is not None
    return split


def everything(world: World, stream: str, split: Split) -> list[list[str]]:
    return [ids(world.pull(stream, cursor)[0]) for cursor in split.cursors]


def searching(**settings: object) -> World:
    return World(contacts_by_search=True, **settings)  # type: ignore[arg-type]


def test_ranges_of_contacts_are_the_whole_and_share_nobody() -> None:
    world = searching()
    told = [str(id) for id in add_contacts(world.portal, 3300, tied=3300)]
    split = parted(world, "contacts")
    found = everything(world, "contacts", split)
    assert sorted((id for part in found for id in part), key=int) == told
    assert 4 <= len(found) <= 8
    assert max(len(part) for part in found) <= 3300 / 4 * 1.5


def test_ids_that_were_handed_out_in_leaps_are_shared_out_evenly() -> None:
    world = searching()
    told = list(add_contacts(world.portal, 1700))
    world.portal.reserve(5_000_000_000)
    told += add_contacts(world.portal, 1700, start=1700)
    split = parted(world, "contacts")
    found = everything(world, "contacts", split)
    assert sorted(int(id) for part in found for id in part) == told
    assert max(len(part) for part in found) <= 3400 / 4 * 2
    asked = [request for request in world.http.calls if (request.json or {}).get("limit") == 1]
    assert len(asked) <= 24


def test_a_range_goes_on_where_it_broke_off_and_tells_nothing_once_it_is_read() -> None:
    world = searching()
    add_contacts(world.portal, 3300)
    (cursor, *_) = parted(world, "contacts").cursors
    whole, end = world.pull("contacts", cursor)
    first = next(world.pages("contacts", cursor))
    rest, _ = world.pull("contacts", first.cursor)
    assert ids(first.records) + ids(rest) == ids(whole)
    assert world.pull("contacts", end) == ([], end)


def test_what_came_and_changed_while_the_parts_were_read_comes_after_them() -> None:
    world = searching()
    told = add_contacts(world.portal, 3300)
    split = parted(world, "contacts")
    world.do("change", id=str(told[0]), properties={"city": "Wismar"})
    (new,) = world.create()
    everything(world, "contacts", split)
    world.later()
    records, _ = world.pull("contacts", split.following)
    assert {str(told[0]), new} <= set(ids(records))
    assert len(records) < 20


def test_few_contacts_and_contacts_by_list_are_not_divided() -> None:
    few = searching()
    few.create(30)
    assert few.source.split("contacts", 4) is None
    many = World()
    add_contacts(many.portal, 3300)
    assert many.source.split("contacts", 4) is None
    assert many.source.split("form_submissions", 4) is None


@pytest.mark.parametrize("stream", ["email_events", "events"])
def test_windows_of_deeds_are_the_whole_and_share_nothing(stream: str) -> None:
    world = World(email_events=["SENT", "DELIVERED", "OPEN", "CLICK"])
    add_contacts(world.portal, 300, activities_each=10)
    whole, _ = world.pull(stream)
    found = everything(world, stream, parted(world, stream))
    together = [id for part in found for id in part]
    assert sorted(together) == sorted(one.id for one in whole)
    assert len(found) == 4
    assert all(found)


@pytest.mark.parametrize("stream", ["email_events", "events"])
def test_a_window_of_the_first_load_ends_and_what_comes_later_comes_after_it(stream: str) -> None:
    world = World()
    (first, *_) = add_contacts(world.portal, 300, activities_each=10)
    split = parted(world, stream)
    (*_, last) = split.cursors
    _, end = world.pull(stream, last)
    world.later()
    world.do("email" if stream == "email_events" else "visit", id=str(first), type=DEEDS[stream])
    world.later(1)
    assert world.pull(stream, end)[0] == []
    records, following = world.pull(stream, split.following)
    assert [record.values["at"][:19] for record in records] == ["2026-11-02T09:10:00"]
    assert world.pull(stream, following)[0] == []


@pytest.mark.parametrize("stream", ["email_events", "events"])
def test_a_window_goes_on_where_it_broke_off(stream: str) -> None:
    world = World(email_events=["SENT", "DELIVERED", "OPEN", "CLICK"])
    add_contacts(world.portal, 2000, activities_each=10)
    cursor = parted(world, stream, 2).cursors[0]
    whole, _ = world.pull(stream, cursor)
    pages = world.pages(stream, cursor)
    some = [next(pages), next(pages)]
    rest, _ = world.pull(stream, some[-1].cursor)
    together = {record.id for page in some for record in page.records} | {record.id for record in rest}
    assert together == {record.id for record in whole}


def test_the_names_of_emails_are_asked_for_once_for_all_windows() -> None:
    world = World()
    add_contacts(world.portal, 300, activities_each=10)
    everything(world, "email_events", parted(world, "email_events"))
    asked = [request.path for request in world.http.calls if "/campaigns/" in request.path]
    assert len(asked) == len(set(asked)) > 0


def test_the_first_load_leaves_the_account_to_what_is_urgent() -> None:
    world = searching()
    add_contacts(world.portal, 3300, activities_each=1)
    for stream in ("contacts", "email_events", "events"):
        split = parted(world, stream)
        world.http.calls.clear()
        everything(world, stream, split)
        assert {request.lane for request in world.http.calls} == {4}
        world.http.calls.clear()
        world.later()
        world.pull(stream, split.following)
        assert {request.lane for request in world.http.calls} == {3}
