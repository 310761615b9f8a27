"""What a record of theirs says in our words: the lines of `write`, read the other way round.

A line can be read back where it is filled from one canonical field that is not Baton's own, and not by a template. What
cannot be told for certain (a word that two of ours are written as, one that no table has) is left unread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from connector.model.fields import OWN_FIELDS, Value, field_type
from connector.steps.field_rules import alike, is_blank
from connector.steps.mapping.conversions import conversion
from connector.steps.mapping.converted import Aside, ByCountry, Kept, Options
from connector.steps.normalise.text import fold

if TYPE_CHECKING:
    from connector.steps.mapping.entries import Surroundings

#: Their value in our words, of a person in a country (ISO code, "" if unknown); `...` where that cannot be told.
Back = Callable[[Any, str], Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """What one of their fields (`name`) says of one of ours: a value, None for a blank."""

    name: str
    field: str
    value: Value | None


def back(said: Mapping[str, Any], origins: Sequence[str], around: Surroundings) -> Back | None:
    """How a line of `write` is read back; None where it cannot be."""
    if len(origins) != 1 or "template" in said or "unit" in said:
        return None
    (name,) = origins
    type_ = field_type(name)
    # Whether somebody may be contacted is no field that wins or loses: it has a ledger of its own.
    if type_ is None or name in OWN_FIELDS or name.startswith(("links.", "consent.")):
        return None
    if "table" in said:
        return _words(said, around)
    options = Options(around.zone, around.region, split=str(said.get("split", ";")))
    if type_.kind == "boolean":
        options = replace(options, true=_folded(said, "true"), false=_folded(said, "false"))
    if type_.kind in ("date", "datetime") and isinstance(said.get("format"), str):
        options = replace(options, formats=(said["format"],))
    convert = conversion(name, type_.kind, type_, options)

    def read(raw: Any, country: str) -> Any:
        value = (convert.within(country) if isinstance(convert, ByCountry) else convert)(raw)
        if isinstance(value, Kept):
            return value.value
        return ... if isinstance(value, Aside) else value

    return read


def _folded(said: Mapping[str, Any], key: str) -> frozenset[str]:
    given = said.get(key, key)
    words = given if isinstance(given, list) else [given]
    return frozenset(fold(str(word)) for word in words)


def _words(said: Mapping[str, Any], around: Surroundings) -> Back | None:
    """A table read the other way round, without the words that more than one of ours are written as."""
    table = around.tables.get(said["table"]) if isinstance(said["table"], str) else said["table"]
    if not isinstance(table, Mapping):
        return None
    found: dict[str, str] = {}
    twofold: set[str] = {fold(str(table["*"]))} if "*" in table else set()
    for ours, theirs in table.items():
        word = fold(str(theirs))
        if ours != "*" and theirs is not False and found.setdefault(word, ours) != ours:
            twofold.add(word)

    def read(raw: Any, _country: str) -> Any:
        return ... if isinstance(raw, list) or (word := fold(str(raw))) in twofold else found.get(word, ...)

    return read


def heard(
    back: Back | None,
    name: str,
    field: str,
    default: Any,
    raw: Any,
    written: Any,
    known: Value | None,
    country: str = "",
) -> Heard | None:
    """What `raw` in their field `name` says; None where that cannot be told.

    `written` is what we would write there for the value `known`: what looks like it says just that, though it was
    cut, or is one word for several of ours. What stands there for a blank is one.
    """
    if is_blank(raw) or (default is not None and alike(raw, default)):
        return Heard(name, field, None)
    if known is not None and alike(raw, written):
        return Heard(name, field, known)
    value = back(raw, country) if back else ...
    return None if value is ... else Heard(name, field, value)
