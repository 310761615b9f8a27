"""Opportunities, parties and employees as the mirror's records, and what an opportunity can hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from adapters._tryton.api import Row
from adapters._tryton.values import first
from connector.model.adapter import FieldInfo
from connector.model.mirror import CrmRecord

LEAD, PARTY, EMPLOYEE = "sale.opportunity", "party.party", "company.employee"
KEY, NOTE = "reference", "message"
#: The state of an opportunity, but that one without an offer is given up rather than lost or cancelled.
STAGE, GIVEN_UP = "stage", "given up"
#: What is written with an opportunity and stands in its party: mechanisms by their types, and one address.
REACHED = {f"party.{kind}": kind for kind in ("email", "phone", "mobile", "website")}
PLACED = {f"address.{name}": name for name in ("street", "postal_code", "city", "country")}
OF_PARTY = ("party.name", "contact.name", *REACHED, *PLACED)
#: Of a party, wherever it is read.
_PARTY = (
    "name", *(f"contact_mechanisms.{name}" for name in ("type", "value", "name", "active")),
    *(f"addresses.{name}" for name in ("street", "postal_code", "city", "country.code")),
)  # fmt: skip
OF_LEAD = (
    KEY, "state", "converted_by", "amount", "currency.code", "employee", "contact", "contact.name",
    *(f"party.{name}" for name in _PARTY),
)  # fmt: skip
OF_CONTACT = ("categories.name", "categories.parent.name")
OF_USER = ("party.name", "party.email", "active")
#: What a field of a contact is called that puts a party into a child of a category, before that one's name.
CATEGORY = "category."
ENDED = ("won", "lost", "cancelled")
_KINDS = {
    "char": "text", "text": "text", "integer": "number", "float": "number", "numeric": "number", "date": "date",
    "datetime": "datetime", "timestamp": "datetime", "boolean": "boolean", "selection": "choice",
}  # fmt: skip


def value(row: Row, name: str) -> Any:
    """What an opportunity has under one of our names for it."""
    party = row.get("party") or {}
    if name == STAGE:
        return GIVEN_UP if row["state"] in ("lost", "cancelled") and not row["converted_by"] else row["state"]
    if name in REACHED:
        return first(party.get("contact_mechanisms"), REACHED[name]).get("value")
    if name in PLACED:
        there = (party.get("addresses") or [{}])[0].get(PLACED[name])
        return there.get("code") if isinstance(there, Mapping) else there
    if name in ("party.name", "contact.name"):
        return (row.get(name.partition(".")[0]) or {}).get("name")
    told = row.get(name)
    return told.get("code", told.get("id")) if isinstance(told, Mapping) else told


def values(row: Row, names: Iterable[str]) -> dict[str, Any]:
    """The wanted values, None for a blank."""
    said = {name: value(row, name) for name in names}
    return {name: None if one in ("", None) else str(one) if name == "employee" else one for name, one in said.items()}


def lead(row: Row, names: Iterable[str], changed: str, store_id: str) -> CrmRecord:
    """An opportunity, whatever its state. A reference of people's own is no key."""
    party, key = row["party"] or {}, str(row[KEY] or "")
    reached, address = party.get("contact_mechanisms"), (party.get("addresses") or [{}])[0]
    return CrmRecord(
        "lead", str(row["id"]), datetime.fromisoformat(changed),
        our_key=key if key.startswith(f"{store_id}-" if store_id else "") else "",
        name=str(value(row, "contact.name") or party.get("name") or ""), company=party.get("name") or "",
        owner=str(row["employee"] or ""), stage=row["state"], is_open=row["state"] not in ENDED,
        values=values(row, names), **_reached(reached, address),
    )  # fmt: skip


def opportunity(row: Row, changed: str) -> CrmRecord:
    """The same as what a lead has become: its amount, and whether it was won; gone where it was given up."""
    state = row["state"]
    return CrmRecord(
        "opportunity", str(row["id"]), datetime.fromisoformat(changed), person=str(row["id"]),
        owner=str(row["employee"] or ""), stage=state, gone=value(row, STAGE) == GIVEN_UP,
        is_open=state not in ENDED, won=state == "won", amount=float(row["amount"]) if row["amount"] else None,
        currency=(row["currency"] or {}).get("code", ""),
    )  # fmt: skip


def category(row: Row, name: str) -> str | None:
    """Which child of a category a party is in; `name` is that of the category, as a field of a contact."""
    above = name.removeprefix(CATEGORY)
    return next((one["name"] for one in row["categories"] if (one["parent"] or {}).get("name") == above), None)


def is_in(row: Row, name: str) -> bool:
    """Whether a party is in a category that is below no other one."""
    return any(one["name"] == name and not one["parent"] for one in row["categories"])


def _reached(reached: Any, address: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "email": first(reached, "email").get("value", ""), "phone": first(reached, "phone").get("value", ""),
        "other_phone": first(reached, "mobile").get("value", ""), "city": address.get("city") or "",
        "postal_code": address.get("postal_code") or "", "country": (address.get("country") or {}).get("code", ""),
    }  # fmt: skip


def emails(row: Row, *, active: bool = True) -> list[str]:
    """The addresses of an opportunity's party that are in use, or those that are not."""
    reached = (row["party"] or {}).get("contact_mechanisms") or ()
    return [str(one["value"]) for one in reached if one["type"] == "email" and bool(one["active"]) is active]


def user(id: str, email: str, name: str, active: bool) -> CrmRecord:
    """An employee."""
    return CrmRecord("user", id, email=email, name=name, active=active)


def fields(
    told: Mapping[str, Mapping[str, Any]],
    currencies: Collection[str],
    owners: Mapping[str, str],
    categories: Iterable[str],
) -> Iterator[FieldInfo]:
    """What a lead, a note and a contact can hold, by Tryton's own word for the fields of an opportunity."""
    for name, one in told.items():
        ours = not one["readonly"] and name != "id"
        if name == "employee":
            yield FieldInfo("lead", name, "owner", tuple(owners), ids=owners, restricted=True, label=one["string"])
        elif name == "currency":
            yield FieldInfo("lead", name, "choice", tuple(currencies), restricted=True, label=one["string"])
        elif kind := _KINDS.get(one["type"]):
            choices = tuple(word for word, _ in one.get("selection") or () if word) if kind == "choice" else ()
            yield FieldInfo(
                "lead", name, kind, choices, restricted=bool(choices), writable=ours, unique=name == KEY,
                label=one["string"],
            )  # fmt: skip
    states = [word for word, _ in told["state"].get("selection") or ()]
    yield FieldInfo("lead", STAGE, "choice", (*states, GIVEN_UP), restricted=True, writable=False)
    yield from (FieldInfo("lead", name) for name in OF_PARTY)
    yield FieldInfo("note", NOTE)
    yield from (FieldInfo("contact", name) for name in categories)
