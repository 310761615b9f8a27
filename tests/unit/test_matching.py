"""Who of the people in a CRM a lead is, and why."""

from __future__ import annotations

import pytest

from connector.locale import translator
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord
from connector.model.sentences import NO_ADDRESS
from connector.steps.existing import existing, owner_words
from connector.steps.matching import Around, Keys, account_by_domain, agrees, keys_of, match, normalised

EN = translator("en")
ANA = Lead(
    fields={
        "email": "ana@firm.example", "email_class": "work", "phone": "+4930123456", "mobile": "+491701234567",
        "name.family": "Weber", "company.domain": "firm.example",
    },
    id=1,
)  # fmt: skip


def test_keys_are_what_identifies_a_person() -> None:
    keys = keys_of(ANA, "s1-1", ["b", "a", "a"])
    assert keys == Keys(
        "s1-1", ("a", "b"), "ana@firm.example", ("+491701234567", "+4930123456"), "weber", "firm.example"
    )


@pytest.mark.parametrize(
    ("fields", "flags"),
    [
        ({"email": "info@firm.example"}, {}),
        ({"email": "ana@firm.example", "email_class": "role"}, {}),
        ({"email": "to follow"}, {"email": NO_ADDRESS}),
    ],
)
def test_what_is_no_persons_address_is_no_key(fields: dict[str, object], flags: dict[str, str]) -> None:
    assert keys_of(Lead(fields=fields, flags=flags), "s1-1").email == ""  # type: ignore[arg-type]


def test_a_number_that_was_kept_as_given_and_a_mail_providers_domain_are_no_keys() -> None:
    lead = Lead(fields={"phone": "ask Tom", "company.domain": "gmail.com"}, flags={"phone": "not a phone number"})
    keys = keys_of(lead, "s1-1")
    assert (keys.phones, keys.domain) == ((), "")


def test_a_record_is_compared_in_its_normal_form() -> None:
    one = normalised(
        CrmRecord(
            "contact", "3", email=" Ana@FIRM.example", phone="030 / 123-456", domain="http://www.firm.co.uk/de",
            family_name="  Ｗｅｂｅｒ ", values={"note": "a\0b"},
        ),
        "DE",
    )  # fmt: skip
    assert (one.email, one.phone, one.domain, one.family_name) == (
        "ana@firm.example", "+4930123456", "firm.co.uk", "weber",
    )  # fmt: skip
    assert one.values == {"note": "ab"}


def test_what_is_no_key_of_anyone_becomes_blank() -> None:
    one = normalised(CrmRecord("contact", "3", email="none", phone="call Tom", domain="gmail.com"), "DE")
    assert (one.email, one.phone, one.domain) == ("", "", "")


def test_a_phone_number_counts_with_the_family_name_only() -> None:
    keys = keys_of(ANA, "s1-1")
    assert agrees(keys, CrmRecord("lead", "1", phone="+4930123456", family_name="weber")) == "phone"
    assert agrees(keys, CrmRecord("lead", "1", phone="+4930123456", family_name="berg")) is None
    assert agrees(Keys("s1-1", phones=("+4930123456",)), CrmRecord("lead", "1", phone="+4930123456")) is None


def person(object: str, id: str, **more: object) -> CrmRecord:
    return CrmRecord(object, id, email="ana@firm.example", **more)  # type: ignore[arg-type]


CUSTOMER = CrmRecord("account", "001", customer=True, owner="u2")
DEAL = CrmRecord("opportunity", "006", account="001", owner="u3")
CASES = {
    "a deal of the account before everything": (
        [person("contact", "003", account="001"), person("lead", "00Q")], True, "open_opportunity", "006",
    ),
    "a customer before a plain contact": (
        [person("contact", "0031"), person("contact", "0032", account="001")], False, "customer", "001",
    ),
    "a contact before an open lead": ([person("lead", "00Q"), person("contact", "0031")], False, "contact", "0031"),
    "an open lead": ([person("lead", "00Q2"), person("lead", "00Q1")], False, "lead", "00Q1"),
    "a contact before one that was a lead": (
        [person("lead", "00Q", is_open=False, converted_to={"contact": "0030"}), person("contact", "0031")],
        False, "contact", "0031",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_someone_is_there_decides(case: str) -> None:
    people, deal, standing, chosen = CASES[case]
    became = CrmRecord("contact", "0030")
    around = Around(
        {(one.object, one.id): one for one in [*people, became]},
        {"001": CUSTOMER},
        {("account", "001"): [DEAL]} if deal else {},
    )
    found = match(keys_of(ANA, "s1-1"), people, around)
    assert found is not None
    assert (found.standing, found.record.id) == (standing, chosen)
    assert len(found.others) == len(people) - 1


def test_a_stronger_key_comes_before_a_better_standing() -> None:
    people = [person("lead", "00Q"), CrmRecord("contact", "003", phone="+4930123456", family_name="weber")]
    found = match(keys_of(ANA, "s1-1"), people, Around({(one.object, one.id): one for one in people}))
    assert found is not None
    assert (found.by, found.person.id, found.others) == ("email", "00Q", ())
    assert found.why(EN) == "the same email as lead 00Q"


def test_merges_and_conversions_are_followed_and_told() -> None:
    lead = person("lead", "00Q", is_open=False, converted_to={"contact": "0031"})
    merged, winner = CrmRecord("contact", "0031", gone=True, merged_into="0032"), CrmRecord("contact", "0032")
    around = Around({(one.object, one.id): one for one in (lead, merged, winner)})
    found = match(keys_of(ANA, "s1-1"), [lead], around)
    assert found is not None
    assert found.person is winner
    assert found.why(EN) == "the same email as lead 00Q, which is contact 0032 now"


def test_what_became_nothing_is_nobody() -> None:
    gone = person("contact", "0031", gone=True)
    converted = person("lead", "00Q", is_open=False, converted_to={"contact": "0031"})
    loop = [person("lead", "1", merged_into="2"), person("lead", "2", merged_into="1")]
    around = Around({(one.object, one.id): one for one in (gone, converted, *loop)})
    assert match(keys_of(ANA, "s1-1"), [gone, converted, *loop], around) is None


def test_where_leads_are_contacts_a_plain_contact_is_a_lead() -> None:
    people = [person("contact", "51")]
    around = Around({("contact", "51"): people[0]})
    found = match(keys_of(ANA, "s1-1"), people, around, plain=True)
    assert found is not None
    assert existing(found, {}).action == "adopt"
    assert existing(found, {}, taken=True).place == "contact:51"


def test_existing_says_on_which_record_and_whose_it_is() -> None:
    contact = person("contact", "003", account="001")
    around = Around({("contact", "003"): contact}, {"001": CUSTOMER})
    found = match(keys_of(ANA, "s1-1"), [contact], around)
    assert found is not None
    tell, task = existing(found, {"customer": "tell owner"}), existing(found, {"customer": "task on contact"})
    assert (tell.place, task.place) == ("account:001", "contact:003")
    assert owner_words(tell, found, EN) == "owner of account 001; the same email as contact 003"


def test_of_accounts_with_one_domain_a_customer_is_taken() -> None:
    accounts = {"firm.example": [CrmRecord("account", "1"), CrmRecord("account", "2", customer=True)]}
    found = account_by_domain("firm.example", accounts)
    assert found is not None
    assert found.id == "2"
    assert account_by_domain("", accounts) is None
    assert account_by_domain("other.example", accounts) is None


@pytest.mark.parametrize(
    ("given", "name", "same"),
    [
        ("Nils", "Nils Jessen", True), ("nils", "JESSEN, NILS", True), ("Nils", "N. Jessen", True),
        ("N", "Nils Jessen", True), ("Hans-Nils", "Nils Jessen", True), ("Nils", "Jessen", True),
        ("", "Elke Jessen", True), ("Nils", "", True), ("太郎", "jessen太郎", True),
        ("Nils", "Elke Jessen", False), ("Nils", "E. Jessen", False), ("Nils", "Nilsa Jessen", False),
    ],
)  # fmt: skip
def test_two_of_one_family_name_at_one_number_are_two_people(given: str, name: str, same: bool) -> None:
    keys = Keys("s1-1", phones=("+4930123456",), family="jessen", given=given.lower())
    there = CrmRecord("contact", "1", phone="+4930123456", family_name="jessen", name=name)
    assert agrees(keys, there) == ("phone" if same else None)
