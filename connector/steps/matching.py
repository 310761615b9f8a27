"""Who of the people in a CRM is a lead of ours: by exact keys, explained, whatever the order of records.

Keys, strongest first: our own key, an id that another system left with us, the email, an address that
they had before, a phone number together with the family name. By address or number nobody is found
whose given name says that these are two people. Only the strongest key that finds anyone counts.
Among those whom it finds, someone in an open deal comes before a customer, then a contact, an open
lead, and a contact that is what is left of a converted lead; then whoever has the lower id.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

from connector.model.lead import Lead
from connector.model.mirror import CrmRecord
from connector.model.sentences import NO_ADDRESS
from connector.steps.alike import PERSON, Likeness, compare, words
from connector.steps.alike import person as profile
from connector.steps.normalise.countries import country
from connector.steps.normalise.mail import domain, email, email_class, host_class
from connector.steps.normalise.names import name_words
from connector.steps.normalise.phones import phone
from connector.steps.normalise.text import clean, fold

#: Marks a text for the translators; it is translated where it is shown.
N_ = str
Translate = Callable[[str], str]

By = Literal[
    "our_key", "link", "email", "former", "phone", "alike", "domain", "name", "name and city", "name and postal code",
    "name and country",
]  # fmt: skip
Standing = Literal["open_opportunity", "customer", "contact", "lead"]

#: Keys, strongest first.
KEYS: tuple[By, ...] = ("our_key", "link", "email", "former", "phone")
#: Findings that are said of two records that are alike.
MOST_SAID = 4
#: What someone is in the CRM, in the order in which it counts.
STANDINGS: tuple[Standing, ...] = ("open_opportunity", "customer", "contact", "lead")

#: Why a record is theirs, by key.
WHYS: dict[By, str] = {
    "our_key": N_("our key in %(record)s"),
    "link": N_("another connector's link to %(record)s"),
    "email": N_("the same email as %(record)s"),
    "former": N_("a former email of theirs is that of %(record)s"),
    "phone": N_("the same phone and family name as %(record)s"),
    "alike": N_("so much in common with %(record)s (%(what)s)"),
    "domain": N_("the same company domain as %(record)s"),
    "name": N_("the same company name as %(record)s, the only one of that name"),
    "name and city": N_("the same company name and city as %(record)s"),
    "name and postal code": N_("the same company name and postal code as %(record)s"),
    "name and country": N_("the same company name and country as %(record)s, the only one of both"),
}


def normalised(record: CrmRecord, region: str) -> CrmRecord:
    """The record with its keys in the form that they are compared in; what is no key of anyone becomes "".

    `region` is the country of phone numbers without a country code, where the record says no country.
    """
    where = _country(record.country)
    region = where or region
    site, no_site = domain(record.domain) if record.domain else ("", "")
    return replace(
        record,
        email=_address(record.email),
        other_emails=[told for one in record.other_emails if (told := _address(one))],
        phone=_number(record.phone, region),
        other_phone=_number(record.other_phone, region),
        domain="" if no_site or host_class(site) != "work" else site,
        name=clean(record.name),
        given_name=clean(record.given_name),
        family_name=fold(clean(record.family_name)),
        company=clean(record.company),
        city=clean(record.city),
        postal_code=clean(record.postal_code),
        country=where,
        values={name: _storable(value) for name, value in record.values.items()},
    )


def _address(text: str) -> str:
    address, fault = email(text) if text else ("", "")
    return "" if fault == NO_ADDRESS else address


def _number(text: str, region: str) -> str:
    number, _extension, unusable = phone(text, region) if text else ("", "", "")
    return "" if unusable else number


def _country(text: str) -> str:
    code, unknown = country(text) if text else ("", "")
    return "" if unknown else code


def _storable(value: Any) -> Any:
    # PostgreSQL keeps no NUL.
    return value.replace("\0", "") if isinstance(value, str) and "\0" in value else value


@dataclass(frozen=True, slots=True)
class Keys:
    """What a lead can be known by in a CRM; "" and () for what it lacks."""

    our_key: str = ""
    linked: tuple[str, ...] = ()
    email: str = ""
    phones: tuple[str, ...] = ()
    family: str = ""
    domain: str = ""
    given: str = ""
    former: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there is anything to search by but our own key."""
        return bool(self.linked or self.email or self.former or (self.phones and self.family))


def keys_of(lead: Lead, our_key: str, linked: Iterable[str] = ()) -> Keys:
    """The keys of a lead. An address of a role (info@) belongs to a company and is no person's key."""
    address = str(lead.fields.get("email") or "")
    kind = lead.fields.get("email_class") or email_class(address)
    if kind == "role" or lead.flags.get("email") == NO_ADDRESS:
        address = ""
    numbers = [str(lead.fields.get(name) or "") for name in ("mobile", "phone") if name not in lead.flags]
    return Keys(
        our_key, tuple(sorted(set(linked))), address, tuple(dict.fromkeys(number for number in numbers if number)),
        fold(str(lead.fields.get("name.family") or "")), company_domain(lead),
        fold(str(lead.fields.get("name.given") or "")),
        tuple(one for one in dict.fromkeys(lead.former) if one != address and email_class(one) not in ("role", "")),
    )  # fmt: skip


def company_domain(lead: Lead) -> str:
    """The domain of the lead's company, "" where it is that of a mail provider."""
    name = str(lead.fields.get("company.domain") or "")
    return "" if not name or "company.domain" in lead.flags or host_class(name) != "work" else name


@dataclass(slots=True)
class Around:
    """The records around people: people by (object, id), deals by what they hang on (`("account", id)`)."""

    people: dict[tuple[str, str], CrmRecord] = field(default_factory=dict)
    accounts: dict[str, CrmRecord] = field(default_factory=dict)
    deals: dict[tuple[str, str], list[CrmRecord]] = field(default_factory=dict)

    def followed(self, record: CrmRecord) -> CrmRecord | None:
        """The live record that this one is today, through merges and conversions; None where nothing is left."""
        seen: set[tuple[str, str]] = set()
        while (record.object, record.id) not in seen:
            seen.add((record.object, record.id))
            if record.merged_into:
                following = self.people.get((record.object, record.merged_into))
            elif contact := record.converted_to.get("contact"):
                following = self.people.get(("contact", contact))
            else:
                return None if record.gone or (record.object == "lead" and not record.is_open) else record
            if following is None:
                return None
            record = following
        return None

    def account_of(self, person: CrmRecord) -> CrmRecord | None:
        """The live account of a contact."""
        account = self.accounts.get(person.account) if person.account else None
        return account if account and not account.gone else None

    def deal_of(self, person: CrmRecord) -> CrmRecord | None:
        """The open deal of a contact, of its own before one of its account; of several the one with the lowest id."""
        return self._open("person", person.id) or self._open("account", person.account)

    def deal_of_account(self, account: CrmRecord) -> CrmRecord | None:
        """The open deal of an account, of several the one with the lowest id."""
        return self._open("account", account.id)

    def _open(self, kind: str, id: str) -> CrmRecord | None:
        found = [deal for deal in self.deals.get((kind, id), ()) if deal.is_open and not deal.gone]
        return min(found, key=_id, default=None)


def _id(record: CrmRecord) -> str:
    return record.id


@dataclass(frozen=True, slots=True)
class Match:
    """Who a lead is in the CRM. `record` is what decides: the deal, the account, the contact or the lead itself.

    `person` is their own record. `by` is the key that found it, `found` the record it was found
    in, where that has become `person` since. `others` are further people whom the same key found.
    """

    standing: Standing
    record: CrmRecord
    person: CrmRecord
    by: By
    found: CrmRecord
    account: CrmRecord | None = None
    others: tuple[CrmRecord, ...] = ()
    likeness: Likeness | None = None

    def why(self, translate: Translate) -> str:
        """In one sentence: `the same email as contact 003…`."""
        what = in_common(self.likeness, translate) if self.likeness else ""
        text = translate(WHYS[self.by]) % {"record": named(self.found, translate), "what": what}
        if (self.found.object, self.found.id) != (self.person.object, self.person.id):
            text = translate(N_("%(why)s, which is %(record)s now")) % {
                "why": text, "record": named(self.person, translate),
            }  # fmt: skip
        return text


#: The kinds of records for people.
NAMES = {
    "lead": N_("lead"),
    "contact": N_("contact"),
    "account": N_("account"),
    "opportunity": N_("deal"),
}


def named(record: CrmRecord, translate: Translate) -> str:
    """`contact 003…`: the kind and the id."""
    return f"{translate(NAMES.get(record.object, record.object))} {record.id}"


def in_common(likeness: Likeness, translate: Translate) -> str:
    """What weighs most of what two records have in common: `family name: the same; phone: the same number`."""
    given = sorted((one for one in likeness.findings if one.points > 0), key=lambda one: -one.points)
    return translate(N_("; ")).join(words(one, translate) for one in given[:MOST_SAID])


def match(keys: Keys, candidates: Iterable[CrmRecord], around: Around, *, plain: bool = False) -> Match | None:
    """Who of `candidates` (leads and contacts, gone and converted ones too) has these keys; None for nobody.

    `plain`: the CRM has no leads but contacts only; who is in no deal and no customer is what a lead is elsewhere.
    There an address is of one contact, whatever the name.
    """
    by_key: dict[By, dict[tuple[str, str], tuple[CrmRecord, CrmRecord]]] = {}
    for found in sorted(candidates, key=place_of):
        by = agrees(keys, found, plain=plain)
        person = around.followed(found) if by else None
        if by and person is not None:
            by_key.setdefault(by, {}).setdefault(place_of(person), (person, found))
    return next((best(several.values(), by, around, plain=plain) for by in KEYS if (several := by_key.get(by))), None)


def best(several: Iterable[tuple[CrmRecord, CrmRecord]], by: By, around: Around, *, plain: bool = False) -> Match:
    """Of several (person, record they were found in) the one that counts; there is at least one."""
    ranked = sorted((_ranked(person, found, by, around) for person, found in several), key=_order)
    first = replace(ranked[0], standing="lead") if plain and ranked[0].standing == "contact" else ranked[0]
    return replace(first, others=tuple(one.person for one in ranked[1:]))


def place_of(record: CrmRecord) -> tuple[str, str]:
    """(object, id)."""
    return (record.object, record.id)


def agrees(keys: Keys, record: CrmRecord, *, plain: bool = False) -> By | None:
    """The strongest key by which this record is theirs, None where it is not; `plain` as in `match`."""
    if keys.our_key and record.our_key == keys.our_key:
        return "our_key"
    if record.id in keys.linked:
        return "link"
    if keys.email and record.email == keys.email and (plain or not another_given(keys, record)):
        return "email"
    if record.email and record.email in keys.former and not another_given(keys, record):
        return "former"
    numbers = {record.phone, record.other_phone} - {""}
    if keys.family and not numbers.isdisjoint(keys.phones) and (named := _of_the_family(keys.family, record)):
        return None if _others_of_the_name(keys, named) else "phone"
    return None


def _of_the_family(family: str, record: CrmRecord) -> CrmRecord | None:
    """The record with this family name, None where it has another; of a name that is only told whole it is a part."""
    if record.family_name:
        return record if record.family_name == family else None
    name = fold(record.name)
    unspaced = family >= "\u2e80" and name.startswith(family)
    words = f" {' '.join(_WORD.findall(name))} "
    is_part = unspaced or f" {' '.join(_WORD.findall(family))} " in words
    return replace(record, family_name=family) if is_part else None


_WORD = re.compile(r"\w+")
_LATIN = re.compile("[a-z]")


def another_given(keys: Keys, record: CrmRecord) -> bool:
    """Whether the given names are of two people. A family name says nothing of that: people marry.

    A short name, an initial or a slip of the pen is the name; names in two scripts cannot be held against each other.
    """
    theirs = fold(given_name(record))
    return bool(keys.given and theirs) and _contradict(keys.given, keys.family, theirs, record.family_name)


@lru_cache(maxsize=8192)
def _contradict(given: str, family: str, their_given: str, their_family: str) -> bool:
    if _is_latin(given) != _is_latin(their_given):
        return False
    if not _is_latin(given) and (their_given.startswith(given) or given.startswith(their_given)):
        return False
    ours = profile({"name.given": given, "name.family": family})
    theirs = profile({"name.given": their_given, "name.family": their_family})
    return any((one.field, one.level) == ("given_name", "differs") for one in compare(ours, theirs, PERSON).findings)


def _is_latin(name: str) -> bool:
    return bool(_LATIN.search(name))


def given_name(record: CrmRecord) -> str:
    """The given name, worked out where only the whole name and the family name are known."""
    if record.given_name or not record.family_name:
        return record.given_name
    name = fold(record.name)
    if name >= "\u2e80":
        return name.replace(record.family_name, "", 1).strip()
    family = set(_WORD.findall(record.family_name))
    return " ".join(word for word in _WORD.findall(name) if word not in family)


def _others_of_the_name(keys: Keys, record: CrmRecord) -> bool:
    """Whether the given names are of two people who share a switchboard, or a household, and a family name.

    An initial is any name that begins with it, and a part of a name is the name: `J.`, `Jörg`, `Hans Jörg`. A
    character is no initial: 健 is not 健一.
    """
    family = set(_WORD.findall(record.family_name))
    theirs = [word for word in _WORD.findall(fold(record.name)) if word not in family]
    ours = _WORD.findall(keys.given)
    if not ours or not theirs or (keys.given >= "\u2e80" and _is_unspaced(keys.given, record)):
        return False
    return not any(_same_word(one, other) for one in ours for other in theirs)


def _is_unspaced(given: str, record: CrmRecord) -> bool:
    """Whether a whole name is this given name beside the family name, with a blank between them or without one."""
    beside = fold(record.name).replace(record.family_name, "", 1)
    return "".join(name_words(beside)) == "".join(name_words(given))


def _same_word(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) == 1 and short < "\u2e80" and long.startswith(short))


def _ranked(person: CrmRecord, found: CrmRecord, by: By, around: Around) -> Match:
    if person.object == "lead":
        return Match("lead", person, person, by, found)
    account, deal = around.account_of(person), around.deal_of(person)
    if deal is not None:
        return Match("open_opportunity", deal, person, by, found, account)
    if account is not None and account.customer:
        return Match("customer", account, person, by, found, account)
    return Match("contact", person, person, by, found, account)


def _order(one: Match) -> tuple[int, bool, str, str]:
    converted = one.found.object == "lead" and one.person.object == "contact"
    return (STANDINGS.index(one.standing), converted, one.person.object, one.person.id)


def account_by_domain(name: str, accounts: Mapping[str, Sequence[CrmRecord]]) -> CrmRecord | None:
    """The account of a company's domain: a customer's first, then the one with the lowest id."""
    found = [account for account in accounts.get(name, ()) if not account.gone] if name else []
    return min(found, key=lambda account: (not account.customer, account.id), default=None)
