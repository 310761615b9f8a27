"""Two names of people: the level of each half, whichever was said to be the family name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from connector.steps.alike.likeness import Finding
from connector.steps.alike.names import Name, Words
from connector.steps.alike.similar import family_level, given_level, script, unspelt
from connector.steps.normalise.names import romanised

Points = Mapping[str, Mapping[str, int]]
Level = Callable[[Words, Words], str]


class Likeness(NamedTuple):
    """The levels of two names, the second perhaps with its halves exchanged."""

    points: int
    given: str
    family: str
    swapped: bool


def names_found(one: Name, other: Name, points: Points) -> tuple[int, list[Finding]]:
    """Points and findings of two names."""
    best = _straight(one, other, points)
    if (best.given not in _FIRM or best.family not in _FIRM) and _may_be_turned(one, other):
        turned = [(_straight(one, _turned(other), points), one, _turned(other)),
                  (_straight(_turned(one), other, points), _turned(one), other)]  # fmt: skip
        # Whichever record comes first, and with no more certainty than either way gives.
        crossed, *names = min(turned, key=lambda way: way[0])
        worth = crossed.points + points["order"]["swapped"]
        if worth > best.points and "differs" not in (crossed.given, crossed.family):
            best, (one, other) = Likeness(worth, crossed.given, crossed.family, True), names
    found = [Finding("given_name", best.given, points["given_name"][best.given], *_shown(one.given, other.given))]
    if best.family:
        level = best.family
        found.append(Finding("family_name", level, points["family_name"][level], *_shown(one.family, other.family)))
    if best.swapped:
        found.append(Finding("order", "swapped", points["order"]["swapped"], "", ""))
    total = best.points
    if one.generation and other.generation:
        level = "same" if one.generation == other.generation else "differs"
        found.append(Finding("generation", level, points["generation"][level], one.generation, other.generation))
        total += points["generation"][level]
    return total, found


#: Levels after which it makes no sense to try the other way round.
_FIRM = frozenset({"same", "common", "part", "short_name", "close"})


def _may_be_turned(one: Name, other: Name) -> bool:
    """Whether the halves of one begin as the others' of the other do; a quick look, as most do not."""
    given, family = other.given, other.family
    if one.read_family or other.read_family:
        return True
    ours = not one.given or not family or one.given[0][0] == family[0][0]
    return ours and (not one.family or not given or one.family[0][0] == given[0][0])


def _shown(one: Words, other: Words) -> tuple[str, str]:
    return " ".join(one), " ".join(other)


def _turned(name: Name) -> Name:
    return Name(name.family, name.given, name.read_family, name.read_given, name.generation)


def _straight(one: Name, other: Name, points: Points) -> Likeness:
    if one.read_family or other.read_family or _other_script(one, other):
        given, family = _read(one, other)
    elif (one.given == () or other.given == ()) and _run_together(one, other):
        given = family = "same"
    else:
        given = given_level(one.given, other.given)
        family = family_level(one.family, other.family) if one.family and other.family else ""
    worth = points["given_name"][given] + (points["family_name"][family] if family else 0)
    return Likeness(worth, given, family, False)


def _other_script(one: Name, other: Name) -> bool:
    """山田太郎 and Taro Yamada, Иван and Ivan: without a reading nobody can tell."""
    return bool(one.family and other.family) and script(one.family) != script(other.family)


def _run_together(one: Name, other: Name) -> bool:
    """山田太郎 and 山田 太郎, of which only the second says where the family name ends."""
    return unspelt(one.family) and "".join((*one.family, *one.given)) == "".join((*other.family, *other.given))


def _read(one: Name, other: Name) -> tuple[str, str]:
    """Levels of names of which at least one has a reading."""
    if _run_together(one, other):
        return "same", "same"
    given = _half(one.given, one.read_given, other.given, other.read_given, "unknown", given_level)
    return given, _half(one.family, one.read_family, other.family, other.read_family, "", family_level)


def _half(one: Words, one_read: Words, other: Words, other_read: Words, blank: str, level: Level) -> str:
    """As it is written where both are written alike, otherwise by the reading."""
    left, right = one_read or _latin(one), other_read or _latin(other)
    if one and script(one) == script(other):
        found = level(one, other)
        sounds = found == "differs" and left and left == right
        return "similar" if sounds else found
    return level(left, right) if left and right else blank


def _latin(words: Words) -> Words:
    return tuple(map(romanised, words)) if script(words) in ("latin", "kana") else ()
