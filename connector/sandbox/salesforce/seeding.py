"""Who is in the org already when a connector comes: some of the people of the other system, typed by hand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Literal

from connector.sandbox.salesforce.mistyping import FoundBy, mistype, person
from connector.sandbox.salesforce.state import stamp

if TYPE_CHECKING:
    from connector.sandbox.salesforce.org import Org

Kind = Literal["lead", "contact", "converted", "customer", "opportunity", "stranger"]
#: What those who are there already are, in percent.
_KINDS: tuple[tuple[Kind, int], ...] = (
    ("lead", 45), ("contact", 15), ("converted", 15), ("customer", 15), ("opportunity", 10),
)  # fmt: skip
_STATUS = ("Open", "Open", "Working", "Nurturing", "Unqualified")
_DUPLICATES = 0.04
_STRANGERS = 0.3
_STRANGERS_FAMILY = ("Abbott", "Brandt", "Castillo", "Dietz", "Ekström", "Fontaine", "Grabowski", "Hayashi")


@dataclass(frozen=True, slots=True)
class Truth:
    """Who a record is: kept apart from the org, to judge a matching by.

    `person` is the id in the other system ("" for a stranger), `ids` the records here by object
    (`lead`, `contact`, `account`, `opportunity`, and `duplicate`, a second lead of the same person).
    `by` is the exact key that the record can be found by, once normalised; "" where there is none,
    or where somebody else has the same phone and family name. `changes` says how it was mistyped.
    """

    person: str
    kind: Kind
    ids: dict[str, str] = field(default_factory=dict)
    by: FoundBy = ""
    changes: tuple[str, ...] = ()


def seed(org: Org, people: Iterable[Mapping[str, Any]], *, share: float, seed: int) -> list[Truth]:
    """Bring a `share` of `people` into the org, and strangers besides (three for ten of them).

    `people` have `id` and the properties email, firstname, lastname, phone, company, jobtitle,
    website, country. Two thirds came in one import, and so share one time; the rest over the last
    year. The same arguments make the same org.
    """
    everybody = [person(one) for one in people]
    random = Random(seed)  # noqa: S311 (sample data)
    known = random.sample(everybody, round(len(everybody) * share))
    maker = _Maker(org, random, Counter(_line(one) for one in everybody if one["phone"]))
    with org.lock:
        truths = [maker.bring(one) for one in known]
        truths += [maker.stranger(number) for number in range(round(len(known) * _STRANGERS))]
    return truths


class _Maker:
    def __init__(self, org: Org, random: Random, lines: Counter[tuple[str, str]]) -> None:
        self.org = org
        self.random = random
        self.lines = lines
        self.reps = [record["Id"] for record in org.live("User") if record["Id"] != org.api_user]
        self.import_day = org.clock.now() - timedelta(days=200)
        self.accounts: dict[tuple[str, str], str] = {}

    def bring(self, who: Mapping[str, str]) -> Truth:
        """One person, as a record of some kind."""
        kinds, weights = zip(*_KINDS, strict=True)
        kind = self.random.choices(kinds, weights)[0]
        typed, changes, by = mistype(self.random, who)
        if by == "phone" and self.lines[_line(who)] > 1:
            by = ""
        ids = self._records(kind, typed)
        if kind != "lead" and self.random.random() < _DUPLICATES:
            ids["duplicate"] = self._lead(typed)
            changes.append("there twice")
        self._date(ids)
        return Truth(who["id"], kind, ids, by, tuple(changes))

    def stranger(self, number: int) -> Truth:
        """Somebody whom the other system does not know."""
        family = self.random.choice(_STRANGERS_FAMILY)
        typed = {"given": "Robin", "family": family, "email": f"{family.lower()}.{number}@nobody-{number}.example",
                 "phone": "", "company": f"Nobody {number}", "title": "", "website": "", "country": ""}  # fmt: skip
        ids = {"lead": self._lead(typed)}
        self._date(ids)
        return Truth("", "stranger", ids)

    def _records(self, kind: Kind, typed: Mapping[str, str]) -> dict[str, str]:
        if kind == "lead":
            return {"lead": self._lead(typed)}
        account = self._account(typed, kind)
        if kind == "converted":
            lead = self._lead(typed)
            return {"lead": lead} | self.org.convert(lead, account=account, opportunity=False)
        values = _person_values(typed) | {"AccountId": account, "MailingCountry": typed["country"]}
        ids = {"account": account, "contact": self.org.create("Contact", _filled(values), by=self._rep())}
        if kind == "opportunity":
            ids["opportunity"] = self._opportunity(typed, ids)
        return ids

    def _lead(self, typed: Mapping[str, str]) -> str:
        values = _person_values(typed) | {
            "Company": typed["company"] or "[private]", "Country": typed["country"], "Website": typed["website"],
            "Status": self.random.choice(_STATUS), "OwnerId": self._rep(),
        }  # fmt: skip
        return self.org.create("Lead", _filled(values))

    def _account(self, typed: Mapping[str, str], kind: Kind) -> str:
        """One account for each firm and kind, so that a firm's customers are not its prospects."""
        key = (" ".join(typed["company"].lower().split()) or typed["family"].lower(), kind)
        if key not in self.accounts:
            values = {"Name": typed["company"] or typed["family"], "Website": typed["website"],
                      "BillingCountry": typed["country"], "OwnerId": self._rep(),
                      "Type": "Customer" if kind == "customer" else "Prospect"}  # fmt: skip
            self.accounts[key] = self.org.create("Account", _filled(values))
            self._date({"account": self.accounts[key]})
        return self.accounts[key]

    def _opportunity(self, typed: Mapping[str, str], ids: Mapping[str, str]) -> str:
        close = (self.org.clock.now() + timedelta(days=self.random.randrange(10, 120))).date().isoformat()
        values = {"Name": f"{typed['company'] or typed['family']} {self.random.randrange(2, 40) * 5} seats",
                  "AccountId": ids["account"], "StageName": "Proposal", "CloseDate": close, "OwnerId": self._rep(),
                  "Amount": self.random.randrange(4, 80) * 1000.0}  # fmt: skip
        if self.random.random() < 0.5:
            values["ContactId"] = ids["contact"]
        found = self.org.create("Opportunity", values)
        role = {"OpportunityId": found, "ContactId": ids["contact"], "IsPrimary": True}
        self.org.create("OpportunityContactRole", role, by=self._rep())
        return found

    def _rep(self) -> str:
        return str(self.random.choice(self.reps))

    def _date(self, ids: Mapping[str, str]) -> None:
        """When these records came, and were touched last."""
        imported = self.random.random() < 0.67
        at = self.import_day if imported else self._some_day()
        for record_id in ids.values():
            dated = {name: stamp(at) for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp")}
            if "ConvertedDate" in self.org.record(record_id):
                dated["ConvertedDate"] = at.date().isoformat()
            self.org.table(self.org.object_of(record_id).name).change(record_id, dated)

    def _some_day(self) -> datetime:
        return self.org.clock.now() - timedelta(days=self.random.uniform(2, 365))


def _person_values(typed: Mapping[str, str]) -> dict[str, str]:
    return {"FirstName": typed["given"], "LastName": typed["family"] or "[unknown]", "Email": typed["email"],
            "Phone": typed["phone"], "Title": typed["title"], "LeadSource": "Other"}  # fmt: skip


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value != ""}


def _line(who: Mapping[str, str]) -> tuple[str, str]:
    """Phone and family name, near enough to tell whether two people share them."""
    return re.sub(r"\D", "", who["phone"].replace("(0)", ""))[-8:], who["family"].lower()
