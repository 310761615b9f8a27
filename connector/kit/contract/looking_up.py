"""What every CRM does in which people can be looked up. One method, one behaviour."""

from __future__ import annotations

import pytest

from connector.kit.contract.case import cases_of, no_sign_in, unless
from connector.kit.contract.crm import done, lead
from connector.kit.contract.readable import ReadableWorld, has_no, wait
from connector.model.errors import AuthError, RetryableError
from connector.model.mirror import CrmRecord, Wanted

can_look_up = unless("look_up_batch = 0", lambda _, capabilities: not capabilities.look_up_batch)


class LookingUpContract:
    """Each method is one case, in the world of one platform."""

    def __init__(self, world: ReadableWorld) -> None:
        self.world = world

    @property
    def _person(self) -> str:
        """What our leads are among the CRM's records."""
        return self.world.declared().lead_is

    def _look(self, *people: Wanted) -> list[CrmRecord]:
        return self.world.readable().look_up(people)

    @can_look_up
    def someone_is_found_by_address_whatever_its_case(self) -> None:
        ana = self.world.make(self._person, name="Diaz", email="Ana.Diaz@Example.com")
        self.world.make(self._person, name="Eva", email="eva@example.com")
        found = self._look(Wanted(email="ana.diaz@example.com"))
        assert [(one.object, one.id, one.email.lower()) for one in found] == [
            (self._person, ana, "ana.diaz@example.com")
        ]

    @can_look_up
    def a_look_up_tells_our_key_and_the_values(self) -> None:
        ana = done(self.world.readable().write([lead("k1", name="Diaz", city="Bonn")])[0]).crm_id
        self.world.change(self._person, ana, email="ana@example.com")
        found = self._look(Wanted(email="ana@example.com"))
        assert [(one.id, one.our_key, one.values["city"], one.is_open) for one in found] == [(ana, "k1", "Bonn", True)]

    @can_look_up
    def a_look_up_by_address_sees_what_was_just_changed(self) -> None:
        ana = self.world.make(self._person, name="Diaz", email="ana@example.com")
        self.world.change(self._person, ana, email="ana@example.org")
        assert self._look(Wanted(email="ana@example.com")) == []
        assert [one.id for one in self._look(Wanted(email="ana@example.org"))] == [ana]

    @can_look_up
    def someone_is_found_by_number(self) -> None:
        ana = self.world.make(self._person, name="Diaz", phone="+4930901820")
        self.world.make(self._person, name="Eva", phone="+4930901999")
        wait(self.world)
        assert [one.id for one in self._look(Wanted(phone="+4930901820"))] == [ana]

    @can_look_up
    def nobody_wanted_is_nobody_found(self) -> None:
        self.world.make(self._person, name="Diaz")
        wait(self.world)
        assert self._look() == []
        assert self._look(Wanted()) == []
        assert self._look(Wanted("nobody@example.com", "+4930901821")) == []

    @can_look_up
    def who_was_deleted_is_not_found(self) -> None:
        ana = self.world.make(self._person, name="Diaz", email="ana@example.com")
        self.world.clock.pass_by(1)
        self.world.remove_person(ana)
        assert self._look(Wanted(email="ana@example.com")) == []

    @has_no("account")
    @can_look_up
    def a_contact_comes_with_its_account(self) -> None:
        firm = self.world.make("account", name="Castings")
        ana = self.world.make("contact", name="Diaz", email="ana@example.com", account=firm)
        found = {one.id: one for one in self._look(Wanted(email="ana@example.com"))}
        assert {id: one.object for id, one in found.items()} == {ana: "contact", firm: "account"}
        assert (found[ana].account, found[firm].name) == (firm, "Castings")

    @can_look_up
    def as_many_as_declared_are_found_by_no_more_calls_than_one(self) -> None:
        many = [f"p{n}@example.com" for n in range(self.world.declared().look_up_batch)]
        made = {self.world.make(self._person, name="One", email=email) for email in (many[0], many[-1])}
        costs = []
        # The first one signs in.
        for emails in (many[:1], many[:1], many):
            before = self.world.calls()
            found = self._look(*(Wanted(email=email) for email in emails))
            costs.append(self.world.calls() - before)
        assert {one.id for one in found} == made
        assert costs[1] == costs[2]

    @no_sign_in
    @can_look_up
    def a_throttled_look_up_says_how_long(self) -> None:
        for seconds in (17.0, None):
            self.world.throttle(seconds)
            with pytest.raises(RetryableError) as caught:
                self._look(Wanted(email="ana@example.com"))
            assert caught.value.retry_after == seconds
            self.world.clock.pass_by(60)

    @no_sign_in
    @can_look_up
    def a_look_up_that_is_refused_is_an_auth_error_with_the_command(self) -> None:
        self.world.spoil_credentials()
        with pytest.raises(AuthError) as caught:
            self._look(Wanted(email="ana@example.com"))
        assert caught.value.mend.startswith("baton auth ")


LOOKING_UP_CASES = cases_of(LookingUpContract)
