"""Blocking keys, and who waits for theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from connector.model.lead import Lead
from connector.model.ports import Store

AddLeads = Callable[..., list[Lead]]
#: The largest key there is.
LARGE = 2**63 - 1


def test_a_new_lead_waits_until_its_keys_are_put(store: Store, add_leads: AddLeads) -> None:
    one, two, three = (lead.id for lead in add_leads(3))
    with store.write() as tx:
        assert tx.keys.waiting(2) == [one, two]
        tx.keys.put({two: [1, 2], three: []})
        assert (tx.keys.waiting(9), tx.keys.count_waiting()) == ([one], 1)
        assert tx.keys.among([two, one, 99]) == {one}
        tx.keys.wait([three, one, three])
        assert tx.keys.waiting(9) == [one, three]
        assert tx.keys.among([]) == set()


def test_leads_are_found_by_any_of_their_keys(store: Store, add_leads: AddLeads) -> None:
    one, two, three = (lead.id for lead in add_leads(3))
    with store.write() as tx:
        tx.keys.put({one: [5, LARGE, LARGE], two: {LARGE}, three: [7]})
    with store.read() as tx:
        assert tx.keys.candidates([LARGE, 5, 6], 9) == {LARGE: [one, two], 5: [one]}
        assert tx.keys.candidates([], 9) == {}


def test_a_key_of_too_many_gives_none(store: Store, add_leads: AddLeads) -> None:
    ids = [lead.id for lead in add_leads(4)]
    with store.write() as tx:
        tx.keys.put({lead_id: [1, 10 + lead_id] for lead_id in ids})
        assert tx.keys.candidates([1], 4) == {1: ids}
        assert tx.keys.candidates([1, 10 + ids[0]], 3) == {10 + ids[0]: [ids[0]]}


def test_keys_that_are_put_take_the_place_of_earlier_ones(store: Store, add_leads: AddLeads) -> None:
    one, two = (lead.id for lead in add_leads(2))
    with store.write() as tx:
        tx.keys.put({one: [1, 2], two: [2]})
        tx.keys.put({one: [3]})
        assert tx.keys.candidates([1, 2, 3], 9) == {2: [two], 3: [one]}


def test_who_was_merged_has_no_keys_and_waits_no_more(store: Store, now: datetime, add_leads: AddLeads) -> None:
    loser, winner, other = (lead.id for lead in add_leads(3))
    with store.write() as tx:
        tx.keys.put({loser: [1], winner: [1]})
        tx.keys.wait([loser])
        tx.intake.merge(loser, winner, now)
        assert tx.keys.candidates([1], 9) == {1: [winner]}
        assert tx.keys.waiting(9) == [other]


def test_what_is_rolled_back_waits(store: Store, add_leads: AddLeads) -> None:
    (lead,) = add_leads(1)

    def stopped() -> None:
        with store.write() as tx:
            tx.keys.put({lead.id: [1]})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    with store.read() as tx:
        assert (tx.keys.waiting(9), tx.keys.candidates([1], 9)) == ([lead.id], {})


def test_records_of_a_crm_are_found_by_their_keys(store: Store) -> None:
    ana, tom = ("lead", "1"), ("contact", "1")
    with store.write() as tx:
        tx.keys.put_records("crm", {ana: [1, LARGE, 1], tom: [1]})
        tx.keys.put_records("other", {ana: [9]})
        assert tx.keys.records("crm", [1, LARGE, 9], 2) == {1: [tom, ana], LARGE: [ana]}
        assert tx.keys.records("crm", [1], 1) == {}
        tx.keys.put_records("crm", {ana: [], tom: [2]})
        assert tx.keys.records("crm", [1, 2, LARGE], 9) == {2: [tom]}
        assert tx.keys.records("other", [9], 9) == {9: [ana]}


def test_of_an_address_so_many_are_named_as_are_asked_for(store: Store, now: datetime) -> None:
    leads = [Lead({"email": email}) for email in ("a@x.example", "b@x.example") + ("a@x.example",) * 6]
    with store.write() as tx:
        tx.intake.add_leads(leads, now)
        first, second, *rest = (lead.id for lead in leads)
        asked = ["b@x.example", "a@x.example", "c@x.example"]
        assert tx.intake.by_email(asked) == {"a@x.example": [first, *rest], "b@x.example": [second]}
        assert tx.intake.by_email(asked, 2) == {"a@x.example": [first, rest[0]], "b@x.example": [second]}
        assert tx.intake.by_email(asked, 9) == tx.intake.by_email(asked)
        assert tx.intake.last_number() == rest[-1]


def test_a_store_without_leads_has_no_last_number(store: Store) -> None:
    with store.read() as tx:
        assert tx.intake.last_number() == 0
