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
    return frozenset(_number(f"{profile.kind} {text}") for text in found)


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def _of_person(one: Profile) -> Iterator[str]:
    if one.email:
        yield f"email {one.email}"
        if len(one.local) > 5 and one.email_kind != "role":
            yield f"local {one.local}"
    for number in {*one.phones, *one.mobiles}:
        yield f"phone {number[-9:]}"
    if one.linkedin:
        yield f"linkedin {one.linkedin}"
    halves = _halves(one.name)
    around = [f"company {one.domain or one.company}"] if one.domain or one.company else []
    if one.postal_code:
        around.append(f"postal {one.postal_code}")
    for half in halves:
        for place in around:
            yield f"{half} {place}"
    if len(halves) > 1:
        yield from _with_both(one, " ".join(sorted(halves)))
    if one.birthday:
        yield f"day {one.birthday}"
    if one.street and one.house:
        yield f"street {one.house} {one.street.split()[0]} {one.postal_code[:2] or one.city}"


def _with_both(one: Profile, names: str) -> Iterator[str]:
    if one.city:
        yield f"{names} city {sound(one.city)}"
    if one.birthday:
        yield f"{names} year {one.birthday[:4]}"
        yield f"{names} date {one.birthday[4:]}"


def _halves(name: Name) -> list[str]:
    """Both halves by their sound: whichever is said to be the family name."""
    given, family = name.read_given or name.given, name.read_family or name.family
    return [sound(half) for half in (*given[:1], *family[-1:])]


def _of_organisation(one: Profile) -> Iterator[str]:
    if one.domain:
        yield f"domain {one.domain}"
    for number in one.phones:
        yield f"phone {number[-9:]}"
    if one.street and one.house:
        yield f"street {one.house} {one.street.split()[0]}"
    for word in sorted(brand(one.company), key=len, reverse=True)[:2]:
        yield f"name {sound(word)}"
