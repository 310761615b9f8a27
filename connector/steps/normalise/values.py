"""Values in their normal form: small functions from text to (value, why it was kept as given).

A value that cannot be normalised is kept as given with a reason, never dropped. Every function
gives the same again when applied to its own result. What Baton works out from other fields, and
nobody said, comes from `derive`.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping

from connector.model import sentences
from connector.model.fields import Value
from connector.steps.normalise.companies import company, company_key
from connector.steps.normalise.countries import country
from connector.steps.normalise.mail import domain, email, email_class, registrable
from connector.steps.normalise.moments import day, moment
from connector.steps.normalise.numbers import decimal, integer
from connector.steps.normalise.person import person_name as name_apart
from connector.steps.normalise.person import rest_of_name, split_name
from connector.steps.normalise.phones import phone
from connector.steps.normalise.places import language_and_zone
from connector.steps.normalise.text import as_text, clean, fold, identifier, unknown_words, words
from connector.steps.normalise.titles import job_function, job_level

__all__ = [
    "DERIVED_FIELDS", "boolean", "clean", "company", "company_key", "country", "day", "decimal", "derivable", "derive",
    "domain", "email", "email_class", "fold", "full_name", "identifier", "integer", "job_function", "job_level",
    "moment", "person_name", "phone", "registrable", "unknown_words",
]  # fmt: skip

TRUE_WORDS = words("""
true t yes y 1 on x ok ✓ ✔ ☑ ja oui si sí sim да はい 有 有り あり ある 可 可能 承諾 承諾する 同意 同意する
同意します 希望 希望する 希望します 済 ○ 〇 ◯ 受け取る 受信する 了承
""")
FALSE_WORDS = words("""
false f no n 0 off ✗ ✘ ☐ nein non não нет いいえ 無 無し なし ない 不可 拒否 拒否する 同意しない 同意しません
希望しない 希望しません 未 × ✕ 受け取らない 受信しない
""")


def boolean(
    raw: object, true: frozenset[str] = frozenset(), false: frozenset[str] = frozenset()
) -> tuple[bool | None, str]:
    """(truth, "") or (None, why not). Words of one's own, folded, come before the shipped ones."""
    if isinstance(raw, bool) and not true and not false:
        return raw, ""
    word = fold(as_text(raw) or "")
    for listed, value in ((true, True), (false, False), (TRUE_WORDS, True), (FALSE_WORDS, False)):
        if word in listed:
            return value, ""
    return None, sentences.NEITHER_YES_NOR_NO


_JAPANESE = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々]")


def person_name(text: str) -> tuple[str, str]:
    """A name on one line with single blanks; 様 and its like after a Japanese name are no part of it."""
    return name_apart(text)[0], ""


def full_name(given: str, family: str) -> str:
    """The parts in the order of their script: family name first in Japanese."""
    both = given + family
    japanese = not both.isascii() and _JAPANESE.search(both)
    return " ".join(part for part in ((family, given) if japanese else (given, family)) if part)


#: Fields that `derive` may give, and the fields that each of them needs one of.
_NEEDS: dict[str, tuple[str, ...]] = {
    "email_class": ("email",),
    "company.domain": ("email",),
    "job_level": ("job_title",),
    "job_function": ("job_title",),
    "name.full": ("name.given", "name.family"),
    "name.given": ("name.full",),
    "name.family": ("name.full",),
    "language": ("country",),
    "timezone": ("country",),
}
#: What comes out of another field when that is read.
_BESIDE = {"phone_extension": ("phone", "mobile"), "honorific": ("name.full", "name.given", "name.family")}
DERIVED_FIELDS = tuple(_NEEDS)


def derivable(fields: Iterable[str]) -> frozenset[str]:
    """The fields that can be worked out where these `fields` are known."""
    known = frozenset(fields)
    return frozenset(name for name, needs in (_NEEDS | _BESIDE).items() if known.intersection(needs))


def derive(fields: Mapping[str, Value], said: Container[str] | None = None) -> dict[str, Value]:
    """What follows from `fields`: class and company of an email, level and function of a title, the parts of a name
    or the whole of it, language and time zone of a country.

    Nothing that was said is overwritten: `said` are the names that some system said (a lead's
    `said`), by default all in `fields`. A derived field that is not in the answer, and was
    not said, no longer holds.
    """
    held: Container[str] = fields if said is None else said
    found: dict[str, Value] = {}
    address = fields.get("email")
    if address and ("email_class" not in held or "company.domain" not in held):
        _from_email(str(address), held, found)
    title = fields.get("job_title")
    if title:
        if "job_level" not in held and (level := job_level(str(title))):
            found["job_level"] = level
        if "job_function" not in held and (function := job_function(str(title))):
            found["job_function"] = function
    if "name.full" not in held:
        _to_full_name(fields, held, found)
    elif "name.given" not in held or "name.family" not in held:
        _from_full_name(fields, held, found)
    country = fields.get("country")
    if country:
        language, zone = language_and_zone(str(country), str(fields.get("region") or ""))
        if language and "language" not in held:
            found["language"] = language
        if zone and "timezone" not in held:
            found["timezone"] = zone
    return found


def _to_full_name(fields: Mapping[str, Value], held: Container[str], found: dict[str, Value]) -> None:
    # Parts that were worked out of a full name that is gone say nothing any more.
    given = fields.get("name.given", "") if "name.given" in held else ""
    family = fields.get("name.family", "") if "name.family" in held else ""
    if given or family:
        found["name.full"] = full_name(str(given), str(family))


def _from_full_name(fields: Mapping[str, Value], held: Container[str], found: dict[str, Value]) -> None:
    full = str(fields.get("name.full") or "")
    if not full:
        return
    given, family = split_name(full, str(fields.get("country") or ""), str(fields.get("honorific") or ""))
    if "name.given" in held:
        family = rest_of_name(full, str(fields.get("name.given") or ""))
    elif "name.family" in held:
        given = rest_of_name(full, str(fields.get("name.family") or ""))
    if given and "name.given" not in held:
        found["name.given"] = given
    if family and "name.family" not in held:
        found["name.family"] = family


def _from_email(address: str, held: Container[str], found: dict[str, Value]) -> None:
    kind = email_class(address)
    if kind and "email_class" not in held:
        found["email_class"] = kind
    if kind in ("work", "role") and "company.domain" not in held:
        name = registrable(address.rpartition("@")[2])
        if name:
            found["company.domain"] = name
