"""How near two values of a field are: names of levels."""

from __future__ import annotations

from rapidfuzz.distance import OSA, JaroWinkler

from connector.steps.alike import common
from connector.steps.alike.names import Words
from connector.steps.alike.places import Street
from connector.steps.alike.profile import Email
from connector.steps.alike.sound import sound
from connector.steps.normalise.names import same_short_name


def within(one: str, other: str) -> bool:
    """Whether a slip of the pen leads from one to the other: one letter, two in a long word, and no number."""
    shorter = min(len(one), len(other))
    limit = 0 if shorter < 3 else 1 if shorter < 7 else 2
    return limit > 0 and OSA.distance(one, other, score_cutoff=limit) <= limit and _digits(one) == _digits(other)


def share(one: str, other: str) -> float:
    """The share of letters that stay, 0 where it is below 0.7."""
    return OSA.normalized_similarity(one, other, score_cutoff=0.7)


def unspelt(words: Words) -> bool:
    """Whether each sign is a word of its own (kanji, hanzi), so that one that differs makes another name."""
    return bool(words) and "\u3100" < words[0][0] < "\ua000"


def script(words: Words) -> str:
    """What a name is written in, "" for none: names in two scripts cannot be held against each other."""
    first = words[0][0] if words else ""
    if not first or first < "\u0370":
        return first and "latin"
    if "\u3040" <= first <= "\u30ff":
        return "kana"
    return "characters" if unspelt(words) else "hangul" if "\uac00" <= first <= "\ud7a3" else "other"


def given_level(one: Words, other: Words) -> str:
    """The level of two given names."""
    if not one or not other:
        return "unknown"
    first, second = one[0], other[0]
    if one == other:
        return "initial" if len(first) == 1 and not unspelt(one) else "common" if first in common.GIVEN else "same"
    if unspelt(one) or unspelt(other):
        return "same" if "".join(one) == "".join(other) else "differs"
    if len(first) == 1 or len(second) == 1:
        return "initial" if first[0] == second[0] else "differs"
    if first == second:
        return "part" if len(one) == 1 or len(other) == 1 or one[1][0] == other[1][0] else "similar"
    if same_short_name(first, second):
        return "short_name"
    if first in common.GIVEN and second in common.GIVEN:
        return "part" if first in other or second in one else "differs"
    return _part(one, other) or _slipped(first, second, _near("".join(one), "".join(other)))


def _slipped(one: str, other: str, level: str) -> str:
    """Jayden and Hayden are two, and twins; Rhomas is nobody's name, and Thomas somebody's."""
    if level != "close" or one[0] == other[0] or (one[0] == other[1:2] and other[0] == one[1:2]):
        return level
    return "close" if (one in common.GIVEN) != (other in common.GIVEN) else "similar"


def family_level(one: Words, other: Words) -> str:
    """The level of two family names, of which neither is blank."""
    if one == other:
        if len(one) == 1:
            return "common" if one[0] in common.FAMILY else "same" if len(one[0]) > 1 or unspelt(one) else "initial"
        return "same"
    left, right = "".join(one), "".join(other)
    if left == right:
        return "same"
    if unspelt(one) or unspelt(other):
        return "differs"
    if len(left) == 1 or len(right) == 1:
        return "initial" if left[0] == right[0] else "differs"
    return _part(one, other) or _near(left, right)


def _part(one: Words, other: Words) -> str:
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    return "part" if len(short) < len(long) and set(short) <= set(long) else ""


def _near(one: str, other: str) -> str:
    if not one.isalpha() and _digits(one) != _digits(other):
        return "differs"
    shorter = len(one) if len(one) < len(other) else len(other)
    slips = OSA.distance(one, other, score_cutoff=2)
    if slips <= 2 and shorter > 2 and (slips < 2 or shorter > 6):
        return "close"
    if slips <= 2 and shorter > 4:
        return "similar"
    if one[0] != other[0]:
        return "differs"
    alike = JaroWinkler.similarity(one, other, score_cutoff=0.86) or sound(one) == sound(other)
    return "similar" if alike else "differs"


def birthday_level(one: str, other: str) -> str:
    """The level of two days, YYYYMMDD."""
    if one == other:
        return "new_year" if one[4:] == "0101" else "same"
    if one[4:] == "0101" == other[4:]:
        return "differs"
    year, month, day = one[:4], one[4:6], one[6:]
    second = (other[:4], other[4:6], other[6:])
    if (year, day, month) == second or OSA.distance(one, other, score_cutoff=1) <= 1:
        return "close"
    if (year == second[0]) + (month == second[1]) + (day == second[2]) == 2:
        return "near"
    apart = (abs(int(year) - int(second[0])), abs(int(month) - int(second[1])), abs(int(day) - int(second[2])))
    return "around" if apart[0] <= 1 and apart[1] <= 1 and apart[2] <= 3 else "differs"


def email_level(one: Email, other: Email) -> str:
    """The level of two addresses."""
    role = "role" in (one.kind, other.kind)
    if one.box == other.box:
        return "shared" if role else "same"
    if role:
        return "differs"
    if one.host == other.host:
        return _one_host(one, other)
    if one.local == other.local:
        near = _near_hosts(one, other)
        if near or (within(one.host, other.host) and not _providers(one, other)):
            return "close" if near and not (one.built and other.built and one.kind == other.kind) else "similar"
        return "built" if one.built or other.built else "local" if len(one.local) > 4 else "differs"
    if min(len(one.box), len(other.box)) < 12 or share(one.box, other.box) < 0.8:
        return "differs"
    if _digits(one.box) != _digits(other.box):
        return "differs"
    close = OSA.distance(one.box, other.box, score_cutoff=2) <= 2 and _near_hosts(one, other)
    return "close" if close else "similar"


def _near_hosts(one: Email, other: Email) -> bool:
    """Whether a slip of the pen leads from one host to the other: not among providers, nor where names are short."""
    if _providers(one, other):
        return False
    ones, others = one.host.split("."), other.host.split(".")
    differ = [(left, right) for left, right in zip(ones, others, strict=False) if left != right]
    return len(ones) == len(others) and len(differ) == 1 and min(map(len, differ[0])) > 4 and within(*differ[0])


def _providers(one: Email, other: Email) -> bool:
    return one.kind == other.kind == "free"


def _one_host(one: Email, other: Email) -> str:
    work = one.kind == "work"
    if one.built and other.built and _digits(one.local) == _digits(other.local):
        return "built"
    if _slip(one.local, other.local):
        return "close"
    return "colleagues" if work else "differs"


def _slip(one: str, other: str) -> bool:
    """Not in the first letter, which may be another person's initial, and not in a number."""
    return (
        one[0] == other[0] and min(len(one), len(other)) > 5 and within(one, other) and _digits(one) == _digits(other)
    )


def _digits(text: str) -> list[str]:
    return [] if text.isalpha() else [sign for sign in text if sign.isdigit()]


def phone_level(one: str, other: str) -> str:
    """The level of two numbers, as digits: the last nine are what a country's own spelling of it keeps."""
    return "same" if one == other or (len(one) > 8 and one[-9:] == other[-9:]) else "differs"


def city_level(one: str, other: str) -> str:
    """The level of two cities."""
    if one == other:
        return "same"
    return "close" if within(one, other) or (len(one) > 4 and share(one, other) >= 0.75) else "differs"


def postal_level(one: str, other: str) -> str:
    """The level of two postal codes."""
    if one == other:
        return "same"
    if len(one) > 3 and OSA.distance(one, other, score_cutoff=1) <= 1:
        return "close"
    return "area" if one[:3] == other[:3] else "differs"


def street_level(one: Street, other: Street) -> str:
    """The level of two streets with their house numbers."""
    same = one.name == other.name
    if not same and not within(one.name, other.name):
        return "differs"
    if one.house == other.house and one.house:
        return "same" if same else "close"
    return "road" if one.house and other.house else "close"


def company_level(one: str, other: str) -> str:
    """The level of two firms' names."""
    if one == other or one.replace(" ", "") == other.replace(" ", ""):
        return "same"
    short, long = (one, other) if len(one) < len(other) else (other, one)
    return "close" if long.startswith(short + " ") or within(one, other) else "differs"


def plain_level(one: str, other: str) -> str:
    """same or differs."""
    return "same" if one == other else "differs"
