"""Names of people, made comparable: the same words whatever the capitals, accents, titles and honorifics."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from connector.steps.normalise.kana import katakana, romanised
from connector.steps.normalise.short_names import same_short_name
from connector.steps.normalise.text import clean, fold, words

__all__ = ["HONORIFICS", "HONORIFICS_WITH_POINT", "SUFFIXES", "name_words", "romanised", "same_short_name"]

#: What stands before a name and is no part of it, folded, without points.
HONORIFICS = words("""
mr mrs ms miss mx dr prof professor sir dame rev reverend
herr hr frau fraulein dipl
mme mlle monsieur madame mademoiselle
sig sigra signor signora signorina dott dottssa profssa dottore dottoressa avv
sr sra srta senor senora senorita
dhr mevr mevrouw meneer mw drs
""")
#: The same, where a point says that they are short for something and no name.
HONORIFICS_WITH_POINT = words("fr ing ir mag arch hon lic capt cpt col gen lt sgt maj")
#: What a degree is in, after another honorific: Dr. med., Dipl.-Ing.
DEGREES_IN = words("""
med dent vet phil jur iur rer nat pol oec techn habil theol ing hc kfm kffr inf math phys chem biol psych betriebsw
volksw wirt
""")
#: What stands after a name.
SUFFIXES = words("jr jnr sr snr ii iii iv esq phd md mba cpa dds msc bsc")
#: Degrees of several letters, each with its point; `ph d` also without.
_DEGREES = (["m.", "d."], ["d.", "d.", "s."], ["m.", "b.", "a."], ["b.", "sc."], ["m.", "sc."], ["c.", "p.", "a."])

_LETTERS = str.maketrans({
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n",
})  # fmt: skip
#: Characters of family registers, and what the same name is written with elsewhere.
_KANJI = str.maketrans(
    "髙﨑嵜碕邊邉澤廣濱濵嶋嶌國眞惠龍櫻齋齊塚冨吉槇槙瀨瀧萬榮圓實壽德藏靜淺曾關學會與黑假條團圖傳",
    "高崎崎崎辺辺沢広浜浜島島国真恵竜桜斎斉塚富吉槙槙瀬滝万栄円実寿徳蔵静浅曽関学会与黒仮条団図伝",
)
_APOSTROPHES = str.maketrans("", "", "'’‘ʼ`´＇ʻ")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_ITALIAN = re.compile(r"\b(sig|dott|prof)\.(ra|ssa|na)\b")
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015_,;:/|()\[\]{}<>\"“”„«»・·=゠&+*#!?~、。「」『』]+|(?<=\.)")
_AFTER_NAME = re.compile(r"(?:様|殿|さま|さん|先生|女士|小姐|님)$")


def plain(text: str) -> str:
    """`text` folded, without accents, with the letters of one alphabet as those of another: Łódź -> lodz."""
    text = clean(text)
    if text.isascii():
        return fold(text.replace("'", "").replace("`", ""))
    text = fold(text.translate(_APOSTROPHES))
    text = unicodedata.normalize("NFD", text.translate(_LETTERS).translate(_KANJI))
    return fold(unicodedata.normalize("NFC", _ACCENTS.sub("", text)))


def _bare(found: list[str]) -> list[str]:
    """The words of a name without what only addresses a person."""
    before: list[str] = []
    while found != before:
        before = found
        if len(found) > 1 and (count := _addressing(found)):
            found = found[count:]
        if len(found) > 1 and (count := _suffix(found)):
            found = found[:-count]
        if found and not found[-1].isascii():
            last = _AFTER_NAME.sub("", found[-1])
            found = [*found[:-1], last] if last else found[:-1] or found
    return found


def _addressing(found: list[str]) -> int:
    """How many words at the beginning of a name are honorifics, and what they are in."""
    count = 0
    while count < len(found) - 1:
        word = found[count]
        bare, pointed = word.rstrip("."), word[-1] == "."
        if not (bare in HONORIFICS or (pointed and (bare in HONORIFICS_WITH_POINT or (count and bare in DEGREES_IN)))):
            break
        count += 1
    return count


def _suffix(found: list[str]) -> int:
    """How many words at the end of a name are a suffix or a degree."""
    if found[-1].rstrip(".") in SUFFIXES:
        return 1
    if len(found) > 2 and [word.rstrip(".") for word in found[-2:]] == ["ph", "d"]:
        return 2
    return next((len(degree) for degree in _DEGREES if len(found) > len(degree) and _ends(found, degree)), 0)


def _ends(found: list[str], degree: list[str]) -> bool:
    ending = found[-len(degree) :]
    return ending == degree or ending == [*degree[:-1], degree[-1].rstrip(".")]


@lru_cache(maxsize=4096)
def name_words(text: str) -> tuple[str, ...]:
    """The words of a name as they are compared, in the order in which they stand.

    Folded, without accents (ß is ss, ø is o, æ is ae), split at hyphens, without apostrophes,
    hiragana as katakana, old characters as new; honorifics, degrees and suffixes are off.
    """
    folded = plain(text)
    found = _bare([word for word in _BETWEEN.split(_ITALIAN.sub(r"\1\2", folded)) if word.strip(".")])
    if not folded.isascii():
        found = [katakana(word) for word in found]
    return tuple(word for word in (one.strip(".") for one in found) if word)
