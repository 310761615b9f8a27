"""Whether two names can be one person's."""

from __future__ import annotations

import pytest

from connector.model.lead import Lead, Statement
from connector.steps.namesakes import FULLY, NEVER, PARTS, PERHAPS, WELL, Called, called, goes_with, names_of


def name(given: str = "", family: str = "", full: str = "", reading: str = "") -> Called:
    return called({part: text for part, text in zip(PARTS, (given, family, full, reading), strict=True) if text})


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (("Ana", "Weber"), ("ANA", "weber"), FULLY),
        (("Ana", "Weber"), ("Ana", "Schmidt"), FULLY),  # married
        (("Ana", "Weber"), ("Tom", "Weber"), NEVER),
        (("Jan", "Weber"), ("Jana", "Weber"), NEVER),
        (("Bob", "Weber"), ("Robert", "Weber"), WELL),
        (("J.", "Weber"), ("Joan", "Weber"), WELL),
        (("J.", "Weber"), ("Joan", "Smith"), NEVER),
        (("Hans", "Weber"), ("Hans-Peter", "Weber"), WELL),
        (("Hans Peter", "Weber"), ("Hans-Peter", "Weber"), FULLY),
        (("Hans Jörg", "Weber"), ("Hans Peter", "Weber"), NEVER),
        (("Weber", "Ana"), ("Ana", "Weber"), WELL),  # the other way round
        (("John", "Smith Jr."), ("John", "Smith Sr."), NEVER),
        ((), ("Joan", "Weber"), PERHAPS),
        ((), (), PERHAPS),
        (("", "Weber"), ("Joan", "Weber"), PERHAPS),
        (("", "Weber"), ("Joan", "Smith"), NEVER),
        (("", "", "Ana Weber"), ("Ana", "Weber"), FULLY),
        (("", "", "Weber, Ana"), ("Ana", "Weber"), FULLY),
        (("", "", "Ana"), ("Ana", "Weber"), WELL),
        (("", "", "Ana"), ("", "", "Tom"), NEVER),
        (("", "", "Tom"), ("Ana", "Weber"), NEVER),
        (("Ana",), ("Ana",), FULLY),
        (("Ana",), ("Tom",), NEVER),
        (("Ana",), ("Tom", "Weber"), NEVER),
        (("Peter", "Weber"), ("Hans Peter", "Weber"), WELL),
        (("Peter Hans", "Weber"), ("Hans Peter", "Weber"), WELL),
    ],
)
def test_given_names_decide(one: tuple[str, ...], other: tuple[str, ...], level: int) -> None:
    assert goes_with(name(*one), name(*other)) == goes_with(name(*other), name(*one)) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (("J.", "Weber"), ("J.", "Weber"), FULLY),
        (("J.", "Weber"), ("J.", "Smith"), NEVER),
        (("J. P.", "Weber"), ("J.P.", "Smith"), NEVER),
        (("J.", "Weber"), ("Joan Maria", "Smith"), NEVER),
        (("J.",), ("J.", "Smith"), FULLY),
        (("J. Paul", "Weber"), ("J. Paul", "Smith"), FULLY),
        (("愛", "山田"), ("愛", "鈴木"), FULLY),
        (("愛", "Weber"), ("Ai", "Smith"), PERHAPS),
    ],
)
def test_an_initial_is_no_given_name_that_stays_when_the_family_name_changes(
    one: tuple[str, ...], other: tuple[str, ...], level: int
) -> None:
    assert goes_with(name(*one), name(*other)) == goes_with(name(*other), name(*one)) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (("John", "Smith"), ("John", "Smith Jr."), FULLY),
        (("John", "Smith,Jr."), ("John", "Smith Sr."), NEVER),
        (("John", "van Dyke Jr"), ("John", "van Dyke Sr"), NEVER),
        (("John", "", "John Smith III"), ("John", "Smith II"), NEVER),
        (("Ana", "van Dyke"), ("Ana", "Smith Jr."), FULLY),
        (("Ana", "Junior"), ("Ana", "Smith Sr."), FULLY),  # a family name
    ],
)
def test_two_generations_are_two_people(one: tuple[str, ...], other: tuple[str, ...], level: int) -> None:
    assert goes_with(name(*one), name(*other)) == goes_with(name(*other), name(*one)) == level


@pytest.mark.parametrize(
    ("full", "given", "family"),
    [
        ("Ana Maria Weber", "Ana Maria", "Weber"),
        ("van der Berg, Ana", "Ana", "van der Berg"),
        ("Weber, Ana, MBA", "Ana", "Weber"),
        ("Ana Weber,", "Ana", "Weber"),
        ("山田 Taro", "Taro", "山田"),
        ("ヤマダ ハナコ", "ハナコ", "ヤマダ"),
        ("김 민수", "민수", "김"),
    ],
)
def test_a_full_name_is_cut_as_its_script_and_its_comma_say(full: str, given: str, family: str) -> None:
    assert name(full=full) == name(given, family)
    assert name(given, family, "Tom Koch") == name(given, family)


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Ana", "Ana", FULLY),
        ("A.", "Ana", WELL),
        ("Bob", "Robert", WELL),
        ("Jan", "Janosch", NEVER),
        ("山田太郎", "山田", WELL),
        ("山田太郎", "Taro", PERHAPS),
    ],
)
def test_two_names_in_one_piece_say_little(one: str, other: str, level: int) -> None:
    assert goes_with(name(full=one), name(full=other)) == goes_with(name(full=other), name(full=one)) == level


def test_a_name_may_be_written_together() -> None:
    assert goes_with(name(full="Anaweber"), name("Ana", "Weber")) == WELL
    assert goes_with(name(full="Weberana"), name("Ana", "Weber")) == WELL


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (("太郎", "山田"), ("花子", "山田"), NEVER),
        (("愛", "山田"), ("愛子", "山田"), NEVER),
        (("花子", "山田"), ("Hanako", "Yamada"), PERHAPS),
        (("花子", "山田", "", "やまだ はなこ"), ("Hanako", "Yamada"), FULLY),
        (("太郎", "山田", "", "ヤマダ タロウ"), ("Hanako", "Yamada"), NEVER),
        (("太郎", "山田", "", "ヤマダ タロウ"), ("Tarō", "Yamada"), FULLY),
        (("太郎", "山田", "", "ヤマダ タロウ"), ("T.", "Yamada"), WELL),
        (("ハナコ", "ヤマダ"), ("Hanako", "Yamada"), FULLY),
        (("マイケル", "スミス"), ("Michael", "Smith"), PERHAPS),
        (("", "", "山田太郎"), ("太郎", "山田"), WELL),
        (("", "", "山田太郎"), ("", "山田"), WELL),
        (("", "", "山田太郎"), ("花子", "山田"), NEVER),
        (("", "", "山田 太郎"), ("太郎", "山田"), FULLY),
        (("", "", "山田太郎"), ("Taro", "Yamada"), PERHAPS),
        (("Юрий", "Иванов"), ("Yury", "Ivanov"), PERHAPS),
        (("Юрий", "Иванов"), ("Пётр", "Иванов"), NEVER),
        (("Юрий", "Иванов"), ("Γιώργος", "Παπάς"), PERHAPS),
        (("민수", "김"), ("太郎", "山田"), PERHAPS),
        (("太郎", "山田", "", "ヤマダ タロウ"), ("Tom", "Yamada"), NEVER),
        (("太郎", "山田", "", "ヤマダ タロウ"), ("Юрий", "Иванов"), PERHAPS),
        (("愛", "山田", "", "ヤマダ アイ"), ("A.", "Suzuki"), WELL),
        (("民秀", "金", "", "キム ミン ス"), ("Minsu", "Kim"), FULLY),
        (("花子", "", "", "やまだ はなこ"), ("Hanako", "Yamada"), FULLY),
        (("花子", "山田", "", "ヤマダ"), ("Hanako", "Yamada"), PERHAPS),  # the family name's reading
        (("", "山田", "", "ヤマダ タロウ"), ("Hanako", "Yamada"), PERHAPS),
        (("アンナ マリア", "ロッシ"), ("Anna Maria", "Rossi"), FULLY),
        (("マイケル", "山田", "", "ヤマダ マイケル"), ("Michael", "Yamada"), PERHAPS),
    ],
)
def test_another_script_contradicts_only_where_its_reading_does(
    one: tuple[str, ...], other: tuple[str, ...], level: int
) -> None:
    assert goes_with(name(*one), name(*other)) == goes_with(name(*other), name(*one)) == level


def test_a_lead_is_called_what_anybody_calls_it() -> None:
    lead = Lead({"name.given": "Ana", "name.family": "Weber"})
    lead.sides = {"news": {"name.family": Statement("Koch"), "city": Statement("Bonn")}, "crm": {"city": Statement("")}}
    assert list(names_of(lead)) == [name("Ana", "Weber"), name("Ana", "Koch")]
    lead.sides["news"]["name.family"] = Statement(None)
    assert list(names_of(lead)) == [name("Ana", "Weber"), name("Ana")]
