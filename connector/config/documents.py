"""Files an admin wrote, as they are read: remembered for reloading, with their problems and lines."""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from connector.config.lines import line_map, line_of
from connector.model.errors import Path as KeyPath
from connector.model.errors import Problem, Problems

#: Marks a text for the translators; it is translated where it is shown.
N_ = str

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
#: What text programs make of a straight quote, and what stands for one in Japanese.
_CURLY = "“”„‟‘’‚‛«»＂＇「」"
#: What the parser says -> what a reader is told.
_SYNTAX = {
    "Cannot overwrite a value": N_("this key is there already: a key can be given once"),
    "Cannot declare": N_("this table is there already: a heading can stand once"),
    "Cannot mutate immutable namespace": N_("this table was closed already: a { ... } cannot be added to later"),
    "Unclosed array": N_("a list is not closed: `]` is missing"),
    "Unclosed inline table": N_("a table is not closed on its line: `}` is missing"),
    "Invalid value": N_("no value of TOML: a text needs quotes"),
    "Expected '=' after a key": N_("`=` is missing after the key"),
    "Invalid initial character for a key part": N_("a key has letters, digits, - and _; others need quotes"),
    "Expected newline or end of document": N_("no value of TOML (a date that is none?), or more than one on a line"),
}

#: What tells one state of a file from another without reading it; None where it is missing.
Signature = tuple[int, int, int] | None


def signature(path: Path) -> Signature:
    """The state of a file or folder, without reading it."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


@dataclass(slots=True)
class Files:
    """Reads files, and remembers which, in what state, and with what content."""

    root: Path
    signatures: dict[Path, Signature] = field(default_factory=dict)
    _digests: dict[Path, bytes] = field(default_factory=dict)

    def read(self, path: Path) -> bytes:
        """The content of a file, with its state as it was before reading. Raises OSError."""
        self.signatures[path] = signature(path)
        content = path.read_bytes()
        self._digests[path] = hashlib.sha256(content).digest()
        return content

    def listing(self, folder: Path) -> list[Path]:
        """The TOML files in a folder, by name; none where it is missing."""
        self.signatures[folder] = signature(folder)
        return sorted(folder.glob("*.toml"))

    def shown(self, path: Path) -> str:
        """A path as the reader knows it: from where they are, if that is shorter."""
        relative = os.path.relpath(path)
        return str(path) if relative.startswith("..") else relative

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files that were read, in order of their names."""
        return tuple(sorted(self._digests))

    @property
    def digest(self) -> str:
        """A hash of the names and contents of everything that was read."""
        whole = hashlib.sha256()
        for path in self.paths:
            whole.update(os.path.relpath(path, self.root).encode() + b"\0" + self._digests[path])
        return whole.hexdigest()

    def changed(self) -> bool:
        """Whether anything that was looked at differs now."""
        return any(signature(path) != known for path, known in self.signatures.items())


@dataclass
class Document:
    """One TOML file: its text, its table, and what is wrong in it.

    `problems` hold paths from the top of this file; `located` gives them file and line.
    """

    path: Path
    shown: str
    text: str = ""
    table: dict[str, Any] = field(default_factory=dict)
    problems: Problems = field(default_factory=Problems)
    readable: bool = True

    @cached_property
    def lines(self) -> dict[KeyPath, int]:
        return line_map(self.text) if self.readable else {}

    def located(self) -> Iterator[Problem]:
        """The problems with file and line, in the order of lines."""
        placed = (self._placed(problem) for problem in self.problems.found)
        yield from sorted(placed, key=lambda problem: problem.line)

    def _placed(self, problem: Problem) -> Problem:
        line = problem.line or line_of(self.lines, problem.path)
        return replace(problem, file=problem.file or self.shown, line=line)


def open_document(path: Path, files: Files) -> Document:
    """Read a TOML file; what prevents that becomes its only problem. Raises FileNotFoundError."""
    document = Document(path, files.shown(path))
    try:
        document.text = files.read(path).decode("utf-8-sig").replace("\r\n", "\n")
        document.table = tomllib.loads(document.text)
    except FileNotFoundError:
        raise
    except OSError as error:
        document.problems.add((), "cannot be read: %(reason)s", reason=error.strerror or type(error).__name__)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        document.problems.found.append(Problem((), "not UTF-8; save the file in that encoding", line=line))
    except tomllib.TOMLDecodeError as error:
        document.problems.found.append(_syntax(str(error), document.text))
    except RecursionError:
        document.problems.add((), "too many tables within tables")
    document.readable = not document.problems.found
    return document


def _syntax(said: str, text: str) -> Problem:
    place = _PLACE.search(said)
    at_end = place is not None and place[1] is None
    line = int(place[1]) if place and place[1] else len(text.rstrip().split("\n"))
    if at_end and not said.startswith("Cannot"):
        return Problem((), "the file ends before all is closed: a bracket or a quote is missing", line=line)
    if place and _curly(text.split("\n")[line - 1], place[2]):
        return Problem((), "curly quotes: TOML wants straight ones, \" or '", line=line)
    reason = said[: place.start()] if place else said
    for start, told in _SYNTAX.items():
        if reason.startswith(start):
            return Problem((), told, line=line)
    return Problem((), "not valid TOML: %(reason)s", line=line, values={"reason": reason})


def _curly(line: str, column: str | None) -> bool:
    """Whether the parser stumbled over a curly quote, or over the end of a line with one that closes nothing."""
    place = int(column) - 1 if column else len(line)
    return line[place : place + 1] in tuple(_CURLY) or (place >= len(line) and line[-1:] in tuple(_CURLY))


def take_out(table: Any, path: KeyPath) -> KeyPath:
    """Take what is at `path` out of a table; returns what was taken: a list as a whole, so that no entry moves."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    try:
        for step in path[:-1]:
            table = table[step]
        table.pop(path[-1], None)
    except (KeyError, IndexError, TypeError, AttributeError):
        return path
    return path
