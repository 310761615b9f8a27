"""What every CRM does that can be read back. One method, one behaviour."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import cast, get_args

import pytest

from connector.kit.contract.case import cases_of, no_sign_in, over_http, unless
from connector.kit.contract.crm import done, lead, look
from connector.kit.contract.readable import (
    ReadableWorld,
    Walked,
    has_no,
    ids,
    readable,
    sweepable,
    wait,
    walk,
    writes_no_task,
)
from connector.model.adapter import SweepableCrm, WriteItem
from connector.model.errors import AuthError, RetryableError
from connector.model.mirror import CrmPage, Mirrored
from connector.model.outbox import Done

#: Seconds. Deletions may be told later than changes: platforms have lists of them that are walked now and then.
DELETIONS = 2 * 3600.0


class ReadingBackContract:
    """Each method is one case, in the world of one platform."""

    def __init__(self, world: ReadableWorld) -> None:
        self.world = world

    @property
    def _person(self) -> str:
        """What our leads are among the CRM's records."""
        return self.world.declared().lead_is

    def _walk(self, before: Walked | None = None) -> Walked:
        """Over the people of our leads' kind."""
        return walk(self.world, before.cursors if before else None, self._person)

    @readable
    def every_stream_can_be_walked_and_tells_kinds_that_are_known(self) -> None:
        self.world.readable().write([lead("k1")])
        wait(self.world)
        crm = self.world.readable()
        for stream in crm.capabilities.streams:
            pages = list(crm.changes(stream, ""))
            assert {page.stream for page in pages} <= {stream}
            assert {record.object for page in pages for record in page.records} <= set(get_args(Mirrored))
            assert all(record.id for page in pages for record in page.records)

    @readable
    def what_was_written_is_told_with_its_id_our_key_and_values(self) -> None:
        crm_id = done(self.world.readable().write([lead("k1", name="Ana", city="Bonn")])[0]).crm_id
        wait(self.world)
        told = self._walk().last(crm_id)
        assert (told.object, told.our_key, told.gone) == (self._person, "k1", False)
        assert (told.values["name"], told.values["city"]) == ("Ana", "Bonn")
        assert told.modified_at is not None
        assert told.modified_at.utcoffset() is not None

    @readable
    def what_people_make_is_told_without_a_key(self) -> None:
        made = self.world.make(self._person, name="Ben", email="ben@example.com")
        wait(self.world)
        told = self._walk().last(made)
        assert (told.object, told.our_key, told.email) == (self._person, "", "ben@example.com")

    @unless("key_fields = {}", lambda _, capabilities: not capabilities.key_fields)
    @readable
    def a_stamp_makes_a_record_ours(self) -> None:
        made = self.world.make(self._person, name="Ben")
        self.world.clock.pass_by(1)
        stamp = {self.world.declared().key_fields["lead"]: "k7"}
        done(self.world.readable().write([WriteItem("lead", "k7", stamp, made)])[0])
        wait(self.world)
        assert self._walk().last(made).our_key == "k7"
        assert self.world.objects_with("lead", "k7") == 1

    @readable
    def a_walk_begun_again_tells_nothing_new(self) -> None:
        self.world.readable().write([lead("k1"), lead("k2")])
        wait(self.world)
        walked = walk(self.world)
        for _ in range(2):
            again = walk(self.world, walked.cursors)
            assert [record for record in again.records if record != walked.last(record.id)] == []
            walked.cursors = again.cursors

    @readable
    def where_nothing_happens_the_walks_fall_silent(self) -> None:
        self.world.readable().write([lead("k1"), lead("k2")])
        walked = walk(self.world)
        for _ in range(3):
            self.world.clock.pass_by(600)
            walked = walk(self.world, walked.cursors)
        assert walked.records == []

    @readable
    def a_change_is_told_once_the_lag_is_over(self) -> None:
        made = self.world.make(self._person, name="Ben", city="Bonn")
        wait(self.world)
        walked = self._walk()
        self.world.change(self._person, made, city="Ulm")
        wait(self.world)
        told = self._walk(walked).last(made)
        assert (told.values["name"], told.values["city"]) == ("Ben", "Ulm")

    @readable
    def a_change_in_the_moment_of_a_walk_is_not_lost(self) -> None:
        made = self.world.make(self._person, name="Ben", city="Bonn")
        self.world.clock.pass_by(self.world.declared().read_back_lag)
        walked = self._walk()
        self.world.clock.pass_by(0.1)
        self.world.change(self._person, made, city="Ulm")
        told = walked.records
        for _ in range(2):
            wait(self.world)
            walked = self._walk(walked)
            told += walked.records
        assert [record for record in told if record.id == made][-1].values["city"] == "Ulm"

    @readable
    def a_cleared_value_is_told_as_none(self) -> None:
        made = self.world.make(self._person, name="Ben", city="Bonn")
        wait(self.world)
        walked = self._walk()
        self.world.change(self._person, made, city="")
        wait(self.world)
        # A field that is left out was not asked for: nobody hears of it that it was cleared.
        assert self._walk(walked).last(made).values["city"] in ("", None)

    @readable
    def what_changes_during_a_walk_comes_again(self) -> None:
        made = self._more_than_two_pages()
        crm = self.world.readable()
        pages: list[CrmPage] = []
        for page in crm.changes(self._person, ""):
            if not pages:
                first = page.records[0].id
                self.world.clock.pass_by(2)
                self.world.change(self._person, first, city="Ulm")
            pages.append(page)
        assert ids(pages) == made
        wait(self.world)
        told = [*pages, *crm.changes(self._person, pages[-1].cursor)]
        assert [one for page in told for one in page.records if one.id == first][-1].values["city"] == "Ulm"

    @readable
    def resumed_after_any_page_the_union_is_the_whole(self) -> None:
        made = self._more_than_two_pages()
        whole = list(self.world.readable().changes(self._person, ""))
        assert len(whole) >= 3
        assert ids(whole) == made
        for count in range(1, len(whole)):
            rest = self.world.readable().changes(self._person, whole[count - 1].cursor)
            assert ids(whole[:count]) | ids(rest) == made

    @readable
    def the_cursor_moves_with_every_page(self) -> None:
        self._more_than_two_pages()
        cursors = ["", *(page.cursor for page in self.world.readable().changes(self._person, ""))]
        assert len(set(cursors)) == len(cursors)
        assert all(json.loads(json.dumps(cursor)) == cursor for cursor in cursors)

    @readable
    def a_cursor_that_nobody_knows_begins_anew(self) -> None:
        made = {self.world.make(self._person, name=f"Person {n}") for n in range(3)}
        wait(self.world)
        for cursor in ("no cursor of ours", '{"place": "of another platform"}'):
            assert ids(self.world.readable().changes(self._person, cursor)) >= made

    @sweepable
    def what_comes_into_sight_too_late_is_told_by_a_sweep(self) -> None:
        known = self.world.make(self._person, name="Ben")
        since = self.world.clock() - timedelta(days=1)
        unseen = self.world.make_unseen(self._person, name="Ana")
        self.world.change(self._person, known, name="Benedict")
        wait(self.world)
        walked = self._walk()
        self.world.let_go()
        assert unseen not in {record.id for record in self._walk(walked).records}
        told = {one.id: one for page in self._sweeper.sweep(self._person, "", since) for one in page.records}
        assert (told[unseen].values["name"], told[known].values["name"]) == ("Ana", "Benedict")

    @sweepable
    def a_sweep_begins_where_it_is_told_and_goes_on_from_any_page(self) -> None:
        before = self.world.make(self._person, name="Ben")
        self.world.clock.pass_by(3 * 86_400)
        since = self.world.clock() - timedelta(hours=1)
        made = self._more_than_two_pages()
        whole = list(self._sweeper.sweep(self._person, "", since))
        assert ids(whole) >= made
        assert before not in ids(whole)
        assert len({page.cursor for page in whole}) == len(whole)
        for count in range(1, len(whole)):
            rest = self._sweeper.sweep(self._person, whole[count - 1].cursor, since)
            assert ids(whole[:count]) | ids(rest) >= made

    @property
    def _sweeper(self) -> SweepableCrm:
        return cast(SweepableCrm, self.world.readable())

    def _more_than_two_pages(self) -> set[str]:
        made = {self.world.make(self._person, name=f"Person {n}") for n in range(2 * self.world.page_size + 3)}
        wait(self.world)
        return made

    @unless("reports_deletes = False", lambda _, capabilities: not capabilities.reports_deletes)
    @readable
    def a_deletion_is_told(self) -> None:
        crm_id = done(self.world.readable().write([lead("k1")])[0]).crm_id
        wait(self.world)
        walked = walk(self.world)
        self.world.remove_person(crm_id)
        self.world.clock.pass_by(DELETIONS)
        told = walk(self.world, walked.cursors).last(crm_id)
        assert (told.object, told.gone, told.merged_into) == (self._person, True, "")

    @unless("reports_deletes = True", lambda _, capabilities: capabilities.reports_deletes)
    @readable
    def a_deletion_that_is_not_reported_is_not_told(self) -> None:
        crm_id = done(self.world.readable().write([lead("k1")])[0]).crm_id
        wait(self.world)
        walked = walk(self.world)
        self.world.remove_person(crm_id)
        self.world.clock.pass_by(DELETIONS)
        assert not any(record.gone for record in walk(self.world, walked.cursors).records)

    @unless("reports_deletes = False", lambda _, capabilities: not capabilities.reports_deletes)
    @readable
    def a_merge_is_told_with_the_winner(self) -> None:
        loser, winner = (done(one).crm_id for one in self.world.readable().write([lead("k1"), lead("k2")]))
        wait(self.world)
        walked = walk(self.world)
        left = self.world.merge_people(loser, winner)
        self.world.clock.pass_by(DELETIONS)
        again = walk(self.world, walked.cursors)
        told = again.last(loser)
        assert (told.object, told.gone, told.merged_into) == (self._person, True, left)
        assert not any(record.gone for record in again.records if record.id == left)

    @unless("merge_redirect = False", lambda _, capabilities: not capabilities.merge_redirect)
    def who_was_merged_is_written_to_and_found_as_the_winner(self) -> None:
        loser, winner = (done(one).crm_id for one in self.world.readable().write([lead("k1"), lead("k2")]))
        self.world.clock.pass_by(1)
        left = self.world.merge_people(loser, winner)
        assert done(self.world.readable().write([lead("k1", loser, city="Ulm")])[0]).crm_id == left
        found = look(self.world, "lead", "k1", loser)
        assert found.crm_ids == (left,)
        assert found.values[0]["city"] == "Ulm"

    @has_no("user")
    def users_are_told_with_their_address_and_whether_they_work(self) -> None:
        here, left = self.world.add_user("here@example.com"), self.world.add_user("left@example.com")
        wait(self.world)
        walked = walk(self.world, only="user")
        assert {walked.last(id).active for id in (here, left)} == {True}
        self.world.clock.pass_by(1)
        self.world.deactivate(left)
        wait(self.world)
        again = walk(self.world, walked.cursors, "user").last(left)
        assert (again.object, again.email, again.active) == ("user", "left@example.com", False)
        assert (walked.last(here).email, walked.last(here).object) == ("here@example.com", "user")

    @writes_no_task
    @has_no("task")
    def a_task_that_was_done_is_told_with_its_person_and_our_key(self) -> None:
        crm = self.world.readable()
        lead_id = done(crm.write([lead("k1")])[0]).crm_id
        walked = walk(self.world, only="task")
        self.world.clock.pass_by(1)
        task = WriteItem("task", "h1:task:1", {"subject": "Call Ana"}, parent_id=lead_id)
        task_id = done(crm.write([task])[0]).crm_id
        self.world.finish(task_id)
        wait(self.world)
        told = walk(self.world, walked.cursors, "task").last(task_id)
        assert (told.object, told.person, told.our_key, told.is_open) == ("task", lead_id, "h1:task:1", False)

    @no_sign_in
    @readable
    def a_throttled_walk_says_how_long(self) -> None:
        for seconds in (17.0, None):
            self.world.throttle(seconds)
            with pytest.raises(RetryableError) as caught:
                list(self.world.readable().changes(self._person, ""))
            assert caught.value.retry_after == seconds
            self.world.clock.pass_by(60)

    @no_sign_in
    @readable
    def a_walk_that_breaks_off_goes_on_from_its_last_page(self) -> None:
        made = self._more_than_two_pages()
        self.world.readable().check()
        self.world.throttle(None, after=1)
        walked = self.world.readable().changes(self._person, "")
        pages = [next(walked)]
        with pytest.raises(RetryableError):
            pages += walked
        self.world.clock.pass_by(60)
        assert ids(pages) | ids(self.world.readable().changes(self._person, pages[-1].cursor)) == made

    @no_sign_in
    @readable
    def a_walk_that_is_refused_is_an_auth_error_with_the_command(self) -> None:
        self.world.spoil_credentials()
        with pytest.raises(AuthError) as caught:
            walk(self.world)
        assert caught.value.mend.startswith("baton auth ")

    @over_http
    @readable
    def a_walk_that_meets_a_page_instead_of_an_answer_is_retryable(self) -> None:
        self._meets("html")

    @over_http
    @readable
    def a_walk_that_meets_an_answer_of_another_shape_is_retryable(self) -> None:
        self._meets("wrong_json")

    def _meets(self, how: str) -> None:
        self.world.make(self._person, email="ana@firm.example")
        self.world.readable().check()
        self.world.garble(how)
        with pytest.raises(RetryableError):
            list(self.world.readable().changes(self._person, ""))

    @unless("writers = 1", lambda _, capabilities: capabilities.writers == 1)
    def as_many_batches_as_declared_are_written_side_by_side(self) -> None:
        from concurrent.futures import ThreadPoolExecutor

        crm = self.world.readable()
        batches = [[lead(f"k{batch}{n}") for n in range(3)] for batch in range(crm.capabilities.writers)]
        with ThreadPoolExecutor(len(batches)) as threads:
            outcomes = [one for found in threads.map(crm.write, batches) for one in found]
        assert {type(one) for one in outcomes} == {Done}
        assert len({done(one).crm_id for one in outcomes}) == len(outcomes)
        assert all(self.world.objects_with("lead", item.our_key) == 1 for batch in batches for item in batch)


READING_BACK_CASES = cases_of(ReadingBackContract)
