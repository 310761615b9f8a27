"""A person's name cut into given and family name, whatever the order, the script and the trimmings."""

from __future__ import annotations

import re
from typing import NamedTuple

from connector.steps.normalise.names import name_words, romanised
from connector.steps.normalise.text import fold

#: What tells a father from his son, and one holder of a title from the next.
GENERATIONS = {
    "jr": "2", "jnr": "2", "junior": "2", "sr": "1", "snr": "1", "senior": "1", "ii": "2", "iii": "3", "iv": "4",
    "1st": "1", "2nd": "2", "3rd": "3",
    **{f"{number}th": str(number) for number in range(4, 21)},
}  # fmt: skip
_WORD = re.compile(r"\w+")
_JAPANESE = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_KANA = re.compile("[\u3040-\u30ff]+")

Words = tuple[str, ...]


class Name(NamedTuple):
    """Words of a name, as `name_words` gives them; `read_` are those of its reading, in Latin letters.

    `generation` is "2" for Jr., II and 2nd, "" where nothing is said. A name that cannot be cut (山田太郎, or one
    word only) is in `family`.
    """

    given: Words = ()
    family: Words = ()
    read_given: Words = ()
    read_family: Words = ()
    generation: str = ""


def name_of(given: str, family: str, full: str, reading: str) -> Name:
    """The name; `full` is cut only where neither half was said."""
    generation = _generation(f"{given} {family} {full}")
    if not given and not family:
        given, family = _cut(full)
    first, last = _bare(given), _bare(family)
    if reading:
        return Name(first, last, *_read(reading, given + family), generation)
    if _KANA.fullmatch("".join((*first, *last))):
        return Name(first, last, tuple(map(romanised, first)), tuple(map(romanised, last)), generation)
    return Name(first, last, (), (), generation)


def _bare(text: str) -> Words:
    if text.isascii() and text.isalpha():
        return (text.lower(),)
    found = name_words(text) if text else ()
    return tuple(word for word in found if word not in GENERATIONS) or found


def _generation(text: str) -> str:
    # What stands first is a name or an honorific: Sr. Lopez, Junior Smith.
    found = _WORD.findall(text.lower())[1:]
    return (
        "" if GENERATIONS.keys().isdisjoint(found) else next(GENERATIONS[word] for word in found if word in GENERATIONS)
    )


def _cut(full: str) -> tuple[str, str]:
    """(given, family) of a name in one piece."""
    text = fold(full)
    japanese = _JAPANESE.search(text)
    head, comma, tail = text.partition(",")
    if comma and not japanese and set(_WORD.findall(tail)) - GENERATIONS.keys():
        return tail, head
    parts = name_words(head if comma else text)
    if len(parts) < 2:
        return "", text
    if japanese:
        return " ".join(parts[1:]), parts[0]
    words = [part for part in parts if part not in GENERATIONS] or list(parts)
    return " ".join(words[:-1]), words[-1]


def _read(reading: str, name: str) -> tuple[Words, Words]:
    """(given, family) of a reading: family name first in Japanese."""
    found = tuple(word for part in reading.split() if (word := romanised(part)))
    if len(found) < 2:
        return (), found
    if _JAPANESE.search(reading) or _JAPANESE.search(name):
        return found[1:], found[:1]
    return found[:-1], found[-1:]
