"""What the mapping makes of a platform's record, before anyone knows whose it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from connector.model.activity import Activity
from connector.model.fields import Value


@dataclass(slots=True)
class Contact:
    """A person as one record of one platform tells it, in canonical words.

    `fields` holds what has a value; `blank` the mapped fields that the record has empty (a
    clearing, if this platform had filled them before); what the record does not carry at all is
    in neither. `flags`: kept as given, with the reason. `aside`: (field, reason) of values that
    could not be used: that field is left out, the record goes on. `links`: ids that the record
    carries of this person elsewhere, by connection. `activities` come from columns, `counters`
    are the platform's counters with their present value and the kind a rise makes.
    `derived` is what follows from the fields (an email's class, a title's level): it never
    overwrites what a system said. `at` is when the platform says the record changed (ISO, UTC), "" where it does not.
    """

    external_id: str
    where: str
    fields: dict[str, Value] = field(default_factory=dict)
    blank: tuple[str, ...] = ()
    flags: dict[str, str] = field(default_factory=dict)
    aside: list[tuple[str, str]] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    activities: list[Activity] = field(default_factory=list)
    counters: dict[str, tuple[int, str]] = field(default_factory=dict)
    derived: dict[str, Value] = field(default_factory=dict)
    at: str = ""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An event that no mapping entry matched: counted and shown, by the platform's own name."""

    event: str
