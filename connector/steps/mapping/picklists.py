"""The words of a platform, and what each of them means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connector.model import sentences
from connector.model.fields import Value
from connector.steps.mapping.converted import (
    NO_SINGLE_VALUE,
    Aside,
    Convert,
    Converted,
    Options,
    parts_of,
    shown,
    text_of,
)
from connector.steps.normalise.text import as_text, clean, fold, fold_name


def _loosely(folded: Mapping[str, Value]) -> dict[str, Value]:
    """Words without their separators, but for those that would mean two things: `organic search`, `ORGANIC_SEARCH`."""
    found: dict[str, Value] = {}
    twofold = set()
    for word, value in folded.items():
        name = fold_name(word)
        if found.setdefault(name, value) != value or not name:
            twofold.add(name)
    return {name: value for name, value in found.items() if name not in twofold}


def picklist(table: Mapping[str, Value], name: str, options: Options) -> Convert:
    """Their word to our value: exact, else without regard to case, else also without regard to
    blanks, `_` and `-` (where that is not ambiguous), else `"*"`, else set aside."""
    folded = {fold(word): value for word, value in table.items() if word != "*"}
    loose = _loosely(folded)
    rest = table.get("*")
    plain = text_of(clean, options)

    def convert(raw: object) -> Converted:
        text = raw if isinstance(raw, str) else as_text(raw)
        if text is None:
            return NO_SINGLE_VALUE
        value = table.get(text) if text != "*" else None
        if value is None and text:
            value = folded.get(fold(text))
            if value is None:
                value = loose.get(fold_name(text))
        if value is not None:
            return value
        # Only now: a table may give a meaning to a word that is read as blank elsewhere.
        if plain(text) is None:
            return None
        return rest if rest is not None else Aside(sentences.NOT_IN_TABLE % {"value": shown(text), "table": name})

    return convert


def each(convert: Convert, split: str) -> Convert:
    """`convert` for every part of a list."""

    def convert_parts(raw: object) -> Converted:
        parts: Iterable[object] = raw.split(split) if isinstance(raw, str) else parts_of(raw)
        values: list[str] = []
        for part in parts:
            value = convert(clean(part) if isinstance(part, str) else part)
            if isinstance(value, Aside):
                return value
            if value is not None:
                values.append(str(value))
        return list(dict.fromkeys(values)) or None

    return convert_parts
