"""An org's rows as records of the mirror, and the fields that are read for them.

Fields as in the Object Reference (developer.salesforce.com: object_reference, Lead, Contact,
Account, Opportunity, User, Task, Event).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from adapters._salesforce.objects import moment, plain, text
from connector.model.mirror import CrmRecord, Mirrored

Row = Mapping[str, Any]

_SYSTEM = ("Id", "SystemModstamp", "LastModifiedById")
_PERSON = (*_SYSTEM, "FirstName", "LastName", "Name", "Email", "Phone", "MobilePhone", "OwnerId")
_ACTIVITY = (*_SYSTEM, "WhoId", "WhatId", "OwnerId", "Subject", "Description")


def _place(of: str) -> tuple[str, ...]:
    return (f"{of}City", f"{of}PostalCode", f"{of}Country")


#: What is read of each object, beside the fields that the mapping names.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "user": (*_SYSTEM, "FirstName", "LastName", "Name", "Email", "IsActive"),
    "account": (*_SYSTEM, "Name", "Website", "Phone", "Type", "OwnerId", *_place("Billing")),
    "contact": (*_PERSON, "AccountId", "Account.Name", *_place("Mailing")),
    "lead": (
        *_PERSON, "Company", "Website", "Status", "IsConverted", "ConvertedAccountId", "ConvertedContactId",
        "ConvertedOpportunityId", *_place(""),
    ),
    "opportunity": (
        *_SYSTEM, "Name", "AccountId", "ContactId", "OwnerId", "StageName", "IsClosed", "IsWon", "Amount",
        "CurrencyIsoCode",
    ),
    "task": (*_ACTIVITY, "Status", "IsClosed", "TaskSubtype", "Type", "CallType", "CompletedDateTime"),
    "event": (*_SYSTEM, "WhoId", "OwnerId", "Subject", "StartDateTime", "EndDateTime"),
}  # fmt: skip

#: Fields that an org may be without; nobody need be told.
OPTIONAL = frozenset(
    {
        "HasOptedOutOfEmail",
        "DoNotCall",
        "CurrencyIsoCode",
        "Type",
        "CallType",
        "CompletedDateTime",
        "Website",
        "ContactId",
        "MobilePhone",
        *(name for of in ("", "Mailing", "Billing") for name in _place(of)),
    }
)

_KEY = re.compile(r"[\w-]+(:[\w.-]+)+")
_NAME = re.compile(r"[A-Za-z]\w*")
_KINDS = {"call": "call", "email": "email", "listemail": "list email", "meeting": "meeting"}


def _values(row: Row, names: Collection[str]) -> dict[str, Any]:
    # An admin's spelling of a name may differ in case from the org's.
    there = {name.casefold(): value for name, value in row.items()}
    return {name: plain(there[name.casefold()]) for name in names if name.casefold() in there}


def _common(row: Row, object: Mirrored) -> CrmRecord:
    return CrmRecord(
        object,
        text(row, "Id"),
        modified_at=moment(row.get("SystemModstamp")),
        name=text(row, "Name"),
        owner=text(row, "OwnerId"),
        by=text(row, "LastModifiedById"),
    )


def user(row: Row) -> CrmRecord:
    """Someone who can own things."""
    found = _common(row, "user")
    found.email, found.family_name = text(row, "Email"), text(row, "LastName")
    found.active = row.get("IsActive") is not False
    return found


def account(row: Row, customer_types: Collection[str]) -> CrmRecord:
    """A company."""
    found = _common(row, "account")
    found.company, found.domain, found.phone = found.name, text(row, "Website"), text(row, "Phone")
    found.customer = text(row, "Type") in customer_types
    _placed(found, row, "Billing")
    return found


def _placed(found: CrmRecord, row: Row, of: str) -> None:
    found.city, found.postal_code, found.country = (text(row, name) for name in _place(of))


def _person(row: Row, object: Mirrored, names: Collection[str]) -> CrmRecord:
    found = _common(row, object)
    found.email, found.family_name = text(row, "Email"), text(row, "LastName")
    found.given_name = text(row, "FirstName")
    found.phone = text(row, "MobilePhone") or text(row, "Phone")
    found.other_phone = text(row, "Phone") if text(row, "MobilePhone") else ""
    _placed(found, row, "Mailing" if object == "contact" else "")
    found.values = _values(row, names)
    return found


def contact(row: Row, names: Collection[str]) -> CrmRecord:
    """A person of a company."""
    found = _person(row, "contact", names)
    found.account, found.company = text(row, "AccountId"), text(row, "Account.Name")
    return found


def lead(row: Row, names: Collection[str], external_id: str) -> CrmRecord:
    """Somebody who is not yet a contact; a converted one says what it became."""
    found = _person(row, "lead", names)
    found.our_key, found.company, found.domain = text(row, external_id), text(row, "Company"), text(row, "Website")
    found.stage, found.is_open = text(row, "Status"), row.get("IsConverted") is not True
    if not found.is_open:
        became = {kind: text(row, f"Converted{kind.title()}Id") for kind in ("contact", "account", "opportunity")}
        found.converted_to = {kind: id for kind, id in became.items() if id}
    return found


def opportunity(row: Row, contacts: Mapping[str, str]) -> CrmRecord:
    """A deal; `contacts` are the primary contacts by opportunity."""
    found = _common(row, "opportunity")
    found.account, found.stage = text(row, "AccountId"), text(row, "StageName")
    found.person = text(row, "ContactId") or contacts.get(found.id, "")
    found.is_open, found.won = row.get("IsClosed") is not True, row.get("IsWon") is True
    amount = row.get("Amount")
    found.amount = float(amount) if isinstance(amount, int | float) else None
    found.currency = text(row, "CurrencyIsoCode")
    return found


def last_line(row: Row) -> str:
    """The last line of a description."""
    return text(row, "Description").rstrip().rpartition("\n")[2].strip()


def is_key(line: str, store_id: str = "") -> bool:
    """Whether a last line is a key of ours; every key begins with the store's id, where that is known."""
    return bool(_KEY.fullmatch(line)) and (not store_id or line.startswith(f"{store_id}:"))


def task(row: Row, task_key: str, store_id: str) -> CrmRecord:
    """Something done with a lead or contact; `stage` says what: `call`, `email`, `meeting`, `task`.

    `modified_at` is when it was done, where the org says so.
    """
    found = _common(row, "task")
    found.name, found.person = text(row, "Subject"), text(row, "WhoId")
    key = text(row, task_key) if task_key else last_line(row)
    found.our_key = key if task_key or is_key(key, store_id) else ""
    found.is_open = row.get("IsClosed") is not True
    said = (text(row, "TaskSubtype"), text(row, "Type"), "call" if text(row, "CallType") else "")
    found.stage = next((_KINDS[word.casefold()] for word in said if word.casefold() in _KINDS), "task")
    found.modified_at = moment(row.get("CompletedDateTime")) or found.modified_at
    return found


def event(row: Row) -> CrmRecord:
    """A meeting that is over; `modified_at` is when it began."""
    found = _common(row, "task")
    found.name, found.person, found.is_open = text(row, "Subject"), text(row, "WhoId"), False
    found.stage = "meeting"
    found.modified_at = moment(row.get("StartDateTime")) or found.modified_at
    return found


def names_of(written: Mapping[str, Sequence[str]], columns: Collection[str], object: str) -> tuple[str, ...]:
    """The fields of an object that the mapping writes or reads, beside those always read."""
    own = [name for key, names in written.items() if key.casefold() == object for name in names]
    if object in ("lead", "contact"):
        own += sorted(columns)
    return distinct(name for name in own if _NAME.fullmatch(name))


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Names without repetition: a query that names a field twice is refused, whatever the case."""
    return tuple({name.casefold(): name for name in reversed(list(names))}.values())[::-1]
