"""How near two words, two days or two addresses are: names of levels, "" for blank on a side."""

from __future__ import annotations

from rapidfuzz.distance import OSA, JaroWinkler

from connector.steps.alike import common
from connector.steps.alike.profile import Profile
from connector.steps.alike.sound import sound
from connector.steps.normalise.names import same_short_name

Words = tuple[str, ...]


def within(one: str, other: str) -> bool:
    """Whether a slip of the pen leads from one to the other: one letter, two in a long word."""
    shorter = min(len(one), len(other))
    limit = 0 if shorter < 3 else 1 if shorter < 7 else 2
    return limit > 0 and OSA.distance(one, other, score_cutoff=limit) <= limit


def unspelt(word: str) -> bool:
    """Whether each sign is a word of its own (kanji, hanzi), so that one that differs makes another name."""
    return word > "\u2e80" and not word < "\u3100"


def given_level(one: Words, other: Words) -> str:
    """The level of two given names."""
    if not one or not other:
        return "unknown"
    if one == other:
        return "common" if one[0] in common.GIVEN else "same"
    if level := _alike(one, other):
        return level
    first, second = one[0], other[0]
    if same_short_name(first, second):
        return "short_name"
    return _near("".join(one), "".join(other), known=first in common.GIVEN and second in common.GIVEN)


def family_level(one: Words, other: Words) -> str:
    """The level of two family names."""
    if not one or not other:
        return ""
    if one == other:
        return "common" if len(one) == 1 and one[0] in common.FAMILY else "same"
    return _alike(one, other) or _near("".join(one), "".join(other), known=False)


def _alike(one: Words, other: Words) -> str:
    """What the words of two names that are not the same have in common."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    left, right = "".join(short), "".join(long)
    if left == right:
        return "same"
    if len(left) == 1:
        return "initial" if right[0] == left else "differs"
    if len(right) == 1:
        return "initial" if left[0] == right else "differs"
    return "part" if len(short) < len(long) and set(short) <= set(long) else ""


def _near(one: str, other: str, *, known: bool) -> str:
    if unspelt(one) or unspelt(other) or known:
        return "differs"
    if within(one, other):
        return "close"
    alike = JaroWinkler.similarity(one, other, score_cutoff=0.86) or (sound(one) == sound(other) and one[0] == other[0])
    return "similar" if alike else "differs"


def birthday_level(one: str, other: str) -> str:
    """The level of two days, YYYYMMDD."""
    if not one or not other:
        return ""
    if one == other:
        return "new_year" if one[4:] == "0101" else "same"
    swapped = one[:4] == other[:4] and one[4:6] == other[6:] and one[6:] == other[4:6]
    if swapped or OSA.distance(one, other, score_cutoff=1) <= 1:
        return "close"
    same = (one[:4] == other[:4]) + (one[4:6] == other[4:6]) + (one[6:] == other[6:])
    return "near" if same == 2 else "differs"


def email_level(one: Profile, other: Profile) -> str:
    """The level of two addresses."""
    left, right = one.email, other.email
    if not left or not right:
        return ""
    if left == right:
        return "shared" if "role" in (one.email_kind, other.email_kind) else "same"
    if "role" in (one.email_kind, other.email_kind):
        return "differs"
    if one.host == other.host:
        if _slip(one.local, other.local):
            return "close"
        if one.email_kind == "work":
            return "built" if one.built and other.built else "colleagues"
        return "differs"
    if one.local == other.local:
        if within(one.host, other.host):
            return "close"
        return "built" if one.built else "local" if len(one.local) > 4 else "differs"
    return "close" if OSA.distance(left, right, score_cutoff=2) <= 2 and len(left) > 11 else "differs"


def _slip(one: str, other: str) -> bool:
    """Not in the first letter, which may be another person's initial, and not in a number."""
    return (
        one[0] == other[0]
        and min(len(one), len(other)) > 5
        and within(one, other)
        and [sign for sign in one if sign.isdigit()] == [sign for sign in other if sign.isdigit()]
    )


def phone_level(one: Profile, other: Profile) -> str:
    """The level of all numbers of two people."""
    mine, theirs = (*one.mobiles, *one.phones), (*other.mobiles, *other.phones)
    if not mine or not theirs:
        return ""
    for number in mine:
        for second in theirs:
            if number == second or (len(number) > 8 and number[-9:] == second[-9:]):
                return "mobile" if number in one.mobiles or second in other.mobiles else "same"
    return "differs"


def text_level(one: str, other: str) -> str:
    """same, close or differs."""
    if not one or not other:
        return ""
    return "same" if one == other else "close" if within(one, other) else "differs"


def postal_level(one: str, other: str) -> str:
    """The level of two postal codes."""
    if not one or not other:
        return ""
    if one == other:
        return "same"
    if len(one) > 3 and OSA.distance(one, other, score_cutoff=1) <= 1:
        return "close"
    return "area" if one[:3] == other[:3] else "differs"


def street_level(one: Profile, other: Profile) -> str:
    """The level of two streets with their house numbers."""
    if not one.street or not other.street:
        return ""
    same = one.street == other.street
    if not same and not within(one.street, other.street):
        return "differs"
    if not one.house or not other.house:
        return "close"
    if one.house == other.house:
        return "same" if same else "close"
    return "road"


def company_level(one: str, other: str) -> str:
    """The level of two firms' names."""
    if not one or not other:
        return ""
    if one == other or one.replace(" ", "") == other.replace(" ", ""):
        return "same"
    short, long = sorted((one, other), key=len)
    return "close" if long.startswith(short + " ") or within(one, other) else "differs"
