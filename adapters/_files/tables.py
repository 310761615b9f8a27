"""One object's file of the CRM: read row by row, and replaced whole.

A new file is written beside the old one, brought to disk, and put in its place by one rename:
whoever reads, and whatever fails, sees the old file or the new one.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import orjson

from adapters._files import escaping
from connector.model.errors import ConfigError, Problem

KEY = "baton_id"
PARENT = "baton_parent"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """The file of one object. `mark`: it begins with a byte order mark."""

    path: Path
    jsonl: bool
    encoding: str
    mark: bool

    def columns(self) -> list[str]:
        """The columns it has, ours first. Raises ConfigError where it is no file of ours."""
        if not self.path.exists():
            return []
        if self.jsonl:
            return list(dict.fromkeys(name for row in self.rows() for name in row))
        with self._reading() as file:
            columns = [escaping.unescaped(name) for name in next(csv.reader(file), [])]
        if columns and KEY not in columns:
            raise ConfigError(
                [
                    Problem(
                        (),
                        "there is no column %(key)s: this file is not Baton's, and is left alone",
                        file=self.path.name,
                        line=1,
                        values={"key": KEY},
                    )
                ]
            )
        return columns

    def rows(self) -> Iterator[Row]:
        """Its rows, as text in CSV and as they were in JSONL. Raises ConfigError."""
        if not self.path.exists():
            return
        with self._reading() as file:
            if self.jsonl:
                yield from (orjson.loads(line) for line in file if line.strip())
                return
            columns = self.columns()
            reader = csv.reader(file)
            next(reader, None)
            for row in reader:
                yield dict(zip(columns, map(escaping.unescaped, row), strict=False))

    def find(self, keys: Iterable[str]) -> dict[str, Row]:
        """The rows with these keys."""
        wanted = set(keys)
        return {str(row[KEY]): row for row in self.rows() if row.get(KEY) in wanted}

    def unfit(self, values: Mapping[str, Any]) -> str:
        """The name of a value that the file's encoding cannot hold, "" where all fit."""
        for name, value in values.items():
            try:
                (escaping.cell(name) + escaping.cell(value)).encode(self.encoding)
            except UnicodeEncodeError:
                return name
        return ""

    def replace(self, changes: Mapping[str, Row]) -> None:
        """Write the file anew with `changes` by key laid over its rows; new ones come last.

        Raises ConfigError, OSError: then the old file is still there.
        """
        columns = list(dict.fromkeys([KEY, *self.columns(), *(name for row in changes.values() for name in row)]))
        new = self.path.with_name(f".{self.path.name}.new")
        with new.open("w", encoding=self._codec(), newline="") as file:
            self._write(file, columns, self._laid_over(changes))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)

    def _laid_over(self, changes: Mapping[str, Row]) -> Iterator[Row]:
        left = dict(changes)
        for row in self.rows():
            yield row | left.pop(str(row.get(KEY)), {})
        yield from left.values()

    def _write(self, file: TextIO, columns: list[str], rows: Iterable[Row]) -> None:
        if self.jsonl:
            for row in rows:
                file.write(orjson.dumps(row).decode() + "\n")
            return
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(map(escaping.cell, columns))
        writer.writerows([escaping.cell(row.get(name)) for name in columns] for row in rows)

    def _reading(self) -> io.TextIOWrapper:
        return self.path.open(encoding=self._codec(), newline="")

    def _codec(self) -> str:
        return "utf-8-sig" if self.mark and self.encoding == "utf-8" else self.encoding


def settle(folder: Path) -> None:
    """Bring the rename itself to disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
