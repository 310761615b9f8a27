"""Taking a run back, decided record by record: what goes back, what is left, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.model import sentences
from connector.model.before_image import BeforeImage
from connector.model.outbox import Found
from connector.steps.field_rules import alike

#: (target, object, our key).
Place = tuple[str, str, str]


@dataclass(slots=True)
class Written:
    """All that one run wrote to one record: `written` as it was left, `before` as it was found."""

    place: Place
    crm_id: str
    lead_id: int
    flow: str
    written: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    created: bool = False
    at: datetime | None = None
    ids: list[int] = field(default_factory=list)

    @property
    def target(self) -> str:
        """The connection; "" for what Baton itself keeps."""
        return self.place[0]

    @property
    def object(self) -> str:
        """What kind of record it is."""
        return self.place[1]

    @property
    def our_key(self) -> str:
        """Our key of it."""
        return self.place[2]


def gathered(images: Iterable[BeforeImage], found: dict[Place, Written] | None = None) -> dict[Place, Written]:
    """The images of a run, oldest first, by record: newest first, each field goes back to what it was first."""
    found = {} if found is None else found
    for one in images:
        place = (one.target, one.object, one.our_key)
        known = found.setdefault(place, Written(place, one.crm_id, one.lead_id, one.flow))
        for name, value in one.before.items():
            if name not in known.written:
                known.before[name] = value
        known.written |= one.written
        known.created = known.created or one.created
        known.crm_id, known.at = one.crm_id or known.crm_id, one.at
        known.ids.append(one.id)
    return found


@dataclass(frozen=True, slots=True)
class Verdict:
    """`back`: values to be written, by name. `left`: why a field stays, by name; "" is the record as a whole.

    `there`: the record is there, under its own id.
    """

    back: Mapping[str, Any] = field(default_factory=dict)
    left: Mapping[str, str] = field(default_factory=dict)
    there: bool = True
    values: Mapping[str, Any] = field(default_factory=dict)


def judge(one: Written, found: Found | None) -> Verdict:
    """What of a changed record goes back: fields that still hold what the run wrote."""
    if found is None or not found.reliable:
        return Verdict(left={"": sentences.CANNOT_BE_ASKED}, there=False)
    if not found.crm_ids:
        return Verdict(left={"": sentences.NOT_THERE_ANY_MORE}, there=False)
    if one.crm_id and one.crm_id not in found.crm_ids:
        return Verdict(left={"": sentences.MERGED_THERE}, there=False)
    values = _folded(found.values[0] if found.values else {})
    back: dict[str, Any] = {}
    left: dict[str, str] = {}
    for name, written in one.written.items():
        there = values.get(name.casefold())
        if name in one.before and alike(there, one.before[name]):
            continue
        if not alike(there, written):
            left[name] = sentences.EDITED_SINCE
        elif one.created:
            continue
        elif name not in one.before:
            left[name] = sentences.BEFORE_UNKNOWN
        else:
            back[name] = one.before[name]
    return Verdict(back, left, values=values)


def _folded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name.casefold(): value for name, value in values.items()}


def held(name: str, value: Any, there: Any, images: Iterable[BeforeImage]) -> bool:
    """Whether a value was taken back, and our side says nothing else since: `there` is what was acknowledged last.

    `images` are those of the record that were taken back, oldest first.
    """
    last = next((one for one in reversed(list(images)) if name in one.written and not one.created), None)
    if last is None or not alike(value, last.written[name]):
        return False
    return alike(there, last.before.get(name))
