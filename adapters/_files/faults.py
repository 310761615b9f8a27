"""What an admin must mend in a file: one problem, with the file and the line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from connector.model.errors import Problem, Problems


class FileFaultError(Exception):
    """One file cannot be read; the others go on."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def fault(file: str, line: int, problem: Problem) -> FileFaultError:
    """The fault of `file` at `line` (0: the file as a whole)."""
    return FileFaultError(replace(problem, file=file, line=line))


def no_column(file: str, line: int, name: str, columns: Iterable[str]) -> FileFaultError:
    """A column named in the settings is not in the header."""
    problems = Problems()
    problems.unknown((), name, [column for column in columns if column], "column")
    return fault(file, line, problems.found[0])
