"""Exports as a marketing source: files read in pages, and only what is new of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from adapters._files import csv_rows, jsonl_rows, places, times
from adapters._files.cursor import Cursor, Mark
from adapters._files.encodings import Decoding, decoding
from adapters._files.faults import FileFaultError, fault, no_column
from adapters._files.lines import BLOCK, Lines, new_hash
from adapters._files.places import Place, Places
from adapters._files.rows import Batch, Rows, Shape
from adapters._files.settings import FilesSettings, StreamSettings
from connector.model import sentences
from connector.model.adapter import Context, FieldInfo, SourceCapabilities
from connector.model.errors import ConfigError, Problem
from connector.model.records import Page, Window

PAGE = 1000


def _folded(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _id_columns(settings: StreamSettings, stream: str, columns: Sequence[str]) -> tuple[str, ...]:
    """The columns to take the id from where the settings name none."""
    if settings.id:
        return tuple(settings.id)
    own = {"contacts": "contact", "activities": "event"}.get(stream, "")
    folded = {_folded(column): column for column in reversed(columns)}
    named = folded.get("id") or folded.get(f"{own}id")
    if named is None and stream == "contacts":
        named = next((column for column in columns if _folded(column).endswith("id")), None)
    return (named,) if named else ()


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that can be read: how it is decoded, its header (None in JSONL and where it is empty), its rows."""

    place: Place
    decoding: Decoding
    header: csv_rows.Header | None
    shape: Shape
    jsonl: bool = False

    def from_start(self, file: BinaryIO) -> Lines:
        """The lines behind the header."""
        lines = Lines(self.decoding.open(file), self.decoding.decoder())
        if self.header:
            lines.more(self.header.line - 1)
            lines.advance(self.header.line)
        return lines

    def behind(self, file: BinaryIO, mark: Mark) -> Lines | None:
        """The lines behind `mark`, None where what lies before it has changed."""
        if self.header and mark.line < self.header.line:
            return None
        stream, digest, left, last = self.decoding.open(file), new_hash(), mark.offset, b"\n"
        while left and (data := stream.read(min(BLOCK, left))):
            digest.update(data)
            left -= len(data)
            last = data[-1:]
        if left or last not in (b"\n", b"\r") or digest.hexdigest() != mark.hash:
            return None
        return Lines(stream, self.decoding.decoder(), mark.line, mark.offset, digest)

    def rows(self, lines: Lines) -> Rows:
        """The reader of its rows."""
        if self.jsonl:
            return jsonl_rows.JsonlRows(self.place.name, lines, self.shape)
        return csv_rows.CsvRows(self.place.name, lines, self.header or csv_rows.NO_HEADER, self.shape)


class FilesSource:
    """The marketing role. `windows` are possible where every stream names its `time_column`."""

    def __init__(self, settings: FilesSettings, context: Context) -> None:
        given = {"contacts": settings.contacts, "activities": settings.activities}
        self._streams = {name: stream for name, stream in given.items() if stream is not None}
        self._context = context
        if not self._streams:
            where = ("connections", context.connection)
            raise ConfigError([Problem(where, "to read from files, name them: contacts, activities")])
        self.capabilities = SourceCapabilities(
            streams=tuple(self._streams),
            page_size=PAGE,
            windows=all(stream.time_column for stream in self._streams.values()),
        )

    def check(self) -> None:
        """Find and open every file, and read its header. Raises ConfigError with all problems."""
        problems: list[Problem] = []
        for stream in self._streams:
            found = self._find(stream)
            problems += found.problems
            for place in found.places:
                problems += self._faults(place, stream)
        if problems:
            raise ConfigError(problems)

    def _faults(self, place: Place, stream: str) -> list[Problem]:
        try:
            with _readable(place):
                _open(place, stream, self._streams[stream], None)
        except FileFaultError as error:
            return [error.problem]
        return []

    def pull(self, stream: str, cursor: str, window: Window | None = None) -> Iterator[Page]:
        """What is new in the files of `stream`, file by file; their faults are raised at the end."""
        if window is not None and not self._streams[stream].time_column:
            raise ConfigError(
                [Problem((*self._key(stream), "time_column"), "to read by dates, name the column that has the time")]
            )
        found = self._find(stream)
        marks = Cursor.parse(cursor)
        marks.keep(place.name for place in found.places)
        problems, notes = found.problems, found.notes
        for place in found.places:
            try:
                for page in self._new(place, stream, marks, window):
                    page.notes, notes = (*notes, *page.notes), ()
                    yield page
            except FileFaultError as error:
                problems.append(error.problem)
        if problems:
            raise ConfigError(problems)

    def _key(self, stream: str) -> tuple[str, ...]:
        return ("connections", self._context.connection, stream)

    def _find(self, stream: str) -> Places:
        return places.find(self._context.root, self._streams[stream].files, self._key(stream))

    def _new(self, place: Place, stream: str, marks: Cursor, window: Window | None) -> Iterator[Page]:
        """Pages of one file, from where it was left if nothing before that has changed."""
        mark = marks.marks.get(place.name)
        with _readable(place):
            status = place.path.stat()
            if mark and mark.done and (mark.size, mark.mtime) == (status.st_size, status.st_mtime_ns):
                return
            opened = _open(place, stream, self._streams[stream], window)
            with place.path.open("rb") as file:
                yield from _pages(opened, file, stream, marks)

    def fields(self) -> list[FieldInfo]:
        """The columns of every file, with the share of its first rows that have a value."""
        found: list[FieldInfo] = []
        for stream, settings in self._streams.items():
            filled: dict[str, int] = {}
            rows = 0
            for place in self._find(stream).places:
                columns, first = _first_rows(place, stream, settings)
                filled |= {name: filled.get(name, 0) for name in columns}
                for values in first:
                    rows += 1
                    for name, value in values.items():
                        filled[name] = filled.get(name, 0) + (value not in ("", None, []))
            found += [FieldInfo(stream, name, fill=count / rows if rows else None) for name, count in filled.items()]
        return found


@contextmanager
def _readable(place: Place) -> Iterator[None]:
    """The system's refusals, as faults of the file."""
    try:
        yield
    except OSError as error:
        values = {"reason": error.strerror or type(error).__name__}
        raise fault(place.name, 0, Problem((), "cannot be read: %(reason)s", values=values)) from error
    except UnicodeDecodeError as error:
        raise fault(place.name, 0, Problem((), "it was changed while it was read")) from error


def _first_rows(place: Place, stream: str, settings: StreamSettings) -> tuple[list[str], list[Mapping[str, Any]]]:
    """The columns of a file's header, and the values of its first page; none where it cannot be read."""
    try:
        with _readable(place), place.path.open("rb") as file:
            opened = _open(place, stream, settings, None)
            batch = opened.rows(opened.from_start(file)).batch(PAGE)
    except FileFaultError:
        return [], []
    columns = [name for name in opened.header.columns if name] if opened.header else []
    return columns, [record.values for record in batch.records] if batch else []


def _open(place: Place, stream: str, settings: StreamSettings, window: Window | None) -> OpenFile:
    """Find out how a file is to be read. Raises FileFaultError, OSError."""
    if place.path.is_dir():
        raise fault(place.name, 0, Problem((), "this is a folder, not a file"))
    decoded = decoding(place.path, place.name, settings.encoding)
    shape = Shape(
        id=tuple(settings.id) or ("id",),
        separator=settings.id_separator,
        time=settings.time_column,
        read_time=times.reader(settings.time_format, settings.time_zone),
        window=window,
        suspicious=decoded.suspicious,
    )
    suffix = place.path.suffix.lower()
    if settings.format == "jsonl" or (settings.format == "auto" and suffix in (".jsonl", ".ndjson")):
        return OpenFile(place, decoded, None, shape, jsonl=True)
    with place.path.open("rb") as file:
        lines = Lines(decoded.open(file), decoded.decoder())
        header = csv_rows.header(place.name, lines, settings.delimiter)
    if header is None:
        return OpenFile(place, decoded, None, shape)
    return OpenFile(place, decoded, header, _with_columns(place, stream, settings, shape, header))


def _with_columns(place: Place, stream: str, settings: StreamSettings, shape: Shape, header: csv_rows.Header) -> Shape:
    """The shape in the header's own names. Raises FileFaultError where a column is missing."""
    columns = header.columns

    def column(wanted: str) -> str:
        if wanted in columns:
            return wanted
        alike = [name for name in columns if _folded(name) == _folded(wanted)]
        if not alike:
            raise no_column(place.name, header.line, wanted, columns)
        return alike[0]

    ids = tuple(column(name) for name in _id_columns(settings, stream, columns))
    return replace(shape, id=ids, time=column(shape.time) if shape.time else "")


def _pages(opened: OpenFile, file: BinaryIO, stream: str, marks: Cursor) -> Iterator[Page]:
    """Pages of an open file; each leaves its mark."""
    name, status = opened.place.name, os.fstat(file.fileno())
    mark, had_rows = marks.marks.get(name), marks.had_rows()
    lines = opened.behind(file, mark) if mark else None
    if mark and lines and not lines.more(mark.line):
        return
    notes = [opened.decoding.note] if opened.decoding.note and not lines else []
    seen = mark.rows if mark and lines else 0
    lines = lines or opened.from_start(file)
    rows = opened.rows(lines)
    while True:
        batch = rows.batch(PAGE) or Batch(lines.line, lines.line + 1)
        done = not lines.more(batch.line)
        # A last line without its end may still be growing: it is read again once it has.
        lines.advance(batch.line if lines.ended(batch.line) else batch.last - 1)
        seen += batch.rows
        if done and not seen and not opened.shape.window:
            notes.append(f"{name}: {sentences.NO_ROWS}")
        digest = lines.hash.hexdigest()
        marks.marks[name] = Mark(status.st_size, status.st_mtime_ns, lines.offset, lines.line, seen, digest, done)
        emptied = had_rows and not marks.had_rows() and not opened.shape.window
        yield Page(stream, batch.records, marks.text(), batch.rejected, tuple(notes), emptied)
        notes = []
        if done:
            return
