"""Two records compared, field by field: points for what agrees and what differs."""

from __future__ import annotations

from collections.abc import Iterable

from connector.steps.alike import similar
from connector.steps.alike.likeness import Band, Finding, Likeness, Weights
from connector.steps.alike.names import Name
from connector.steps.alike.organisations import name_level
from connector.steps.alike.profile import Profile

#: Fields that say much the same, by the group whose points are limited.
GROUPS = {"place": ("street", "postal_code", "city"), "company": ("company", "domain")}

#: field, level, left, right
Level = tuple[str, str, str, str]


def compare(one: Profile, other: Profile, weights: Weights) -> Likeness:
    """How alike two records of one kind are. The other way round it is the same, left and right exchanged."""
    levels = _people(one, other, weights) if one.kind == "person" else _organisations(one, other)
    found = [
        Finding(field, level, weights.points[field][level], left, right)
        for field, level, left, right in levels
        if level
    ]
    points = sum(finding.points for finding in found)
    for group, fields in GROUPS.items():
        most = weights.at_most.get(group)
        gained = sum(finding.points for finding in found if finding.field in fields and finding.points > 0)
        if most is not None and gained > most:
            found.append(Finding(group, "at_most", most - gained, "", ""))
            points += most - gained
    against = tuple(
        f"{finding.field}.{finding.level}" for finding in found
        if f"{finding.field}.{finding.level}" in weights.never_sure
    )  # fmt: skip
    return Likeness(points, _band(points, against, weights), tuple(found), against)


def _band(points: int, against: tuple[str, ...], weights: Weights) -> Band:
    if points >= weights.sure and not against:
        return "sure"
    return "perhaps" if points >= weights.perhaps else ""


def _people(one: Profile, other: Profile, weights: Weights) -> Iterable[Level]:
    yield from _names(one.name, other.name, weights)
    yield "email", similar.email_level(one, other), one.email, other.email
    yield (
        "phone",
        similar.phone_level(one, other),
        " ".join((*one.mobiles, *one.phones)),
        " ".join((*other.mobiles, *other.phones)),
    )
    yield "birthday", similar.birthday_level(one.birthday, other.birthday), one.birthday, other.birthday
    yield "linkedin", _same(one.linkedin, other.linkedin), one.linkedin, other.linkedin
    yield from _place(one, other)
    yield "company", similar.company_level(one.company, other.company), one.company, other.company
    yield "domain", _same(one.domain, other.domain), one.domain, other.domain
    yield "job_title", _same(one.job_title, other.job_title), one.job_title, other.job_title


def _place(one: Profile, other: Profile) -> Iterable[Level]:
    yield (
        "street",
        similar.street_level(one, other),
        f"{one.house} {one.street}".strip(),
        f"{other.house} {other.street}".strip(),
    )
    yield "postal_code", similar.postal_level(one.postal_code, other.postal_code), one.postal_code, other.postal_code
    yield "city", similar.text_level(one.city, other.city), one.city, other.city
    yield "country", _same(one.country, other.country), one.country, other.country


def _organisations(one: Profile, other: Profile) -> Iterable[Level]:
    yield "name", name_level(one.company, other.company), one.company, other.company
    yield "domain", _same(one.domain, other.domain), one.domain, other.domain
    yield "phone", similar.phone_level(one, other), _numbers(one), _numbers(other)
    yield "linkedin", _same(one.linkedin, other.linkedin), one.linkedin, other.linkedin
    yield from _place(one, other)


def _numbers(one: Profile) -> str:
    return " ".join((*one.mobiles, *one.phones))


def _same(one: str, other: str) -> str:
    return "" if not one or not other else "same" if one == other else "differs"


def _names(one: Name, other: Name, weights: Weights) -> Iterable[Level]:
    given, family = one.given, one.family
    theirs, their_family = other.given, other.family
    straight = (similar.given_level(given, theirs), similar.family_level(family, their_family))
    crossed = (similar.given_level(given, their_family), similar.family_level(family, theirs))
    order = ""
    if (
        "same" not in straight
        and "common" not in straight
        and _worth(crossed, weights) > _worth(straight, weights) + 10
    ):
        straight, order = crossed, "swapped"
        theirs, their_family = their_family, theirs
    if straight[0] != "unknown" or given or theirs:
        yield "given_name", straight[0], " ".join(given), " ".join(theirs)
    yield "family_name", straight[1], " ".join(family), " ".join(their_family)
    if order:
        yield "order", order, " ".join(given), " ".join(theirs)
    yield "generation", _same(one.generation, other.generation), one.generation, other.generation


def _worth(levels: tuple[str, str], weights: Weights) -> int:
    given, family = levels
    return (weights.points["given_name"][given] if given else 0) + (
        weights.points["family_name"][family] if family else 0
    )
