"""Kinds of refusals: what an admin can do about one depends on its kind, not on a platform's word for it.

An adapter says in its capabilities (`refusal_kinds`) which of its platform's codes are of which kind; what it
does not name is `unknown`, which has a next step too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from connector.model.outbox import ALONE

RefusalKind = Literal[
    "required",  # the platform requires a field that is blank
    "choice",  # a value that is none of a field's choices
    "too_long",
    "wrong_type",  # no number, no date, no id, no address
    "rule",  # a validation rule or an automation of the platform's admin
    "no_right",  # our user may not
    "no_field",  # no such field, or not ours to write
    "no_object",  # no such kind of record
    "owner",  # who cannot own it
    "locked",  # another program or an approval has it in hand
    "duplicate",  # it is there already, as another record
    "gone",  # it, or what it belongs to, is no more
    "limit",  # full: storage, numbers of records, calls
    "settings",  # a setting of the connection names what is not there
    "fails",  # the platform itself fails at this record
    "unknown",
]
REFUSAL_KINDS: tuple[RefusalKind, ...] = get_args(RefusalKind)

#: Codes that are our own, or that every adapter uses in the same sense.
OF_OURS: Mapping[str, RefusalKind] = {
    ALONE: "fails",
    "GONE": "gone",
    "NOT_FOUND": "gone",
    "CONVERTED": "gone",
    "UNKNOWN_OBJECT": "no_object",
    "NO_ID": "no_object",
}


def kind_of(code: str, told: Mapping[str, RefusalKind]) -> RefusalKind:
    """The kind of a refusal by its code, as the adapter has `told`."""
    return told.get(code) or OF_OURS.get(code, "unknown")
