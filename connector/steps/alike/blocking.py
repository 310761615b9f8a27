"""Keys that records have in common where they may be one: only such records are compared.

A key is a 63-bit number. Each is specific: a key that thousands share says nothing and costs much.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

from connector.steps.alike.names import Name
from connector.steps.alike.organisations import brand
from connector.steps.alike.profile import Profile
from connector.steps.alike.sound import sound


def keys(profile: Profile) -> frozenset[int]:
    """The blocking keys of a record, none for one of which too little is known."""
    found = _of_person(profile) if profile.kind == "person" else _of_organisation(profile)
    kind = f"{profile.kind} "
    return frozenset([_number(kind + text) for text in found])


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def _of_person(one: Profile) -> Iterator[str]:
    for email in one.emails:
        yield f"email {email.box}"
        if len(email.local) > 5 and email.kind != "role":
            yield f"local {email.local}"
    for number in one.mobiles + one.phones:
        yield f"phone {number[-9:]}"
    for page in one.linkedins:
        yield f"linkedin {page}"
    for day in one.birthdays:
        yield f"day {day}"
    yield from _of_streets(one)
    for name in one.names:
        yield from _of_name(one, _halves(name))


def _of_streets(one: Profile) -> Iterator[str]:
    for street in one.streets:
        if street.house:
            yield f"street {street.house} {sound(street.name.replace(' ', ''))}"


def _of_name(one: Profile, halves: list[str]) -> Iterator[str]:
    for company in one.domains + one.companies:
        yield f"{halves[-1]} company {company}"
    around = [f"postal {code}" for code in one.postal_codes]
    around += [f"city {sound(city)}" for city in one.cities]
    around += [f"year {day[:4]}" for day in one.birthdays]
    for half in halves:
        for place in around:
            yield f"{half} {place}"
    if len(halves) > 1:
        yield " ".join(sorted(halves))


def _halves(name: Name) -> list[str]:
    """Both halves by their sound: whichever is said to be the family name."""
    given, family = name.read_given or name.given, name.read_family or name.family
    return [sound(half) for half in (*given[:1], *family[-1:])]


def _of_organisation(one: Profile) -> Iterator[str]:
    for domain in one.domains:
        yield f"domain {domain}"
    for number in one.phones:
        yield f"phone {number[-9:]}"
    yield from _of_streets(one)
    for company in one.companies:
        for word in sorted(brand(company), key=len, reverse=True)[:2]:
            yield f"name {sound(word)}"
