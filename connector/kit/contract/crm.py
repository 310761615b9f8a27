"""What every CRM does. One method, one behaviour."""

from __future__ import annotations

import json
from typing import cast

import pytest

from connector.kit.contract.case import cases_of, no_sign_in, over_http, unless
from connector.kit.contract.clock import Clock
from connector.kit.contract.source import HARD_VALUES
from connector.model.adapter import Crm, CrmCapabilities, DeletingCrm, FindItem, WriteItem
from connector.model.errors import AuthError
from connector.model.outbox import Done, Found, NotExecuted, Outcome, Refused, Unknown


class CrmWorld:
    """A platform as the test moves it, under a clock of its own.

    What a platform's declarations rule out, its world need not be able to do.
    """

    clock: Clock

    def crm(self) -> Crm:
        """The adapter, made anew as a new process would."""
        raise AssertionError("every CRM has one")

    def declared(self) -> CrmCapabilities:
        """What it declares."""
        return self.crm().capabilities

    def close(self) -> None:
        """The case is over."""

    def refused_item(self) -> WriteItem:
        """An item that the platform refuses, whenever it is sent."""
        raise AssertionError("every CRM refuses something")

    def objects_with(self, object: str, our_key: str) -> int:
        """How many live objects of the platform carry our key."""
        return len(self.crm().find([FindItem(object, our_key)])[0].crm_ids)

    def lose_next_answer(self) -> None:
        """The next write is done, and its answer lost: where nothing else is said, nobody looks at it."""

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


def lead(key: str, crm_id: str = "", **values: str) -> WriteItem:
    return WriteItem("lead", key, values or {"name": "Ana"}, crm_id)


def done(outcome: Outcome) -> Done:
    assert isinstance(outcome, Done), outcome
    return outcome


def look(world: CrmWorld, object: str, key: str, crm_id: str = "", parent_id: str = "") -> Found:
    """A look-up once everything that was written can be seen."""
    capabilities = world.crm().capabilities
    world.clock.pass_by(capabilities.settle + capabilities.lag + 1)
    return world.crm().find([FindItem(object, key, crm_id, parent_id)])[0]


def deleted(world: CrmWorld, *items: FindItem) -> list[Outcome]:
    return cast(DeletingCrm, world.crm()).delete(items)


no_task = unless(
    lambda capabilities: f"objects = {json.dumps(capabilities.objects)}",
    lambda _, capabilities: "task" not in capabilities.objects,
)
no_deletion = unless("deletes = ()", lambda _, capabilities: not capabilities.deletes)


class CrmContract:
    """Each method is one case, in the world of one platform."""

    def __init__(self, world: CrmWorld) -> None:
        self.world = world

    def check_passes(self) -> None:
        self.world.crm().check()

    @no_sign_in
    def bad_credentials_are_an_auth_error_with_the_command(self) -> None:
        self.world.spoil_credentials()
        for call in (self.world.crm().check, lambda: self.world.crm().write([lead("k1")])):
            with pytest.raises(AuthError) as caught:
                call()
            assert caught.value.mend.startswith("baton auth ")
        assert self.world.objects_with("lead", "k1") == 0

    def a_create_gives_its_id_and_is_found(self) -> None:
        crm_id = done(self.world.crm().write([lead("k1")])[0]).crm_id
        assert crm_id
        found = look(self.world, "lead", "k1", crm_id)
        assert found.crm_ids == (crm_id,)
        assert found.values[0]["name"] == "Ana"

    @unless('find = "parent"', lambda _, capabilities: capabilities.find == "parent")
    def a_create_is_found_by_our_key(self) -> None:
        crm_id = done(self.world.crm().write([lead("k1")])[0]).crm_id
        assert look(self.world, "lead", "k1").crm_ids == (crm_id,)

    def what_was_never_written_is_not_found(self) -> None:
        assert look(self.world, "lead", "k-never", parent_id="1") == Found()

    @unless('unique_key = "none"', lambda _, capabilities: capabilities.unique_key == "none")
    def created_twice_with_one_key_is_one_object(self) -> None:
        first = self.world.crm().write([lead("k1")])[0]
        again = self.world.crm().write([lead("k1", name="Ana again")])[0]
        assert isinstance(again, Done) or (isinstance(again, Refused) and again.duplicate)
        if isinstance(again, Done):
            assert again.crm_id == done(first).crm_id
        assert self.world.objects_with("lead", "k1") == 1

    @unless('unique_key = "none"', lambda _, capabilities: capabilities.unique_key == "none")
    def one_key_twice_in_one_batch_is_one_object(self) -> None:
        self.world.crm().write([lead("k1", name="first"), lead("k1", name="second")])
        assert self.world.objects_with("lead", "k1") == 1

    def an_update_by_id_changes_its_fields_and_no_others(self) -> None:
        crm_id = done(self.world.crm().write([lead("k1", name="Ana", city="Bonn")])[0]).crm_id
        assert done(self.world.crm().write([lead("k1", crm_id, name="Anna")])[0]).crm_id == crm_id
        values = look(self.world, "lead", "k1", crm_id).values[0]
        assert (values["name"], values["city"]) == ("Anna", "Bonn")
        assert self.world.objects_with("lead", "k1") == 1

    def a_cleared_value_is_cleared(self) -> None:
        crm_id = done(self.world.crm().write([lead("k1", name="Ana", city="Bonn")])[0]).crm_id
        done(self.world.crm().write([lead("k1", crm_id, city="")])[0])
        assert look(self.world, "lead", "k1", crm_id).values[0].get("city") in ("", None)

    def what_is_gone_is_not_made_again(self) -> None:
        outcome = self.world.crm().write([lead("k-gone", "987654321")])[0]
        assert isinstance(outcome, Refused)
        assert not outcome.duplicate
        assert self.world.objects_with("lead", "k-gone") == 0

    @no_task
    def a_task_hangs_on_its_lead(self) -> None:
        lead_id = done(self.world.crm().write([lead("k1")])[0]).crm_id
        task = WriteItem("task", "h1:task:1", {"subject": "Call Ana"}, parent_id=lead_id)
        task_id = done(self.world.crm().write([task])[0]).crm_id
        assert look(self.world, "task", "h1:task:1", parent_id=lead_id).crm_ids == (task_id,)

    def outcomes_come_in_the_order_of_the_items(self) -> None:
        has_notes = "note" in self.world.crm().capabilities.objects
        parent = done(self.world.crm().write([lead("k0")])[0]).crm_id if has_notes else ""
        second = WriteItem("note", "n1", {"text": "a"}, parent_id=parent) if has_notes else lead("k4")
        items = [lead("k3"), second, lead("k1"), lead("k2")]
        outcomes = self.world.crm().write(items)
        found = [
            look(self.world, item.object, item.our_key, done(one).crm_id)
            for item, one in zip(items, outcomes, strict=True)
        ]
        assert [one.crm_ids for one in found] == [(done(outcome).crm_id,) for outcome in outcomes]

    @unless('batch = "all_or_nothing"', lambda _, capabilities: capabilities.batch == "all_or_nothing")
    def one_refused_item_leaves_the_others_done(self) -> None:
        outcomes = self.world.crm().write([lead("k1"), self.world.refused_item(), lead("k2")])
        assert [type(outcome) for outcome in outcomes] == [Done, Refused, Done]

    @unless('batch = "per_item"', lambda _, capabilities: capabilities.batch == "per_item")
    def one_refused_item_leaves_all_undone_and_says_so(self) -> None:
        outcomes = self.world.crm().write([lead("k1"), self.world.refused_item(), lead("k2")])
        assert [type(outcome) for outcome in outcomes] == [NotExecuted, Refused, NotExecuted]
        assert self.world.objects_with("lead", "k1") == self.world.objects_with("lead", "k2") == 0

    def a_poison_item_is_refused_each_time_with_a_reason(self) -> None:
        for _ in range(2):
            outcome = self.world.crm().write([self.world.refused_item()])[0]
            assert isinstance(outcome, Refused)
            assert outcome.reason
            assert outcome.code

    @no_sign_in
    def throttling_executes_nothing_and_says_how_long(self) -> None:
        self.world.throttle(17.0)
        outcome = self.world.crm().write([lead("k1")])[0]
        assert isinstance(outcome, NotExecuted)
        assert outcome.retry_after == 17.0
        assert self.world.objects_with("lead", "k1") == 0

    @no_sign_in
    def throttling_without_a_time_executes_nothing_too(self) -> None:
        self.world.throttle(None)
        outcome = self.world.crm().write([lead("k1")])[0]
        assert isinstance(outcome, NotExecuted)
        assert outcome.retry_after is None
        assert self.world.objects_with("lead", "k1") == 0

    @over_http
    def a_page_instead_of_an_answer_is_no_outcome(self) -> None:
        self._meets("html")

    @over_http
    def an_answer_of_another_shape_is_no_outcome(self) -> None:
        self._meets("wrong_json")

    def _meets(self, how: str) -> None:
        self.world.crm().check()
        self.world.garble(how)
        outcome = self.world.crm().write([lead("k1")])[0]
        assert isinstance(outcome, Unknown | NotExecuted), outcome
        assert self.world.objects_with("lead", "k1") == 0

    @unless("in_store = True", lambda _, capabilities: capabilities.in_store)
    def an_unknown_outcome_is_found_once_it_can_be_seen(self) -> None:
        lead_id = done(self.world.crm().write([lead("k1")])[0]).crm_id
        has_tasks = "task" in self.world.crm().capabilities.objects
        item = WriteItem("task", "h1:task:1", {"subject": "Call Ana"}, parent_id=lead_id) if has_tasks else lead("k2")
        self.world.lose_next_answer()
        assert all(isinstance(outcome, Unknown | Done) for outcome in self.world.crm().write([item]))
        found = look(self.world, item.object, item.our_key, parent_id=item.parent_id)
        assert found.reliable
        assert len(found.crm_ids) == 1

    def what_was_written_comes_back_as_it_was(self) -> None:
        crm_id = done(self.world.crm().write([lead("k1", **HARD_VALUES)])[0]).crm_id
        values = look(self.world, "lead", "k1", crm_id).values[0]
        trims = self.world.crm().capabilities.trims_text
        expected = {name: value.strip() if trims else value for name, value in HARD_VALUES.items()}
        assert {name: values[name] for name in HARD_VALUES} == expected

    def an_echo_tells_only_what_is_there(self) -> None:
        outcome = done(self.world.crm().write([lead("k1", name="Ana")])[0])
        values = look(self.world, "lead", "k1", outcome.crm_id).values[0]
        assert outcome.echo.items() <= values.items()

    def an_unknown_object_is_refused(self) -> None:
        assert isinstance(self.world.crm().write([WriteItem("spaceship", "s1", {"name": "x"})])[0], Refused)

    def nothing_to_write_is_no_fault(self) -> None:
        assert self.world.crm().write([]) == []
        assert self.world.crm().find([]) == []

    def fields_name_what_was_written(self) -> None:
        self.world.crm().write([lead("k1", name="Ana")])
        assert ("lead", "name") in {(info.object, info.name) for info in self.world.crm().fields()}

    @no_deletion
    def what_is_deleted_is_there_no_more(self) -> None:
        one, other = (done(self.world.crm().write([lead(key)])[0]).crm_id for key in ("k1", "k2"))
        outcomes = deleted(self.world, FindItem("lead", "k1", one))
        assert [done(outcome).crm_id for outcome in outcomes] == [one]
        assert look(self.world, "lead", "k1", one).crm_ids == ()
        assert look(self.world, "lead", "k2", other).crm_ids == (other,)

    @no_deletion
    def what_is_gone_already_is_no_fault_to_delete(self) -> None:
        crm_id = done(self.world.crm().write([lead("k1")])[0]).crm_id
        for _ in range(2):
            assert isinstance(deleted(self.world, FindItem("lead", "k1", crm_id))[0], Done)

    @no_deletion
    def what_is_not_declared_is_not_deleted(self) -> None:
        assert isinstance(deleted(self.world, FindItem("spaceship", "s1", "1"))[0], Refused)


CRM_CASES = cases_of(CrmContract)
