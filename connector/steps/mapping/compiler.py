"""A mapping compiled: what a platform calls things, to the words of the line, and back.

The document is the one of `mappings/<platform>.toml` with an admin's file laid over it:

    [contact]          id, modified_at: the columns of a contact record (with zone and format)
    [read]             canonical field = "column" or { from, as, table, ... }
    [read.stage]       the CRM's status, reason and rating (kept for bringing back)
    [event]            the columns of an event record
    [[activities]]     which event, column or counter is which kind of activity
    [write.<Object>]   their field = "canonical field" or { from | template, table, ... }
    [tables.<name>]    their word = our word (in read), our word = their word (in write)
    [consent]          "a question of a form" = the channel that its answer is about: email, phone, all
    kinds, unknown     kinds of activity, and words for blank, beside the shipped ones
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from connector.model.activity import Activity
from connector.model.consent import CHANNELS, Channel
from connector.model.errors import Path, Problems
from connector.model.fields import FieldType, Value
from connector.model.mapped import Contact, Unmatched
from connector.model.records import Record
from connector.steps.consent import OF_CONSENT
from connector.steps.mapping.activities import EventReader
from connector.steps.mapping.activity_entries import activities, event_reader, timed
from connector.steps.mapping.columns import Headings
from connector.steps.mapping.contacts import AHEAD, ContactReader
from connector.steps.mapping.document import overlay, read_lines
from connector.steps.mapping.entries import ReadLine, Surroundings, read_line, words_of, zone_of
from connector.steps.mapping.reading_back import Heard
from connector.steps.mapping.stage import StageReading, stage_reading
from connector.steps.mapping.writing import Render, Writer, writer
from connector.steps.normalise.text import fold

__all__ = ["CompiledMapping", "compile_mapping", "overlay"]

#: Counted up when the same document gives other values than before: everything is read again.
FORMAT = 2

_KEYS = ("contact", "read", "event", "activities", "write", "tables", "kinds", "unknown", "consent")
#: What is read at no time of its own.
_NO_TIME = datetime.min.replace(tzinfo=UTC)
_CONTACT_KEYS = ("id", "modified_at", "zone", "format")


@dataclass(frozen=True, slots=True)
class CompiledMapping:
    """What one connection's records mean.

    `version` changes with the document, the zone and the region. `fields` are the canonical
    fields it reads, `columns` the names it looks for by field, `kinds` the activity kinds it
    can make, `write_objects` the objects that `write` has lines for ("" for one without a
    name), `write_version` changes with what those lines say. `stage` is what `[read.stage]`
    says, None where it says nothing; `reads_consent`: some line reads whether a person may be contacted.
    `consent_answers` are the questions of forms (folded) whose answers say so, with the channel.
    """

    connection: str
    version: str
    write_version: str
    fields: frozenset[str]
    kinds: frozenset[str]
    columns: Mapping[str, tuple[str, ...]]
    write_objects: tuple[str, ...]
    stage: StageReading | None
    reads_consent: bool
    consent_answers: Mapping[str, Channel]
    _contacts: ContactReader
    _consents: ContactReader
    _events: EventReader
    _writer: Writer

    @property
    def contacts_tell_deeds(self) -> bool:
        """Whether a contact record may tell of something the person did: in a column, or by a counter."""
        return bool(self._contacts.done or self._contacts.counters)

    @property
    def source_names(self) -> frozenset[str]:
        """Every column that the lines of `[read]`, `[contact]` and `[[activities]]` name."""
        return frozenset(column for columns in self.columns.values() for column in columns)

    def missing(self, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The lines that find none of their columns among the source's `names`, by field."""
        headings = Headings(names)
        return {field: columns for field, columns in self.columns.items() if not headings.find_all(columns)}

    def written(self, object: str, *, later: bool = False) -> tuple[str, ...]:
        """The platform's names that `to_platform` may fill for `object`; `later`: not only when it is created."""
        return tuple(line.name for line in self._writer.lines(object) if not (later and line.only_create))

    def words(self, object: str) -> dict[str, tuple[str, ...]]:
        """The words that each of the platform's names may be given by a table or a default, whatever the lead."""
        return {line.name: line.words for line in self._writer.lines(object) if line.words}

    def origins(self, object: str) -> dict[str, tuple[str, ...]]:
        """The canonical fields that each of the platform's names is filled from; none for a template."""
        return {line.name: line.origins for line in self._writer.lines(object)}

    def heard(self, object: str, values: Mapping[str, Any], known: Mapping[str, Value] | None = None) -> list[Heard]:
        """What a record of theirs says of fields that are not Baton's own, by the lines of `write` read back.

        `values` are theirs by their names, whatever their capitals. `known` is what we have: what looks as that is
        written says the same. A field that is not there, or cannot be told, is left out; a blank is None.
        """
        there = {name.casefold(): value for name, value in values.items()}
        lines = (line for line in self._writer.lines(object) if line.name.casefold() in there)
        found = (line.heard(there[line.name.casefold()], known or {}) for line in lines)
        return [one for one in found if one is not None]

    def same(self, object: str, name: str, one: Any, other: Any) -> bool:
        """Whether two values of one of their fields say the same in our words, however they are written there."""
        lines = [line for line in self._writer.lines(object) if line.name == name and line.back is not None]
        said = [line.heard(value, {}) for line in lines for value in (one, other)]
        return len(said) == 2 and None not in said and said[0] == said[1]

    def identify(self, record: Record) -> str:
        """The external id of the person that `record` tells of, "" where it has none."""
        return self._contacts.identify(record)

    def contact(self, record: Record, now: datetime) -> Contact:
        """The person that `record` tells of. Raises RecordError for a record without an id."""
        return self._contacts.read(record, now)

    def consents(self, values: Mapping[str, Any]) -> dict[str, Value]:
        """What a record's values say of being contacted, and nothing else; what they do not say is absent."""
        return self._consents.read(Record("-", values), _NO_TIME).fields if self.reads_consent else {}

    def activity(self, record: Record, now: datetime) -> Activity | Unmatched:
        """The activity that an event is. Raises RecordError: no person, no time, a time that is none."""
        return self._events.read(record, now + AHEAD)

    def to_platform(
        self, object: str, view: Mapping[str, Value], *, creating: bool, render: Render | None = None
    ) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """(values in their names, (their field, why it is left unsent)).

        `view` holds canonical values; one that is there and blank is sent as None (cleared),
        one that is not there is not sent. `render(template, view)` makes the text of templates,
        which are left unsent without it.
        """
        return self._writer.write(object, view, creating, render)


def compile_mapping(
    document: Mapping[str, Any], *, connection: str, zone: str, region: str, problems: Problems
) -> CompiledMapping:
    """Compile a mapping document; what is wrong goes to `problems`, with its path, all at once.

    `zone` is the time zone of times that have none, `region` the country of phone numbers
    that have none.
    """
    for key in document.keys() - set(_KEYS):
        problems.unknown((key,), key, _KEYS)
    tables = _tables(document, problems)
    unknown = frozenset(fold(word) for word in _words(document, "unknown", problems))
    local = zone_of(zone, ("timezone",), problems, ZoneInfo("UTC"))
    around = Surroundings(tables, local, region, problems, unknown)
    stage, lines, links = _read(document.get("read", {}), around)
    rules = activities(document.get("activities", []), frozenset(_words(document, "kinds", problems)), around)
    ids, modified = _contact(document.get("contact", {}), around)
    contacts = ContactReader(connection, lines, links, ids, modified, rules.columns, rules.counters)
    of_consent = [line for line in lines if line.name in OF_CONSENT and line.columns]
    columns = {line.name: line.columns for line in (*lines, *links) if line.columns}
    columns |= {f"activities.{name}": (name,) for name in rules.column_names()}
    output = writer(document.get("write", {}), around)
    return CompiledMapping(
        connection=connection,
        version=_version(document, zone, region),
        write_version=_version({key: document.get(key) for key in ("write", "tables")}, zone, region),
        fields=frozenset(line.name for line in lines),
        kinds=rules.kinds(),
        columns=columns,
        write_objects=tuple(output.objects),
        stage=stage,
        reads_consent=bool(of_consent),
        consent_answers=_consent(document.get("consent", {}), problems),
        _contacts=contacts,
        _consents=ContactReader(connection, of_consent, (), (), None),
        _events=event_reader(document.get("event", {}), rules.events, connection, around),
        _writer=output,
    )


def _version(document: Mapping[str, Any], zone: str, region: str) -> str:
    text = json.dumps([FORMAT, zone, region, document], sort_keys=True, default=str, ensure_ascii=False)
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _tables(document: Mapping[str, Any], problems: Problems) -> dict[str, Mapping[str, Any]]:
    tables = document.get("tables", {})
    if not isinstance(tables, Mapping):
        problems.add(("tables",), "expected [tables.NAME]")
        return {}
    for name, table in tables.items():
        if not isinstance(table, Mapping) and table is not False:
            problems.add(("tables", name), "expected a table: word = word")
    return {name: table for name, table in tables.items() if isinstance(table, Mapping)}


def _consent(table: Any, problems: Problems) -> dict[str, Channel]:
    if not isinstance(table, Mapping):
        problems.add(("consent",), "expected a table: question = channel")
        return {}
    for question, channel in table.items():
        if channel not in CHANNELS and channel is not False:
            problems.unknown(("consent", question), str(channel), CHANNELS, "channel")
    return {fold(question): channel for question, channel in table.items() if channel in CHANNELS}


def _words(document: Mapping[str, Any], key: str, problems: Problems) -> Sequence[str]:
    return words_of(document[key], (key,), problems) if document.get(key) else ()


def _read(table: Any, around: Surroundings) -> tuple[StageReading | None, list[ReadLine], list[ReadLine]]:
    stage: StageReading | None = None
    lines: list[ReadLine] = []
    links: list[ReadLine] = []
    seen: set[str] = set()
    if not isinstance(table, Mapping):
        around.problems.add(("read",), "expected a table")
        return None, [], []
    for name, path, said in read_lines(table):
        if said is False:
            continue
        if name in seen:
            around.problems.add(path, "%(name)s stands here twice", name=name)
        seen.add(name)
        if name == "stage" and isinstance(said, Mapping):
            stage = stage_reading(said, path, around)
        elif line := read_line(name, path, said, around):
            (links if name.startswith("links.") else lines).append(line)
    return stage, lines, links


def _contact(table: Any, around: Surroundings) -> tuple[tuple[str, ...], ReadLine | None]:
    path: Path = ("contact",)
    if not isinstance(table, Mapping):
        around.problems.add(path, "expected a table")
        return (), None
    for key in table.keys() - set(_CONTACT_KEYS):
        around.problems.unknown((*path, key), key, _CONTACT_KEYS)
    ids = words_of(table["id"], (*path, "id"), around.problems) if "id" in table else ()
    if "modified_at" not in table:
        return ids, None
    times = timed(table, path, around)
    return ids, read_line("modified_at", (*path, "modified_at"), table["modified_at"], times, FieldType("datetime"))
