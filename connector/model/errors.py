"""What can go wrong, grouped by what to do next.

    BatonError
    |-- ConfigError      the admin mends a file; every problem at once      exit 2
    |-- AuthError        that connection parks, the others go on            exit 3
    |-- RetryableError   a later try may succeed                            exit 4 when used up
    |   `-- StreamError  one stream cannot be read on just now, the others go on
    |-- RecordError      one record is set aside, the rest goes on          exit 0 with a count, 5 under --strict
    |-- StateError       the store is not ours, too new, or damaged         exit 6
    `-- PlanRefusedError      some rows of a plan no longer apply                exit 7

Anything else that escapes is a bug of ours (exit 70). A message never holds a token, a
request body or a person's address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connector.model import sentences

EXIT_STRICT = 5
EXIT_BUG = 70
#: So many of the words that are allowed are named; the keys of any one connection are fewer.
MOST_SHOWN = 24


class BatonError(Exception):
    """Base of every error that is meant for a reader; shown without a traceback."""

    exit_code = EXIT_BUG


#: One step into a TOML document: a table's key, or an index in an array.
Step = str | int
Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file an admin wrote.

    `path` leads from the top of the document to the key at fault. `what` is an English
    sentence with `%(name)s` places that `values` fill, so that it can be shown in another
    language. `file` and `line` are filled in by whoever read the file; a pure step knows
    only the path.
    """

    path: Path
    what: str
    allowed: str = ""
    nearest: str = ""
    file: str = ""
    line: int = 0
    values: Mapping[str, object] = field(default_factory=dict)

    def render(self, translate: Callable[[str], str] = str) -> str:
        """`file:line: key: what is wrong; allowed: ...; did you mean ...?`"""
        place = ":".join(part for part in (self.file, str(self.line) if self.line else "") if part)
        key = ".".join(str(step + 1) if isinstance(step, int) else step for step in self.path)
        what = translate(self.what) % self.values if self.values else translate(self.what)
        text = ": ".join(part for part in (place, key, what) if part)
        if self.allowed:
            text += "; " + translate("allowed: %(words)s") % {"words": self.allowed}
        if self.nearest:
            text += "; " + translate("did you mean %(word)s?") % {"word": self.nearest}
        return text

    def __str__(self) -> str:
        return self.render()


class ConfigError(BatonError):
    """Files an admin wrote do not hold together. Carries all problems found, in file order."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        found = [Problem((), problems)] if isinstance(problems, str) else list(problems)
        self.problems = sorted(found, key=lambda problem: (problem.file, problem.line))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class AuthError(BatonError):
    """A connection was refused. `mend` is the command that puts it right."""

    exit_code = 3

    def __init__(self, connection: str, what: str, mend: str = "") -> None:
        self.connection = connection
        self.mend = mend
        told = sentences.MEND % {"what": what, "command": mend} if mend else what
        super().__init__(f"{connection}: {told}")


class RetryableError(BatonError):
    """A later try may succeed; `retry_after` in seconds where the platform said so."""

    exit_code = 4

    def __init__(self, what: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(what)


class StreamError(RetryableError):
    """One stream cannot be read on: what the platform answers leads no further. Its other streams can be read."""


class RecordError(BatonError):
    """One record cannot be used. `where` is `file:line` or the platform's id, `field` ours or theirs."""

    exit_code = 0

    def __init__(self, what: str, *, where: str = "", field: str = "") -> None:
        self.what = what
        self.where = where
        self.field = field
        super().__init__(": ".join(part for part in (where, field, what) if part))


class StateError(BatonError):
    """The store cannot be used: not ours, newer than this program, locked for long, or damaged."""

    exit_code = 6


class PlanRefusedError(BatonError):
    """Rows of a plan whose basis changed were left alone."""

    exit_code = 7


@dataclass(slots=True)
class Problems:
    """Collects problems while a document is read, so that all are reported at once."""

    found: list[Problem] = field(default_factory=list)

    def add(self, path: Path, what: str, allowed: str = "", nearest: str = "", **values: object) -> None:
        """Add one problem; `values` fill the `%(name)s` places of `what`."""
        self.found.append(Problem(path, what, allowed, nearest, values=values))

    def unknown(self, path: Path, name: str, known: Iterable[str], noun: str = "key") -> None:
        """Report `name` as unknown, with the nearest of the `known` names."""
        from difflib import get_close_matches

        names = sorted(known)
        near = get_close_matches(name, names, n=1, cutoff=0.6)
        allowed = "" if near else ", ".join(names[:MOST_SHOWN]) + (", …" if len(names) > MOST_SHOWN else "")
        self.add(path, f"unknown {noun} %(name)s", allowed, near[0] if near else "", name=name)
