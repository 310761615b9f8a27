"""Whom a comparison finds depends on what the records say, and not on the order in which they come."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model.lead import Lead
from connector.model.mirror import CrmRecord
from connector.steps.accounts import account_of_firm, firm_of
from connector.steps.alike import ORGANISATION, PERSON, compare
from connector.steps.matching import Around, Keys, another_given, normalised, place_of
from connector.steps.resembling import blocking_keys, profile_of, profile_of_lead, resembling

GIVEN, FAMILIES = ("", "Ilka", "I.", "Jochen", "郁香"), ("", "thorwald", "berg")
EMAILS, PHONES = ("", "ilka@acme.example", "info@acme.example", "ilka@gmail.com"), ("", "+498912345678", "+4930123456")
PLACES: tuple[dict[str, Any], ...] = (
    {},
    {"city": "München"},
    {"city": "Berlin", "country": "DE"},
    {"country": "AT"},
    {"postal_code": "80331"},
)


@st.composite
def people(draw: st.DrawFn) -> list[CrmRecord]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        made = CrmRecord(
            draw(st.sampled_from(("lead", "contact"))), f"x{number}", email=draw(st.sampled_from(EMAILS)),
            phone=draw(st.sampled_from(PHONES)), given_name=draw(st.sampled_from(GIVEN)),
            family_name=draw(st.sampled_from(FAMILIES)), company=draw(st.sampled_from(("", "Acme"))),
            gone=draw(st.integers(0, 5)) == 0, **draw(st.sampled_from(PLACES)),
        )  # fmt: skip
        if made.object == "lead" and draw(st.booleans()):
            made = replace(made, is_open=False, converted_to={"contact": f"x{draw(st.integers(0, 6))}"})
        found.append(made)
    return found


@st.composite
def leads(draw: st.DrawFn) -> Lead:
    fields = {
        "email": draw(st.sampled_from(EMAILS)), "phone": draw(st.sampled_from(PHONES)),
        "name.given": draw(st.sampled_from(GIVEN)), "name.family": draw(st.sampled_from(FAMILIES)),
        "company.name": draw(st.sampled_from(("", "Acme GmbH"))), **draw(st.sampled_from(PLACES)),
    }  # fmt: skip
    return Lead(fields={name: value for name, value in fields.items() if value})


@given(leads(), people(), st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_people_never_matters(lead: Lead, records: list[CrmRecord], plain: bool, chance: object) -> None:
    turned = list(records)
    chance.shuffle(turned)  # type: ignore[attr-defined]
    profile, there = profile_of_lead(lead), {place_of(record): profile_of(record) for record in records}
    one, other = (
        resembling(profile, some, Around({place_of(record): record for record in some}), PERSON, there, plain=plain)
        for some in (records, turned)
    )
    assert one == other
    match, perhaps = one
    assert match is None or not match.person.gone
    assert not match or (match.person.object, match.person.id) not in {
        (doubt.person.object, doubt.person.id) for doubt in perhaps
    }


@given(leads(), people())
def test_two_records_are_as_alike_from_either_side(lead: Lead, records: list[CrmRecord]) -> None:
    profile = profile_of_lead(lead)
    for one in map(profile_of, records):
        here, there = compare(profile, one, PERSON), compare(one, profile, PERSON)
        assert (here.points, here.band) == (there.points, there.band)


@given(st.sampled_from(GIVEN), st.sampled_from(FAMILIES), st.sampled_from(GIVEN), st.sampled_from(FAMILIES))
def test_two_given_names_contradict_each_other_from_either_side(one: str, his: str, other: str, hers: str) -> None:
    def said(given: str, family: str, there_given: str, there_family: str) -> bool:
        there = CrmRecord("contact", "1", given_name=there_given, family_name=there_family)
        return another_given(Keys(given=given.lower(), family=family), there)

    assert said(one, his, other, hers) == said(other, hers, one, his)


@st.composite
def accounts(draw: st.DrawFn) -> list[CrmRecord]:
    names, sites = ("Acme", "ACME AG", "Acme Foods", "Zeta"), ("", "acme.example", "acme-ag.example")
    return [
        CrmRecord(
            "account", f"a{number}", name=draw(st.sampled_from(names)), domain=draw(st.sampled_from(sites)),
            gone=draw(st.integers(0, 5)) == 0, **draw(st.sampled_from(PLACES)),
        )
        for number in range(draw(st.integers(0, 6)))
    ]  # fmt: skip


@given(leads(), accounts(), st.randoms(use_true_random=False))
def test_the_order_of_accounts_never_matters_and_one_fits_or_none(
    lead: Lead, records: list[CrmRecord], chance: object
) -> None:
    turned = list(records)
    chance.shuffle(turned)  # type: ignore[attr-defined]
    firm = firm_of(lead)
    found = account_of_firm(firm, {}, records, ORGANISATION)
    assert found == account_of_firm(firm, {}, turned, ORGANISATION)
    assert found.account is None or (not found.account.gone and not found.undecided)
    assert len(found.undecided) != 1


@settings(max_examples=30)
@given(people())
def test_keys_are_of_the_normal_form(records: list[CrmRecord]) -> None:
    for one in records:
        once = normalised(one, "DE")
        assert blocking_keys(once) == blocking_keys(normalised(once, "DE"))
        assert not (one.gone and blocking_keys(once))
