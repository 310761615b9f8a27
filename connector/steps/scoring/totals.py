"""The `total` table: what each group is capped at, and how points become a grade."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from connector.model.errors import Path, Problems
from connector.model.score import GROUPS

KEYS = ("at_most", "letter", "number")


@dataclass(frozen=True, slots=True)
class Scale:
    """Thresholds, highest first, and the mark for what is below them all ("" where there is no scale)."""

    steps: tuple[tuple[int, str], ...] = ()
    below: str = ""

    def mark(self, points: int) -> str:
        """The mark that `points` reach."""
        for threshold, mark in self.steps:
            if points >= threshold:
                return mark
        return self.below

    @property
    def marks(self) -> tuple[str, ...]:
        """Every mark, best first."""
        return (*(mark for _, mark in self.steps), self.below)


@dataclass(frozen=True, slots=True)
class Totals:
    """Caps by group, the letter from fit, the number from engagement and intent."""

    caps: Mapping[str, int]
    letters: Scale
    numbers: Scale

    def grade(self, fit: int, rest: int) -> str:
        """The grade, such as `A1`, or "" where no scale is set."""
        return self.letters.mark(fit) + self.numbers.mark(rest)

    @property
    def grades(self) -> tuple[str, ...]:
        """Every grade there is, best first."""
        both = (letter + number for letter in self.letters.marks for number in self.numbers.marks)
        return tuple(grade for grade in both if grade)


def compile_totals(given: object, path: Path, problems: Problems) -> Totals:
    """Compile the `total` table; problems are reported, and what is sound is kept."""
    if not isinstance(given, Mapping):
        problems.add(path, "`total` is a table", ", ".join(KEYS))
        given = {}
    for key in given:
        if key not in KEYS:
            problems.unknown((*path, key), key, KEYS)
    caps = _caps(_table(given, "at_most", path, problems), (*path, "at_most"), problems)
    letters = _scale(_table(given, "letter", path, problems), "ABCDEFGH", (*path, "letter"), problems)
    numbers = _scale(_table(given, "number", path, problems), "12345678", (*path, "number"), problems)
    return Totals(caps, letters, numbers)


def _table(given: Mapping[str, Any], key: str, path: Path, problems: Problems) -> Mapping[str, Any]:
    table = given.get(key, {})
    if isinstance(table, Mapping):
        return table
    problems.add((*path, key), "a table of whole numbers is needed here")
    return {}


def _caps(table: Mapping[str, Any], path: Path, problems: Problems) -> dict[str, int]:
    caps: dict[str, int] = {}
    for group, most in table.items():
        if group not in GROUPS:
            problems.unknown((*path, group), group, GROUPS, "group")
        elif type(most) is not int or most < 0:
            problems.add((*path, group), "a whole number of points, 0 or more, is needed here")
        else:
            caps[group] = most
    return caps


def _scale(table: Mapping[str, Any], marks: str, path: Path, problems: Problems) -> Scale:
    """Marks stand in their order without a gap, and a better one needs more points."""
    if not table:
        return Scale()
    expected = marks[: len(table)]
    if len(table) >= len(marks) or set(table) != set(expected):
        problems.add(path, "the marks must be %(marks)s, without a gap", marks=", ".join(expected))
        return Scale()
    wrong = [mark for mark in expected if type(table[mark]) is not int]
    for mark in wrong:
        problems.add((*path, mark), "a whole number of points is needed here")
    if wrong:
        return Scale()
    for better, worse in pairwise(expected):
        if table[better] <= table[worse]:
            problems.add((*path, better), "%(better)s must need more points than %(worse)s", better=better, worse=worse)
    return Scale(tuple((table[mark], mark) for mark in expected), marks[len(table)])


_WRITE = re.compile(r"(?:(new grade)(?:,? or |$))?(?:([0-9]+) points?)?")


@dataclass(frozen=True, slots=True)
class WriteScore:
    """When a changed score is worth writing to other systems: at a new grade, at so many points."""

    on_grade: bool
    points: int | None

    def worth(self, old_total: int, old_grade: str, total: int, grade: str) -> bool:
        """Whether the difference to what was written last is worth a write."""
        if self.on_grade and grade != old_grade:
            return True
        return self.points is not None and abs(total - old_total) >= self.points


#: Used where a flow does not say.
NEW_GRADE_OR_FIVE = WriteScore(on_grade=True, points=5)
WRITE_EXAMPLES = '"new grade, or 5 points", "new grade", "5 points", "always"'


def compile_write_score(given: object, path: Path, problems: Problems) -> WriteScore:
    """Read `write_score`."""
    if given == "always":
        return WriteScore(on_grade=True, points=1)
    match = _WRITE.fullmatch(given.strip().lower()) if isinstance(given, str) else None
    if match is None or not (match[1] or match[2]) or match[2] == "0":
        problems.add(path, "%(value)s does not say when a score is written", WRITE_EXAMPLES, value=repr(given))
        return NEW_GRADE_OR_FIVE
    return WriteScore(bool(match[1]), int(match[2]) if match[2] else None)
