"""Regions, parts of names and what follows from fields: no text breaks them, and what is normal stays so."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from connector.model.errors import Problems
from connector.model.fields import JOB_FUNCTIONS, JOB_LEVELS
from connector.model.records import Record
from connector.steps.mapping.compiler import CompiledMapping, compile_mapping
from connector.steps.normalise import values as normalise
from connector.steps.normalise.person import full_name_apart, split_name
from connector.steps.normalise.places import language_and_zone
from connector.steps.normalise.regions import region, region_code
from connector.steps.normalise.text import words

NOW = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
ANYTHING = st.text(st.characters(), max_size=40)
PARTS = words("""
Dr. Prof. Mr Frau M. Jr. III Ph.D. van der von bin al- de la y & und Ana LOPEZ Müller O'Brien "Bob" (Bob) 山田 太郎
山田太郎 様 さん 先生 ・ マイケル 김철수 王小明 , . Director Head former ex to the CEO assistant of office Leiter 部長
元 前 社長室 VP s WA CA California 東京 東京都 Tokyo Osaka Prefecture State of New York , USA Japan JP-13 NRW
Kanton Zürich
® ²
""")
LIKELY = st.builds(
    lambda parts, blank: blank.join(parts),
    st.lists(st.sampled_from(sorted(PARTS)), max_size=6),
    st.sampled_from([" ", ""]),
)
TEXT = ANYTHING | LIKELY
COUNTRIES = st.sampled_from(["", "US", "AU", "JP", "DE", "FR", "ES", "CN", "HU", "Atlantis"])
#: The first use of a table builds it, which takes longer than any example.
LOADS = settings(deadline=None)


@LOADS
@given(text=TEXT, country=COUNTRIES)
@example("California, USA, USA", "US")
@example("State State of New York", "US")
def test_a_region_stays_as_it_is(text: str, country: str) -> None:
    name, reason = region(text, country)
    assert region(name, country) == (name, reason)
    assert region_code(name, country) == region_code(text, country)
    assert not (reason and region_code(text, country))


@LOADS
@given(text=TEXT, country=COUNTRIES)
@example("山田様様 様", "")
@example("Dr. Dr.", "")
@example("Dr. 様", "")
def test_a_name_without_what_addresses_the_person_stays_so(text: str, country: str) -> None:
    name, honorific = full_name_apart(text, country)
    assert full_name_apart(name, country) == (name, "")
    assert split_name(name, country, honorific) == split_name(text, country)


@LOADS
@given(text=TEXT, country=COUNTRIES)
def test_the_parts_of_a_name_are_parts_of_it(text: str, country: str) -> None:
    given, family = split_name(text, country)
    assert {*given, *family} <= {*text, " ", "・"} | {*normalise.clean(text)}
    assert family or not given


@given(text=TEXT)
def test_any_title_gives_known_words(text: str) -> None:
    assert normalise.job_level(text) in ("", *JOB_LEVELS)
    assert normalise.job_function(text) in ("", *JOB_FUNCTIONS)


FIELDS = st.dictionaries(
    st.sampled_from(["name.full", "name.given", "name.family", "country", "region", "language", "job_title"]), TEXT
)


@LOADS
@given(fields=FIELDS, country=COUNTRIES)
@example({"name.full": "Ana Ana", "name.given": "Ana"}, "")
def test_what_follows_follows_again_and_nothing_more(fields: dict[str, str], country: str) -> None:
    if country:
        fields = {**fields, "country": country}
    found = normalise.derive(fields)
    assert set(found) <= normalise.derivable(fields)
    assert not set(found) & set(fields)
    assert normalise.derive({**fields, **found}, fields) == found


@LOADS
@given(country=TEXT, text=TEXT)
def test_a_place_that_is_none_says_nothing(country: str, text: str) -> None:
    assert len(language_and_zone(country, text)) == 2


def _mapping() -> CompiledMapping:
    lines = '[read]\nphone = "x"\nregion = "r"\ncountry = "c"\n"name.full" = "n"'
    return compile_mapping(tomllib.loads(lines), connection="web", zone="UTC", region="DE", problems=Problems())


MAPPING = _mapping()


@LOADS
@given(number=st.from_regex(r"[+0-9() -]{0,14}", fullmatch=True) | TEXT, place=TEXT, country=COUNTRIES, name=TEXT)
def test_a_record_read_again_says_the_same(number: str, place: str, country: str, name: str) -> None:
    first = MAPPING.contact(Record("1", {"x": number, "r": place, "c": country, "n": name}), NOW)
    fields = first.fields
    again = {"x": fields.get("phone"), "r": fields.get("region"), "c": country, "n": fields.get("name.full")}
    second = MAPPING.contact(Record("1", again), NOW)
    for field in ("phone", "region", "name.full"):
        assert second.fields.get(field) == fields.get(field)
        assert second.flags.get(field) == first.flags.get(field)
