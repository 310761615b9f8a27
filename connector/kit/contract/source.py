"""What every marketing source does. One method, one behaviour."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from connector.kit.contract.case import cases_of, no_sign_in, over_http, unless
from connector.kit.contract.clock import START
from connector.model.adapter import Source
from connector.model.errors import AuthError, RetryableError
from connector.model.records import Page, Record, Window

STREAM = "contacts"
#: Values that are easily broken on their way. All are text: some platforms have nothing else.
HARD_VALUES = {
    "name": "山田 太郎",
    "reading": "ヤマダ タロウ",
    "note": 'two\nlines, a "quote", a comma; a semicolon\tand a tab',
    "formula": "=1+1",
    "number": "007",
    "accents": "Größe, œuvre, ﬀ, 😀",
    "spaces": "  kept  ",
}


class SourceWorld:
    """A platform as the test moves it. Records are text by name; `id` is among them.

    What a platform's declarations rule out, its world need not be able to do.
    """

    def source(self) -> Source:
        """The adapter, made anew as a new process would."""
        raise AssertionError("every source has one")

    def close(self) -> None:
        """The case is over."""

    def put(self, rows: Iterable[dict[str, str]]) -> None:
        """These records appear or change."""
        raise AssertionError("every source has records")

    def delete(self, id: str) -> None:
        """A record is deleted."""
        raise AssertionError("every source loses records")

    def empty(self) -> None:
        """All records are gone."""
        raise AssertionError("every source can be emptied")

    def now(self) -> datetime:
        """What the platform's clock shows."""
        raise AssertionError("sweeps = True")

    def hold_back(self, row: dict[str, str]) -> None:
        """A record is made, and nobody sees it. Time goes on, further than any overlap."""
        raise AssertionError("sweeps = True")

    def let_go(self) -> None:
        """What was held back comes into sight, with the time at which it was made."""
        raise AssertionError("sweeps = True")

    def merge(self, loser: str, winner: str) -> str:
        """A record is merged into another one; returns which is left: the winner, or a new one of both."""
        raise AssertionError("reports_merges = True")

    def spoil_credentials(self) -> None:
        """From now on the platform refuses us."""
        raise AssertionError("signs_in = True")

    def throttle(self, retry_after: float | None, after: int = 0) -> None:
        """One call, after `after` good ones, meets 429."""
        raise AssertionError("signs_in = True")

    def garble(self, how: str) -> None:
        """Calls are answered 200 and not executed: by a page (`html`, as often as one is made again), or once by JSON
        of another shape (`wrong_json`).
        """
        raise AssertionError("api = ...")


def people(count: int, start: int = 0) -> list[dict[str, str]]:
    return [{"id": f"p{n}", "email": f"p{n}@example.com", "city": "Köln"} for n in range(start, start + count)]


def pulled(source: Source, cursor: str = "", window: Window | None = None) -> Iterator[Page]:
    """Pages of all streams that tell of people, under one cursor."""
    capabilities = source.capabilities
    streams = [stream for stream in capabilities.streams if stream in capabilities.contact_streams]
    cursors = json.loads(cursor) if cursor else {}
    for stream in streams:
        for page in source.pull(stream, cursors.get(stream, ""), window):
            cursors[stream] = page.cursor
            yield replace(page, cursor=json.dumps(cursors))


def read(source: Source, cursor: str = "", window: Window | None = None) -> tuple[list[Page], str]:
    pages = list(pulled(source, cursor, window))
    return pages, pages[-1].cursor if pages else cursor


def ids(pages: Iterable[Page]) -> list[str]:
    return [record.id for page in pages for record in page.records]


def by_id(pages: Iterable[Page]) -> dict[str, Record]:
    return {record.id: record for page in pages for record in page.records}


def text(values: Any) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


class SourceContract:
    """Each method is one case, in the world of one platform."""

    def __init__(self, world: SourceWorld) -> None:
        self.world = world

    def check_passes(self) -> None:
        self.world.put(people(1))
        self.world.source().check()

    @no_sign_in
    def bad_credentials_are_an_auth_error_with_the_command(self) -> None:
        self.world.put(people(1))
        self.world.spoil_credentials()
        with pytest.raises(AuthError) as caught:
            self.world.source().check()
        assert caught.value.mend.startswith("baton auth ")
        with pytest.raises(AuthError):
            list(self.world.source().pull(STREAM, ""))

    def first_load_gives_every_record_once(self) -> None:
        self.world.put(people(7))
        pages, _ = read(self.world.source())
        assert sorted(ids(pages)) == sorted(f"p{n}" for n in range(7))
        assert not any(page.rejected for page in pages)

    def nothing_changed_yields_nothing(self) -> None:
        self.world.put(people(7))
        _, cursor = read(self.world.source())
        assert read(self.world.source(), cursor)[0] == []

    def a_change_is_read_and_others_need_not_be(self) -> None:
        self.world.put(people(7))
        _, cursor = read(self.world.source())
        self.world.put([{"id": "p3", "email": "new@example.com", "city": "Bonn"}])
        pages, cursor = read(self.world.source(), cursor)
        assert text(by_id(pages)["p3"].values)["email"] == "new@example.com"
        assert read(self.world.source(), cursor)[0] == []

    def a_new_record_is_read(self) -> None:
        self.world.put(people(7))
        _, cursor = read(self.world.source())
        self.world.put(people(1, start=7))
        assert "p7" in ids(read(self.world.source(), cursor)[0])

    def a_cleared_value_is_there_and_blank(self) -> None:
        self.world.put(people(3))
        _, cursor = read(self.world.source())
        self.world.put([{"id": "p1", "email": "p1@example.com", "city": ""}])
        record = by_id(read(self.world.source(), cursor)[0])["p1"]
        assert "city" in record.values
        assert record.values["city"] in ("", None)

    @unless("reports_deletes = False", lambda _, capabilities: not capabilities.reports_deletes)
    def a_deletion_is_reported(self) -> None:
        self.world.put(people(3))
        _, cursor = read(self.world.source())
        self.world.delete("p1")
        assert by_id(read(self.world.source(), cursor)[0])["p1"].gone

    @unless("reports_deletes = True", lambda _, capabilities: capabilities.reports_deletes)
    def a_deletion_that_is_not_reported_makes_no_record(self) -> None:
        self.world.put(people(3))
        _, cursor = read(self.world.source())
        self.world.delete("p1")
        assert "p1" not in ids(read(self.world.source(), cursor)[0])

    @unless("reports_merges = False", lambda _, capabilities: not capabilities.reports_merges)
    def a_merge_names_the_winner(self) -> None:
        self.world.put(people(3))
        _, cursor = read(self.world.source())
        left = self.world.merge("p1", "p2")
        assert by_id(read(self.world.source(), cursor)[0])["p1"].merged_into == left

    @no_sign_in
    def throttling_says_how_long(self) -> None:
        self.world.put(people(1))
        self.world.throttle(17.0)
        with pytest.raises(RetryableError) as caught:
            list(self.world.source().pull(STREAM, ""))
        assert caught.value.retry_after == 17.0

    @no_sign_in
    def throttling_without_a_time_is_retryable_too(self) -> None:
        self.world.put(people(1))
        self.world.throttle(None)
        with pytest.raises(RetryableError) as caught:
            list(self.world.source().pull(STREAM, ""))
        assert caught.value.retry_after is None

    @over_http
    def a_page_instead_of_an_answer_is_retryable(self) -> None:
        self._meets("html")

    @over_http
    def an_answer_of_another_shape_is_retryable(self) -> None:
        self._meets("wrong_json")

    def _meets(self, how: str) -> None:
        self.world.put(people(1))
        self.world.source().check()
        self.world.garble(how)
        with pytest.raises(RetryableError):
            read(self.world.source())

    @no_sign_in
    def what_breaks_off_goes_on_from_the_last_page(self) -> None:
        size = self.world.source().capabilities.page_size
        self.world.put(people(size * 2 + 3))
        self.world.throttle(None, after=1)
        pages = pulled(self.world.source())
        seen = [next(pages)]
        with pytest.raises(RetryableError):
            next(pages)
        rest, _ = read(self.world.source(), seen[-1].cursor)
        assert len(ids([*seen, *rest])) == size * 2 + 3

    def resumed_after_any_page_the_union_is_the_whole(self) -> None:
        size = self.world.source().capabilities.page_size
        self.world.put(people(size * 2 + 3))
        whole, _ = read(self.world.source())
        assert len(whole) >= 3
        for count in range(1, len(whole)):
            rest, _ = read(self.world.source(), whole[count - 1].cursor)
            assert sorted(ids(whole[:count]) + ids(rest)) == sorted(ids(whole))

    def ties_past_the_page_are_all_read(self) -> None:
        size = self.world.source().capabilities.page_size
        self.world.put(people(size * 2))
        pages, cursor = read(self.world.source())
        assert len(set(ids(pages))) == size * 2
        assert [page for page in read(self.world.source(), cursor)[0] if page.records] == []

    def who_vanishes_between_two_pages_costs_nobody_else(self) -> None:
        size = self.world.source().capabilities.page_size
        self.world.put(people(size * 2 + 3))
        pages = pulled(self.world.source())
        seen = [next(pages)]
        gone = [seen[0].records[place].id for place in (0, len(seen[0].records) // 2)]
        for id in gone:
            self.world.delete(id)
        cursor = seen[0].cursor
        seen += read(self.world.source(), cursor)[0]
        assert {*ids(seen)} == {f"p{n}" for n in range(size * 2 + 3)}

    def what_changes_between_two_pages_is_read_then_or_by_the_next_walk(self) -> None:
        size = self.world.source().capabilities.page_size
        self.world.put(people(size * 2 + 3))
        pages = pulled(self.world.source())
        seen = [next(pages)]
        rest = {f"p{n}" for n in range(size * 2 + 3)} - {*ids(seen)}
        changed = [seen[0].records[0].id, min(rest)]
        self.world.put([{"id": id, "email": f"{id}@example.com", "city": "Ulm"} for id in changed])
        again, cursor = read(self.world.source(), seen[0].cursor)
        later, _ = read(self.world.source(), cursor)
        told = by_id([*seen, *again, *later])
        assert told.keys() == {f"p{n}" for n in range(size * 2 + 3)}
        assert [text(told[id].values)["city"] for id in changed] == ["Ulm", "Ulm"]

    def a_cursor_that_nobody_knows_begins_anew(self) -> None:
        self.world.put(people(3))
        for cursor in ("no cursor of ours", '{"place": "of another platform"}'):
            found = [record.id for page in self.world.source().pull(STREAM, cursor) for record in page.records]
            assert sorted(found) == ["p0", "p1", "p2"]

    @unless("sweeps = False", lambda _, capabilities: not capabilities.sweeps)
    def what_comes_into_sight_too_late_is_in_the_window_of_its_time(self) -> None:
        self.world.put(people(3))
        _, cursor = read(self.world.source())
        begin = self.world.now()
        self.world.hold_back({"id": "p9", "email": "p9@example.com"})
        self.world.put(people(2, start=3))
        _, cursor = read(self.world.source(), cursor)
        self.world.let_go()
        assert "p9" not in ids(read(self.world.source(), cursor)[0])
        window = Window(begin - timedelta(days=1), self.world.now() + timedelta(seconds=1))
        assert "p9" in ids(read(self.world.source(), "", window)[0])

    def no_page_is_larger_than_declared(self) -> None:
        size = self.world.source().capabilities.page_size
        self.world.put(people(size + 1))
        assert all(len(page.records) <= size for page in read(self.world.source())[0])

    def the_cursor_moves_with_every_page(self) -> None:
        size = self.world.source().capabilities.page_size
        self.world.put(people(size * 2 + 1))
        cursors = ["", *(page.cursor for page in read(self.world.source())[0])]
        assert len(set(cursors)) == len(cursors)

    def values_come_as_they_are(self) -> None:
        self.world.put([{"id": "p1", **HARD_VALUES}])
        record = by_id(read(self.world.source())[0])["p1"]
        assert {name: record.values[name] for name in HARD_VALUES} == HARD_VALUES
        assert record.where

    def an_emptied_source_is_told_once(self) -> None:
        self.world.put(people(3))
        _, cursor = read(self.world.source())
        self.world.empty()
        pages, cursor = read(self.world.source(), cursor)
        assert [page.emptied for page in pages if page.emptied] == [True]
        assert ids(page for page in pages if page.emptied) == []
        assert read(self.world.source(), cursor)[0] == []

    @unless("windows = False", lambda _, capabilities: not capabilities.windows)
    def a_window_gives_what_lies_in_it(self) -> None:
        self.world.put([{**row, "changed": (START + timedelta(days=n)).isoformat()} for n, row in enumerate(people(5))])
        window = Window(START + timedelta(days=1), START + timedelta(days=3))
        pages, _ = read(self.world.source(), "", window)
        assert sorted(ids(pages)) == ["p1", "p2"]

    @unless("fill_rates = False", lambda _, capabilities: not capabilities.fill_rates)
    def fields_tell_their_fill(self) -> None:
        self.world.put(
            [{"id": "p1", "email": "a@example.com", "city": ""}, {"id": "p2", "email": "b@example.com", "city": "Bonn"}]
        )
        fields = {info.name: info.fill for info in self.world.source().fields() if info.object == STREAM}
        assert fields["email"] == 1.0
        assert fields["city"] == 0.5


SOURCE_CASES = cases_of(SourceContract)
