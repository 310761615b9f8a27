"""How far each file of a stream has been read, as a short text.

`{"leads.csv": [size, mtime_ns, offset, line, rows, hash, done]}`: `hash` is over the bytes up
to `offset`, so that a file that grew is read on from there only if nothing before it changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass, field


@dataclass(frozen=True, slots=True)
class Mark:
    """Where reading of a file stands: behind `offset` bytes, which are `line` lines.

    `size` and `mtime` are the file's when it was opened. `rows` of data were seen so far; a last
    one without its end stays behind `offset`, to be read again when the file has grown. `done`:
    it was read to its end.
    """

    size: int
    mtime: int
    offset: int
    line: int
    rows: int
    hash: str
    done: bool


@dataclass(slots=True)
class Cursor:
    """The marks of all files of a stream."""

    marks: dict[str, Mark] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """The cursor that `text` says; one we cannot read means the beginning."""
        try:
            return cls({name: Mark(*mark) for name, mark in json.loads(text or "{}").items()})
        except (ValueError, TypeError, AttributeError, IndexError):
            return cls()

    def text(self) -> str:
        """The cursor as it is stored."""
        marks = {name: astuple(mark) for name, mark in self.marks.items()}
        return json.dumps(marks, ensure_ascii=False, separators=(",", ":"))

    def keep(self, names: Iterable[str]) -> None:
        """Forget files that are not there any more."""
        self.marks = {name: self.marks[name] for name in names if name in self.marks}

    def had_rows(self) -> bool:
        """Whether any of the files had rows."""
        return any(mark.rows for mark in self.marks.values())
