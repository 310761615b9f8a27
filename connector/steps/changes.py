"""Small changes to what is known of a lead: what it might have done, what its fields might have been."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connector.model.activity import Activity
from connector.model.fields import ACCOUNT_FIELDS, Value
from connector.model.lead import Lead

#: What identifies an activity: its connection and its id there.
Key = tuple[str, str]
#: The connection of activities that nobody did.
NOWHERE = "nearest"


@dataclass(frozen=True, slots=True)
class More:
    """`count` more activities like this one, done at the moment that is looked at."""

    kind: str
    topic: str = ""
    asset: str = ""
    campaign: str = ""
    url: str = ""
    seconds: int = 0
    count: int = 1

    @property
    def size(self) -> int:
        """How much of a change this is."""
        return self.count


@dataclass(frozen=True, slots=True)
class Become:
    """A field has another value, None for none, a list as a tuple. `operator` and `wanted` are what is asked of it."""

    field: str
    value: str | int | float | bool | tuple[str, ...] | None
    operator: str
    wanted: object = None

    @property
    def size(self) -> int:
        """A field is more than a deed: nobody changes by visiting."""
        return 2


@dataclass(frozen=True, slots=True)
class Touched:
    """Somebody says a field anew at the moment that is looked at, whatever its value."""

    field: str

    @property
    def size(self) -> int:
        """As of a field."""
        return 2


@dataclass(frozen=True, slots=True)
class Without:
    """These activities, of these kinds, never happened."""

    kinds: tuple[str, ...]
    keys: frozenset[Key]

    @property
    def size(self) -> int:
        """What has happened is not taken back: the last thing to hope for."""
        return 2 + len(self.keys)


@dataclass(frozen=True, slots=True)
class Moved:
    """An activity happened at another time."""

    key: Key
    kind: str
    came: datetime
    to: datetime

    @property
    def size(self) -> int:
        """As of what has happened."""
        return 3


Change = More | Become | Touched | Without | Moved


def applied(
    changes: Sequence[Change], lead: Lead, activities: Sequence[Activity], moment: datetime
) -> tuple[Lead, Sequence[Activity]]:
    """A lead and its activities with `changes` made at `moment`; neither of the given ones is touched."""
    for place, change in enumerate(changes):
        match change:
            case More():
                activities = [*activities, *_more(change, moment, place)]
            case Become():
                lead = _become(lead, change, moment)
            case Touched():
                lead = replace(lead, said={**lead.said, change.field: (NOWHERE, moment.isoformat())})
            case Without():
                activities = [one for one in activities if key(one) not in change.keys]
            case Moved():
                activities = [replace(one, at=change.to) if key(one) == change.key else one for one in activities]
    return lead, activities


def key(activity: Activity) -> Key:
    """What identifies an activity."""
    return activity.connection, activity.source_id


def _more(change: More, moment: datetime, place: int) -> list[Activity]:
    return [
        Activity(NOWHERE, f"{place}-{number}", "", moment, change.kind, change.topic, change.asset, change.url,
                 change.seconds, change.campaign)
        for number in range(change.count)
    ]  # fmt: skip


def _become(lead: Lead, change: Become, moment: datetime) -> Lead:
    name = change.field
    if name in ACCOUNT_FIELDS:
        known = dict((lead.score.account if lead.score is not None else None) or {})
        return replace(lead, score=replace(lead.score, account=_set(known, change)) if lead.score else None)
    said = {**lead.said, name: (NOWHERE, moment.isoformat())}
    flags = {other: reason for other, reason in lead.flags.items() if other != name}
    return replace(lead, fields=_set(dict(lead.fields), change), said=said, flags=flags)


def _set(fields: dict[str, Value], change: Become) -> dict[str, Value]:
    fields.pop(change.field, None)
    if change.value is None:
        return fields
    return {**fields, change.field: list(change.value) if isinstance(change.value, tuple) else change.value}
