"""Record ids: a prefix for the object, a running number, and three letters that say which letters are capitals."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

#: The server's part of every id of this org.
POD = "5g00"


def suffix(short: str) -> str:
    """The three letters that make a case-sensitive id of 15 letters a case-insensitive one of 18."""
    chunks = (short[0:5], short[5:10], short[10:15])
    return "".join(
        _SUFFIX[sum(1 << place for place, letter in enumerate(chunk) if letter.isascii() and letter.isupper())]
        for chunk in chunks
    )


def long_id(prefix: str, number: int) -> str:
    """The id of 18 letters with this number."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _DIGITS[rest] + digits
    short = f"{prefix}{POD}{digits:0>8}"
    return short + suffix(short)


def numbers(prefix: str) -> Iterator[str]:
    """Ids of one object, in order."""
    return (long_id(prefix, number) for number in itertools.count(1))


def normal(text: str) -> str:
    """The 18-letter form of an id as somebody sent it; "" for what cannot be an id."""
    if len(text) not in (15, 18) or not text.isascii() or not text.isalnum():
        return ""
    return text[:15] + suffix(text[:15]) if len(text) == 15 else text
