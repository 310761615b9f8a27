"""A region of a country (state, province, prefecture, Land, canton) as written, to one name of it.

The name is kept in the script in which it was given: who reads and writes 東京都 is not told Tokyo, and the
other way round. For comparing there is the ISO 3166-2 code, which is the same for both.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from connector.model import sentences
from connector.steps.normalise.countries import country as country_of
from connector.steps.normalise.names import plain
from connector.steps.normalise.region_names import NAMES
from connector.steps.normalise.text import single_line, words

#: Countries whose regions are all known and are what forms ask for; elsewhere counties, provinces and
#: departments stand in the same column, and are as right.
COMPLETE = words("US CA AU DE AT CH NL JP")

#: Words of their kind around a name: `State of New York`, `Canton de Vaud`, `Tokyo-to`, `Osaka Prefecture`.
_KIND = re.compile(
    r"^(?:state of|province of|province de|province du|kanton|canton of|canton de|canton du|cantone|prefecture of"
    r"|land|bundesland|regione|region|provincie|comunidad autonoma de) "
    r"| (?:state|province|prefecture|pref|ken|fu|to|region)$"
)
_JAPANESE_KIND = re.compile("[都府県]$")
_SIGNS = re.compile(r"[\W_]+")

#: (ISO 3166-2 code, name in Latin letters, name in Japanese).
_Region = tuple[str, str, str]


def _key(text: str) -> str:
    return _SIGNS.sub(" ", plain(text)).strip()


@cache
def _tables() -> dict[str, dict[str, _Region]]:
    """The regions of each country by all their names and codes."""
    tables: dict[str, dict[str, _Region]] = {}
    table: dict[str, _Region] = {}
    land = ""
    for line in NAMES.strip().splitlines():
        if line[0] == "[":
            land = line[1:3]
            table = tables.setdefault(land, {})
            continue
        code, latin, japanese, *others = (*line.split("|"), "")[: max(3, line.count("|") + 1)]
        found = (f"{land}-{code}", latin, japanese)
        for name in (f"{land}-{code}", code, latin, japanese, _JAPANESE_KIND.sub("", japanese), *others):
            if name:
                table.setdefault(_key(name), found)
    return tables


@cache
def _anywhere() -> dict[str, _Region]:
    """The regions whose names need no country to be told apart; not those of three letters or less."""
    found: dict[str, _Region] = {}
    twofold = set()
    for table in _tables().values():
        for name, one in table.items():
            if found.setdefault(name, one) != one:
                twofold.add(name)
    return {name: one for name, one in found.items() if name not in twofold and (len(name) > 3 or not name.isascii())}


@lru_cache(maxsize=8192)
def _find(text: str, land: str) -> _Region | None:
    if len(text) > 80:
        return None
    table = _tables().get(land) if land else _anywhere()
    if table is None:
        return None
    key = _key(text)
    found = table.get(key) or table.get(_KIND.sub("", key)) or table.get(key.replace(" ", ""))
    head, comma, tail = text.rpartition(",")
    if found is None and comma and (named := country_of(tail))[1] == "" and land in ("", named[0]):
        return _find(head.strip(), named[0])
    return found


@lru_cache(maxsize=8192)
def region(text: str, country: str = "") -> tuple[str, str]:
    """(the region's own name, "") or (as given, why not known). `country` is an ISO code, "" where nobody knows.

    Without a country only a name that is one region's is brought to its form: WA is in two countries.
    A country whose regions are not known here says nothing against any text.
    """
    text = single_line(text)
    found = _find(text, country)
    if found is None:
        return text, sentences.NO_REGION if text and country in COMPLETE else ""
    _, latin, japanese = found
    return (latin if text.isascii() or not japanese or latin_letters(text) else japanese), ""


def latin_letters(text: str) -> bool:
    """Whether every letter of `text` is of the Latin alphabet."""
    return all(letter < "\u0250" or "\u1e00" <= letter < "\u1f00" for letter in text if letter.isalpha())


def region_code(text: str, country: str = "") -> str:
    """The ISO 3166-2 code (`US-CA`) of a region however it is written, "" where it is not known. For comparing."""
    found = _find(single_line(text), country)
    return found[0] if found else ""
