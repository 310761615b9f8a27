"""Words as people write them: alike whatever their case and width, and what a rep's first word tells of."""

from __future__ import annotations

import unicodedata

WORDS = {
    "call": ("call", "called", "phone", "phoned", "電話", "架電", "tel", "anruf", "angerufen", "telefonat"),
    "email": ("mail", "mailed", "email", "emailed", "e-mail", "メール", "e-mailed", "gemailt"),
    "meeting": ("meeting", "met", "demo", "visit", "面談", "打ち合わせ", "打合せ", "商談", "訪問", "termin", "treffen"),
}


def kind_of(text: str, otherwise: str) -> str:
    """What a comment or a note tells of: by its first word, else `otherwise`."""
    said = fold(text)
    for kind, words in WORDS.items():
        if any(said == word or (said.startswith(word) and _ends(said[len(word)], word)) for word in words):
            return kind
    return otherwise


def _ends(following: str, word: str) -> bool:
    """Whether a word is over at this letter; Japanese has no blanks between words."""
    return not following.isalnum() or not word.isascii()


def fold(text: str) -> str:
    """The form in which two spellings of a name or status are compared: NFKC, no case, single blanks."""
    for _ in range(2):
        text = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", text).split())
