"""Reading a platform's record as a person, by the compiled lines of a mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connector.model import sentences
from connector.model.activity import Activity
from connector.model.errors import RecordError
from connector.model.fields import Value
from connector.model.mapped import Contact
from connector.model.records import Record
from connector.steps.mapping.activities import ColumnActivity, CounterRule
from connector.steps.mapping.columns import Headings
from connector.steps.mapping.converted import Aside, ByCountry, Convert, Converted, Kept
from connector.steps.mapping.entries import ReadLine
from connector.steps.normalise.text import identifier

#: A time of something done may lie this far ahead (clocks, zones) and is a fault beyond.
AHEAD = timedelta(days=1)
#: A source whose records differ more than this in what they carry is read without a plan.
_MOST_PLANS = 256

#: What a column's values became, as far as they are worth remembering: `_MOST_VALUES` short texts.
_Known = dict[str | None, Converted]
_MOST_VALUES, _LONGEST_VALUE = 1024, 80
#: Countries whose numbers and regions are remembered likewise.
_MOST_LOCAL = 64
_NEW: Any = object()
#: Of two fields that have something beside them, whose counts.
_FIRST_BESIDE = frozenset({"phone", "name.full"})

#: (field, column, other columns, conversion, values known): one line, as far as the record has its columns.
_Step = tuple[str, str, tuple[str, ...], Convert, _Known]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done with records that have one certain set of columns.

    `local` are the steps that depend on the person's country, by country as far as it was met.
    """

    id_columns: tuple[str, ...]
    modified: ReadLine | None
    steps: tuple[_Step, ...]
    local: dict[str, tuple[_Step, ...]]
    links: tuple[_Step, ...]
    done: tuple[ColumnActivity, ...]
    counters: tuple[CounterRule, ...]


@dataclass(slots=True)
class ContactReader:
    """Reads contacts. Which columns each line uses is found once per set of columns and kept."""

    connection: str
    lines: Sequence[ReadLine]
    links: Sequence[ReadLine]
    id_columns: tuple[str, ...]
    modified: ReadLine | None
    done: Sequence[ColumnActivity] = ()
    counters: Sequence[CounterRule] = ()
    _defaults: dict[str, Value] = field(init=False)
    _constants: tuple[str, ...] = field(init=False)
    _plans: dict[tuple[str, ...], _Plan] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._defaults = {line.name: line.default for line in self.lines if line.default is not None}
        self._constants = tuple(line.name for line in self.lines if not line.columns)

    def read(self, record: Record, now: datetime) -> Contact:
        """The person that `record` tells of. Raises RecordError where it has no id."""
        values = record.values
        plan = self._plan_for(values)
        external_id = _id(record, plan)
        if not external_id:
            raise RecordError(sentences.NO_ID, where=record.where, field=" or ".join(self.id_columns) or "id")
        contact = Contact(external_id, record.where)
        _fill(contact, values, plan.steps)
        if plan.local[""]:
            self._fill_local(contact, values, plan)
        if self._defaults:
            self._fill_defaults(contact)
        if plan.links:
            self._read_links(contact, values, plan)
        contact.at = self._changed_at(contact, record, plan)
        if plan.done:
            self._read_done(contact, values, plan, now)
        for rule in plan.counters:
            rule.count(contact, values)
        return contact

    def identify(self, record: Record) -> str:
        """The id that `read` would give, "" where the record has none."""
        return _id(record, self._plan_for(record.values))

    def _plan_for(self, values: Mapping[str, Any]) -> _Plan:
        shape = tuple(values)
        return self._plans.get(shape) or self._plan(shape)

    def _plan(self, shape: tuple[str, ...]) -> _Plan:
        headings = Headings(shape)
        found = ((line, headings.find_all(line.columns)) for line in self.lines)
        linked = ((line, headings.find_all(line.columns)) for line in self.links)
        changed = headings.find_all(self.modified.columns) if self.modified else ()
        steps: list[_Step] = [
            (line.name, columns[0], columns[1:], line.convert, {}) for line, columns in found if columns
        ]
        plan = _Plan(
            headings.find_all(self.id_columns),
            ReadLine("", changed, self.modified.convert) if self.modified and changed else None,
            tuple(step for step in steps if not isinstance(step[3], ByCountry)),
            {"": tuple(step for step in steps if isinstance(step[3], ByCountry))},
            tuple((line.name[6:], columns[0], columns[1:], line.convert, {}) for line, columns in linked if columns),
            tuple(rule for rule in (rule.among(headings) for rule in self.done) if rule),
            tuple(rule for rule in (rule.among(headings) for rule in self.counters) if rule),
        )
        if len(self._plans) < _MOST_PLANS:
            self._plans[shape] = plan
        return plan

    def _fill_local(self, contact: Contact, values: Mapping[str, Any], plan: _Plan) -> None:
        """Numbers and regions, which are those of the person's own country."""
        country = str(contact.fields.get("country") or self._defaults.get("country") or "")
        steps = plan.local.get(country)
        if steps is None:
            steps = tuple(_within(country, step) for step in plan.local[""])
            # What is kept as given is no country, and may be anything.
            if len(country) == 2 and len(plan.local) < _MOST_LOCAL:
                plan.local[country] = steps
        _fill(contact, values, steps)

    def _fill_defaults(self, contact: Contact) -> None:
        """For blanks and constants only: what a record does not carry may be known elsewhere."""
        defaults = self._defaults
        for name in (*(blank for blank in contact.blank if blank in defaults), *self._constants):
            contact.fields[name] = defaults[name]
        contact.blank = tuple(name for name in contact.blank if name not in defaults)

    def _read_links(self, contact: Contact, values: Mapping[str, Any], plan: _Plan) -> None:
        for connection, column, others, convert, _ in plan.links:
            value = _first(values, column, others, convert)
            if isinstance(value, str):
                contact.links[connection] = value

    def _changed_at(self, contact: Contact, record: Record, plan: _Plan) -> str:
        if plan.modified:
            columns = plan.modified.columns
            value = _first(record.values, columns[0], columns[1:], plan.modified.convert)
            if isinstance(value, str):
                return value
            if isinstance(value, Aside):
                contact.aside.append(("contact.modified_at", value.reason))
        return record.modified_at.isoformat() if record.modified_at else ""

    def _read_done(self, contact: Contact, values: Mapping[str, Any], plan: _Plan, now: datetime) -> None:
        for rule in plan.done:
            found = rule.read(self.connection, contact.external_id, values, now + AHEAD)
            if isinstance(found, Activity):
                contact.activities.append(found)
            elif found:
                contact.aside.append((rule.column, found.reason))


def _id(record: Record, plan: _Plan) -> str:
    for column in plan.id_columns:
        found = identifier(record.values[column])
        if found:
            return found
    return identifier(record.id)


def _first(values: Mapping[str, Any], column: str, others: tuple[str, ...], convert: Convert) -> Converted:
    """The first value that is not blank; one that cannot be used only where no other can."""
    value = convert(values[column])
    for other in others:
        if value is not None and type(value) is not Aside:
            break
        following = convert(values[other])
        if value is None or type(following) not in (Aside, type(None)):
            value = following
    return value


def _converted(raw: Any, convert: Convert, known: _Known) -> Converted:
    """The value of a text that was not seen before, which is kept for the next time."""
    value = convert(raw)
    if raw is None or (isinstance(raw, str) and len(raw) < _LONGEST_VALUE and len(known) < _MOST_VALUES):
        known[raw] = value
    return value


def _other(
    value: Converted, values: Mapping[str, Any], others: tuple[str, ...], convert: Convert,
    known: _Known,
) -> Converted:  # fmt: skip
    """As `_first`, where the first column's value is blank or of no use."""
    for other in others:
        raw = values[other]
        following = known.get(raw, _NEW) if raw.__class__ is str or raw is None else _NEW
        if following is _NEW:
            following = _converted(raw, convert, known)
        if value is None or type(following) not in (Aside, type(None)):
            value = following
        if value is not None and type(value) is not Aside:
            break
    return value


def _within(country: str, step: _Step) -> _Step:
    name, column, others, convert, _ = step
    return name, column, others, convert.within(country) if isinstance(convert, ByCountry) else convert, {}


def _fill(contact: Contact, values: Mapping[str, Any], steps: tuple[_Step, ...]) -> None:
    fields, blank = contact.fields, [*contact.blank]
    beside: dict[str, str] = {}
    for name, column, others, convert, known in steps:
        raw = values[column]
        if raw is None and not others:
            blank.append(name)
            continue
        # Most columns have few different values, or none. Only texts: 1 and True are one key.
        value = known.get(raw, _NEW) if raw.__class__ is str or raw is None else _NEW
        if value.__class__ is str:
            fields[name] = value
            continue
        if value is _NEW:
            value = _converted(raw, convert, known)
        if others and (value is None or type(value) is Aside):
            value = _other(value, values, others, convert, known)
        if isinstance(value, str):
            fields[name] = value
        elif value is None:
            blank.append(name)
        elif isinstance(value, Kept):
            fields[name] = value.value
            if value.reason:
                contact.flags[name] = value.reason
            if value.beside and (name in _FIRST_BESIDE or value.beside[0] not in beside):
                beside[value.beside[0]] = value.beside[1]
        elif isinstance(value, Aside):
            contact.aside.append((name, value.reason))
        else:
            fields[name] = [*value] if isinstance(value, list) else value
    contact.blank = tuple(blank)
    if beside:
        _fill_beside(contact, beside)


def _fill_beside(contact: Contact, beside: Mapping[str, str]) -> None:
    """What stood beside a value, where its own field has none."""
    for name, value in beside.items():
        contact.fields.setdefault(name, value)
    contact.blank = tuple(name for name in contact.blank if name not in contact.fields)
