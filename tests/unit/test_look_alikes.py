"""People who look alike and are two: none of them becomes one without asking, whatever else is at hand."""

from __future__ import annotations

from typing import Any

import pytest

from connector.steps.alike import PERSON, Likeness, compare, person
from connector.steps.namesakes import NEVER, called, goes_with
from connector.steps.normalise.values import derive

Said = dict[str, Any]

FIRM: Said = {"company.name": "Alba GmbH", "company.domain": "alba.example"}
SWITCHBOARD: Said = {"phone": "+493090182000"}
OFFICE: Said = {"street": "Lindenallee 40", "postal_code": "45127", "city": "Essen", "country": "DE"}
HOME: Said = {"street": "Hauptstr. 12", "postal_code": "50667", "city": "Köln", "country": "DE"}
LANDLINE: Said = {"phone": "+4922133445566"}

#: Where two are found together, and where they have an address: of the firm, of a provider, of both, or none.
AROUND: list[tuple[str, Said, tuple[str, str]]] = [
    ("switchboard", FIRM | SWITCHBOARD, ("alba.example", "alba.example")),
    ("switchboard, one address", FIRM | SWITCHBOARD, ("alba.example", "")),
    ("switchboard and office", FIRM | SWITCHBOARD | OFFICE, ("", "")),
    ("office", FIRM | OFFICE, ("alba.example", "alba.example")),
    ("one private address", FIRM | SWITCHBOARD | OFFICE, ("alba.example", "gmail.com")),
    ("home and landline", HOME | LANDLINE, ("gmail.com", "gmail.com")),
    ("home", HOME, ("", "")),
    ("one city", {"city": "Köln"}, ("gmail.com", "gmail.com")),
]
#: Given and family names of two who work, or live, together.
TWO = [
    ("Jean", "Dupont", "Jean-Pierre", "Dupont"), ("Hans", "Weber", "Hans Jörg", "Weber"),
    ("Alex", "Smith", "Alexandra", "Smith"), ("Alexander", "Brandt", "Alexandra", "Brandt"),
    ("Chris", "Marlow", "Christine", "Marlow"), ("Pat", "Doyle", "Patricia", "Doyle"),
    ("Jan", "Lindqvist", "Jana", "Lindqvist"), ("Tim", "Okafor", "Tom", "Okafor"), ("Paul", "Koch", "Paula", "Koch"),
    ("J.", "Smith", "Jane", "Smith"), ("M", "Lindqvist", "Mara", "Lindqvist"), ("R", "Patel", "Ravi", "Patel"),
    ("Anna", "Weber", "Anna", "Klein"), ("Anna", "Weber", "Anna", "Webber"), ("Stefan", "Maier", "Stefan", "Meyer"),
    ("Jan", "Hansen", "Jan", "Jansen"), ("Wei", "Wang", "Wei", "Yang"), ("Ken", "Sato", "Ken", "Kato"),
    ("Martin", "Thomas", "Thomas", "Martin"), ("Ahmed", "Ali", "Ali", "Ahmed"), ("Jean", "Paul", "Paul", "Jean"),
    ("José", "García López", "José", "García Ruiz"), ("José", "García", "José", "García López"),
    ("María", "Fernández", "María José", "Fernández"), ("Max", "Müller", "Max", "Mueller-Lang"),
    ("健", "佐藤", "健一", "佐藤"), ("太郎", "山田", "次郎", "山田"), ("민준", "김", "민서", "김"),
    ("伟", "王", "伟强", "王"), ("Van", "Nguyen", "Van Anh", "Nguyen"), ("", "Sommer", "Jan", "Sommer"),
    ("Person1", "Reed", "Person2", "Reed"), ("Test", "User 1", "Test", "User 2"), ("John", "Smith", "John", "Smith"),
    ("Maria", "Garcia", "Maria", "Garcia"), ("Wei", "Zhang", "Wei", "Zhang"),
]  # fmt: skip
#: What stands where a name should, of anybody.
NOBODY = [
    ("Test", "Test"), ("Test", "User"), ("asdf", "asdf"), ("hjkl", "hjkl"), ("Unknown", "Unknown"), ("n/a", "n/a"),
    ("-", "-"), ("xxx", "xxx"), ("Info", "Desk"), ("Marketing", "Team"), ("Store", "Manager"), ("Front", "Desk"),
    ("Accounts", "Payable"), ("No", "Name"), ("Dear", "Customer"), ("テスト", "テスト"), ("", "Reception"),
    ("Vorname", "Nachname"),
]  # fmt: skip
WITHOUT_A_NAME: list[tuple[str, Said, Said]] = [
    ("a number that counts", {"email": "test1@firm1.example", "phone": "+49123456789"},
     {"email": "test2@firm2.example", "phone": "+49123456789"}),
    ("a switchboard", FIRM | SWITCHBOARD, FIRM | SWITCHBOARD),
    ("a business centre", SWITCHBOARD | OFFICE | {"company.name": "Alba"},
     SWITCHBOARD | OFFICE | {"company.name": "Berg"}),
    ("a number of ones", {"email": "anna@alba.example", "mobile": "+4915111111111"},
     {"email": "bernd@berg.example", "mobile": "+4915111111111"}),
    ("the page of a firm", FIRM | {"linkedin": "https://linkedin.com/company/alba", "email": "anna@alba.example"},
     FIRM | {"linkedin": "https://linkedin.com/company/alba"}),
]  # fmt: skip
HOSTS = [
    ("gmail.com", "ymail.com"), ("mail.com", "gmail.com"), ("aol.com", "gmx.com"), ("web.de", "gmx.de"),
    ("hp.com", "hpe.com"), ("abc.de", "abd.de"), ("nordwerk.example", "sordwerk.example"), ("a.example", "b.example"),
    ("firm1.example", "firm2.example"), ("ntt.co.jp", "ntv.co.jp"),
]  # fmt: skip


def alike(one: Said, other: Said) -> Likeness:
    left, right = (derive(said) | {name: value for name, value in said.items() if value} for said in (one, other))
    found = compare(person(left), person(right), PERSON.among(1000))
    if found.band == "sure" and goes_with(called(left), called(right)) == NEVER:
        return found._replace(band="perhaps")
    return found


def named(given: str, family: str, host: str, number: int) -> Said:
    text = f"{given} {family}".lower().replace(".", "").strip().replace(" ", ".")
    local = text if text.isascii() else f"mailbox{number}"
    return {"name.given": given, "name.family": family, "email": f"{local}@{host}" if host else ""}


@pytest.mark.parametrize(("around", "both", "hosts"), AROUND, ids=[one[0] for one in AROUND])
def test_two_who_share_what_a_household_or_a_firm_shares(around: str, both: Said, hosts: tuple[str, str]) -> None:
    wrong = []
    for given, family, second, theirs in TWO:
        one, other = named(given, family, hosts[0], 1) | both, named(second, theirs, hosts[1], 2) | both
        if one.get("email") and one.get("email") == other.get("email"):
            other["email"] = other["email"].replace("@", "2@")
        found = alike(one, other)
        if found.band == "sure":
            wrong.append((one, other, found.findings))
    assert wrong == []


@pytest.mark.parametrize(
    ("one", "other"), [case[1:] for case in WITHOUT_A_NAME], ids=[case[0] for case in WITHOUT_A_NAME]
)
def test_who_gives_no_name_is_nobody(one: Said, other: Said) -> None:
    names = [{"name.given": given, "name.family": family} for given, family in NOBODY]
    assert [name for name in names if alike(one | name, other | name).band == "sure"] == []


@pytest.mark.parametrize("hosts", HOSTS)
def test_two_of_one_name_at_hosts_that_look_alike(hosts: tuple[str, str]) -> None:
    for given, family in (("John", "Smith"), ("Max", "Müller"), ("Mara", "Lindqvist")):
        name = {"name.given": given, "name.family": family, "city": "Köln", "country": "DE"}
        one, other = (name | {"email": f"{given}.{family}@{host}".lower().replace("ü", "ue")} for host in hosts)
        assert alike(one, other).band != "sure"


def test_father_and_son_have_a_mobile_each() -> None:
    name = {"name.given": "Edwin", "name.family": "Marlow", **HOME}
    assert alike(name | {"mobile": "+4915112345678"}, name | {"mobile": "+4917198765432"}).band == "perhaps"
    assert alike(name | {"mobile": "+4915112345678"}, name).band == "sure"


@pytest.mark.parametrize(
    "page", ["https://www.linkedin.com/in/me/", "linkedin.com/in/me?trk=x", "linkedin.com/company/alba"]
)
def test_a_page_that_is_nobodys_own(page: str) -> None:
    found = alike(
        {"name.family": "Weber", **FIRM, "linkedin": page}, {"name.family": "Weber", **FIRM, "linkedin": page}
    )
    assert "linkedin" not in {one.field for one in found.findings}


SAME: list[tuple[str, Said, Said]] = [
    ("a short name, one mobile", {"name.full": "Bob Tolliver", "mobile": "+447700900123"},
     {"name.full": "Robert Tolliver", "email": "rt@alba.example", "phone": "+447700900123"}),
    ("a married name, another address",
     {"name.full": "Mia Braun", "email": "mia.braun@nord.example", "mobile": "+4915112345678"},
     {"name.full": "Mia Lehmann", "email": "mia.lehmann@nord.example", "mobile": "+4915112345678"}),
    ("private and work address, one number", {"name.full": "Anna Schmidt", "email": "annes@gmail.com", **SWITCHBOARD},
     {"name.full": "Anna Schmidt", "email": "anna.schmidt@alba.example", **SWITCHBOARD}),
    ("a slip in the name", {"name.full": "Mara Lindqvist", **SWITCHBOARD},
     {"name.full": "Mara Lindqvst", "email": "ml@alba.example", **SWITCHBOARD}),
    ("characters with a reading, and letters",
     {"name.full": "山田 太郎", "name.reading": "ヤマダ タロウ", **SWITCHBOARD},
     {"name.full": "Taro Yamada", "email": "taro@gmail.com", **SWITCHBOARD}),
    ("characters without a reading, one mobile", {"name.full": "山田 太郎", "mobile": "+819012345678"},
     {"name.full": "Taro Yamada", "mobile": "+819012345678"}),
    ("hangul and letters, one mobile", {"name.given": "민준", "name.family": "김", "mobile": "+821012345678"},
     {"name.given": "Minjun", "name.family": "Kim", "mobile": "+821012345678"}),
    ("cyrillic and letters, one mobile", {"name.given": "Иван", "name.family": "Петров", "mobile": "+79161234567"},
     {"name.given": "Ivan", "name.family": "Petrov", "mobile": "+79161234567"}),
    ("kana and letters, one number", {"name.given": "タロウ", "name.family": "ヤマダ", **SWITCHBOARD},
     {"name.given": "Taro", "name.family": "Yamada", **SWITCHBOARD}),
    ("an umlaut spelt out", {"name.full": "Jörg Müller", **SWITCHBOARD}, {"name.full": "Joerg Mueller", **SWITCHBOARD}),
    ("a change of jobs", {"name.full": "Mia Braun", "company.name": "Nord", "mobile": "+4915112345678"},
     {"name.full": "Mia Braun", "company.name": "Süd", "mobile": "+4915112345678"}),
    ("two mailboxes at one firm", {"name.full": "Mara Lindqvist", "email": "mara.lindqvist@alba.example", **FIRM},
     {"name.full": "Mara Lindqvist", "email": "mlindqvist@alba.example", **FIRM}),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), [case[1:] for case in SAME], ids=[case[0] for case in SAME])
def test_one_person_is_at_least_asked_about(one: Said, other: Said) -> None:
    assert alike(one, other).band
