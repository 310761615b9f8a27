"""One record in the form in which it is compared: folded, cut into parts, with every value that is known of a field."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import NamedTuple

from connector.model.fields import Value
from connector.steps.alike.common import NOBODY
from connector.steps.alike.likeness import Kind
from connector.steps.alike.names import Name, name_of
from connector.steps.alike.places import Street, city_of, plain_words, postal_of, street_of
from connector.steps.normalise.mail import email_class, host_class, mailbox
from connector.steps.normalise.values import company_key

#: Fields that may hold a date of birth: the first that does.
BIRTHDAYS = tuple(f"custom.{name}" for name in ("birthday", "birth_date", "birthdate", "date_of_birth", "dob"))
#: Days that stand for "not known".
_NO_BIRTHDAYS = frozenset({"19000101", "19700101", "00000000"})
_DAY = re.compile(r"(\d{4})[-/. ]?(\d\d)[-/. ]?(\d\d)(?:\D.*)?")
_NO_LETTERS = re.compile(r"[\W\d_]+")
_NO_DIGITS = re.compile(r"\D+")
#: A page of their own; `/in/me` is whoever looks at it.
_PROFILE = re.compile(r"linkedin\.com/(in)/(?!me(?:[/?#]|$))([^/?#\s]+)")
_PAGE = re.compile(r"linkedin\.com/(company)/([^/?#\s]+)")
#: What is typed so that something is there.
_NO_NUMBER = re.compile(r"(\d)\1{6}|123456789|987654321")


class Email(NamedTuple):
    """An address by its mailbox. `built`: the local part is made from the person's name."""

    box: str
    local: str
    host: str
    kind: str
    built: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a record, comparable: all values of each field, () for none.

    `phones` and `mobiles` are digits, `birthdays` YYYYMMDD, `companies` names without legal form.
    """

    kind: Kind
    names: tuple[Name, ...] = ()
    emails: tuple[Email, ...] = ()
    phones: tuple[str, ...] = ()
    mobiles: tuple[str, ...] = ()
    linkedins: tuple[str, ...] = ()
    birthdays: tuple[str, ...] = ()
    streets: tuple[Street, ...] = ()
    postal_codes: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    job_titles: tuple[str, ...] = ()


def person(fields: Mapping[str, Value], flags: Collection[str] = ()) -> Profile:
    """A person's record, by canonical field names. Fields in `flags` could not be normalised and are no evidence."""
    text = _texts(fields, flags).get
    name = name_of(text("name.given", ""), text("name.family", ""), text("name.full", ""), text("name.reading", ""))
    return Profile(
        "person",
        _known(name),
        _email(text("email", ""), text("email_class", ""), name),
        _number(text("phone", "")),
        _number(text("mobile", "")),
        _linkedin(_PROFILE, text("linkedin", "")),
        _birthday(next((found for field in BIRTHDAYS if (found := text(field))), "")),
        street_of(text("street", "")),
        _one(postal_of(text("postal_code", ""))),
        _one(city_of(text("city", ""))),
        _one(text("country", "").upper()),
        _one(_company(text("company.name", ""))),
        _domain(text("company.domain", "")),
        _one(plain_words(text("job_title", ""))),
    )


def organisation(fields: Mapping[str, Value], flags: Collection[str] = ()) -> Profile:
    """An organisation's record: name, domain, phone, place."""
    text = _texts(fields, flags).get
    return Profile(
        "organisation",
        phones=_number(text("phone", "")),
        linkedins=_linkedin(_PAGE, text("linkedin", "")),
        streets=street_of(text("street", "")),
        postal_codes=_one(postal_of(text("postal_code", ""))),
        cities=_one(city_of(text("city", ""))),
        countries=_one((text("country", "") or text("company.country", "")).upper()),
        companies=_one(_company(text("company.name", ""))),
        domains=_domain(text("company.domain", "")),
    )


def joined(profiles: Iterable[Profile]) -> Profile:
    """Several records that are one: what each of them knows."""
    every = list(profiles)
    known = {
        field.name: tuple(dict.fromkeys(value for one in every for value in getattr(one, field.name)))
        for field in fields(Profile)
        if field.name != "kind"
    }
    return Profile(every[0].kind, **known)


def _texts(fields: Mapping[str, Value], flags: Collection[str]) -> dict[str, str]:
    """What is known, as texts."""
    return {
        name: value if isinstance(value, str) else str(value)
        for name, value in fields.items()
        if value and name not in flags
    }


def _one(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _known(name: Name) -> tuple[Name, ...]:
    if name.given == name.family:
        # The same word twice says no more than once.
        name = name._replace(given=())
    return (name,) if (name.given or name.family) and not _is_nobody(name) else ()


def _is_nobody(name: Name) -> bool:
    """Whether it is the name of a desk, a team or a test: Info Desk, Test User 2, asdf."""
    return all(map(_says_nothing, name.family)) and all(map(_says_nothing, name.given))


@lru_cache(maxsize=2048)
def _says_nothing(word: str) -> bool:
    letters = _NO_LETTERS.sub("", word)
    return not letters or letters in NOBODY or (len(letters) > 2 and len(set(letters)) == 1)


def _email(address: str, kind: str, name: Name) -> tuple[Email, ...]:
    if not address:
        return ()
    kind = kind or email_class(address)
    box = mailbox(address)
    local, _, host = box.rpartition("@")
    return (Email(box, local, host, kind, _built(local, name)),) if kind and local else ()


def _built(local: str, name: Name) -> bool:
    """Whether the local part says the name and no more, however it is put together."""
    letters = _without_umlauts(_NO_LETTERS.sub("", local))
    given = _without_umlauts("".join(name.read_given or name.given))
    family = _without_umlauts("".join(name.read_family or name.family))
    if not letters or not family:
        return letters != "" and letters == given
    return letters in (
        given + family, family + given, given[:1] + family, family + given[:1], given + family[:1], family, given
    )  # fmt: skip


def _without_umlauts(name: str) -> str:
    """Without accents an umlaut has no e: mueller is muller."""
    return name.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def _number(text: str) -> tuple[str, ...]:
    digits = _NO_DIGITS.sub("", text) if text else ""
    return (digits,) if len(digits) > 5 and not _NO_NUMBER.search(digits) else ()


def _birthday(text: str) -> tuple[str, ...]:
    found = _DAY.fullmatch(text.strip()) if text else None
    day = "".join(found.groups()) if found else ""
    return (day,) if day and day not in _NO_BIRTHDAYS else ()


def _linkedin(kind: re.Pattern[str], text: str) -> tuple[str, ...]:
    found = kind.search(text.lower()) if text else None
    return (f"{found[1]}/{found[2]}",) if found else ()


@lru_cache(maxsize=4096)
def _company(text: str) -> str:
    return plain_words(company_key(text)) if text else ""


def _domain(text: str) -> tuple[str, ...]:
    name = text.lower()
    return (name,) if name and host_class(name) == "work" else ()
