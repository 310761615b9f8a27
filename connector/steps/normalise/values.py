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
from connector.steps.normalise.phones import phone
from connector.steps.normalise.text import as_text, clean, fold, identifier, single_line, unknown_words, words
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
_SAMA = re.compile(r"(?<=\S)\s*(?:様|殿|さま)$")


def person_name(text: str) -> tuple[str, str]:
    """A name on one line with single blanks; 様 and its like after a Japanese name are no part of it."""
    name = single_line(text)
    if not name.isascii() and _JAPANESE.search(name):
        while (bare := _SAMA.sub("", name)) != name:
            name = bare
    return name, ""


def full_name(given: str, family: str) -> str:
    """The parts in the order of their script: family name first in Japanese."""
    japanese = _JAPANESE.search(given + family)
    return " ".join(part for part in ((family, given) if japanese else (given, family)) if part)


#: Fields that `derive` may give, and the fields that each of them needs one of.
_NEEDS: dict[str, tuple[str, ...]] = {
    "email_class": ("email",),
    "company.domain": ("email",),
    "job_level": ("job_title",),
    "job_function": ("job_title",),
    "name.full": ("name.given", "name.family"),
}
DERIVED_FIELDS = tuple(_NEEDS)


def derivable(fields: Iterable[str]) -> frozenset[str]:
    """The fields that can be worked out where these `fields` are known."""
    known = frozenset(fields)
    found = {name for name, needs in _NEEDS.items() if known.intersection(needs)}
    return frozenset(found | ({"phone_extension"} if known & {"phone", "mobile"} else set()))


def derive(fields: Mapping[str, Value], said: Container[str] | None = None) -> dict[str, Value]:
    """What follows from `fields`: the class and company of an email, level and function of a title, a full name.

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
        full = full_name(str(fields.get("name.given", "")), str(fields.get("name.family", "")))
        if full:
            found["name.full"] = full
    return found


def _from_email(address: str, held: Container[str], found: dict[str, Value]) -> None:
    kind = email_class(address)
    if kind and "email_class" not in held:
        found["email_class"] = kind
    if kind in ("work", "role") and "company.domain" not in held:
        name = registrable(address.rpartition("@")[2])
        if name:
            found["company.domain"] = name
