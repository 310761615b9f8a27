"""Which company a person belongs to: by its registrable domain, else by its name and country.

A domain is a company's own; hosts of free and disposable mail are nobody's. A name says who is meant only within one
country, and only while one company there has it: where two domains have the same name, they are two companies, and
somebody who brings no domain belongs to neither. A company that is known by name alone gets the domain that the
first of its people brings. What it is called is what the first of its people said; a colleague who says otherwise (an
agency's customer, say) gives it no further name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from connector.model.company import Company
from connector.model.fields import Value
from connector.model.lead import Lead
from connector.steps.matching import company_domain
from connector.steps.normalise.text import words
from connector.steps.normalise.values import company_key

#: Given as a company's name by people who are in none.
NO_COMPANY = words("""
freelance freelancer freelancing selfemployed self unemployed independent private personal individual home student none
retired various unknown test na
privat selbstaendig freiberuflich freiberufler rentner keine
independant independiente autonomo particulier particular zzp
個人 個人事業主 自営業 フリーランス フリー なし 無職 学生
""")


class Traits(NamedTuple):
    """What a lead says of its company; a key is 0 where there is nothing to make it of."""

    domain: str = ""
    name: str = ""
    country: str = ""

    @property
    def domain_key(self) -> int:
        """The key of the domain."""
        return key_of_domain(self.domain) if self.domain else 0

    @property
    def name_key(self) -> int:
        """The key of the name in its country."""
        return key_of_name(self.name, self.country) if self.name else 0

    @property
    def whole_key(self) -> int:
        """The key of all of it: whoever says the same is in the same company. Without a domain there is none."""
        return key_of_all(*self) if self.domain else 0


def number(*parts: str) -> int:
    """A 63-bit number of some words, the same on every machine."""
    return int.from_bytes(blake2b("\x1f".join(parts).encode(), digest_size=8).digest()) >> 1


@lru_cache(maxsize=4096)
def key_of_domain(domain: str) -> int:
    """The key of a registrable domain."""
    return number("domain", domain)


@lru_cache(maxsize=4096)
def key_of_name(name: str, country: str) -> int:
    """The key of a name in a country; 0 where the name says nothing, or no country is known."""
    plain = company_key(name) if name and country else ""
    if len(plain) < 2 or plain.replace(" ", "").replace("-", "") in NO_COMPANY:
        return 0
    return number("name", plain, country)


@lru_cache(maxsize=4096)
def key_of_all(domain: str, name: str, country: str) -> int:
    """The key of a domain with the name and country that are said with it."""
    return number("all", domain, name, country)


def traits(lead: Lead) -> Traits:
    """What `lead` says of its company."""
    fields, domain = lead.fields, company_domain(lead).lower()
    name = "" if "company.name" in lead.flags else str(fields.get("company.name") or "")
    country = str(fields.get("company.country") or fields.get("country") or "").upper()
    return Traits(domain, name, country)


@dataclass(slots=True)
class Register:
    """Companies as they are found by key, and what becomes of them as people are placed.

    `known` are those that the store has, by id; `by_key` says which of them have which key. What is new is in
    `added`, `changed`, `keys` and `joined` (loser, heir) in the order in which it came about.
    """

    known: dict[int, Company]
    by_key: dict[int, list[Company]] = field(default_factory=dict)
    added: list[Company] = field(default_factory=list)
    changed: list[Company] = field(default_factory=list)
    keys: list[tuple[int, Company]] = field(default_factory=list)
    joined: list[tuple[Company, Company]] = field(default_factory=list)

    def take(self, by_key: Mapping[int, Sequence[int]], companies: Mapping[int, Company]) -> None:
        """Take over what the store has by some keys."""
        self.known.update(companies)
        self.by_key |= {key: [self.known[id] for id in ids] for key, ids in by_key.items()}

    def place(self, one: Traits) -> Company | None:
        """The company of whoever says this; made where it is the first that is heard of it."""
        if one.domain:
            home = self._by_domain(one)
            self.keys.append((one.whole_key, home))
            return home
        found = self.by_key.get(one.name_key, ()) if one.name_key else ()
        if one.name_key and not found:
            return self._new(one)
        return found[0] if len(found) == 1 else None

    def _by_domain(self, one: Traits) -> Company:
        home = next(iter(self.by_key.get(one.domain_key, ())), None)
        # A name that waits for its domain: one at most, since whoever brings only the name is put there.
        named = next((each for each in self.by_key.get(one.name_key, ()) if not each.domain), None)
        if home is None:
            return self._new(one) if named is None else self._known_by(named, one)
        if not home.fields.get("company.name") and one.name:
            home.fields |= _said(one)
            self._change(home)
        if one.name_key and is_called(home, one.name):
            if named is not None and named is not home:
                self._join(named, home)
            self._key(one.name_key, home)
        return home

    def _known_by(self, home: Company, one: Traits) -> Company:
        home.domain = one.domain
        self._change(home)
        self._key(one.domain_key, home)
        return home

    def _new(self, one: Traits) -> Company:
        made = Company(one.domain, _said(one))
        self.added.append(made)
        for key in filter(None, (one.domain_key, one.name_key)):
            self._key(key, made)
        return made

    def _key(self, key: int, company: Company) -> None:
        """A further key. Of a name two are enough: it says nothing any more."""
        having = self.by_key.setdefault(key, [])
        if len(having) < 2 and not _among(company, having):
            having.append(company)
            self.keys.append((key, company))

    def _join(self, loser: Company, heir: Company) -> None:
        for having in self.by_key.values():
            if _among(loser, having):
                having[:] = [one for one in having if one is not loser]
                if not _among(heir, having):
                    having.append(heir)
        self.keys = [(key, heir if one is loser else one) for key, one in self.keys]
        if _among(loser, self.added):
            self.added = [one for one in self.added if one is not loser]
        self.joined.append((loser, heir))

    def _change(self, company: Company) -> None:
        if company.id and not _among(company, self.changed):
            self.changed.append(company)

    def heir(self, company: Company) -> Company:
        """What has become of a company."""
        for loser, heir in self.joined:
            if company is loser:
                company = heir
        return company


def is_called(company: Company, name: str) -> bool:
    """Whether that is the company's own name, in any of its spellings."""
    return company_key(str(company.fields.get("company.name") or "")) == company_key(name)


def _said(one: Traits) -> dict[str, Value]:
    told: dict[str, Value] = {"company.name": one.name, "company.country": one.country}
    return {name: value for name, value in told.items() if value}


def _among(company: Company, several: Iterable[Company]) -> bool:
    return any(company is one for one in several)
