"""Durations as an admin writes them, which say their clock: "30 min", "7 days", "4 working hours".

A plain duration runs always. A working one runs only in the team's hours; a working day is one
of its days, however many hours that has. A month is 30 days and a year 365.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from connector.model.errors import Path, Problems

_SECONDS = {
    "second": 1,
    "min": 60,
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "week": 7 * 86_400,
    "month": 30 * 86_400,
    "year": 365 * 86_400,
}
_WORKING = ("min", "minute", "hour", "day")
_SHAPE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(working\s+)?([a-z]+)")

#: What a reader is told is allowed.
EXAMPLES = '"30 min", "7 days", "3 months"'
WORKING_EXAMPLES = '"30 working min", "4 working hours", "1 working day"'


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time on one of two clocks.

    `seconds` are seconds of the clock that always runs, or of working time where `working`.
    Whole working days stand in `working_days`, with `seconds` 0: how long they are only the
    team's hours tell.
    """

    seconds: int = 0
    working: bool = False
    working_days: int = 0

    @property
    def delta(self) -> timedelta:
        """The same length on the clock that always runs; a working day counts as one day there."""
        return timedelta(days=self.working_days, seconds=self.seconds)

    def __str__(self) -> str:
        if self.working_days:
            return f"{self.working_days} working day{'s' if self.working_days > 1 else ''}"
        for name in ("day", "hour", "min"):
            if (self.working and name == "day") or self.seconds % _SECONDS[name]:
                continue
            return _words(self.seconds // _SECONDS[name], name, self.working)
        return _words(self.seconds, "second", self.working)


def parse(text: str) -> Duration:
    """Read a duration; raises ValueError, whose text says what a duration looks like."""
    match = _SHAPE.fullmatch(text.strip().lower())
    unit = _unit(match[3]) if match else ""
    if not match or not unit:
        raise ValueError(f"{text!r} is not a duration; allowed: {EXAMPLES}, {WORKING_EXAMPLES}")
    working = bool(match[2])
    if working and unit not in _WORKING:
        raise ValueError(f"{text!r}: working time is counted in min, hours or days; allowed: {WORKING_EXAMPLES}")
    if working and unit == "day":
        return _working_days(text, float(match[1]))
    seconds = float(match[1]) * _SECONDS[unit]
    if seconds < 1 or seconds != int(seconds) or seconds > 100 * _SECONDS["year"]:
        raise ValueError(f"{text!r} is no duration of whole seconds between 1 second and 100 years")
    return Duration(int(seconds), working)


def checked(value: object, path: Path, problems: Problems, *, working: bool = True) -> Duration | None:
    """The duration `value` stands for, or None with a problem added at `path`.

    With `working=False` only the clock that always runs is allowed.
    """
    allowed = f"{EXAMPLES}, {WORKING_EXAMPLES}" if working else EXAMPLES
    try:
        duration = parse(value) if isinstance(value, str) else None
    except ValueError:
        duration = None
    if duration is None:
        problems.add(path, "%(value)s is not a duration", allowed, value=repr(value))
    elif duration.working and not working:
        problems.add(path, "%(value)s runs in working hours, which cannot be used here", allowed, value=repr(value))
        return None
    return duration


def _unit(word: str) -> str:
    singular = word.removesuffix("s")
    return singular if singular in _SECONDS else ""


def _working_days(text: str, number: float) -> Duration:
    if number != int(number) or not 1 <= number <= 1000:
        raise ValueError(f"{text!r} is no whole number of working days between 1 and 1000")
    return Duration(working=True, working_days=int(number))


def _words(number: int, unit: str, working: bool) -> str:
    plural = "s" if number != 1 and unit != "min" else ""
    return f"{number} {'working ' if working else ''}{unit}{plural}"
