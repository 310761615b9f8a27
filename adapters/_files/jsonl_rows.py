"""Rows of a JSONL file: one object per line, nested ones flattened with dots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from adapters._files.lines import Lines
from adapters._files.rows import Batch, Shape, printable, take, unusable
from connector.model import sentences
from connector.model.records import Record, Rejected


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """`{"a": {"b": 1}}` as `a.b`; lists of plain values stay, lists of objects become JSON text."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
            yield prefix + name, orjson.dumps(value).decode()
        else:
            yield prefix + name, value


class JsonlRows:
    """Reads lines behind those read before."""

    def __init__(self, name: str, lines: Lines, shape: Shape) -> None:
        self.lines = lines
        self._name = name
        self._shape = shape
        self._line = lines.line
        self._iterator = lines.after(lines.line)

    def batch(self, limit: int) -> Batch | None:
        """The next rows, None at the end of the file."""
        if not self.lines.more(self._line):
            return None
        batch = Batch(self._line, self._line + 1)
        for line in self._iterator:
            self._line += 1
            if line.strip():
                self._take(batch, line)
            if batch.rows >= limit:
                break
        batch.line = batch.last = self._line
        return batch

    def _take(self, batch: Batch, line: str) -> None:
        where = f"{self._name}:{self._line}"
        reason = unusable(line) if self._shape.suspicious else ""
        values: Any = None
        if not reason:
            try:
                values = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                reason = sentences.NOT_JSON % {"fault": error.msg, "column": error.colno}
            else:
                reason = "" if isinstance(values, dict) else sentences.NOT_AN_OBJECT
        if reason:
            batch.rejected.append(Rejected(where, reason, printable(line)))
            return
        if any(isinstance(value, dict | list) for value in values.values()):
            values = dict(flat(values))
        record = Record(self._shape.id_of(values), values, where)
        if self._shape.time:
            take(batch, record, self._shape, lambda: line)
        else:
            batch.records.append(record)
