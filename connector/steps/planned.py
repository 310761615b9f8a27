"""What would be written to a record, held against what stands there at this moment. Pure.

A field that says already what it would be given is left out. One that says something else than when it was read last
was changed by somebody meanwhile: nobody can tell who is right, and the record is not written. What Baton computes
itself is its own, whatever stands there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.model.plans import PlannedField
from connector.steps.field_rules import alike, is_blank


@dataclass(frozen=True, slots=True)
class Wish:
    """What one record shall hold, in the target's own names.

    `values` are as an admin reads them (an owner's email), `sent` the same as the platform takes them (a user's id).
    `last` is what the target acknowledged last, `read` what was read of the record last; `own` are the names of
    Baton's own fields.
    """

    values: Mapping[str, Any]
    sent: Mapping[str, Any]
    last: Mapping[str, Any] = field(default_factory=dict)
    read: Mapping[str, Any] = field(default_factory=dict)
    own: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Held:
    """The fields that would be changed; those of them that somebody changed meanwhile; those that say it already."""

    fields: tuple[PlannedField, ...] = ()
    conflicts: tuple[PlannedField, ...] = ()
    same: tuple[PlannedField, ...] = ()


def held_against(wish: Wish, there: Mapping[str, Any], *, tells_blank: bool) -> Held:
    """The wish against what stands `there`. `tells_blank`: what the platform does not name, it cannot tell."""
    fields, conflicts, same = [], [], []
    folded = {name.casefold(): value for name, value in there.items()}
    for name in sorted(differing(wish)):
        known = name.casefold() in folded or not tells_blank
        old, new = folded.get(name.casefold()), wish.sent.get(name)
        one = PlannedField(name, old, wish.values[name], known)
        if known and (alike(old, new) or (is_blank(old) and is_blank(new))):
            same.append(one)
        elif known and name not in wish.own and changed_since(wish, name, old):
            conflicts.append(one)
        else:
            fields.append(one)
    return Held(tuple(fields), tuple(conflicts), tuple(same))


def differing(wish: Wish) -> set[str]:
    """The names in which the wish is not what was acknowledged last, or not what was read since: what is to be sent."""
    read = {name.casefold(): value for name, value in wish.read.items()}
    return {
        name
        for name, value in wish.sent.items()
        if name not in wish.last
        or wish.last[name] != value
        or (name.casefold() in read and not alike(read[name.casefold()], value))
    }


def changed_since(wish: Wish, name: str, now: Any) -> bool:
    """Whether a field says something else than when it was last read, or written by us where it never was read.

    Of what was neither read nor written, a blank is no change.
    """
    folded = {one.casefold(): value for one, value in wish.read.items()}
    if name.casefold() in folded and alike(folded[name.casefold()], now):
        return False
    if name in wish.last:
        return not alike(wish.last[name], now)
    return name.casefold() in folded or not is_blank(now)


def from_store(wish: Wish) -> tuple[PlannedField, ...]:
    """The fields that would be changed, as far as the store knows: an old value only where it was read."""
    folded = {name.casefold(): value for name, value in wish.read.items()}
    return tuple(
        PlannedField(name, folded.get(name.casefold()), wish.values[name], name.casefold() in folded)
        for name in sorted(differing(wish))
    )
