"""`[[activities]]` and `[event]`: which of a platform's events and columns are which activities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from connector.model import sentences
from connector.model.activity import Activity
from connector.model.errors import RecordError
from connector.model.mapped import Contact, Unmatched
from connector.model.records import Record
from connector.steps.mapping.columns import Headings
from connector.steps.mapping.converted import Aside, Convert, Converted
from connector.steps.normalise.text import as_text, clean, identifier
from connector.steps.patterns import Matcher

#: What an event may tell; each is a column, or several of which the first not blank counts.
ROLES = ("person", "id", "at", "event", "page", "form", "asset", "topic", "campaign", "seconds")
#: Sources whose events differ more than this in what they carry find their columns each time.
_MOST_SHAPES = 256
_MOST_REMEMBERED = 20_000
_TEXT_ONLY = {str}
#: Longest source id that a platform's own id makes; longer ones are replaced by their digest.
_LONGEST_ID = 200


def _text(values: Mapping[str, Any], columns: Sequence[str]) -> str:
    for column in columns:
        raw = values[column]
        found = clean(raw if isinstance(raw, str) else as_text(raw) or "")
        if found:
            return found
    return ""


def _utc(raw: Any) -> datetime | None:
    """A time in UTC as most platforms write it; None for what needs a closer look."""
    try:
        at = datetime.fromisoformat(raw)
    except (ValueError, TypeError):
        return None
    return at if at.tzinfo is UTC else None


def digest(*parts: str) -> str:
    """A short stable name for these parts."""
    return blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=12).hexdigest()


@dataclass(frozen=True, slots=True)
class EventRule:
    """One entry for events: all of its conditions must hold. `where` looks at any other column."""

    kind: str
    matchers: tuple[tuple[str, Matcher], ...]
    where: tuple[tuple[str, Matcher], ...] = ()
    topic: str = ""
    asset: str = ""
    keep_answers: Matcher | None = None

    def matches(self, told: Mapping[str, str]) -> bool:
        """Whether the event's own words fit; `where` is asked apart."""
        return all(matches(told[role]) for role, matches in self.matchers)

    def matches_where(self, values: Mapping[str, Any], headings: Headings) -> bool:
        """Whether the other columns fit; a column that is not there is blank."""
        for column, matches in self.where:
            found = headings.find(column)
            if not matches(_text(values, (found,)) if found else ""):
                return False
        return True


@dataclass(frozen=True, slots=True)
class _Shape:
    """The columns of each role in records with one certain set of columns."""

    headings: Headings
    columns: Mapping[str, tuple[str, ...]]
    told: tuple[tuple[str, tuple[str, ...]], ...]
    answers: tuple[tuple[str, str], ...]
    #: A column that holds all answers as a table, or as a list of names and values.
    table: str
    #: The columns that the conditions of entries look at, and what was made of their values.
    looked_at: tuple[str, ...]
    decided: dict[tuple[str, ...], _Decision] = field(default_factory=dict)


#: What an event tells, by role, and the entry that matched.
_Decision = tuple[Mapping[str, str], EventRule | None]


#: What the conditions of entries look at.
_TOLD = ("event", "page", "form", "asset", "campaign")


@dataclass(slots=True)
class EventReader:
    """Reads events by the columns of `[event]`; the first of `rules` that matches decides.

    `answers` is the prefix of the columns that hold them, or their names. `iso`: times are ISO 8601.
    """

    connection: str
    columns: Mapping[str, tuple[str, ...]]
    at: Convert
    seconds: Convert
    answers: str | tuple[str, ...]
    rules: Sequence[EventRule]
    iso: bool = False
    _shapes: dict[tuple[str, ...], _Shape] = field(default_factory=dict)

    def read(self, record: Record, latest: datetime) -> Activity | Unmatched:
        """The activity that an event is. Raises RecordError without a person or a usable time."""
        values = record.values
        names = tuple(values)
        shape = self._shapes.get(names) or self._shape(names)
        told, rule = self._decision(values, shape)
        if rule is None:
            return Unmatched(told["event"] or told["form"] or "(without a name)")
        person = self._person(record, shape)
        at = self._time(record, shape, latest)
        columns = shape.columns
        own = self._own_id(record, columns["id"])
        activity = Activity(
            self.connection,
            (own if len(own) <= _LONGEST_ID else digest(own))
            or digest(person, at.isoformat(), told["event"], told["page"], told["form"], told["asset"]),
            person, at, rule.kind,
            rule.topic or (_text(values, columns["topic"]) if columns["topic"] else ""),
            rule.asset or told["asset"] or told["form"],
            told["page"],
            self._length(values, columns["seconds"]) if columns["seconds"] else 0,
            told["campaign"],
        )  # fmt: skip
        if rule.keep_answers:
            activity.answers = _answers(values, shape, rule.keep_answers)
        return activity

    def _decision(self, values: Mapping[str, Any], shape: _Shape) -> _Decision:
        """Sites have far fewer pages and forms than visits: what was decided once is remembered."""
        key = tuple([values[column] for column in shape.looked_at])
        texts = set(map(type, key)) <= _TEXT_ONLY
        if texts and (decision := shape.decided.get(key)) is not None:
            return decision
        told = {role: _text(values, columns) for role, columns in shape.told}
        rules = (rule for rule in self.rules if rule.matches(told) and rule.matches_where(values, shape.headings))
        decision = told, next(rules, None)
        if texts and len(shape.decided) < _MOST_REMEMBERED:
            shape.decided[key] = decision
        return decision

    def _person(self, record: Record, shape: _Shape) -> str:
        for column in shape.columns["person"]:
            person = identifier(record.values[column])
            if person:
                return person
        raise RecordError(sentences.NO_PERSON, where=record.where, field=" or ".join(self.columns["person"]))

    def _own_id(self, record: Record, columns: Sequence[str]) -> str:
        for column in columns:
            found = identifier(record.values[column])
            if found:
                return found
        return identifier(record.id) if record.id else ""

    def _time(self, record: Record, shape: _Shape, latest: datetime) -> datetime:
        for column in shape.columns["at"]:
            raw = record.values[column]
            found: Converted | datetime = _utc(raw) if self.iso else None
            if found is None:
                found = self.at(raw)
            if isinstance(found, Aside):
                raise RecordError(found.reason, where=record.where, field=column)
            if isinstance(found, str):
                found = datetime.fromisoformat(found)
            if isinstance(found, datetime):
                if found > latest:
                    told = found.isoformat()
                    raise RecordError(sentences.IN_THE_FUTURE % {"time": told}, where=record.where, field=column)
                return found
        raise RecordError(sentences.NO_TIME, where=record.where, field=" or ".join(self.columns["at"]))

    def _length(self, values: Mapping[str, Any], columns: Sequence[str]) -> int:
        found = self.seconds(values[columns[0]])
        return found if isinstance(found, int) and found > 0 else 0

    def _shape(self, names: tuple[str, ...]) -> _Shape:
        headings = Headings(names)
        columns = {role: headings.find_all(self.columns.get(role, ())) for role in ROLES}
        answers, table = self._answer_columns(names, headings)
        told = tuple((role, columns[role]) for role in _TOLD)
        others = headings.find_all([column for rule in self.rules for column, _ in rule.where])
        looked_at = tuple(dict.fromkeys([column for _, found in told for column in found] + [*others]))
        shape = _Shape(headings, columns, told, answers, table, looked_at)
        if len(self._shapes) < _MOST_SHAPES:
            self._shapes[names] = shape
        return shape

    def _answer_columns(self, names: tuple[str, ...], headings: Headings) -> tuple[tuple[tuple[str, str], ...], str]:
        if not isinstance(self.answers, str):
            return tuple((name, name) for name in headings.find_all(self.answers)), ""
        prefix = self.answers
        if prefix in names:
            return (), prefix
        return tuple((name[len(prefix) :], name) for name in sorted(names) if prefix and name.startswith(prefix)), ""


def _answers(values: Mapping[str, Any], shape: _Shape, keep: Matcher) -> dict[str, str]:
    pairs = [(name, values[column]) for name, column in shape.answers if keep(name)]
    if shape.table:
        pairs = [(name, value) for name, value in _pairs(values[shape.table]) if keep(name)]
    found = ((name, clean(as_text(value) or "")) for name, value in pairs)
    return {name: text for name, text in found if text}


def _pairs(raw: object) -> list[tuple[str, Any]]:
    """Answers told as `{name: value}` or as `[{"name": ..., "value": ...}]`."""
    if isinstance(raw, Mapping):
        return [(str(name), value) for name, value in raw.items()]
    if not isinstance(raw, list):
        return []
    return [(str(part["name"]), part.get("value")) for part in raw if isinstance(part, Mapping) and "name" in part]


@dataclass(frozen=True, slots=True)
class ColumnActivity:
    """A column that holds the time of something the person did: one activity.

    `value_of`, where given, is another column that must fit `when`.
    """

    column: str
    at: Convert
    kind: str
    topic: str = ""
    asset: str = ""
    value_of: str = ""
    when: Matcher | None = None
    found: str = ""

    def among(self, headings: Headings) -> ColumnActivity | None:
        """This rule with its columns found among a record's; None where the column is not there."""
        column = headings.find(self.column)
        value_of = headings.find(self.value_of) or "" if self.value_of else ""
        return replace(self, found=column, value_of=value_of) if column else None

    def read(
        self, connection: str, person: str, values: Mapping[str, Any], latest: datetime
    ) -> Activity | Aside | None:
        """The activity; None where the column is blank or `when` does not fit; Aside for an unusable time."""
        if self.when and not self.when(_text(values, (self.value_of,)) if self.value_of else ""):
            return None
        time = self.at(values[self.found])
        if time is None or isinstance(time, Aside):
            return time
        iso = str(time)
        at = datetime.fromisoformat(iso)
        if at > latest:
            return Aside(sentences.IN_THE_FUTURE % {"time": iso})
        source_id = f"{person}:{self.column}:{iso}"
        return Activity(connection, source_id, person, at, self.kind, self.topic, self.asset)


@dataclass(frozen=True, slots=True)
class CounterRule:
    """A platform's counter, whose rise between two pulls is an activity of `kind`."""

    column: str
    kind: str
    convert: Convert
    found: str = ""

    def among(self, headings: Headings) -> CounterRule | None:
        """This rule with its column found among a record's; None where it is not there."""
        column = headings.find(self.column)
        return replace(self, found=column) if column else None

    def count(self, contact: Contact, values: Mapping[str, Any]) -> None:
        """Note the counter's present value; one that is no number is set aside."""
        number = self.convert(values[self.found])
        if isinstance(number, Aside):
            contact.aside.append((self.column, number.reason))
        elif isinstance(number, int) and number >= 0:
            contact.counters[self.column] = (number, self.kind)
