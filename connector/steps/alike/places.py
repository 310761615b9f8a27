"""Streets, postal codes and cities, comparable."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from connector.steps.normalise.names import plain
from connector.steps.normalise.text import fold

_WORD = re.compile(r"[^\W_]+")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_NUMBER = re.compile(r"\d+[a-z]?")
_STREET_WORDS = {
    "st": "street", "str": "street", "strasse": "street", "ave": "avenue", "av": "avenue", "rd": "road", "dr": "drive",
    "blvd": "boulevard", "ln": "lane", "ct": "court", "pl": "place", "cres": "crescent", "cct": "circuit",
    "hwy": "highway", "pkwy": "parkway", "sq": "square", "ter": "terrace",
    "n": "north", "s": "south", "e": "east", "w": "west",
}  # fmt: skip
_GLUED = re.compile(r"(?<=[a-zß])(?:strasse|straße|str)$")


def plain_words(text: str) -> str:
    """Words without case, accents and punctuation, single blanks between them."""
    return " ".join(_WORD.findall(plain(text))) if text else ""


class Street(NamedTuple):
    """The words of a street, and the house number, "" where none is said."""

    name: str
    house: str


@lru_cache(maxsize=8192)
def street_of(text: str) -> tuple[Street, ...]:
    """A street in parts, () where there is none."""
    words = plain_words(text).split()
    house = next((word for word in words if _NUMBER.fullmatch(word)), "")
    rest = [_GLUED.sub(" street", _STREET_WORDS.get(word, word)) for word in words if word != house]
    return (Street(" ".join(rest), house),) if rest else ()


def postal_of(text: str) -> str:
    """The letters and digits of a postal code."""
    return "".join(_LETTER_OR_DIGIT.findall(fold(text))) if text else ""


@lru_cache(maxsize=8192)
def city_of(text: str) -> str:
    """A city's words; what follows a comma (`bristol, city of`) is put in front."""
    if not text:
        return ""
    head, _, tail = text.partition(",")
    return plain_words(f"{tail} {head}") if tail else plain_words(head)
