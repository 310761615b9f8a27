"""Which account of a CRM a lead's company is: by domain, then by name and place, explained.

By name an account fits whose place does not contradict the lead's. It is taken where it is the only one that fits, or
the only one of these that is in the same city or has the same postal code. A company with another domain must be in
the same city or have the same postal code: firms that have nothing to do with each other share a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

from rapidfuzz.distance import OSA

from connector.model.lead import Lead
from connector.model.mirror import CrmRecord
from connector.steps.alike import Profile, Weights, compare, organisation
from connector.steps.matching import Around, By, Match, Standing, account_by_domain, company_domain
from connector.steps.normalise.names import plain
from connector.steps.normalise.values import company_key

UNKNOWN = Profile("organisation")


class Where(NamedTuple):
    """A place in comparable form."""

    city: str = ""
    postal_code: str = ""
    country: str = ""


NOWHERE = Where()


def where(city: str, postal_code: str, country: str) -> Where:
    """A place as it was written, in comparable form; `country` is an ISO code."""
    return Where(plain(city), "".join(sign for sign in plain(postal_code) if sign.isalnum()), country.upper())


@dataclass(frozen=True, slots=True)
class Firm:
    """What a lead says about its company; "" for what it does not. `name` is its name's key (`company_key`).

    `place` is where it is; `profile` the company as it is compared.
    """

    domain: str = ""
    name: str = ""
    place: Where = NOWHERE
    profile: Profile = UNKNOWN


def firm_of(lead: Lead) -> Firm:
    """The company of a lead. Where a person is, there the company is, too, unless it says otherwise."""

    def text(name: str) -> str:
        return "" if name in lead.flags else str(lead.fields.get(name) or "")

    name = text("company.name")
    fields = {one: text(one) for one in ("company.name", "phone", "city", "postal_code")}
    fields |= {"company.domain": company_domain(lead), "country": text("company.country") or text("country")}
    place = where(fields["city"], fields["postal_code"], fields["country"])
    return Firm(fields["company.domain"], company_key(name) if name else "", place, organisation(fields))


def account_key(name: str) -> int:
    """The number under which accounts of one name (or the key of one) are found; 0 for no name."""
    key = company_key(name) if name else ""
    return int.from_bytes(blake2b(f"account|{key}".encode(), digest_size=8).digest(), "big") >> 1 if key else 0


@dataclass(frozen=True, slots=True)
class Account:
    """The account of a lead's company and how it was found; `undecided` are several of which none could be taken."""

    account: CrmRecord | None = None
    by: By = "domain"
    undecided: tuple[CrmRecord, ...] = ()


#: By these a firm of another domain is found, too, and one of several.
NEAR: frozenset[By] = frozenset({"name and city", "name and postal code"})


def account_of_firm(
    firm: Firm, by_domain: Mapping[str, Sequence[CrmRecord]], alike: Iterable[CrmRecord], weights: Weights
) -> Account:
    """The account of a company. `alike` are accounts that have a key in common with it, its name's or another."""
    if found := account_by_domain(firm.domain, by_domain):
        return Account(found)
    live = sorted((one for one in alike if not one.gone and not one.merged_into), key=lambda one: one.id)
    named = [one for one in live if firm.name and company_key(_name(one)) == firm.name]
    fitting = [(one, by) for one in named if (by := fits(firm, one))]
    near = [(one, by) for one, by in fitting if by in NEAR]
    left = near or fitting
    if not left:
        others = (one for one in live if one not in named)
        left = [(one, "alike") for one in others if _is_sure(firm, one, weights)]
    return Account(*left[0]) if len(left) == 1 else Account(undecided=tuple(one for one, _ in left))


def fits(firm: Firm, account: CrmRecord) -> By | None:
    """How an account of the same name fits a company's place; None where the place is another one."""
    ours, theirs = firm.place, where(account.city, account.postal_code, account.country)
    if ours.country and theirs.country and ours.country != theirs.country:
        return None
    if ours.city and _same_city(ours.city, theirs.city):
        return "name and city"
    if ours.postal_code and ours.postal_code == theirs.postal_code:
        return "name and postal code"
    elsewhere = bool(ours.city and theirs.city)
    if not elsewhere and ours.postal_code and theirs.postal_code:
        elsewhere = ours.postal_code[:2] != theirs.postal_code[:2]
    another = firm.domain and account.domain and firm.domain != account.domain
    if elsewhere or another:
        return None
    return "name and country" if ours.country and theirs.country else "name"


def _same_city(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) > 5 and OSA.distance(one, other, score_cutoff=1) <= 1)


def _is_sure(firm: Firm, account: CrmRecord, weights: Weights) -> bool:
    return compare(firm.profile, profile_of_account(account), weights).band == "sure"


def _name(account: CrmRecord) -> str:
    return account.company or account.name


def profile_of_account(record: CrmRecord) -> Profile:
    """An account as it is compared."""
    return organisation({
        "company.name": _name(record), "company.domain": record.domain, "phone": record.phone, "city": record.city,
        "postal_code": record.postal_code, "country": record.country,
    })  # fmt: skip


def as_company(found: Account, around: Around, firm: Firm, weights: Weights) -> Match | None:
    """What a lead is in the CRM whom nobody there is, by its company: of a customer, or of a firm in an open deal."""
    account = found.account
    if account is None:
        return None
    deal = around.deal_of_account(account)
    if deal is None and not account.customer:
        return None
    likeness = compare(firm.profile, profile_of_account(account), weights) if found.by == "alike" else None
    standing: Standing = "open_opportunity" if deal else "customer"
    return Match(standing, deal or account, account, found.by, account, account, likeness=likeness)
