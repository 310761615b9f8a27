"""Rows of a CSV file. The header decides the delimiter and how many columns a row has."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from adapters._files.faults import fault
from adapters._files.lines import Lines
from adapters._files.rows import UNUSABLE, Batch, Shape, printable, take, unusable
from connector.model import sentences
from connector.model.errors import Problem
from connector.model.records import Record, Rejected

DELIMITERS = ",;\t|"
LONGEST_FIELD = 1_000_000
csv.field_size_limit(max(LONGEST_FIELD, csv.field_size_limit()))


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file, "" for one without a name, and the lines up to the end of the header."""

    columns: tuple[str, ...]
    delimiter: str
    line: int


NO_HEADER = Header((), ",", 0)


def header(name: str, lines: Lines, delimiter: str) -> Header | None:
    """Read the header; None where there is nothing in the file. Raises FileFaultError."""
    skipped = 0
    for line in lines.after(0):
        told = line.strip("\r\n").lower()
        # Excel's own way to name the delimiter.
        if told.startswith("sep=") and len(told) == 5:
            delimiter = told[4] if delimiter == "auto" else delimiter
        elif told.strip():
            break
        skipped += 1
    else:
        return None
    candidates = [_parsed(lines, skipped, one) for one in (DELIMITERS if delimiter == "auto" else [delimiter])]
    columns, used, line_count = max(candidates, key=lambda candidate: len(candidate[0]))
    _check(name, skipped + 1, columns)
    return Header(tuple(columns), used, skipped + line_count)


def _parsed(lines: Lines, skipped: int, delimiter: str) -> tuple[list[str], str, int]:
    reader = csv.reader(lines.after(skipped), delimiter=delimiter, strict=True)
    try:
        columns = next(reader, [])
    except csv.Error:
        columns = []
    return [column.strip() for column in columns], delimiter, reader.line_num


def _check(name: str, line: int, columns: Sequence[str]) -> None:
    if any(map(UNUSABLE.search, columns)):
        raise fault(name, line, Problem((), "the header is no text; is this a CSV file?"))
    for place, column in enumerate(columns):
        if column and column in columns[:place]:
            values = {"name": column, "first": columns.index(column) + 1, "second": place + 1}
            raise fault(
                name, line, Problem((), "columns %(first)d and %(second)d are both called %(name)s", values=values)
            )
    if len(columns) == 1 and max(columns[0].count(one) for one in DELIMITERS) > 1:
        raise fault(name, line, Problem((), "the whole header is wrapped in one pair of quotes"))
    if not any(columns):
        raise fault(name, line, Problem((), "the header names no column"))


class CsvRows:
    """Reads rows behind the header. A row that no record can be made of is rejected with its lines as they stand."""

    def __init__(self, name: str, lines: Lines, header: Header, shape: Shape) -> None:
        self.lines = lines
        self._name = name
        self._header = header
        self._shape = shape
        self._line = lines.line
        self._restart(lines.line)

    def _restart(self, line: int) -> None:
        self._line = self._base = line
        self._reader = csv.reader(self.lines.after(line), delimiter=self._header.delimiter, strict=True)

    def batch(self, limit: int) -> Batch | None:
        """The next rows, None at the end of the file."""
        if not self.lines.more(self._line):
            return None
        batch = Batch(self._line, self._line + 1)
        while (room := limit - batch.rows) > 0 and self.lines.more(self._line):
            try:
                self._read(batch, room)
            except csv.Error as error:
                self._reject_line(batch, str(error))
        batch.line = self._line
        return batch

    def _read(self, batch: Batch, room: int) -> None:
        """Read up to `room` rows. This is the hot path."""
        header, shape, reader, base, prefix = self._header, self._shape, self._reader, self._base, f"{self._name}:"
        columns, width = header.columns, len(header.columns)
        id_at = columns.index(shape.id[0]) if len(shape.id) == 1 and columns else -1
        plain = id_at >= 0 and "" not in columns and not (shape.suspicious or shape.time)
        records, end, start = batch.records, self._line, batch.last
        try:
            for row in islice(reader, room):
                start, end = end + 1, base + reader.line_num
                if plain and len(row) == width:
                    id = row[id_at].strip()
                    if id or any(row):
                        # Both are of one length: asking zip to prove it costs a tenth of the row.
                        records.append(Record(id, dict(zip(columns, row)), f"{prefix}{start}"))  # noqa: B905
                elif row:
                    self._take(batch, row, start, end)
        finally:
            self._line, batch.last = end, start

    def _take(self, batch: Batch, row: list[str], start: int, end: int) -> None:
        """A row that needs a second look."""
        where = f"{self._name}:{start}"
        reason = self._misshapen(row)
        if not reason and self._shape.suspicious:
            reason = unusable(self._header.delimiter.join(row))
        if not any(row):
            return
        if reason:
            batch.rejected.append(Rejected(where, reason, printable(self.lines.text(start, end))))
            return
        values = dict(zip(self._header.columns, row, strict=True))
        values.pop("", None)
        take(batch, Record(self._shape.id_of(values), values, where), self._shape, lambda: self.lines.text(start, end))

    def _misshapen(self, row: list[str]) -> str:
        width = len(self._header.columns)
        if len(row) == width:
            return ""
        if len(row) == 1 and self._header.delimiter in row[0]:
            inner = next(csv.reader([row[0]], delimiter=self._header.delimiter), [])
            if len(inner) == width:
                return sentences.ROW_IN_QUOTES
        template = sentences.TOO_FEW_COLUMNS if len(row) < width else sentences.TOO_MANY_COLUMNS
        return template % {"found": len(row), "wanted": width}

    def _reject_line(self, batch: Batch, error: str) -> None:
        """A quote that is not closed, or not doubled, may have swallowed good rows: read on behind its first line."""
        start = self._line + 1
        if "field larger" in error:
            reason = sentences.FIELD_TOO_LONG % {"most": LONGEST_FIELD}
        elif "unexpected end" in error:
            reason = sentences.OPEN_QUOTE
        elif "new-line" in error:
            reason = sentences.FALSE_LINE_BREAK
        else:
            reason = sentences.LONE_QUOTE
        batch.last = start
        raw = printable(self.lines.text(start, start))
        batch.rejected.append(Rejected(f"{self._name}:{start}", reason, raw))
        self._restart(start)
