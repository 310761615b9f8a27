"""Texts, patterns and times as conditions compare them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from fnmatch import translate
from typing import Any

Predicate = Callable[[Any], bool]


def fold(value: Any) -> str:
    """A value as text, without regard to case."""
    return value.casefold() if type(value) is str else str(value).casefold()


def checked_patterns(wanted: Any) -> list[str] | None:
    """A pattern or a list of them as a list; None where it is neither."""
    patterns = [wanted] if isinstance(wanted, str) else wanted
    if not isinstance(patterns, list) or not patterns or not all(one and isinstance(one, str) for one in patterns):
        return None
    return patterns


def is_pattern(text: str) -> bool:
    """Whether a text has marks that stand for other text."""
    return any(mark in text for mark in "*?[")


def pattern_test(patterns: list[str]) -> Predicate:
    """A test for shell-style patterns (`*`, `?`, `[...]`), any of which may match, whatever the case."""
    folded = [one.casefold() for one in patterns]
    if not any(is_pattern(one) for one in folded):
        words = frozenset(folded)
        return lambda value: fold(value) in words
    match = re.compile("|".join(translate(one) for one in folded)).match
    return lambda value: match(fold(value)) is not None


def utc_text(wanted: Any) -> str | None:
    """A day as `YYYY-MM-DD`, a time with zone as ISO text in UTC to the second; None for anything else."""
    if isinstance(wanted, str):
        try:
            wanted = date.fromisoformat(wanted) if len(wanted) == 10 else datetime.fromisoformat(wanted)
        except ValueError:
            return None
    if isinstance(wanted, datetime):
        return wanted.astimezone(UTC).isoformat()[:19] if wanted.tzinfo else None
    return wanted.isoformat() if isinstance(wanted, date) else None
