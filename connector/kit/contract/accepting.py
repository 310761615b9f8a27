"""What every CRM does that says what it accepts, what it needs first, and what differs by object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connector.kit.contract.case import cases_of, unless
from connector.kit.contract.crm import done, lead, look, no_task
from connector.kit.contract.readable import ReadableWorld, has_no, wait
from connector.model.adapter import CrmCapabilities, FieldInfo, FindItem, Preparable, WriteItem
from connector.model.outbox import Found, Refused


class AcceptingWorld(ReadableWorld):
    """A platform that an admin changes."""

    def set_choices(self, field: str, choices: list[str]) -> None:
        """An admin gives a field of leads these choices."""
        raise AssertionError("vocabulary = True")

    def lack(self) -> None:
        """Before anything else: the platform has not been given what `setup` speaks of."""
        raise AssertionError("setup is there")


told = unless("vocabulary = False", lambda _, capabilities: not capabilities.vocabulary)
names_fields = unless("field_codes = {}", lambda _, capabilities: not capabilities.field_codes)
prepares = unless("setup = None", lambda adapter, _: not hasattr(adapter.crm, "setup"))


def of_task(name: str) -> Callable[[CrmCapabilities], str]:
    """The declaration of tasks that rules a case out."""
    return lambda capabilities: f'task: {name} = "{getattr(capabilities.of("task"), name)}"'


class AcceptingContract:
    """Each method is one case, in the world of one platform."""

    def __init__(self, world: AcceptingWorld) -> None:
        self.world = world

    def _fields(self) -> dict[str, FieldInfo]:
        return {info.name: info for info in self.world.crm().fields() if info.object == "lead"}

    def _choice(self) -> FieldInfo:
        """The first field of leads that takes some values only."""
        fields = sorted(self._fields().values(), key=lambda info: info.name)
        return next(one for one in fields if one.kind == "choice" and one.restricted and one.writable)

    def _refusal(self, item: WriteItem) -> Refused:
        outcome = self.world.crm().write([item])[0]
        assert isinstance(outcome, Refused), outcome
        return outcome

    @told
    def a_value_among_the_choices_is_taken(self) -> None:
        info = self._choice()
        assert info.choices
        items = [lead(f"k{place}", name="Ana", **{info.name: one}) for place, one in enumerate(info.choices)]
        for item, outcome in zip(items, self.world.crm().write(items), strict=True):
            assert done(outcome).crm_id, item

    @names_fields
    @told
    def a_value_that_is_no_choice_is_refused_by_its_field_alone(self) -> None:
        name = self._choice().name
        refused = self._refusal(lead("k1", name="Ana", **{name: "no such choice"}))
        assert refused.field == name
        assert refused.code in self.world.declared().field_codes
        done(self.world.crm().write([lead("k1", name="Ana")])[0])

    @names_fields
    @told
    def a_field_that_is_not_there_is_refused_by_name(self) -> None:
        assert "No_such_field__c" not in self._fields()
        refused = self._refusal(lead("k1", name="Ana", No_such_field__c="x"))
        assert refused.field == "No_such_field__c"
        assert refused.code in self.world.declared().field_codes

    @names_fields
    @told
    def a_field_that_is_not_for_us_to_write_is_refused_by_name(self) -> None:
        fields = self._fields().values()
        name = next(one.name for one in fields if not one.writable and one.kind == "datetime")
        refused = self._refusal(lead("k1", name="Ana", **{name: "2026-11-20T08:00:00Z"}))
        assert refused.field == name
        assert refused.code in self.world.declared().field_codes

    @told
    def what_is_required_is_said_and_nothing_else_is(self) -> None:
        required = [info.name for info in self._fields().values() if info.required]
        done(self.world.crm().write([lead("k1", **dict.fromkeys(["name", *required], "Ana"))])[0])
        for place, name in enumerate(required):
            refused = self._refusal(lead(f"without {place}", **{"name": "Ana", name: ""}))
            assert refused.field == name

    @told
    def choices_are_told_as_an_admin_has_changed_them(self) -> None:
        info = self._choice()
        kept = [*info.choices[:1], "brand new"]
        self.world.set_choices(info.name, kept)
        assert list(self._fields()[info.name].choices) == kept
        done(self.world.crm().write([lead("k1", name="Ana", **{info.name: "brand new"})])[0])

    @has_no("user")
    @told
    def an_owner_is_named_by_address_and_sent_by_id(self) -> None:
        here, left = self.world.add_user("here@example.com"), self.world.add_user("left@example.com")
        self.world.clock.pass_by(1)
        self.world.deactivate(left)
        owner = next(info for info in self._fields().values() if info.kind == "owner")
        assert owner.ids["here@example.com"] == here
        assert "here@example.com" in owner.choices
        assert not {"left@example.com", left} & {*owner.choices, *owner.ids, *owner.ids.values()}
        crm_id = done(self.world.crm().write([lead("k1", name="Ana", **{owner.name: here})])[0]).crm_id
        wait(self.world)
        changes = self.world.readable().changes(self.world.declared().lead_is, "")
        assert [one.owner for page in changes for one in page.records if one.id == crm_id] == [here]

    @unless("key_fields = {}", lambda _, capabilities: not capabilities.key_fields)
    @told
    def the_field_of_our_key_is_unique_and_ours_to_write(self) -> None:
        fields = {(info.object, info.name): info for info in self.world.crm().fields()}
        for object, name in self.world.declared().key_fields.items():
            assert fields[object, name].unique, (object, name)
            assert fields[object, name].writable, (object, name)

    @prepares
    def setup_says_what_is_missing_and_how_it_is_got(self) -> None:
        self.world.lack()
        steps = self._steps()
        missing = [step for step in steps if not step.there]
        assert missing
        assert all(step.what for step in steps)
        assert all(step.act is not None or step.by_hand for step in missing)
        assert [(step.what, step.there) for step in self._steps()] == [(step.what, step.there) for step in steps]

    @prepares
    def what_setup_makes_is_there_however_often_it_is_made(self) -> None:
        self.world.lack()
        acts = [step for step in self._steps() if step.act is not None and not step.there]
        for step in [*acts, *acts]:
            assert step.act is not None
            step.act()
        missing = {step.what for step in self._steps() if not step.there}
        assert not missing & {step.what for step in acts}

    @prepares
    def setup_of_what_is_ready_asks_for_nothing(self) -> None:
        steps = self._steps()
        assert steps
        assert [step.what for step in steps if not step.there] == []

    def _steps(self) -> Any:
        role: Preparable = self.world.crm()  # type: ignore[assignment]
        return role.setup()

    @unless(of_task("unique_key"), lambda _, capabilities: capabilities.of("task").unique_key == "none")
    @no_task
    def a_task_sent_twice_is_one_task(self) -> None:
        self._task_twice()
        assert self.world.objects_with("task", "h1:task:1") == 1

    @unless(of_task("unique_key"), lambda _, told: told.of("task").unique_key != "none")
    @no_task
    def a_task_sent_twice_is_two_and_both_are_found(self) -> None:
        lead_id, task_ids = self._task_twice()
        found = look(self.world, "task", "h1:task:1", parent_id=lead_id)
        assert found.crm_ids == task_ids

    def _task_twice(self) -> tuple[str, tuple[str, ...]]:
        lead_id = done(self.world.crm().write([lead("k1")])[0]).crm_id
        task = WriteItem("task", "h1:task:1", {"subject": "Call Ana"}, parent_id=lead_id)
        made = []
        for _ in range(2):
            outcome = self.world.crm().write([task])[0]
            made += [outcome] if not (isinstance(outcome, Refused) and outcome.duplicate) else []
            self.world.clock.pass_by(1)
        return lead_id, tuple(done(one).crm_id for one in made)

    @unless(of_task("find"), lambda _, capabilities: capabilities.of("task").find == "parent")
    @no_task
    def a_task_is_found_by_our_key_alone(self) -> None:
        task_id = self._task()
        assert look(self.world, "task", "h1:task:1").crm_ids == (task_id,)

    @unless(of_task("find"), lambda _, capabilities: capabilities.of("task").find != "parent")
    @no_task
    def where_a_task_is_found_by_its_parent_no_parent_is_no_answer(self) -> None:
        self._task()
        assert look(self.world, "task", "h1:task:1") == Found(reliable=False)

    def _task(self) -> str:
        lead_id = done(self.world.crm().write([lead("k1")])[0]).crm_id
        task = WriteItem("task", "h1:task:1", {"subject": "Call Ana"}, parent_id=lead_id)
        return done(self.world.crm().write([task])[0]).crm_id

    @has_no("contact")
    @no_task
    def a_task_hangs_on_a_contact_too(self) -> None:
        ben = self.world.make("contact", name="Ben")
        task = WriteItem("task", "h1:task:1", {"subject": "Call Ben"}, parent_id=ben, parent_object="contact")
        task_id = done(self.world.crm().write([task])[0]).crm_id
        wait(self.world)
        asked = FindItem("task", "h1:task:1", parent_id=ben, parent_object="contact")
        assert self.world.crm().find([asked])[0].crm_ids == (task_id,)


ACCEPTING_CASES = cases_of(AcceptingContract)
