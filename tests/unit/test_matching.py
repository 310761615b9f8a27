"""Who of the people in a CRM a lead is, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.locale import translator
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord
from connector.model.sentences import NO_ADDRESS
from connector.steps.alike import Likeness, words
from connector.steps.alike.likeness import Finding
from connector.steps.existing import Existing, existing, owner_words, subject
from connector.steps.matching import (
    Around,
    Keys,
    Match,
    account_by_domain,
    agrees,
    company_domain,
    in_common,
    keys_of,
    match,
    named,
    normalised,
)

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


@pytest.mark.parametrize(
    ("name", "family", "given", "found"),
    [
        ("Ana Weber", "weber", "ana", True), ("Weber, Ana", "weber", "ana", True), ("Ana", "weber", "ana", False),
        ("Bo Weber", "weber", "ana", False), ("Ana Weberknecht", "weber", "ana", False),
        ("Ana van der Berg", "van der berg", "ana", True), ("Ana van Berg", "van der berg", "ana", False),
        ("山田太郎", "山田", "太郎", True), ("山田 太郎", "山田", "太郎", True), ("小山田太郎", "山田", "太郎", False),
    ],
)  # fmt: skip
def test_of_a_name_that_is_told_whole_the_family_name_is_a_part(
    name: str, family: str, given: str, found: bool
) -> None:
    keys = Keys(phones=("+4930123456",), family=family, given=given)
    record = CrmRecord("lead", "1", phone="+4930123456", name=name)
    assert (agrees(keys, record) == "phone") is found
    assert agrees(keys, replace(record, family_name="lind")) is None


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


def test_where_leads_are_contacts_an_address_is_of_one_whatever_the_name() -> None:
    people = [person("contact", "51", given_name="Jochen", family_name="weber")]
    keys, around = replace(keys_of(ANA, "s1-1"), given="ana"), Around({("contact", "51"): people[0]})
    assert match(keys, people, around) is None
    found = match(keys, people, around, plain=True)
    assert found is not None
    assert (found.standing, found.by, found.person.id) == ("lead", "email", "51")


def test_an_accounts_own_deal_is_the_open_one_with_the_lowest_id() -> None:
    deals = [CrmRecord("opportunity", "008"), CrmRecord("opportunity", "007"), replace(DEAL, is_open=False)]
    around = Around(deals={("account", "001"): deals, ("person", "001"): [DEAL], ("account", "002"): [DEAL]})
    assert around.deal_of_account(CUSTOMER) == deals[1]
    assert around.deal_of_account(replace(CUSTOMER, id="009")) is None


def test_why_two_are_taken_for_one_names_what_weighs_most() -> None:
    there = person("contact", "003")
    findings = [
        Finding("given_name", "differs", -30, "Ana", "Bo"), Finding("phone", "same", 20, "+49", "+49"),
        Finding("family_name", "same", 35, "Weber", "Weber"),
    ]  # fmt: skip
    likeness = Likeness(25, "perhaps", tuple(findings))
    said = in_common(likeness, EN)
    assert said == "; ".join(words(one, EN) for one in (findings[2], findings[1]))
    why = Match("contact", there, there, "alike", there, likeness=likeness).why(EN)
    assert why == f"so much in common with contact 003 ({said})"


def test_existing_says_on_which_record_and_whose_it_is() -> None:
    contact = person("contact", "003", account="001")
    around = Around({("contact", "003"): contact}, {"001": CUSTOMER})
    found = match(keys_of(ANA, "s1-1"), [contact], around)
    assert found is not None
    tell, task = existing(found, {"customer": "tell owner"}), existing(found, {"customer": "task on contact"})
    assert (tell.place, task.place) == ("account:001", "contact:003")
    assert found == Match("customer", CUSTOMER, contact, "email", contact, CUSTOMER)
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


PERSON, ACCOUNT = CrmRecord("contact", "003"), CrmRecord("account", "001")


@pytest.mark.parametrize(
    ("found", "said", "end"),
    [
        (Match("contact", PERSON, PERSON, "email", PERSON), {}, Existing("task on contact", PERSON)),
        (Match("customer", ACCOUNT, PERSON, "email", PERSON, ACCOUNT), {}, Existing("task on contact", PERSON)),
        (
            Match("contact", PERSON, PERSON, "email", PERSON), {"contact": "tell owner"},
            Existing("tell owner", PERSON),
        ),
        (
            Match("contact", PERSON, PERSON, "email", PERSON, ACCOUNT), {"contact": "tell owner"},
            Existing("tell owner", ACCOUNT),
        ),
        (
            Match("open_opportunity", DEAL, PERSON, "email", PERSON, ACCOUNT), {"open_opportunity": "tell owner"},
            Existing("tell owner", DEAL),
        ),
        (
            Match("open_opportunity", DEAL, PERSON, "email", PERSON, ACCOUNT), {"customer": "tell owner"},
            Existing("task on contact", PERSON),
        ),
        (Match("lead", PERSON, PERSON, "email", PERSON), {"lead": "tell owner"}, Existing("adopt", PERSON)),
    ],
)  # fmt: skip
def test_the_flow_says_what_becomes_of_whoever_is_there(found: Match, said: dict[str, str], end: Existing) -> None:
    assert existing(found, said) == end


def test_a_lead_that_is_ours_already_gets_a_task() -> None:
    lead = CrmRecord("lead", "00Q")
    taken = existing(Match("lead", lead, lead, "email", lead), {}, taken=True)
    assert taken == Existing("task on contact", lead)
    assert existing(Match("lead", lead, lead, "email", lead), {}).place == ""


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ("opportunity:006", "Call Ana, of a company in an open deal"),
        ("account:001", "Call Ana, of a company of yours"),
        ("contact:003", "Call Ana, a contact already"), ("", "Call Ana"), ("lead:00Q", "Call Ana"),
        ("contact:a:b", "Call Ana, a contact already"),
    ],
)  # fmt: skip
def test_the_subject_says_on_what_the_task_hangs(record: str, says: str) -> None:
    assert subject(record, "Ana", EN) == says
    assert subject(record, "Ana", EN, calls=False) == says.replace("Call", "Write to")


def test_records_are_named_by_kind_and_id() -> None:
    kinds = ("lead", "contact", "account", "opportunity", "user")
    assert [named(CrmRecord(kind, "1"), EN) for kind in kinds] == [  # type: ignore[arg-type]
        "lead 1", "contact 1", "account 1", "deal 1", "user 1",
    ]  # fmt: skip


def test_keys_lack_what_the_lead_lacks() -> None:
    assert keys_of(Lead(), "s1-1") == Keys("s1-1")
    lead = Lead(
        fields={
            "email": "ana@firm.example", "mobile": "+491", "phone": "+491", "name.family": "Ｗeber",
            "name.given": "ANA", "company.domain": "firm.example",
        },
        flags={"company.domain": "odd"},
    )  # fmt: skip
    assert keys_of(lead, "s1-1") == Keys("s1-1", (), "ana@firm.example", ("+491",), "weber", "", "ana")
    lead.fields["company.domain"], lead.flags = "firm.example", {"mobile": "not a phone number", "email": "odd"}
    lead.fields["phone"] = "+492"
    assert keys_of(lead, "s1-1") == Keys("s1-1", (), "ana@firm.example", ("+492",), "weber", "firm.example", "ana")
    assert company_domain(Lead()) == ""


@pytest.mark.parametrize(
    ("keys", "any"),
    [
        (Keys("s1-1"), False), (Keys(linked=("a",)), True), (Keys(email="a@b.example"), True),
        (Keys(phones=("+49",)), False), (Keys(family="weber"), False), (Keys(phones=("+49",), family="weber"), True),
    ],
)  # fmt: skip
def test_who_can_be_searched_for(keys: Keys, any: bool) -> None:
    assert keys.any is any


def test_the_strongest_key_of_a_record_counts_and_blanks_never_agree() -> None:
    keys = Keys("s1-1", ("x",), "ana@firm.example", ("+49",), "weber")
    all_of_it = {"email": "ana@firm.example", "phone": "+49", "family_name": "weber"}
    assert agrees(keys, CrmRecord("lead", "x", our_key="s1-1", **all_of_it)) == "our_key"  # type: ignore[arg-type]
    assert agrees(keys, CrmRecord("lead", "x", our_key="s1-2", **all_of_it)) == "link"  # type: ignore[arg-type]
    assert agrees(keys, CrmRecord("lead", "y", **all_of_it)) == "email"  # type: ignore[arg-type]
    assert agrees(keys, CrmRecord("lead", "y", phone="+49", family_name="weber")) == "phone"
    assert agrees(Keys(), CrmRecord("lead", "y")) is None
    assert agrees(Keys(phones=("",)), CrmRecord("lead", "y")) is None
    assert agrees(Keys(family="weber"), CrmRecord("lead", "y", family_name="weber")) is None


def test_a_record_keeps_what_is_no_key() -> None:
    record = CrmRecord("contact", "3", name=" Ana Weber ", company=" Firm GmbH ", values={"n": 1, "t": "x"})
    one = normalised(record, "DE")
    assert (one.name, one.company, one.values) == ("Ana Weber", "Firm GmbH", {"n": 1, "t": "x"})
    assert (one.email, one.phone, one.domain, one.family_name) == ("", "", "", "")
    odd = normalised(CrmRecord("contact", "3", phone="030 123456", domain="no domain"), "US")
    assert (odd.phone, odd.domain) == ("", "")


def test_of_several_the_best_is_whoever_has_the_lowest_id() -> None:
    people = [person("contact", id) for id in ("0033", "0031", "0032")]
    found = match(keys_of(ANA, "s1-1"), people, Around({(one.object, one.id): one for one in people}))
    assert found == Match("contact", people[1], people[1], "email", people[1], None, (people[2], people[0]))
    pair = [person("contact", "9"), person("lead", "1")]
    around = Around({(one.object, one.id): one for one in pair})
    best = match(keys_of(ANA, "s1-1"), pair, around, plain=True)
    assert best is not None
    assert (best.standing, best.person, best.others) == ("lead", pair[0], (pair[1],))


def test_who_is_reached_in_two_ways_is_one_person_found_in_the_first() -> None:
    contact = person("contact", "0031")
    lead = person("lead", "00Q", is_open=False, converted_to={"contact": "0031"})
    around = Around({(one.object, one.id): one for one in (contact, lead)})
    found = match(keys_of(ANA, "s1-1"), [lead, contact], around)
    assert found == Match("contact", contact, contact, "email", contact)


def test_a_deal_of_their_own_comes_before_one_of_the_account() -> None:
    own = [CrmRecord("opportunity", id, person="003") for id in ("0069", "0068")]
    over = [CrmRecord("opportunity", "0061", is_open=False), CrmRecord("opportunity", "0062", gone=True)]
    one = person("contact", "003", account="001")
    around = Around({("contact", "003"): one}, {"001": CUSTOMER}, {("person", "003"): [*own, *over]})
    around.deals["account", "001"] = [DEAL]
    found = match(keys_of(ANA, "s1-1"), [one], around)
    assert found == Match("open_opportunity", own[1], one, "email", one, CUSTOMER)
    around.deals = {("person", "003"): over, ("account", ""): [DEAL]}
    assert around.deal_of(one) is None


def test_an_account_that_is_gone_makes_nobody_a_customer() -> None:
    one = person("contact", "003", account="001")
    around = Around({("contact", "003"): one}, {"001": CrmRecord("account", "001", customer=True, gone=True)})
    assert match(keys_of(ANA, "s1-1"), [one], around) == Match("contact", one, one, "email", one)
    around.accounts = {"001": CrmRecord("account", "001")}
    assert match(keys_of(ANA, "s1-1"), [one], around) == Match(
        "contact", one, one, "email", one, around.accounts["001"]
    )


def test_of_accounts_of_one_kind_the_lowest_id_and_none_that_is_gone() -> None:
    several = [CrmRecord("account", id) for id in ("3", "1", "2")]
    assert account_by_domain("a", {"a": [CrmRecord("account", "0", customer=True, gone=True), *several]}) is several[1]
    assert account_by_domain("", {"": several}) is None


def test_what_was_merged_into_something_unknown_is_nobody() -> None:
    lost = person("contact", "0031", gone=True, merged_into="0039")
    left = person("lead", "00Q", is_open=False)
    converted = person("lead", "00Q2", is_open=False, converted_to={"account": "001"})
    around = Around({(one.object, one.id): one for one in (lost, left, converted)})
    assert match(keys_of(ANA, "s1-1"), [lost, left, converted], around) is None
    closed = person("contact", "0032", is_open=False)
    assert Around({("contact", "0032"): closed}).followed(closed) is closed


@pytest.mark.parametrize(
    ("given", "name", "same"),
    [
        ("jo", "Joanna Jessen", False), ("j", "J Jessen", True), ("joanna", "Jo Jessen", False),
        ("太郎", "jessen花子", False), ("a b", "B Jessen", True), ("nils", "Jessen-Jessen", True),
    ],
)  # fmt: skip
def test_only_an_initial_stands_for_a_whole_name(given: str, name: str, same: bool) -> None:
    keys = Keys("s1-1", phones=("+49",), family="jessen", given=given)
    there = CrmRecord("contact", "1", phone="+49", family_name="jessen", name=name)
    assert agrees(keys, there) == ("phone" if same else None)


@pytest.mark.parametrize(
    ("given", "name", "same"),
    [
        ("太郎", "山田太郎", True), ("太郎", "山田 太郎 様", True), ("太郎", "太郎山田", True), ("太郎", "山田", True),
        ("健", "山田健一", False), ("健", "山田 健一", False), ("健一", "山田健", False), ("健一", "山田 健", False),
        ("さくら", "山田さくら子", False), ("太郎", "山田 Taro", False),
    ],
)  # fmt: skip
def test_a_character_is_no_initial_where_two_have_one_number(given: str, name: str, same: bool) -> None:
    keys = Keys("s1-1", phones=("+81",), family="山田", given=given)
    there = CrmRecord("contact", "1", phone="+81", family_name="山田", name=name)
    assert agrees(keys, there) == ("phone" if same else None)


@pytest.mark.parametrize(
    ("given", "family", "record", "same"),
    [
        ("Ana", "Weber", {"given_name": "Ana", "family_name": "berg"}, True),
        ("Ana", "Weber", {"given_name": "Jochen", "family_name": "weber"}, False),
        ("Ana", "Weber", {"name": "Jochen Weber", "family_name": "weber"}, False),
        ("Ana", "Weber", {"name": "Jochen Weber"}, True),
        ("Ana", "Weber", {"given_name": "A.", "family_name": "weber"}, True),
        ("Robert", "Weber", {"given_name": "Bob", "family_name": "weber"}, True),
        ("Robert", "Weber", {"given_name": "Robrt", "family_name": "weber"}, True),
        ("Ana", "Weber", {"given_name": "Weber", "family_name": "ana"}, True),
        ("太郎", "山田", {"given_name": "Taro", "family_name": "yamada"}, True),
        ("太郎", "山田", {"name": "山田花子", "family_name": "山田"}, False),
        ("", "Weber", {"given_name": "Jochen", "family_name": "weber"}, True),
        ("健", "伊藤", {"given_name": "健一", "family_name": "伊藤"}, True),
        ("健一", "伊藤", {"given_name": "健", "family_name": "伊藤"}, True),
        ("健", "伊藤", {"given_name": "一健", "family_name": "伊藤"}, False),
    ],
)  # fmt: skip
def test_of_two_names_at_one_address_the_one_that_agrees(
    given: str, family: str, record: dict[str, str], same: bool
) -> None:
    lead = Lead(fields={"email": "ana@firm.example", "name.given": given, "name.family": family})
    there = CrmRecord("contact", "1", email="ana@firm.example", **record)  # type: ignore[arg-type]
    assert agrees(keys_of(lead, "s1-1"), there) == ("email" if same else None)
    assert agrees(keys_of(lead, "s1-1"), there, plain=True) == "email"


def test_of_two_at_one_address_the_other_one_is_left() -> None:
    people = [person("contact", "0031", given_name="Jochen"), person("contact", "0032", given_name="Ana")]
    lead = Lead(fields={**ANA.fields, "name.given": "Ana"})
    found = match(keys_of(lead, "s1-1"), people, Around({(one.object, one.id): one for one in people}))
    assert found is not None
    assert (found.person.id, found.others) == ("0032", ())


def test_a_former_address_is_theirs_too_but_for_one_of_a_role() -> None:
    lead = Lead(
        fields={"email": "ana@new.example", "name.given": "Ana", "name.family": "Weber"},
        former=["info@old.example", "ana@new.example", "ana@old.example"],
    )  # fmt: skip
    keys = keys_of(lead, "s1-1")
    assert keys.former == ("ana@old.example",)
    old = CrmRecord("contact", "003", email="ana@old.example", given_name="Ana", family_name="weber")
    assert agrees(keys, old) == "former"
    assert agrees(keys, replace(old, given_name="Jochen")) is None
    both = [old, CrmRecord("contact", "004", email="ana@new.example")]
    found = match(keys, both, Around({(one.object, one.id): one for one in both}))
    assert found is not None
    assert (found.by, found.person.id) == ("email", "004")
    alone = match(keys, [old], Around({("contact", "003"): old}))
    assert alone is not None
    assert alone.why(EN) == "a former email of theirs is that of contact 003"


def test_either_of_two_numbers_is_a_number() -> None:
    keys = keys_of(ANA, "s1-1")
    there = CrmRecord("lead", "1", phone="+491700000000", other_phone="+4930123456", family_name="weber")
    assert agrees(keys, there) == "phone"


def test_further_addresses_of_a_record_are_in_normal_form_and_those_that_are_none_left_out() -> None:
    one = normalised(CrmRecord("contact", "3", other_emails=[" Bo@FIRM.example", "none", "c@firm.example"]), "DE")
    assert one.other_emails == ["bo@firm.example", "c@firm.example"]


def test_a_records_place_and_second_number_are_in_normal_form() -> None:
    one = normalised(
        CrmRecord(
            "contact", "3", other_phone="030 / 123-456", country="Deutschland", city=" Ulm ", postal_code=" 89073"
        ),
        "DE",
    )  # fmt: skip
    assert (one.other_phone, one.country, one.city, one.postal_code) == ("+4930123456", "DE", "Ulm", "89073")
    assert normalised(CrmRecord("contact", "3", country="Nowhere", other_phone="ask"), "DE").country == ""
    assert normalised(CrmRecord("contact", "3", country="USA", phone="212 555 0123"), "DE").phone == "+12125550123"
