"""Whose records are whose, whatever the order of a page."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from connector.model.lead import Lead
from connector.model.mapped import Contact
from connector.steps.identity import assign
from connector.steps.namesakes import NEVER, called, goes_with

ADDRESSES = st.sampled_from(["a@x.example", "b@x.example", ""])
NAMES = st.sampled_from(["", "Ana", "Anna Maria", "Anna", "A.", "Tom", "Thomas", "T.", "Tim", "花子"])
FAMILIES = st.sampled_from(["", "Weber", "Koch"])
PEOPLE = st.lists(st.tuples(ADDRESSES, NAMES, FAMILIES), min_size=1, max_size=9)
#: Names of one person, none of which contradicts another.
ONE = st.lists(st.sampled_from(["", "Thomas", "Tom", "Thomas Karl"]), min_size=1, max_size=6)


def page(people: list[tuple[str, str, str]]) -> list[Contact]:
    return [
        Contact(str(number), f"c.csv:{number}", fields={
            name: value for name, value in (("email", email), ("name.given", first), ("name.family", last)) if value
        })
        for number, (email, first, last) in enumerate(people)
    ]  # fmt: skip


@given(PEOPLE, PEOPLE)
def test_no_address_brings_two_contradicting_names_together(
    known: list[tuple[str, str, str]], people: list[tuple[str, str, str]]
) -> None:
    leads = {number: Lead(dict(one.fields), id=number) for number, one in enumerate(page(known), 1)}
    by_email: dict[str, list[int]] = {}
    for number, lead in leads.items():
        by_email.setdefault(str(lead.fields.get("email", "")), []).append(number)
    groups: dict[tuple[int, int], list[Contact]] = {}
    for one in assign(page(people), {}, by_email, leads):
        groups.setdefault((one.lead_id, one.index), []).append(one.contact)
    for (lead_id, _), contacts in groups.items():
        names = [called(one.fields) for one in contacts] + ([called(leads[lead_id].fields)] if lead_id else [])
        assert all(goes_with(one, other) > NEVER for one, other in combinations(names, 2))
        emails = {one.fields.get("email") for one in contacts}
        assert len(emails | {leads[lead_id].fields["email"]} if lead_id else emails) == 1


@given(ONE, st.randoms(use_true_random=False), st.booleans())
def test_records_that_do_not_contradict_are_one_in_any_order(names: list[str], order: object, known: bool) -> None:
    contacts = page([("a@x.example", first, "") for first in names])
    order.shuffle(contacts)  # type: ignore[attr-defined]
    leads = {4: Lead({"name.given": "Thomas"}, id=4)} if known else {}
    found = assign(contacts, {}, {"a@x.example": [4]} if known else {}, leads)
    assert {(one.lead_id, one.index) for one in found} == {(4, -1) if known else (0, 0)}


@given(PEOPLE)
def test_each_record_gets_one_lead_and_new_ones_are_counted_from_nought(people: list[tuple[str, str, str]]) -> None:
    found = assign(page(people), {}, {})
    assert [one.contact.external_id for one in found] == [str(number) for number in range(len(people))]
    indexes = list(dict.fromkeys(one.index for one in found))
    assert indexes == list(range(len(indexes)))
