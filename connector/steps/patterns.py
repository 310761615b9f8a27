"""Shell-style patterns against what platforms call things; capitals do not count.

No regular expressions of an admin's own: a pattern runs on text that strangers wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fnmatch import translate
from functools import lru_cache
from urllib.parse import unquote

from connector.steps.normalise.text import fold

Matcher = Callable[[str], bool]


def matcher(patterns: Sequence[str]) -> Matcher:
    """Whether a text is one of `patterns` or fits one (`*`, `?`, `[abc]`).

    A pattern also means itself: `[JP] Demo` is a form's name before it is a set of letters.
    """
    exact = frozenset(fold(pattern) for pattern in patterns)
    wild = [translate(fold(pattern)) for pattern in patterns if any(mark in pattern for mark in "*?[")]
    fits = re.compile("|".join(wild)).match if wild else None

    @lru_cache(maxsize=4096)
    def matches(text: str) -> bool:
        folded = fold(text)
        return folded in exact or (fits is not None and fits(folded) is not None)

    return matches


def url_matcher(patterns: Sequence[str]) -> Matcher:
    """A matcher of web addresses: as they stand, without query and fragment, and with %-signs decoded."""
    matches = matcher(patterns)

    def matches_url(url: str) -> bool:
        bare = url.partition("?")[0].partition("#")[0].rstrip("/")
        if matches(url) or matches(bare):
            return True
        return "%" in url and (matches(unquote(url)) or matches(unquote(bare)))

    return matches_url
