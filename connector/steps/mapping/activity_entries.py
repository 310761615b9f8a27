"""`[event]` and `[[activities]]` of a mapping, checked and compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connector.model.activity import KINDS
from connector.model.errors import Path
from connector.model.fields import FieldType
from connector.steps.mapping.activities import ROLES, ColumnActivity, CounterRule, EventReader, EventRule
from connector.steps.mapping.entries import ReadLine, Surroundings, formats_of, read_line, words_of, zone_of
from connector.steps.normalise.moments import ISO
from connector.steps.patterns import Matcher, matcher, url_matcher

_TIME, _SECONDS = FieldType("datetime"), FieldType("integer")

#: What an entry for events may look at; `asset` says what to match there, and what to note elsewhere.
_MATCHES = ("event", "form", "page", "asset", "campaign")
_PRODUCES = frozenset({"kind", "topic"})
_OF_EVENTS = frozenset({*_MATCHES, "where", "set_asset", "keep_answers"}) | _PRODUCES
_OF_COLUMNS = frozenset({"column", "when", "value_of", "format", "zone", "asset"}) | _PRODUCES
_OF_COUNTERS = frozenset({"counter"}) | _PRODUCES
_EVENT_KEYS = frozenset({*ROLES, "url", "answers", "zone", "format"})
#: Sources that name nothing are read by the names themselves.
DEFAULT_COLUMNS: dict[str, tuple[str, ...]] = {role: (role,) for role in ROLES}


@dataclass(slots=True)
class Activities:
    """What `[[activities]]` says, in its order."""

    events: list[EventRule] = field(default_factory=list)
    columns: list[ColumnActivity] = field(default_factory=list)
    counters: list[CounterRule] = field(default_factory=list)

    def kinds(self) -> frozenset[str]:
        """The kinds that these entries make."""
        events = {rule.kind for rule in self.events}
        return frozenset(events | {rule.kind for rule in self.columns} | {rule.kind for rule in self.counters})

    def column_names(self) -> tuple[str, ...]:
        """The columns of contacts that these entries look at."""
        found = [name for rule in self.columns for name in (rule.column, rule.value_of) if name]
        return (*found, *(rule.column for rule in self.counters))


def activities(entries: Any, kinds: frozenset[str], around: Surroundings) -> Activities:
    """Compile `[[activities]]`; `kinds` are those the document declares beside the shipped ones."""
    found = Activities()
    if not isinstance(entries, list):
        around.problems.add(("activities",), "expected [[activities]], a list of tables")
        return found
    for number, entry in enumerate(entries):
        path: Path = ("activities", number)
        if isinstance(entry, Mapping):
            _entry(entry, path, kinds, around, found)
        else:
            around.problems.add(path, "expected a table")
    return found


def _entry(
    entry: Mapping[str, Any], path: Path, kinds: frozenset[str], around: Surroundings, found: Activities
) -> None:
    allowed = _OF_COLUMNS if "column" in entry else _OF_COUNTERS if "counter" in entry else _OF_EVENTS
    for key in entry.keys() - allowed:
        around.problems.unknown((*path, key), key, allowed)
    kind = entry.get("kind")
    if kind is None:
        around.problems.add(path, "has no kind")
    elif kind not in KINDS and kind not in kinds:
        around.problems.unknown((*path, "kind"), str(kind), (*KINDS, *kinds), "kind")
    plain = EventRule(str(kind), (), topic=_text(entry, "topic", path, around))
    if "column" in entry:
        rule = _column(entry, plain, path, around)
        found.columns += [rule] if rule else []
    elif "counter" in entry:
        counter = read_line("counter", (*path, "counter"), entry["counter"], around, _SECONDS)
        found.counters += [CounterRule(counter.columns[0], plain.kind, counter.convert)] if counter else []
    else:
        found.events.append(_event(entry, plain, path, around))


def _text(entry: Mapping[str, Any], key: str, path: Path, around: Surroundings) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str):
        around.problems.add((*path, key), "expected a text")
        return ""
    return value


def _patterns(entry: Mapping[str, Any], key: str, path: Path, around: Surroundings) -> Matcher:
    patterns = words_of(entry[key], (*path, key), around.problems)
    return url_matcher(patterns) if key == "page" else matcher(patterns)


def _event(entry: Mapping[str, Any], plain: EventRule, path: Path, around: Surroundings) -> EventRule:
    where = entry.get("where", {})
    if not isinstance(where, Mapping):
        around.problems.add((*path, "where"), "expected a table: column = pattern")
        where = {}
    matchers = tuple((key, _patterns(entry, key, path, around)) for key in _MATCHES if key in entry)
    columns = tuple((column, _patterns(where, column, (*path, "where"), around)) for column in where)
    if not matchers and not columns:
        around.problems.add(path, 'matches every event; if that is meant, say event = "*"', ", ".join(_MATCHES))
    keep = _patterns(entry, "keep_answers", path, around) if "keep_answers" in entry else None
    asset = _text(entry, "set_asset", path, around)
    return replace(plain, matchers=matchers, where=columns, asset=asset, keep_answers=keep)


def _column(entry: Mapping[str, Any], plain: EventRule, path: Path, around: Surroundings) -> ColumnActivity | None:
    said = {"from": entry["column"], **{key: entry[key] for key in ("format", "zone") if key in entry}}
    line = read_line("column", path, said, around, _TIME) if isinstance(entry["column"], str) else None
    if line is None:
        around.problems.add((*path, "column"), "expected a column's name")
        return None
    if ("when" in entry) != ("value_of" in entry):
        around.problems.add(path, "when and value_of belong together: the pattern, and the column it looks at")
    when = _patterns(entry, "when", path, around) if "when" in entry else None
    asset, value_of = _text(entry, "asset", path, around), _text(entry, "value_of", path, around)
    return ColumnActivity(line.columns[0], line.convert, plain.kind, plain.topic, asset, value_of, when)


def timed(table: Mapping[str, Any], path: Path, around: Surroundings) -> Surroundings:
    """The surroundings of a table's times: its own `zone` and `format` where it says them."""
    if "zone" in table:
        around = replace(around, zone=zone_of(table["zone"], (*path, "zone"), around.problems, around.zone))
    if "format" in table:
        around = replace(around, formats=formats_of(table["format"], (*path, "format"), around.problems))
    return around


def event_reader(table: Any, rules: list[EventRule], connection: str, around: Surroundings) -> EventReader:
    """Compile `[event]`: which columns of an event hold what."""
    path: Path = ("event",)
    if not isinstance(table, Mapping):
        around.problems.add(path, "expected a table")
        table = {}
    for key in table.keys() - _EVENT_KEYS:
        around.problems.unknown((*path, key), key, _EVENT_KEYS)
    if "page" in table and "url" in table:
        around.problems.add((*path, "url"), "page and url mean the same column; say one")
    named = {**({"page": table["url"]} if "url" in table else {}), **table}
    times = timed(table, path, around)
    lines = {
        "at": _role("at", named, path, times, _TIME),
        "seconds": _role("seconds", named, path, around, _SECONDS),
    }
    columns = dict(DEFAULT_COLUMNS)
    for role in ROLES:
        if role in lines:
            columns[role] = lines[role].columns
        elif role in named:
            columns[role] = words_of(named[role], (*path, role), around.problems)
    at, seconds = lines["at"].convert, lines["seconds"].convert
    iso = times.formats == (ISO,) and not isinstance(named.get("at"), Mapping)
    return EventReader(connection, columns, at, seconds, _answer_columns(table, path, around), rules, iso)


def _role(role: str, table: Mapping[str, Any], path: Path, around: Surroundings, type_: FieldType) -> ReadLine:
    line = read_line(role, (*path, role), table.get(role, role), around, type_)
    if line is None:
        return ReadLine(role, (role,), lambda _: None)
    return line


def _answer_columns(table: Mapping[str, Any], path: Path, around: Surroundings) -> str | tuple[str, ...]:
    said = table.get("answers", "answers")
    return said if isinstance(said, str) else words_of(said, (*path, "answers"), around.problems)
