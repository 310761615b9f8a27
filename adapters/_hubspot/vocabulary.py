"""The properties that an object of the portal has, and what they take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters._hubspot.records import results
from connector.model.adapter import FieldInfo
from connector.model.http import Http, Request

PROPERTIES = "/crm/v3/properties"
#: Goes forward only, in the order in which its stages are shown (writing.py).
LIFECYCLE = "lifecyclestage"
_KINDS = {
    "string": "text", "number": "decimal", "bool": "boolean", "date": "date", "datetime": "datetime",
    "enumeration": "choice", "phone_number": "phone",
}  # fmt: skip


def properties(http: Http, type: str) -> list[Mapping[str, Any]]:
    """The properties of objects of `type` (`contacts`, `companies`, `tasks`), as HubSpot tells them."""
    asked = Request("GET", f"{PROPERTIES}/{type}", reads=True)
    return results(http.read(asked).json(), PROPERTIES)


def fields(http: Http, type: str, object: str, prefix: str = "") -> list[FieldInfo]:
    """The same as fields of `object`, each name after `prefix`."""
    return [field_of(one, object, prefix) for one in properties(http, type)]


def _place(option: Mapping[str, Any]) -> tuple[bool, int]:
    """Where an option is shown: a negative number is after all others."""
    shown = int(option.get("displayOrder") or 0)
    return shown < 0, shown


def field_of(one: Mapping[str, Any], object: str, prefix: str = "") -> FieldInfo:
    """One property. What a choice is sent as is its value; people read its label."""
    options = sorted((option for option in one.get("options") or () if not option.get("archived")), key=_place)
    several = one.get("fieldType") == "checkbox"
    rules = one.get("modificationMetadata") or {}
    writable = not (one.get("calculated") or rules.get("readOnlyValue"))
    external = bool(one.get("externalOptions"))
    choices = () if one.get("type") == "bool" else tuple(str(option["value"]) for option in options)
    return FieldInfo(
        object,
        prefix + str(one["name"]),
        "list" if several else _KINDS.get(str(one.get("type")), "text"),
        choices=choices,
        ids={str(option["label"]): str(option["value"]) for option in options if option.get("label")}
        if choices
        else {},
        restricted=bool(choices) and not external,
        writable=writable,
        unique=bool(one.get("hasUniqueValue")),
        label=str(one.get("label") or ""),
        forward=one["name"] == LIFECYCLE,
    )
