"""Our names for Salesforce's objects, and its times and ids."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

#: What can be written, by our names.
SOBJECTS = {"lead": "Lead", "contact": "Contact", "task": "Task", "member": "CampaignMember"}
#: Kinds of things that tasks hang on by WhoId; they hang on all others by WhatId.
PEOPLE = ("lead", "contact")

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:?\d\d|Z)")


def is_id(text: str) -> bool:
    """Whether a text can be an id: 15 letters and digits, or 18. A query with anything else is refused."""
    return len(text) in (15, 18) and text.isascii() and text.isalnum()


def moment(text: Any) -> datetime | None:
    """The time that a field holds (`2026-11-20T08:00:00.000+0000`), None where it holds none."""
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        return None
    return datetime.fromisoformat(text).astimezone(UTC)


def stamp(at: datetime) -> str:
    """A time as a query and the deleted feed take it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plain(value: Any) -> Any:
    """A value as we write it: times as ISO 8601 in UTC, all else as it is."""
    at = moment(value)
    return value if at is None else at.isoformat()


def path(row: Mapping[str, Any], name: str) -> Any:
    """The value of a field, or of a parent's (`Account.Name`); None where there is none."""
    found: Any = row
    for part in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found


def text(row: Mapping[str, Any], name: str) -> str:
    """The value as text, "" where there is none."""
    found = path(row, name)
    return "" if found is None else str(found)
