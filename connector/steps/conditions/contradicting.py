"""Bounds of one thing with nothing between them: `{ field = "company.employees", at_least = 500, at_most = 9 }`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from connector.model.errors import Path
from connector.model.fields import ACCOUNT_FIELDS, FieldType, field_type
from connector.steps.conditions.comparing import utc_text
from connector.steps.conditions.condition import Context

_LOW, _HIGH = ("at_least", "above", "after"), ("at_most", "below", "before")
_STRICT = ("above", "below", "after", "before")


class _Bound(NamedTuple):
    """What one key asks of one field or score. `part` is the table it stands in, `place` comparable with others'."""

    part: int
    key: str
    path: Path
    wanted: Any
    place: Any


def refuse_contradictions(table: Mapping[str, Any], path: Path, context: Context) -> None:
    """Report bounds that cannot hold together, of a table and of those in its `all`, at the later of the two keys.

    What contradicts itself within one part of `all` is reported when that part is compiled.
    """
    bounds: dict[tuple[str, str], list[_Bound]] = {}
    for part, (inner, place) in enumerate(_together(table, path)):
        for subject, bound in _bounds(part, inner, place):
            bounds.setdefault(subject, []).append(bound)
    for found in bounds.values():
        for later, bound in enumerate(found):
            other = next((one for one in found[:later] if _exclude(one, bound)), None)
            if other is not None:
                context.problems.add(
                    bound.path, "%(key)s %(wanted)s never holds together with %(other)s %(bound)s",
                    key=bound.key, wanted=bound.wanted, other=other.key, bound=other.wanted,
                )  # fmt: skip


def _together(table: Mapping[str, Any], path: Path) -> Iterator[tuple[Mapping[str, Any], Path]]:
    """The tables that must hold together: this one, then those that stand in its `all`."""
    yield table, path
    listed = table.get("all")
    if isinstance(listed, list):
        yield from ((one, (*path, "all", at)) for at, one in enumerate(listed) if isinstance(one, Mapping))


def _bounds(part: int, table: Mapping[str, Any], path: Path) -> Iterator[tuple[tuple[str, str], _Bound]]:
    subject = next((key for key in ("field", "score") if isinstance(table.get(key), str)), None)
    if subject is None:
        return
    name = table[subject]
    type_ = (ACCOUNT_FIELDS.get(name) or field_type(name)) if subject == "field" else None
    for key, wanted in table.items():
        place = _place(key, wanted, type_)
        if place is not None:
            yield (subject, name), _Bound(part, key, (*path, key), wanted, place)


def _place(key: str, wanted: Any, type_: FieldType | None) -> Any:
    """A bound in the order of what it bounds; None for what is no bound, or is refused elsewhere."""
    if key not in (*_LOW, *_HIGH):
        return None
    if key in ("before", "after"):
        return utc_text(wanted)
    if type_ is not None and type_.ordered:
        return type_.choices.index(wanted) if wanted in type_.choices else None
    return wanted if type(wanted) in (int, float) else None


def _exclude(one: _Bound, other: _Bound) -> bool:
    """Whether nothing can lie within both bounds."""
    if (one.key in _LOW) == (other.key in _LOW) or isinstance(one.place, str) is not isinstance(other.place, str):
        return False
    if one.part == other.part and one.part > 0:
        return False
    low, high = (one, other) if one.key in _LOW else (other, one)
    touching = low.key in _STRICT or high.key in _STRICT
    return bool(low.place > high.place or (touching and low.place == high.place))
