"""People's names: comparable words, readings in Latin letters, short names, and the parts of a full name."""

from __future__ import annotations

import pytest

from connector.steps.normalise import values as normalise
from connector.steps.normalise.kana import reading
from connector.steps.normalise.names import name_words, romanised, same_short_name
from connector.steps.normalise.person import full_name_apart, rest_of_name, split_name
from connector.steps.normalise.short_names import GROUPS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Dr. José-María O'Brien Jr.", "jose maria obrien"),
        ("Jürgen Groß", "jurgen gross"),
        ("Søren Æbelø", "soren aebelo"),
        ("Łukasz Đorđević", "lukasz dordevic"),
        ("SEÁN D’ANGELO", "sean dangelo"),
        ("Prof. Dr. Dipl.-Ing. Hans von der Au", "hans von der au"),
        ("Frau Dr. med. Anna Schmidt", "anna schmidt"),
        ("Mme Marie-Claire Dupont", "marie claire dupont"),
        ("Sig.ra Anna Rossi", "anna rossi"),
        ("Sra. García", "garcia"),
        ("mevr. A. Jansen", "a jansen"),
        ("J.R. Smith III", "j r smith"),
        ("John Smith, Ph.D., M.B.A.", "john smith"),
        ("Ing-Marie Berg", "ing marie berg"),
        ("Dr", "dr"),
        ("山田　太郎 様", "山田 太郎"),
        ("渡邉髙志先生", "渡辺高志"),
        ("やまだ　たろう さん", "ヤマダ タロウ"),
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ タロウ"),
        ("マイケル・ジョーダン", "マイケル ジョーダン"),
        ("김철수님", "김철수"),
        ("", ""),
    ],
)
def test_words_of_a_name(text: str, found: str) -> None:
    assert " ".join(name_words(text)) == found


@pytest.mark.parametrize(
    ("spellings", "found"),
    [
        ("とうきょう トーキョー Tōkyō Toukyou TOKYO", "tokyo"),
        ("たろう タロー ﾀﾛｳ Taro Tarou Taroh Tarō", "taro"),
        ("おおの Ohno Oono Ono Ōno", "ono"),
        ("しんいちろう シンイチロー Shin'ichirō Sinitirou Shinichiro", "shinichiro"),
        ("さとう Satou Satoh Sato", "sato"),
        ("なんば Namba Nanba", "nanba"),
        ("はっとり Hattori", "hattori"),
        ("きょうこ Kyouko Kyoko", "kyoko"),
        ("つづき Tsuzuki Tuduki", "tsuzuki"),
        ("じゅん ぢゅん Jun Zyun Jyun", "jun"),
        ("ふじ Fuji Huji", "fuji"),
        ("ゆうこ ユーコ Yuuko Yuko Yūko", "yuko"),
        ("みつい Mitsui Mitui", "mitsui"),
        ("ちば Chiba Tiba", "chiba"),
        ("いしい Ishii Isii", "ishii"),
        ("ヴィクトル", "vikutoru"),
        ("ウィリアム", "wiriamu"),
        ("チェ", "che"),
        ("Smith", "smith"),
    ],
)
def test_a_reading_is_one_in_latin_letters_however_it_is_written(spellings: str, found: str) -> None:
    assert {romanised(spelling) for spelling in spellings.split()} == {found}


def test_a_romanised_reading_keeps_family_and_given_name_apart() -> None:
    assert romanised("ヤマダ　タロウ") == romanised("Yamada Tarou") == "yamada taro"
    assert romanised("山田") == "山田"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("やまだ　たろう", "ヤマダ タロウ"),
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ タロウ"),
        ("Yamada Taro", "Yamada Taro"),
        ("やまだ Taro", "やまだ Taro"),
    ],
)
def test_furigana_are_kept_in_katakana(given: str, found: str) -> None:
    assert reading(given) == found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("bob", "robert", True),
        ("bob", "rob", True),
        ("kate", "catherine", True),
        ("alex", "alexandra", True),
        ("alex", "alexander", True),
        ("alexander", "alexandra", False),
        ("hans", "johannes", True),
        ("sepp", "josef", True),
        ("uschi", "ursula", True),
        ("pepe", "jose", True),
        ("paco", "francisco", True),
        ("nacho", "ignacio", True),
        ("beppe", "giuseppe", True),
        ("gigi", "luigi", True),
        ("manu", "emmanuel", True),
        ("kees", "cornelis", True),
        ("wim", "willem", True),
        ("anna", "anna", True),
        ("anna", "otto", False),
        ("zz", "yy", False),
    ],
)
def test_short_names(one: str, other: str, *, same: bool) -> None:
    assert same_short_name(one, other) is same
    assert same_short_name(other, one) is same


def test_short_names_are_written_as_the_words_of_names_are() -> None:
    assert [line for line in GROUPS.strip().splitlines() if " ".join(name_words(line)) != line] == []


@pytest.mark.parametrize(
    ("full", "country", "given", "family"),
    [
        ("Ana Lopez", "", "Ana", "Lopez"),
        ("Mary Ann Smith", "US", "Mary Ann", "Smith"),
        ("Lopez, Ana", "", "Ana", "Lopez"),
        ("Smith, Jr., John", "", "John", "Smith"),
        ("John Smith, Jr.", "", "John", "Smith"),
        ("John Smith III", "", "John", "Smith"),
        ("Anna Schmidt, M.D.", "", "Anna", "Schmidt"),
        ("Prof. Dr. Hans von der Au", "DE", "Hans", "von der Au"),
        ("Vincent van den Berg", "NL", "Vincent", "van den Berg"),
        ("Leonardo da Vinci", "IT", "Leonardo", "da Vinci"),
        ("Jean de La Fontaine", "FR", "Jean", "de La Fontaine"),
        ("DUPONT Jean", "FR", "Jean", "DUPONT"),
        ("Jean DUPONT", "FR", "Jean", "DUPONT"),
        ("M. Jean Dupont", "FR", "Jean", "Dupont"),
        ("M. Dupont", "FR", "", "Dupont"),
        ("Gabriel García Márquez", "CO", "Gabriel", "García Márquez"),
        ("José Luis Pérez", "ES", "José Luis", "Pérez"),
        ("María José García López", "ES", "María José", "García López"),
        ("José Ortega y Gasset", "ES", "José", "Ortega y Gasset"),
        ("Osama bin Laden", "", "Osama", "bin Laden"),
        ("Mohammed al-Fayed", "", "Mohammed", "al-Fayed"),
        ("Al Gore", "", "Al", "Gore"),
        ('Robert "Bob" Smith', "", "Robert", "Smith"),
        ("ANA LOPEZ", "", "ANA", "LOPEZ"),
        ("山田 太郎", "", "太郎", "山田"),
        ("山田太郎様", "", "太郎", "山田"),
        ("佐々木希", "", "希", "佐々木"),
        ("やまだ たろう", "", "たろう", "やまだ"),
        ("マイケル・ジョーダン", "JP", "マイケル", "ジョーダン"),
        ("王小明", "CN", "小明", "王"),
        ("欧阳娜娜", "CN", "娜娜", "欧阳"),
        ("김철수", "KR", "철수", "김"),
        ("남궁민수", "KR", "민수", "남궁"),
        ("Frau Müller", "", "", "Müller"),
        # no good guess
        ("Sir Ian", "", "", ""),
        ("Madonna", "", "", ""),
        ("王小明", "", "", ""),
        ("Nagy János", "HU", "", ""),
        ("Nguyễn Văn An", "VN", "", ""),
        ("Hans & Grete Müller", "", "", ""),
        ("Acme GmbH", "", "", ""),
        ("Sales Team", "", "", ""),
        ("ana@example.com", "", "", ""),
    ],
)
def test_a_full_name_is_parted_where_there_is_a_good_guess(full: str, country: str, given: str, family: str) -> None:
    assert split_name(full, country) == (given, family)


@pytest.mark.parametrize(
    ("text", "name", "honorific"),
    [
        ("Dr. Ana Lopez", "Ana Lopez", "Dr."),
        ("Prof. Dr. Hans Au", "Hans Au", "Prof. Dr."),
        ("Dipl.-Ing. Max Muster", "Max Muster", "Dipl.-Ing."),
        ("Dr. med. Anna Schmidt", "Anna Schmidt", "Dr. med."),
        ("Herr Müller", "Müller", "Herr"),
        ("MS ANA LOPEZ", "ANA LOPEZ", "MS"),
        ("Mme Dupont", "Dupont", "Mme"),
        ("Sra. García", "García", "Sra."),
        ("Sig.ra Anna Rossi", "Anna Rossi", "Sig.ra"),
        ("mevr. A. Jansen", "A. Jansen", "mevr."),
        ("山田　太郎 様", "山田 太郎", "様"),
        ("山田さん", "山田", "さん"),
        ("長谷川先生", "長谷川", "先生"),
        ("山田太郎殿", "山田太郎", "殿"),
        ("J. R. Smith", "J. R. Smith", ""),
        ("Ana Lopez", "Ana Lopez", ""),
        ("Mr", "Mr", ""),
        ("様", "様", ""),
    ],
)
def test_what_addresses_a_person_is_no_part_of_the_name(text: str, name: str, honorific: str) -> None:
    assert full_name_apart(text) == (name, honorific)


def test_an_m_with_a_point_is_monsieur_where_french_is_spoken() -> None:
    assert full_name_apart("M. Jean Dupont", "FR") == ("Jean Dupont", "M.")
    assert full_name_apart("M. Night Shyamalan", "US") == ("M. Night Shyamalan", "")


def test_one_name_after_a_honorific_is_the_familys() -> None:
    assert normalise.derive({"name.full": "Müller", "honorific": "Frau Dr."}) == {"name.family": "Müller"}
    assert normalise.derive({"name.full": "Ian", "honorific": "Sir"}) == {}
    assert normalise.derive({"name.full": "Müller"}) == {}


def test_the_rest_of_a_name() -> None:
    assert rest_of_name("Ana María Lopez", "Ana María") == "Lopez"
    assert rest_of_name("Lopez, Ana", "Ana") == "Lopez"
    assert rest_of_name("山田太郎", "山田") == "太郎"
    assert rest_of_name("John Smith Jr.", "John") == "Smith"
    assert rest_of_name("Ana Lopez", "Bo") == rest_of_name("Ana", "Ana") == ""


def test_the_parts_of_a_name_are_worked_out_and_never_overwritten() -> None:
    assert normalise.derive({"name.full": "Ana van Dyk"}) == {"name.given": "Ana", "name.family": "van Dyk"}
    assert normalise.derive({"name.full": "Ana María Lopez", "name.given": "Ana María"}) == {"name.family": "Lopez"}
    assert normalise.derive({"name.full": "Ana Lopez", "name.given": "Bo"}) == {}
    assert normalise.derive({"name.full": "Ana Lopez", "name.given": "Bo", "name.family": "Berg"}) == {}


def test_parts_that_were_worked_out_go_with_the_name_they_came_from() -> None:
    fields = {"name.given": "Ana", "name.family": "Lopez", "email": "bo@gmail.com"}
    assert normalise.derive(fields, {"email": ("web", "")}) == {"email_class": "free"}
    cleared = {"name.full": "Ana Lopez"}
    said = {"name.full": ("web", ""), "name.given": ("crm", "")}
    assert normalise.derive(cleared, said) == {}
