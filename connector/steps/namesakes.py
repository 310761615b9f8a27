"""Whether two names can be one person's: what an address that several people share is told apart by.

Given names decide: two that differ are two people, whatever their family names; a family name may change. A short
form, an initial and a further given name contradict nobody, nor does a name that is missing, nor one in another
script, unless its reading is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from connector.model.fields import Value
from connector.model.lead import Lead
from connector.steps.normalise.names import name_words, romanised, same_short_name
from connector.steps.normalise.text import fold

Words = tuple[str, ...]
#: How two names go together, from a contradiction to the same given name.
NEVER, PERHAPS, WELL, FULLY = range(4)
#: Fields that hold a name.
PARTS = ("name.given", "name.family", "name.full", "name.reading")
_GENERATIONS = {
    "jr": "2", "jnr": "2", "junior": "2", "sr": "1", "snr": "1", "senior": "1", "ii": "2", "iii": "3", "iv": "4",
}  # fmt: skip


class Called(NamedTuple):
    """The words of a name as they are compared. `whole`: of one that nobody has cut, in the order of its script.

    `read` is the reading of a given name in Latin letters, "" where it is not known. `generation` is "2" for Jr.
    """

    given: Words = ()
    family: Words = ()
    whole: Words = ()
    read: str = ""
    generation: str = ""


def called(fields: Mapping[str, Value]) -> Called:
    """What a record calls its person."""
    given, family, full, reading = (str(fields.get(part) or "") for part in PARTS)
    if not given and not family and not full:
        return Called()
    own = name_words(given), name_words(family)
    whole = name_words(full) if full and not any(own) else ()
    if len(whole) > 1:
        own, whole = _cut(full, whole), ()
    return Called(*own, whole, _read_given(reading, own) if reading else "", _generation(family or full))


def _cut(full: str, words: Words) -> tuple[Words, Words]:
    """(given, family) of a full name: the family name first in Chinese, Japanese and Korean, and before a comma."""
    head, comma, _tail = full.partition(",")
    first = len(name_words(head)) if comma else 1
    if (comma and first < len(words)) or _script(words[0]) in ("han", "kana", "hangul"):
        return words[first:], words[:first]
    return words[:-1], words[-1:]


def _read_given(reading: str, own: tuple[Words, Words]) -> str:
    words = name_words(reading)
    spoken = _script(own[0][0]) == "han" if own[0] else False
    return romanised(" ".join(words[1:])).replace(" ", "") if spoken and len(words) > 1 else ""


def _generation(text: str) -> str:
    words = fold(text).replace(".", " ").replace(",", " ").split()
    return _GENERATIONS.get(words[-1], "") if len(words) > 1 else ""


def goes_with(one: Called, other: Called) -> int:
    """How two names go together: NEVER, PERHAPS (one says too little), WELL or FULLY. It is the same either way."""
    if one.generation and other.generation and one.generation != other.generation:
        return NEVER
    if one.whole or other.whole:
        return _whole(one, other)
    if one.given and other.given:
        found = _given(one, other)
        if found == NEVER:
            crossed = _alike(one.given, other.family) == FULLY == _alike(one.family, other.given)
            return WELL if crossed else NEVER
        # An initial is no given name that stays when the family name changes, be it the same one.
        unsure = found > PERHAPS and _are_initials(one.given, other.given)
        return NEVER if unsure and _differ(one.family, other.family) else found
    return NEVER if _differ(one.family, other.family) else PERHAPS


def _given(one: Called, other: Called) -> int:
    left, right = one.given, other.given
    scripts = {_script(left[0]), _script(right[0])}
    if len(scripts) == 1:
        return _alike(left, right)
    mine, theirs = one.read or _spoken(left), other.read or _spoken(right)
    if mine and mine == theirs:
        return FULLY
    read = (one.read and theirs) or (other.read and mine)
    if read:
        return WELL if mine[0] == theirs[0] and 1 in (len(mine), len(theirs)) else NEVER
    return PERHAPS


def _spoken(words: Words) -> str:
    """A name in letters or kana as it sounds; "" for characters that do not say how they are read."""
    return romanised(" ".join(words)).replace(" ", "") if _script(words[0]) in ("latin", "kana") else ""


def _differ(one: Words, other: Words) -> bool:
    """Whether two family names are there, and are not the same."""
    if not one or not other or _script(one[0]) != _script(other[0]):
        return False
    return _alike(one, other) == NEVER


def _alike(one: Words, other: Words) -> int:
    """How the words of two names in one script go together."""
    if not one or not other:
        return PERHAPS
    if "".join(one) == "".join(other):
        return FULLY
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    pairs = zip(short, long, strict=False)
    return WELL if all(map(_one_word, *zip(*pairs, strict=True))) or set(short) <= set(long) else NEVER


def _one_word(one: str, other: str) -> bool:
    return one == other or _begins(one, other) or _begins(other, one) or same_short_name(one, other)


def _begins(initial: str, word: str) -> bool:
    return _is_letter(initial) and word.startswith(initial)


def _is_letter(word: str) -> bool:
    """Whether one letter stands for a word; a character of its own is a whole name."""
    return len(word) == 1 and word < "\u2e80"


def _are_initials(one: Words, other: Words) -> bool:
    return all(_is_letter(left) or _is_letter(right) for left, right in zip(one, other, strict=False))


def _whole(one: Called, other: Called) -> int:
    """Of a name in one piece: either half of the other's, or both written together."""
    piece, rest = ("".join(one.whole), other) if one.whole else ("".join(other.whole), one)
    if rest.whole:
        second = "".join(rest.whole)
        return FULLY if piece == second else _by(_within, piece, second)
    words = (*rest.family, *rest.given)
    if not words or _script(words[0]) != _script(piece):
        return PERHAPS
    if any(_one_word(piece, word) for word in words) or piece in ("".join(words), "".join((*rest.given, *rest.family))):
        return WELL
    return _by(str.startswith, piece, "".join(rest.family)) if rest.family and not rest.given else NEVER


def _by(rule: Callable[[str, str], bool], piece: str, other: str) -> int:
    return PERHAPS if _script(piece) != _script(other) else WELL if rule(piece, other) else NEVER


def _within(one: str, other: str) -> bool:
    return _one_word(one, other) or (_script(one) == "han" and (one.startswith(other) or other.startswith(one)))


def _script(word: str) -> str:
    first = word[0]
    if first < "\u0370":
        return "latin"
    if "\u3040" <= first <= "\u30ff":
        return "kana"
    if "\uac00" <= first <= "\ud7a3":
        return "hangul"
    return "han" if first >= "\u2e80" else "cyrillic" if "\u0400" <= first < "\u0530" else "other"


def names_of(lead: Lead) -> Iterator[Called]:
    """What a lead is called: the name in force first, then what each connection calls it beside that."""
    yield called(lead.fields)
    for said in lead.sides.values():
        beside = {part: said[part].value or "" for part in PARTS if part in said}
        if beside:
            yield called(lead.fields | beside)
