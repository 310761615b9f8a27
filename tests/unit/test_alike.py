"""Cases of people who are one, may be one, or are two: what decides, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connector.steps.alike import (
    ORGANISATION,
    PERSON,
    Finding,
    Likeness,
    compare,
    joined,
    keys,
    organisation,
    person,
    words,
)
from connector.steps.alike.shipped import FIELDS
from connector.steps.alike.shipped import ORGANISATION as OF_ORGANISATIONS
from connector.steps.alike.shipped import PERSON as OF_PEOPLE

ACME = {"company.name": "Acme GmbH", "company.domain": "acme.example"}
MARA = {"name.given": "Mara", "name.family": "Lindqvist"}
HOME = {"street": "12 Mill Lane", "postal_code": "BS2 0EL", "city": "Bristol"}


def alike(one: dict[str, Any], other: dict[str, Any]) -> Likeness:
    return compare(person(one), person(other), PERSON)


def levels(found: Likeness) -> set[str]:
    return {f"{finding.field}.{finding.level}" for finding in found.findings}


CASES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("one address, one name", {**MARA, "email": "mara@acme.example"}, {**MARA, "email": "mara@acme.example"}, "sure"),
    ("one mailbox by plus-tag",
     {**MARA, "email": "ml+news@acme.example"}, {**MARA, "email": "ml@acme.example"}, "sure"),
    ("a slip in the address",
     {**MARA, "email": "mara.lindqvist@acme.example"}, {**MARA, "email": "mara.lindqvst@acme.example"}, "sure"),
    ("name and firm, an address on one side",
     {**MARA, **ACME}, {**MARA, **ACME, "email": "ml@acme.example"}, "perhaps"),
    ("name and firm, two addresses made of the name",
     {**MARA, **ACME, "email": "mara.lindqvist@acme.example"}, {**MARA, **ACME, "email": "mlindqvist@acme.example"},
     "perhaps"),
    ("the name and nothing else", MARA, MARA, ""),
    ("a common name at one firm",
     {**ACME, "name.given": "John", "name.family": "Smith", "email": "john.smith@acme.example"},
     {**ACME, "name.given": "John", "name.family": "Smith", "email": "j.k.smith@acme.example"}, ""),
    ("name and city", {**MARA, "city": "Oslo"}, {**MARA, "city": "Oslo"}, "perhaps"),
    ("personal and work address, one mobile",
     {**MARA, "email": "mara.l@gmail.com", "mobile": "+4915112345678"},
     {**MARA, "email": "lindqvist@acme.example", "phone": "+4915112345678"}, "sure"),
    ("personal and work address, one number",
     {**MARA, "email": "mara.l@gmail.com", "phone": "+493012345678"},
     {**MARA, "email": "lindqvist@acme.example", "phone": "+493012345678"}, "sure"),
    ("a family with one number",
     {**MARA, "phone": "+493012345678"}, {**MARA, "name.given": "Jonas", "phone": "+493012345678"}, ""),
    ("a family with one address",
     {**MARA, "email": "lindqvists@gmail.com"}, {**MARA, "name.given": "Jonas", "email": "lindqvists@gmail.com"},
     "perhaps"),
    ("two of one name behind one switchboard",
     {**ACME, "name.given": "John", "name.family": "Smith", "email": "john.smith@acme.example",
      "phone": "+493012345678"},
     {**ACME, "name.given": "John", "name.family": "Smith", "email": "jks7@acme.example", "phone": "+493012345678"},
     "perhaps"),
    ("no given name, and an address of their own",
     {**MARA, "email": "ml@acme.example"}, {"name.family": "Lindqvist", "email": "ml@acme.example"}, "sure"),
    ("neighbours in the directory of one firm",
     {**ACME, "name.given": "Mara", "name.family": "Weber", "email": "mara.weber@acme.example"},
     {**ACME, "name.given": "Mara", "name.family": "Webber", "email": "mara.webber@acme.example"}, ""),
    ("twins", {**MARA, **HOME, "custom.birthday": "1990-04-17"},
     {**MARA, **HOME, "name.given": "Sofie", "custom.birthday": "1990-04-17"}, "perhaps"),
    ("twins whose names rhyme", {**MARA, **HOME, "custom.birthday": "1990-04-17"},
     {**MARA, **HOME, "name.given": "Tara", "custom.birthday": "1990-04-17"}, "perhaps"),
    ("perhaps a twin", {"name.family": "Lindqvist", **HOME, "custom.birthday": "1990-04-17"},
     {**MARA, **HOME, "custom.birthday": "1990-04-17"}, "perhaps"),
    ("father and son", {"name.full": "Edwin Marlow Sr.", **HOME}, {"name.full": "Edwin Marlow Jr.", **HOME}, "perhaps"),
    ("father and son by their birthdays", {"name.full": "Edwin Marlow", **HOME, "custom.dob": "1951-02-03"},
     {"name.full": "Edwin Marlow", **HOME, "custom.dob": "1983-11-28"}, "perhaps"),
    ("a married name, the address kept", {**MARA, "email": "mara.l@gmail.com"},
     {"name.given": "Mara", "name.family": "Okafor", "email": "mara.l@gmail.com"}, "perhaps"),
    ("a married name, address and birthday", {**MARA, "email": "mara.l@gmail.com", "custom.dob": "1990-04-17"},
     {"name.given": "Mara", "name.family": "Okafor", "email": "mara.l@gmail.com", "custom.dob": "1990-04-17"}, "sure"),
    ("a shared mailbox", {**MARA, "email": "info@acme.example"},
     {"name.given": "Jonas", "name.family": "Brandt", "email": "info@acme.example"}, ""),
    ("a profile", {**MARA, "linkedin": "https://www.linkedin.com/in/mara-l/"},
     {**MARA, "linkedin": "linkedin.com/in/mara-l?trk=x"}, "sure"),
    ("a short name and one number", {"name.full": "Bob Tolliver", "mobile": "+4915112345678"},
     {"name.full": "Robert Tolliver", "mobile": "+4915112345678"}, "sure"),
    ("an initial", {"name.full": "R. Tolliver", "mobile": "+4915112345678"},
     {"name.full": "Robert Tolliver", "mobile": "+4915112345678"}, "sure"),
    ("the other way round", {"name.given": "Lindqvist", "name.family": "Mara", "mobile": "+4915112345678"},
     {**MARA, "mobile": "+4915112345678"}, "sure"),
    ("the other way round, and a number that several may share",
     {"name.given": "Thomas", "name.family": "Martin", **ACME, "phone": "+493012345678"},
     {"name.given": "Martin", "name.family": "Thomas", **ACME, "phone": "+493012345678"}, "perhaps"),
    ("characters and letters", {"name.full": "山田 太郎", "name.reading": "ヤマダ タロウ", "mobile": "+819012345678"},
     {"name.full": "Taro Yamada", "mobile": "+819012345678"}, "sure"),
    ("run together", {"name.full": "山田太郎", "mobile": "+819012345678"},
     {"name.family": "山田", "name.given": "太郎", "mobile": "+819012345678"}, "sure"),
    ("two characters of which one differs", {"name.full": "山田 健二", "email": "yamada@firm.example"},
     {"name.full": "山田 健一", "email": "yamada@firm.example"}, "perhaps"),
    ("strangers", {**MARA, "email": "mara@acme.example", "city": "Oslo"},
     {"name.full": "Piotr Zielinski", "email": "piotr@other.example", "city": "Lodz"}, ""),
    ("nothing", {}, {}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "band"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_band(one: dict[str, Any], other: dict[str, Any], band: str) -> None:
    found = alike(one, other)
    assert found.band == band, found
    assert found.points == sum(finding.points for finding in found.findings)
    assert alike(other, one).points == found.points


@pytest.mark.parametrize("case", [case for case in CASES if case[3]], ids=[case[0] for case in CASES if case[3]])
def test_who_may_be_one_has_a_key_in_common(case: tuple[str, dict[str, Any], dict[str, Any], str]) -> None:
    assert keys(person(case[1])) & keys(person(case[2]))


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("1971-06-24", "1971-06-24", "same"),
        ("1971-01-01", "1971-01-01", "new_year"),
        ("1971-06-24", "1971-05-24", "close"),
        ("1971-03-04", "1971-04-03", "close"),
        ("1971-06-24", "1988-06-24", "near"),
        ("1979-12-23", "1978-11-23", "around"),
        ("1971-06-24", "1985-01-02", "differs"),
        ("1850-01-01", "1852-01-01", "differs"),
        ("19710624", "24 June", ""),
        ("1970-01-01", "1970-01-01", ""),
    ],
)
def test_birthdays(one: str, other: str, level: str) -> None:
    found = alike({"custom.birthday": one}, {"custom.birthday": other})
    assert [finding.level for finding in found.findings if finding.field == "birthday"] == ([level] if level else [])


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Catherine", "Catherine", "common"),
        ("Jose", "José", "common"),
        ("Robert", "Bob", "short_name"),
        ("Hans", "Hans Jörg", "part"),
        ("Robert", "R.", "initial"),
        ("Rhomas", "Thomas", "close"),
        ("Odalys", "Odayls", "close"),
        ("Jayden", "Hayden", "similar"),
        ("Jerry", "Harry", "differs"),
        ("Anna Maria", "Anna Lena", "similar"),
        ("Ines", "Piotr", "differs"),
    ],
)
def test_given_names(one: str, other: str, level: str) -> None:
    found = alike({"name.given": one, "name.family": "Solberg"}, {"name.given": other, "name.family": "Solberg"})
    assert found.findings[0].level == level


def test_streets_and_places_say_much_the_same_and_are_limited() -> None:
    found = alike({**MARA, **HOME}, {**MARA, **HOME})
    gained = sum(one.points for one in found.findings if one.field in ("street", "postal_code", "city", "place"))
    assert (gained, "place.at_most" in levels(found)) == (PERSON.at_most["place"], True)
    written = alike(HOME, {"street": "Mill Ln. 12", "postal_code": "bs20el", "city": "BRISTOL"})
    assert {"street.same", "postal_code.same", "city.same"} <= levels(written)


def test_what_could_not_be_normalised_is_no_evidence() -> None:
    fields = {**MARA, "phone": "call me", "email": "mara at acme"}
    assert not keys(person(fields, {"phone", "email"})) - keys(person(MARA))
    assert not person(fields, {"phone", "email"}).emails


def test_who_was_joined_is_known_by_all() -> None:
    work = person({**MARA, "email": "ml@acme.example", "phone": "+493012345678"})
    home = person({**MARA, "email": "mara.l@gmail.com", "custom.dob": "1990-04-17"})
    both, third = joined((work, home)), person({**MARA, "email": "mara.l@gmail.com", "phone": "+493012345678"})
    assert keys(both) == keys(work) | keys(home)
    found = compare(both, third, PERSON)
    assert {"email.same", "phone.same"} <= levels(found)
    assert found.points > max(compare(one, third, PERSON).points for one in (work, home))


def test_fewer_leads_need_fewer_points() -> None:
    assert [PERSON.among(count).perhaps for count in (0, 1, 1_000, 10_000, 100_000, 1_000_000, 10**7)] == [
        30, 30, 30, 40, 50, 60, 60,
    ]  # fmt: skip
    assert {PERSON.among(count).sure for count in (1, 10**7)} == {PERSON.sure}
    assert ORGANISATION.among(10) == ORGANISATION


@pytest.mark.parametrize(
    ("one", "other", "band"),
    [
        ({"company.name": "Acme GmbH"}, {"company.name": "ACME G.m.b.H."}, "sure"),
        ({"company.name": "株式会社アクメ"}, {"company.name": "アクメ㈱"}, "sure"),
        ({"company.name": "Northwind Traders"}, {"company.name": "Nortwind Traders Ltd"}, "perhaps"),
        ({"company.name": "Vint Larsson"}, {"company.name": "Vint-Larsson Delft"}, "perhaps"),
        ({"company.name": "Acme", "company.domain": "acme.de"},
         {"company.name": "Acme", "company.domain": "acme.example"}, "perhaps"),
        ({"company.name": "Acme", **HOME}, {"company.name": "Acme", "street": "3 Dock Road", "city": "Leeds"}, ""),
        ({"company.name": "Acme", **HOME}, {"company.name": "Borealis", **HOME}, ""),
        ({"company.name": "Acme", **HOME, "phone": "+493012345678"},
         {"company.name": "Borealis", **HOME, "phone": "+493012345678"}, "perhaps"),
        ({"company.name": "Acme"}, {"company.name": "Borealis"}, ""),
        ({}, {}, ""),
    ],
)  # fmt: skip
def test_organisations(one: dict[str, Any], other: dict[str, Any], band: str) -> None:
    left, right = organisation(one), organisation(other)
    found = compare(left, right, ORGANISATION)
    assert found.band == band, found
    assert compare(right, left, ORGANISATION).points == found.points
    assert not band or keys(left) & keys(right)


def test_every_finding_has_words() -> None:
    for table in (OF_PEOPLE, OF_ORGANISATIONS):
        for field, every in table.items():
            for level, said in every.items():
                text = words(Finding(field, level, 0, "", ""), str.upper)
                assert FIELDS[field].upper() in text or said.meaning.upper() in text
    assert words(Finding("place", "at_most", -5, "", ""), str)


def test_keys_are_few_and_fit_the_store() -> None:
    lead = {**MARA, **ACME, "email": "mara.lindqvist@acme.example", "phone": "+493012345678", "city": "Berlin"}
    found = keys(person(lead))
    assert len(found) <= 8
    assert all(0 <= key < 2**63 for key in found)
    assert not keys(person({"name.family": "Lindqvist"}))
    assert not keys(person({"email": "", "city": "Berlin", "country": "DE"}))


def test_the_page_has_the_points_as_shipped() -> None:
    page = (Path(__file__).parents[2] / "docs" / "admin" / "duplicates.md").read_text("utf-8")
    people, organisations = page.split("### Points of organisations")
    for text, table in ((people, OF_PEOPLE), (organisations, OF_ORGANISATIONS)):
        rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in text.splitlines() if line[:1] == "|"]
        field, told = "", []
        for row in rows:
            field = row[0] or field
            if field in table and row[1] in table[field]:
                told.append((field, row[1], int(row[2]), row[3]))
        assert told == [(name, level, *said) for name, every in table.items() for level, said in every.items()]


def test_a_private_address_besides_makes_neighbours_in_a_firm_no_likelier_one() -> None:
    board = {**ACME, "phone": "+493012345678"}
    taro = person({**board, "name.given": "Taro", "name.family": "Yamada", "email": "taro.yamada@acme.example"})
    home = person({"name.given": "Taro", "name.family": "Yamada", "email": "t.yamada@gmail.com"})
    hanako = person({**board, "name.given": "Hanako", "name.family": "Sato", "email": "reception2@acme.example"})
    alone, both = compare(taro, hanako, PERSON), compare(joined([taro, home]), hanako, PERSON)
    assert "email.colleagues" in levels(alone) & levels(both)
    assert both.points == alone.points


def test_namesakes_by_half_in_one_town_are_not_asked_about_however_few_leads_there_are() -> None:
    town = {"postal_code": "BS2 0EL", "city": "Bristol"}
    one, other = {"name.given": "Duncan", "name.family": "Lindqvist", **town}, {**MARA, **town}
    few = PERSON.among(100)
    apart = compare(person(one), person(other), few)
    assert (apart.points >= few.perhaps, apart.band) == (True, "")
    own = {"linkedin": "https://www.linkedin.com/in/lindqvist"}
    assert compare(person({**one, **own}), person({**other, **own}), few).band == "perhaps"
