"""A country as written, to its ISO 3166 code."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from connector.model import sentences
from connector.steps.normalise.country_names import NAMES
from connector.steps.normalise.text import clean

#: Named by these alone it could be either of two.
AMBIGUOUS = frozenset({"congo", "コンゴ", "virgin islands", "guiana", "saint martin"})

_MARKS = re.compile(r"[.,'’·・()（）/\-]+")
_BLANKS = re.compile(r"\s+")


def _key(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.replace("&", " and ")).casefold()
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    words = _BLANKS.sub(" ", _MARKS.sub(" ", text)).strip()
    words = words.removeprefix("the ")
    return f"saint {words[3:]}" if words.startswith("st ") else words


@cache
def _table() -> dict[str, str]:
    table: dict[str, str] = {}
    for line in NAMES.strip().splitlines():
        code, *names = line.split("|")
        for name in (code, *names):
            table.setdefault(_key(name), code)
            table.setdefault(_key(name).replace(" ", ""), code)
    return table


@lru_cache(maxsize=4096)
def country(text: str) -> tuple[str, str]:
    """(ISO code, "") of a country named in English, Japanese or its own language; else (as given, why)."""
    text = clean(text)
    if len(text) > 80:
        return text, sentences.NO_COUNTRY
    key = _key(text)
    if key in AMBIGUOUS:
        return text, sentences.TWO_COUNTRIES
    code = _table().get(key) or _table().get(key.replace(" ", ""))
    return (code, "") if code else (text, sentences.NO_COUNTRY)


def codes() -> frozenset[str]:
    """The ISO codes that are known."""
    return frozenset(line.partition("|")[0] for line in NAMES.strip().splitlines())
