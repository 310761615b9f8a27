"""A person's name as one text: what only addresses them taken off, and the rest parted into given and family name.

Parting is a guess by script, country and custom. Where there is no good one, there is none: a name that
is not parted is still a name, one parted wrongly greets a person by half of it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from connector.steps.normalise.names import DEGREES_IN, HONORIFICS, HONORIFICS_WITH_POINT, SUFFIXES, plain
from connector.steps.normalise.surnames import CHINESE_DOUBLE, JAPANESE, KOREAN_DOUBLE
from connector.steps.normalise.text import single_line, words

#: Han, kana and hangul, and without hangul what Japanese is written in.
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff々]")
_JAPANESE = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff々]+")
_HANGUL = re.compile("[\uac00-\ud7af]+")
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc-\u30ff・゠=＝ ]+")
_AFTER = re.compile(r"(?<=\S)\s*(様|殿|さま|さん|先生)$")

#: Words that a family name begins with.
_PARTICLES = words("""
van von vom zu zum zur der den de del della dello dei degli di da das do dos du des la las le los
ter ten te op 't af av bin ibn bint al el st st. saint santa d' mac mc
""")
#: Particles only in small letters: in capitals they are given names.
_SMALL_PARTICLES = words("ben abu e-")
_AND = words("y i e")
_SEVERAL_PEOPLE = words("& and und et plus + / 及び と")
#: Countries where people have two family names, the father's and the mother's.
_TWO_FAMILY_NAMES = words("ES MX CO PE CL VE EC GT HN SV NI CR PA DO CU BO PY PR")
#: Second halves of Spanish double names: José Luis, María José, Ana María.
_SECOND_GIVEN = words("""
jose luis maria carlos antonio manuel miguel angel pablo jesus ignacio javier francisco fernando alberto eduardo
andres david ramon enrique isabel carmen teresa pilar dolores rosa elena luisa cristina victoria paz mar belen julia
""")
#: Countries in which the family name stands first in Latin letters too, and in those of others does not.
_EITHER_ORDER = words("HU VN KR CN TW HK MO SG")
_CHINESE = words("CN TW HK MO SG MY")
_FRENCH = words("FR BE CH LU CA MC")
_NO_PERSON = words("gmbh inc ltd llc corp kg ag team support sales admin office vertrieb department dept")
#: Honorifics that stand before a given name too.
_BEFORE_GIVEN = words("sir dame miss sister brother")
_NICKNAME = re.compile(r"\s*(?:\([^)]*\)|\"[^\"]*\"|“[^”]*”|「[^」]*」)\s*")


def person_name(text: str) -> tuple[str, str]:
    """(a name on one line with single blanks, what stands after it in Japanese to address the person)."""
    name, after = single_line(text), ""
    if not name.isascii() and _JAPANESE.search(name):
        while found := _AFTER.search(name):
            name, after = name[: found.start()], found[1]
    return name, after


def full_name_apart(text: str, country: str = "") -> tuple[str, str]:
    """(the name, what addresses the person): 山田 太郎様 -> (山田 太郎, 様), Dr. Ana Lopez -> (Ana Lopez, Dr.).

    `M.` is monsieur in a French-speaking `country` (ISO code), elsewhere an initial.
    """
    name, after = person_name(text)
    first = name.partition(" ")[0]
    if "." not in first and first.lower() not in HONORIFICS:
        return name, after
    name, before = _before(name, country)
    return name, before or after


def _before(name: str, country: str) -> tuple[str, str]:
    parts = name.split(" ")
    count = 0
    while count < len(parts) - 1 and _addresses(parts[count], count, country):
        count += 1
    return " ".join(parts[count:]), " ".join(parts[:count])


def _addresses(part: str, at: int, country: str) -> bool:
    folded = plain(part)
    bare = folded.replace(".", "")
    if bare in HONORIFICS or (folded[-1:] == "." and bare in HONORIFICS_WITH_POINT):
        return True
    if folded in ("m.", "mm.") and country in _FRENCH:
        return True
    if at and folded[-1:] == "." and bare in DEGREES_IN:
        return True
    first, _, second = folded.partition("-")
    return first == "dipl." and bool(second)


@lru_cache(maxsize=4096)
def split_name(full: str, country: str = "", honorific: str = "") -> tuple[str, str]:
    """(given, family) of a full name, ("", "") where there is no good guess.

    `country` (ISO) helps with the order; of one name alone, a `honorific` says that it is the family's.
    """
    name, own = full_name_apart(full, country)
    name = single_line(_NICKNAME.sub(" ", name))
    if not name or len(name) > 80 or any(letter.isdigit() or letter in "@/_<>|:;" for letter in name):
        return "", ""
    given, family = _east_asian(name, country) if _CJK.search(name) else _latin(name, country)
    if not family and " " not in name and _before_family(honorific or own):
        family = name
    named = any(map(str.isalpha, family)) and (not given or any(map(str.isalpha, given)))
    return (given, family) if named else ("", "")


def _before_family(honorific: str) -> bool:
    """Whether people are addressed like this by their family name: Frau Müller, but Sir Ian."""
    found = plain(honorific).replace(".", "").split()
    return bool(found) and set(found) <= HONORIFICS | {"m", "mm"} and not set(found) & _BEFORE_GIVEN


def _east_asian(name: str, country: str) -> tuple[str, str]:
    if _KATAKANA.fullmatch(name) and any(dot in name for dot in "・゠="):
        # A foreign name in katakana keeps its own order.
        given, _, family = re.sub("[゠=＝]", "・", name).rpartition("・")
        return given.strip(), family.strip()
    parts = name.split(" ")
    if len(parts) > 1:
        return (" ".join(parts[1:]), parts[0]) if len(parts) < 4 and _CJK.search(parts[0]) else ("", "")
    if _HANGUL.fullmatch(name):
        return _cut(name, 2 if name[:2] in KOREAN_DOUBLE and len(name) > 2 else 1, 4)
    if not _HAN.match(name):
        return "", ""
    if country in _CHINESE:
        return _cut(name, 2 if name[:2] in CHINESE_DOUBLE and len(name) > 2 else 1, 4)
    length = next((count for count in (3, 2, 1) if name[:count] in JAPANESE), 0)
    return _cut(name, length, length + 3)


def _cut(name: str, at: int, most: int) -> tuple[str, str]:
    return (name[at:], name[:at]) if at and at < len(name) <= most else ("", "")


def _latin(name: str, country: str) -> tuple[str, str]:
    family, comma, given = (part.strip() for part in name.partition(","))
    if comma:
        given, family = _after_comma(given, family)
        if given:
            return given, family
        name = family
    parts = _without_suffixes(name.split(" "))
    return _parted(parts, country)


def _after_comma(given: str, family: str) -> tuple[str, str]:
    """`Lopez, Ana` and `Smith, Jr., John`; a suffix alone after the comma says nothing about the order."""
    parts = [part for part in (one.strip() for one in given.split(",")) if not _is_suffix(part)]
    if len(parts) != 1 or len(family.split(" ")) > 4:
        return "", family if not parts else ""
    return " ".join(_without_suffixes(parts[0].split(" "))), " ".join(_without_suffixes(family.split(" ")))


def _is_suffix(part: str) -> bool:
    return plain(part).replace(".", "").replace(" ", "") in SUFFIXES


def _without_suffixes(parts: list[str]) -> list[str]:
    while len(parts) > 1 and _is_suffix(parts[-1]):
        parts = parts[:-1]
    return parts


def _parted(parts: list[str], country: str) -> tuple[str, str]:
    folded = [plain(part) for part in parts]
    if not 2 <= len(parts) <= 7 or any(word in _SEVERAL_PEOPLE for word in folded) or folded[-1] in _NO_PERSON:
        return "", ""
    if shouted := _shouted(parts):
        return shouted
    if country in _EITHER_ORDER:
        return "", ""
    at = _family_at(parts, folded, country)
    return " ".join(parts[:at]), " ".join(parts[at:])


def _shouted(parts: list[str]) -> tuple[str, str] | None:
    """`DUPONT Jean` and `Taro YAMADA`: capitals tell the family name among small letters."""
    loud = [len(part) > 2 and part.isupper() and part.isalpha() for part in parts]
    if loud[0] and not any(loud[1:]):
        return " ".join(parts[1:]), parts[0]
    if loud[-1] and not any(loud[:-1]):
        return None
    count = loud.index(False) if False in loud else 0
    return (" ".join(parts[count:]), " ".join(parts[:count])) if count and not any(loud[count:]) else None


def _family_at(parts: list[str], folded: list[str], country: str) -> int:
    """Where the family name begins."""
    last = len(parts) - 1
    for at in range(1, last):
        if folded[at] in _AND:
            return max(1, at - 1)
        if _is_particle(parts[at], folded[at]) and folded[at - 1] not in ("abd", "abdul"):
            return at
    if folded[last][:3] in ("al-", "el-") or last < 2:
        return last
    if country in _TWO_FAMILY_NAMES:
        return last if last == 2 and folded[1] in _SECOND_GIVEN else last - 1
    return last


def _is_particle(part: str, folded: str) -> bool:
    return folded in _PARTICLES or part in _SMALL_PARTICLES or folded[:3] in ("al-", "el-")


def rest_of_name(full: str, part: str) -> str:
    """What is left of a full name without `part` at its beginning or its end, "" where it is neither."""
    name, part = single_line(full), single_line(part)
    if part and name.startswith(f"{part} "):
        rest = _without_suffixes(name[len(part) :].split())
    elif part and name.endswith(f" {part}"):
        rest = name[: -len(part)].split()
    else:
        return name.removeprefix(part) if part and _HAN.match(name) and " " not in name and name != part else ""
    return " ".join(rest).strip(", ")
