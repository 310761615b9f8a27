"""How a word sounds, roughly: a letter and up to three classes of consonants, as in Soundex."""

from __future__ import annotations

import re
from functools import lru_cache

_CLASSES = str.maketrans("bfpvcgjkqsxzdtlmnr", "111122222222334556", "")
_TWICE = re.compile(r"(\d)[hw]?(?=\1)")
_SILENT = re.compile(r"[^\d]")


@lru_cache(maxsize=4096)
def sound(word: str) -> str:
    """`smith` and `smyth` sound alike; a word that is not in Latin letters sounds like itself."""
    if not word.isascii() or not word:
        return word
    digits = _SILENT.sub("", _TWICE.sub("", word.translate(_CLASSES)))
    first = word[0].translate(_CLASSES)
    return word[0] + (digits[1:] if digits[:1] == first else digits)[:3]
