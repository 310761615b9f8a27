"""Readings of Japanese names: their normal form in katakana, and in Latin letters for comparison.

The Latin form is Hepburn's with long vowels folded, and takes what was written in Latin letters
as well: とうきょう, トーキョー, Tōkyō and Toukyou are all `tokyo`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from connector.steps.normalise.text import clean, single_line

_VOWELS = "aiueo"
#: The syllables of each row in the order a i u e o; a hyphen where there is none.
_ROWS = """
アイウエオ a i u e o
カキクケコ ka ki ku ke ko
ガギグゲゴ ga gi gu ge go
サシスセソ sa shi su se so
ザジズゼゾ za ji zu ze zo
タチツテト ta chi tsu te to
ダヂヅデド da ji zu de do
ナニヌネノ na ni nu ne no
ハヒフヘホ ha hi fu he ho
バビブベボ ba bi bu be bo
パピプペポ pa pi pu pe po
マミムメモ ma mi mu me mo
ヤユヨ ya yu yo
ラリルレロ ra ri ru re ro
ワヰヱヲ wa i e o
ヴン vu n
"""
#: Before a small vowel or a small ya, yu, yo: (syllable, what it begins with, whether a y comes in).
_BEFORE_SMALL = {
    "キ": "ky", "ギ": "gy", "シ": "sh", "ジ": "j", "チ": "ch", "ヂ": "j", "ニ": "ny", "ヒ": "hy", "ビ": "by",
    "ピ": "py", "ミ": "my", "リ": "ry", "フ": "f", "ヴ": "v", "テ": "t", "デ": "d", "ト": "t", "ド": "d",
    "ツ": "ts", "ウ": "w", "ク": "kw", "グ": "gw", "イ": "y",
}  # fmt: skip
_SMALL = {"ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o", "ャ": "ya", "ュ": "yu", "ョ": "yo", "ヮ": "wa"}
_HEPBURN = frozenset(("sh", "j", "ch"))

_TO_KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
_KANA = re.compile("[\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff]")
_READING = re.compile("[\u30a1-\u30ff\\s]+")
_MARKS = re.compile("[\u0300-\u036f]+")
_DROPPED = str.maketrans("", "", "'’‘ʼ`´＇-‐‑")

#: A word in any of the ways in which Japanese is written in Latin letters.
_LATIN = re.compile(
    r"(?:(?:([kgsztdhbpmr])(?=\1)|t(?=ch)|c(?=ch))?"
    r"(?:ch|sh|ts|dz|[kgszjtdnhfbpmrwv]|[kgsztdnhbpmrj]y|y)?[aiueo]h?|n|m(?=[bpm]))+"
)
#: From the other ways of writing to Hepburn's.
_OTHER_WAYS = (
    (re.compile(r"(?<!s)s(?=y)|(?<![s])s(?=i)"), "sh"), (re.compile(r"(?<![t])t(?=y)|t(?=i)"), "ch"),
    (re.compile(r"[zd](?=y)|[zd](?=i)"), "j"), (re.compile(r"(?<=ch|sh)y|(?<=j)y"), ""), (re.compile(r"tu"), "tsu"),
    (re.compile(r"d[zu]+(?=u)|dzu|du"), "zu"), (re.compile(r"h(?=u)(?<![cs]h)"), "f"), (re.compile(r"tch"), "cch"),
    (re.compile(r"m(?=[bpm])"), "n"),
)  # fmt: skip
_LONG = ((re.compile(r"o[ou]+"), "o"), (re.compile(r"u{2,}"), "u"), (re.compile(r"oh+(?![aiueoy])"), "o"))


@cache
def _syllables() -> dict[str, str]:
    table: dict[str, str] = {}
    for line in _ROWS.split("\n"):
        kana, _, sounds = line.partition(" ")
        table.update(zip(kana, sounds.split(), strict=True))
    for kana, begins in _BEFORE_SMALL.items():
        for small, sound in _SMALL.items():
            glide = sound[1:] if sound[0] in "yw" and (begins in _HEPBURN or begins[-1] in "yw") else sound
            table[kana + small] = begins + glide
    return table | _SMALL | {"ヵ": "ka", "ヶ": "ke"}


def katakana(text: str) -> str:
    """`text` with hiragana as katakana; the rest stays."""
    return text.translate(_TO_KATAKANA)


def reading(text: str) -> str:
    """Furigana in one form: katakana of full width, single blanks; what is not all kana stays as it is."""
    text = single_line(text)
    if text.isascii():
        return text
    found = single_line(katakana(text).replace("・", " "))
    return found if _READING.fullmatch(found) else text


def _spelled(text: str) -> str:
    """Katakana as Latin letters, letter by letter; a small tsu doubles the consonant after it."""
    table, found, double, at = _syllables(), "", False, 0
    while at < len(text):
        pair = text[at : at + 2]
        letters = table.get(pair) if len(pair) == 2 else None
        taken = 2 if letters else 1
        letters = letters or table.get(text[at])
        if text[at] == "ッ":
            double = True
        elif letters is not None:
            found += (letters[0] if double and letters[0] not in _VOWELS else "") + letters
            double = False
        elif text[at] != "ー":
            found, double = found + text[at], False
        at += taken
    return found


def _one(word: str) -> str:
    if not _LATIN.fullmatch(word):
        return word
    before = ""
    while word != before:
        before = word
        for pattern, letters in (*_OTHER_WAYS, *_LONG):
            word = pattern.sub(letters, word)
    return word


@lru_cache(maxsize=4096)
def romanised(text: str) -> str:
    """A reading in Latin letters, for comparing with others that went through here too.

    Kana by Hepburn, long vowels short. What is in Latin letters already is folded, and brought to
    the same spelling where it could be Japanese (`Sinitirou`, `Shin'ichirō` -> `shinichiro`).
    Other scripts stay as they are. Blanks between the words stay.
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", clean(text)).casefold()).translate(_DROPPED)
    if not plain.isascii():
        if _KANA.search(plain):
            plain = _spelled(katakana(plain).replace("・", " "))
        plain = unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", plain)))
    return " ".join(map(_one, plain.split()))
