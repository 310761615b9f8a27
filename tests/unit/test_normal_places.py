"""Regions by all their names, and the language and time zone that follow from where a person is."""

from __future__ import annotations

from zoneinfo import available_timezones

import pytest

from connector.steps.normalise import values as normalise
from connector.steps.normalise.countries import codes
from connector.steps.normalise.places import _known, language_and_zone
from connector.steps.normalise.region_names import NAMES
from connector.steps.normalise.regions import region, region_code


@pytest.mark.parametrize(
    ("text", "country", "name", "code"),
    [
        ("CA", "US", "California", "US-CA"),
        ("calif.", "US", "California", "US-CA"),
        ("State of New York", "US", "New York", "US-NY"),
        ("D.C.", "US", "District of Columbia", "US-DC"),
        ("WA", "US", "Washington", "US-WA"),
        ("WA", "AU", "Western Australia", "AU-WA"),
        ("N.S.W.", "AU", "New South Wales", "AU-NSW"),
        ("Quebec", "CA", "Québec", "CA-QC"),
        ("British Columbia", "CA", "British Columbia", "CA-BC"),
        ("NRW", "DE", "Nordrhein-Westfalen", "DE-NW"),
        ("Bavaria", "DE", "Bayern", "DE-BY"),
        ("Baden Wuerttemberg", "DE", "Baden-Württemberg", "DE-BW"),
        ("Vienna", "AT", "Wien", "AT-9"),
        ("Kanton Zürich", "CH", "Zürich", "CH-ZH"),
        ("Genf", "CH", "Genève", "CH-GE"),
        ("Lombardy", "IT", "Lombardia", "IT-25"),
        ("PACA", "FR", "Provence-Alpes-Côte d'Azur", "FR-PAC"),
        ("Cataluña", "ES", "Catalunya", "ES-CT"),
        ("Noord Holland", "NL", "Noord-Holland", "NL-NH"),
        ("Scotland", "GB", "Scotland", "GB-SCT"),
        ("東京", "JP", "東京都", "JP-13"),
        ("東京都", "JP", "東京都", "JP-13"),
        ("Tokyo", "JP", "Tokyo", "JP-13"),
        ("Tōkyō-to", "JP", "Tokyo", "JP-13"),
        ("JP-13", "JP", "Tokyo", "JP-13"),
        ("13", "JP", "Tokyo", "JP-13"),
        ("京都", "JP", "京都府", "JP-26"),
        ("Osaka Prefecture", "JP", "Osaka", "JP-27"),
        ("北海道", "JP", "北海道", "JP-01"),
        ("California, USA", "US", "California", "US-CA"),
        # without a country only what is one region's
        ("大阪", "", "大阪府", "JP-27"),
        ("bavaria", "", "Bayern", "DE-BY"),
        ("US-WA", "", "Washington", "US-WA"),
        ("WA", "", "WA", ""),
        ("Surrey", "GB", "Surrey", ""),
        ("Ile de Ré", "BR", "Ile de Ré", ""),
    ],
)
def test_region(text: str, country: str, name: str, code: str) -> None:
    assert region(text, country) == (name, "")
    assert region_code(text, country) == code


@pytest.mark.parametrize(("text", "country"), [("Bay Area", "US"), ("Hessen", "AT"), ("東京市", "JP")])
def test_a_region_that_a_country_does_not_have_is_kept_and_flagged(text: str, country: str) -> None:
    assert region(text, country) == (text, "not a known region of its country")


def test_no_country_has_a_name_for_two_of_its_regions() -> None:
    from connector.steps.normalise.regions import _key

    for table in NAMES.strip().split("["):
        meaning: dict[str, str] = {}
        for line in table.splitlines()[1:]:
            code, *names = line.split("|")
            for name in filter(None, (code, *names)):
                assert meaning.setdefault(_key(name), code) == code, name


@pytest.mark.parametrize(
    ("country", "region", "language", "zone"),
    [
        ("JP", "", "ja", "Asia/Tokyo"),
        ("DE", "Bayern", "de", "Europe/Berlin"),
        ("US", "", "en", ""),
        ("US", "CA", "en", "America/Los_Angeles"),
        ("US", "Kentucky", "en", ""),
        ("CA", "", "", ""),
        ("CA", "Québec", "fr", "America/Toronto"),
        ("CA", "Ontario", "en", "America/Toronto"),
        ("CA", "New Brunswick", "", "America/Moncton"),
        ("CH", "", "", "Europe/Zurich"),
        ("CH", "Zürich", "de", "Europe/Zurich"),
        ("CH", "Ticino", "it", "Europe/Zurich"),
        ("BE", "", "", "Europe/Brussels"),
        ("AU", "", "en", ""),
        ("AU", "WA", "en", "Australia/Perth"),
        ("BR", "", "pt", ""),
        ("RU", "", "ru", ""),
        ("ES", "Canarias", "es", "Atlantic/Canary"),
        ("Atlantis", "", "", ""),
        ("", "", "", ""),
    ],
)
def test_language_and_zone(country: str, region: str, language: str, zone: str) -> None:
    assert language_and_zone(country, region) == (language, zone)


def test_every_place_of_the_tables_is_one() -> None:
    languages, zones = _known()
    assert set(zones.values()) <= available_timezones()
    for places in (languages, zones):
        assert {place[:2] for place in places} <= codes()
        assert [place for place in places if "-" in place and region_code(place) != place] == []


def test_language_and_zone_are_worked_out_and_never_overwritten() -> None:
    assert normalise.derive({"country": "JP"}) == {"language": "ja", "timezone": "Asia/Tokyo"}
    assert normalise.derive({"country": "JP", "language": "en"}) == {"timezone": "Asia/Tokyo"}
    assert normalise.derive({"country": "US", "region": "NY"})["timezone"] == "America/New_York"
    assert normalise.derive({"country": "Atlantis"}) == {}
