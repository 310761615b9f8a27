"""Who in a CRM is like a lead, where no exact key says so."""

from __future__ import annotations

from dataclasses import replace

from connector.locale import translator
from connector.model.fields import Value
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord
from connector.steps.alike import PERSON, Finding, Likeness
from connector.steps.matching import Around, place_of
from connector.steps.resembling import (
    Perhaps,
    blocking_keys,
    may_have_other_keys,
    profile_of,
    profile_of_lead,
    resembling,
)

EN = translator("en")
ILKA = CrmRecord(
    "contact", "003", email="ilka.thorwald@acme.example", phone="+498912345678", name="Ilka Thorwald",
    given_name="Ilka", family_name="thorwald", company="Acme", country="DE", city="München", account="001",
)  # fmt: skip


def lead(**changes: str) -> Lead:
    fields: dict[str, Value] = {
        "email": "thorwald.i@gmail.com", "name.given": "Ilka", "name.family": "Thorwald", "phone": "+498912345678",
        "country": "DE",
    }  # fmt: skip
    fields |= {name.replace("_of_", "."): value for name, value in changes.items()}
    return Lead(fields={name: value for name, value in fields.items() if value})


def found(one: Lead, *records: CrmRecord, plain: bool = False) -> tuple[str, list[str]]:
    around = Around({(record.object, record.id): record for record in records})
    there = {place_of(record): profile_of(record) for record in records}
    match, perhaps = resembling(profile_of_lead(one), records, around, PERSON, there, plain=plain)
    return match.person.id if match else "", [doubt.person.id for doubt in perhaps]


def test_whoever_shares_a_key_is_found_to_be_compared() -> None:
    from connector.steps.alike import keys

    assert blocking_keys(ILKA) & keys(profile_of_lead(lead()))
    assert blocking_keys(replace(ILKA, gone=True)) == blocking_keys(replace(ILKA, merged_into="004")) == frozenset()
    acme = CrmRecord("account", "001", name="Acme GmbH")
    assert blocking_keys(acme) & blocking_keys(CrmRecord("account", "002", company="ACME"))
    assert not blocking_keys(acme) & blocking_keys(ILKA)


def test_a_private_address_and_the_same_name_and_number_are_the_same_person() -> None:
    assert found(lead(), ILKA) == ("003", [])
    assert found(lead(), ILKA, plain=True) == ("003", [])


def test_a_second_number_counts_as_the_first() -> None:
    assert found(lead(), replace(ILKA, phone="+491711234567", other_phone="+498912345678")) == ("003", [])


def test_a_name_alone_is_nobody_and_with_the_company_perhaps() -> None:
    assert found(lead(phone="", email="ilka@other.example"), replace(ILKA, phone="")) == ("", [])
    same = lead(phone="", company_of_name="Acme", company_of_domain="acme.example")
    assert found(same, replace(ILKA, phone="")) == ("", ["003"])


def test_another_given_name_at_one_number_is_nobody_for_sure() -> None:
    match, _ = found(lead(name_of_given="Jochen"), ILKA)
    assert match == ""


def test_a_slip_of_the_pen_in_a_given_name_may_be_a_twin() -> None:
    ilka = replace(ILKA, other_phone="+491711234567")
    one = {"mobile": "+491711234567", "city": "München"}
    assert found(lead(name_of_given="Ilko", **one), ilka) == ("", ["003"])
    assert found(lead(name_of_given="Ilka", **one), ilka) == ("003", [])


def test_who_became_somebody_else_is_that_one() -> None:
    old = replace(ILKA, object="lead", id="00Q", is_open=False, converted_to={"contact": "003"})
    assert found(lead(), old, replace(ILKA, phone="", name="", given_name="", family_name="")) == ("003", [])
    assert found(lead(), replace(ILKA, gone=True)) == ("", [])


def test_three_of_those_who_may_be_them_are_told_the_likest_first() -> None:
    same = lead(phone="", company_of_name="Acme", company_of_domain="acme.example", city="München")
    several = [replace(ILKA, id=f"003{number}", phone="", city="") for number in range(4)]
    likest = replace(ILKA, id="0039", phone="")
    assert found(same, *several, likest) == ("", ["0039", "0030", "0031"])


def test_it_is_said_in_words() -> None:
    one = Perhaps(
        ILKA,
        Likeness(60, "perhaps", (Finding("phone", "same", 30, "1", "1"), Finding("city", "differs", -3, "a", "b"))),
    )
    assert one.told(EN) == "contact 003 of Acme (phone: the same number)"
    assert Perhaps(replace(ILKA, company=""), one.likeness).told(EN) == "contact 003 (phone: the same number)"
    around = Around({("contact", "003"): ILKA})
    match, _ = resembling(profile_of_lead(lead()), [ILKA], around, PERSON, {("contact", "003"): profile_of(ILKA)})
    assert match is not None
    assert match.why(EN).startswith("so much in common with contact 003 (phone: the same number")


def test_keys_are_made_anew_of_what_they_are_made_of_only() -> None:
    assert may_have_other_keys(None, ILKA)
    assert not may_have_other_keys(ILKA, replace(ILKA, stage="Working", owner="u2", values={"a": 1}))
    for name in ("email", "phone", "other_phone", "name", "given_name", "family_name", "company", "city", "country"):
        assert may_have_other_keys(ILKA, replace(ILKA, **{name: "x"})), name  # type: ignore[arg-type]
    assert may_have_other_keys(ILKA, replace(ILKA, gone=True))


def test_a_record_is_compared_by_all_that_is_known_of_it() -> None:
    assert profile_of(replace(ILKA, given_name="")) == profile_of(ILKA)
    assert profile_of(replace(ILKA, domain="acme.example")) == profile_of(ILKA)
    private = replace(ILKA, email="i.thorwald@gmail.com")
    assert profile_of(private) != profile_of(replace(private, domain="gmail-firm.example"))
    assert profile_of(replace(ILKA, other_phone="+4930999999")) != profile_of(ILKA)
