"""How people type somebody's data who is in another system already."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import Any, Literal

#: By which exact key the record can still be found: email, or phone with the family name; "" by none.
FoundBy = Literal["email", "phone", ""]


def person(given: Mapping[str, Any]) -> dict[str, str]:
    """Somebody's data by our own short names, out of a contact's properties (flat, or under `properties`)."""
    row = {**given, **given.get("properties", {})}
    names = {"id": "id", "email": "email", "given": "firstname", "family": "lastname", "phone": "phone",
             "company": "company", "title": "jobtitle", "website": "website", "country": "country"}  # fmt: skip
    return {ours: str(row.get(theirs) or "").strip() for ours, theirs in names.items()}


def mistype(random: Random, who: Mapping[str, str]) -> tuple[dict[str, str], list[str], FoundBy]:
    """The data as typed again by hand, what is different, and what the record can be found by."""
    typed = dict(who)
    changes: list[str] = []
    by: FoundBy = "email" if who["email"] else "phone" if who["phone"] and who["family"] else ""
    throw = random.random()
    if throw < 0.10 and who["phone"] and who["family"]:
        typed["email"], by = "", "phone"
        changes.append("email left out")
    elif throw < 0.20 and who["phone"] and who["family"]:
        typed["email"], by = other_address(random, who), "phone"
        changes.append("another email")
    elif throw < 0.28:
        typed["email"], typed["phone"], by = other_address(random, who), "", ""
        changes.append("another email, no phone")
    elif throw < 0.60 and who["email"]:
        typed["email"] = other_case(random, who["email"])
        changes.append("email in other letters")
    if typed["phone"] and random.random() < 0.6:
        typed["phone"] = other_format(random, typed["phone"])
        changes.append("phone written otherwise")
    _names(random, typed, changes, sure=by == "email")
    return typed, changes, by


def _names(random: Random, typed: dict[str, str], changes: list[str], *, sure: bool) -> None:
    """Names in other letters; where the email is `sure`, with slips too."""
    if random.random() < 0.3:
        typed["family"] = random.choice((typed["family"].upper(), typed["family"].lower()))
        changes.append("family name in other letters")
    if sure and random.random() < 0.25:
        typed["given"] = random.choice((slip(random, typed["given"]), typed["given"][:1]))
        typed["family"] = slip(random, typed["family"])
        changes.append("a slip in the name")
    if random.random() < 0.3:
        typed["company"] = random.choice((typed["company"].upper(), typed["company"].replace(" ", "  ")))
        changes.append("company written otherwise")


def other_case(random: Random, email: str) -> str:
    """The same address as people write it."""
    return random.choice((email.upper(), email.title(), email[:1].upper() + email[1:]))


def other_address(random: Random, who: Mapping[str, str]) -> str:
    """An address of theirs that the other system has never seen."""
    local = re.sub(r"[^a-z]", "", f"{who['given']}{who['family']}".lower()) or f"person{who['id']}"
    return f"{local}{random.randrange(10, 99)}.{who['id']}@elsewhere.example"


def other_format(random: Random, phone: str) -> str:
    """The same number with other signs between its digits."""
    groups = re.findall(r"\d+", phone.replace("(0)", ""))
    if phone.lstrip().startswith("+"):
        return f"+{groups[0]} " + random.choice((" ", "-", "")).join(groups[1:])
    return random.choice((" ", "-", ".", "/")).join(groups)


def slip(random: Random, name: str) -> str:
    """Two letters changed places, or one letter twice."""
    if len(name) < 4:
        return name
    at = random.randrange(1, len(name) - 2)
    if random.random() < 0.5:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + name[at] + name[at:]
