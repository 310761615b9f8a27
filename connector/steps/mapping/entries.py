"""The lines of a mapping's `read` (and of `[event]`, `[contact]`), checked and compiled.

A line is the name of a column, or a table: `{ from = "column" | [columns], as = kind, ... }`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from connector.model.errors import Path, Problems
from connector.model.fields import FIELDS, OWN_FIELDS, FieldType, Value, field_type
from connector.steps.mapping.conversions import KINDS, conversion, from_text
from connector.steps.mapping.converted import UNITS, Aside, Convert, Kept, Options
from connector.steps.mapping.picklists import each, picklist
from connector.steps.normalise.moments import is_format
from connector.steps.normalise.numbers import BOUNDS
from connector.steps.normalise.text import fold, unknown_words

#: What a line may say in any kind, and beside it in each kind.
_ALWAYS = frozenset({"from", "as", "table", "unknown", "default"})
_BY_KIND = {
    "text": {"longest"},
    "integer": {"ranges", "decimal_mark", "unit"},
    "decimal": {"ranges", "decimal_mark", "unit"},
    "boolean": {"true", "false"},
    "date": {"format", "zone"},
    "datetime": {"format", "zone"},
    "phone": {"region"},
    "list": {"split"},
}
#: What `format` may say, for readers.
FORMATS = "iso, epoch, epoch_ms, or made of %Y %m %d %H %M %S"
_ALL_KEYS = _ALWAYS.union(*_BY_KIND.values(), {"template", "only"})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the lines of a document share. `unknown` are the document's own words for blank, folded."""

    tables: Mapping[str, Any]
    zone: ZoneInfo
    region: str
    problems: Problems
    unknown: frozenset[str] = frozenset()
    formats: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A compiled line: `convert` turns what stands in the first of `columns` that is not blank into `name`."""

    name: str
    columns: tuple[str, ...]
    convert: Convert
    default: Value | None = None


def words_of(value: Any, path: Path, problems: Problems) -> tuple[str, ...]:
    """A string, or a list of strings, as a tuple; anything else is a problem."""
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed or not all(isinstance(word, str) for word in listed):
        problems.add(path, "expected a text or a list of texts")
        return ()
    return tuple(listed)


def zone_of(value: Any, path: Path, problems: Problems, default: ZoneInfo) -> ZoneInfo:
    """The time zone named by `value`; a problem and `default` where there is none of that name."""
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, TypeError, OSError):
        problems.add(path, "unknown time zone %(name)s", "names like Europe/Berlin or Asia/Tokyo", name=value)
        return default


def formats_of(value: Any, path: Path, problems: Problems) -> tuple[str, ...]:
    """Checked formats of dates, as declared by `format`."""
    formats = words_of(value, path, problems)
    for form in formats:
        if not is_format(form):
            problems.add(path, "%(form)s is not a format of times", FORMATS, form=form)
    return formats


def _checked_field(name: str, path: Path, problems: Problems) -> FieldType | None:
    if name in OWN_FIELDS:
        problems.add(path, "%(name)s is computed by Baton and cannot be read from a platform", name=name)
        return None
    if name.startswith("links.") and len(name) > len("links."):
        return FieldType()
    known = field_type(name)
    if known is None:
        problems.unknown(path, name, FIELDS, "field")
    return known


def _kind(name: str, type_: FieldType, entry: Mapping[str, Any], path: Path, problems: Problems) -> str:
    """The kind that a line is read as; a field that is not one's own must keep its kind."""
    said = entry.get("as")
    if said is None:
        return type_.kind
    if said not in KINDS:
        problems.unknown((*path, "as"), str(said), KINDS, "conversion")
        return type_.kind
    texts = ("text", "date", "datetime", "email", "phone", "country")
    fits = (
        said == type_.kind or (type_.kind == "text" and said in texts) or (type_.kind, said) == ("decimal", "integer")
    )
    if not (fits or name.startswith("custom.") or (type_.kind == "choice" and said == "text")):
        problems.add((*path, "as"), "%(name)s holds %(kind)s", type_.kind, name=name, kind=type_.kind)
        return type_.kind
    return type_.kind if type_.kind == "choice" else str(said)


def _check_keys(entry: Mapping[str, Any], kind: str, path: Path, problems: Problems) -> None:
    allowed = _ALWAYS | _BY_KIND.get(kind, set())
    for key in entry:
        if key == "template" or key == "only":
            problems.add((*path, key), "%(key)s belongs to write, not to read", key=key)
        elif key not in _ALL_KEYS:
            problems.unknown((*path, key), key, allowed)
        elif key not in allowed:
            kinds = ", ".join(name for name, keys in _BY_KIND.items() if key in keys)
            problems.add((*path, key), "%(key)s has no meaning for %(kind)s", kinds, key=key, kind=kind)


def _folded(entry: Mapping[str, Any], key: str, path: Path, problems: Problems) -> frozenset[str]:
    if key not in entry:
        return frozenset()
    return frozenset(fold(word) for word in words_of(entry[key], (*path, key), problems))


def _one_of(
    entry: Mapping[str, Any], key: str, allowed: tuple[str, ...], default: Any, path: Path, found: Problems
) -> Any:
    value = entry.get(key, default)
    if value != default and value not in allowed:
        found.unknown((*path, key), str(value), allowed, "word")
        return default
    return value


def options_of(name: str, kind: str, entry: Mapping[str, Any], path: Path, around: Surroundings) -> Options:
    """The checked options of a line; each fault is a problem and leaves the default."""
    problems = around.problems
    own = _folded(entry, "unknown", path, problems)
    shipped = unknown_words(name, "list" if kind == "list" else kind)
    options = Options(around.zone, around.region, unknown=shipped | around.unknown | own)
    if "zone" in entry:
        options = replace(options, zone=zone_of(entry["zone"], (*path, "zone"), problems, around.zone))
    if "format" in entry:
        options = replace(options, formats=formats_of(entry["format"], (*path, "format"), problems))
    elif around.formats:
        options = replace(options, formats=around.formats)
    split, longest = entry.get("split", ";"), entry.get("longest", 0)
    if not isinstance(split, str) or not split:
        problems.add((*path, "split"), "expected the text between two parts")
        split = ";"
    if not isinstance(longest, int) or isinstance(longest, bool) or longest < 0:
        problems.add((*path, "longest"), "expected a number of characters")
        longest = 0
    return replace(
        options,
        region=_region(entry, path, around),
        named="region" in entry,
        ranges=_one_of(entry, "ranges", BOUNDS, None, path, problems),
        decimal_mark=_one_of(entry, "decimal_mark", (".", ","), "", path, problems),
        unit=_one_of(entry, "unit", tuple(UNITS), "seconds", path, problems),
        true=_folded(entry, "true", path, problems),
        false=_folded(entry, "false", path, problems),
        split=split,
        longest=longest,
    )


def _region(entry: Mapping[str, Any], path: Path, around: Surroundings) -> str:
    if "region" not in entry:
        return around.region
    from connector.steps.normalise.phones import known_region

    region = entry["region"]
    if isinstance(region, str) and known_region(region):
        return region
    around.problems.add(
        (*path, "region"), "%(name)s is no country for phone numbers", "codes like DE or JP", name=region
    )
    return around.region


def table_of(value: Any, path: Path, around: Surroundings) -> tuple[str, Mapping[str, Any] | None]:
    """The (name, table) that `table = "name"` means, or the table that stands in its place."""
    if isinstance(value, Mapping):
        return path[-2] if isinstance(path[-2], str) else "", value
    table = around.tables.get(value) if isinstance(value, str) else None
    if not isinstance(table, Mapping):
        around.problems.unknown(path, str(value), around.tables, "table")
        return str(value), None
    return str(value), table


def _picklist(
    name: str, convert: Convert, entry: Mapping[str, Any], path: Path, around: Surroundings, options: Options
) -> Convert:
    called, table = table_of(entry["table"], (*path, "table"), around)
    if table is None:
        return convert
    at: Path = ("tables", called) if isinstance(entry["table"], str) else (*path, "table")
    values: dict[str, Value] = {}
    for word, meaning in table.items():
        if meaning is False and field_type(name) != FieldType("boolean"):
            continue
        value = convert(from_text(meaning))
        if value is None or isinstance(value, Aside | Kept | list):
            around.problems.add((*at, word), "%(value)s cannot be a value of %(name)s", value=meaning, name=name)
        else:
            values[word] = value
    return picklist(values, called, options)


def read_line(
    name: str, path: Path, said: Any, around: Surroundings, type_: FieldType | None = None
) -> ReadLine | None:
    """One line of `read`, compiled; None, and problems, where it cannot be."""
    type_ = type_ or _checked_field(name, path, around.problems)
    if isinstance(said, str | list):
        said = {"from": said}
    if not isinstance(said, Mapping):
        around.problems.add(path, "expected a column's name, a table, or false")
        return None
    if type_ is None:
        return None
    kind = _kind(name, type_, said, path, around.problems)
    _check_keys(said, kind, path, around.problems)
    if "from" not in said and "default" not in said:
        around.problems.add(path, "says neither from nor default")
        return None
    columns = words_of(said["from"], (*path, "from"), around.problems) if "from" in said else ()
    options = options_of(name, kind, said, path, around)
    convert = plain = conversion(name, "text" if kind == "list" and "table" in said else kind, type_, options)
    if "table" in said:
        convert = _picklist(name, plain, said, path, around, options)
        if kind == "list":
            convert = each(convert, options.split)
    return ReadLine(name, columns, convert, _default(name, plain, said, path, around.problems))


def _default(name: str, convert: Convert, said: Mapping[str, Any], path: Path, problems: Problems) -> Value | None:
    if "default" not in said:
        return None
    value = convert(from_text(said["default"]))
    if value is None or isinstance(value, Aside | Kept):
        problems.add((*path, "default"), "%(value)s cannot be a value of %(name)s", value=said["default"], name=name)
        return None
    return value
