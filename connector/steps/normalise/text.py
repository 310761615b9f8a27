"""Text as people and exports write it, made comparable without changing what it says."""

from __future__ import annotations

import re
import unicodedata

#: Half and full width forms: the one block of NFKC that changes how text is typed, not what it
#: says. All of NFKC would turn `m²` into `m2` and `①` into `1`.
_WIDTHS = re.compile("[\uff00-\uffef]+")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
#: Control characters (PostgreSQL refuses NUL), lone surrogates (no UTF-8), and invisible marks.
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff\ud800-\udfff]")
_BLANKS = re.compile(r"\s+")
_SEPARATORS = re.compile(r"[\s_\-]+")


def clean(text: str) -> str:
    """`text` trimmed, in NFC, with half and full width forms folded and invisible marks removed."""
    if text.isascii() and text.isprintable():
        return text.strip()
    text = _INVISIBLE.sub("", text)
    if not text.isascii():
        text = _SPACES.sub(" ", text)
        text = _WIDTHS.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text)
        text = unicodedata.normalize("NFC", text)
    return text.strip()


def single_line(text: str) -> str:
    """`text` cleaned, with each run of blanks and line ends as one blank: names, titles."""
    text = clean(text)
    if "  " in text or not text.isprintable():
        text = _BLANKS.sub(" ", text)
    return text


def fold(text: str) -> str:
    """The form in which two spellings of a word are compared: NFKC, no case, single blanks."""
    if not text.isascii():
        # Folding can break up what was composed, and composing can bring a capital's trace back.
        for _ in range(2):
            text = unicodedata.normalize("NFKC", text).casefold()
        return _BLANKS.sub(" ", unicodedata.normalize("NFKC", text)).strip()
    if "  " in text or not text.isprintable():
        text = _BLANKS.sub(" ", text)
    return text.strip().lower()


def fold_name(text: str) -> str:
    """A column's name for comparison: `First Name`, `first_name` and `first-name` are the same."""
    return _SEPARATORS.sub(" ", fold(text)).strip()


def words(text: str) -> frozenset[str]:
    """The words of a block of text."""
    return frozenset(text.split())


def as_text(raw: object) -> str | None:
    """A platform's single value as text, None for what is no single value (a table)."""
    if isinstance(raw, str):
        return raw
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, list | tuple | set | frozenset):
        parts = [as_text(part) for part in raw]
        return None if None in parts else "; ".join(part for part in parts if part)
    if isinstance(raw, int | float):
        return _number(raw)
    return None if isinstance(raw, dict) else str(raw)


def _number(raw: int | float) -> str:
    if isinstance(raw, float):
        return "" if raw != raw else str(int(raw)) if raw.is_integer() and abs(raw) < 1e15 else repr(raw)
    return str(raw) if abs(raw) < 10**300 else ""


def identifier(raw: object) -> str:
    """An id as text; one that is an email address in its comparison form, "" where there is none."""
    text = clean(raw if isinstance(raw, str) else as_text(raw) or "")
    return fold(text) if "@" in text else text


def shorten(text: str, longest: int) -> str:
    """`text` in at most `longest` characters, cut at a word's end where one is near, with an ellipsis."""
    if len(text) <= longest:
        return text
    if longest < 2:
        return text[:longest]
    head = text[: longest - 1]
    at = head.rfind(" ")
    return (head[:at] if at >= longest * 0.7 else head).rstrip() + "…"


_PLACEHOLDERS = """
- -- --- – — ? ?? . n/a #n/a n.a. <null> [null] (null) #ref! #value! (blank) (empty) (none) not_set
select|select one|select...|please select|- select -|-- select --|--select--|choose|choose one|please choose
|-none-|--none--|unknown|(unknown)|[unknown]|not specified|not provided|not available|not given|not set|(not set)
|不明|未選択|選択してください|選択して下さい|ご選択ください|未入力|未設定|未回答|未定義|該当なし|記入なし|無回答
|bitte wählen|bitte auswählen|unbekannt|keine angabe|k.a.|k. a.|inconnu|desconocido
"""


def _split(words: str) -> frozenset[str]:
    first, _, rest = words.strip().partition("\n")
    return frozenset([*first.split(), *(fold(word) for word in rest.replace("\n", "").split("|") if word.strip())])


#: Words that say "nothing is known", read as blank in every field.
UNKNOWN_WORDS = _split(_PLACEHOLDERS)
#: Left behind by software. Not in names: Null, Nan and Na are people's names, NA is Namibia.
SOFTWARE_WORDS = frozenset({"null", "nan", "none", "undefined", "nil", "na"})

_WITH_REAL_WORDS = frozenset({"name.given", "name.family", "name.full", "name.reading", "company.name", "city"})


def unknown_words(field: str, kind: str) -> frozenset[str]:
    """The shipped words that mean "blank" in `field`, in their folded form."""
    if field in _WITH_REAL_WORDS or kind == "country":
        return UNKNOWN_WORDS
    return UNKNOWN_WORDS | SOFTWARE_WORDS
