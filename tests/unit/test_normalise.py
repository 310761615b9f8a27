"""Values in their normal form, by tables of examples."""

from __future__ import annotations

import pytest

from connector.steps.normalise import mail
from connector.steps.normalise import values as normalise
from connector.steps.normalise.countries import codes
from connector.steps.normalise.text import clean, fold, identifier, shorten, single_line, unknown_words


@pytest.mark.parametrize(
    ("given", "value", "reason"),
    [
        ("ana@example.com", "ana@example.com", ""),
        (" Ana.Lopez@Example.COM ", "ana.lopez@example.com", ""),
        ("ａｎａ＠example.com", "ana@example.com", ""),
        ("mailto:ana@example.com", "ana@example.com", ""),
        ("Ana Lopez <ana@example.com>", "ana@example.com", ""),
        ("ana@example.com,", "ana@example.com", ""),
        ("o'neil@example.org", "o'neil@example.org", ""),
        ("müller@firma.de", "müller@firma.de", ""),
        ("a@münchen.de", "a@münchen.de", ""),
        ("a..b@docomo.ne.jp", "a..b@docomo.ne.jp", mail.UNUSUAL_ADDRESS),
        ("Ana.@docomo.ne.jp", "ana.@docomo.ne.jp", mail.UNUSUAL_ADDRESS),
        ("a@example.com; b@example.com", "a@example.com", mail.SEVERAL_ADDRESSES),
        ("asked at the booth", "asked at the booth", mail.NO_ADDRESS),
        ("ana@localhost", "ana@localhost", mail.NO_ADDRESS),
        (f"{'x' * 70}@example.com", f"{'x' * 70}@example.com", mail.NO_ADDRESS),
    ],
)
def test_email(given: str, value: str, reason: str) -> None:
    assert normalise.email(given) == (value, reason)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("ana@acme.co.jp", "work"),
        ("ana@gmail.com", "free"),
        ("taro@docomo.ne.jp", "free"),
        ("taro@yahoo.co.jp", "free"),
        ("taro@abc.eonet.ne.jp", "free"),
        ("info@acme.de", "role"),
        ("sales+jp@acme.de", "role"),
        ("info@gmail.com", "free"),
        ("x@mailinator.com", "disposable"),
        ("none", ""),
        ("ana@nowhere", ""),
    ],
)
def test_email_class(address: str, kind: str) -> None:
    assert normalise.email_class(address) == kind


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("https://www.Acme.co.jp/about?x=1#y", "acme.co.jp"),
        ("acme.com", "acme.com"),
        ("mail.eu.acme.com", "acme.com"),
        ("ana@mail.acme.de", "acme.de"),
        ("ｗｗｗ.acme.jp:8080", "acme.jp"),
        ("foo.bar.tokyo.jp", "bar.tokyo.jp"),
        ("www.city.yokohama.jp", "city.yokohama.jp"),
        ("shop.acme.gv.at", "acme.gv.at"),
        ("a.b.firm.example", "firm.example"),
    ],
)
def test_domain(given: str, value: str) -> None:
    assert normalise.domain(given) == (value, "")


@pytest.mark.parametrize("given", ["co.jp", "com.io", "localhost", "our website", "192.168.1.1", "com"])
def test_what_is_no_domain_is_kept_as_given(given: str) -> None:
    assert normalise.domain(given) == (given, "not a domain")


@pytest.mark.parametrize(
    "host",
    [
        "acme.com",
        "x.acme.com",
        "acme.de",
        "acme.io",
        "acme.co.jp",
        "x.acme.ne.jp",
        "acme.jp",
        "acme.tokyo.jp",
        "acme.ai",
        "acme.com.io",
        "acme.eu",
        "a.b.acme.co.uk",
        "acme.us",
        "acme.pl",
        "acme.waw.pl",
        "acme.at",
        "acme.gv.at",
        "acme.dev",
    ],
)
def test_the_fast_path_of_domains_agrees_with_the_list(host: str) -> None:
    from tldextract import TLDExtract

    found = TLDExtract(suffix_list_urls=(), cache_dir=None).extract_str(host)
    assert normalise.registrable(host) == f"{found.domain}.{found.suffix}"


@pytest.mark.parametrize(
    ("given", "region", "value", "extension"),
    [
        ("030 1234567", "DE", "+49301234567", ""),
        ("+49 (0)30 1234567", "US", "+49301234567", ""),
        ("0049 30 1234567", "DE", "+49301234567", ""),
        ("090-1234-5678", "JP", "+819012345678", ""),
        ("０９０－１２３４－５６７８", "JP", "+819012345678", ""),
        ("03-1234-5678 内線123", "JP", "+81312345678", "123"),
        ("(415) 555-2671", "US", "+14155552671", ""),
        ("4155552671x99", "US", "+14155552671", "99"),
        ("+44 20 7946 0958 ext. 12", "US", "+442079460958", "12"),
        ("+39 06 698 1234", "US", "+39066981234", ""),
        ("011 15 2345 6789", "AR", "+5491123456789", ""),
        ("tel:+81-3-1234-5678", "DE", "+81312345678", ""),
    ],
)
def test_phone(given: str, region: str, value: str, extension: str) -> None:
    assert normalise.phone(given, region) == (value, extension, "")


@pytest.mark.parametrize("given", ["call me", "12", "5551234", "+999123456789", "0" * 80])
def test_what_is_no_phone_number_is_kept_as_given(given: str) -> None:
    value, extension, reason = normalise.phone(given, "US")
    assert (value, extension) == (given, "")
    assert reason


@pytest.mark.parametrize("region", ["DE", "JP", "US", "GB", "FR", "IT", "ES", "AT", "CH", "IN", "AU", "BR", "KR", "SG"])
def test_the_fast_path_of_phones_agrees_with_the_library(region: str) -> None:
    import phonenumbers
    from phonenumbers import PhoneNumberFormat, PhoneNumberType

    for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE):
        number = phonenumbers.example_number_for_type(region, kind)
        if number is None:
            continue
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        for form in (PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.E164):
            assert normalise.phone(phonenumbers.format_number(number, form), region) == (e164, "", "")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("DE", "DE"),
        ("deu", "DE"),
        ("Germany", "DE"),
        ("deutschland", "DE"),
        ("ドイツ", "DE"),
        ("日本", "JP"),
        ("日本国", "JP"),
        ("ＪＡＰＡＮ", "JP"),
        ("Japan", "JP"),
        ("Republic of Korea", "KR"),
        ("韓国", "KR"),
        ("대한민국", "KR"),
        ("Korea, Republic of", "KR"),
        ("Democratic People's Republic of Korea", "KP"),
        ("北朝鮮", "KP"),
        ("U.S.A.", "US"),
        ("The United States of America", "US"),
        ("米国", "US"),
        ("アメリカ", "US"),
        ("England", "GB"),
        ("UK", "GB"),
        ("英国", "GB"),
        ("The Netherlands", "NL"),
        ("Holland", "NL"),
        ("オランダ", "NL"),
        ("Österreich", "AT"),
        ("Osterreich", "AT"),
        ("Côte d'Ivoire", "CI"),
        ("Ivory Coast", "CI"),
        ("St. Lucia", "LC"),
        ("España", "ES"),
        ("Россия", "RU"),
        ("中国", "CN"),
        ("台灣", "TW"),
        ("香港", "HK"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("NA", "NA"),
        ("Trinidad and Tobago", "TT"),
        ("Vietnam", "VN"),
        ("Viet Nam", "VN"),
        ("ガーナ", "GH"),
    ],
)
def test_country(given: str, code: str) -> None:
    assert normalise.country(given) == (code, "")


@pytest.mark.parametrize("given", ["Atlantis", "Congo", "コンゴ", "x" * 200])
def test_a_country_that_is_not_known_is_kept_as_given(given: str) -> None:
    value, reason = normalise.country(given)
    assert value == given
    assert reason


def test_the_table_of_countries_has_all_codes_and_no_name_twice() -> None:
    from connector.steps.normalise.countries import _key
    from connector.steps.normalise.country_names import NAMES

    meaning: dict[str, str] = {}
    for line in NAMES.strip().splitlines():
        code, *names = line.split("|")
        for name in (code, *names):
            assert meaning.setdefault(_key(name), code) == code, name
    assert len(codes()) > 240


@pytest.mark.parametrize(
    ("title", "level", "function"),
    [
        ("CEO", "c_level", "executive"),
        ("C.E.O.", "c_level", "executive"),
        ("Chief Marketing Officer", "c_level", "marketing"),
        ("CTO & Co-Founder", "c_level", "engineering"),
        ("Managing Director", "c_level", "executive"),
        ("Geschäftsführerin", "c_level", "executive"),
        ("Vice President, Sales", "vp", "sales"),
        ("VP of Engineering", "vp", "engineering"),
        ("Director of Marketing", "director", "marketing"),
        ("Head of IT", "director", "it"),
        ("Leiter Vertrieb", "director", "sales"),
        ("Marketingleiter", "director", "marketing"),
        ("Marketing Manager", "manager", "marketing"),
        ("Teamleiterin Einkauf", "manager", "purchasing"),
        ("IT Manager", "manager", "it"),
        ("Account Executive", "staff", "sales"),
        ("Executive Assistant to the CEO", "staff", "executive"),
        ("Senior Software Engineer", "staff", "engineering"),
        ("Student", "staff", "student"),
        ("代表取締役社長", "c_level", "executive"),
        ("取締役 営業本部長", "c_level", "sales"),
        ("最高財務責任者", "c_level", "finance"),
        ("常務執行役員", "vp", "executive"),
        ("事業部長", "vp", ""),
        ("営業部長", "director", "sales"),
        ("マーケティング部　部長", "director", "marketing"),
        ("部長代理", "manager", ""),
        ("情報システム部 課長", "manager", "it"),
        ("開発部リーダー", "manager", "engineering"),
        ("社長室 課長", "manager", "executive"),
        ("社長室長", "manager", "executive"),
        ("社長秘書", "staff", "executive"),
        ("経理担当", "staff", "finance"),
        ("主任", "staff", ""),
        ("学生", "staff", "student"),
        ("Ｍａｒｋｅｔｉｎｇ Ｄｉｒｅｃｔｏｒ", "director", "marketing"),
        ("wizard", "", ""),
    ],
)
def test_title(title: str, level: str, function: str) -> None:
    assert (normalise.job_level(title), normalise.job_function(title)) == (level, function)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("  Ana   Lopez ", "Ana Lopez"),
        ("山田　太郎 様", "山田 太郎"),
        ("山田太郎様", "山田太郎"),
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ タロウ"),
        ("Lopez\nAna", "Lopez Ana"),
    ],
)
def test_person_name(given: str, name: str) -> None:
    assert normalise.person_name(given) == (name, "")


@pytest.mark.parametrize(
    ("given", "family", "full"),
    [
        ("Ana", "Lopez", "Ana Lopez"),
        ("太郎", "山田", "山田 太郎"),
        ("", "Lopez", "Lopez"),
        ("Taro", "山田", "山田 Taro"),
    ],
)
def test_full_name_puts_the_family_first_in_japanese(given: str, family: str, full: str) -> None:
    assert normalise.full_name(given, family) == full


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("㈱アクメ", "アクメ株式会社"),
        ("ACME, Inc.", "acme"),
        ("Acme GmbH & Co. KG", "Acme"),
        ("Foo S.A.", "FOO SA"),
        ("有限会社 山田商店", "山田商店"),
    ],
)
def test_two_names_of_one_company_have_one_key(one: str, other: str) -> None:
    assert normalise.company_key(one) == normalise.company_key(other) != ""


def test_a_company_called_like_a_legal_form_keeps_its_name() -> None:
    assert normalise.company_key("Company") == "company"
    assert normalise.company("㈱ アクメ") == ("(株) アクメ", "")


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("yes", True),
        ("はい", True),
        ("ＯＮ", True),
        ("1", True),
        (1, True),
        (True, True),
        ("同意する", True),
        ("No", False),
        ("いいえ", False),
        ("なし", False),
        (0, False),
        ("同意しない", False),
        ("maybe", None),
        ("", None),
    ],
)
def test_boolean(given: object, value: bool | None) -> None:
    assert normalise.boolean(given)[0] is value


def test_own_words_for_yes_and_no_come_before_the_shipped_ones() -> None:
    own = {"true": frozenset({"no"}), "false": frozenset({"yes"})}
    assert normalise.boolean("No", **own) == (True, "")
    assert normalise.boolean("Yes", **own) == (False, "")
    assert normalise.boolean("はい", **own) == (True, "")


def test_derive_gives_what_follows_and_nobody_said() -> None:
    fields = {"email": "taro@acme.co.jp", "job_title": "営業部長", "name.given": "太郎", "name.family": "山田"}
    assert normalise.derive(fields) == {
        "email_class": "work",
        "company.domain": "acme.co.jp",
        "job_level": "director",
        "job_function": "sales",
        "name.full": "山田 太郎",
    }


def test_derive_overwrites_nothing_that_was_said() -> None:
    said = {
        "email": "ana@acme.de",
        "email_class": "free",
        "company.domain": "other.de",
        "job_title": "CEO",
        "job_level": "staff",
        "job_function": "other",
        "name.given": "Ana",
        "name.full": "A. L.",
    }
    assert normalise.derive(said) == {}


def test_derive_works_out_again_what_it_had_worked_out() -> None:
    fields = {"job_title": "CEO", "job_level": "staff"}
    assert normalise.derive(fields, {"job_title": ("hubspot", "")})["job_level"] == "c_level"


@pytest.mark.parametrize("address", ["ana@gmail.com", "x@mailinator.com", "asked at the booth"])
def test_only_a_work_address_tells_the_company(address: str) -> None:
    assert "company.domain" not in normalise.derive({"email": address})


def test_derivable_says_what_can_follow() -> None:
    assert normalise.derivable(["email", "phone"]) == {"email_class", "company.domain", "phone_extension"}
    assert set(normalise.derive({"email": "a@acme.de"})) <= normalise.derivable(["email"])


def test_clean_folds_widths_and_keeps_meaning() -> None:
    assert clean("　ＡＢＣ１２３\u200b\x00 ") == "ABC123"
    assert clean("30 m² ① ㈱ …") == "30 m² ① ㈱ …"
    assert clean("line\nbreak\tkept") == "line\nbreak\tkept"
    assert clean("e\x00\u0301") == "é"
    assert clean("\ud800x") == "x"
    assert single_line(" a \n b　c ") == "a b c"
    assert fold("  Ｎ/Ａ  x ") == "n/a x"


def test_an_id_that_is_an_address_is_compared_as_one() -> None:
    assert identifier(" Ana@Example.com ") == "ana@example.com"
    assert identifier("003Ab ") == "003Ab"
    assert identifier(17) == "17"
    assert identifier(17.0) == "17"
    assert identifier(None) == identifier({}) == ""


def test_shorten_cuts_at_a_word_and_says_so() -> None:
    assert shorten("one two three", 20) == "one two three"
    assert shorten("one two three", 10) == "one two…"
    assert shorten("onetwothree", 5) == "onet…"
    assert shorten("onetwothree", 1) == "o"


def test_null_and_nan_are_names_of_people() -> None:
    assert "null" in unknown_words("source", "text")
    assert "null" not in unknown_words("name.family", "text")
    assert "不明" in unknown_words("name.family", "text")
    assert "na" not in unknown_words("country", "country")
