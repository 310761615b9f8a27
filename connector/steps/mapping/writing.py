"""`write` of a mapping: canonical values in a platform's own names and words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connector.model import sentences
from connector.model.errors import Path, RecordError
from connector.model.fields import FIELDS, OWN_FIELDS, Value, field_type
from connector.steps.mapping.converted import UNITS, shown
from connector.steps.mapping.document import write_lines
from connector.steps.mapping.entries import FORMATS, Surroundings, table_of, words_of, zone_of
from connector.steps.mapping.reading_back import Back, Heard, back, heard
from connector.steps.normalise.moments import EPOCH, EPOCH_MS, ISO, is_format
from connector.steps.normalise.text import as_text, fold, shorten

#: Text of a template and the lead's view to what it says.
Render = Callable[[str, Mapping[str, Value]], str]

_KEYS = frozenset({"from", "as", "table", "template", "default", "longest", "unit", "only", "split",
                   "true", "false", "format", "zone"})  # fmt: skip
_SINCE_1970 = {EPOCH: 1, EPOCH_MS: 1000}
#: What `as` may say in `write`: how a value is told, where not as it is.
KINDS = ("text", "integer", "decimal", "boolean", "date", "datetime", "list")


@dataclass(frozen=True, slots=True)
class Unsendable:
    """Why a value is left unsent."""

    reason: str


@dataclass(frozen=True, slots=True)
class WriteLine:
    """One field of theirs. `form` puts a value into their form; `default` stands for a blank.

    `words` are those that a table, `true`, `false` or `default` say.
    """

    name: str
    origins: tuple[str, ...]
    form: Callable[[Value], Any]
    template: str = ""
    default: Any = None
    longest: int = 0
    only_create: bool = False
    words: tuple[str, ...] = ()
    back: Back | None = None

    def heard(self, raw: Any, known: Mapping[str, Value]) -> Heard | None:
        """What stands in their field, in our words; None where that cannot be told."""
        if self.back is None:
            return None
        (field,) = self.origins
        present = {field: known[field]} if field in known else {}
        country, written = str(known.get("country") or ""), self.value(present, None)
        return heard(self.back, self.name, field, self.default, raw, written, known.get(field), country)

    def value(self, view: Mapping[str, Value], render: Render | None) -> Any:
        """What to send: a value, None for a clearing, `Unsendable`, or `...` for nothing."""
        if self.template:
            return self._rendered(view, render) if render else ...
        present = [view[name] for name in self.origins if name in view]
        filled = next((value for value in present if value not in ("", [], None)), None)
        if filled is None:
            return self.default if self.default is not None else None if present else ...
        return self._short(self.form(filled))

    def _rendered(self, view: Mapping[str, Value], render: Render) -> Any:
        try:
            return self._short(render(self.template, view))
        except RecordError as error:
            return Unsendable(error.what)

    def _short(self, value: Any) -> Any:
        return shorten(value, self.longest) if self.longest and isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Writer:
    """The lines of `write` by object; "" is the object of a document that names none."""

    objects: Mapping[str, tuple[WriteLine, ...]]

    def lines(self, object: str) -> tuple[WriteLine, ...]:
        """The lines for `object`: by its name, by its name but for capitals, else those of ""."""
        if object in self.objects:
            return self.objects[object]
        same = (name for name in sorted(self.objects) if name.casefold() == object.casefold())
        return self.objects.get(next(same, ""), ())

    def write(
        self, object: str, view: Mapping[str, Value], creating: bool, render: Render | None
    ) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """(values by their names, (their name, why it is not sent))."""
        values: dict[str, Any] = {}
        unsent: list[tuple[str, str]] = []
        for line in self.lines(object):
            if line.only_create and not creating:
                continue
            value = line.value(view, render)
            if isinstance(value, Unsendable):
                unsent.append((line.name, value.reason))
            elif value is not ...:
                values[line.name] = value
        return values, unsent


def writer(table: Any, around: Surroundings) -> Writer:
    """Compile `write`."""
    if not isinstance(table, Mapping):
        around.problems.add(("write",), "expected a table")
        return Writer({})
    objects: dict[str, list[WriteLine]] = {}
    for object, (name, path, said) in write_lines(table):
        if said is False:
            continue
        line = _line(name, path, said, around)
        if line:
            objects.setdefault(object, []).append(line)
    return Writer({name: tuple(lines) for name, lines in objects.items()})


def _check_origin(name: str, path: Path, around: Surroundings) -> None:
    if field_type(name) is None and not (name.startswith("links.") and len(name) > len("links.")):
        around.problems.unknown(path, name, (*FIELDS, *OWN_FIELDS), "field")


def _line(name: str, path: Path, said: Any, around: Surroundings) -> WriteLine | None:
    problems = around.problems
    if isinstance(said, str | list):
        said = {"from": said}
    if not isinstance(said, Mapping):
        problems.add(path, "expected a field's name, a table, or false")
        return None
    for key in said.keys() - _KEYS:
        problems.unknown((*path, key), key, _KEYS)
    if not {"from", "template", "default"} & said.keys():
        problems.add(path, "says neither from nor template nor default")
        return None
    if "from" in said and "template" in said:
        problems.add((*path, "template"), "from and template exclude each other")
    origins = words_of(said["from"], (*path, "from"), problems) if "from" in said else ()
    for origin in origins:
        _check_origin(origin, (*path, "from") if "from" in said else path, around)
    longest = said.get("longest", 0)
    if not isinstance(longest, int) or isinstance(longest, bool) or longest < 0:
        problems.add((*path, "longest"), "expected a number of characters")
        longest = 0
    if said.get("only", "create") != "create":
        problems.unknown((*path, "only"), str(said["only"]), ("create",), "word")
    template = said.get("template", "")
    if not isinstance(template, str):
        problems.add((*path, "template"), "expected a text")
        template = ""
    form = _form(said, origins, path, around)
    words = _said_words(said, around)
    read = back(said, origins, around)
    return WriteLine(name, origins, form, template, said.get("default"), longest, "only" in said, words, read)


def _said_words(said: Mapping[str, Any], around: Surroundings) -> tuple[str, ...]:
    """The texts that may be sent as they stand in the mapping."""
    found = [said.get(key) for key in ("default", "true", "false")]
    table = said.get("table")
    table = around.tables.get(table) if isinstance(table, str) else table
    found += list(table.values()) if isinstance(table, Mapping) else []
    return tuple(dict.fromkeys(word for word in found if isinstance(word, str) and word))


def _form(said: Mapping[str, Any], origins: Sequence[str], path: Path, around: Surroundings) -> Callable[[Value], Any]:
    if "table" in said:
        return _table(said, path, around)
    kind = said.get("as")
    if kind is not None and kind not in KINDS:
        around.problems.unknown((*path, "as"), str(kind), KINDS, "conversion")
        return _as_it_is
    if "unit" in said:
        return _unit(said, path, around)
    types = [field_type(origin) for origin in origins]
    kinds = {type_.kind for type_ in types if type_}
    if kind == "boolean" or (kind is None and {"true", "false"} & said.keys()):
        return _boolean(said)
    if kind in ("date", "datetime") or (kind is None and "format" in said):
        return _time(str(kind or ("datetime" if "datetime" in kinds else "date")), said, path, around)
    if kind == "list" or (kind is None and "split" in said):
        return _joined(str(said.get("split", ";"))) if "split" in said else _as_it_is
    return {"text": _text, "integer": _integer, "decimal": _decimal}.get(str(kind), _as_it_is)


def _as_it_is(value: Value) -> Any:
    return value


def _text(value: Value) -> Any:
    return as_text(value) or ""


def _integer(value: Value) -> Any:
    number = _decimal(value)
    return round(number) if isinstance(number, float) else number


def _decimal(value: Value) -> Any:
    try:
        return float(value)  # type: ignore[arg-type]
    except (ValueError, TypeError, OverflowError):
        return Unsendable(sentences.NO_NUMBER_TO_SEND % {"value": shown(value)})


def _joined(separator: str) -> Callable[[Value], Any]:
    return lambda value: separator.join(map(str, value)) if isinstance(value, list) else value


def _boolean(said: Mapping[str, Any]) -> Callable[[Value], Any]:
    def word(key: str) -> Any:
        given = said.get(key, key == "true")
        return given[0] if isinstance(given, list) and given else given

    true, false = word("true"), word("false")
    return lambda value: (
        (true if value else false) if isinstance(value, bool | int) else Unsendable(sentences.NO_BOOLEAN_TO_SEND)
    )


def _unit(said: Mapping[str, Any], path: Path, around: Surroundings) -> Callable[[Value], Any]:
    if said["unit"] not in UNITS:
        around.problems.unknown((*path, "unit"), str(said["unit"]), UNITS, "unit")
        return _as_it_is
    scale = UNITS[said["unit"]]

    def scaled(value: Value) -> Any:
        number = _decimal(value)
        return round(number / scale) if isinstance(number, float) else number

    return scaled


def _time(kind: str, said: Mapping[str, Any], path: Path, around: Surroundings) -> Callable[[Value], Any]:
    zone: ZoneInfo | Any = (
        zone_of(said["zone"], (*path, "zone"), around.problems, around.zone) if "zone" in said else None
    )
    form = said.get("format", ISO)
    if not isinstance(form, str) or not is_format(form):
        around.problems.add((*path, "format"), "%(form)s is not a format of times", FORMATS, form=form)
        form = ISO
    local = zone or (around.zone if kind == "date" else UTC)

    def told(value: Value) -> Any:
        moment = _read(value, local)
        if moment is None:
            return Unsendable(sentences.NO_TIME_TO_SEND % {"value": shown(value)})
        if form in _SINCE_1970:
            return round(moment.timestamp() * _SINCE_1970[form])
        part: date = moment.date() if kind == "date" else moment
        return part.isoformat() if form == ISO else moment.strftime(form)

    return told


def _read(value: Value, zone: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
        return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        return None


def _table(said: Mapping[str, Any], path: Path, around: Surroundings) -> Callable[[Value], Any]:
    name, table = table_of(said["table"], (*path, "table"), around)
    words = {
        word: meaning for word, meaning in (table or {}).items() if meaning is not False or word in ("true", "false")
    }
    folded = {fold(word): meaning for word, meaning in words.items() if word != "*"}
    rest = words.get("*")
    # Few platforms have a word for each of our stages: at one that has no line theirs stays as it is.
    leaves = said.get("from") == "stage"

    def translated(value: Value) -> Any:
        if isinstance(value, list):
            parts = [translated(part) for part in value]
            return next((part for part in parts if isinstance(part, Unsendable)), parts)
        word = as_text(value) or ""
        found = words.get(word, folded.get(fold(word), rest)) if word != "*" else rest
        if found is None:
            return ... if leaves else Unsendable(sentences.NOT_IN_TABLE % {"value": shown(word), "table": name})
        return found

    return translated
