"""One record in the form in which it is compared: folded, in Latin letters where that is known, cut into parts."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from connector.model.fields import Value
from connector.steps.alike.likeness import Kind
from connector.steps.alike.names import NAMELESS, Name, name_of
from connector.steps.alike.places import city_of, plain_words, postal_of, street_of
from connector.steps.normalise.mail import email_class, host_class, mailbox
from connector.steps.normalise.values import company_key

#: Fields that may hold a date of birth, the first that does.
BIRTHDAYS = tuple(f"custom.{name}" for name in ("birthday", "birth_date", "birthdate", "date_of_birth", "dob"))
_DAY = re.compile(r"(\d{4})[-/. ]?(\d\d)[-/. ]?(\d\d)(?:\D.*)?")
_NO_LETTERS = re.compile(r"[\W\d_]+")
_DIGITS = re.compile(r"\D+")
_PROFILE = re.compile(r"linkedin\.com/(in|company)/([^/?#\s]+)")


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a record, comparable; "" and () for what is not.

    `phones` are digits without a leading plus. `local` and `host` are the halves of the mailbox, `email_kind` its
    class (work, free, role, disposable), `built` whether its local part is made from the person's name. `street` are
    its words, the house number apart.
    """

    kind: Kind
    name: Name = NAMELESS
    email: str = ""
    local: str = ""
    host: str = ""
    email_kind: str = ""
    built: bool = False
    phones: tuple[str, ...] = ()
    mobiles: tuple[str, ...] = ()
    linkedin: str = ""
    birthday: str = ""
    house: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    company: str = ""
    domain: str = ""
    job_title: str = ""


def person(fields: Mapping[str, Value], flags: Collection[str] = ()) -> Profile:
    """A person's record, by canonical field names. Fields in `flags` could not be normalised and are no evidence."""

    def text(name: str) -> str:
        value = "" if name in flags else fields.get(name)
        return str(value) if value else ""

    address = text("email")
    kind = (text("email_class") or email_class(address)) if address else ""
    box = mailbox(address) if kind else ""
    local, _, host = box.rpartition("@")
    domain = text("company.domain").lower()
    house, street = street_of(text("street"))
    name = name_of(text("name.given"), text("name.family"), text("name.full"), text("name.reading"))
    return Profile(
        "person",
        name,
        box, local, host, kind, bool(local) and _built(local, name),
        _numbers(text("phone")), _numbers(text("mobile")),
        _linkedin(text("linkedin")),
        next(filter(None, map(_birthday, map(text, BIRTHDAYS))), ""),
        house, street, postal_of(text("postal_code")), city_of(text("city")), text("country").upper(),
        company_key(text("company.name")) if text("company.name") else "",
        domain if domain and host_class(domain) == "work" else "",
        plain_words(text("job_title")),
    )  # fmt: skip


def organisation(fields: Mapping[str, Value], flags: Collection[str] = ()) -> Profile:
    """An organisation's record: name, domain, phone, place."""

    def text(name: str) -> str:
        value = "" if name in flags else fields.get(name)
        return str(value) if value else ""

    domain = text("company.domain").lower()
    house, street = street_of(text("street"))
    return Profile(
        "organisation",
        phones=_numbers(text("phone")),
        linkedin=_linkedin(text("linkedin")),
        house=house,
        street=street,
        postal_code=postal_of(text("postal_code")),
        city=city_of(text("city")),
        country=(text("country") or text("company.country")).upper(),
        company=plain_words(company_key(text("company.name"))) if text("company.name") else "",
        domain=domain if domain and host_class(domain) == "work" else "",
    )


def _built(local: str, name: Name) -> bool:
    """Whether the local part says the name and no more, however it is put together."""
    letters = _NO_LETTERS.sub("", local)
    given, family = "".join(name.read_given or name.given), "".join(name.read_family or name.family)
    if not family:
        return bool(given) and letters == given
    return letters in (
        given + family, family + given, given[:1] + family, family + given[:1], given + family[:1], family, given
    )  # fmt: skip


def _numbers(text: str) -> tuple[str, ...]:
    digits = _DIGITS.sub("", text) if text else ""
    return (digits,) if len(digits) >= 6 else ()


def _birthday(text: str) -> str:
    found = _DAY.fullmatch(text.strip()) if text else None
    return f"{found[1]}{found[2]}{found[3]}" if found else ""


def _linkedin(text: str) -> str:
    found = _PROFILE.search(text.lower()) if text else None
    return f"{found[1]}/{found[2]}" if found else ""
