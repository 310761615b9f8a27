"""One person as Baton knows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from connector.model.fields import Value
from connector.model.score import Score
from connector.model.stages import Stage

#: The object of a link to a marketing source's record of a person.
CONTACT = "contact"
#: The digest of a link to a record that is gone: nothing more hangs on it, until the record comes back.
GONE = -1
#: The digest of a link to a record that was merged into another one: what still names its id is the lead's, and
#: nothing is written to it.
MERGED = -2


@dataclass(frozen=True, slots=True)
class Statement:
    """What one connection says of one field of a lead: a value, or None where it had one and has none any more.

    It was said at `at` at the latest, and after `since` ("": nobody knows since when). Both are ISO in UTC; `at` is
    "" where the connection tells no times.
    """

    value: Value | None
    at: str = ""
    since: str = ""


@dataclass(slots=True)
class Lead:
    """A lead: canonical fields with their provenance, and where it stands on the line.

    `id` is the store's own integer, 0 until first saved; the email is a field, never the id.
    `said` tells for each field which connection said so and when (ISO, UTC); a field that is not
    in it was derived from others. `flags` names
    fields whose value could not be normalised and was kept as given, with the reason. `counters`
    holds a platform's counters as last read (`connection:name`), whose rise is an activity.
    `sides` holds by connection and field what connections say beside that: a value that is not in force, a
    clearing, or a value in force of which it is known after which moment it was said. `merged_into` is the lead
    that this one was merged into (the store sets it), 0 for none. `former` are addresses that this person had
    before, the latest last: whoever is still called so elsewhere is the same person.
    """

    fields: dict[str, Value] = field(default_factory=dict)
    said: dict[str, tuple[str, str]] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    sides: dict[str, dict[str, Statement]] = field(default_factory=dict)
    id: int = 0
    stage: Stage = "known"
    stage_since: datetime | None = None
    flow: str = ""
    owner: str = ""
    score: Score | None = None
    created_at: datetime | None = None
    changed_at: datetime | None = None
    merged_into: int = 0
    former: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Link:
    """A platform's record of this lead: (connection, object, external id) -> lead.

    `digest` is a 63-bit number of the values last read, salted with the mapping's version:
    the same digest means that nothing a mapping looks at has changed; `GONE` that the platform
    has deleted the record, `MERGED` that it is another one by now. It is read and not changed; it
    is not frozen, because one is made for every record of a page.
    """

    connection: str
    object: str
    external_id: str
    lead_id: int
    digest: int = 0
    origin: str = ""

    @property
    def gone(self) -> bool:
        """Whether the platform has deleted the record."""
        return self.digest == GONE

    @property
    def merged(self) -> bool:
        """Whether the platform has merged the record into another one."""
        return self.digest == MERGED


def display_name(lead: Lead, language: str = "en") -> str:
    """The name to show a person: `name.full`, else the parts, in the order of `language`.

    Chinese, Japanese and Korean names have the family name first in any language.
    """
    full = lead.fields.get("name.full")
    if full:
        return str(full)
    given, family = (str(lead.fields.get(part) or "") for part in ("name.given", "name.family"))
    parts = (family, given) if language == "ja" or family >= "\u2e80" else (given, family)
    return " ".join(part for part in parts if part)
