"""Where each key of a TOML text stands, so that an error can name its line.

`tomllib` gives values without positions. This scanner gives positions without values: it reads
a text that `tomllib` has accepted, and so only has to tell where things begin.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from tomllib import loads

from connector.model.errors import Path, Step

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*("(?:\\.|[^"\\\n])*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*""")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}' + "|'''.*?'{3,5}" + r"""|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]*")


def line_map(text: str) -> dict[Path, int]:
    """The line (from 1) of every key and array element of a valid TOML `text`, by its path.

    An index in an array, of tables or of values, is a step of its own, counted from 0. A table
    that is named only as part of a longer key has the line where it is first named.
    """
    return _Scanner(text).document()


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """The line of `path`, or of the nearest thing around it that stands in the text; 0 if none."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 0


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.last_index: dict[Path, int] = {}
        self.starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def document(self) -> dict[Path, int]:
        table: Path = ()
        while self._more():
            if self.text.startswith("[[", self.at):
                table = self._header("[[")
            elif self.text[self.at] == "[":
                table = self._header("[")
            else:
                self._pair(table)
        return self.lines

    def _more(self) -> bool:
        self._skip(_BLANK)
        return self.at < len(self.text)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError("not a text that tomllib accepts")
        self.at = match.end()
        return match[0]

    def _line(self) -> int:
        return bisect_right(self.starts, self.at)

    def _keys(self) -> list[str]:
        keys = [_plain(self._skip(_KEY).strip(" \t"))]
        while self.text[self.at] == ".":
            self.at += 1
            keys.append(_plain(self._skip(_KEY).strip(" \t")))
        return keys

    def _header(self, bracket: str) -> Path:
        """Read `[a.b]` or `[[a.b]]`; returns where the keys below it belong."""
        line = self._line()
        self.at += len(bracket)
        *outer, last = self._keys()
        self.at += len(bracket)
        path: Path = ()
        for key in outer:
            path = (*path, key)
            self.lines.setdefault(path, line)
            if path in self.last_index:
                path = (*path, self.last_index[path])
        path = (*path, last)
        if bracket == "[":
            self.lines[path] = line
            return path
        self.lines.setdefault(path, line)
        self.last_index[path] = self.last_index.get(path, -1) + 1
        return self._note((*path, self.last_index[path]), line)

    def _pair(self, table: Path) -> None:
        line = self._line()
        path = table
        for key in self._keys():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self.at += 1
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip(_BLANK)
        opening = self.text[self.at]
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline(path)
        else:
            self._skip(_STRING if opening in "\"'" else _SCALAR)

    def _array(self, path: Path) -> None:
        self.at += 1
        index: Step = 0
        while self._more() and self.text[self.at] != "]":
            element = self._note((*path, index), self._line())
            self._value(element)
            self._comma()
            index = int(index) + 1
        self.at += 1

    def _inline(self, path: Path) -> None:
        self.at += 1
        while self._more() and self.text[self.at] != "}":
            self._pair(path)
            self._comma()
        self.at += 1

    def _comma(self) -> None:
        if self._more() and self.text[self.at] == ",":
            self.at += 1

    def _note(self, path: Path, line: int) -> Path:
        self.lines[path] = line
        return path


def _plain(key: str) -> str:
    """A key without its quotes and escapes."""
    if key[0] == "'":
        return key[1:-1]
    if key[0] == '"' and "\\" in key:
        return str(loads(f"key = {key}")["key"])
    return key.strip('"')
