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
    ],
)
def test_given_names_decide(one: tuple[str, ...], other: tuple[str, ...], level: int) -> None:
    assert goes_with(name(*one), name(*other)) == goes_with(name(*other), name(*one)) == level


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
