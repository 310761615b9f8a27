"""Reading a contact by a mapping: every conversion, and every way to be wrong."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import mappings
from connector.model.errors import Problems, RecordError
from connector.model.mapped import Contact
from connector.model.records import Record
from connector.steps.mapping.compiler import CompiledMapping, compile_mapping, overlay
from connector.steps.mapping.stage import StageReading

NOW = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
SKETCH = Path(__file__).parents[1] / "data" / "mappings"


def compiled(text: str) -> tuple[CompiledMapping, list[str]]:
    problems = Problems()
    mapping = compile_mapping(
        overlay({}, tomllib.loads(text)), connection="web", zone="Europe/Berlin", region="DE", problems=problems
    )
    return mapping, [str(problem) for problem in problems.found]


def mapping_of(text: str) -> CompiledMapping:
    mapping, problems = compiled(text)
    assert problems == []
    return mapping


def read(text: str, **values: Any) -> Contact:
    return mapping_of(text).contact(Record("17", values, "leads.csv:2"), NOW)


@pytest.mark.parametrize(
    ("line", "raw", "value"),
    [
        ('job_title = "x"', "  Head  of\tIT ", "Head of IT"),
        ('need = "x"', " ｓｐｅｅｄ ", "speed"),
        ('need = { from = "x", longest = 5 }', "speed and more", "spee…"),
        ('"company.name" = "x"', "㈱アクメ", "(株)アクメ"),
        ('"company.domain" = "x"', "https://www.acme.de/", "acme.de"),
        ('email = "x"', " Ana@Example.COM", "ana@example.com"),
        ('phone = "x"', "030 1234567", "+49301234567"),
        ('phone = { from = "x", region = "JP" }', "090-1234-5678", "+819012345678"),
        ('country = { from = "x", as = "country" }', "ドイツ", "DE"),
        ('"company.employees" = "x"', "1,000", 1000),
        ('"company.employees" = "x"', 250.0, 250),
        ('"company.employees" = { from = "x", as = "integer", ranges = "low" }', "100-499", 100),
        ('"company.employees" = { from = "x", ranges = "high" }', "100-499", 499),
        ('"company.employees" = { from = "x", ranges = "middle" }', "500名以上", 500),
        ('"company.employees" = { from = "x", decimal_mark = "," }', "1.000", 1000),
        ('"company.revenue" = { from = "x", decimal_mark = "," }', "1.234,56", 1234.56),
        ('"company.revenue" = "x"', "1,234.56", 1234.56),
        ('"consent.email" = "x"', "はい", True),
        ('"consent.email" = { from = "x", as = "boolean", true = ["No"], false = ["Yes"] }', "yes", False),
        ('"custom.since" = { from = "x", as = "date", format = "%d.%m.%Y" }', "07.12.2026", "2026-12-07"),
        ('"custom.since" = { from = "x", as = "date" }', "2026-12-07", "2026-12-07"),
        ('first_touch_at = "x"', "2026-12-07", "2026-12-06T23:00:00+00:00"),
        ('first_touch_at = { from = "x", zone = "Asia/Tokyo" }', "2026-12-07 09:00", "2026-12-07T00:00:00+00:00"),
        (
            'first_touch_at = { from = "x", format = ["%m/%d/%Y %H:%M", "%m/%d/%Y"] }',
            "6/5/2018",
            "2018-06-04T22:00:00+00:00",
        ),
        ('"company.technologies" = { from = "x", as = "list", split = "|" }', "A| B |A|", ["A", "B"]),
        ('"company.technologies" = "x"', ["A", "B"], ["A", "B"]),
        ('job_level = "x"', "Director", "director"),
        ('job_level = "x"', "営業部長", "director"),
        ('job_function = { from = "x", as = "text" }', "Marketing Manager", "marketing"),
        ('"custom.minutes" = { from = "x", as = "integer", unit = "minutes" }', "2", 120),
        ('"custom.size" = { from = "x", as = "integer", unknown = ["9999"] }', "77", 77),
    ],
)
def test_conversions(line: str, raw: object, value: object) -> None:
    contact = read(f"[read]\n{line}", x=raw)
    assert list(contact.fields.values()) == [value]
    assert (contact.blank, contact.flags, contact.aside) == ((), {}, [])


@pytest.mark.parametrize(
    ("line", "raw", "fields"),
    [
        ('"name.family" = "x"', "山田 様", {"name.family": "山田", "honorific": "様"}),
        ('"name.full" = "x"', "山田　太郎 先生", {"name.full": "山田 太郎", "honorific": "先生"}),
        ('"name.full" = "x"', "Frau Dr. Ana Lopez", {"name.full": "Ana Lopez", "honorific": "Frau Dr."}),
        ('"name.full" = "x"', "Mr", {"name.full": "Mr"}),
        ('"name.given" = "x"', "Dame", {"name.given": "Dame"}),
    ],
)
def test_what_addresses_a_person_is_kept_apart(line: str, raw: str, fields: dict[str, str]) -> None:
    contact = read(f"[read]\n{line}", x=raw)
    assert (contact.fields, contact.blank, contact.flags) == (fields, (), {})


def test_an_m_with_a_point_is_read_by_the_country() -> None:
    lines = '[read]\n"name.full" = "x"\ncountry = "c"'
    assert read(lines, x="M. Jean Dupont", c="France").fields["honorific"] == "M."
    assert read(lines, x="M. Night Shyamalan", c="USA").fields["name.full"] == "M. Night Shyamalan"


def test_the_column_of_the_honorific_comes_before_what_stands_in_the_name() -> None:
    lines = '[read]\n"name.full" = "x"\nhonorific = "y"'
    assert read(lines, x="山田 太郎 様", y="先生").fields["honorific"] == "先生"
    blank = read(lines, x="山田 太郎 様", y="")
    assert (blank.fields["honorific"], blank.blank) == ("様", ())


LOCAL = '[read]\nphone = "x"\nmobile = { from = "m", region = "JP" }\ncountry = "c"\nregion = "r"\n'


@pytest.mark.parametrize(
    ("country", "phone", "region"),
    [
        ("United States", "+12065550100", "Washington"),
        ("Australia", "(206) 555-0100", "Western Australia"),
        ("", "+492065550100", "WA"),
        ("Atlantis", "+492065550100", "WA"),
        ("Germany", "+492065550100", "WA"),
    ],
)
def test_numbers_and_regions_are_those_of_the_persons_country(country: str, phone: str, region: str) -> None:
    contact = read(LOCAL, x="(206) 555-0100", m="090-1234-5678", c=country, r="WA")
    assert (contact.fields["phone"], contact.fields["region"]) == (phone, region)
    assert contact.fields["mobile"] == "+819012345678"


def test_the_country_counts_wherever_its_column_stands_and_whoever_came_before() -> None:
    mapping = mapping_of(LOCAL)
    for country, phone in (("JP", "+81332245000"), ("IT", "+390332245000"), ("JP", "+81332245000")):
        values = {"id": "1", "x": "03 3224 5000", "c": country}
        assert mapping.contact(Record("1", values), NOW).fields["phone"] == phone


def test_a_default_country_counts_too() -> None:
    lines = '[read]\nphone = "x"\ncountry = { from = "c", default = "Japan" }'
    assert read(lines, x="03-3224-5000", c="").fields == {"phone": "+81332245000", "country": "JP"}


def test_a_region_that_its_country_does_not_have_is_kept_and_flagged() -> None:
    contact = read('[read]\nregion = "r"\ncountry = "c"', r="Bay Area", c="USA")
    assert (contact.fields["region"], contact.flags) == ("Bay Area", {"region": "not a known region of its country"})
    assert read('[read]\nregion = "r"\ncountry = "c"', r="Surrey", c="UK").flags == {}


def test_furigana_are_katakana_with_their_blank() -> None:
    assert read('[read]\n"name.reading" = "x"', x="やまだ　ﾀﾛｳ").fields == {"name.reading": "ヤマダ タロウ"}


@pytest.mark.parametrize(
    ("line", "raw"),
    [
        ('job_title = "x"', ""),
        ('job_title = "x"', "   "),
        ('job_title = "x"', None),
        ('job_title = "x"', "n/a"),
        ('job_title = "x"', "ＳＥＬＥＣＴ"),
        ('country = "x"', "不明"),
        ('email = "x"', "-"),
        ('"company.employees" = "x"', "NA"),
        ('"company.employees" = { from = "x", unknown = ["9999"] }', "9999"),
        ('"company.technologies" = "x"', " ; "),
        ('"company.technologies" = "x"', []),
        ('"company.revenue" = "x"', float("nan")),
        ('source = { from = "x", table = { paid = "paid" } }', "Unknown"),
    ],
)
def test_words_for_unknown_are_blank(line: str, raw: object) -> None:
    contact = read(f"[read]\n{line}", x=raw)
    assert contact.fields == {}
    assert len(contact.blank) == 1
    assert contact.aside == []


@pytest.mark.parametrize(
    ("line", "raw", "reason"),
    [
        ('"company.employees" = "x"', "many", "'many': not a number"),
        ('"company.employees" = "x"', "100-499", "'100-499': a range; say which end with ranges"),
        ('"consent.email" = "x"', "maybe", "'maybe': neither a yes nor a no"),
        ('first_touch_at = "x"', "31.02.2026", "'31.02.2026': not a time, expected YYYY-MM-DD"),
        ('job_level = "x"', "wizard", "'wizard': not one of staff, manager, director, vp, c_level"),
        ('source = { from = "x", table = "t" }', "FAX", "'FAX' is not in the table t"),
        ('source = "x"', {"a": 1}, "not a single value"),
        ('"company.employees" = "x"', "ana@example.com", "(hidden): not a number"),
    ],
)
def test_a_value_that_cannot_be_used_sets_its_field_aside_and_not_the_record(
    line: str, raw: object, reason: str
) -> None:
    contact = read(f'[read]\n{line}\ncity = "city"\n[tables.t]\nPAID = "paid"', x=raw, city="Bonn")
    assert [why for _, why in contact.aside] == [reason]
    assert contact.fields == {"city": "Bonn"}


def test_a_value_that_cannot_be_normalised_is_kept_and_flagged() -> None:
    text = '[read]\nemail = "e"\nphone = "p"\ncountry = "c"'
    contact = read(text, e="a..b@docomo.ne.jp", p="call me", c="Atlantis")
    assert contact.fields == {"email": "a..b@docomo.ne.jp", "phone": "call me", "country": "Atlantis"}
    assert set(contact.flags) == {"email", "phone", "country"}


def test_the_extension_of_a_phone_goes_to_its_own_field_unless_that_is_told() -> None:
    text = '[read]\nphone = "p"\nmobile = "m"\nphone_extension = "e"'
    assert read(text, p="030 1234567 ext. 12", m="+49 151 23456789 x9").fields["phone_extension"] == "12"
    blank = read(text, p="030 1234567 ext. 12", e="")
    assert (blank.fields["phone_extension"], blank.blank) == ("12", ())
    assert read(text, p="030 1234567 ext. 12", e="7").fields["phone_extension"] == "7"


def test_a_picklist_takes_its_word_in_any_capitals_and_a_star_for_the_rest() -> None:
    table = '[tables.t]\nPAID_SEARCH = "paid"\nUnknown = "direct"\n"*" = "other"'
    text = f'[read]\nsource = {{ from = "x", table = "t" }}\n{table}'
    found = [
        read(text, x=raw).fields.get("source") for raw in ("PAID_SEARCH", "paid_search", "FAX", "unknown", "", "*")
    ]
    assert found == ["paid", "paid", "other", "direct", None, "other"]


def test_a_picklist_takes_labels_for_names_unless_that_could_mean_two_things() -> None:
    table = 'ORGANIC_SEARCH = "organic"\na-b = "one"\na_b = "two"\nc-d = "same"\nc_d = "same"'
    text = f'[read]\nsource = {{ from = "x", table = "t" }}\n[tables.t]\n{table}'
    raws = ("Organic Search", "organic-search", "A B", "A-B", "C D")
    assert [read(text, x=raw).fields.get("source") for raw in raws] == ["organic", "organic", None, "one", "same"]


def test_a_picklist_gives_values_of_its_field() -> None:
    text = """
    [read]
    "company.employees" = { from = "x", table = "t" }
    "consent.email" = { from = "y", table = { out = false, in = true } }
    "company.technologies" = { from = "z", table = { a = "Alpha", b = "Beta" }, split = "," }
    [tables.t]
    small = 10
    large = "1,000"
    """
    assert read(text, x="large", y="out", z="a, b,a").fields == {
        "company.employees": 1000,
        "consent.email": False,
        "company.technologies": ["Alpha", "Beta"],
    }


def test_the_first_that_is_not_blank_counts() -> None:
    text = '[read]\ncountry = ["country", "ip_country"]\n"company.employees" = ["a", "b"]'
    assert read(text, country="-", ip_country="JP").fields == {"country": "JP"}
    assert read(text, country="DE", ip_country="JP").fields == {"country": "DE"}
    assert read(text, a="many", b="0").fields == {"company.employees": 0}
    assert read(text, a="many", b="").aside == [("company.employees", "'many': not a number")]


def test_blank_is_told_apart_from_not_there() -> None:
    contact = read('[read]\ncity = "City"\nregion = "Region"\ncountry = ["A", "B"]', City="", B="")
    assert contact.blank == ("city", "country")
    assert contact.fields == {}


def test_a_default_stands_for_a_blank_and_a_constant_needs_no_column() -> None:
    text = '[read]\nsource = { from = "s", default = "web" }\nmedium = { default = "form" }'
    assert read(text, s="").fields == {"source": "web", "medium": "form"}
    assert read(text, s="").blank == ()
    assert read(text, s="fair").fields["source"] == "fair"
    assert read(text).fields == {"medium": "form"}


def test_columns_are_found_by_name_and_then_without_regard_to_capitals_and_underscores() -> None:
    text = '[read]\ncity = "business_city"\nregion = "Region"'
    assert read(text, **{"Business City": "Bonn"}).fields == {"city": "Bonn"}
    assert read(text, **{"business_city": "Bonn", "Business City": "Ulm"}).fields == {"city": "Bonn"}


def test_links_and_the_time_of_change() -> None:
    text = """
    [contact]
    id = ["id", "email"]
    modified_at = "changed"
    zone = "Asia/Tokyo"
    format = "%Y/%m/%d %H:%M"
    [read]
    links.salesforce = { from = ["contactid", "leadid"] }
    "links.erp" = "erp"
    """
    contact = read(
        text, id="", email="Ana@Example.com", changed="2026/12/07 09:00", contactid="", leadid="00Q1", erp=""
    )
    assert contact.external_id == "ana@example.com"
    assert contact.at == "2026-12-07T00:00:00+00:00"
    assert contact.links == {"salesforce": "00Q1"}
    assert mapping_of(text).fields == frozenset()


def test_a_time_of_change_that_is_none_is_set_aside() -> None:
    contact = read('[contact]\nmodified_at = "changed"', changed="soon")
    assert contact.at == ""
    assert [name for name, _ in contact.aside] == ["contact.modified_at"]


def test_the_records_own_id_and_time_stand_in() -> None:
    record = Record("17", {"a": ""}, "x:1", modified_at=NOW)
    contact = mapping_of('[contact]\nid = "a"').contact(record, NOW)
    assert (contact.external_id, contact.at, contact.where) == ("17", NOW.isoformat(), "x:1")


def test_a_record_without_an_id_is_refused() -> None:
    mapping = mapping_of('[contact]\nid = ["a", "b"]')
    record = Record("", {"a": " "}, "leads.csv:9")
    assert mapping.identify(record) == ""
    with pytest.raises(RecordError, match=r"leads.csv:9: a or b: no id"):
        mapping.contact(record, NOW)


def test_identify_gives_the_id_that_reading_gives() -> None:
    mapping = mapping_of('[contact]\nid = "a"')
    for record in (Record("r", {"a": " X@Y.de "}), Record("r", {"a": ""}), Record("r", {})):
        assert mapping.identify(record) == mapping.contact(record, NOW).external_id


def test_unknown_words_of_the_whole_document() -> None:
    assert read('unknown = ["tbd"]\n[read]\ncity = "city"', city="TBD").blank == ("city",)


def test_reading_one_record_does_not_change_what_another_gives() -> None:
    mapping = mapping_of('[read]\n"company.technologies" = "t"')
    first = mapping.contact(Record("1", {"t": "A;B"}), NOW)
    technologies = first.fields["company.technologies"]
    assert isinstance(technologies, list)
    technologies.append("C")
    assert mapping.contact(Record("2", {"t": "A;B"}), NOW).fields["company.technologies"] == ["A", "B"]


def test_what_the_mapping_looks_for_can_be_compared_with_what_there_is() -> None:
    mapping = mapping_of(
        '[read]\ncity = ["City", "Town"]\nregion = "Region"\n[[activities]]\ncounter = "visits"\nkind = "visit"'
    )
    assert mapping.source_names == {"City", "Town", "Region", "visits"}
    assert mapping.missing(["town", "Visits"]) == {"region": ("Region",)}
    assert mapping.fields == {"city", "region"}


def test_the_version_changes_with_what_changes_values() -> None:
    def version(text: str, zone: str = "UTC", region: str = "DE") -> str:
        document = tomllib.loads(text)
        return compile_mapping(document, connection="a", zone=zone, region=region, problems=Problems()).version

    same = version('[read]\ncity = "City"\nregion = "R"')
    assert same == version('[read]\nregion = "R"\ncity = "City"')
    changed = {
        version('[read]\ncity = "Town"'),
        version('[read]\ncity = "City"'),
        version('[read]\ncity = "City"', zone="Asia/Tokyo"),
        version('[read]\ncity = "City"', region="JP"),
    }
    assert len(changed) == 4
    bytes.fromhex(same)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[read]\njob_titel = "x"', "read.job_titel: unknown field job_titel; did you mean job_title?"),
        ('[read]\ncompany.nam = "x"', "read.company.nam: unknown field company.nam; did you mean company.name?"),
        ('[read]\nstage = "x"', "read.stage: stage is computed by Baton and cannot be read from a platform"),
        (
            '[read]\n"score.total" = "x"',
            "read.score.total: score.total is computed by Baton and cannot be read from a platform",
        ),
        ('[read]\ncity = { from = "x", as = "txt" }', "read.city.as: unknown conversion txt; did you mean text?"),
        (
            '[read]\n"company.employees" = { from = "x", as = "text" }',
            "read.company.employees.as: company.employees holds integer; allowed: integer",
        ),
        ('[read]\ncity = { from = "x", tabel = "y" }', "read.city.tabel: unknown key tabel; did you mean table?"),
        ('[read]\ncity = { from = "x", split = ";" }', "read.city.split: split has no meaning for text; allowed: list"),
        ('[read]\ncity = { from = "x", only = "create" }', "read.city.only: only belongs to write, not to read"),
        ('[read]\ncity = { from = "y", template = "x" }', "read.city.template: template belongs to write, not to read"),
        (
            '[read]\ncity = { from = "x", table = "tabel" }\n[tables.table]\na = "b"',
            "read.city.table: unknown table tabel; did you mean table?",
        ),
        (
            '[read]\njob_level = { from = "x", table = "t" }\n[tables.t]\nChef = "boss"',
            "tables.t.Chef: boss cannot be a value of job_level",
        ),
        (
            '[read]\n"company.employees" = { from = "x", default = "many" }',
            "read.company.employees.default: many cannot be a value of company.employees",
        ),
        (
            '[read]\n"company.employees" = { from = "x", ranges = "lower" }',
            "read.company.employees.ranges: unknown word lower; did you mean low?",
        ),
        (
            '[read]\nfirst_touch_at = { from = "x", zone = "Europe/Berlim" }',
            "read.first_touch_at.zone: unknown time zone Europe/Berlim; "
            "allowed: names like Europe/Berlin or Asia/Tokyo",
        ),
        (
            '[read]\nfirst_touch_at = { from = "x", format = "dd.mm" }',
            "read.first_touch_at.format: dd.mm is not a format of times; "
            "allowed: iso, epoch, epoch_ms, or made of %Y %m %d %H %M %S",
        ),
        (
            '[read]\nphone = { from = "x", region = "XX" }',
            "read.phone.region: XX is no country for phone numbers; allowed: codes like DE or JP",
        ),
        ("[read]\ncity = 3", "read.city: expected a column's name, a table, or false"),
        ("[read]\ncity = {}", "read.city: says neither from nor default"),
        ('[read]\ncity = ["a", 3]', "read.city.from: expected a text or a list of texts"),
        (
            '[read]\ncity = "a"\n"company.name" = "b"\ncompany.name = "c"',
            "read.company.name: company.name stands here twice",
        ),
        ('[reed]\ncity = "a"', "reed: unknown key reed; did you mean read?"),
        ('read = "x"', "read: expected a table"),
        ('[contact]\nidd = "a"', "contact.idd: unknown key idd; did you mean id?"),
        ("tables = 3", "tables: expected [tables.NAME]"),
        ("[tables]\na = 3", "tables.a: expected a table: word = word"),
        (
            '[read.stage]\nfield = "Status"\ntable = { Working = "sall" }',
            "read.stage.table.Working: unknown stage sall; did you mean sal?",
        ),
        ('[read.stage]\ntable = { Working = "sal" }', "read.stage.field: expected the name of their field"),
        ('[read.stage]\nfield = "S"\nratin = "x"', "read.stage.ratin: unknown key ratin; did you mean rating?"),
        (
            '[read.stage]\nfield = "S"\nrating = { field = "x", as = "float" }',
            "read.stage.rating.as: unknown conversion float; allowed: integer, text",
        ),
    ],
)
def test_problems_name_their_place_and_the_nearest_word(text: str, problem: str) -> None:
    _, problems = compiled(text)
    assert problems == [problem]


def test_all_problems_are_told_at_once() -> None:
    _, problems = compiled('[read]\nemal = "x"\ncity = { from = "x", as = "no", tabel = 1 }\n[wirte]\na = "email"')
    assert len(problems) == 4


def test_a_status_is_kept_for_bringing_back() -> None:
    mapping = mapping_of('[read.stage]\nfield = "S"\ntable = { Open = "sal" }\nreason = "R"')
    assert mapping.stage == StageReading("S", {"Open": "sal"}, "R")


def test_the_mapping_of_a_marketing_platform_as_an_admin_writes_it() -> None:
    mapping = mapping_of((SKETCH / "hubspot.toml").read_text("utf-8"))
    values = {
        "jobtitle": " Director of Marketing ",
        "company.numberofemployees": "100-499",
        "tech_stack__c": "A;B",
        "country": "",
        "ip_country": "Deutschland",
        "hs_analytics_source": "REFERRALS",
        "plan_size": "Select",
        "salesforcecontactid": "",
        "salesforceleadid": "00Q1",
        "hs_analytics_num_visits": "7",
    }
    contact = mapping.contact(Record("17", values), NOW)
    assert contact.fields == {
        "job_title": "Director of Marketing",
        "company.employees": 100,
        "company.technologies": ["A", "B"],
        "country": "DE",
        "source": "referral",
    }
    assert contact.blank == ("custom.plan_size",)
    assert contact.links == {"salesforce": "00Q1"}
    assert contact.counters == {"hs_analytics_num_visits": (7, "visit")}
    assert mapping.kinds == {"demo_request", "download", "pricing_view", "visit"}


def test_the_mapping_of_a_crm_as_an_admin_writes_it() -> None:
    mapping = mapping_of((SKETCH / "salesforce.toml").read_text("utf-8"))
    assert mapping.write_objects == ("Lead",)
    assert mapping.stage is not None
    assert mapping.stage.stages["Working"] == "sal"
    assert mapping.stage.reasons["Not now"] == "not_now"


def test_a_mapping_compiles_without_being_laid_over_another() -> None:
    for path in SKETCH.glob("*.toml"):
        problems = Problems()
        document = tomllib.loads(path.read_text("utf-8"))
        compile_mapping(document, connection="web", zone="UTC", region="DE", problems=problems)
        assert problems.found == []


@pytest.mark.parametrize("name", mappings.names())
def test_every_shipped_mapping_compiles(name: str) -> None:
    text = mappings.shipped(name)
    assert text is not None
    assert "lead" in mapping_of(text).write_objects


def test_there_is_no_shipped_mapping_outside_of_the_package() -> None:
    assert {"desk", "files", "memory"} <= set(mappings.names())
    assert mappings.shipped("nobody") is None
    assert mappings.shipped("../pyproject") is None


def test_usual_headings_of_exports_need_no_mapping_of_ones_own() -> None:
    mapping = mapping_of(mappings.shipped("files") or "")
    english = {
        "Record ID": "1",
        "first_name": "Ana",
        "Last Name": "Lopez",
        "E-mail": "ANA@acme.de",
        "Number of employees": "51-200",
    }
    japanese = {
        "顧客ID": "2",
        "姓": "山田",
        "名": "太郎",
        "メールアドレス": "taro@acme.co.jp",
        "役職": "部長",
        "国": "日本",
    }
    assert mapping.contact(Record("", english), NOW).fields == {
        "name.given": "Ana",
        "name.family": "Lopez",
        "email": "ana@acme.de",
        "company.employees": 51,
    }
    contact = mapping.contact(Record("", japanese), NOW)
    assert contact.external_id == "2"
    assert contact.fields == {
        "name.given": "太郎",
        "name.family": "山田",
        "email": "taro@acme.co.jp",
        "job_title": "部長",
        "country": "JP",
    }
